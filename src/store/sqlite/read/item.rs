//! The row of an item, read by the names of its columns.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::model::{Item, ItemId, Priority, Promise};
use crate::store::error::StoreResult;
use crate::store::sqlite::read::rows::{
    instant, item_id, optional, optional_instant, optional_metadata, parsed, place_of_texts, unreadable,
};

/// The columns of an item. Each row finds them by their place: to compare 23 names took a fifth of a dry run's time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Column {
    Id,
    Priority,
    ScheduledAt,
    NotBefore,
    ExpiresAt,
    Held,
    Withdrawn,
    Tries,
    MaxRetries,
    Attempts,
    CreatedAt,
    UpdatedAt,
    AskedAt,
    CallbackUntil,
    CallbackMissedAt,
    Key,
    Client,
    Lead,
    Status,
    Phone,
    Zones,
    Regions,
    Evidence,
    Metadata,
    LastReason,
    CreatedBy,
    BlockedBy,
    Region,
}

/// The columns in their order, as SQL.
pub(crate) const COLUMNS: [(Column, &str); 28] = [
    (Column::Id, "items.id AS id"),
    (Column::Priority, "priority"),
    (Column::ScheduledAt, "scheduled_at"),
    (Column::NotBefore, "not_before"),
    (Column::ExpiresAt, "expires_at"),
    (Column::Held, "held"),
    (Column::Withdrawn, "withdrawn"),
    (Column::Tries, "tries"),
    (Column::MaxRetries, "max_retries"),
    (Column::Attempts, "attempts"),
    (Column::CreatedAt, "created_at"),
    (Column::UpdatedAt, "updated_at"),
    (Column::AskedAt, "asked_at"),
    (Column::CallbackUntil, "callback_until"),
    (Column::CallbackMissedAt, "callback_missed_at"),
    (Column::Key, "key"),
    (Column::Client, "name AS client_name"),
    (Column::Lead, "lead_id"),
    (Column::Status, "status"),
    (Column::Phone, "phone"),
    (Column::Zones, "places.zones"),
    (Column::Regions, "places.regions"),
    (Column::Evidence, "evidence"),
    (Column::Metadata, "metadata"),
    (Column::LastReason, "last_reason"),
    (Column::CreatedBy, "created_by"),
    (Column::BlockedBy, "blocked_by"),
    (Column::Region, "region"),
];

impl Column {
    pub(crate) const fn at(self) -> usize {
        self as usize
    }
}

/// `SELECT` and the columns of an item. `index` is empty, or says how the items are found (`INDEXED BY …`). The order of the
/// tables is fixed: each row of a selection has one client and one place.
pub(crate) fn select_item(index: &str) -> String {
    let columns = COLUMNS.map(|(_, sql)| sql).join(", ");
    format!(
        "SELECT {columns} FROM items {index} CROSS JOIN clients ON clients.id = client_id
         CROSS JOIN places ON places.id = items.zones"
    )
}

/// Reads a row of [`select_item`].
pub(crate) fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        id: item_id(row, Column::Id.at())?,
        priority: priority(row.get(Column::Priority.at())?)?,
        scheduled_at: instant(row, Column::ScheduledAt.at())?,
        asked_at: optional_instant(row, Column::AskedAt.at())?,
        not_before: optional_instant(row, Column::NotBefore.at())?,
        blocked_by: optional(row, Column::BlockedBy.at())?,
        expires_at: optional_instant(row, Column::ExpiresAt.at())?,
        held: row.get(Column::Held.at())?,
        no_retry: row.get(Column::Withdrawn.at())?,
        counted_attempts: row.get(Column::Tries.at())?,
        max_retries: row.get(Column::MaxRetries.at())?,
        attempts: row.get(Column::Attempts.at())?,
        created_at: instant(row, Column::CreatedAt.at())?,
        updated_at: instant(row, Column::UpdatedAt.at())?,
        promise: promise(
            optional_instant(row, Column::CallbackUntil.at())?,
            optional_instant(row, Column::CallbackMissedAt.at())?,
        ),
        key: optional(row, Column::Key.at())?,
        client: parsed(row, Column::Client.at())?,
        lead: parsed(row, Column::Lead.at())?,
        status: parsed(row, Column::Status.at())?,
        phone: optional(row, Column::Phone.at())?,
        region: optional(row, Column::Region.at())?,
        place: {
            let text = |column: Column| row.get_ref(column.at())?.as_str().map_err(rusqlite::Error::from);
            place_of_texts(text(Column::Zones)?, text(Column::Regions)?, text(Column::Evidence)?, 0)?
        },
        metadata: optional_metadata(row, Column::Metadata.at())?,
        last_reason: row.get(Column::LastReason.at())?,
        created_by: row.get(Column::CreatedBy.at())?,
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

pub(crate) fn by_id(connection: &Connection, id: ItemId) -> StoreResult<Option<Item>> {
    Ok(connection.prepare_cached(&SELECT_BY_ID)?.query_row([id.row()], item).optional()?)
}

/// Loads an item that is known to exist.
pub(crate) fn load(connection: &Connection, id: ItemId) -> StoreResult<Item> {
    Ok(by_id(connection, id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_stands_in_its_place() {
        assert!(COLUMNS.iter().enumerate().all(|(place, (column, _))| column.at() == place));
    }
}
