//! One event of a calendar: its properties as they stand, and the dates that they mean.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveTime};
use icalendar::parser::Property;

use super::fault::{Fault, LONGEST_EVENT, MOST_DATES, Reason};
use super::moment::{Clock, Moment, duration};
use super::recurrence::YearlyRule;

const A_DAY: i64 = 86_400;

/// One event: its properties as they stand.
pub(super) struct Event<'a> {
    pub(super) line: usize,
    pub(super) properties: Vec<Property<'a>>,
}

/// How long an event lasts.
pub(super) enum Span {
    /// Whole days: the first date, how many, and whose clock.
    Days(NaiveDate, u64, Clock),
    /// Anything else, as people read it.
    Timed(String),
}

impl Event<'_> {
    fn named<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Property<'e>> {
        self.properties.iter().filter(move |property| property.name.as_str().eq_ignore_ascii_case(name))
    }

    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e str> {
        self.named(name).map(|property| property.val.as_str().trim())
    }

    /// The value of a property, or an empty text.
    pub(super) fn text<'e>(&'e self, name: &'e str) -> &'e str {
        self.all(name).next().unwrap_or_default()
    }

    fn single<'e>(&'e self, name: &'static str) -> Result<Option<&'e Property<'e>>, Reason> {
        let mut values = self.named(name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(Reason::Twice(name)),
        }
    }

    fn single_text<'e>(&'e self, name: &'static str) -> Result<Option<&'e str>, Reason> {
        Ok(self.single(name)?.map(|property| property.val.as_str().trim()))
    }

    fn single_moment(&self, name: &'static str) -> Result<Option<Moment>, Reason> {
        let Some(property) = self.single(name)? else { return Ok(None) };
        let text = property.val.as_str().trim();
        Moment::parse(text, zone_of(property)).map(Some).ok_or_else(|| value(name, text))
    }

    /// The dates of a property that is a list and may stand there more than once.
    fn listed_dates(&self, name: &str, clock: &Clock) -> Result<Vec<NaiveDate>, Reason> {
        let each = self
            .named(name)
            .flat_map(|property| property.val.as_str().split(',').map(move |text| (text.trim(), zone_of(property))));
        each.map(|(text, zone)| {
            Moment::parse(text, zone).and_then(|moment| moment.midnight_on(clock)).ok_or_else(|| value(name, text))
        })
        .collect()
    }

    /// What people call the event: its summary, else its UID.
    pub(super) fn name(&self) -> Option<String> {
        let name = [self.text("SUMMARY"), self.text("UID")].into_iter().find(|name| !name.is_empty());
        name.map(|name| name.replace(char::is_control, " "))
    }

    /// By what it may be left out: name, categories, and the first line of the description, in which public calendars
    /// give the kind of day.
    pub(super) fn kinds(&self) -> Vec<String> {
        let mut kinds: Vec<String> = self.all("CATEGORIES").flat_map(listed_texts).collect();
        kinds.extend(self.text("DESCRIPTION").lines().next().map(|line| line.trim().to_owned()));
        kinds.retain(|kind| !kind.is_empty());
        kinds
    }

    pub(super) fn fault(&self, reason: Reason) -> Fault {
        Fault { line: Some(self.line), event: self.name(), reason }
    }

    /// Whether it is whole days, from midnight to midnight on its own clock.
    pub(super) fn span(&self) -> Result<Span, Reason> {
        let start = self.single_moment("DTSTART")?.ok_or(Reason::Missing("DTSTART"))?;
        let (end, length) = (self.single_moment("DTEND")?, self.single_text("DURATION")?);
        let seconds = match (&end, length) {
            (Some(_), Some(_)) => return Err(Reason::Value("DTEND with DURATION".to_owned())),
            (_, Some(text)) => Some(duration(text).ok_or_else(|| value("DURATION", text))?),
            (_, None) => None,
        };
        let is_date = start.time.is_none();
        let days = match (&end, seconds) {
            (Some(end), _) => match end.midnight_on(&start.clock) {
                // National sites are known to name the day itself as its end.
                Some(date) if is_date && date == start.date => Some(1),
                Some(date) => Some((date - start.date).num_days()),
                None => None,
            },
            (None, Some(seconds)) => (seconds % A_DAY == 0).then_some(seconds / A_DAY),
            (None, None) => is_date.then_some(1),
        };
        match days {
            None if is_date => {
                let fault = |end: &Moment| Reason::Value(format!("DTEND:{}", described(end)));
                Err(end.as_ref().map_or_else(|| value("DURATION", length.unwrap_or_default()), fault))
            }
            Some(days) if is_date || (days > 0 && start.time == Some(NaiveTime::MIN)) => match u64::try_from(days) {
                Err(_) | Ok(0) => Err(Reason::EndsBeforeItBegins),
                Ok(days) if days > LONGEST_EVENT => Err(Reason::TooLong(days)),
                Ok(days) => Ok(Span::Days(start.date, days, start.clock)),
            },
            _ => {
                let end = end.as_ref().map(|end| format!(" to {}", described(end))).unwrap_or_default();
                Ok(Span::Timed(format!("{}{end}", described(&start))))
            }
        }
    }

    /// The date that this event replaces in the repetition of the event with the same UID.
    pub(super) fn recurrence_id(&self, clock: &Clock) -> Result<Option<NaiveDate>, Reason> {
        let later_ones_too = |property: &Property<'_>| {
            property.params.iter().any(|param| param.key.as_str().eq_ignore_ascii_case("RANGE"))
        };
        if self.named("RECURRENCE-ID").any(later_ones_too) {
            return Err(Reason::Value("RECURRENCE-ID;RANGE".to_owned()));
        }
        let Some(property) = self.single("RECURRENCE-ID")? else { return Ok(None) };
        let text = property.val.as_str().trim();
        let date = Moment::parse(text, zone_of(property)).and_then(|moment| moment.midnight_on(clock));
        date.map(Some).ok_or_else(|| value("RECURRENCE-ID", text))
    }

    /// Every date of an event of whole days, in all its repetitions.
    pub(super) fn dates(
        &self,
        start: NaiveDate,
        length: u64,
        clock: &Clock,
        moved: &BTreeMap<&str, BTreeSet<NaiveDate>>,
    ) -> Result<BTreeSet<NaiveDate>, Reason> {
        if let Some(rule) = self.all("EXRULE").next() {
            return Err(Reason::Value(format!("EXRULE:{rule}")));
        }
        let mut starts = match self.single_text("RRULE")? {
            Some(rule) => YearlyRule::parse(rule, clock).map_err(Reason::Value)?.dates(start),
            None => BTreeSet::from([start]),
        };
        starts.extend(self.listed_dates("RDATE", clock)?);
        for excluded in self.listed_dates("EXDATE", clock)? {
            starts.remove(&excluded);
        }
        if self.recurrence_id(clock)?.is_none() {
            for replaced in moved.get(self.text("UID")).into_iter().flatten() {
                starts.remove(replaced);
            }
        }
        if starts.len() as u64 * length > MOST_DATES {
            return Err(Reason::TooMany);
        }
        let days = |first: NaiveDate| (0..length).filter_map(move |day| first.checked_add_days(Days::new(day)));
        Ok(starts.into_iter().flat_map(days).collect())
    }
}

