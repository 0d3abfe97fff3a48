//! The claim of a turn: clients take turns, the gates are asked, and what passes all of them is called.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use chrono::{DateTime, Utc};

use crate::contract::{Gate, ProviderState, Verdict};
use crate::dispatch::{Lease, LeaseFolder};
use crate::engine::breaker::Breaker;
use crate::engine::rooms::{Account, Room, Rooms};
use crate::gates::{self, ClientFacts, Consequence, RunFacts};
use crate::model::{Actor, AttemptId, ClientId, Item, ItemId, Priority, RetellSettings, RunId, ZoneName};
use crate::random::Random;
use crate::scheduler::{PolicyBook, Turn};
use crate::store::{Candidate, ClaimTransaction, Claimed, ClientState, Group, NewAttempt, StoreError, StoreResult};

/// At most this many candidates of a group are read at once.
const READ_AHEAD: usize = 64;

/// What the claim of one turn goes by.
pub(super) struct ClaimRequest<'a> {
    pub(super) policies: &'a PolicyBook,
    /// Only items of this client.
    pub(super) client: Option<&'a ClientId>,
    /// At most so many items.
    pub(super) limit: usize,
    pub(super) breaker: &'a Breaker,
    /// Items that this run leaves alone.
    pub(super) passed_over: &'a HashSet<ItemId>,
    /// Calls of each client that this run has in flight.
    pub(super) in_flight: &'a HashMap<ClientId, u32>,
    pub(super) leases: &'a LeaseFolder,
    /// The instants before which the provider takes no further call of a client.
    pub(super) waits: &'a HashMap<ClientId, DateTime<Utc>>,
    /// What the accounts with the provider take, before this turn.
    pub(super) rooms: &'a Rooms,
    pub(super) run: RunId,
    pub(super) run_started_at: DateTime<Utc>,
    pub(super) boot: Option<&'a str>,
    pub(super) by: &'a Actor,
    pub(super) now: DateTime<Utc>,
}

/// What a turn claimed, and what it could not.
#[derive(Debug, Default)]
pub(super) struct ClaimBatch {
    /// The items that were claimed, each with its lease.
    pub(super) claimed: Vec<(Claimed, Lease)>,
    /// The first closed gate of each client with due items that could not call all of them.
    pub(super) blocked: BTreeMap<ClientId, Verdict>,
    /// The accounts of which the run has to know how many more calls they take.
    pub(super) wanted: HashMap<Account, RetellSettings>,
}

/// Claims what may be called now, one item of each client in turn, the client that waited longest first.
pub(super) fn claim(
    transaction: &mut ClaimTransaction<'_>,
    request: &ClaimRequest<'_>,
    random: &mut dyn Random,
) -> StoreResult<ClaimBatch> {
    let mut claim =
        Claim { transaction, request, random, batch: ClaimBatch::default(), windows: HashMap::new(), begun: HashMap::new() };
    match claim.all() {
        Ok(()) => Ok(claim.batch),
        Err(error) => {
            claim.batch.discard();
            Err(error)
        }
    }
}

impl ClaimBatch {
    /// Removes the leases of a turn that was not committed.
    pub(super) fn discard(self) {
        self.claimed.into_iter().for_each(|(_, lease)| lease.discard());
    }
}

struct Claim<'c, 't, 'r> {
    transaction: &'c mut ClaimTransaction<'t>,
    request: &'c ClaimRequest<'r>,
    random: &'c mut dyn Random,
    batch: ClaimBatch,
    /// The closed windows of (client, zones, priority), none where it is open.
    windows: HashMap<(ClientId, Vec<ZoneName>, Priority), Option<Verdict>>,
    /// The calls that were claimed in this turn, by account.
    begun: HashMap<Account, u32>,
}

/// A client with free calls and at least one open group.
struct ClientTurn {
    state: ClientState,
    free: usize,
    readers: Vec<GroupReader>,
}

/// The due items of one open group, read ahead a few at a time in the order of the queue.
struct GroupReader {
    group: Group,
    buffer: VecDeque<Candidate>,
    last: Option<Candidate>,
    exhausted: bool,
}

