//! Fails waiting items that are not to be called any more: what has expired, and whose person asked for it.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::model::{Actor, Event, Item, ItemId};
use crate::store::error::{StoreError, StoreResult};
use crate::store::sqlite::change::{Changes, Edit};
use crate::store::sqlite::intern::client_row;
use crate::store::sqlite::read::item::load;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::WAITING;

/// The most expired items that one turn gives up, so that it holds the write lock briefly.
const EXPIRED_AT_ONCE: usize = 500;

/// Fails the waiting items whose time has run out, of every client; gives back how many.
pub(crate) fn fail_expired(
    connection: &Connection,
    by: &Actor,
    now: DateTime<Utc>,
    changes: &mut Changes,
) -> StoreResult<usize> {
    let expired: Vec<ItemId> = {
        let mut statement = connection.prepare_cached(&format!(
            "SELECT items.id FROM items INDEXED BY items_expiring
             WHERE {WAITING} AND expires_at IS NOT NULL AND expires_at <= ?1 LIMIT {EXPIRED_AT_ONCE}"
        ))?;
        let ids = statement.query_map([now.timestamp_millis()], |row| rows::item_id(row, 0))?;
        ids.collect::<Result<_, _>>()?
    };
    for id in &expired {
        fail_waiting(connection, &load(connection, *id)?, (Event::Expired, FailReason::EXPIRED), by, now, changes)?;
    }
    Ok(expired.len())
}

/// Why a waiting item fails.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FailReason<'a> {
    /// Its last reason.
    pub(crate) word: &'a str,
    /// What the history says instead, where that says more.
    pub(crate) detail: Option<&'a str>,
}

impl FailReason<'_> {
    pub(crate) const EXPIRED: FailReason<'static> = FailReason { word: "expired", detail: None };
    pub(crate) const DO_NOT_CALL: FailReason<'static> = FailReason { word: "do_not_call", detail: None };
}

/// Fails a waiting item because of an event that no call brought.
pub(crate) fn fail_waiting(
    connection: &Connection,
    item: &Item,
    (event, reason): (Event, FailReason<'_>),
    by: &Actor,
    now: DateTime<Utc>,
    changes: &mut Changes,
) -> StoreResult<()> {
    let status = item.status.after(event).map_err(|_| StoreError::Lost(item.id.row()))?;
    let failed = Item { status, not_before: None, last_reason: Some(reason.word.to_owned()), ..item.clone() };
    let edit = Edit { by, at: now, reason: Some(reason.detail.unwrap_or(reason.word)) };
    changes.edit(connection, client_row(connection, &item.client)?, item, &failed, &edit)
}
