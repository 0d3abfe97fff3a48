//! Rows to model types: the columns of an attempt and a change, and how each is read.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Error, Row, RowIndex};

use crate::model::{Attempt, AttemptId, Change, ItemId, LeadPlace, Outcome, RunId, from_millis};

/// The columns of an attempt.
pub(crate) const SELECT_ATTEMPT: &str = "SELECT id, number, started_at, finished_at, outcome, reason, call_id, \
     duration_ms, detail, metadata, run_id, reached, purpose, voice, \
     (SELECT kind FROM consents WHERE consents.id = attempts.consent) AS consent_kind FROM attempts ";

/// Reads an attempt from a row of [`SELECT_ATTEMPT`].
pub(crate) fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    Ok(Attempt {
        id: AttemptId::from_bytes(row.get("id")?),
        number: row.get("number")?,
        started_at: instant(row, "started_at")?,
        finished_at: optional_instant(row, "finished_at")?,
        outcome: optional::<Outcome>(row, "outcome")?,
        reason: row.get("reason")?,
        reached: optional(row, "reached")?,
        purpose: optional(row, "purpose")?,
        voice: optional(row, "voice")?,
        consent: optional(row, "consent_kind")?,
        call_id: row.get("call_id")?,
        duration_ms: row.get::<_, Option<i64>>("duration_ms")?.map(i64::unsigned_abs),
        detail: row.get("detail")?,
        metadata: optional_metadata(row, "metadata")?,
        run: RunId::from_bytes(row.get("run_id")?),
    })
}

/// The columns of a change.
pub(crate) const SELECT_CHANGE: &str = "SELECT at, by, what, old_value, new_value, reason FROM changes ";

/// Reads a change from a row of [`SELECT_CHANGE`].
pub(crate) fn change(row: &Row<'_>) -> rusqlite::Result<Change> {
    Ok(Change {
        at: instant(row, "at")?,
        by: row.get("by")?,
        what: row.get("what")?,
        from: row.get("old_value")?,
        to: row.get("new_value")?,
        reason: row.get("reason")?,
    })
}

/// Reads an item's id.
pub(crate) fn item_id(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<ItemId> {
    let index = column.idx(row.as_ref())?;
    ItemId::from_row(row.get(index)?).ok_or_else(|| unreadable(index, Type::Integer, "not an item id"))
}

/// Reads an instant from milliseconds.
pub(crate) fn instant(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<DateTime<Utc>> {
    let index = column.idx(row.as_ref())?;
    stored_instant(row.get(index)?, index)
}

pub(crate) fn stored_instant(millis: i64, index: usize) -> rusqlite::Result<DateTime<Utc>> {
    from_millis(millis).ok_or_else(|| unreadable(index, Type::Integer, "not an instant"))
}

pub(crate) fn optional_instant(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let index = column.idx(row.as_ref())?;
    let millis: Option<i64> = row.get(index)?;
    millis.map(|millis| stored_instant(millis, index)).transpose()
}

/// Reads a text as a model type.
pub(crate) fn parsed<T: std::str::FromStr>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<T>
where
    T::Err: std::fmt::Display,
{
    let index = column.idx(row.as_ref())?;
    of_text(row.get_ref(index)?.as_str()?, index)
}

pub(crate) fn optional<T: std::str::FromStr>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Option<T>>
where
    T::Err: std::fmt::Display,
{
    let index = column.idx(row.as_ref())?;
    row.get_ref(index)?.as_str_or_null()?.map(|text| of_text(text, index)).transpose()
}

pub(crate) fn of_text<T: std::str::FromStr>(text: &str, index: usize) -> rusqlite::Result<T>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| unreadable(index, Type::Text, &error.to_string()))
}

pub(crate) fn optional_metadata(
    row: &Row<'_>,
    column: impl RowIndex,
) -> rusqlite::Result<Option<crate::model::Metadata>> {
    Ok(row.get::<_, Option<String>>(column)?.map(crate::model::Metadata::from_stored))
}

/// The columns of a place.
pub(crate) const PLACE: &str = "places.zones AS place_zones, places.regions AS place_regions, evidence";

/// Reads a place from the columns [`PLACE`].
pub(crate) fn place(row: &Row<'_>) -> rusqlite::Result<Arc<LeadPlace>> {
    let (zones, regions, evidence) =
        (row.get_ref("place_zones")?, row.get_ref("place_regions")?, row.get_ref("evidence")?);
    place_of_texts(zones.as_str()?, regions.as_str()?, evidence.as_str()?, 0)
}

/// A place from the texts of its row.
pub(crate) fn place_of_texts(
    zones: &str,
    regions: &str,
    evidence: &str,
    index: usize,
) -> rusqlite::Result<Arc<LeadPlace>> {
    let evidence = of_text(evidence, index)?;
    Ok(Arc::new(LeadPlace { zones: parts(zones, index)?, regions: parts(regions, index)?, evidence }))
}

fn parts<T: std::str::FromStr>(joined: &str, index: usize) -> rusqlite::Result<Vec<T>>
where
    T::Err: std::fmt::Display,
{
    joined.split(' ').filter(|part| !part.is_empty()).map(|part| of_text(part, index)).collect()
}

/// Names as one text, with one space between them.
pub(crate) fn joined(names: &[impl ToString]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

pub(crate) fn unreadable(index: usize, kind: Type, message: &str) -> Error {
    Error::FromSqlConversionFailure(index, kind, message.into())
}
