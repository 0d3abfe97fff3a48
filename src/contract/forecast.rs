//! A forecast. Quantiles are over the runs, by nearest rank; a time that no such run reaches is `null`.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::encode;
use crate::model::ClientId;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ForecastView {
    /// None for all.
    #[serde(serialize_with = "encode::optional_client")]
    pub client_id: Option<ClientId>,
    #[serde(serialize_with = "encode::instant")]
    pub now: DateTime<Utc>,
    /// None: until nothing waits any more.
    #[serde(serialize_with = "encode::optional_instant")]
    pub until: Option<DateTime<Utc>>,
    pub runs: u32,
    pub seed: u64,
    /// Items that wait at the beginning.
    pub waiting: u64,
    pub learned: LearnedView,
    pub done: DoneView,
    pub items: ForecastItems,
    pub calls: Quantiles,
    /// How long a lead waits that is added now, in the client's zone; the median.
    pub new_lead_wait_seconds: NewLeadWait,
    pub days: Vec<ForecastDay>,
    pub hours: Vec<ForecastHour>,
    /// What makes it sooner, the largest gain first.
    pub held_back_by: Vec<HeldBackView>,
    pub plan: Option<PlanView>,
    pub notes: Vec<String>,
    /// New leads on every open day.
    #[serde(skip)]
    pub new_leads: u32,
    /// Show hours instead of days.
    #[serde(skip)]
    pub by_hour: bool,
}

/// What the forecast goes by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct LearnedView {
    pub attempts: u64,
    pub days: u32,
    /// Too few calls to learn from: the mix of the simulated dispatcher is assumed.
    pub assumed: bool,
    pub answer_rate: f64,
    /// The mean time for which a call holds a line.
    pub line_seconds: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Quantiles {
    pub p10: u64,
    pub p50: u64,
    pub p90: u64,
}

/// When nothing waits any more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct DoneView {
    #[serde(serialize_with = "encode::optional_instant")]
    pub p10: Option<DateTime<Utc>>,
    #[serde(serialize_with = "encode::optional_instant")]
    pub p50: Option<DateTime<Utc>>,
    #[serde(serialize_with = "encode::optional_instant")]
    pub p90: Option<DateTime<Utc>>,
    /// The part of the runs that end.
    pub share: f64,
}

/// What becomes of the items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct ForecastItems {
    pub completed: Quantiles,
    pub failed: Quantiles,
    pub expired: Quantiles,
    /// Those of them that were never called.
    pub expired_uncalled: Quantiles,
    pub left: Quantiles,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct NewLeadWait {
    pub urgent: Option<f64>,
    pub high: Option<f64>,
    pub normal: Option<f64>,
    pub low: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct ForecastDay {
    #[serde(serialize_with = "encode::date")]
    pub day: NaiveDate,
    /// The business hours from now on.
    pub open_seconds: u64,
    pub calls: Quantiles,
    pub completed: Quantiles,
    /// Call time inside the business hours / (open time × `max_concurrent`).
    pub business_hours_utilization: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct ForecastHour {
    #[serde(serialize_with = "encode::instant")]
    pub start: DateTime<Utc>,
    pub calls: Quantiles,
    pub completed: Quantiles,
}

/// A gate that was relaxed, and what it gained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct HeldBackView {
    pub gate: &'static str,
    /// What was changed, such as `10` for `max_concurrent`.
    pub change: String,
    #[serde(serialize_with = "encode::optional_instant")]
    pub done_p50: Option<DateTime<Utc>>,
    /// None when it does not end otherwise.
    pub earlier_seconds: Option<f64>,
}

/// The fewest lines with which everything is done in time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct PlanView {
    #[serde(serialize_with = "encode::instant")]
    pub by: DateTime<Utc>,
    pub confidence: f64,
    /// None: no number of lines does it.
    pub max_concurrent: Option<u32>,
    /// The part of the runs that are done by then with these lines, or with the most.
    pub share: f64,
    /// What holds it back when no number of lines does it.
    pub held_back_by: Option<&'static str>,
}
