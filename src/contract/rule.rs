//! What the rules say: hours, gates, pauses, settings, checks.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::encode;
use super::holiday::HolidayView;
use crate::model::{ClientId, Pause, Priority, ZoneName};

/// The windows in which a lead may be called.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct HoursView {
    /// The client; none for the defaults.
    #[serde(serialize_with = "encode::optional_client")]
    pub client_id: Option<ClientId>,
    pub timezone: String,
    /// The lead's zones; none means the client's.
    #[serde(serialize_with = "encode::zones")]
    pub lead_timezones: Vec<ZoneName>,
    /// The priority that was asked about.
    #[serde(serialize_with = "encode::priority")]
    pub priority: Priority,
    /// The first instant of the answer.
    #[serde(serialize_with = "encode::instant")]
    pub from: DateTime<Utc>,
    /// The end of the answer, exclusive.
    #[serde(serialize_with = "encode::instant")]
    pub to: DateTime<Utc>,
    /// The windows, in order.
    pub windows: Vec<WindowView>,
    /// The slot at or after `from`; none for never.
    #[serde(serialize_with = "encode::optional_instant")]
    pub next_call_at: Option<DateTime<Utc>>,
    /// The client's holidays on the dates of the answer.
    pub holidays: Vec<HolidayView>,
}

/// A half-open span of instants in which a call may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct WindowView {
    #[serde(serialize_with = "encode::instant")]
    pub start: DateTime<Utc>,
    /// The first instant after it.
    #[serde(serialize_with = "encode::instant")]
    pub end: DateTime<Utc>,
}

/// Every gate's verdict on one item.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct WhyView {
    pub id: u64,
    /// Whether it can be called now.
    pub callable: bool,
    /// The next instant at which it can be called; none for never.
    #[serde(serialize_with = "encode::optional_instant")]
    pub next_call_at: Option<DateTime<Utc>>,
    /// The gates, in the order in which they are asked.
    pub gates: Vec<GateView>,
    /// The same in one sentence, for people.
    #[serde(skip)]
    pub sentence: String,
    /// Whose clock people read.
    #[serde(skip)]
    pub client: ClientId,
}

/// What an hour adds to the score of a waiting item: the evidence of the row `best_hours` of `why`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BestHoursView {
    /// Weekday and hour on the lead's clock: `Tue 10`.
    pub hour: String,
    /// How often a call of this hour is likely answered, 0 to 1.
    pub best_guess: f64,
    /// The same over all hours in which the item may be called.
    pub mean: f64,
    /// The client's calls from which it was learned.
    pub calls: u64,
    pub points: f64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct GateView {
    pub gate: String,
    /// Whether it lets the item pass.
    pub open: bool,
    pub detail: Option<String>,
    /// When it opens, where that is known.
    #[serde(serialize_with = "encode::optional_instant")]
    pub until: Option<DateTime<Utc>>,
    /// What it saw: an object with the fields of its gate.
    pub evidence: serde_json::Value,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct PauseView {
    /// The client; none for the pause of everything.
    #[serde(serialize_with = "encode::optional_client")]
    pub client_id: Option<ClientId>,
    /// When it began; none when nothing was paused.
    #[serde(serialize_with = "encode::optional_instant")]
    pub paused_at: Option<DateTime<Utc>>,
    /// When it ends by itself; none until somebody resumes.
    #[serde(serialize_with = "encode::optional_instant")]
    pub until: Option<DateTime<Utc>>,
    pub by: Option<String>,
    pub reason: Option<String>,
    /// When it was lifted; none while it holds.
    #[serde(serialize_with = "encode::optional_instant")]
    pub lifted_at: Option<DateTime<Utc>>,
    /// The tests of metadata that its items pass; empty for all items.
    pub meta: Vec<String>,
}

impl PauseView {
    pub(crate) fn new(pause: &Pause, lifted_at: Option<DateTime<Utc>>) -> PauseView {
        PauseView {
            client_id: pause.client.clone(),
            paused_at: Some(pause.paused_at),
            until: pause.until,
            by: Some(pause.by.clone()),
            reason: pause.reason.clone(),
            lifted_at,
            meta: pause.meta.iter().map(ToString::to_string).collect(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ConfigRow {
    /// Its key, with dots.
    pub key: String,
    /// Its value; `null` when nothing sets it.
    pub value: serde_json::Value,
    /// Where the value came from.
    pub source: String,
    /// Its value as the file writes it, for people.
    #[serde(skip)]
    pub text: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PathView {
    /// Where it stands or would stand.
    pub path: String,
    /// Whether it is there.
    pub exists: bool,
}

/// One check of `doctor` or `config check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckRow {
    pub check: String,
    /// `ok`, `warning` or `error`.
    pub verdict: &'static str,
    /// What was found, with the way out.
    pub detail: String,
}
