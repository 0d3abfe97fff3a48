//! What a run would call now, in its order, without calling anybody.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::selection::{Selection, SelectionQueue, SelectionRequest};
use crate::contract::{Gate, Verdict};
use crate::gates::{self, RunFacts};
use crate::model::{ClientId, Item, ItemId, NumberFacts, NumberUse};
use crate::scheduler::PolicyBook;
use crate::store::{QueueReader, Store, StoreError, StoreResult};

/// The items that a run at `now` would call, as `max_concurrent` and `max_per_minute` free up: what the claim selects, read
/// only.
pub struct DryRun<'a> {
    store: &'a Store,
    policies: &'a PolicyBook,
    client: Option<&'a ClientId>,
    now: DateTime<Utc>,
}

impl<'a> DryRun<'a> {
    /// A look at the items of a client, or of all.
    pub fn new(
        store: &'a Store,
        policies: &'a PolicyBook,
        client: Option<&'a ClientId>,
        now: DateTime<Utc>,
    ) -> DryRun<'a> {
        DryRun { store, policies, client, now }
    }

    /// Gives the items to `show`, up to `limit`. Of items that share a number, a run calls the second one when the call of
    /// the first has ended: they come last.
    ///
    /// # Errors
    /// When the database cannot be read, or what `show` says.
    pub fn each<E: From<StoreError>>(&self, limit: u64, mut show: impl FnMut(Item) -> Result<(), E>) -> Result<(), E> {
        let DryRun { store, policies, client, now } = *self;
        let mut queue = Reading { store, named: HashSet::new(), later: Vec::new() };
        let passed_over = &HashSet::new();
        let law = gates::law_in_force(policies);
        let request = SelectionRequest { policies, client, passed_over, look_only: true, law, now };
        let mut selection = Selection::open(&queue, &request)?;
        let (mut left, mut is_more) = (limit, true);
        while left > 0 && is_more {
            // One reading of the database for many items: its locks would cost more than the items.
            store.at_one_instant(|_| {
                for _ in 0..left.min(ITEMS_A_READING) {
                    let Some((_, item)) = selection.next(&mut queue)? else {
                        is_more = false;
                        break;
                    };
                    queue.named.extend(digits(&item));
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
        Ok(())
    }
}

/// A reading of the database keeps its log from being shortened: it ends after this many items.
const ITEMS_A_READING: u64 = 1_000;

/// The queue as it stands, and what was named already.
struct Reading<'a> {
    store: &'a Store,
    /// The numbers that were named, as numbers: E.164 has at most 15 digits.
    named: HashSet<u64>,
    /// Items whose number was named before.
    later: Vec<ItemId>,
}

fn digits(item: &Item) -> Option<u64> {
    item.phone.as_ref()?.as_str().trim_start_matches('+').parse().ok()
}

impl SelectionQueue for Reading<'_> {
    fn reader(&self) -> QueueReader<'_> {
        self.store.reader()
    }

    fn run_facts(&self, _: &ClientId) -> Option<RunFacts> {
        None
    }

    fn closed_provider(&mut self, _: &ClientId) -> Option<Verdict> {
        None
    }

    fn number_facts(&self, item: &Item, look_back: TimeDelta, now: DateTime<Utc>) -> StoreResult<NumberFacts> {
        let facts = self.reader().number_facts(item, look_back, now)?;
        let is_named = digits(item).is_some_and(|number| self.named.contains(&number));
        let named =
            is_named.then(|| NumberUse { item: item.id, client: item.client.clone(), started_at: now, until: None });
        Ok(NumberFacts { in_use: facts.in_use.or(named), ..facts })
    }

    fn closed(&mut self, item: &Item, verdict: &Verdict) -> StoreResult<bool> {
        let is_named = digits(item).is_some_and(|number| self.named.contains(&number));
        if verdict.gate == Gate::NumberInUse && is_named {
            self.later.push(item.id);
        }
        Ok(true)
    }
}
