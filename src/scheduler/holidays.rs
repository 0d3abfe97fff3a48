//! The dates on which nobody is called.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

/// Dates of one client's local calendar: single ones, and a month and day of every year.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holidays {
    dates: BTreeSet<NaiveDate>,
    yearly: BTreeSet<(u32, u32)>,
}

impl Holidays {
    /// Adds a single date.
    pub fn add_date(&mut self, date: NaiveDate) {
        self.dates.insert(date);
    }

    /// Adds a month and day of every year; the day need not exist in every year (29 February).
    pub fn add_yearly(&mut self, month: u32, day: u32) {
        self.yearly.insert((month, day));
    }

    /// Whether a local date of the client is a holiday.
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.dates.contains(&date) || (!self.yearly.is_empty() && self.yearly.contains(&(date.month(), date.day())))
    }

    /// Whether the local date that is this many days after 1970-01-01 is a holiday.
    pub(super) fn contains_day(&self, day: i64) -> bool {
        if self.dates.is_empty() && self.yearly.is_empty() {
            return false;
        }
        i32::try_from(day).ok().and_then(NaiveDate::from_epoch_days).is_some_and(|date| self.contains(date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holiday_is_a_date_or_a_day_of_every_year() {
        let date = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
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
}
