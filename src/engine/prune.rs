//! Prunes in short transactions, between which other programs write.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::pace::{Pace, WORK, rest};
use crate::dispatch::LeaseFolder;
use crate::interrupt::Interrupt;
use crate::model::{ClientId, ItemId};
use crate::scheduler::{Policy, PolicyBook};
use crate::store::{DayOf, Prunable, Prune, Pruned, StepClock, Store, StoreError, StoreResult};

/// Before when items must have changed last to go: who was called less than `recall_after` ago stays known.
pub(crate) struct Cutoffs {
    pub(crate) usual: DateTime<Utc>,
    pub(crate) of_clients: Vec<(ClientId, DateTime<Utc>)>,
}

impl Cutoffs {
    pub(crate) fn of(policies: &PolicyBook, before: DateTime<Utc>, now: DateTime<Utc>) -> Cutoffs {
        let cutoff = |policy: &Policy| {
            let lately = now.checked_sub_signed(policy.recall_after).unwrap_or(DateTime::<Utc>::MIN_UTC);
            before.min(lately)
        };
        let usual = cutoff(policies.defaults());
        let of_clients = policies.clients().map(|client| (client.clone(), cutoff(policies.of(client))));
        Cutoffs { usual, of_clients: of_clients.filter(|(_, cutoff)| *cutoff != usual).collect() }
    }
}

/// The items that the first transaction deletes; its time says how many the next one may.
const FIRST: usize = 64;

/// No transaction deletes more.
const MOST: usize = 8_192;

/// What a prune goes by.
pub(crate) struct Pruning<'a> {
    pub prune: Prune<'a>,
    /// Days on the calendars of clients.
    pub day_of: &'a DayOf<'a>,
    /// The leases of calls: an item of a call that has one stays. Without its attempt a lease would look like that of a
    /// call that the database forgot.
    pub leases: &'a LeaseFolder,
    /// The time since any fixed moment, by a clock that never goes back.
    pub elapsed: &'a dyn Fn() -> Duration,
    /// What asks to stop.
    pub interrupt: &'a dyn Interrupt,
}

impl Pruning<'_> {
    /// Deletes what may go, and tells `done` after each step how far it has come. Gives back the signal that ended it
    /// before its end.
    ///
    /// # Errors
    /// When the database or the leases fail; the steps that are done stay done.
    pub(crate) fn run(&self, store: &mut Store, done: &mut dyn FnMut(ItemId, Pruned)) -> StoreResult<Option<u8>> {
        store.prepare_steps()?;
        let (mut pace, mut after) = (Pace::new(FIRST, MOST), None);
        let mut freed = None;
        loop {
            let read = store.prunable(&self.prune, after, pace.rows())?;
            let Some(last) = read.last() else { break };
            let going = self.without_leases(store, &read)?;
            if going.is_empty() {
                after = Some(last.id);
                continue;
            }
            if let Some(signal) = self.rest(freed) {
                return Ok(Some(signal));
            }
            let step = store.prune(&self.prune, &going, self.day_of, self.clock())?;
            freed = Some((self.elapsed)());
            store.move_log()?;
            let seen = if step.done < going.len() { going.get(step.done.saturating_sub(1)) } else { Some(last) };
            after = seen.map(|item| item.id);
            pace = pace.after(step.done, step.took);
            done(after.unwrap_or(last.id), step.pruned);
        }
        self.prune_runs(store, freed)
    }

    /// The items without an attempt that has a lease, or one on disk that a power loss would bring back.
    ///
    /// Nobody has to be kept out for it: the items were settled when they were read, so that all leases of theirs were
    /// made before; and one that is called again before it is deleted has an attempt more, and stays.
    fn without_leases(&self, store: &Store, read: &[Prunable]) -> StoreResult<Vec<Prunable>> {
        let failed =
            |source| StoreError::Io { action: "read the leases in", path: self.leases.path().to_owned(), source };
        let leased = self.leases.attempts().map_err(failed)?;
        self.leases.sync().map_err(failed)?;
        let kept = store.items_of(&leased)?;
        Ok(read.iter().filter(|item| !kept.contains(&item.id)).copied().collect())
    }

    /// Deletes the runs that have no attempt any more.
    fn prune_runs(&self, store: &mut Store, mut freed: Option<Duration>) -> StoreResult<Option<u8>> {
        let idle = store.idle_runs(self.prune.before)?;
        let (mut pace, mut next) = (Pace::new(FIRST, MOST), 0);
        while next < idle.runs.len() {
            if let Some(signal) = self.rest(freed) {
                return Ok(Some(signal));
            }
            let step = store.prune_runs(&idle, next..next.saturating_add(pace.rows()), self.clock())?;
            freed = Some((self.elapsed)());
            store.move_log()?;
            next = next.saturating_add(step.done);
            pace = pace.after(step.done, step.took);
        }
        Ok(None)
    }

    fn rest(&self, freed: Option<Duration>) -> Option<u8> {
        rest(freed, self.elapsed, self.interrupt)
    }

    fn clock(&self) -> StepClock<'_> {
        StepClock { elapsed: self.elapsed, at_most: WORK }
    }
}
