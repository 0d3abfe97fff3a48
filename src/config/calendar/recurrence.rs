//! Yearly recurrences (RFC 5545, section 3.3.10).

use std::collections::BTreeSet;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::moment::{Clock, Moment};

/// Repetitions without an end go on to the end of this year.
const LAST_YEAR: i32 = 2200;

/// A rule with `FREQ=YEARLY`. Its dates are those days of its years that every part allows.
#[derive(Debug)]
pub(super) struct YearlyRule {
    interval: usize,
    count: Option<usize>,
    until: Option<NaiveDate>,
    months: Vec<u32>,
    /// Days of a month; -1 is its last.
    month_days: Vec<i32>,
    /// A weekday, or only the n-th one (-1: the last) of the month when the rule names months, else of the year.
    weekdays: Vec<(Option<i32>, Weekday)>,
    /// Of the dates of a year only the n-th ones; -1 is the last.
    positions: Vec<i32>,
}

impl YearlyRule {
    /// Parses the value of an `RRULE`.
    ///
    /// # Errors
    /// The part that is not understood.
    pub(super) fn parse(text: &str, clock: &Clock) -> Result<YearlyRule, String> {
        let (months, month_days, weekdays, positions) = (vec![], vec![], vec![], vec![]);
        let mut rule = YearlyRule { interval: 1, count: None, until: None, months, month_days, weekdays, positions };
        let mut seen = BTreeSet::new();
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let not_understood = || format!("RRULE:{part}");
            let (key, value) = part.split_once('=').ok_or_else(not_understood)?;
            let (key, value) = (key.to_ascii_uppercase(), value.to_ascii_uppercase());
            let understood = match key.as_str() {
                "FREQ" => (value == "YEARLY").then_some(()),
                "INTERVAL" => number(&value, 1..=10_000).map(|interval| rule.interval = interval as usize),
                "COUNT" => number(&value, 1..=i32::MAX).map(|count| rule.count = Some(count as usize)),
                "UNTIL" => until(&value, clock).map(|date| rule.until = Some(date)),
                "BYMONTH" => list(&value, |month| number(month, 1..=12).map(|month| month as u32))
                    .map(|months| rule.months = months),
                "BYMONTHDAY" => {
                    list(&value, |day| number(day, -31..=31).filter(|day| *day != 0)).map(|days| rule.month_days = days)
                }
                "BYDAY" => list(&value, weekday).map(|weekdays| rule.weekdays = weekdays),
                "BYSETPOS" => list(&value, |place| number(place, -366..=366).filter(|place| *place != 0))
                    .map(|positions| rule.positions = positions),
                // The first day of the week matters to weeks only, and no part that is read here counts them.
                "WKST" => weekday_name(&value).map(|_| ()),
                _ => None,
            };
            understood.filter(|()| seen.insert(key)).ok_or_else(not_understood)?;
        }
        let ends_twice = rule.count.is_some() && rule.until.is_some();
        // A position is one among the dates of another part.
        let picks_of_nothing = !rule.positions.is_empty()
            && rule.months.is_empty()
            && rule.month_days.is_empty()
            && rule.weekdays.is_empty();
        if !seen.contains("FREQ") || ends_twice || picks_of_nothing { Err(format!("RRULE:{text}")) } else { Ok(rule) }
    }

    /// The dates of an event that begins at `start`, which is always the first of them.
    pub(super) fn dates(&self, start: NaiveDate) -> BTreeSet<NaiveDate> {
        let same_month = self.months.is_empty() && self.month_days.is_empty() && self.weekdays.is_empty();
        let months: BTreeSet<u32> = match (same_month, self.months.is_empty()) {
            (true, _) => BTreeSet::from([start.month()]),
            (false, true) => (1..=12).collect(),
            (false, false) => self.months.iter().copied().collect(),
        };
        let day = |year, month| (1..=31).filter_map(move |day| NaiveDate::from_ymd_opt(year, month, day));
        let later = (start.year()..=LAST_YEAR)
            .step_by(self.interval)
            .flat_map(|year| {
                let dates = months.iter().flat_map(move |month| day(year, *month));
                self.picked(dates.filter(|date| self.allows(*date, start)).collect())
            })
            .filter(|date| *date > start);
        std::iter::once(start)
            .chain(later)
            .take(self.count.unwrap_or(usize::MAX))
            .take_while(|date| self.until.is_none_or(|until| *date <= until))
            .collect()
    }

    /// Those of a year's dates that `BYSETPOS` picks.
    fn picked(&self, dates: Vec<NaiveDate>) -> Vec<NaiveDate> {
        if self.positions.is_empty() {
            return dates;
        }
        let is_picked = |index: &usize| {
            let (from_start, from_end) = (*index as i32 + 1, *index as i32 - dates.len() as i32);
            self.positions.iter().any(|place| *place == from_start || *place == from_end)
        };
        (0..dates.len()).filter(is_picked).filter_map(|index| dates.get(index).copied()).collect()
    }

    fn allows(&self, date: NaiveDate, start: NaiveDate) -> bool {
        if self.month_days.is_empty() && self.weekdays.is_empty() {
            return date.day() == start.day();
        }
        let from_end = |date: NaiveDate| date.day() as i32 - days_in_month(date) - 1;
        let by_month_day = |day: &i32| *day == if *day > 0 { date.day() as i32 } else { from_end(date) };
        let by_weekday = |(nth, weekday): &(Option<i32>, Weekday)| {
            date.weekday() == *weekday && nth.is_none_or(|nth| self.is_nth(nth, date))
        };
        (self.month_days.is_empty() || self.month_days.iter().any(by_month_day))
            && (self.weekdays.is_empty() || self.weekdays.iter().any(by_weekday))
    }

    /// Whether a date is the n-th of its weekday in its month or year, counted from the end when `nth` is negative.
    fn is_nth(&self, nth: i32, date: NaiveDate) -> bool {
        let (day, days) = if self.months.is_empty() {
            (date.ordinal() as i32, if date.leap_year() { 366 } else { 365 })
        } else {
            (date.day() as i32, days_in_month(date))
        };
        nth == (day - 1) / 7 + 1 || nth == -((days - day) / 7 + 1)
    }
}

fn days_in_month(date: NaiveDate) -> i32 {
    let next = date.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
    next.and_then(|next| next.checked_sub_days(Days::new(1))).map_or(31, |last| last.day() as i32)
}

fn number(text: &str, range: std::ops::RangeInclusive<i32>) -> Option<i32> {
    text.parse().ok().filter(|number| range.contains(number))
}

/// A comma-separated list, when each entry is understood.
fn list<T>(text: &str, entry: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(|text| entry(text.trim())).collect()
}

/// The date of `20301231` or `20301231T235959Z`, which is the last one allowed.
fn until(text: &str, clock: &Clock) -> Option<NaiveDate> {
    Moment::parse(text, None)?.date_on(clock)
}

/// Reads `MO`, `1MO` or `-1FR`.
fn weekday(text: &str) -> Option<(Option<i32>, Weekday)> {
    let (nth, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let nth = if nth.is_empty() { None } else { Some(number(nth, -53..=53).filter(|nth| *nth != 0)?) };
    weekday_name(name).map(|weekday| (nth, weekday))
}

fn weekday_name(text: &str) -> Option<Weekday> {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    let names = [("MO", Mon), ("TU", Tue), ("WE", Wed), ("TH", Thu), ("FR", Fri), ("SA", Sat), ("SU", Sun)];
    names.into_iter().find(|(name, _)| *name == text).map(|(_, weekday)| weekday)
}
