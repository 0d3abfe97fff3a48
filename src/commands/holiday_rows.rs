//! The holidays of a client as they are shown.

use chrono::NaiveDate;

use crate::contract::HolidayView;
use crate::scheduler::Holidays;

/// The holidays among some dates, one for each event that closes them.
pub(super) fn rows(holidays: &Holidays, dates: impl Iterator<Item = NaiveDate>) -> Vec<HolidayView> {
    let mut rows = Vec::new();
    for date in dates.filter(|date| holidays.contains(*date)) {
        let mut of_date: Vec<HolidayView> = Vec::new();
        for event in holidays.events(date) {
            let name = Some(event.name.clone()).filter(|name| !name.is_empty());
            let row = HolidayView::new(date, name, Some(event.file.display().to_string()));
            if !of_date.contains(&row) {
                of_date.push(row);
            }
        }
        if of_date.is_empty() {
            of_date.push(HolidayView::new(date, None, None));
        }
        rows.extend(of_date);
    }
    rows
}
