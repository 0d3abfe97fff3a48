//! The dates on which nobody is called, and the dates that are workdays all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

/// The event of a calendar that closes dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolidayEvent {
    /// The name that the calendar gives it.
    pub name: String,
    /// The calendar.
    pub file: PathBuf,
}

/// Dates of one client's local calendar: single ones, and a month and day of every year.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holidays {
    /// Each date with the events that close it; none for a date that the configuration lists.
    dates: BTreeMap<NaiveDate, Vec<Arc<HolidayEvent>>>,
    yearly: BTreeSet<(u32, u32)>,
    /// Dates that are open, whatever closes them.
    workdays: BTreeSet<NaiveDate>,
}

impl Holidays {
    /// Adds a single date.
    pub fn add_date(&mut self, date: NaiveDate) {
        self.dates.entry(date).or_default();
    }

    pub fn add_event(&mut self, date: NaiveDate, event: &Arc<HolidayEvent>) {
        self.dates.entry(date).or_default().push(event.clone());
    }

    /// Adds a month and day of every year; the day need not exist in every year (29 February).
    pub fn add_yearly(&mut self, month: u32, day: u32) {
        self.yearly.insert((month, day));
    }

    /// Opens a date, whatever closes it.
    pub fn reopen(&mut self, date: NaiveDate) {
        self.workdays.insert(date);
    }

    /// The single dates.
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> {
        self.dates.keys().copied()
    }

    /// Whether a local date of the client is a holiday.
    pub fn contains(&self, date: NaiveDate) -> bool {
        (self.dates.contains_key(&date)
            || (!self.yearly.is_empty() && self.yearly.contains(&(date.month(), date.day()))))
            && !self.workdays.contains(&date)
    }

    /// The events that close a holiday; none when only the configuration's own list does.
    pub fn events(&self, date: NaiveDate) -> &[Arc<HolidayEvent>] {
        self.dates.get(&date).filter(|_| self.contains(date)).map_or(&[], Vec::as_slice)
    }

    /// The names of the events that close a holiday, each once.
    pub fn name(&self, date: NaiveDate) -> Option<String> {
        let mut names: Vec<&str> = Vec::new();
        for event in self.events(date) {
            if !names.contains(&event.name.as_str()) {
                names.push(&event.name);
            }
        }
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// Whether the local date that is this many days after 1970-01-01 is a holiday.
    pub(super) fn contains_day(&self, day: i64) -> bool {
        if self.dates.is_empty() && self.yearly.is_empty() {
            return false;
        }
        date_of(day).is_some_and(|date| self.contains(date))
    }

    /// Whether that date is a workday, whatever its weekday.
    pub(super) fn reopens_day(&self, day: i64) -> bool {
        !self.workdays.is_empty() && date_of(day).is_some_and(|date| self.workdays.contains(&date))
    }
}

fn date_of(day: i64) -> Option<NaiveDate> {
    i32::try_from(day).ok().and_then(NaiveDate::from_epoch_days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_holiday_is_a_date_or_a_day_of_every_year() {
        let mut holidays = Holidays::default();
        holidays.add_date(date(2026, 11, 26));
        holidays.add_yearly(12, 25);
        holidays.add_yearly(2, 29);
        for (asked, expected) in [
            (date(2026, 11, 26), true),
            (date(2027, 11, 26), false),
            (date(1999, 12, 25), true),
            (date(2028, 2, 29), true),
            (date(2027, 2, 28), false),
            (date(2027, 3, 1), false),
        ] {
            assert_eq!(holidays.contains(asked), expected, "{asked}");
            assert_eq!(holidays.contains_day(asked.to_epoch_days().into()), expected, "{asked}");
        }
        assert!(!holidays.contains_day(i64::MAX) && !holidays.contains_day(i64::MIN));
    }

    #[test]
    fn a_workday_opens_a_date_and_takes_its_name() {
        let mut holidays = Holidays::default();
        let event = |name: &str| Arc::new(HolidayEvent { name: name.to_owned(), file: "us.ics".into() });
        for name in ["Thanksgiving", "Thanksgiving", "Feast"] {
            holidays.add_event(date(2026, 11, 26), &event(name));
        }
        holidays.add_date(date(2026, 11, 26));
        holidays.add_date(date(2026, 11, 27));
        assert_eq!(holidays.name(date(2026, 11, 26)).as_deref(), Some("Thanksgiving, Feast"));
        assert_eq!(holidays.name(date(2026, 11, 27)), None);
        assert!(!holidays.reopens_day(date(2026, 11, 26).to_epoch_days().into()));
        holidays.reopen(date(2026, 11, 26));
        assert!(!holidays.contains(date(2026, 11, 26)) && holidays.contains(date(2026, 11, 27)));
        assert_eq!(holidays.name(date(2026, 11, 26)), None);
        assert!(holidays.reopens_day(date(2026, 11, 26).to_epoch_days().into()));
    }
}
