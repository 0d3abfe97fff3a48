//! One item whole: itself, its attempts and its changes.

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension;

use super::error::StoreResult;
use super::{Store, rows};
use crate::model::{Attempt, Change, Item, ItemId};

impl Store {
    /// An item.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn item(&self, id: ItemId) -> StoreResult<Option<Item>> {
        let sql = format!("{} WHERE items.id = ?1", rows::SELECT_ITEM);
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([id.row()], rows::item).optional()?)
    }

    /// Every attempt of an item, first to last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn history(&self, id: ItemId) -> StoreResult<Vec<Attempt>> {
        let sql = format!("{} WHERE item_id = ?1 ORDER BY number", rows::SELECT_ATTEMPT);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let attempts = statement.query_map([id.row()], rows::attempt)?;
        Ok(attempts.collect::<Result<_, _>>()?)
    }

    /// Every change of an item, first to last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn changes(&self, id: ItemId) -> StoreResult<Vec<Change>> {
        let sql = format!("{} WHERE item_id = ?1 ORDER BY id", rows::SELECT_CHANGE);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let changes = statement.query_map([id.row()], rows::change)?;
        Ok(changes.collect::<Result<_, _>>()?)
    }

    /// The instant of the newest attempt, by which a clock that was set back shows itself.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn newest_attempt(&self) -> StoreResult<Option<DateTime<Utc>>> {
        let newest: Option<i64> = self.connection.query_row(
            "SELECT max((SELECT max(started_at) FROM attempts WHERE client_id = clients.id)) FROM clients",
            [],
            |row| row.get(0),
        )?;
        Ok(newest.and_then(crate::model::from_millis))
    }
}
