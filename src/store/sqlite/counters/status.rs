//! What `status` tells beside the counters: the last run, what gates hold back, and the calls of a day.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use crate::model::{ClientId, Gate, RunId};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::intern;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::WAITING;

/// A run that made an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRun {
    pub id: RunId,
    pub started_at: DateTime<Utc>,
    /// None while it goes on, and for ever when it was killed.
    pub finished_at: Option<DateTime<Utc>>,
    pub by: String,
    /// None while it goes on, and for ever when it was killed.
    pub processed: Option<u64>,
}

/// The items of a client that a gate took out of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockedItems {
    pub items: u64,
    /// When the first of them is looked at again.
    pub until: DateTime<Utc>,
}

/// The calls of a client in a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCounts {
    /// Attempts in which a call took place.
    pub called: u64,
    /// Those that reached a person.
    pub reached: u64,
}

impl Store {
    /// The last run that made an attempt.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn last_run(&self) -> StoreResult<Option<LastRun>> {
        // Ids begin with the start of their run.
        let mut statement = self.connection.prepare_cached(
            "SELECT id, started_at, finished_at, started_by, processed FROM runs ORDER BY id DESC LIMIT 1",
        )?;
        let found = statement.query_row([], |row| {
            Ok(LastRun {
                id: RunId::from_bytes(row.get(0)?),
                started_at: rows::instant(row, 1)?,
                finished_at: rows::optional_instant(row, 2)?,
                by: row.get(3)?,
                processed: row.get::<_, Option<i64>>(4)?.map(i64::unsigned_abs),
            })
        });
        Ok(found.optional()?)
    }

    /// The due items that gates hold back beyond `now`, of a client or of all.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn blocked_items(
        &self,
        client: Option<&ClientId>,
        now: DateTime<Utc>,
    ) -> StoreResult<BTreeMap<(ClientId, Gate), BlockedItems>> {
        let only = intern::only_client(&self.connection, client)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT (SELECT name FROM clients WHERE clients.id = client_id), blocked_by, count(*), min(not_before)
             FROM items INDEXED BY items_blocked
             WHERE blocked_by IS NOT NULL AND not_before > ?1 AND scheduled_at <= ?1
                 AND (expires_at IS NULL OR expires_at > ?1) AND (?2 IS NULL OR client_id = ?2)
             GROUP BY client_id, blocked_by",
        )?;
        let found = statement.query_map(params![now.timestamp_millis(), only], |row| {
            let (items, until) = (row.get::<_, i64>(2)?.unsigned_abs(), rows::instant(row, 3)?);
            Ok(((rows::parsed(row, 0)?, rows::parsed(row, 1)?), BlockedItems { items, until }))
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// How many promised calls of a client, or of all, were missed at `now`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn missed_callbacks(&self, client: Option<&ClientId>, now: DateTime<Utc>) -> StoreResult<u64> {
        let only = intern::only_client(&self.connection, client)?;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT count(*) FROM items INDEXED BY items_callback WHERE callback_until IS NOT NULL
                 AND callback_until <= ?1 AND {WAITING} AND (?2 IS NULL OR client_id = ?2)"
        ))?;
        let count: i64 = statement.query_row(params![now.timestamp_millis(), only], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The calls of a client that began at `since` or later.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn calls_since(&self, client: &ClientId, since: DateTime<Utc>) -> StoreResult<CallCounts> {
        let row = intern::find_client(&self.connection, client)?.unwrap_or(0);
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*), count(CASE WHEN reached = 'person' THEN 1 END)
             FROM attempts INDEXED BY attempts_started WHERE client_id = ?1 AND started_at >= ?2
                 AND (outcome IS NULL OR (outcome <> 'returned' AND outcome <> 'unavailable'))",
        )?;
        let counts = statement.query_row(params![row, since.timestamp_millis()], |row| {
            let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
            Ok(CallCounts { called: count(0)?, reached: count(1)? })
        });
        Ok(counts?)
    }
}
