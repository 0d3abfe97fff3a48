//! The claim of a turn: what the selection takes gets an attempt and a lease, in one transaction.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use chrono::{DateTime, Utc};

use crate::compliance::KeptPolicy;
use crate::contract::{Evidence, Gate, ProviderState, Verdict};
use crate::dispatch::{AccountId, Lease, LeaseFolder, Outage, Provider, ProviderAccount};
use crate::engine::breaker::Breaker;
use crate::engine::provider::{Capacities, ProviderCapacity};
use crate::gates::{self, Consequence, RunFacts};
use crate::model::{Actor, AttemptId, ClientId, Item, ItemId, RunId};
use crate::query::{Selected, Selection, SelectionQueue, SelectionRequest};
use crate::random::Random;
use crate::scheduler::PolicyBook;
use crate::store::{ClaimTransaction, Claimed, ClientState, NewAttempt, QueueReader, StoreError, StoreResult};

/// What the claim of one turn goes by.
pub(super) struct ClaimRequest<'a> {
    pub(super) policies: &'a PolicyBook,
    /// Only items of this client.
    pub(super) client: Option<&'a ClientId>,
    /// The most items.
    pub(super) limit: usize,
    pub(super) breaker: &'a Breaker,
    /// Items that this run leaves alone.
    pub(super) passed_over: &'a HashSet<ItemId>,
    /// Calls of each client that this run has in flight.
    pub(super) in_flight: &'a HashMap<ClientId, u32>,
    pub(super) leases: &'a LeaseFolder,
    /// The instants before which the provider takes no further call of a client.
    pub(super) waits: &'a HashMap<ClientId, DateTime<Utc>>,
    /// Knows which accounts with the provider have an outage.
    pub(super) provider: &'a dyn Provider,
    /// What the accounts with the provider take, before this turn.
    pub(super) capacities: &'a Capacities,
    pub(super) run: RunId,
    pub(super) run_started_at: DateTime<Utc>,
    pub(super) boot: Option<&'a str>,
    pub(super) by: &'a Actor,
    /// Stands for the caps in force.
    pub(super) law: i64,
    pub(super) kept: &'a KeptPolicies,
    pub(super) now: DateTime<Utc>,
}

/// The texts of policies that receipts refer to. A run makes each once; clients without a section share one.
#[derive(Debug, Default)]
pub(super) struct KeptPolicies(RefCell<HashMap<Option<ClientId>, Rc<KeptPolicy>>>);

impl KeptPolicies {
    fn of(&self, policies: &PolicyBook, client: &ClientId) -> Rc<KeptPolicy> {
        let section = policies.names(client).then(|| client.clone());
        let mut known = self.0.borrow_mut();
        known.entry(section).or_insert_with(|| Rc::new(KeptPolicy::of(policies.of(client)))).clone()
    }
}

/// What a turn claimed, and what it could not.
#[derive(Debug, Default)]
pub(super) struct ClaimBatch {
    /// The items that were claimed, each with its lease.
    pub(super) claimed: Vec<(Claimed, Lease)>,
    /// The first closed gate of each client with due items that could not call all of them.
    pub(super) blocked: BTreeMap<ClientId, Verdict>,
    /// How many items left the queue for a while: when any, there may be more.
    pub(super) held_back: usize,
    /// Items that failed uncalled, by reason: they are not to be called.
    pub(super) failed: BTreeMap<&'static str, u64>,
    /// The accounts whose free capacity the run has to ask for.
    pub(super) wanted: HashMap<AccountId, ProviderAccount>,
}

/// At most this many items are held back in one turn, so that the write lock is held briefly.
pub(super) const HELD_BACK_AT_ONCE: usize = 500;

/// Claims what may be called now, one item after the other, by the shares of the clients.
pub(super) fn claim(
    transaction: &mut ClaimTransaction<'_>,
    request: &ClaimRequest<'_>,
    random: &mut dyn Random,
) -> StoreResult<ClaimBatch> {
    let batch = ClaimBatch::default();
    let mut claim = Claim { transaction, request, random, batch, begun: HashMap::new() };
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
    /// The calls that were claimed in this turn, by account.
    begun: HashMap<AccountId, u32>,
}

