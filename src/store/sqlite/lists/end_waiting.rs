//! Ends the waiting items that a new entry of the do-not-call list closes.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use crate::model::{Actor, ClientId, Event, Item, ItemId, NumberPattern};
use crate::store::error::StoreResult;
use crate::store::sqlite::change::Changes;
use crate::store::sqlite::intern::only_client;
use crate::store::sqlite::queue::fail_waiting::{FailReason, fail_waiting};
use crate::store::sqlite::read::item::load;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::WAITING;

/// Fails at most `limit` waiting items whose numbers a pattern has, of a client or of all; gives them back as they were.
pub(crate) fn end_waiting(
    connection: &Connection,
    pattern: &NumberPattern,
    client: Option<&ClientId>,
    limit: usize,
    (by, now): (&Actor, DateTime<Utc>),
    changes: &mut Changes,
) -> StoreResult<Vec<Item>> {
    let client = only_client(connection, client)?;
    // Behind the last digit: `:` follows `9`.
    let condition = match pattern {
        NumberPattern::Number(_) => "phone = ?1 AND ?2 = ?2",
        NumberPattern::Prefix(_) => "phone >= ?1 AND phone < ?2",
    };
    let ids: Vec<ItemId> = {
        let mut statement = connection.prepare_cached(&format!(
            "SELECT items.id FROM items INDEXED BY items_phone
             WHERE phone IS NOT NULL AND {condition} AND {WAITING} AND (?3 IS NULL OR client_id = ?3) LIMIT ?4"
        ))?;
        let (start, limit) = (pattern.start(), i64::try_from(limit).unwrap_or(i64::MAX));
        let ids =
            statement.query_map(params![start, format!("{start}:"), client, limit], |row| rows::item_id(row, 0))?;
        ids.collect::<Result<_, _>>()?
    };
    let mut ended = Vec::with_capacity(ids.len());
    for id in ids {
        let item = load(connection, id)?;
        fail_waiting(connection, &item, (Event::NotToBeCalled, FailReason::DO_NOT_CALL), by, now, changes)?;
        ended.push(item);
    }
    Ok(ended)
}
