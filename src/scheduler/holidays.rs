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
        self.yearly.contains(&(date.month(), date.day())) || self.dates.contains(&date)
    }
}
