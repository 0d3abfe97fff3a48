//! Rows to model types: the columns of an item, an attempt and a change, and how each is read.

use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Error, Row};

use crate::model::{
    Attempt, AttemptId, Change, Item, ItemId, LeadId, Outcome, Priority, RunId, Status, ZoneName, from_millis,
};

/// `SELECT` and the columns of an item, in the order in which [`item`] reads them. Client and zones are looked up by
/// scalar subqueries, so that the planner sees one table only.
pub(super) const SELECT_ITEM: &str = "SELECT items.id, key, (SELECT name FROM clients WHERE clients.id = client_id), \
     lead_id, priority, status, held, scheduled_at, not_before, expires_at, tries, max_retries, attempts, withdrawn, \
     phone, (SELECT names FROM zone_sets WHERE zone_sets.id = zones), metadata, last_reason, created_at, created_by, \
     updated_at FROM items ";

/// Reads an item from a row of [`SELECT_ITEM`].
pub(super) fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        id: item_id(row, 0)?,
        key: optional(row, 1)?,
        client: parsed(row, 2)?,
        lead: parsed::<LeadId>(row, 3)?,
        priority: Priority::from_rank(row.get(4)?).ok_or_else(|| unreadable(4, Type::Integer, "not a priority"))?,
        status: parsed::<Status>(row, 5)?,
        held: row.get(6)?,
        scheduled_at: instant(row, 7)?,
        not_before: optional_instant(row, 8)?,
        expires_at: optional_instant(row, 9)?,
        tries: row.get(10)?,
        max_retries: row.get(11)?,
        attempts: row.get(12)?,
        withdrawn: row.get(13)?,
        phone: optional(row, 14)?,
        zones: zone_names(row.get_ref(15)?.as_str()?)
            .map_err(|error| unreadable(15, Type::Text, &error.to_string()))?,
        metadata: optional_metadata(row, 16)?,
        last_reason: row.get(17)?,
        created_at: instant(row, 18)?,
        created_by: row.get(19)?,
        updated_at: instant(row, 20)?,
    })
}

/// The columns of an attempt, in the order in which [`attempt`] reads them.
pub(super) const SELECT_ATTEMPT: &str = "SELECT id, number, started_at, finished_at, outcome, reason, call_id, \
     duration_ms, detail, metadata, run_id FROM attempts ";

/// Reads an attempt from a row of [`SELECT_ATTEMPT`].
pub(super) fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    Ok(Attempt {
        id: AttemptId::from_bytes(row.get(0)?),
        number: row.get(1)?,
        started_at: instant(row, 2)?,
        finished_at: optional_instant(row, 3)?,
        outcome: optional::<Outcome>(row, 4)?,
        reason: row.get(5)?,
        call_id: row.get(6)?,
        duration_ms: row.get::<_, Option<i64>>(7)?.map(i64::unsigned_abs),
        detail: row.get(8)?,
        metadata: optional_metadata(row, 9)?,
        run: RunId::from_bytes(row.get(10)?),
    })
}

/// The columns of a change, in the order in which [`change`] reads them.
pub(super) const SELECT_CHANGE: &str = "SELECT at, by, what, old_value, new_value, reason FROM changes ";

/// Reads a change from a row of [`SELECT_CHANGE`].
pub(super) fn change(row: &Row<'_>) -> rusqlite::Result<Change> {
    Ok(Change {
        at: instant(row, 0)?,
        by: row.get(1)?,
        what: row.get(2)?,
        from: row.get(3)?,
        to: row.get(4)?,
        reason: row.get(5)?,
    })
}

/// Reads an item's id.
pub(super) fn item_id(row: &Row<'_>, index: usize) -> rusqlite::Result<ItemId> {
    ItemId::from_row(row.get(index)?).ok_or_else(|| unreadable(index, Type::Integer, "not an item id"))
}

/// Reads an instant from milliseconds.
pub(super) fn instant(row: &Row<'_>, index: usize) -> rusqlite::Result<DateTime<Utc>> {
    stored_instant(row.get(index)?, index)
}

fn stored_instant(millis: i64, index: usize) -> rusqlite::Result<DateTime<Utc>> {
    from_millis(millis).ok_or_else(|| unreadable(index, Type::Integer, "not an instant"))
}

fn optional_instant(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let millis: Option<i64> = row.get(index)?;
    millis.map(|millis| stored_instant(millis, index)).transpose()
}

/// Reads a text as a model type.
pub(super) fn parsed<T: std::str::FromStr>(row: &Row<'_>, index: usize) -> rusqlite::Result<T>
where
    T::Err: std::fmt::Display,
{
    of_text(row.get_ref(index)?.as_str()?, index)
}

pub(super) fn optional<T: std::str::FromStr>(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<T>>
where
    T::Err: std::fmt::Display,
{
    row.get_ref(index)?.as_str_or_null()?.map(|text| of_text(text, index)).transpose()
}

fn of_text<T: std::str::FromStr>(text: &str, index: usize) -> rusqlite::Result<T>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| unreadable(index, Type::Text, &error.to_string()))
}

fn optional_metadata(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<crate::model::Metadata>> {
    Ok(row.get::<_, Option<String>>(index)?.map(crate::model::Metadata::from_stored))
}

/// Reads the names of a zone set.
pub(super) fn zone_names(names: &str) -> Result<Vec<ZoneName>, crate::model::NameError> {
    names.split(' ').filter(|name| !name.is_empty()).map(str::parse).collect()
}

fn unreadable(index: usize, kind: Type, message: &str) -> Error {
    Error::FromSqlConversionFailure(index, kind, message.into())
}
