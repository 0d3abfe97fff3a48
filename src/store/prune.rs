//! Deletes what is finished and old: items with their attempts and changes, and runs of which no attempt is left.

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::counters::{CounterChanges, ItemKind};
use super::error::StoreResult;
use super::filter::{Condition, Filter};
use super::metrics::AttemptCount;
use super::schema::SETTLED;
use super::{Store, rows};
use crate::model::{AttemptId, ClientId, Priority, Status};

/// Which items may go. Live and held ones never do.
#[derive(Debug, Clone, Copy)]
pub struct Prune<'a> {
    /// Only this client's.
    pub client: Option<&'a ClientId>,
    /// Only in these statuses; none means every finished one.
    pub statuses: &'a [Status],
    /// Only items that changed last before this instant.
    pub before: DateTime<Utc>,
}

/// How much was deleted, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Items.
    pub items: u64,
    /// Their attempts.
    pub attempts: u64,
}

/// Ids that one statement deletes from: SQLite gathers what a statement will delete in memory.
const IDS_AT_ONCE: i64 = 10_000;

impl Prune<'_> {
    fn condition(&self) -> Condition {
        let filter = Filter { client: self.client.cloned(), statuses: self.statuses.to_vec(), ..Filter::default() };
        let mut condition = filter.condition();
        condition.and(SETTLED, []);
        condition.and("updated_at < ?", [self.before.timestamp_millis().into()]);
        condition
    }
}

impl Store {
    /// Counts what [`Store::prune`] would delete.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn prunable(&self, prune: &Prune<'_>) -> StoreResult<Pruned> {
        let condition = prune.condition();
        let sql = format!("SELECT count(*), ifnull(sum(attempts), 0) FROM items WHERE {}", condition.sql());
        Ok(self.connection.query_row(&sql, params_from_iter(condition.values), |row| {
            Ok(Pruned { items: row.get::<_, i64>(0)?.unsigned_abs(), attempts: row.get::<_, i64>(1)?.unsigned_abs() })
        })?)
    }

    /// Deletes what is finished and old, all or nothing; durable when it returns. Keys stay known, and so do items with an
    /// attempt that has a lease: `leased` names those, while nobody else writes. Without its item a lease would look like
    /// that of a forgotten call.
    ///
    /// # Errors
    /// When the database or `leased` fails; then nothing was changed.
    pub fn prune(
        &mut self,
        prune: &Prune<'_>,
        leased: &mut dyn FnMut() -> StoreResult<Vec<AttemptId>>,
    ) -> StoreResult<Pruned> {
        // 64 MiB of pages, as for an import: less makes the indexes spill.
        self.connection.pragma_update(None, "cache_size", -65_536)?;
        let transaction = self.write()?;
        let mut counts = CounterChanges::default();
        let kept = items_of(&transaction, &leased()?)?;
        let pruned = delete_items(&transaction, prune, &kept, &mut counts)?;
        counts.write(&transaction)?;
        delete_runs(&transaction, prune.before)?;
        transaction.commit()?;
        Ok(pruned)
    }
}

/// The items of attempts.
fn items_of(connection: &Connection, attempts: &[AttemptId]) -> StoreResult<Vec<i64>> {
    let mut item = connection.prepare("SELECT item_id FROM attempts WHERE id = ?1")?;
    let mut items = Vec::new();
    for attempt in attempts {
        items.extend(item.query_row([attempt.as_bytes()], |row| row.get::<_, i64>(0)).optional()?);
    }
    Ok(items)
}

/// Deletes the items; their attempts and changes go with them. A span of ids at a time, so that memory stays flat.
fn delete_items(
    connection: &Connection,
    prune: &Prune<'_>,
    kept: &[i64],
    counts: &mut CounterChanges,
) -> StoreResult<Pruned> {
    let mut condition = prune.condition();
    if !kept.is_empty() {
        let places = vec!["?"; kept.len()].join(", ");
        condition.and(&format!("items.id NOT IN ({places})"), kept.iter().map(|item| Value::from(*item)));
    }
    condition.and("items.id >= ? AND items.id < ?", []);
    let mut delete = connection.prepare(&format!(
        "DELETE FROM items WHERE {} RETURNING client_id, status, priority, held, attempts, tries > 1",
        condition.sql()
    ))?;
    let mut attempts = connection.prepare(&format!(
        "SELECT attempts.client_id, outcome, reason, duration_ms, business_ms,
             CASE WHEN number = 1 THEN max(started_at - items.first_slot_at, 0) END
         FROM items CROSS JOIN attempts ON item_id = items.id WHERE {}",
        condition.sql().replace("client_id", "items.client_id")
    ))?;
    let (mut next, last): (i64, i64) = connection.query_row(
        "SELECT ifnull((SELECT min(id) FROM items), 1), ifnull((SELECT max(id) FROM items), 0)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut pruned = Pruned::default();
    while next <= last {
        let end = next.saturating_add(IDS_AT_ONCE);
        let values = || condition.values.iter().cloned().chain([Value::from(next), Value::from(end)]);
        let mut leaving = attempts.query(params_from_iter(values()))?;
        while let Some(row) = leaving.next()? {
            let millis = |index| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(index)?.map(i64::unsigned_abs));
            let attempt = AttemptCount {
                outcome: rows::optional(row, 1)?,
                reason: row.get_ref(2)?.as_str_or_null().map_err(rusqlite::Error::from)?,
                duration_ms: millis(3)?,
                business_ms: millis(4)?,
                waited_ms: millis(5)?,
            };
            counts.remove_attempt(row.get(0)?, &attempt);
        }
        let mut deleted = delete.query(params_from_iter(values()))?;
        while let Some(row) = deleted.next()? {
            let priority = Priority::from_rank(row.get(2)?).unwrap_or(Priority::Low);
            let (status, held, retried) = (rows::parsed(row, 1)?, row.get(3)?, row.get(5)?);
            counts.remove(row.get(0)?, ItemKind { status, priority, held, retried });
            pruned.items += 1;
            pruned.attempts += row.get::<_, i64>(4)?.unsigned_abs();
        }
        next = end;
    }
    Ok(pruned)
}

/// Deletes the runs that began before an instant and have no attempt any more. One that still goes on writes its row
/// again with its next claim.
fn delete_runs(connection: &Connection, before: DateTime<Utc>) -> StoreResult<()> {
    connection.execute(
        "DELETE FROM runs WHERE started_at < ?1 AND id NOT IN (SELECT run_id FROM attempts)",
        [before.timestamp_millis()],
    )?;
    Ok(())
}
