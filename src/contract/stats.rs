//! The figures of `stats`. A rate without a denominator is `null`, never 0.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::encode;
use crate::model::{ClientId, Outcome, Priority, Status};

/// The statistics of a client or of all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct StatsView {
    /// The client; none for all.
    #[serde(serialize_with = "encode::optional_client")]
    pub client_id: Option<ClientId>,
    /// The first instant that counts; none for the beginning.
    #[serde(serialize_with = "encode::optional_instant")]
    pub since: Option<DateTime<Utc>>,
    /// The instant of the figures.
    #[serde(serialize_with = "encode::instant")]
    pub until: DateTime<Utc>,
    /// Items of every status.
    pub total_items: u64,
    /// Items by status, every status in its order.
    #[serde(serialize_with = "encode::by_status")]
    pub by_status: Vec<(Status, u64)>,
    /// Items by priority, every priority in its order.
    #[serde(serialize_with = "encode::by_priority")]
    pub by_priority: Vec<(Priority, u64)>,
    /// Items whose time has come and whose window is open.
    pub due_now: u64,
    /// Items whose time has come and whose window is closed; `due_now` does not count them.
    pub waiting_for_hours: u64,
    /// How long the oldest due item waits since it was scheduled, in seconds; open window or not.
    pub oldest_due_seconds: Option<f64>,
    /// Items with an open attempt.
    pub in_progress: u64,
    /// Failed items whose last outcome is unknown: a person decides.
    pub held: u64,
    /// From the first instant at which an item could be called to its first attempt.
    pub wait_seconds: WaitSeconds,
    /// completed / (completed + failed) items: of all, or with `since` of those whose last attempt is in the range.
    pub success_rate: Option<f64>,
    pub attempts: AttemptCounts,
    /// Completed attempts / finished attempts.
    pub answer_rate: Option<f64>,
    /// Items completed after at least one retry / items that were retried and are finished; with `since` of those whose
    /// last attempt is in the range.
    pub retry_success_rate: Option<f64>,
    /// Finished attempts / hours from `since`, or from the first attempt, to `until`; none before a minute has passed.
    pub throughput_per_hour: Option<f64>,
    /// How long finished calls took.
    pub processing_seconds: ProcessingSeconds,
    /// Call time inside the business hours / (open time × `max_concurrent`), summed over the clients; none before a minute
    /// has passed.
    pub business_hours_utilization: Option<f64>,
    /// Why attempts did not reach their lead, the most frequent first, at most 20.
    pub failure_reasons: Vec<ReasonCount>,
    /// The breakdown that was asked for; else empty.
    pub by: Vec<Breakdown>,
    /// What of these figures is known by sums alone.
    pub pruned: PrunedCallsView,
}

/// The attempts of items that `prune` deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct PrunedCallsView {
    /// How many of the attempts they are.
    pub attempts: u64,
    /// Whether the rows of `by` have them.
    pub in_breakdown: bool,
    /// Their sums are kept by quarters of an hour: the first one that counts, when `since` cuts one that had attempts.
    #[serde(serialize_with = "encode::optional_instant")]
    pub from: Option<DateTime<Utc>>,
    /// The end of the last one that counts, when `until` cuts it.
    #[serde(serialize_with = "encode::optional_instant")]
    pub before: Option<DateTime<Utc>>,
}

/// Waiting times, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct WaitSeconds {
    pub avg: Option<f64>,
    pub p50: Option<f64>,
    /// The 95th percentile.
    pub p95: Option<f64>,
    pub max: Option<f64>,
}

impl From<WaitSeconds> for ProcessingSeconds {
    fn from(WaitSeconds { avg, p50, p95, .. }: WaitSeconds) -> ProcessingSeconds {
        ProcessingSeconds { avg, p50, p95 }
    }
}

/// Call times, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct ProcessingSeconds {
    pub avg: Option<f64>,
    pub p50: Option<f64>,
    /// The 95th percentile.
    pub p95: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct AttemptCounts {
    pub total: u64,
    pub completed: u64,
    /// Not reached, worth another attempt.
    pub retry: u64,
    /// Never to be reached so.
    pub failed: u64,
    pub unknown: u64,
    /// Handed over, result to come.
    pub accepted: u64,
}

impl AttemptCounts {
    pub(crate) fn add(&mut self, outcome: Option<Outcome>, count: u64) {
        self.total += count;
        match outcome {
            Some(Outcome::Completed) => self.completed += count,
            Some(Outcome::Retry) => self.retry += count,
            Some(Outcome::Failed) => self.failed += count,
            Some(Outcome::Unknown) => self.unknown += count,
            Some(Outcome::Accepted) => self.accepted += count,
            Some(Outcome::Returned | Outcome::Unavailable) | None => {}
        }
    }

    /// Attempts in which a call took place and ended.
    pub(crate) fn finished(&self) -> u64 {
        self.of(Outcome::is_finished_call)
    }

    /// Attempts whose outcome is one of some.
    pub(crate) fn of(&self, is_one: fn(Outcome) -> bool) -> u64 {
        self.by_outcome().iter().filter(|(outcome, _)| is_one(*outcome)).map(|(_, count)| count).sum()
    }

    /// The outcomes that are counted one by one.
    pub(crate) fn by_outcome(&self) -> [(Outcome, u64); 5] {
        [
            (Outcome::Completed, self.completed),
            (Outcome::Retry, self.retry),
            (Outcome::Failed, self.failed),
            (Outcome::Unknown, self.unknown),
            (Outcome::Accepted, self.accepted),
        ]
    }

    /// Completed attempts / finished attempts.
    pub(crate) fn answer_rate(&self) -> Option<f64> {
        rate(self.completed, self.finished())
    }
}

/// `part / whole`; `None` when `whole` is 0.
pub(crate) fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// One reason and how often it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ReasonCount {
    pub reason: String,
    pub count: u64,
}

/// One row of a breakdown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Breakdown {
    /// What the row is about: a client, a priority, `09`, `Mon`, `2026-11-23`, a reason, the number of an attempt.
    pub key: String,
    /// With `--by hour`: the weekday of the row, so that hours make a map; else none.
    pub weekday: Option<&'static str>,
    /// Items, or for a breakdown of attempts the items that had one.
    pub items: u64,
    pub attempts: u64,
    /// Attempts that reached their lead.
    pub completed: u64,
    /// Completed attempts / finished attempts.
    pub answer_rate: Option<f64>,
    /// Attempts in which a call took place and ended: what the rate is a part of.
    pub finished: u64,
    /// With `--by hour` only; the fields are missing in other rows.
    #[serde(flatten)]
    pub hour: Option<HourIntervals>,
}

/// How sure the rate of an hour is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct HourIntervals {
    /// The rates under which its answers are no surprise: 95 %, by Wilson.
    pub rate_low: Option<f64>,
    pub rate_high: Option<f64>,
    /// How often a call of the hour is likely answered, by what is known of its neighbours too, with its 90 % interval.
    pub best_guess: f64,
    pub best_low: f64,
    pub best_high: f64,
}
