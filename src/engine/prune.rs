//! Prunes in short transactions, between which other programs write.

use std::time::Duration;

use crate::dispatch::LeaseFolder;
use crate::interrupt::Interrupt;
use crate::model::ItemId;
use crate::store::{Prunable, Prune, PruneStep, Pruned, StepClock, Store, StoreError, StoreResult};

/// What a transaction is to take, [`WORK`] for its statements and the rest for its commit: a third of what it may take, for
/// a disk that is busy.
const STEP: Duration = Duration::from_millis(35);

/// After so long a transaction deletes nothing more.
const WORK: Duration = Duration::from_millis(25);

/// How long the database is left to others between two transactions. Another program that waits for it tries again after
/// at most 25 ms during its first 128 ms: it is let in after one step.
const REST: Duration = Duration::from_millis(26);

/// The first transaction deletes so many items; how long it took tells how many the next one may.
const FIRST: usize = 64;

/// No transaction deletes more.
const MOST: usize = 8_192;

/// What a prune goes by.
pub struct Pruning<'a> {
    pub prune: Prune<'a>,
    /// The leases of calls: an item of a call that has one stays. Without its attempt a lease would look like that of a
    /// call that the database forgot.
    pub leases: &'a LeaseFolder,
    /// The time since any fixed moment, by a clock that never goes back.
    pub elapsed: &'a dyn Fn() -> Duration,
    /// What asks to stop.
    pub interrupt: &'a dyn Interrupt,
}

/// How many items or runs the next transaction takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pace(usize);

impl Pace {
    /// After a step: as many as it had done in the time of a step, at most twice as many as were planned.
    fn after(self, step: &PruneStep) -> Pace {
        let took = step.took.as_micros().max(1);
        let fitting = (step.done as u128).saturating_mul(STEP.as_micros()) / took;
        let fitting = usize::try_from(fitting).unwrap_or(MOST);
        Pace(fitting.clamp(1, self.0.saturating_mul(2).min(MOST)))
    }
}

impl Pruning<'_> {
    /// Deletes what may go, and tells `done` after each step how far it has come. Gives back the signal that ended it
    /// before its end.
    ///
    /// # Errors
    /// When the database or the leases fail; the steps that are done stay done.
    pub fn run(&self, store: &mut Store, done: &mut dyn FnMut(ItemId, Pruned)) -> StoreResult<Option<u8>> {
        store.prepare_steps()?;
        let (mut pace, mut after) = (Pace(FIRST), None);
        let mut freed = None;
        loop {
            let read = store.prunable(&self.prune, after, pace.0)?;
            let Some(last) = read.last() else { break };
            let going = self.without_leases(store, &read)?;
            if going.is_empty() {
                after = Some(last.id);
                continue;
            }
            if let Some(signal) = self.rest(freed) {
                return Ok(Some(signal));
            }
            let step = store.prune(&self.prune, &going, self.clock())?;
            freed = Some((self.elapsed)());
            store.move_log()?;
            let seen = if step.done < going.len() { going.get(step.done.saturating_sub(1)) } else { Some(last) };
            after = seen.map(|item| item.id);
            pace = pace.after(&step);
            done(after.unwrap_or(last.id), step.pruned);
        }
        self.prune_runs(store, freed)
    }

    /// The items of which no attempt has a lease, nor one on disk that a power loss would bring back.
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
        let (mut pace, mut next) = (Pace(FIRST), 0);
        while next < idle.runs.len() {
            if let Some(signal) = self.rest(freed) {
                return Ok(Some(signal));
            }
            let step = store.prune_runs(&idle, next..next.saturating_add(pace.0), self.clock())?;
            freed = Some((self.elapsed)());
            store.move_log()?;
            next = next.saturating_add(step.done);
            pace = pace.after(&step);
        }
        Ok(None)
    }

    /// Leaves the database to others for what is left of the rest after a step, and says which signal has come.
    fn rest(&self, freed: Option<Duration>) -> Option<u8> {
        if let Some(freed) = freed {
            let rested = (self.elapsed)().saturating_sub(freed);
            self.interrupt.pause(REST.saturating_sub(rested));
        }
        self.interrupt.signal()
    }

    fn clock(&self) -> StepClock<'_> {
        StepClock { elapsed: self.elapsed, at_most: WORK }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(planned: usize, done: usize, millis: u64) -> usize {
        let took = Duration::from_millis(millis);
        Pace(planned).after(&PruneStep { pruned: Pruned::default(), done, took }).0
    }

    #[test]
    fn a_step_takes_what_the_last_one_shows_to_fit() {
        assert_eq!(after(1_000, 1_000, 35), 1_000);
        assert_eq!(after(1_000, 1_000, 28), 1_250);
        assert_eq!(after(1_000, 1_000, 70), 500);
        assert_eq!(after(1_000, 300, 42), 250, "the time was over before all were done");
    }

    #[test]
    fn a_step_grows_slowly_and_stays_within_bounds() {
        assert_eq!(after(FIRST, FIRST, 1), 2 * FIRST, "a quick one says little");
        assert_eq!(after(MOST, MOST, 1), MOST);
        assert_eq!(after(64, 1, 60_000), 1, "one item is always looked at");
        assert_eq!(after(64, 64, 0), 128);
    }
}