impl Claim<'_, '_, '_> {
    fn all(&mut self) -> StoreResult<()> {
        let mut turns = self.open_turns()?;
        turns.sort_by_key(|turn| turn.state.turn_key());
        let mut turn_number = turns.iter().map(|turn| turn.state.last_turn).max().unwrap_or(0);
        let mut going = !turns.is_empty();
        while going {
            going = false;
            for turn in &mut turns {
                if turn.free == 0 || self.batch.claimed.len() >= self.request.limit {
                    continue;
                }
                if !self.provider_takes_another(&turn.state)? {
                    continue;
                }
                let Some(item) = self.next_callable(turn)? else {
                    turn.free = 0;
                    continue;
                };
                self.claim_one(&turn.state, item)?;
                turn.free -= 1;
                turn_number += 1;
                turn.state.last_turn = turn_number;
                going = true;
            }
        }
        self.transaction.remember_turns(turns.iter().map(|turn| &turn.state), self.request.now)
    }

    /// The clients that may call now, with their due groups whose window is open.
    fn open_turns(&mut self) -> StoreResult<Vec<ClientTurn>> {
        let mut turns: Vec<ClientTurn> = Vec::new();
        let mut closed: Option<ClientId> = None;
        for group in self.transaction.groups(self.request.client)? {
            if group.head > self.request.now || closed.as_ref() == Some(&group.client) {
                continue;
            }
            if turns.last().is_none_or(|turn| turn.state.client != group.client) {
                let limits = &self.request.policies.of(&group.client).limits;
                let state = self.transaction.client_of(&group, limits.max_per_minute, self.request.now)?;
                match self.free_calls(&state) {
                    Ok(free) => turns.push(ClientTurn { state, free: free as usize, readers: Vec::new() }),
                    Err(verdict) => {
                        closed = Some(group.client.clone());
                        self.batch.blocked.insert(group.client, verdict);
                        continue;
                    }
                }
            }
            if self.window_is_open(&group)
                && let Some(turn) = turns.last_mut()
            {
                turn.readers.push(GroupReader::new(group));
            }
        }
        turns.retain(|turn| !turn.readers.is_empty());
        Ok(turns)
    }

    fn free_calls(&self, state: &ClientState) -> Result<u32, Verdict> {
        let ClaimRequest { policies, now, .. } = *self.request;
        let run = self.run_facts(&state.client, None);
        let facts = ClientFacts { activity: &state.activity, run: Some(&run) };
        gates::free_calls(gates::of_client(&facts, None, policies.of(&state.client), now))
    }

    fn run_facts(&self, client: &ClientId, provider: Option<ProviderState>) -> RunFacts {
        let ClaimRequest { breaker, waits, in_flight, .. } = *self.request;
        RunFacts {
            fault: breaker.open_reason(client),
            waits_until: waits.get(client).copied(),
            is_proven: breaker.is_proven(client),
            in_flight: in_flight.get(client).copied().unwrap_or(0),
            provider,
        }
    }

    fn window_is_open(&mut self, group: &Group) -> bool {
        let ClaimRequest { policies, now, .. } = *self.request;
        let policy = policies.of(&group.client);
        let key = (group.client.clone(), group.zones.clone(), group.priority);
        let closed = self
            .windows
            .entry(key)
            .or_insert_with(|| gates::closed_window(policy, &group.zones, group.priority, now));
        if let Some(closed) = &closed {
            self.batch.blocked.entry(group.client.clone()).or_insert_with(|| closed.clone());
        }
        closed.is_none()
    }

    /// Whether the account of the client's provider takes a call beside those of this turn; the run asks where it does not
    /// know.
    fn provider_takes_another(&mut self, state: &ClientState) -> StoreResult<bool> {
        let ClaimRequest { policies, rooms, now, .. } = *self.request;
        let Some(settings) = &policies.of(&state.client).dispatch.retell else { return Ok(true) };
        let account = Account::of(settings);
        let begun = self.begun.get(&account).copied().unwrap_or(0);
        let room = rooms.room(&account, begun, settings.poll_interval, now);
        if room == Room::Unknown {
            self.batch.wanted.insert(account, settings.clone());
        }
        let provider = match room {
            Room::Free => return Ok(true),
            Room::Full => ProviderState::Exhausted,
            Room::Unknown | Room::Asked => ProviderState::Pending,
        };
        let run = self.run_facts(&state.client, Some(provider));
        let facts = ClientFacts { activity: &state.activity, run: Some(&run) };
        let verdicts = gates::of_client(&facts, None, policies.of(&state.client), now);
        let closed = verdicts.into_iter().find(|verdict| verdict.gate == Gate::ProviderCapacity);
        if let Some(closed) = closed {
            self.batch.blocked.insert(state.client.clone(), closed);
        }
        Ok(false)
    }

    /// The client's next item whose gates are all open. What a closed gate means for an item happens to it on the way.
    fn next_callable(&mut self, turn: &mut ClientTurn) -> StoreResult<Option<Item>> {
        let ClaimRequest { by, now, .. } = *self.request;
        'candidates: while let Some(candidate) = self.next_candidate(turn)? {
            let item = self.transaction.item(candidate.id)?;
            let number = self.transaction.number_facts(&item)?;
            for closed in gates::of_candidate(&item, &number, now).iter().filter(|verdict| !verdict.open) {
                match gates::consequence(closed) {
                    Consequence::Skip => {}
                    Consequence::HoldUntil(until) => self.transaction.hold_until(item.id, until)?,
                    Consequence::Fail(event) => self.transaction.fail_waiting(&item, event, by, now)?,
                }
                continue 'candidates;
            }
            return Ok(Some(item));
        }
        Ok(None)
    }

    /// The client's next due item by the order of the scheduler.
    fn next_candidate(&mut self, turn: &mut ClientTurn) -> StoreResult<Option<Candidate>> {
        let ClaimRequest { policies, passed_over, now, .. } = *self.request;
        let order = &policies.of(&turn.state.client).order;
        let mut first: Option<(Turn, usize)> = None;
        for (index, reader) in turn.readers.iter_mut().enumerate() {
            let Some(candidate) = reader.peek(self.transaction, passed_over, turn.free, now)? else { continue };
            let place = Turn::new(order, candidate.priority, candidate.scheduled_at, candidate.id, now);
            if first.is_none_or(|(first, _)| place < first) {
                first = Some((place, index));
            }
        }
        Ok(first.and_then(|(_, index)| turn.readers.get_mut(index)?.buffer.pop_front()))
    }

    /// Writes the attempt of an item, whose lease is taken before.
    fn claim_one(&mut self, client: &ClientState, item: Item) -> StoreResult<()> {
        let ClaimRequest { policies, leases, run, run_started_at, boot, by, now, .. } = *self.request;
        let id = AttemptId::new(now, self.random.uuid_bytes());
        let lease = leases.take(id).map_err(|source| StoreError::Io {
            action: "take a lease in",
            path: leases.path().to_owned(),
            source,
        })?;
        let dispatch = &policies.of(&item.client).dispatch;
        if let Some(settings) = &dispatch.retell {
            *self.begun.entry(Account::of(settings)).or_default() += 1;
        }
        let attempt = NewAttempt { id, dispatcher: dispatch.kind.as_str(), run, run_started_at, boot, by, at: now };
        match self.transaction.claim_one(client, item, &attempt) {
            Ok(claimed) => self.batch.claimed.push((claimed, lease)),
            Err(error) => {
                lease.discard();
                return Err(error);
            }
        }
        Ok(())
    }
}

impl GroupReader {
    fn new(group: Group) -> GroupReader {
        GroupReader { group, buffer: VecDeque::new(), last: None, exhausted: false }
    }

    /// The next item that the run does not leave alone; reads about as many ahead as are `wanted`.
    fn peek(
        &mut self,
        transaction: &ClaimTransaction<'_>,
        passed_over: &HashSet<ItemId>,
        wanted: usize,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<Candidate>> {
        loop {
            while let Some(candidate) = self.buffer.front() {
                if !passed_over.contains(&candidate.id) {
                    return Ok(Some(*candidate));
                }
                self.buffer.pop_front();
            }
            if self.exhausted {
                return Ok(None);
            }
            let limit = wanted.clamp(1, READ_AHEAD);
            self.buffer = transaction.due_in_group(&self.group, self.last, limit, now)?.into();
            self.exhausted = self.buffer.len() < limit;
            self.last = self.buffer.back().copied().or(self.last);
        }
    }
}
