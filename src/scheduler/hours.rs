//! Times of day and weekly hours: which spans of each weekday's local clock are open.

use std::fmt;
use std::str::FromStr;

use chrono::Weekday;

/// The length of a date by its own clock.
pub(super) const MILLIS_A_DAY: i64 = 86_400_000;

/// A wall-clock minute of a day, `00:00` to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Minutes since midnight, 0 to 1440.
    pub fn minutes(self) -> u16 {
        self.0
    }

    fn millis(self) -> i64 {
        i64::from(self.0) * 60_000
    }
}

/// The message for a text that is no time of day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time of day: expected HH:MM, from 00:00 to 24:00")]
pub struct InvalidTimeOfDay(String);

impl FromStr for TimeOfDay {
    type Err = InvalidTimeOfDay;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || InvalidTimeOfDay(text.to_owned());
        let (hour, minute) = text.trim().split_once(':').ok_or_else(error)?;
        let number = |digits: &str, widths: std::ops::RangeInclusive<usize>| {
            let valid = widths.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            if valid { digits.parse::<u16>().ok() } else { None }
        };
        match (number(hour, 1..=2), number(minute, 2..=2)) {
            (Some(24), Some(0)) => Ok(TimeOfDay(24 * 60)),
            (Some(hour @ 0..=23), Some(minute @ 0..=59)) => Ok(TimeOfDay(hour * 60 + minute)),
            _ => Err(error()),
        }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// One span of a day, `start–end`; an `end` before `start` runs over midnight, and an end of `00:00` means `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DaySpan {
    start: TimeOfDay,
    end: TimeOfDay,
}

/// Why a text is no span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSpan {
    /// Not `HH:MM-HH:MM`.
    #[error("`{0}` is not a span: expected HH:MM-HH:MM, such as 10:00-14:00")]
    Shape(String),
    /// One of the two is not a time.
    #[error(transparent)]
    Time(#[from] InvalidTimeOfDay),
    /// Start and end are the same.
    #[error("a span from {0} to {0} is empty: write 00:00-24:00 for the whole day, or an empty list for a closed day")]
    Empty(TimeOfDay),
}

impl DaySpan {
    /// A span; an end of `00:00` becomes `24:00`.
    ///
    /// # Errors
    /// When both are the same (`00:00`–`00:00` too), or the start is `24:00`.
    pub fn new(start: TimeOfDay, end: TimeOfDay) -> Result<DaySpan, InvalidSpan> {
        if start == end || start.0 == 24 * 60 {
            return Err(InvalidSpan::Empty(start));
        }
        let end = if end.0 == 0 { TimeOfDay(24 * 60) } else { end };
        Ok(DaySpan { start, end })
    }

    pub fn start(self) -> TimeOfDay {
        self.start
    }

    /// Where it ends, on the next date when before the start.
    pub fn end(self) -> TimeOfDay {
        self.end
    }
}

impl FromStr for DaySpan {
    type Err = InvalidSpan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (start, end) = text.split_once('-').ok_or_else(|| InvalidSpan::Shape(text.to_owned()))?;
        DaySpan::new(start.parse()?, end.parse()?)
    }
}

impl fmt::Display for DaySpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start, self.end)
    }
}

/// The spans of every weekday, in local time; a weekday without spans is closed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WeeklyHours([DayHours; 7]);

/// One weekday's spans, as written and as the search reads them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct DayHours {
    written: Vec<DaySpan>,
    /// The union on the date itself: spans in milliseconds since midnight, in order, none touching the next.
    pub(super) own: Vec<(i64, i64)>,
    /// Up to where the next date is covered by the spans that run over midnight, in milliseconds since its midnight.
    pub(super) tail: i64,
}

impl DayHours {
    fn new(written: Vec<DaySpan>) -> DayHours {
        let mut parts: Vec<(i64, i64)> = Vec::new();
        let mut tail = 0;
        for span in &written {
            let (start, end) = (span.start.millis(), span.end.millis());
            if start < end {
                parts.push((start, end));
            } else {
                parts.push((start, MILLIS_A_DAY));
                tail = tail.max(end);
            }
        }
        parts.sort_unstable();
        let mut own: Vec<(i64, i64)> = Vec::new();
        for (start, end) in parts {
            match own.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => own.push((start, end)),
            }
        }
        DayHours { written, own, tail }
    }
}

impl WeeklyHours {
    /// Hours that are closed all week.
    pub fn closed() -> WeeklyHours {
        WeeklyHours::default()
    }

    /// The same hours with other spans on one weekday; they may touch or overlap and mean their union.
    #[must_use]
    pub fn with(mut self, day: Weekday, spans: Vec<DaySpan>) -> WeeklyHours {
        self.0[day.num_days_from_monday() as usize] = DayHours::new(spans);
        self
    }

    /// The spans of a weekday, as written.
    pub fn spans(&self, day: Weekday) -> &[DaySpan] {
        &self.0[day.num_days_from_monday() as usize].written
    }