impl Claim<'_, '_, '_> {
    fn all(&mut self) -> StoreResult<()> {
        let ClaimRequest { policies, client, limit, passed_over, now, .. } = *self.request;
        let request = SelectionRequest { policies, client, passed_over, look_only: false, law: self.request.law, now };
        let mut selection = Selection::open(self, &request)?;
        while self.batch.claimed.len() < limit
            && let Some((index, selected)) = selection.next(self)?
        {
            if let Some(client) = selection.client(index) {
                self.claim_one(client, selected)?;
            }
        }
        self.transaction.remember_turns(selection.clients(), now)?;
        self.batch.blocked = selection.blocked;
        Ok(())
    }

    /// Writes the attempt of an item, whose lease is taken before.
    fn claim_one(&mut self, client: &ClientState, selected: Selected) -> StoreResult<()> {
        let Selected { item, number } = selected;
        let ClaimRequest { policies, leases, run, run_started_at, boot, by, now, .. } = *self.request;
        let id = AttemptId::new(now, self.random.uuid_bytes());
        let lease = leases.take(id).map_err(|source| StoreError::Io {
            action: "take a lease in",
            path: leases.path().to_owned(),
            source,
        })?;
        let policy = policies.of(&item.client);
        let dispatch = &policy.dispatch;
        let kept = self.request.kept.of(policies, &item.client);
        let asked = gates::dial_record(&item, &number, policy, &kept, now);
        if let Some(account) = AccountId::of(dispatch) {
            *self.begun.entry(account).or_default() += 1;
        }
        let (dispatcher, at) = (dispatch.kind.as_str(), now);
        let attempt = NewAttempt { id, dispatcher, run, run_started_at, boot, by, at, asked: Some(&asked) };
        match self.transaction.claim_one(client, item, &attempt) {
            Ok(claimed) => {
                self.batch.claimed.push((claimed, lease));
                Ok(())
            }
            Err(error) => {
                lease.discard();
                Err(error)
            }
        }
    }
}

impl SelectionQueue for Claim<'_, '_, '_> {
    fn reader(&self) -> QueueReader<'_> {
        self.transaction.reader()
    }

    fn run_facts(&self, client: &ClientId) -> Option<RunFacts> {
        let ClaimRequest { breaker, waits, in_flight, .. } = *self.request;
        Some(RunFacts {
            fault: breaker.open_reason(client),
            waits_until: waits.get(client).copied(),
            is_proven: breaker.is_proven(client),
            in_flight: in_flight.get(client).copied().unwrap_or(0),
        })
    }

    fn closed_provider(&mut self, client: &ClientId) -> Option<Verdict> {
        let ClaimRequest { policies, capacities, provider, now, .. } = *self.request;
        let account = ProviderAccount::of(&policies.of(client).dispatch)?;
        let id = account.id();
        let closed = |state| Some(Verdict::of(Gate::ProviderCapacity, false, Evidence::Provider(state)));
        match provider.outage(&id) {
            None => {}
            Some(Outage::InDoubt) => return closed(ProviderState::InDoubt),
            Some(Outage::Silent(reason)) => return closed(ProviderState::Silent(reason)),
        }
        let begun = self.begun.get(&id).copied().unwrap_or(0);
        let capacity = capacities.of(&id, begun, account.poll_interval(), now);
        if capacity == ProviderCapacity::Unknown {
            self.batch.wanted.insert(id, account);
        }
        match capacity {
            ProviderCapacity::Available => None,
            ProviderCapacity::Exhausted => closed(ProviderState::Exhausted),
            ProviderCapacity::Unknown | ProviderCapacity::Pending => closed(ProviderState::Pending),
        }
    }

    fn closed(&mut self, item: &Item, verdict: &Verdict) -> StoreResult<bool> {
        let ClaimRequest { by, law, now, .. } = *self.request;
        match gates::consequence(verdict, now) {
            Consequence::Skip => {}
            Consequence::BlockUntil(until) => {
                self.transaction.hold_until(item.id, until, verdict.gate, law)?;
                self.batch.held_back += 1;
            }
            Consequence::Fail { event, reason, detail } => {
                self.transaction.fail_waiting(item, event, (reason, detail.as_deref()), by, now)?;
                *self.batch.failed.entry(reason).or_default() += 1;
            }
        }
        Ok(self.batch.held_back < HELD_BACK_AT_ONCE)
    }
}
