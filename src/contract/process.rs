//! What writing commands report: a run, a batch, a prune, and what went wrong.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::encode;
use crate::model::ClientId;

/// How the attempts of a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub processed: u64,
    pub successful: u64,
    pub failed: u64,
    /// Items that wait for another attempt.
    pub retried: u64,
    /// Calls handed over, whose result comes later.
    pub accepted: u64,
    /// Items held, since nobody can know how the call ended.
    pub held: u64,
    /// Attempts that were no call: returned, or the dispatcher was unavailable.
    pub returned: u64,
}

/// The report of one run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProcessView {
    /// The run's UUIDv7.
    pub run_id: String,
    /// The counts of all clients.
    #[serde(flatten)]
    pub counts: Counts,
    /// Why the run ended: `drained`, `limit`, `runtime`, `signal` or `breaker`.
    pub stopped_by: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The next instant at which something can be called.
    #[serde(serialize_with = "encode::optional_instant")]
    pub next_call_at: Option<DateTime<Utc>>,
    /// Every client with calls, or with due items that could not be called.
    pub clients: Vec<ClientCounts>,
    /// The calls that did not reach their lead.
    pub errors: Vec<CallError>,
    /// Whether any call of it was only played.
    pub simulated: bool,
    /// Attempts of earlier runs that it settled, since their dispatcher was gone or their result overdue.
    pub recovered: u64,
    /// Accepted calls, of this run and of earlier ones, of which the provider told how they ended.
    pub settled: u64,
    /// Items that are held and wait for a person, these calls' or earlier ones.
    pub held_items: u64,
    /// Outcomes that could not be recorded, in no other count: standard error has each as JSON.
    pub not_recorded: u64,
}

/// One client's part of a run.
#[derive(Debug, Clone, Serialize)]
pub struct ClientCounts {
    #[serde(serialize_with = "encode::client")]
    pub client_id: ClientId,
    #[serde(flatten)]
    pub counts: Counts,
    /// What holds back its due items, with the way out; none when nothing does.
    pub blocked_by: Option<String>,
}

/// One call that did not reach its lead.
#[derive(Debug, Clone, Serialize)]
pub struct CallError {
    pub id: u64,
    pub lead_id: String,
    pub reason: Option<String>,
}

/// What `schedule-batch` did, or would do.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BatchView {
    /// Whose leads they are, and by whose clock people are told the times; programs know.
    #[serde(skip)]
    pub client_id: Option<ClientId>,
    pub scheduled: u64,
    /// Leads that were left out: duplicates, and those of the next two counts.
    pub skipped: u64,
    /// Leads or numbers that were called lately.
    pub skipped_finished: u64,
    /// Leads that were cancelled.
    pub skipped_cancelled: u64,
    /// Records that cannot be read as a lead.
    pub invalid: u64,
    /// The first new item.
    pub first_id: Option<u64>,
    /// The last new item.
    pub last_id: Option<u64>,
    /// Groups of the pacing.
    pub groups: u64,
    /// The slot of the first group.
    #[serde(serialize_with = "encode::optional_instant")]
    pub first_call_at: Option<DateTime<Utc>>,
    /// The slot of the last group.
    #[serde(serialize_with = "encode::optional_instant")]
    pub last_call_at: Option<DateTime<Utc>>,
    pub errors: Vec<BatchError>,
    /// Items added without a phone number; told on standard error where it matters.
    #[serde(skip)]
    pub without_phone: u64,
    /// Items whose zones are from their number or region; told on standard error.
    #[serde(skip)]
    pub placed: u64,
    /// The words that were read as a place, how each was read, and how often; told on standard error.
    #[serde(skip)]
    pub zone_words: BTreeMap<String, u64>,
}

/// One record of a batch that cannot be read as a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchError {
    /// Its line in the input, 1 and up.
    pub line: u64,
    /// Its lead id, when it has one.
    pub lead_id: Option<String>,
    /// The field at fault, when it is one.
    pub field: Option<String>,
    pub message: String,
}

/// What `prune` deleted, or would delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PruneView {
    pub items: u64,
    pub attempts: u64,
    /// Items that stay because a call of theirs still counts for a cap or for the rest of its number.
    pub kept: u64,
    /// Whether nothing was deleted, only counted.
    pub dry_run: bool,
    /// Whether a signal or a failure ended it, so that more may be left.
    pub interrupted: bool,
}

/// A failed command, as `--json` writes it to standard error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorView {
    pub error: ErrorBody,
}

/// What went wrong and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    /// The kind, which decides the exit code.
    pub kind: &'static str,
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}
