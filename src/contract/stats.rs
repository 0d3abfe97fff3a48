//! The figures of `stats`. A rate without a denominator is `null`, never 0.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::encode;
use crate::model::{ClientId, Priority, Status};

/// The statistics of a client or of all.
#[derive(Debug, Clone, Serialize)]
pub struct StatsView {
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
    /// Items whose time has come and whose window is closed; none of them is in `due_now`.
    pub waiting_for_hours: u64,
    /// How long the oldest due item waits, in seconds.
    pub oldest_due_seconds: Option<f64>,
    /// Items with an open attempt.
    pub in_progress: u64,
    /// Failed items whose last outcome is unknown: a person decides.
    pub held: u64,
    /// From the first instant at which an item could be called to its first attempt.
    pub wait_seconds: WaitSeconds,
    /// completed / (completed + failed).
    pub success_rate: Option<f64>,
    pub attempts: AttemptCounts,
    /// Completed attempts / finished attempts.
    pub answer_rate: Option<f64>,
    /// Items completed after a retry / items retried and finished.
    pub retry_success_rate: Option<f64>,
    /// Finished attempts an hour.
    pub throughput_per_hour: Option<f64>,
    /// How long calls took.
    pub processing_seconds: ProcessingSeconds,
    /// Call time inside the business hours / (open time × `max_concurrent`).
    pub business_hours_utilization: Option<f64>,
    /// Why attempts did not reach their lead, the most frequent first.
    pub failure_reasons: Vec<ReasonCount>,
    /// The breakdown that was asked for; else empty.
    pub by: Vec<Breakdown>,
}

/// Waiting times, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct WaitSeconds {
    pub avg: Option<f64>,
    pub p50: Option<f64>,
    /// The 95th percentile.
    pub p95: Option<f64>,
    pub max: Option<f64>,
}

/// Call times, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ProcessingSeconds {
    pub avg: Option<f64>,
    pub p50: Option<f64>,
    /// The 95th percentile.
    pub p95: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct AttemptCounts {
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

/// One reason and how often it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonCount {
    pub reason: String,
    pub count: u64,
}

/// One row of a breakdown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Breakdown {
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
}
