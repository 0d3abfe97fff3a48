//! The counters of a client: its items by kind, and the metrics of its attempts. Each transaction keeps them.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, params};

use crate::model::{Item, Priority, Status};
use crate::store::error::StoreResult;
use crate::store::sqlite::counters::metrics::{ALL_CLIENTS, AttemptCount, Metric};

/// What an item is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ItemKind {
    pub(crate) status: Status,
    pub(crate) priority: Priority,
    pub(crate) held: bool,
    /// Whether it had at least two attempts that used its budget.
    pub(crate) retried: bool,
}

impl ItemKind {
    pub(crate) fn of(item: &Item) -> ItemKind {
        let Item { status, priority, held, .. } = *item;
        ItemKind { status, priority, held, retried: item.retry_count() > 0 }
    }
}

/// The changes of one transaction, folded so that a batch writes a few rows. Clients are named by their rows.
#[derive(Debug, Default)]
pub(crate) struct CounterChanges {
    /// Few, and looked up for each item of a batch.
    items: BTreeMap<(i64, ItemKind), i64>,
    attempts: HashMap<(i64, Metric), i64>,
}

impl CounterChanges {
    /// Counts an item in.
    pub(crate) fn add(&mut self, client: i64, kind: ItemKind) {
        *self.items.entry((client, kind)).or_insert(0) += 1;
    }

    /// Counts an item out.
    pub(crate) fn remove(&mut self, client: i64, kind: ItemKind) {
        *self.items.entry((client, kind)).or_insert(0) -= 1;
    }

    /// Counts an attempt in, as it is now.
    pub(crate) fn add_attempt(&mut self, client: i64, attempt: &AttemptCount<'_>) {
        attempt.metrics(&mut |metric, n| self.change(client, metric, n));
    }

    /// Counts an attempt out, as it was counted in.
    pub(crate) fn remove_attempt(&mut self, client: i64, attempt: &AttemptCount<'_>) {
        attempt.metrics(&mut |metric, n| self.change(client, metric, -n));
    }

    fn change(&mut self, client: i64, metric: Metric, n: i64) {
        *self.attempts.entry((ALL_CLIENTS, metric.clone())).or_insert(0) += n;
        *self.attempts.entry((client, metric)).or_insert(0) += n;
    }

    pub(crate) fn write(self, connection: &Connection) -> StoreResult<()> {
        let mut items = connection.prepare_cached(
            "INSERT INTO item_counts (client_id, status, priority, held, retried, n)
             VALUES (?1, ?2, ?3, ?4, ?5, CASE WHEN ?6 > 0 THEN ?6 ELSE 0 END)
             ON CONFLICT (client_id, status, priority, held, retried) DO UPDATE SET n = item_counts.n + ?6",
        )?;
        for ((client, kind), change) in self.items.into_iter().filter(|(_, change)| *change != 0) {
            let ItemKind { status, priority, held, retried } = kind;
            items.execute(params![client, status.as_str(), priority.rank(), held, retried, change])?;
        }
        let mut attempts = connection.prepare_cached(
            "INSERT INTO attempt_counts (client_id, figure, key, n)
             VALUES (?1, ?2, ?3, CASE WHEN ?4 > 0 THEN ?4 ELSE 0 END)
             ON CONFLICT (client_id, figure, key) DO UPDATE SET n = attempt_counts.n + ?4",
        )?;
        for ((client, metric), change) in self.attempts.into_iter().filter(|(_, change)| *change != 0) {
            attempts.execute(params![client, metric.number(), metric.key(), change])?;
        }
        Ok(())
    }

    /// The metrics of attempts alone, without those that are 0: what counting anew gives.
    pub(crate) fn into_metrics(self) -> HashMap<(i64, Metric), i64> {
        self.attempts.into_iter().filter(|(_, n)| *n != 0).collect()
    }
}
