//! How many items a client has of each kind, and the figures of its attempts, kept in the transaction that changes them.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, params};

use super::error::StoreResult;
use super::figures::{AttemptCount, EVERYBODY, Figure};
use crate::model::{Item, Priority, Status};

/// What an item is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ItemKind {
    pub(super) status: Status,
    pub(super) priority: Priority,
    pub(super) held: bool,
    /// Whether it had at least two attempts that used its budget.
    pub(super) retried: bool,
}

impl ItemKind {
    pub(super) fn of(item: &Item) -> ItemKind {
        let Item { status, priority, held, .. } = *item;
        ItemKind { status, priority, held, retried: item.retry_count() > 0 }
    }
}

/// The changes of one transaction, folded so that a batch writes a few rows. Clients are named by their rows.
#[derive(Debug, Default)]
pub(super) struct CountChanges {
    /// Few, and looked up for each item of a batch.
    items: BTreeMap<(i64, ItemKind), i64>,
    attempts: HashMap<(i64, Figure), i64>,
}

impl CountChanges {
    /// Counts an item in.
    pub(super) fn add(&mut self, client: i64, kind: ItemKind) {
        *self.items.entry((client, kind)).or_insert(0) += 1;
    }

    /// Counts an item out.
    pub(super) fn remove(&mut self, client: i64, kind: ItemKind) {
        *self.items.entry((client, kind)).or_insert(0) -= 1;
    }

    /// Counts an attempt in, as it is now.
    pub(super) fn add_attempt(&mut self, client: i64, attempt: &AttemptCount<'_>) {
        attempt.figures(&mut |figure, n| self.change(client, figure, n));
    }

    /// Counts an attempt out, as it was counted in.
    pub(super) fn remove_attempt(&mut self, client: i64, attempt: &AttemptCount<'_>) {
        attempt.figures(&mut |figure, n| self.change(client, figure, -n));
    }

    fn change(&mut self, client: i64, figure: Figure, n: i64) {
        *self.attempts.entry((EVERYBODY, figure.clone())).or_insert(0) += n;
        *self.attempts.entry((client, figure)).or_insert(0) += n;
    }

    /// Writes the sums.
    pub(super) fn write(self, connection: &Connection) -> StoreResult<()> {
        let mut items = connection.prepare_cached(
            "INSERT INTO item_counts (client_id, status, priority, held, retried, n) VALUES (?1, ?2, ?3, ?4, ?5, max(?6, 0))
             ON CONFLICT (client_id, status, priority, held, retried) DO UPDATE SET n = n + ?6",
        )?;
        for ((client, kind), change) in self.items.into_iter().filter(|(_, change)| *change != 0) {
            let ItemKind { status, priority, held, retried } = kind;
            items.execute(params![client, status.as_str(), priority.rank(), held, retried, change])?;
        }
        let mut attempts = connection.prepare_cached(
            "INSERT INTO attempt_counts (client_id, figure, key, n) VALUES (?1, ?2, ?3, max(?4, 0))
             ON CONFLICT (client_id, figure, key) DO UPDATE SET n = n + ?4",
        )?;
        for ((client, figure), change) in self.attempts.into_iter().filter(|(_, change)| *change != 0) {
            attempts.execute(params![client, figure.number(), figure.key(), change])?;
        }
        Ok(())
    }

    /// The figures of attempts alone, without those that are 0: what counting anew gives.
    pub(super) fn into_figures(self) -> HashMap<(i64, Figure), i64> {
        self.attempts.into_iter().filter(|(_, n)| *n != 0).collect()
    }
}
