//! Imports the copy of a registry in short transactions beside the one in use, and swaps it in whole.

use std::time::Duration;

use super::pace::{Pace, WORK, rest};
use crate::interrupt::Interrupt;
use crate::model::{Gate, RegistryCopy};
use crate::store::{NewRegistryCopy, StepClock, Store, StoreError, StoreResult};

/// The first transaction takes this number of numbers; how long it took tells how many the next one may.
const FIRST: usize = 4_096;

/// No transaction takes more.
const MOST: usize = 131_072;

/// This number of items is put back into the queue in one transaction.
const LET_GO_AT_ONCE: usize = 500;

pub(crate) struct RegistryImport<'a> {
    pub copy: NewRegistryCopy<'a>,
    /// Less than half of the numbers of the copy in use are enough.
    pub may_shrink: bool,
    /// The time since any fixed moment, by a clock that never goes back.
    pub elapsed: &'a dyn Fn() -> Duration,
    /// What asks to stop.
    pub interrupt: &'a dyn Interrupt,
}

/// How an import ended. Only [`ImportEnd::Swapped`] changed what counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImportEnd {
    /// The copy is in use.
    Swapped(RegistryCopy),
    /// It has less than half of the numbers of the one in use.
    Shrunk {
        /// The numbers of the copy in use.
        from: u64,
        to: u64,
    },
    /// Another import of the same registry began meanwhile.
    Overtaken,
    /// A signal ended it.
    Stopped(u8),
}

impl RegistryImport<'_> {
    /// Reads sorted numbers from `next` until it gives none, and puts the copy in use. Whatever fails, the old one stands.
    ///
    /// # Errors
    /// What `next` reports, or when the database fails.
    pub(crate) fn run<E: From<StoreError>>(
        &self,
        store: &mut Store,
        next: &mut dyn FnMut() -> Result<Vec<i64>, E>,
    ) -> Result<ImportEnd, E> {
        store.prepare_steps()?;
        let generation = store.begin_registry(&self.copy)?;
        let end = self.load(store, generation, next);
        if !matches!(end, Ok(ImportEnd::Swapped(_))) {
            store.give_up_registry(generation)?;
        }
        if matches!(end, Ok(ImportEnd::Swapped(_))) {
            self.let_go(store)?;
        }
        // What is left after an error a later import deletes.
        if end.is_ok() {
            self.delete_old(store)?;
        }
        end
    }

    fn load<E: From<StoreError>>(
        &self,
        store: &mut Store,
        generation: i64,
        next: &mut dyn FnMut() -> Result<Vec<i64>, E>,
    ) -> Result<ImportEnd, E> {
        let (mut pace, mut freed) = (Pace::new(FIRST, MOST), None);
        loop {
            let numbers = next()?;
            let mut left = numbers.as_slice();
            if left.is_empty() {
                return Ok(self.swap(store, generation)?);
            }
            while !left.is_empty() {
                if let Some(signal) = rest(freed, self.elapsed, self.interrupt) {
                    return Ok(ImportEnd::Stopped(signal));
                }
                let (some, _) = left.split_at(pace.rows().min(left.len()));
                let Some(step) = store.add_registry_numbers(generation, some, self.clock())? else {
                    return Ok(ImportEnd::Overtaken);
                };
                freed = Some((self.elapsed)());
                store.move_log()?;
                pace = pace.after(step.done, step.took);
                left = left.get(step.done..).unwrap_or_default();
            }
        }
    }

    fn swap(&self, store: &mut Store, generation: i64) -> StoreResult<ImportEnd> {
        let Some(to) = store.loaded_numbers(generation)? else { return Ok(ImportEnd::Overtaken) };
        let from = store.registry(self.copy.name)?.map_or(0, |copy| copy.numbers);
        if to < from.div_ceil(2) && !self.may_shrink {
            return Ok(ImportEnd::Shrunk { from, to });
        }
        Ok(store.swap_registry(self.copy.name, generation)?.map_or(ImportEnd::Overtaken, ImportEnd::Swapped))
    }

    /// Puts back into the queue what waits for a copy of a registry.
    fn let_go(&self, store: &mut Store) -> StoreResult<()> {
        let mut freed = None;
        for items in store.blocked_by(Gate::Registry)?.chunks(LET_GO_AT_ONCE) {
            rest(freed, self.elapsed, self.interrupt);
            store.let_go(items, Gate::Registry)?;
            freed = Some((self.elapsed)());
        }
        Ok(())
    }

    /// Deletes the numbers of copies that are not in use. What a signal leaves, the next import deletes.
    fn delete_old(&self, store: &mut Store) -> StoreResult<()> {
        let (mut pace, mut freed) = (Pace::new(FIRST, MOST), None);
        while rest(freed, self.elapsed, self.interrupt).is_none() {
            let Some(step) = store.delete_old_registry(pace.rows(), self.clock())? else { break };
            freed = Some((self.elapsed)());
            store.move_log()?;
            pace = pace.after(step.done, step.took);
        }
        Ok(())
    }

    fn clock(&self) -> StepClock<'_> {
        StepClock { elapsed: self.elapsed, at_most: WORK }
    }
}
