//! How many items a client has of each kind, kept in the transaction that changes them.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::error::StoreResult;
use crate::model::{Priority, Status};

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
