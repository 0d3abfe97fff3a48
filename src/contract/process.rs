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
    /// Accepted calls, whose result comes later.
    pub accepted: u64,
    /// Items held, since nobody can know how the call ended.
    pub held: u64,
    /// Attempts that were no call: returned, or the dispatcher was unavailable.
    pub returned: u64,
}

impl Counts {
    /// The sums of both.
    pub fn plus(&self, other: &Counts) -> Counts {
        Counts {
            processed: self.processed + other.processed,
            successful: self.successful + other.successful,
            failed: self.failed + other.failed,
            retried: self.retried + other.retried,
            accepted: self.accepted + other.accepted,
            held: self.held + other.held,
            returned: self.returned + other.returned,
        }
    }
}

/// The report of one run.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct ProcessView {
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
    /// Accepted calls, of this run and of earlier ones, whose end the provider told.
    pub settled: u64,
    /// Items that are held and wait for a person, these calls' or earlier ones.
    pub held_items: u64,
    /// Outcomes that could not be recorded, in no other count: standard error has each as JSON.
    pub not_recorded: u64,
    /// Items that failed without a call, in no other count, by reason: `no_consent`, `do_not_call` or `invalid_number`.
    pub failed_uncalled: BTreeMap<&'static str, u64>,
}

/// One client's part of a run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ClientCounts {
    #[serde(serialize_with = "encode::client")]
    pub client_id: ClientId,
    #[serde(flatten)]
    pub counts: Counts,
    /// What holds back its due items, and what to do; `None` when nothing does.
    pub blocked_by: Option<String>,
}

/// One call that did not reach its lead.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CallError {
    pub id: u64,
    pub lead_id: String,
    pub reason: Option<String>,
}

/// What `prune` deleted, or would delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct PruneView {
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
