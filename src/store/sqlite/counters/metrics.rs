//! The metrics of attempts, and what one attempt adds to each.

use std::fmt;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use crate::model::{Outcome, TimeBucket};

/// The row that stands for all clients together.
pub(crate) const ALL_CLIENTS: i64 = 0;

/// One metric: a number of attempts, or a sum of times in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Metric {
    /// Attempts with this outcome; none while the call runs.
    Outcome(Option<Outcome>),
    /// Attempts that did not reach their lead for this reason.
    Reason(String),
    /// First attempts by the wait of their items.
    Wait(TimeBucket),
    /// The sum of those waits.
    WaitSum,
    /// Calls by their length.
    Duration(TimeBucket),
    /// The sum of those durations.
    DurationSum,
    /// The part of it that lay inside the business hours.
    BusinessSum,
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::Outcome(None) => f.write_str("open attempts"),
            Metric::Outcome(Some(outcome)) => write!(f, "attempts that ended {outcome}"),
            Metric::Reason(reason) => write!(f, "attempts with the reason {reason}"),
            Metric::Wait(bucket) => write!(f, "waits of about {} ms", bucket.longest()),
            Metric::WaitSum => f.write_str("milliseconds of waits"),
            Metric::Duration(bucket) => write!(f, "calls of about {} ms", bucket.longest()),
            Metric::DurationSum => f.write_str("milliseconds of calls"),
            Metric::BusinessSum => f.write_str("milliseconds of calls in business hours"),
        }
    }
}

/// The key of a metric that has one row only.
const ONLY: i64 = 0;

impl Metric {
    /// That of the reasons, the last one whose key is a word.
    const REASONS: i64 = 2;

    /// That of the waits by their buckets.
    pub(crate) const WAITS: i64 = 3;

    /// That of the durations by their buckets.
    pub(crate) const DURATIONS: i64 = 5;

    /// The number in the column `figure`; a word would double the pages that every commit writes.
    pub(crate) fn number(&self) -> i64 {
        match self {
            Metric::Outcome(_) => 1,
            Metric::Reason(_) => Metric::REASONS,
            Metric::Wait(_) => Metric::WAITS,
            Metric::WaitSum => 4,
            Metric::Duration(_) => Metric::DURATIONS,
            Metric::DurationSum => 6,
            Metric::BusinessSum => 7,
        }
    }

    /// What stands in the column `key`: a word or a number.
    pub(crate) fn key(&self) -> Key<'_> {
        match self.columns() {
            (word, _) if Metric::is_word(self.number()) => Key(ValueRef::Text(word.as_bytes())),
            (_, number) => Key(ValueRef::Integer(number)),
        }
    }

    /// The key as two columns: a word, or a number.
    pub(crate) fn columns(&self) -> (&str, i64) {
        match self {
            Metric::Outcome(outcome) => (outcome.map_or("", Outcome::as_str), ONLY),
            Metric::Reason(reason) => (reason, ONLY),
            Metric::Wait(bucket) | Metric::Duration(bucket) => ("", bucket.number().into()),
            Metric::WaitSum | Metric::DurationSum | Metric::BusinessSum => ("", ONLY),
        }
    }

    /// Whether the key of a metric is its word.
    pub(crate) fn is_word(number: i64) -> bool {
        number <= Metric::REASONS
    }

    /// The metric of a row; none when this program does not know it.
    pub(crate) fn read(number: i64, key: ValueRef<'_>) -> Option<Metric> {
        let bucket = || TimeBucket::numbered(u32::try_from(key.as_i64().ok()?).ok()?);
        Some(match number {
            1 => Metric::Outcome(match key.as_str().ok()? {
                "" => None,
                word => Some(word.parse().ok()?),
            }),
            Metric::REASONS => Metric::Reason(key.as_str().ok()?.to_owned()),
            Metric::WAITS => Metric::Wait(bucket()?),
            4 => Metric::WaitSum,
            Metric::DURATIONS => Metric::Duration(bucket()?),
            6 => Metric::DurationSum,
            7 => Metric::BusinessSum,
            _ => return None,
        })
    }
}

/// The key of a metric as a value of SQL.
pub(crate) struct Key<'a>(ValueRef<'a>);

impl ToSql for Key<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

/// What is counted of one attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct AttemptCount<'a> {
    /// How it ended; none while the call runs.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) reason: Option<&'a str>,
    /// For the first attempt of an item: milliseconds from its first slot to it.
    pub(crate) waited_ms: Option<u64>,
    /// How long the call took.
    pub(crate) duration_ms: Option<u64>,
    /// How much of that lay inside the business hours.
    pub(crate) business_ms: Option<u64>,
}

impl AttemptCount<'_> {
    /// Passes every metric to which the attempt adds to `add`, with what it adds.
    pub(crate) fn metrics(&self, add: &mut dyn FnMut(Metric, i64)) {
        add(Metric::Outcome(self.outcome), 1);
        if let Some(waited) = self.waited_ms {
            add(Metric::Wait(TimeBucket::of(waited)), 1);
            add(Metric::WaitSum, sum(waited));
        }
        let Some(outcome) = self.outcome else { return };
        if let Some(reason) = self.reason.filter(|_| outcome.is_failure()) {
            add(Metric::Reason(reason.to_owned()), 1);
        }
        if let Some(duration) = self.duration_ms.filter(|_| outcome.is_finished_call()) {
            add(Metric::Duration(TimeBucket::of(duration)), 1);
            add(Metric::DurationSum, sum(duration));
            add(Metric::BusinessSum, sum(self.business_ms.unwrap_or(0)));
        }
    }
}

/// A time as part of a sum; one that no call can take is cut, so that sums do not overflow.
fn sum(millis: u64) -> i64 {
    const LONGEST: u64 = 100 * 366 * 24 * 3_600_000;
    i64::try_from(millis.min(LONGEST)).unwrap_or(0)
}