    /// The same hours with the last span of each weekday an hour longer, to midnight at most; one that runs over midnight
    /// stays as it is.
    #[must_use]
    pub fn an_hour_longer(&self) -> WeeklyHours {
        use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
        let longer = |spans: &[DaySpan]| {
            let mut spans = spans.to_vec();
            if let Some(last) = spans.iter_mut().max_by_key(|span| span.start)
                && last.start < last.end
            {
                last.end = TimeOfDay((last.end.0 + 60).min(24 * 60));
            }
            spans
        };
        let weekdays = [Mon, Tue, Wed, Thu, Fri, Sat, Sun];
        weekdays.into_iter().fold(WeeklyHours::closed(), |hours, day| hours.with(day, longer(self.spans(day))))
    }

    /// Whether no weekday has spans.
    pub fn is_closed(&self) -> bool {
        self.0.iter().all(|day| day.written.is_empty())
    }

    /// The hours of the first weekday that has some, from Monday on; of a Monday when none has.
    pub(super) fn of_first_day(&self) -> &DayHours {
        self.0.iter().find(|day| !day.own.is_empty()).unwrap_or(&self.0[0])
    }

    /// The hours of the weekday of the date that is this many days after 1970-01-01, a Thursday.
    pub(super) fn of_day(&self, day: i64) -> &DayHours {
        &self.0[(day + 3).rem_euclid(7) as usize]
    }
}

/// The hours of the day (0–23) that are the best ones; none means every hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PrimeHours(u32);

impl PrimeHours {
    /// The given hours.
    ///
    /// # Errors
    /// The first number above 23.
    pub fn new(hours: impl IntoIterator<Item = u8>) -> Result<PrimeHours, u8> {
        hours.into_iter().try_fold(
            PrimeHours(0),
            |PrimeHours(set), hour| {
                if hour < 24 { Ok(PrimeHours(set | 1 << hour)) } else { Err(hour) }
            },
        )
    }

    /// Whether an hour of the day is one of the best.
    pub fn contains(self, hour: u32) -> bool {
        self.0 == 0 || (hour < 24 && self.0 & (1 << hour) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(spans: &[&str]) -> DayHours {
        DayHours::new(spans.iter().map(|span| span.parse().unwrap()).collect())
    }

    fn hours(from: i64, to: i64) -> (i64, i64) {
        (from * 3_600_000, to * 3_600_000)
    }

    #[test]
    fn a_time_of_day_has_two_numbers() {
        for (text, minutes) in [("00:00", 0), ("9:05", 545), ("09:05", 545), ("23:59", 1_439), ("24:00", 1_440)] {
            assert_eq!(text.parse::<TimeOfDay>().map(TimeOfDay::minutes), Ok(minutes), "{text}");
        }
        for text in
            ["", "9", "9:5", "09:60", "24:01", "25:00", "-1:00", "+9:00", "09:00:00", "009:00", "٠٩:٠٠", ":", "9: 5"]
        {
            assert_eq!(text.parse::<TimeOfDay>(), Err(InvalidTimeOfDay(text.to_owned())));
        }
    }

    #[test]
    fn a_span_is_not_empty_and_may_end_at_midnight() {
        assert_eq!("22:00-00:00".parse::<DaySpan>().unwrap().to_string(), "22:00-24:00");
        assert_eq!("00:00 - 24:00".parse::<DaySpan>().unwrap().to_string(), "00:00-24:00");
        for text in ["09:00-09:00", "00:00-00:00", "24:00-08:00", "24:00-24:00", "24:00-00:00"] {
            assert!(matches!(text.parse::<DaySpan>(), Err(InvalidSpan::Empty(_))), "{text}");
        }
        assert!(matches!("09:00".parse::<DaySpan>(), Err(InvalidSpan::Shape(_))));
        assert!(matches!("09:00-17:00-18:00".parse::<DaySpan>(), Err(InvalidSpan::Time(_))));
    }

    #[test]
    fn spans_of_a_day_mean_their_union() {
        assert_eq!(day(&[]), DayHours::default());
        assert_eq!(day(&["11:00-15:00", "09:00-12:00"]).own, [hours(9, 15)]);
        assert_eq!(day(&["09:00-12:00", "12:00-13:00", "14:00-15:00"]).own, [hours(9, 13), hours(14, 15)]);
        let night = day(&["22:00-06:00", "23:00-02:00", "08:00-09:00"]);
        assert_eq!(night.own, [hours(8, 9), hours(22, 24)]);
        assert_eq!(night.tail, 6 * 3_600_000);
        assert_eq!(day(&["22:00-00:00"]).tail, 0);
    }

    #[test]
    fn no_prime_hours_mean_every_hour() {
        assert!((0..24).all(|hour| PrimeHours::default().contains(hour)));
        let some = PrimeHours::new([0, 9, 23]).unwrap();
        assert_eq!((0..24).filter(|hour| some.contains(*hour)).collect::<Vec<_>>(), [0, 9, 23]);
        assert!(!some.contains(24) && !some.contains(u32::MAX));
        assert_eq!(PrimeHours::new([9, 24]), Err(24));
    }
}
