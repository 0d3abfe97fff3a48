//! The places of items, derived again when the table that tells them is another one.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Item, ItemId, LeadPlace};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::change::Changes;
use crate::store::sqlite::read::item::load;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::TAKES_LEAD;

/// Items whose ids are read at once, so that memory stays flat.
const CHUNK: usize = 10_000;

impl Store {
    /// The version of a table that came with the program, by which something stored was derived last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn data_table_version(&self, table: &str) -> StoreResult<Option<String>> {
        version(&self.connection, table)
    }

    /// Writes the place that `derive` finds for each live or held item, unless this version of the table has been asked
    /// already. All in one transaction: no claim sees old and new places side by side.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn derive_places(
        &mut self,
        (table, present): (&str, &str),
        mut derive: impl FnMut(&Item) -> Arc<LeadPlace>,
    ) -> StoreResult<()> {
        let transaction = self.write()?;
        if version(&transaction, table)?.as_deref() == Some(present) {
            return Ok(());
        }
        let mut changes = Changes::default();
        let mut after = 0;
        loop {
            let ids = live_after(&transaction, after)?;
            let Some(last) = ids.last() else { break };
            after = last.row();
            for id in ids {
                let item = load(&transaction, id)?;
                changes.set_place(&transaction, &item, &derive(&item))?;
            }
        }
        transaction.execute(
            "INSERT INTO data_versions (name, version) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET version = excluded.version",
            params![table, present],
        )?;
        transaction.commit()?;
        Ok(())
    }
}

fn version(connection: &Connection, table: &str) -> StoreResult<Option<String>> {
    let mut statement = connection.prepare_cached("SELECT version FROM data_versions WHERE name = ?1")?;
    Ok(statement.query_row([table], |row| row.get(0)).optional()?)
}

fn live_after(connection: &Connection, after: i64) -> StoreResult<Vec<ItemId>> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT id FROM items WHERE id > ?1 AND {TAKES_LEAD} ORDER BY id LIMIT {CHUNK}"))?;
    let ids = statement.query_map([after], |row| rows::item_id(row, 0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}
