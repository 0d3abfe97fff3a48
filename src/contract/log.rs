//! Calls and changes as rows of the whole queue: the shapes of `calls` and `log`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::encode;
use super::receipt::ReceiptView;
use crate::model::{CallRecord, ChangeRecord, ClientId, ConsentKind, Metadata, Outcome, Purpose, Reached, Voice};

/// A call, with the item that it belongs to. Its fields are those of an attempt in `show`; `id` is the item's.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CallView<'a> {
    pub id: u64,
    #[serde(serialize_with = "encode::client")]
    pub client_id: &'a ClientId,
    pub lead_id: &'a str,
    /// The number that was dialled.
    pub phone: Option<&'a str>,
    /// The UUIDv7 of the attempt, also the idempotency key.
    pub attempt_id: String,
    /// 1 for the item's first attempt.
    pub number: u32,
    #[serde(serialize_with = "encode::instant")]
    pub started_at: DateTime<Utc>,
    #[serde(serialize_with = "encode::optional_instant")]
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended; none while the call runs.
    #[serde(serialize_with = "encode::optional_outcome")]
    pub outcome: Option<Outcome>,
    pub reason: Option<&'a str>,
    /// Whom the call reached.
    pub reached: Option<&'static str>,
    /// What it was for: `sales`, `debt`, `service` or `health`; none when that was unset.
    pub purpose: Option<&'static str>,
    /// What spoke: `ai` or `human`.
    pub voice: Option<&'static str>,
    /// The kind of the consent that opened it.
    pub consent: Option<&'static str>,
    /// The provider's name for the call.
    pub call_id: Option<&'a str>,
    pub duration_ms: Option<u64>,
    /// The end of the dispatcher's standard error, or a note.
    pub detail: Option<&'a str>,
    pub run_id: String,
    /// Who ran it.
    pub by: Option<&'a str>,
    /// What else the dispatcher reported about the call: a JSON object.
    #[serde(serialize_with = "encode::optional_metadata")]
    pub metadata: Option<&'a Metadata>,
}

/// A call, and why it was allowed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CallReceiptView<'a> {
    #[serde(flatten)]
    pub call: CallView<'a>,
    pub receipt: ReceiptView,
}

impl<'a> CallView<'a> {
    pub(crate) fn new(call: &'a CallRecord) -> CallView<'a> {
        let attempt = &call.attempt;
        CallView {
            id: call.item.get(),
            client_id: &call.client,
            lead_id: call.lead.as_str(),
            phone: call.phone.as_deref(),
            attempt_id: attempt.id.to_string(),
            number: attempt.number,
            started_at: attempt.started_at,
            finished_at: attempt.finished_at,
            outcome: attempt.outcome,
            reason: attempt.reason.as_deref(),
            reached: attempt.reached.map(Reached::as_str),
            purpose: attempt.purpose.map(Purpose::as_str),
            voice: attempt.voice.map(Voice::as_str),
            consent: attempt.consent.map(ConsentKind::as_str),
            call_id: attempt.call_id.as_deref(),
            duration_ms: attempt.duration_ms,
            detail: attempt.detail.as_deref(),
            run_id: attempt.run.to_string(),
            by: call.by.as_deref(),
            metadata: attempt.metadata.as_ref(),
        }
    }
}

/// A change, with the item that it belongs to.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ItemChangeView<'a> {
    pub id: u64,
    #[serde(serialize_with = "encode::client")]
    pub client_id: &'a ClientId,
    pub lead_id: &'a str,
    #[serde(serialize_with = "encode::instant")]
    pub at: DateTime<Utc>,
    pub by: &'a str,
    pub what: &'a str,
    pub from: Option<&'a str>,
    pub to: Option<&'a str>,
    pub reason: Option<&'a str>,
}

impl<'a> ItemChangeView<'a> {
    pub(crate) fn new(record: &'a ChangeRecord) -> ItemChangeView<'a> {
        let change = &record.change;
        ItemChangeView {
            id: record.item.get(),
            client_id: &record.client,
            lead_id: record.lead.as_str(),
            at: change.at,
            by: &change.by,
            what: &change.what,
            from: change.from.as_deref(),
            to: change.to.as_deref(),
            reason: change.reason.as_deref(),
        }
    }
}

/// An entry of the log.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum LogView<'a> {
    Call(CallView<'a>),
    Change(ItemChangeView<'a>),
}
