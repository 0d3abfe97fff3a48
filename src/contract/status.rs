//! How the queue stands, client by client: `callq status`, and `callq why` without an id.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Serialize;

use super::encode;
use crate::model::{ClientId, Gate};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct StatusView {
    /// The last run that made an attempt.
    pub last_run: Option<LastRunView>,
    pub held: u64,
    pub callbacks_missed: u64,
    /// The events that wait for hooks and webhooks.
    pub events: EventStatusView,
    /// The registries that the configuration asks or a copy exists of, by name.
    pub registries: Vec<RegistryStatusView>,
    /// Clients with something waiting, in progress or called today, by name.
    pub clients: Vec<ClientStatusView>,
    /// Set when no run came for long although items may be called.
    #[serde(skip)]
    pub unattended: Option<Unattended>,
}

/// The events of the whole queue that are not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct EventStatusView {
    /// Those to be delivered, failing ones included.
    pub waiting: u64,
    pub failing: u64,
    pub dead: u64,
    /// When the oldest of those to be delivered happened.
    #[serde(serialize_with = "encode::optional_instant")]
    pub oldest_at: Option<DateTime<Utc>>,
}

impl EventStatusView {
    /// When the oldest one happened, once it waits for longer than runs usually take to deliver it.
    pub(crate) fn waits_since(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.oldest_at.filter(|oldest| now - *oldest >= LONG)
    }
}

/// Events that wait for so long are worth a word.
const LONG: TimeDelta = TimeDelta::hours(1);

/// Nobody calls what may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unattended {
    /// Since the last run; none when there never was one.
    pub idle: Option<TimeDelta>,
    /// The items that a run would call.
    pub due: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LastRunView {
    pub run_id: String,
    #[serde(serialize_with = "encode::instant")]
    pub started_at: DateTime<Utc>,
    pub by: String,
    /// None while it goes on, and when it was killed.
    pub processed: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RegistryStatusView {
    pub name: String,
    /// The day of the copy; none without one.
    #[serde(serialize_with = "encode::optional_date")]
    pub as_of: Option<NaiveDate>,
    /// Whether calls wait for a new copy.
    pub stale: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ClientStatusView {
    #[serde(serialize_with = "encode::client")]
    pub client_id: ClientId,
    pub state: ClientStateView,
    /// Waiting items whose time has come.
    pub due: u64,
    /// Items that wait, those that are due included.
    pub waiting: u64,
    pub in_progress: u64,
    pub max_concurrent: u32,
    /// Calls since midnight on the client's clock.
    pub called_today: u64,
    /// Those that reached a person.
    pub reached_today: u64,
    #[serde(serialize_with = "encode::optional_instant")]
    pub next_call_at: Option<DateTime<Utc>>,
    /// About when nothing waits any more; none where many wait, and where it is not to be seen.
    #[serde(serialize_with = "encode::optional_instant")]
    pub done_at: Option<DateTime<Utc>>,
    /// What keeps due items from being called, in the order in which a run asks.
    pub gates: Vec<GateCountView>,
}

impl ClientStatusView {
    /// The due items that a run would call now.
    pub(crate) fn ready(&self) -> u64 {
        self.due.saturating_sub(self.gates.iter().map(|gate| gate.items).sum())
    }
}

/// What a client is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ClientStateView {
    /// The gate that holds the client; none when it calls.
    #[serde(serialize_with = "gate_word")]
    pub gate: Option<Gate>,
    /// When that changes, where it is known: the hours of an open client end then.
    #[serde(serialize_with = "encode::optional_instant")]
    pub until: Option<DateTime<Utc>>,
    pub detail: String,
    /// Whether its dispatcher, which is there, placed no call the last time.
    #[serde(skip)]
    pub dispatcher_failed: bool,
    /// Who paused it.
    #[serde(skip)]
    pub paused_by: Option<String>,
}

/// Due items that one gate holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct GateCountView {
    #[serde(serialize_with = "word")]
    pub gate: Gate,
    pub items: u64,
    /// When the first of them can pass, where that is known.
    #[serde(serialize_with = "encode::optional_instant")]
    pub until: Option<DateTime<Utc>>,
}

/// The same, told by gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct WhyAllView(pub StatusView);

fn word<S: serde::Serializer>(gate: &Gate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(gate.as_str())
}

fn gate_word<S: serde::Serializer>(gate: &Option<Gate>, serializer: S) -> Result<S::Ok, S::Error> {
    gate.map(Gate::as_str).serialize(serializer)
}
