//! The gates of the claim: pause, dispatcher, breaker, capacity, rate and window, asked inside its transaction.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::breaker::Breaker;
use super::rooms::{Account, Room, Rooms};
use super::zones::lead_zones;
use crate::dispatch::{Lease, LeaseFolder, Outage, RetellClient};
use crate::model::{
    AttemptId, ClientId, DispatchKind, Item, ItemId, Outcome, Priority, RetellSettings, ZoneName, to_text,
};
use crate::random::Random;
use crate::scheduler::{Policy, PolicyBook, Turn, is_open};
use crate::store::{Candidate, ClaimRules, ClientState, Group, NewAttempt, Pause, StoreError, StoreResult};

/// Why a client's due items are not called, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// No dispatcher is configured.
    NoDispatcher,
    /// Another reason, in words.
    Other(String),
}

impl Block {
    /// The reason for `client`, in words.
    pub(super) fn sentence(&self, client: &ClientId) -> String {
        match self {
            Block::NoDispatcher => format!(
                "no dispatcher: callq config set -c {client} dispatch.command '[\"/path/to/program\"]' and then \
                 callq config set -c {client} dispatch.kind command"
            ),
            Block::Other(reason) => reason.clone(),
        }
    }
}

/// Who paused what, and until when.
pub(super) fn pause_sentence(pause: &Pause) -> String {
    let whose = if pause.client.is_some() { "paused" } else { "everything is paused" };
    let until = pause.until.map(|until| format!(" until {}", to_text(until))).unwrap_or_default();
    format!("{whose}{until} by {}", pause.by)
}

/// The gates of a client that do not depend on an item: how many more calls may start now, or what holds them.
pub(super) fn client_slots(policy: &Policy, state: &ClientState) -> Result<u32, Block> {
    if policy.dispatch.kind == DispatchKind::None {
        return Err(Block::NoDispatcher);
    }
    if let Some(pause) = &state.pause {
        return Err(Block::Other(pause_sentence(pause)));
    }
    let free = policy.limits.max_concurrent.saturating_sub(state.open_attempts);
    if free == 0 {
        return Err(Block::Other(format!("at capacity: {} calls in progress", state.open_attempts)));
    }
    let left = match policy.limits.max_per_minute {
        0 => u32::MAX,
        most => most.saturating_sub(state.started_last_minute),
    };
    if left == 0 {
        return Err(Block::Other(format!("rate limit: {} calls started in the last 60 s", state.started_last_minute)));
    }
    Ok(free.min(left))
}

/// The rules of one turn.
pub(super) struct Rules<'a> {
    pub(super) policies: &'a PolicyBook,
    pub(super) now: DateTime<Utc>,
    pub(super) breaker: &'a Breaker,
    pub(super) passed_over: &'a HashSet<ItemId>,
    pub(super) in_flight: &'a HashMap<ClientId, u32>,
    pub(super) leases: &'a LeaseFolder,
    pub(super) random: &'a mut dyn Random,
    /// The instants before which the provider takes no further call of a client.
    pub(super) waits: &'a HashMap<ClientId, DateTime<Utc>>,
    /// Knows which accounts with the provider have an outage.
    pub(super) provider: &'a RetellClient,
    /// What the accounts with the provider take, before this turn.
    pub(super) rooms: &'a Rooms,
    /// What kept clients with due items from calling, in this turn.
    pub(super) blocked: BTreeMap<ClientId, Block>,
    /// The leases of the attempts that were claimed in this turn.
    pub(super) taken: HashMap<AttemptId, Lease>,
    /// Whether the windows of (client, zones, priority) are open now.
    pub(super) windows: HashMap<(ClientId, Vec<ZoneName>, Priority), bool>,
    /// The calls that were claimed in this turn, by account.
    pub(super) begun: HashMap<Account, u32>,
    /// The accounts of which has to be known how many more calls they take.
    pub(super) wanted: HashMap<Account, RetellSettings>,
}

