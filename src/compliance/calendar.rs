//! Calendars of legal holidays, whose days are computed from the words of `data/holidays.tsv`.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::{data, table};

/// A calendar of legal holidays that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    name: &'static str,
    days: &'static str,
}

impl Calendar {
    /// The calendar of a name, such as `US` or `US-AL`.
    pub fn named(name: &str) -> Option<Calendar> {
        Calendar::all().find(|calendar| calendar.name == name)
    }

    pub fn all() -> impl Iterator<Item = Calendar> {
        table::rows(data::HOLIDAYS).map(|row| {
            let [name, days] = table::cells(row);
            Calendar { name, days }
        })
    }

    pub fn name(self) -> &'static str {
        self.name
    }

    /// Whether a local date is one of its days. Days of a year may be observed in the year before or after.
    pub fn contains(self, date: NaiveDate) -> bool {
        let of_year = |year| self.days_of(year).contains(&date);
        match date.month() {
            1 => of_year(date.year()) || of_year(date.year() - 1),
            12 => of_year(date.year()) || of_year(date.year() + 1),
            _ => of_year(date.year()),
        }
    }

    /// The days that the words of the calendar give for a year, from left to right.
    pub fn days_of(self, year: i32) -> Vec<NaiveDate> {
        let mut days = Vec::with_capacity(24);
        self.add_to(&mut days, year);
        days
    }

    fn add_to(self, days: &mut Vec<NaiveDate>, year: i32) {
        for word in self.days.split(';') {
            // Names alone begin with a capital letter.
            let is_name = word.starts_with(|first: char| first.is_ascii_uppercase()) && word != self.name;
            match if is_name { Calendar::named(word) } else { None } {
                Some(other) => other.add_to(days, year),
                None => drop(add(days, word, year)),
            }
        }
    }
}

/// Adds the days of a word; `None` when it is not a day, or a day beyond the calendar's years.
fn add(days: &mut Vec<NaiveDate>, word: &str, year: i32) -> Option<()> {
    let (date, observed) = match (word.strip_suffix('*'), word.strip_suffix('>')) {
        (Some(day), _) => {
            let date = month_and_day(day, year)?;
            (date, observed(date))
        }
        (_, Some(day)) => {
            let date = month_and_day(day, year)?;
            (date, if is_weekend(date) { next_free_weekday(days, date) } else { None })
        }
        _ => (computed(word, year)?, None),
    };
    days.push(date);
    days.extend(observed);
    Some(())
}

