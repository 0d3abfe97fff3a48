//! What the queue knows of a client's calls and of a number: the facts that gates are asked with.

use chrono::{DateTime, Utc};

use super::{ClientId, Consent, DoNotCallEntry, ItemId, Pause, Purpose, Reached, RegistryFacts, Voice};

/// What a client's calls are doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientActivity {
    /// Calls in progress, of every run.
    pub open_attempts: u32,
    /// Calls started in the 60 s before now, of every run; counted up to the limit that was asked for.
    pub started_last_minute: u32,
    /// When the oldest of those started: 60 s later another one may.
    pub oldest_start: Option<DateTime<Utc>>,
    /// Why the newest finished attempt placed no call, and when: the next run probes with one. None when it was placed.
    pub last_fault: Option<DispatcherFault>,
    /// The pauses that hold the client now, the older one first.
    pub pauses: Vec<Pause>,
}

/// Why a dispatcher placed no call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatcherFault {
    pub at: DateTime<Utc>,
    /// `cannot start /opt/dial: No such file or directory`.
    pub reason: Option<String>,
}

/// What is remembered of the turns of a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Served {
    /// The number of its last turn: the lower, the longer ago.
    pub last_turn: i64,
    /// Where its last call ended on the scale of calls, in 1/27,720ths.
    pub finish_tag: i64,
}

/// What the queue knows of a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberFacts {
    /// An entry of the do-not-call list closes it.
    pub do_not_call: Option<DoNotCallEntry>,
    /// What registries and consents say of it, as far as they were asked.
    pub lists: ListFacts,
    /// Another item uses it.
    pub in_use: Option<NumberUse>,
    /// The attempts to it, of all clients, as far back as was asked.
    pub calls: Vec<NumberCall>,
}

/// The questions to lists about a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuestions {
    /// These registries.
    pub registries: Vec<String>,
    /// The consents that the client has.
    pub consents: bool,
}

/// What lists say of a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListFacts {
    /// Each registry that was asked.
    pub registries: Vec<RegistryFacts>,
    /// What its person allowed the client, the best kind first.
    pub consents: Vec<Consent>,
}

/// An attempt to a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberCall {
    pub item: ItemId,
    pub client: ClientId,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How far it came; none while it goes on, and when nobody told.
    pub reached: Option<Reached>,
    /// What it was for, where that is known.
    pub purpose: Option<Purpose>,
    /// What spoke, where that is known.
    pub voice: Option<Voice>,
}

/// Who uses a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberUse {
    pub item: ItemId,
    pub client: ClientId,
    /// When its call began.
    pub started_at: DateTime<Utc>,
    /// None while a call is open; after an unknown outcome the number is taken until then.
    pub until: Option<DateTime<Utc>>,
}
