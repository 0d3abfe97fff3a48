//! Which call keeps a number from being dialled for others: an open one, or one that ended unknown and whose person may
//! still be on the line; and which attempts were made to it.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{AttemptId, Item, ListFacts, NumberCall, NumberFacts, NumberUse, PhoneNumber};
use crate::store::error::StoreResult;
use crate::store::sqlite::lists::entry::entry_of_item;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::OPEN;

/// The call that keeps the number of an item at `now`: any open call, or one of another item that ended unknown. The
/// item's own unknown call does not hold its retry.
fn holder(connection: &Connection, item: &Item, now: DateTime<Utc>) -> StoreResult<Option<NumberUse>> {
    let Some(phone) = &item.phone else { return Ok(None) };
    let mut open = connection.prepare_cached(&format!(
        "SELECT item_id, started_at, NULL, (SELECT name FROM clients WHERE clients.id = client_id)
         FROM attempts INDEXED BY attempts_open_phone
         WHERE phone = ?1 AND {OPEN} AND phone IS NOT NULL"
    ))?;
    let read = |row: &rusqlite::Row<'_>| {
        let until: Option<i64> = row.get(2)?;
        let until = until.and_then(crate::model::from_millis);
        let (item, started_at) = (rows::item_id(row, 0)?, rows::instant(row, 1)?);
        Ok(NumberUse { item, client: rows::parsed(row, 3)?, started_at, until })
    };
    if let Some(found) = open.query_row([phone.as_str()], read).optional()? {
        return Ok(Some(found));
    }
    let mut unknown = connection.prepare_cached(
        "SELECT item_id, started_at, number_taken_until, (SELECT name FROM clients WHERE clients.id = client_id)
         FROM attempts INDEXED BY attempts_taken_phone
         WHERE phone = ?1 AND number_taken_until IS NOT NULL AND number_taken_until > ?2 AND item_id <> ?3
         ORDER BY number_taken_until DESC LIMIT 1",
    )?;
    Ok(unknown.query_row(params![phone.as_str(), now.timestamp_millis(), item.id.row()], read).optional()?)
}

/// Whether anything can be known of a number: an attempt called it, or an entry of the do-not-call list may close it. Of most
/// numbers nothing is: one statement takes the place of five, and a dry run 40 % less time.
fn is_known(connection: &Connection, phone: &PhoneNumber) -> StoreResult<bool> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM attempts INDEXED BY attempts_phone WHERE phone = ?1 AND phone IS NOT NULL)
             OR EXISTS (SELECT 1 FROM dnc_entries INDEXED BY dnc_entries_standing
                        WHERE removed_at IS NULL AND pattern = ?1)
             OR EXISTS (SELECT 1 FROM dnc_entries INDEXED BY dnc_entries_prefixes
                        WHERE removed_at IS NULL AND pattern LIKE '%*')",
    )?;
    Ok(statement.query_row([phone.as_str()], |row| row.get(0))?)
}

/// What is known of the number of an item at `now`, with the attempts since `now` − `look_back`, which may lie in the
/// future when a clock was set back; nothing when the item has no number. What registries and consents say is asked apart.
pub(crate) fn facts(
    connection: &Connection,
    item: &Item,
    look_back: TimeDelta,
    now: DateTime<Utc>,
) -> StoreResult<NumberFacts> {
    let Some(phone) = item.phone.as_ref() else { return Ok(NumberFacts::default()) };
    if !is_known(connection, phone)? {
        return Ok(NumberFacts::default());
    }
    Ok(NumberFacts {
        do_not_call: entry_of_item(connection, item, now)?,
        lists: ListFacts::default(),
        in_use: holder(connection, item, now)?,
        calls: calls(connection, phone, None, look_back, now)?,
    })
}

/// The attempts to a number that began after `now` − `look_back`, all or all but one.
pub(crate) fn calls(
    connection: &Connection,
    phone: &PhoneNumber,
    but: Option<AttemptId>,
    look_back: TimeDelta,
    now: DateTime<Utc>,
) -> StoreResult<Vec<NumberCall>> {
    if look_back <= TimeDelta::zero() {
        return Ok(Vec::new());
    }
    let since = now.timestamp_millis().saturating_sub(look_back.num_milliseconds());
    let mut statement = connection.prepare_cached(
        "SELECT item_id, (SELECT name FROM clients WHERE clients.id = client_id), started_at, reached, purpose, voice
         FROM attempts INDEXED BY attempts_phone WHERE phone = ?1 AND phone IS NOT NULL AND started_at > ?2
             AND (?3 IS NULL OR id <> ?3)",
    )?;
    let read = |row: &rusqlite::Row<'_>| {
        let (item, started_at) = (rows::item_id(row, 0)?, rows::instant(row, 2)?);
        let (reached, purpose, voice) = (rows::optional(row, 3)?, rows::optional(row, 4)?, rows::optional(row, 5)?);
        Ok(NumberCall { item, client: rows::parsed(row, 1)?, started_at, reached, purpose, voice })
    };
    let but = but.map(|attempt| attempt.as_bytes().to_vec());
    let calls = statement.query_map(params![phone.as_str(), since, but], read)?;
    Ok(calls.collect::<Result<_, _>>()?)
}