fn value(name: &str, text: &str) -> Reason {
    Reason::Value(format!("{name}:{text}"))
}

fn zone_of<'p>(property: &'p Property<'_>) -> Option<&'p str> {
    let zone = property.params.iter().find(|param| param.key.as_str().eq_ignore_ascii_case("TZID"))?;
    zone.val.as_ref().map(|zone| zone.as_str())
}

/// The texts of a list; a comma behind a backslash belongs to its text.
fn listed_texts(list: &str) -> Vec<String> {
    let (mut texts, mut escaped) = (vec![String::new()], false);
    for letter in list.chars() {
        match (letter, escaped, texts.last_mut()) {
            ('\\', false, _) => escaped = true,
            (',', false, _) => texts.push(String::new()),
            (letter, _, Some(text)) => {
                text.push(letter);
                escaped = false;
            }
            (_, _, None) => {}
        }
    }
    texts.into_iter().map(|text| text.trim().to_owned()).collect()
}

/// `2026-12-01 12:00 America/New_York`.
fn described(moment: &Moment) -> String {
    let zone = match &moment.clock {
        Clock::Floating => String::new(),
        Clock::Utc => " UTC".to_owned(),
        Clock::Named(zone) => format!(" {zone}"),
    };
    match moment.time {
        Some(time) => format!("{} {}{zone}", moment.date, time.format("%H:%M")),
        None => moment.date.to_string(),
    }
}
