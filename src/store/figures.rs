//! The figures that are kept of attempts, and what one attempt adds to each.

use std::fmt;
use std::ops::RangeInclusive;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use crate::model::{Outcome, TimeBucket};

/// The row that stands for all clients together.
pub(super) const EVERYBODY: i64 = 0;

/// One figure: a number of attempts, or a sum of times in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Figure {
    /// Attempts with this outcome; none while the call runs.
    Outcome(Option<Outcome>),
    /// Attempts that did not reach their lead for this reason.
    Reason(String),
    /// First attempts whose items waited so long.
    Wait(TimeBucket),
    /// The sum of those waits.
    WaitSum,
    /// Calls that took so long.
    Duration(TimeBucket),
    /// The sum of those durations.
    DurationSum,
    /// The part of it that lay inside the business hours.
    BusinessSum,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Figure::Outcome(None) => f.write_str("open attempts"),
            Figure::Outcome(Some(outcome)) => write!(f, "attempts that ended {outcome}"),
            Figure::Reason(reason) => write!(f, "attempts with the reason {reason}"),
            Figure::Wait(bucket) => write!(f, "waits of about {} ms", bucket.longest()),
            Figure::WaitSum => f.write_str("milliseconds of waits"),
            Figure::Duration(bucket) => write!(f, "calls of about {} ms", bucket.longest()),
            Figure::DurationSum => f.write_str("milliseconds of calls"),
            Figure::BusinessSum => f.write_str("milliseconds of calls in business hours"),
        }
    }
}

/// The key of a figure that has but one row.
const ONLY: i64 = 0;

impl Figure {
    /// The numbers of all figures.
    pub(super) const NUMBERS: RangeInclusive<i64> = 1..=7;

    /// That of the waits by their buckets.
    pub(super) const WAITS: i64 = 3;

    /// That of the durations by their buckets.
    pub(super) const DURATIONS: i64 = 5;

    /// The number in the column `figure`; a word would double the pages that every commit writes.
    pub(super) fn number(&self) -> i64 {
        match self {
            Figure::Outcome(_) => 1,
            Figure::Reason(_) => 2,
            Figure::Wait(_) => Figure::WAITS,
            Figure::WaitSum => 4,
            Figure::Duration(_) => Figure::DURATIONS,
            Figure::DurationSum => 6,
            Figure::BusinessSum => 7,
        }
    }

    /// What stands in the column `key`: a word or a number.
    pub(super) fn key(&self) -> Key<'_> {
        match self {
            Figure::Outcome(outcome) => Key(ValueRef::Text(outcome.map_or("", Outcome::as_str).as_bytes())),
            Figure::Reason(reason) => Key(ValueRef::Text(reason.as_bytes())),
            Figure::Wait(bucket) | Figure::Duration(bucket) => Key(ValueRef::Integer(bucket.number().into())),
            Figure::WaitSum | Figure::DurationSum | Figure::BusinessSum => Key(ValueRef::Integer(ONLY)),
        }
    }

    /// The figure that a row holds; none when it holds none that this program knows.
    pub(super) fn read(number: i64, key: ValueRef<'_>) -> Option<Figure> {
        let bucket = || TimeBucket::numbered(u32::try_from(key.as_i64().ok()?).ok()?);
        Some(match number {
            1 => Figure::Outcome(match key.as_str().ok()? {
                "" => None,
                word => Some(word.parse().ok()?),
            }),
            2 => Figure::Reason(key.as_str().ok()?.to_owned()),
            Figure::WAITS => Figure::Wait(bucket()?),
            4 => Figure::WaitSum,
            Figure::DURATIONS => Figure::Duration(bucket()?),
            6 => Figure::DurationSum,
            7 => Figure::BusinessSum,
            _ => return None,
        })
    }
}

/// The key of a figure as a value of SQL.
pub(super) struct Key<'a>(ValueRef<'a>);

impl ToSql for Key<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

/// What is counted of one attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct AttemptCount<'a> {
    /// How it ended; none while the call runs.
    pub(super) outcome: Option<Outcome>,
    /// Why.
    pub(super) reason: Option<&'a str>,
    /// For the first attempt of an item: milliseconds from its first slot to it.
    pub(super) waited_ms: Option<u64>,
    /// How long the call took.
    pub(super) duration_ms: Option<u64>,
    /// How much of that lay inside the business hours.
    pub(super) business_ms: Option<u64>,
}

impl AttemptCount<'_> {
    /// Hands every figure to which the attempt adds to `add`, with what it adds.
    pub(super) fn figures(&self, add: &mut dyn FnMut(Figure, i64)) {
        add(Figure::Outcome(self.outcome), 1);
        if let Some(waited) = self.waited_ms {
            add(Figure::Wait(TimeBucket::of(waited)), 1);
            add(Figure::WaitSum, sum(waited));
        }
        let Some(outcome) = self.outcome else { return };
        if let Some(reason) = self.reason.filter(|_| outcome.is_failure()) {
            add(Figure::Reason(reason.to_owned()), 1);
        }
        if let Some(duration) = self.duration_ms.filter(|_| outcome.is_finished_call()) {
            add(Figure::Duration(TimeBucket::of(duration)), 1);
            add(Figure::DurationSum, sum(duration));
            add(Figure::BusinessSum, sum(self.business_ms.unwrap_or(0)));
        }
    }
}

/// A time as part of a sum; one that no call can take is cut, so that sums do not overflow.
fn sum(millis: u64) -> i64 {
    /// A hundred years.
    const LONGEST: u64 = 100 * 366 * 24 * 3_600_000;
    i64::try_from(millis.min(LONGEST)).unwrap_or(0)
}
