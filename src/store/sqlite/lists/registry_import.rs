//! Writes the copy of a registry beside the one in use, in short steps, and swaps it in whole.
//!
//! A copy that is loading, or old, counts nowhere. An import that was killed leaves its numbers; the next one of the same
//! registry deletes them.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{OptionalExtension, params};

use super::registries::{current, stored_day};
use crate::model::{Actor, Coverage, RegistryCopy};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::maintenance::prune::StepClock;

/// The clock is read after this number of rows.
const ROWS_A_LOOK: usize = 256;

/// A copy to be imported.
#[derive(Debug, Clone, Copy)]
pub struct NewRegistryCopy<'a> {
    /// The registry.
    pub name: &'a str,
    /// The day on which the registry was like that.
    pub as_of: NaiveDate,
    pub covers: &'a Coverage,
    /// The days for which it may be used, where the import says so.
    pub max_age_days: Option<u32>,
    pub by: &'a Actor,
    pub now: DateTime<Utc>,
}

/// What one transaction of an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RegistryStep {
    /// The numbers that it has looked at, or deleted.
    pub done: usize,
    /// How long it kept other writers out.
    pub took: Duration,
}

impl Store {
    /// Begins a copy. One of the same registry that was begun before is given up. Gives back which copy it is.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn begin_registry(&mut self, new: &NewRegistryCopy<'_>) -> StoreResult<i64> {
        let transaction = self.write()?;
        transaction.execute("UPDATE registries SET state = 'old' WHERE name = ?1 AND state = 'loading'", [new.name])?;
        let generation = transaction.query_row(
            "INSERT INTO registries (name, state, as_of, covers, max_age_days, imported_at, by)
             VALUES (?1, 'loading', ?2, ?3, ?4, ?5, ?6) RETURNING generation",
            params![
                new.name,
                stored_day(new.as_of),
                new.covers.to_stored(),
                new.max_age_days,
                new.now.timestamp_millis(),
                new.by.as_str()
            ],
            |row| row.get(0),
        )?;
        transaction.commit()?;
        Ok(generation)
    }

    /// Adds the first of some numbers to a copy that is loading, as many as the time allows; those that it has already do not
    /// count again. None when another import of the same registry has begun since.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn add_registry_numbers(
        &mut self,
        generation: i64,
        numbers: &[i64],
        clock: StepClock<'_>,
    ) -> StoreResult<Option<RegistryStep>> {
        let transaction = self.write()?;
        let begun = (clock.elapsed)();
        let (mut done, mut added) = (0, 0);
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO registry_numbers (generation, number) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?;
            for numbers in numbers.chunks(ROWS_A_LOOK) {
                if done > 0 && (clock.elapsed)().saturating_sub(begun) >= clock.at_most {
                    break;
                }
                for number in numbers {
                    added += insert.execute(params![generation, number])?;
                }
                done += numbers.len();
            }
        }
        let counted = transaction.execute(
            "UPDATE registries SET numbers = registries.numbers + ?2 WHERE generation = ?1 AND state = 'loading'",
            params![generation, i64::try_from(added).unwrap_or(i64::MAX)],
        )?;
        if counted != 1 {
            transaction.rollback()?;
            return Ok(None);
        }
        transaction.commit()?;
        Ok(Some(RegistryStep { done, took: (clock.elapsed)().saturating_sub(begun) }))
    }

    /// How many numbers a copy that is loading has; none when it is given up.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn loaded_numbers(&self, generation: i64) -> StoreResult<Option<u64>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT numbers FROM registries WHERE generation = ?1 AND state = 'loading'")?;
        let numbers: Option<i64> = statement.query_row([generation], |row| row.get(0)).optional()?;
        Ok(numbers.map(i64::unsigned_abs))
    }

    /// Puts a copy in the place of the one in use. None when another import of the same registry has begun since.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn swap_registry(&mut self, name: &str, generation: i64) -> StoreResult<Option<RegistryCopy>> {
        let transaction = self.write()?;
        transaction.execute("UPDATE registries SET state = 'old' WHERE name = ?1 AND state = 'current'", [name])?;
        let swapped = transaction.execute(
            "UPDATE registries SET state = 'current' WHERE generation = ?1 AND state = 'loading'",
            [generation],
        )?;
        if swapped != 1 {
            transaction.rollback()?;
            return Ok(None);
        }
        let copy = current(&transaction, name)?;
        transaction.commit()?;
        Ok(copy)
    }

    /// Gives up a copy that is loading.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn give_up_registry(&mut self, generation: i64) -> StoreResult<()> {
        let transaction = self.write()?;
        transaction
            .execute("UPDATE registries SET state = 'old' WHERE generation = ?1 AND state = 'loading'", [generation])?;
        Ok(transaction.commit()?)
    }

    /// Deletes at most this number of numbers of copies that are not in use; none when there are no more.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn delete_old_registry(&mut self, most: usize, clock: StepClock<'_>) -> StoreResult<Option<RegistryStep>> {
        let find = "SELECT generation FROM registries WHERE state = 'old' ORDER BY generation LIMIT 1";
        // There are mostly no such rows, and it needs no write lock to see that.
        if !self.connection.prepare_cached(find)?.exists([])? {
            return Ok(None);
        }
        let transaction = self.write()?;
        let begun = (clock.elapsed)();
        let old: Option<i64> = transaction.query_row(find, [], |row| row.get(0)).optional()?;
        let Some(old) = old else { return Ok(None) };
        let done = transaction.execute(
            "DELETE FROM registry_numbers WHERE generation = ?1 AND number <= (
                 SELECT max(number) FROM (
                     SELECT number FROM registry_numbers WHERE generation = ?1 ORDER BY number LIMIT ?2
                 ) AS first
             )",
            params![old, i64::try_from(most).unwrap_or(i64::MAX)],
        )?;
        if done < most {
            transaction.execute("UPDATE registries SET state = 'deleted' WHERE generation = ?1", [old])?;
        }
        transaction.commit()?;
        Ok(Some(RegistryStep { done, took: (clock.elapsed)().saturating_sub(begun) }))
    }
}
