//! Deletes finished, old items with their attempts and changes, in short steps, and the runs that have no attempt left.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use crate::model::{AttemptId, ClientId, ItemId, Priority, RunId, Status};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::change::Changes;
use crate::store::sqlite::counters::metrics::AttemptCount;
use crate::store::sqlite::counters::pruned::{DayOf, LeavingAttempt, PrunedSums};
use crate::store::sqlite::counters::sums::ItemKind;
use crate::store::sqlite::read::filter::{Condition, Filter};
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::SETTLED;

/// Which items may go. Live and held ones never do.
#[derive(Debug, Clone, Copy)]
pub struct Prune<'a> {
    pub client: Option<&'a ClientId>,
    /// Only in these statuses; none means every finished one.
    pub statuses: &'a [Status],
    /// Only items that changed last before this instant.
    pub before: DateTime<Utc>,
    /// Only items without a call that began after this instant: such a call still counts for a cap.
    pub counted_since: DateTime<Utc>,
    /// The instants of clients that have another one.
    pub of_clients: &'a [(ClientId, DateTime<Utc>)],
}

/// How much was deleted, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    pub items: u64,
    pub attempts: u64,
}

/// An item that may go, as it was when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prunable {
    pub id: ItemId,
    attempts: i64,
}

/// The runs that have no attempt, as they were when they were read.
#[derive(Debug, Default)]
pub struct IdleRuns {
    pub runs: Vec<RunId>,
    /// The newest attempt of that moment.
    newest: Vec<u8>,
}

/// Bounds one transaction by time.
#[derive(Clone, Copy)]
pub struct StepClock<'a> {
    /// The time since any fixed moment, by a clock that never goes back.
    pub elapsed: &'a dyn Fn() -> Duration,
    /// After this time the step begins nothing more, and commits.
    pub at_most: Duration,
}

/// What one transaction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PruneStep {
    pub pruned: Pruned,
    /// How many of the items or runs that it was given it has looked at.
    pub done: usize,
    /// How long it kept other writers out.
    pub took: Duration,
}

/// Pages of the write-ahead log, 64 MiB, from which on it is to begin anew.
const LONG_LOG: i64 = 16_384;

/// So few pages are moved while other writers wait: without that a log to which others always add never begins anew.
const SHORT_REST: i64 = 250;

/// Whether a call of an item counts for a cap. None began after the item changed last.
const COUNTS: &str = "(updated_at > ? AND EXISTS (SELECT 1 FROM attempts WHERE attempts.item_id = items.id
     AND attempts.phone IS NOT NULL AND started_at > ? AND (reached IS NULL OR reached <> 'none')))";

impl Prune<'_> {
    fn condition(&self) -> Condition {
        let since = self.counted_since.timestamp_millis();
        let mut condition = self.finished();
        condition.and(&format!("NOT {COUNTS}"), [since.into(), since.into()]);
        condition
    }

    /// What may go, or would if no call of it counted for a cap.
    fn finished(&self) -> Condition {
        let filter = Filter { client: self.client.cloned(), statuses: self.statuses.to_vec(), ..Filter::default() };
        let mut condition = filter.condition();
        condition.and(SETTLED, []);
        let before = self.before.timestamp_millis();
        if self.of_clients.is_empty() {
            condition.and("updated_at < ?", [before.into()]);
        } else {
            let client = " WHEN (SELECT id FROM clients WHERE name = ?) THEN ?".repeat(self.of_clients.len());
            let values = self.of_clients.iter().flat_map(|(client, before)| {
                [Value::from(client.as_str().to_owned()), before.timestamp_millis().into()]
            });
            let values: Vec<Value> = values.chain([before.into()]).collect();
            condition.and(&format!("updated_at < CASE client_id{client} ELSE ? END"), values);
        }
        condition
    }
}

impl Store {
    /// Counts what may go.
    pub fn count_prunable(&self, prune: &Prune<'_>) -> StoreResult<Pruned> {
        let condition = prune.condition();
        let sql = format!("SELECT count(*), coalesce(sum(attempts), 0) FROM items WHERE {}", condition.sql());
        Ok(self.connection.query_row(&sql, params_from_iter(condition.values), |row| {
            Ok(Pruned { items: row.get::<_, i64>(0)?.unsigned_abs(), attempts: row.get::<_, i64>(1)?.unsigned_abs() })
        })?)
    }

