//! The numbers of persons who asked not to be called again: they are dialled for no client any more.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreResult;
use super::{Store, rows};
use crate::model::{Item, ItemId, PhoneNumber};

/// Notes the number of an item whose person asked for it. Who asks again said so before.
pub(super) fn note(connection: &Connection, item: &Item, at: DateTime<Utc>) -> StoreResult<()> {
    if let Some(phone) = &item.phone {
        let mut insert = connection.prepare_cached(
            "INSERT INTO do_not_call (phone, since, item_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?;
        insert.execute(params![phone.as_str(), at.timestamp_millis(), item.id.row()])?;
    }
    Ok(())
}

/// Since when a number is not to be called, and in which item's call that was said.
pub(super) fn since(connection: &Connection, phone: &PhoneNumber) -> StoreResult<Option<(DateTime<Utc>, ItemId)>> {
    let mut statement = connection.prepare_cached("SELECT since, item_id FROM do_not_call WHERE phone = ?1")?;
    Ok(statement.query_row([phone.as_str()], |row| Ok((rows::instant(row, 0)?, rows::item_id(row, 1)?))).optional()?)
}

/// Whether the number of an item is not to be called.
pub(super) fn holds(connection: &Connection, item: &Item) -> StoreResult<bool> {
    match &item.phone {
        Some(phone) => Ok(since(connection, phone)?.is_some()),
        None => Ok(false),
    }
}

impl Store {
    /// Since when a number is not to be called, and in which item's call that was said.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn not_to_be_called(&self, phone: &PhoneNumber) -> StoreResult<Option<(DateTime<Utc>, ItemId)>> {
        since(&self.connection, phone)
    }
}
