//! The row of an item, read by the names of its columns.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::model::{Item, ItemId, Priority, Promise};
use crate::store::error::StoreResult;
use crate::store::sqlite::read::rows::{
    PLACE, instant, item_id, optional, optional_instant, optional_metadata, parsed, place, unreadable,
};

/// `SELECT` and the columns of an item. `index` is empty, or says how the items are found (`INDEXED BY …`). The order of the
/// tables is fixed: each row of a selection has one client and one place.
pub(crate) fn select_item(index: &str) -> String {
    format!(
        "SELECT items.id AS id, priority, scheduled_at, not_before, expires_at, held, withdrawn, tries, max_retries,
             attempts, created_at, updated_at, callback_until, callback_missed_at, key, name AS client_name, lead_id, status, phone, {PLACE},
             metadata, last_reason, created_by, blocked_by, region
         FROM items {index} CROSS JOIN clients ON clients.id = client_id CROSS JOIN places ON places.id = items.zones"
    )
}

/// Reads a row of [`select_item`].
pub(crate) fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        id: item_id(row, "id")?,
        priority: priority(row.get("priority")?)?,
        scheduled_at: instant(row, "scheduled_at")?,
        not_before: optional_instant(row, "not_before")?,
        blocked_by: optional(row, "blocked_by")?,
        expires_at: optional_instant(row, "expires_at")?,
        held: row.get("held")?,
        no_retry: row.get("withdrawn")?,
        counted_attempts: row.get("tries")?,
        max_retries: row.get("max_retries")?,
        attempts: row.get("attempts")?,
        created_at: instant(row, "created_at")?,
        updated_at: instant(row, "updated_at")?,
        promise: promise(optional_instant(row, "callback_until")?, optional_instant(row, "callback_missed_at")?),
        key: optional(row, "key")?,
        client: parsed(row, "client_name")?,
        lead: parsed(row, "lead_id")?,
        status: parsed(row, "status")?,
        phone: optional(row, "phone")?,
        region: optional(row, "region")?,
        place: place(row)?,
        metadata: optional_metadata(row, "metadata")?,
        last_reason: row.get("last_reason")?,
        created_by: row.get("created_by")?,
    })
}

/// The promise of an item by its columns.
pub(crate) fn promise(until: Option<DateTime<Utc>>, missed_at: Option<DateTime<Utc>>) -> Option<Promise> {
    until.map(|until| Promise { until, missed_at })
}

pub(crate) fn priority(rank: i64) -> rusqlite::Result<Priority> {
    Priority::from_rank(rank).ok_or_else(|| unreadable(0, Type::Integer, "not a priority"))
}

/// The text that selects an item by its id. A run asks for each item twice.
pub(crate) static SELECT_BY_ID: LazyLock<String> = LazyLock::new(|| format!("{} WHERE items.id = ?1", select_item("")));

/// The item of an id.
pub(crate) fn by_id(connection: &Connection, id: ItemId) -> StoreResult<Option<Item>> {
    Ok(connection.prepare_cached(&SELECT_BY_ID)?.query_row([id.row()], item).optional()?)
}

/// Loads an item that is known to exist.
pub(crate) fn load(connection: &Connection, id: ItemId) -> StoreResult<Item> {
    Ok(by_id(connection, id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
}
