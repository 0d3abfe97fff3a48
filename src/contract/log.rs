//! Calls and changes as rows of the whole queue: the shapes of `calls` and `log`.

use serde::Serialize;

use super::encode;
use super::item::{AttemptFields, ChangeView};
use super::receipt::ReceiptView;
use crate::model::{CallRecord, ChangeRecord, ClientId, Metadata};

/// A call, with the item that it belongs to; `id` is the item's.
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
    #[serde(flatten)]
    pub attempt: AttemptFields<'a>,
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
        CallView {
            id: call.item.get(),
            client_id: &call.client,
            lead_id: call.lead.as_str(),
            phone: call.phone.as_deref(),
            attempt_id: call.attempt.id.to_string(),
            attempt: AttemptFields::new(&call.attempt),
            by: call.by.as_deref(),
            metadata: call.attempt.metadata.as_ref(),
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
    #[serde(flatten)]
    pub change: ChangeView<'a>,
}

impl<'a> ItemChangeView<'a> {
    pub(crate) fn new(record: &'a ChangeRecord) -> ItemChangeView<'a> {
        ItemChangeView {
            id: record.item.get(),
            client_id: &record.client,
            lead_id: record.lead.as_str(),
            change: ChangeView::new(&record.change),
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
