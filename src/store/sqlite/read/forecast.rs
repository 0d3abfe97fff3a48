//! What a forecast reads: the waiting items in one pass, and the newest calls.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Row, params};

use crate::model::{ClientId, LeadPlace, Outcome, Priority, Reached};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::intern;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::{OPEN, PROMISED, QUEUED, WAITING};

/// The columns of a waiting item that its calls depend on. Times are milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingRow {
    pub id: i64,
    pub client_row: i64,
    pub priority: Priority,
    pub place_row: i64,
    pub scheduled_at: i64,
    pub not_before: Option<i64>,
    pub expires_at: Option<i64>,
    /// Attempts that used the budget.
    pub counted_attempts: u32,
    pub max_retries: u32,
    pub updated_at: i64,
    pub has_phone: bool,
    /// Its next call is promised.
    pub is_promised: bool,
}

/// An attempt that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedCallRow<'row> {
    pub item_row: i64,
    /// 1 for the item's first attempt, and so on.
    pub number: u32,
    pub started_at: i64,
    pub finished_at: i64,
    pub outcome: Outcome,
    pub reason: Option<&'row str>,
    pub reached: Option<Reached>,
    /// What the dispatcher said, in milliseconds.
    pub duration_ms: Option<i64>,
    pub dispatcher: &'row str,
}

const COLUMNS: &str =
    "id, client_id, priority, zones, scheduled_at, not_before, expires_at, tries, max_retries, updated_at,
     phone IS NOT NULL, callback_until IS NOT NULL";

fn waiting_row(row: &Row<'_>) -> rusqlite::Result<WaitingRow> {
    Ok(WaitingRow {
        id: row.get(0)?,
        client_row: row.get(1)?,
        priority: Priority::from_rank(row.get(2)?).unwrap_or(Priority::Low),
        place_row: row.get(3)?,
        scheduled_at: row.get(4)?,
        not_before: row.get(5)?,
        expires_at: row.get(6)?,
        counted_attempts: row.get(7)?,
        max_retries: row.get(8)?,
        updated_at: row.get(9)?,
        has_phone: row.get(10)?,
        is_promised: row.get(11)?,
    })
}

impl Store {
    /// Hands over every waiting item of a client, or of all: by id in one pass over the table, or few of them by index in
    /// any order.
    pub fn waiting_rows(
        &self,
        client: Option<&ClientId>,
        are_few: bool,
        each: &mut dyn FnMut(&WaitingRow) -> StoreResult<()>,
    ) -> StoreResult<()> {
        let only = intern::only_client(&self.connection, client)?;
        let of_client = "(?1 IS NULL OR client_id = ?1)";
        let sources = match (are_few, only) {
            (false, _) => vec![format!("items NOT INDEXED WHERE {WAITING} AND {of_client} ORDER BY id")],
            (true, None) => vec![format!("items INDEXED BY items_waiting WHERE {WAITING} AND {of_client}")],
            (true, Some(_)) => vec![
                format!("items INDEXED BY items_queue WHERE {QUEUED} AND client_id = ?1"),
                format!("items INDEXED BY items_promised WHERE {PROMISED} AND client_id = ?1"),
                format!(
                    "items INDEXED BY items_returned WHERE not_before IS NOT NULL AND {WAITING} AND client_id = ?1"
                ),
            ],
        };
        for source in sources {
            let mut statement = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM {source}"))?;
            let mut found = statement.query([only])?;
            while let Some(row) = found.next()? {
                each(&waiting_row(row)?)?;
            }
        }
        Ok(())
    }

    pub fn client_of_row(&self, row: i64) -> StoreResult<ClientId> {
        intern::client_of_row(&self.connection, row)
    }

    pub fn place_of_row(&self, row: i64) -> StoreResult<Arc<LeadPlace>> {
        intern::place_of_row(&self.connection, row)
    }

    /// When the attempts of an item began after an instant, the oldest first, each with how far it came.
    pub fn item_calls(&self, item_row: i64, since: i64, calls: &mut Vec<(i64, Option<Reached>)>) -> StoreResult<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT started_at, reached FROM attempts WHERE item_id = ?1 AND started_at > ?2 ORDER BY number",
        )?;
        let mut found = statement.query([item_row, since])?;
        while let Some(row) = found.next()? {
            calls.push((row.get(0)?, rows::optional(row, 1)?));
        }
        Ok(())
    }

    /// Hands over the newest calls of a client that began since an instant and have ended, the newest first.
    pub fn newest_calls(
        &self,
        client: &ClientId,
        since: DateTime<Utc>,
        limit: u32,
        each: &mut dyn FnMut(&EndedCallRow<'_>),
    ) -> StoreResult<()> {
        let row = intern::find_client(&self.connection, client)?.unwrap_or(0);
        let mut statement = self.connection.prepare_cached(
            "SELECT item_id, number, started_at, finished_at, outcome, reason, reached, duration_ms, dispatcher
             FROM attempts INDEXED BY attempts_started
             WHERE client_id = ?1 AND started_at >= ?2 AND finished_at IS NOT NULL ORDER BY started_at DESC LIMIT ?3",
        )?;
        let mut found = statement.query(params![row, since.timestamp_millis(), limit])?;
        while let Some(row) = found.next()? {
            each(&EndedCallRow {
                item_row: row.get(0)?,
                number: row.get(1)?,
                started_at: row.get(2)?,
                finished_at: row.get(3)?,
                outcome: rows::parsed(row, 4)?,
                reason: row.get_ref(5)?.as_str_or_null().map_err(rusqlite::Error::from)?,
                reached: rows::optional(row, 6)?,
                duration_ms: row.get(7)?,
                dispatcher: row.get_ref(8)?.as_str().map_err(rusqlite::Error::from)?,
            });
        }
        Ok(())
    }

    /// When the open calls of a client began, and when its newest `limit` calls of the last minute did, the oldest first.
    pub fn present_starts(
        &self,
        client: &ClientId,
        limit: u32,
        now: DateTime<Utc>,
    ) -> StoreResult<(Vec<i64>, Vec<i64>)> {
        let row = intern::find_client(&self.connection, client)?.unwrap_or(0);
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT started_at FROM attempts INDEXED BY attempts_open_client WHERE client_id = ?1 AND {OPEN}"
        ))?;
        let mut open = statement.query_map([row], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        open.sort_unstable();
        let mut statement = self.connection.prepare_cached(
            "SELECT started_at FROM attempts INDEXED BY attempts_started
             WHERE client_id = ?1 AND started_at > ?2 AND started_at <= ?3 ORDER BY started_at DESC LIMIT ?4",
        )?;
        let (from, until) = ((now - TimeDelta::minutes(1)).timestamp_millis(), now.timestamp_millis());
        let newest = statement.query_map(params![row, from, until, limit], |row| row.get(0))?;
        let mut newest = newest.collect::<Result<Vec<i64>, _>>()?;
        newest.reverse();
        Ok((open, newest))
    }
}
