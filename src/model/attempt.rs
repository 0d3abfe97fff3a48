//! The history of an item: its attempts and the changes that people made.

use chrono::{DateTime, Utc};

use super::{AttemptId, ConsentKind, Metadata, Outcome, Purpose, Reached, RunId, Voice};

/// One try at calling, from just before dialling to its outcome. Append-only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id, also the idempotency key.
    pub id: AttemptId,
    /// 1 for the item's first attempt, and so on.
    pub number: u32,
    /// When it was put on disk, just before the call.
    pub started_at: DateTime<Utc>,
    /// When its outcome was known; none while it is open.
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended; none while the call runs.
    pub outcome: Option<Outcome>,
    pub reason: Option<String>,
    /// How far it came; none while it is open, and when nobody told.
    pub reached: Option<Reached>,
    /// What it was for; none when that was unset, and of older calls.
    pub purpose: Option<Purpose>,
    /// What spoke; `None` for calls of older versions.
    pub voice: Option<Voice>,
    /// The kind of the consent that opened it.
    pub consent: Option<ConsentKind>,
    /// The provider's name for the call.
    pub call_id: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// The end of the dispatcher's standard error, or a note.
    pub detail: Option<String>,
    /// What else the dispatcher said.
    pub metadata: Option<Metadata>,
    /// The run that made it.
    pub run: RunId,
}

/// One change that a person or an expiry made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub at: DateTime<Utc>,
    pub by: String,
    /// What changed: `status`, `priority`, `scheduled_at`, …
    pub what: String,
    pub from: Option<String>,
    pub to: Option<String>,
    /// Why, in the words of who did it.
    pub reason: Option<String>,
}
