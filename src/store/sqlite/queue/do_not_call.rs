//! The numbers of persons who asked not to be called again: they are dialled for no client any more.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{DoNotCallEntry, Item, PhoneNumber};
use crate::store::error::StoreResult;
use crate::store::sqlite::read::rows;

/// Notes the number of an item whose person asked for it. Who asks again said so before.
pub(crate) fn note(connection: &Connection, item: &Item, at: DateTime<Utc>) -> StoreResult<()> {
    if let Some(phone) = &item.phone {
        let mut insert = connection.prepare_cached(
            "INSERT INTO do_not_call (phone, since, item_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?;
        insert.execute(params![phone.as_str(), at.timestamp_millis(), item.id.row()])?;
    }
    Ok(())
}

/// The entry of a number that is not to be called.
pub(crate) fn entry(connection: &Connection, phone: &PhoneNumber) -> StoreResult<Option<DoNotCallEntry>> {
    let mut statement = connection.prepare_cached("SELECT since, item_id FROM do_not_call WHERE phone = ?1")?;
    let entry = |row: &Row<'_>| Ok(DoNotCallEntry { since: rows::instant(row, 0)?, said_in: rows::item_id(row, 1)? });
    Ok(statement.query_row([phone.as_str()], entry).optional()?)
}
