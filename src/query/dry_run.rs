//! What a run would call now, in its order, without calling anybody.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::selection::{Selected, Selection, SelectionQueue, SelectionRequest};
use crate::contract::{Gate, Verdict};
use crate::gates::{self, RunFacts};
use crate::model::{ClientId, Item, ItemId, LawPolicy, NumberCall, NumberFacts, NumberUse, PhoneNumber};
use crate::scheduler::PolicyBook;
use crate::store::{QueueReader, Store, StoreError, StoreResult};

/// The items that a run at `now` would call, as `max_concurrent` and `max_per_minute` free up: what the claim selects, read
/// only.
pub(crate) struct DryRun<'a> {
    store: &'a Store,
    policies: &'a PolicyBook,
    client: Option<&'a ClientId>,
    now: DateTime<Utc>,
}

impl<'a> DryRun<'a> {
    /// A look at the items of a client, or of all.
    pub(crate) fn new(
        store: &'a Store,
        policies: &'a PolicyBook,
        client: Option<&'a ClientId>,
        now: DateTime<Utc>,
    ) -> DryRun<'a> {
        DryRun { store, policies, client, now }
    }

    /// Gives the items to `show`, up to `limit`. Of items that share a number, a run calls the second one when the call of
    /// the first has ended: they come last. Gives back the first closed gate of each client that cannot call all of its items.
    ///
    /// # Errors
    /// When the database cannot be read, or what `show` says.
    pub(crate) fn each<E: From<StoreError>>(
        &self,
        limit: u64,
        mut show: impl FnMut(Item) -> Result<(), E>,
    ) -> Result<BTreeMap<ClientId, Verdict>, E> {
        let DryRun { store, policies, client, now } = *self;
        let mut queue =
            Reading { store, policies, named: HashMap::new(), named_again: HashMap::new(), later: Vec::new() };
        let passed_over = &HashSet::new();
        let law = gates::law_in_force(policies);
        let request = SelectionRequest { policies, client, passed_over, look_only: true, law, now };
        let mut selection = Selection::open(&queue, &request)?;
        let (mut left, mut is_more) = (limit, true);
        while left > 0 && is_more {
            // One reading of the database for many items: its locks would cost more than the items.
            store.at_one_instant(|_| {
                for _ in 0..left.min(ITEMS_A_READING) {
                    let Some((_, Selected { item, .. })) = selection.next(&mut queue)? else {
                        is_more = false;
                        break;
                    };
                    queue.note(&item);
                    show(item)?;
                    left -= 1;
                }
                Ok::<(), E>(())
            })?;
        }
        let later = queue.later.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX));
        for id in later {
            if let Some(item) = store.item(id)? {
                show(item)?;
            }
        }
        Ok(selection.blocked)
    }
}

/// A reading of the database keeps its log from being shortened: it ends after this many items.
const ITEMS_A_READING: u64 = 1_000;

/// The queue as it stands, and what was named already.
struct Reading<'a> {
    store: &'a Store,
    policies: &'a PolicyBook,
    /// The numbers that were named, as numbers (E.164 has at most 15 digits), each with the item whose call is the first.
    named: HashMap<u64, ItemId>,
    /// The items whose calls to a named number come after the first.
    named_again: HashMap<u64, Vec<ItemId>>,
    /// Items whose number was named before.
    later: Vec<ItemId>,
}

fn digits(item: &Item) -> Option<u64> {
    item.phone.as_ref().map(PhoneNumber::digits)
}

impl Reading<'_> {
    /// Notes the call of an item.
    fn note(&mut self, item: &Item) {
        let Some(number) = digits(item) else { return };
        match self.named.entry(number) {
            Entry::Vacant(free) => {
                free.insert(item.id);
            }
            Entry::Occupied(_) => self.named_again.entry(number).or_default().push(item.id),
        }
    }

    fn is_named(&self, item: &Item) -> bool {
        digits(item).is_some_and(|number| self.named.contains_key(&number))
    }

    /// The calls to the number of an item that the run would have made before.
    fn calls_before(&self, item: &Item, now: DateTime<Utc>) -> StoreResult<Vec<NumberCall>> {
        let Some(number) = digits(item) else { return Ok(Vec::new()) };
        let more = self.named_again.get(&number).map(Vec::as_slice).unwrap_or_default();
        let mut calls = Vec::new();
        for id in self.named.get(&number).into_iter().chain(more) {
            if let Some(Item { id, client, .. }) = self.store.item(*id)? {
                let LawPolicy { purpose, voice, .. } = self.policies.of(&client).law;
                let voice = Some(voice);
                calls.push(NumberCall { item: id, client, started_at: now, reached: None, purpose, voice });
            }
        }
        Ok(calls)
    }
}

impl SelectionQueue for Reading<'_> {
    fn reader(&self) -> QueueReader<'_> {
        self.store.reader()
    }

    fn run_facts(&self, _: &ClientId) -> Option<RunFacts> {
        Some(RunFacts::default())
    }

    fn closed_provider(&mut self, _: &ClientId) -> Option<Verdict> {
        None
    }

    fn number_facts(&self, item: &Item, look_back: TimeDelta, now: DateTime<Utc>) -> StoreResult<NumberFacts> {
        let mut facts = self.reader().number_facts(item, look_back, now)?;
        if self.is_named(item) {
            facts.calls.extend(self.calls_before(item, now)?);
            let named = NumberUse { item: item.id, client: item.client.clone(), started_at: now, until: None };
            facts.in_use = facts.in_use.or(Some(named));
        }
        Ok(facts)
    }

    fn closed(&mut self, item: &Item, verdict: &Verdict) -> StoreResult<bool> {
        if verdict.gate == Gate::NumberInUse && self.is_named(item) {
            self.note(item);
            self.later.push(item.id);
        }
        Ok(true)
    }
}
