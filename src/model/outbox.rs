//! Events: their types, their receivers, and an event that waits for its receiver.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::choices::choice;
use super::{AttemptId, ClientId, DoNotCallEntry, Item, ItemId, LeadId, Outcome, PhoneNumber, Priority, RunId, Status};

choice! {
    /// What an event tells.
    EventType, "event type" {
        ItemAdded = "item.added",
        ItemChanged = "item.changed",
        ItemCancelled = "item.cancelled",
        /// A person has to decide.
        ItemHeld = "item.held",
        CallStarted = "call.started",
        CallFinished = "call.finished",
        /// The window of a promised call passed without it.
        CallbackMissed = "callback.missed",
        NumberBlocked = "number.blocked",
        /// The breaker stopped the client for a run.
        DispatcherFailing = "dispatcher.failing",
        /// A run called somebody, and nothing more is due and allowed.
        QueueDrained = "queue.drained",
    }
}

impl EventType {
    fn bit(self) -> u16 {
        EventType::ALL.iter().position(|kind| *kind == self).map_or(0, |place| 1 << place)
    }
}

/// A hook or a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventReceiver {
    /// Names it in the database and in lists: the command, or the address without its query.
    pub name: String,
    pub events: Vec<EventType>,
    /// Only events of these clients, and those that concern no single client; all when empty.
    pub clients: Vec<ClientId>,
    pub target: EventTarget,
}

/// Where events go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventTarget {
    /// A program and its arguments.
    Hook {
        command: Vec<String>,
    },
    Webhook {
        url: String,
        secret: SecretPlace,
    },
}

/// Where the secret of a webhook is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPlace {
    Variable(String),
    File(PathBuf),
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretPlace::Variable(name) => write!(f, "the variable `{name}`"),
            SecretPlace::File(path) => write!(f, "the file {}", path.display()),
        }
    }
}

/// The receivers of a configuration. Copies share them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventReceivers {
    all: Arc<[EventReceiver]>,
    /// The types that any of them wants, a bit each.
    wanted: u16,
}

impl EventReceivers {
    pub fn all(&self) -> &[EventReceiver] {
        &self.all
    }

    /// Whether any of them wants events of a type.
    pub fn want(&self, kind: EventType) -> bool {
        self.wanted & kind.bit() != 0
    }

    /// Whether nothing is to be told at all.
    pub fn is_empty(&self) -> bool {
        self.wanted == 0
    }
}

impl FromIterator<EventReceiver> for EventReceivers {
    fn from_iter<I: IntoIterator<Item = EventReceiver>>(receivers: I) -> EventReceivers {
        let all: Arc<[EventReceiver]> = receivers.into_iter().collect();
        let wanted = all.iter().flat_map(|receiver| &receiver.events).fold(0, |bits, kind| bits | kind.bit());
        EventReceivers { all, wanted }
    }
}

/// What an item was at the moment of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemMoment {
    pub id: ItemId,
    pub lead: LeadId,
    pub status: Status,
    pub held: bool,
    pub priority: Priority,
    pub scheduled_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub phone: Option<PhoneNumber>,
    pub attempts: u32,
    pub counted_attempts: u32,
    pub max_retries: u32,
    pub last_reason: Option<String>,
}

impl ItemMoment {
    /// The item as it was at the moment, which ended at an instant. What is not kept is as it is now.
    pub fn applied_to(&self, now: Item, at: DateTime<Utc>) -> Item {
        Item {
            status: self.status,
            held: self.held,
            priority: self.priority,
            scheduled_at: self.scheduled_at,
            expires_at: self.expires_at,
            phone: self.phone.clone(),
            attempts: self.attempts,
            counted_attempts: self.counted_attempts,
            max_retries: self.max_retries,
            last_reason: self.last_reason.clone(),
            not_before: None,
            blocked_by: None,
            updated_at: at,
            ..now
        }
    }
}

/// An event for one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEvent {
    /// The same for all its receivers; they follow one another.
    pub id: i64,
    pub receiver: String,
    pub kind: EventType,
    pub at: DateTime<Utc>,
    /// Who did it, where the event itself says so.
    pub by: Option<String>,
    pub client: Option<ClientId>,
    pub item: Option<ItemMoment>,
    pub attempt: Option<AttemptId>,
    /// How the attempt ended.
    pub outcome: Option<Outcome>,
    pub reason: Option<String>,
    /// The fields that changed.
    pub changed: Vec<String>,
    /// The entry of the do-not-call list.
    pub entry: Option<Box<DoNotCallEntry>>,
    pub run: Option<RunId>,
    pub state: EventState,
    /// How often it was sent in vain.
    pub failures: u32,
    pub first_try_at: Option<DateTime<Utc>>,
    pub next_try_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

choice! {
    /// How far an event has come.
    EventState, "state" {
        Waiting = "waiting",
        /// It was sent in vain, and is sent again.
        Failing = "failing",
        /// It is not sent any more.
        Dead = "dead",
    }
}
