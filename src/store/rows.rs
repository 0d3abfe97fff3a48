//! Rows to model types: the columns of an attempt and a change, and how each is read.

use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Error, Row};

use crate::model::{Attempt, AttemptId, Change, ItemId, Outcome, RunId, ZoneName, from_millis};

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

pub(super) fn stored_instant(millis: i64, index: usize) -> rusqlite::Result<DateTime<Utc>> {
    from_millis(millis).ok_or_else(|| unreadable(index, Type::Integer, "not an instant"))
}

pub(super) fn optional_instant(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
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

pub(super) fn of_text<T: std::str::FromStr>(text: &str, index: usize) -> rusqlite::Result<T>
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

pub(super) fn unreadable(index: usize, kind: Type, message: &str) -> Error {
    Error::FromSqlConversionFailure(index, kind, message.into())
}
