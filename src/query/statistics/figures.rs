//! What is asked of statistics, and what comes out. A rate without a denominator is none, never 0.

use chrono::{DateTime, Utc};

use super::attempts::AttemptTally;
use super::breakdown::BreakdownRow;
use super::spread::Spread;
use crate::model::{BreakdownKey, ClientId, Priority, Status};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatisticsRequest {
    /// Only this client; none for all.
    pub client: Option<ClientId>,
    /// Only attempts that started at this instant or later; none for all.
    pub since: Option<DateTime<Utc>>,
    /// The breakdown that is wanted.
    pub by: Option<BreakdownKey>,
}

/// The statistics of a client or of all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statistics {
    /// Items by status, every status in its order.
    pub by_status: Vec<(Status, u64)>,
    /// Items by priority, every priority in its order.
    pub by_priority: Vec<(Priority, u64)>,
    /// Items of every status.
    pub total_items: u64,
    /// Items with an open attempt.
    pub in_progress: u64,
    /// Failed items whose last outcome is unknown: a person decides.
    pub held: u64,
    /// Due items whose window is open.
    pub due_now: u64,
    /// Due items whose window is closed.
    pub waiting_for_hours: u64,
    /// How long the oldest due item waits since it was scheduled, in seconds; open window or not.
    pub oldest_due_seconds: Option<f64>,
    /// From an item's first slot to its first attempt.
    pub wait: Spread,
    /// completed / (completed + failed) items: of all, or with `since` of those whose last attempt is in the range.
    pub success_rate: Option<f64>,
    pub attempts: AttemptTally,
    /// Completed attempts / finished attempts.
    pub answer_rate: Option<f64>,
    /// Items completed after at least one retry / items that were retried and are finished; with `since` of those whose
    /// last attempt is in the range.
    pub retry_success_rate: Option<f64>,
    /// Finished attempts / hours from `since`, or from the first attempt, to now; none before a minute has passed.
    pub throughput_per_hour: Option<f64>,
    /// How long finished calls took.
    pub processing: Spread,
    /// Call time inside the business hours / (open time × `max_concurrent`), summed over the clients; none before a minute
    /// has passed.
    pub business_hours_utilization: Option<f64>,
    /// Why attempts did not reach their lead, the most frequent first, at most 20.
    pub failure_reasons: Vec<(String, u64)>,
    /// The rows of the breakdown that was asked for.
    pub by: Vec<BreakdownRow>,
}
