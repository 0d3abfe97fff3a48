//! Events as hooks and webhooks read them, and the rows of `events list`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{AttemptView, DncEntryView, ItemView, encode};
use crate::model::{ClientId, EventReceiver, EventState, OutboxEvent};

/// An event as a CloudEvents 1.0 object in JSON.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CloudEventView<'a> {
    pub specversion: &'static str,
    /// Stays the same however often it is sent.
    pub id: &'a str,
    /// The queue: its file.
    pub source: &'a str,
    /// `callq.` and the type.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(serialize_with = "encode::instant")]
    pub time: DateTime<Utc>,
    /// What it is about: `item/42`, `number/+12125550117`, `client/acme` or `queue`.
    pub subject: String,
    pub datacontenttype: &'static str,
    pub data: EventDataView<'a>,
}

/// What happened. Item and attempt are as they were then; what is not kept with the event is as it is now.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct EventDataView<'a> {
    /// None for what concerns all clients.
    #[serde(serialize_with = "encode::optional_client")]
    pub client_id: Option<ClientId>,
    pub item_id: Option<u64>,
    pub lead_id: Option<&'a str>,
    pub attempt_id: Option<String>,
    pub run_id: Option<String>,
    /// What placed the call: `command`, `retell` or `simulate`.
    pub dispatcher: Option<&'a str>,
    /// Who did it.
    pub by: Option<&'a str>,
    pub reason: Option<&'a str>,
    /// The fields of the item that a person or a rule changed.
    pub changed: &'a [String],
    /// None for an event without an item, and once the item is pruned.
    pub item: Option<ItemView<'a>>,
    pub attempt: Option<AttemptView<'a>>,
    /// The entry of the do-not-call list.
    pub entry: Option<DncEntryView>,
}

/// An event that waits for a receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EventView {
    pub id: u64,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(serialize_with = "encode::instant")]
    pub at: DateTime<Utc>,
    #[serde(serialize_with = "encode::optional_client")]
    pub client_id: Option<ClientId>,
    pub item_id: Option<u64>,
    pub lead_id: Option<String>,
    /// The command of the hook, or the address of the webhook without its query.
    pub receiver: String,
    /// `waiting`, `failing` or `dead`.
    pub state: &'static str,
    /// Deliveries that failed.
    pub failures: u32,
    /// When it is sent again; none for at once, and for a dead one.
    #[serde(serialize_with = "encode::optional_instant")]
    pub next_try_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
    /// Whether the configuration still has its receiver.
    pub configured: bool,
}

impl EventView {
    /// The row of an event, when these are the receivers of the configuration.
    pub(crate) fn new(event: OutboxEvent, receivers: &[EventReceiver]) -> EventView {
        let configured = receivers.iter().any(|receiver| receiver.name == event.receiver);
        EventView {
            id: event.id.unsigned_abs(),
            kind: event.kind.as_str(),
            at: event.at,
            client_id: event.client,
            item_id: event.item.as_ref().map(|item| item.id.get()),
            lead_id: event.item.map(|item| item.lead.to_string()),
            receiver: event.receiver,
            state: event.state.as_str(),
            failures: event.failures,
            next_try_at: event.next_try_at.filter(|_| event.state != EventState::Dead),
            last_error: event.last_error,
            configured,
        }
    }
}

/// How many events a command changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct EventCountView {
    pub events: u64,
}

/// What `events deliver` did, and what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct DeliveryView {
    pub delivered: u64,
    /// Deliveries that failed.
    pub failed: u64,
    /// Events that are still to be delivered.
    pub waiting: u64,
    pub dead: u64,
}
