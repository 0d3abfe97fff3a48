//! Questions to a clock on a wall, and the walk from its answers to instants.
//!
//! A [`Clause`] answers for a [`Reading`] (a local date and time of day) and says up to which reading its answer surely
//! holds. A [`ClockGate`] puts it to a zone: inside of a stretch of constant offset, local time is UTC plus the offset,
//! so the answer carries over to instants. Local time is never mapped to UTC, which would be wrong at some clock change.

use chrono::NaiveDate;

use super::hours::MILLIS_A_DAY;
use super::zone::{OffsetSpan, Zone};

/// What a clock on the wall shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The local date, in days since 1970-01-01.
    pub day: i64,
    /// The local time of day, in milliseconds since midnight.
    pub time: i64,
}

impl Reading {
    /// The local date; `None` beyond the calendar's years.
    pub fn date(self) -> Option<NaiveDate> {
        i32::try_from(self.day).ok().and_then(NaiveDate::from_epoch_days)
    }
}

/// An answer, and up to when it holds at least, in milliseconds: for a reading since the midnight that began its date
/// (the answer may outlast that date), for a gate since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether a call may start.
    pub open: bool,
    /// Up to when at least.
    pub until: i64,
}

impl Verdict {
    /// The same answer for all of a date.
    pub fn whole_day(open: bool) -> Verdict {
        Verdict::for_days(open, 1)
    }

    /// The same answer for a date and those after it, `days` together.
    pub fn for_days(open: bool, days: i64) -> Verdict {
        Verdict { open, until: days.saturating_mul(MILLIS_A_DAY) }
    }
}

/// A rule about what a clock on the wall shows.
pub trait Clause {
    /// What it says to a reading.
    fn at(&self, reading: Reading) -> Verdict;
}

impl<C: Clause + ?Sized> Clause for &C {
    fn at(&self, reading: Reading) -> Verdict {
        (**self).at(reading)
    }
}

/// A rule put to the clock of one zone; asked about instants in rising order.
#[derive(Debug, Clone)]
pub struct ClockGate<'a, C> {
    pub(super) clause: C,
    pub(super) zone: &'a Zone,
    /// Where the last question was answered: looking a stretch up costs more than all the rest.
    stretch: OffsetSpan,
}

impl<'a, C: Clause> ClockGate<'a, C> {
    /// A rule on a zone's clock.
    pub fn new(clause: C, zone: &'a Zone) -> ClockGate<'a, C> {
        ClockGate { clause, zone, stretch: OffsetSpan { offset: 0, until: i64::MIN } }
    }

    /// What the clock shows at an instant in milliseconds since 1970.
    pub fn reading(&mut self, instant: i64) -> Reading {
        if instant >= self.stretch.until {
            self.stretch = self.zone.stretch_at(instant);
        }
        let local = instant + self.stretch.offset;
        Reading { day: local.div_euclid(MILLIS_A_DAY), time: local.rem_euclid(MILLIS_A_DAY) }
    }

    /// What the rule says to an instant in milliseconds since 1970.
    pub fn at(&mut self, instant: i64) -> Verdict {
        let reading = self.reading(instant);
        let Verdict { open, until } = self.clause.at(reading);
        Verdict { open, until: (instant - reading.time).saturating_add(until).min(self.stretch.until) }
    }
}
