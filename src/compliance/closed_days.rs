//! The dates on which a rule closes.

use chrono::NaiveDate;

use super::calendar::Calendar;
use crate::scheduler::Holidays;

/// The dates on which a rule closes.
#[derive(Debug, Clone, PartialEq)]
pub enum ClosedDays {
    None,
    /// Those of a calendar that comes with the program.
    Calendar(Calendar),
    /// Those of a user.
    Dates(Holidays),
}

impl ClosedDays {
    /// Whether a local date is one of them.
    pub fn contains(&self, date: Option<NaiveDate>) -> bool {
        match self {
            ClosedDays::None => false,
            ClosedDays::Calendar(calendar) => date.is_some_and(|date| calendar.contains(date)),
            ClosedDays::Dates(dates) => date.is_some_and(|date| dates.contains(date)),
        }
    }

    /// Reads the name of a calendar, or dates and yearly days separated by blanks.
    pub(super) fn read(text: &str) -> Result<ClosedDays, String> {
        if let Some(calendar) = Calendar::named(text) {
            return Ok(ClosedDays::Calendar(calendar));
        }
        let mut dates = Holidays::default();
        for word in text.split_ascii_whitespace() {
            if let Ok(date) = word.parse::<NaiveDate>() {
                dates.add_date(date);
            } else if let Some((month, day)) = yearly(word) {
                dates.add_yearly(month, day);
            } else {
                let names: Vec<&str> = Calendar::all().map(Calendar::name).collect();
                return Err(format!(
                    "`{}` is not a calendar: write {}, dates such as 2026-11-26 or 12-25, or an .ics file",
                    word.escape_debug(),
                    names.join(", ")
                ));
            }
        }
        Ok(ClosedDays::Dates(dates))
    }
}

/// `MM-DD`; 29 February too.
fn yearly(word: &str) -> Option<(u32, u32)> {
    const LEAP_YEAR: i32 = 2024;
    let (month, day) = word.split_once('-').filter(|(month, day)| month.len() == 2 && day.len() == 2)?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    NaiveDate::from_ymd_opt(LEAP_YEAR, month, day).map(|_| (month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_or_dates_are_read() {
        assert_eq!(ClosedDays::read("US"), Ok(ClosedDays::Calendar(Calendar::named("US").unwrap())));
        let dates = ClosedDays::read("2026-11-27 12-24 02-29").unwrap();
        for (date, closed) in [("2026-11-27", true), ("2031-12-24", true), ("2028-02-29", true), ("2027-11-27", false)]
        {
            assert_eq!(dates.contains(date.parse().ok()), closed, "{date}");
        }
        for text in ["US-TX", "US FR", "02-30", "2026-02-29", "1-1", "days.ics"] {
            assert!(ClosedDays::read(text).unwrap_err().contains("is not a calendar: write US, US-AL,"), "{text}");
        }
    }
}
