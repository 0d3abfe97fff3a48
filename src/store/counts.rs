//! How many items a client has of each kind, kept in the transaction that changes them.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::error::StoreResult;
use super::{Store, intern};
use crate::model::{ClientId, Priority, Status};

/// One kind of item: client row, status, priority, held.
type Kind = (i64, Status, Priority, bool);

/// The changes of one transaction, folded so that a batch writes a few rows.
#[derive(Debug, Default)]
pub(super) struct CountChanges(HashMap<Kind, i64>);

impl CountChanges {
    /// Counts an item in.
    pub(super) fn add(&mut self, client: i64, status: Status, priority: Priority, held: bool) {
        *self.0.entry((client, status, priority, held)).or_insert(0) += 1;
    }

    /// Counts an item out.
    pub(super) fn remove(&mut self, client: i64, status: Status, priority: Priority, held: bool) {
        *self.0.entry((client, status, priority, held)).or_insert(0) -= 1;
    }

    /// Writes the sums.
    pub(super) fn write(self, connection: &Connection) -> StoreResult<()> {
        let mut statement = connection.prepare_cached(
            "INSERT INTO item_counts (client_id, status, priority, held, n) VALUES (?1, ?2, ?3, ?4, max(?5, 0))
             ON CONFLICT (client_id, status, priority, held) DO UPDATE SET n = n + ?5",
        )?;
        for ((client, status, priority, held), change) in self.0 {
            if change != 0 {
                statement.execute(params![client, status.as_str(), priority.rank(), held, change])?;
            }
        }
        Ok(())
    }
}

impl Store {
    /// How many items of a client, or of all, are held.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn held_items(&self, client: Option<&ClientId>) -> StoreResult<u64> {
        // Row 0 is no client's: a client that the database does not know has none.
        let only = client.map(|client| intern::find_client(&self.connection, client)).transpose()?;
        let only = only.map(|row| row.unwrap_or(0));
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce(sum(n), 0) FROM item_counts WHERE held = 1 AND (?1 IS NULL OR client_id = ?1)",
        )?;
        Ok(statement.query_row([only], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }
}
