//! Which entries of the do-not-call list close a number.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row};

use crate::model::{ClientId, DoNotCallEntry, Item, ItemId, NewDoNotCallEntry, Removal};
use crate::store::error::StoreResult;
use crate::store::sqlite::read::rows;

/// The most digits of a number.
const MOST_DIGITS: usize = 15;

/// The columns of an entry; an index may follow, and [`JOIN_CLIENT`] does.
pub(crate) const SELECT_ENTRY: &str = "SELECT dnc_entries.id AS id, pattern, name AS client_name, source, reason, since, until, by, \
     item_id, removed_at, removed_by, removed_reason FROM dnc_entries ";

/// Finds the client's name.
pub(crate) const JOIN_CLIENT: &str = " LEFT JOIN clients ON clients.id = client_id ";

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<DoNotCallEntry> {
    let item: Option<i64> = row.get("item_id")?;
    let removed_at = rows::optional_instant(row, "removed_at")?;
    let removed_by: Option<String> = row.get("removed_by")?;
    let removal = match removed_at.zip(removed_by) {
        Some((at, by)) => Some(Removal { at, by, reason: row.get("removed_reason")? }),
        None => None,
    };
    Ok(DoNotCallEntry {
        id: row.get("id")?,
        new: NewDoNotCallEntry {
            pattern: rows::parsed(row, "pattern")?,
            client: rows::optional(row, "client_name")?,
            source: row.get("source")?,
            reason: row.get("reason")?,
            until: rows::optional_instant(row, "until")?,
            said_in: item.and_then(ItemId::from_row),
        },
        since: rows::instant(row, "since")?,
        by: row.get("by")?,
        removal,
    })
}

/// The standing entries that have a number, or all numbers that begin so, for a client's calls or, without a client, for any; those of persons' own
/// first. One index seek for the number, and where an entry is a prefix, one for each of its own.
pub(super) fn closing(
    connection: &Connection,
    number: &str,
    client: Option<&ClientId>,
    now: DateTime<Utc>,
    limit: usize,
) -> StoreResult<Vec<DoNotCallEntry>> {
    let has_prefixes = has_prefixes(connection)?;
    let patterns = if has_prefixes {
        "IN (?4, ?5 || '*', ?6 || '*', ?7 || '*', ?8 || '*', ?9 || '*', ?10 || '*', ?11 || '*', ?12 || '*', ?13 || '*',
             ?14 || '*', ?15 || '*', ?16 || '*', ?17 || '*', ?18 || '*')"
    } else {
        "= ?4"
    };
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT_ENTRY} INDEXED BY dnc_entries_standing {JOIN_CLIENT}
         WHERE removed_at IS NULL AND pattern {patterns}
         AND (until IS NULL OR until > ?1) AND (?2 IS NULL OR client_id IS NULL OR name = ?2)
         ORDER BY source <> 'caller', dnc_entries.id LIMIT ?3"
    ))?;
    statement.raw_bind_parameter(1, now.timestamp_millis())?;
    statement.raw_bind_parameter(2, client.map(ClientId::as_str))?;
    statement.raw_bind_parameter(3, i64::try_from(limit).unwrap_or(i64::MAX))?;
    statement.raw_bind_parameter(4, number)?;
    for digits in (1..MOST_DIGITS).take_while(|_| has_prefixes) {
        statement.raw_bind_parameter(4 + digits, number.get(..=digits))?;
    }
    let mut found = statement.raw_query();
    let mut entries = Vec::new();
    while let Some(row) = found.next()? {
        entries.push(read(row)?);
    }
    Ok(entries)
}

/// Whether a standing entry is a prefix.
fn has_prefixes(connection: &Connection) -> StoreResult<bool> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM dnc_entries INDEXED BY dnc_entries_prefixes WHERE removed_at IS NULL AND pattern LIKE '%*' LIMIT 1",
    )?;
    Ok(statement.exists([])?)
}

/// The entry that closes the number of an item at `now`.
pub(crate) fn entry_of_item(
    connection: &Connection,
    item: &Item,
    now: DateTime<Utc>,
) -> StoreResult<Option<DoNotCallEntry>> {
    let Some(phone) = &item.phone else { return Ok(None) };
    Ok(closing(connection, phone.as_str(), Some(&item.client), now, 1)?.pop())
}