/// Of a Saturday the Friday before, of a Sunday the Monday after (5 U.S.C. 6103(b), E.O. 11582).
fn observed(date: NaiveDate) -> Option<NaiveDate> {
    match date.weekday() {
        Weekday::Sat => date.pred_opt(),
        Weekday::Sun => date.succ_opt(),
        _ => None,
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

fn next_free_weekday(taken: &[NaiveDate], date: NaiveDate) -> Option<NaiveDate> {
    date.iter_days().skip(1).find(|day| !is_weekend(*day) && !taken.contains(day))
}

/// The one day of a word without a mark of observance.
fn computed(word: &str, year: i32) -> Option<NaiveDate> {
    if let Some(arguments) = word.strip_prefix("nth(") {
        let (arguments, later) = arguments.split_once(')')?;
        let mut arguments = arguments.split(',');
        let (nth, weekday, month) = (arguments.next()?, arguments.next()?, arguments.next()?);
        let date =
            NaiveDate::from_weekday_of_month_opt(year, month.parse().ok()?, weekday.parse().ok()?, nth.parse().ok()?)?;
        return if later.is_empty() { Some(date) } else { plus(date, later.parse().ok()?) };
    }
    if let Some(arguments) = word.strip_prefix("last(") {
        let (weekday, month) = arguments.strip_suffix(')')?.split_once(',')?;
        let nth = |nth| NaiveDate::from_weekday_of_month_opt(year, month.parse().ok()?, weekday.parse().ok()?, nth);
        return nth(5).or_else(|| nth(4));
    }
    if let Some(days) = word.strip_prefix("easter") {
        return plus(easter(year)?, days.parse().ok()?);
    }
    if let Some(month) = word.strip_prefix("tue-after-mon(") {
        let month = month.strip_suffix(')')?.parse().ok()?;
        return NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, 1)?.succ_opt();
    }
    if word == "victoria" {
        let mut day = NaiveDate::from_ymd_opt(year, 5, 24)?;
        while day.weekday() != Weekday::Mon {
            day = day.pred_opt()?;
        }
        return Some(day);
    }
    month_and_day(word, year)
}

/// `MM-DD` in a year; 29 February only in the years that have it.
fn month_and_day(text: &str, year: i32) -> Option<NaiveDate> {
    let (month, day) = text.split_once('-')?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

fn plus(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let distance = Days::new(days.unsigned_abs());
    if days < 0 { date.checked_sub_days(distance) } else { date.checked_add_days(distance) }
}

/// Easter Sunday of the Gregorian calendar (the method of Meeus, Jones and Butcher).
fn easter(year: i32) -> Option<NaiveDate> {
    let (golden, century, rest) = (year.rem_euclid(19), year.div_euclid(100), year.rem_euclid(100));
    let (leap_centuries, century_rest) = (century.div_euclid(4), century.rem_euclid(4));
    let correction = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let moon = (19 * golden + century - leap_centuries - correction + 15).rem_euclid(30);
    let sunday = (32 + 2 * century_rest + 2 * rest.div_euclid(4) - moon - rest.rem_euclid(4)).rem_euclid(7);
    let late = (golden + 11 * moon + 22 * sunday).div_euclid(451);
    let day = moon + sunday - 7 * late + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(day.div_euclid(31)).ok()?, u32::try_from(day.rem_euclid(31) + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(name: &str, year: i32) -> Vec<String> {
        let mut days = Calendar::named(name).unwrap().days_of(year);
        days.sort_unstable();
        days.dedup();
        days.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_word_of_every_calendar_is_understood() {
        for calendar in Calendar::all() {
            for word in calendar.days.split(';') {
                let is_calendar = word != calendar.name && Calendar::named(word).is_some();
                assert!(is_calendar || add(&mut Vec::new(), word, 2028).is_some(), "{}: {word}", calendar.name);
            }
        }
        assert_eq!(Calendar::named("US-FL"), None);
    }

    #[test]
    fn days_are_observed_beside_a_weekend() {
        assert_eq!(
            days("US", 2027),
            [
                "2027-01-01",
                "2027-01-18",
                "2027-02-15",
                "2027-05-31",
                "2027-06-18",
                "2027-06-19",
                "2027-07-04",
                "2027-07-05",
                "2027-09-06",
                "2027-10-11",
                "2027-11-11",
                "2027-11-25",
                "2027-12-24",
                "2027-12-25",
            ]
        );
        let us = Calendar::named("US").unwrap();
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert!(us.contains(date("2027-12-31")), "1 January 2028 is a Saturday");
        assert!(!us.contains(date("2026-12-31")));
        assert!(!us.contains(date("2027-11-26")));
        assert!(Calendar::named("US-PA").unwrap().contains(date("2027-11-26")), "the day after Thanksgiving");
    }

    #[test]
    fn a_day_of_a_weekend_moves_to_the_next_one_that_is_free() {
        // 25 December 2027 is a Saturday, so its day is taken by 26 December first: Monday for Boxing Day, Tuesday next.
        assert_eq!(
            days("AU", 2027),
            [
                "2027-01-01",
                "2027-01-26",
                "2027-03-26",
                "2027-03-29",
                "2027-04-25",
                "2027-12-25",
                "2027-12-26",
                "2027-12-27",
                "2027-12-28",
            ]
        );
        assert_eq!(days("CA-ON", 2026)[4..6], ["2026-07-01", "2026-08-03"]);
        assert!(days("CA-ON", 2026).contains(&"2026-05-18".to_owned()), "the Monday before 25 May");
    }

    #[test]
    fn easter_and_what_hangs_on_it() {
        for (year, date) in [(2024, "2024-03-31"), (2025, "2025-04-20"), (2026, "2026-04-05"), (2038, "2038-04-25")] {
            assert_eq!(easter(year).map(|day| day.to_string()).as_deref(), Some(date));
        }
        assert!(days("US-AL", 2027).contains(&"2027-02-09".to_owned()), "Mardi Gras");
        assert!(days("US-LA", 2026).contains(&"2026-11-03".to_owned()), "election day");
    }
}
