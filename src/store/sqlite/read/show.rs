//! One item whole: itself, its attempts and its changes.

use crate::model::{Attempt, Change, Item, ItemId};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::read::item;
use crate::store::sqlite::read::rows;

impl Store {
    pub fn item(&self, id: ItemId) -> StoreResult<Option<Item>> {
        item::by_id(&self.connection, id)
    }

    /// Every attempt of an item, first to last.
    pub fn history(&self, id: ItemId) -> StoreResult<Vec<Attempt>> {
        let sql = format!("{} WHERE item_id = ?1 ORDER BY number", rows::SELECT_ATTEMPT);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let attempts = statement.query_map([id.row()], rows::attempt)?;
        Ok(attempts.collect::<Result<_, _>>()?)
    }

    /// Every change of an item, first to last.
    pub fn changes(&self, id: ItemId) -> StoreResult<Vec<Change>> {
        let sql = format!("{} WHERE item_id = ?1 ORDER BY id", rows::SELECT_CHANGE);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let changes = statement.query_map([id.row()], rows::change)?;
        Ok(changes.collect::<Result<_, _>>()?)
    }
}
