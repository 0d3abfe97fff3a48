//! What a run would call now, in its order, without calling anybody.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::run::selection::{Selection, SelectionQueue, SelectionRequest};
use crate::contract::Verdict;
use crate::gates::RunFacts;
use crate::model::{ClientId, Item};
use crate::scheduler::PolicyBook;
use crate::store::{QueueReader, Store, StoreResult};

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

    /// Gives the items to `show`, up to `limit`, at one instant of the database.
    ///
    /// # Errors
    /// When the database cannot be read, or what `show` says.
    pub fn each<E: From<crate::store::StoreError>>(
        &self,
        limit: u64,
        mut show: impl FnMut(Item) -> Result<(), E>,
    ) -> Result<(), E> {
        let DryRun { store, policies, client, now } = *self;
        let mut queue = Reading { store };
        let passed_over = &HashSet::new();
        let request = SelectionRequest { policies, client, passed_over, look_only: true, now };
        let mut selection = Selection::open(&queue, &request)?;
        for _ in 0..limit {
            let Some((_, item)) = selection.next(&mut queue)? else { break };
            show(item)?;
        }
        Ok(())
    }
}

/// The queue as it stands.
struct Reading<'a> {
    store: &'a Store,
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

    fn closed(&mut self, _: &Item, _: &Verdict) -> StoreResult<()> {
        Ok(())
    }
}