    /// The attempts of each client that may go although their item changed at `since` or later; none without any.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn count_young(&self, prune: &Prune<'_>, since: DateTime<Utc>) -> StoreResult<Vec<(ClientId, u64)>> {
        let mut condition = prune.condition();
        condition.and("updated_at >= ?", [since.timestamp_millis().into()]);
        let sql = format!(
            "SELECT name, sum(attempts) FROM items CROSS JOIN clients ON clients.id = client_id
             WHERE {} GROUP BY name HAVING sum(attempts) > 0 ORDER BY name",
            condition.sql()
        );
        let mut statement = self.connection.prepare(&sql)?;
        let found = statement.query_map(params_from_iter(condition.values), |row| {
            Ok((rows::parsed(row, 0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// How many items stay only because a call of theirs counts for a cap.
    pub fn count_kept(&self, prune: &Prune<'_>) -> StoreResult<u64> {
        let since = prune.counted_since.timestamp_millis();
        let mut condition = prune.finished();
        condition.and(COUNTS, [since.into(), since.into()]);
        self.count_items(condition)
    }

    /// Sets this connection up for short steps: only [`Store::move_log`] moves the write-ahead log, which would make a commit
    /// long now and then, and 32 MiB hold all pages that a step changes.
    ///
    /// # Errors
    /// When the database fails.
    pub fn prepare_steps(&self) -> StoreResult<()> {
        self.connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        Ok(self.connection.pragma_update(None, "cache_size", -32_768)?)
    }

    /// Moves the write-ahead log into the database, as far as other programs allow it, without keeping them out.
    ///
    /// # Errors
    /// When the database fails.
    pub fn move_log(&self) -> StoreResult<()> {
        let (pages, moved): (i64, i64) =
            self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| Ok((row.get(1)?, row.get(2)?)))?;
        if pages > LONG_LOG && pages.saturating_sub(moved) < SHORT_REST {
            self.checkpoint();
        }
        Ok(())
    }

    /// The lowest and the highest id of all items, if there is one.
    pub fn item_ids(&self) -> StoreResult<Option<(ItemId, ItemId)>> {
        let end = |order: &str| {
            let sql = format!("SELECT id FROM items ORDER BY id {order} LIMIT 1");
            self.connection.query_row(&sql, [], |row| rows::item_id(row, 0)).optional()
        };
        Ok(end("ASC")?.zip(end("DESC")?))
    }

    /// The next `most` items that may go, by id, behind `after`.
    pub fn prunable(&self, prune: &Prune<'_>, after: Option<ItemId>, most: usize) -> StoreResult<Vec<Prunable>> {
        let mut condition = prune.condition();
        condition.and("id > ?", [after.map_or(0, ItemId::row).into()]);
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT id, attempts FROM items NOT INDEXED WHERE {} ORDER BY id LIMIT {most}",
            condition.sql()
        ))?;
        let items = statement.query_map(params_from_iter(condition.values), |row| {
            Ok(Prunable { id: rows::item_id(row, 0)?, attempts: row.get(1)? })
        })?;
        Ok(items.collect::<Result<_, _>>()?)
    }

    pub fn items_of(&self, attempts: &[AttemptId]) -> StoreResult<BTreeSet<ItemId>> {
        let mut item = self.connection.prepare_cached("SELECT item_id FROM attempts WHERE id = ?1")?;
        let mut items = BTreeSet::new();
        for attempt in attempts {
            items.extend(item.query_row([attempt.as_bytes()], |row| rows::item_id(row, 0)).optional()?);
        }
        Ok(items)
    }

    /// Deletes items that may still go and have no attempt more than when they were read, with their attempts and changes;
    /// durable when it returns. Keys stay known, and the sums of their attempts are kept, with the items of each day.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn prune(
        &mut self,
        prune: &Prune<'_>,
        items: &[Prunable],
        day_of: &DayOf<'_>,
        clock: StepClock<'_>,
    ) -> StoreResult<PruneStep> {
        let transaction = self.write()?;
        let begun = (clock.elapsed)();
        let mut step = PruneStep::default();
        let (mut changes, mut sums) = (Changes::default(), PrunedSums::new(day_of));
        for item in items {
            if step.done > 0 && (clock.elapsed)().saturating_sub(begun) >= clock.at_most {
                break;
            }
            step.done += 1;
            if delete_item(&transaction, prune, item, &mut changes, &mut sums)? {
                step.pruned.items += 1;
                step.pruned.attempts += item.attempts.unsigned_abs();
            }
        }
        sums.write(&transaction)?;
        changes.finish(&transaction)?;
        transaction.commit()?;
        step.took = (clock.elapsed)().saturating_sub(begun);
        Ok(step)
    }

    /// The runs that began before an instant and have no attempt. Reads the run of every attempt that is left.
    pub fn idle_runs(&self, before: DateTime<Utc>) -> StoreResult<IdleRuns> {
        self.at_one_instant(|store| {
            let newest = "SELECT coalesce(max(id), x'') FROM attempts";
            let newest = store.connection.query_row(newest, [], |row| row.get(0))?;
            let mut statement = store.connection.prepare(
                "SELECT id FROM runs WHERE started_at < ?1 AND id NOT IN (SELECT run_id FROM attempts) ORDER BY id",
            )?;
            let runs = statement.query_map([before.timestamp_millis()], |row| Ok(RunId::from_bytes(row.get(0)?)))?;
            Ok(IdleRuns { runs: runs.collect::<Result<_, _>>()?, newest })
        })
    }

    /// Deletes runs that still have no attempt, from the part `some` of `idle`. A run that goes on writes its row again with
    /// its next claim.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn prune_runs(&mut self, idle: &IdleRuns, some: Range<usize>, clock: StepClock<'_>) -> StoreResult<PruneStep> {
        let transaction = self.write()?;
        let begun = (clock.elapsed)();
        let mut step = PruneStep::default();
        {
            // Only a run that went on has an attempt now, and that is newer than all that were there.
            let mut newer = transaction.prepare_cached("SELECT run_id FROM attempts WHERE id > ?1")?;
            let busy = newer.query_map([&idle.newest], |row| row.get::<_, [u8; 16]>(0))?;
            let busy: HashSet<[u8; 16]> = busy.collect::<Result<_, _>>()?;
            let mut delete = transaction.prepare_cached("DELETE FROM runs WHERE id = ?1")?;
            for run in idle.runs.iter().take(some.end).skip(some.start) {
                if step.done > 0 && (clock.elapsed)().saturating_sub(begun) >= clock.at_most {
                    break;
                }
                step.done += 1;
                if !busy.contains(run.as_bytes()) {
                    delete.execute([run.as_bytes()])?;
                }
            }
        }
        transaction.commit()?;
        step.took = (clock.elapsed)().saturating_sub(begun);
        Ok(step)
    }
}

