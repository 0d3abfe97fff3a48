//! The dates on which nobody is called.

use chrono::NaiveDate;
use serde::Serialize;

/// One holiday of a client, by one of the events that close its date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HolidayView {
    /// `2026-11-26`, on the client's calendar.
    pub date: String,
    /// `Thu`.
    pub weekday: String,
    /// What the calendar calls it; none for a date that the configuration lists.
    pub name: Option<String>,
    /// The calendar; none for a date that the configuration lists.
    pub file: Option<String>,
}

impl HolidayView {
    pub fn new(date: NaiveDate, name: Option<String>, file: Option<String>) -> HolidayView {
        HolidayView { date: date.to_string(), weekday: date.format("%a").to_string(), name, file }
    }
}
