//! Times of day and weekly hours: which spans of each weekday's local clock are open.

use std::fmt;
use std::str::FromStr;

use chrono::Weekday;

/// A wall-clock minute of a day, `00:00` to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Minutes since midnight, 0 to 1440.
    pub fn minutes(self) -> u16 {
        self.0
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
    /// One of the two times is none.
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

    /// Where it begins.
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
pub struct WeeklyHours([Vec<DaySpan>; 7]);

impl WeeklyHours {
    /// Hours that are closed all week.
    pub fn closed() -> WeeklyHours {
        WeeklyHours::default()
    }

    /// The same hours with other spans on one weekday.
    #[must_use]
    pub fn with(mut self, day: Weekday, spans: Vec<DaySpan>) -> WeeklyHours {
        self.0[day.num_days_from_monday() as usize] = spans;
        self
    }

    /// The spans of a weekday, as written.
    pub fn spans(&self, day: Weekday) -> &[DaySpan] {
        &self.0[day.num_days_from_monday() as usize]
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