/// Deletes an item if it is still as it was read. Its attempts and changes go with it.
fn delete_item(
    connection: &Connection,
    prune: &Prune<'_>,
    item: &Prunable,
    changes: &mut Changes,
    sums: &mut PrunedSums<'_>,
) -> StoreResult<bool> {
    let mut condition = prune.condition();
    condition.and("id = ? AND attempts = ?", [item.id.row().into(), item.attempts.into()]);
    let mut present = connection.prepare_cached(&format!(
        "SELECT client_id, status, priority, held, tries > 1, first_slot_at FROM items NOT INDEXED WHERE {}",
        condition.sql()
    ))?;
    let kind = |row: &Row<'_>| {
        let priority = Priority::from_rank(row.get(2)?).unwrap_or(Priority::Low);
        let kind = ItemKind { status: rows::parsed(row, 1)?, priority, held: row.get(3)?, retried: row.get(4)? };
        Ok((row.get::<_, i64>(0)?, kind, row.get::<_, i64>(5)?))
    };
    let Some((client, kind, first_slot)) = present.query_row(params_from_iter(condition.values), kind).optional()?
    else {
        return Ok(false);
    };
    let mut attempts = connection.prepare_cached(
        "SELECT client_id, outcome, reason, duration_ms, business_ms, number, started_at FROM attempts
         WHERE item_id = ?1 ORDER BY number",
    )?;
    sums.add_item(connection, client, kind)?;
    let mut leaving = attempts.query([item.id.row()])?;
    while let Some(row) = leaving.next()? {
        let millis = |index| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(index)?.map(i64::unsigned_abs));
        let waited_ms = (row.get::<_, i64>(6)?.saturating_sub(first_slot)).max(0).unsigned_abs();
        let attempt = AttemptCount {
            outcome: rows::optional(row, 1)?,
            reason: row.get_ref(2)?.as_str_or_null().map_err(rusqlite::Error::from)?,
            duration_ms: millis(3)?,
            business_ms: millis(4)?,
            waited_ms: (row.get::<_, i64>(5)? == 1).then_some(waited_ms),
        };
        changes.remove_attempt(row.get(0)?, &attempt);
        let is_last = row.get::<_, i64>(5)? == item.attempts;
        let leaving = LeavingAttempt { started_at: rows::instant(row, 6)?, is_last, count: attempt };
        sums.add_attempt(client, kind, &leaving);
    }
    changes.delete(connection, client, item.id, kind)?;
    Ok(true)
}

#[cfg(test)]
mod tests;