impl Rules<'_> {
    fn answer(&self, state: &ClientState) -> Result<u32, Block> {
        if let Some(reason) = self.breaker.open_reason(&state.client) {
            return Err(Block::Other(format!("the dispatcher is at fault: {reason}")));
        }
        if let Some(until) = self.waits.get(&state.client).filter(|until| **until > self.now) {
            return Err(Block::Other(format!("the provider takes no call before {}", to_text(*until))));
        }
        let policy = self.policies.of(&state.client);
        let slots = client_slots(policy, state)?;
        let probing = state.last_outcome == Some(Outcome::Unavailable) && !self.breaker.is_proven(&state.client);
        if !probing {
            return Ok(slots);
        }
        match self.in_flight.get(&state.client) {
            Some(1..) => Err(Block::Other("one call probes whether the dispatcher works again".to_owned())),
            _ => Ok(1),
        }
    }
}

impl ClaimRules for Rules<'_> {
    fn most_a_minute(&self, client: &ClientId) -> u32 {
        self.policies.of(client).limits.max_per_minute
    }

    fn slots(&mut self, state: &ClientState) -> u32 {
        match self.answer(state) {
            Ok(slots) => slots,
            Err(block) => {
                self.blocked.insert(state.client.clone(), block);
                0
            }
        }
    }

    fn is_open(&mut self, group: &Group) -> bool {
        let key = (group.client.clone(), group.zones.clone(), group.priority);
        let (policies, now) = (self.policies, self.now);
        let open = *self.windows.entry(key).or_insert_with(|| {
            lead_zones(&group.zones)
                .is_ok_and(|zones| is_open(&policies.of(&group.client).hours, &zones, group.priority, now))
        });
        if !open {
            let block = Block::Other("window closed".to_owned());
            self.blocked.entry(group.client.clone()).or_insert(block);
        }
        open
    }

    fn has_room(&mut self, client: &ClientId) -> bool {
        let Some(settings) = &self.policies.of(client).dispatch.retell else { return true };
        let account = Account::of(settings);
        let outage = match self.provider.outage(&account) {
            None => None,
            Some(Outage::InDoubt) => {
                Some("a request of this account is in doubt: no other begins before it is settled".to_owned())
            }
            Some(Outage::Silent(reason)) => Some(format!("the provider does not answer: {reason}")),
        };
        if let Some(reason) = outage {
            self.blocked.insert(client.clone(), Block::Other(reason));
            return false;
        }
        let begun = self.begun.get(&account).copied().unwrap_or(0);
        let room = self.rooms.room(&account, begun, settings.poll_interval, self.now);
        let reason = match room {
            Room::Free => return true,
            Room::Full => "the provider takes no more calls of this account now",
            Room::Unknown | Room::Asked => "the provider is asked how many more calls it takes",
        };
        if room == Room::Unknown {
            self.wanted.insert(account, settings.clone());
        }
        self.blocked.insert(client.clone(), Block::Other(reason.to_owned()));
        false
    }

    fn order(&self, client: &ClientId, a: &Candidate, b: &Candidate) -> Ordering {
        let policy = &self.policies.of(client).order;
        let turn = |item: &Candidate| Turn::new(policy, item.priority, item.scheduled_at, item.id, self.now);
        turn(a).cmp(&turn(b))
    }

    fn passes_over(&self, item: ItemId) -> bool {
        self.passed_over.contains(&item)
    }

    fn begin(&mut self, item: &Item) -> StoreResult<NewAttempt> {
        let id = AttemptId::new(self.now, self.random.uuid_bytes());
        let lease = self.leases.take(id).map_err(|source| StoreError::Io {
            action: "take a lease in",
            path: self.leases.path().to_owned(),
            source,
        })?;
        self.taken.insert(id, lease);
        let dispatch = &self.policies.of(&item.client).dispatch;
        if let Some(settings) = &dispatch.retell {
            *self.begun.entry(Account::of(settings)).or_default() += 1;
        }
        Ok(NewAttempt { id, dispatcher: dispatch.kind.as_str() })
    }
}
