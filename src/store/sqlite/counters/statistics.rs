//! The facts that statistics are computed from.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;
use rusqlite::types::Value;

use crate::model::{AttemptId, ClientId, ItemId, LeadPlace, Outcome, Priority, Status, ZoneName};
use crate::store::Store;
use crate::store::error::{StoreError, StoreResult};
use crate::store::sqlite::counters::metrics::AttemptCount;
use crate::store::sqlite::intern;
use crate::store::sqlite::read::rows::{self, PLACE};

/// How many items stand where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFacts {
    /// Items by client, status and priority.
    pub counts: BTreeMap<(ClientId, Status, Priority), u64>,
    /// Held items by client.
    pub held: BTreeMap<ClientId, u64>,
    /// Items by status that had at least two attempts which used their budget.
    pub retried: BTreeMap<Status, u64>,
}

/// What is known of one attempt for statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptFacts<'row> {
    /// Whose item it was.
    pub client: &'row ClientId,
    pub item: ItemId,
    pub priority: Priority,
    /// The zones of its lead, sorted by name; none means the client's.
    pub zones: &'row [ZoneName],
    /// 1 for the item's first attempt, and so on.
    pub number: u32,
    pub started_at: DateTime<Utc>,
    /// How it ended; none while it runs.
    pub outcome: Option<Outcome>,
    pub reason: Option<&'row str>,
    /// How long the call took, in milliseconds; none while it runs.
    pub duration_ms: Option<u64>,
    /// How much of that lay inside the business hours.
    pub business_ms: Option<u64>,
    /// For the first attempt: milliseconds from the item's first slot to it.
    pub waited_ms: Option<u64>,
    /// Where the item stands now.
    pub item_status: Status,
    /// Whether this is the last attempt of its item.
    pub is_last: bool,
    /// Attempts of the item that used its budget.
    pub item_tries: u32,
    /// What else was asked for.
    pub detail: Option<&'row str>,
}

/// What else is read of each attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AttemptDetail {
    #[default]
    Nothing,
    /// The number that was dialled.
    Phone,
    /// The metadata of the item.
    Metadata,
}

impl AttemptDetail {
    fn column(self) -> &'static str {
        match self {
            AttemptDetail::Nothing => "NULL",
            AttemptDetail::Phone => "attempts.phone",
            AttemptDetail::Metadata => "items.metadata",
        }
    }
}

impl AttemptFacts<'_> {
    /// What is counted of the attempt.
    pub(crate) fn count(&self) -> AttemptCount<'_> {
        let AttemptFacts { outcome, reason, waited_ms, duration_ms, business_ms, .. } = *self;
        AttemptCount { outcome, reason, waited_ms, duration_ms, business_ms }
    }
}

impl Store {
    /// Reads several things as of one instant, while other programs write. Their statements lock and
    /// unlock the log together, not each for itself. One reading may be part of another.
    ///
    /// # Errors
    /// When the database or `read` fails.
    pub fn at_one_instant<T, E: From<StoreError>>(&self, read: impl FnOnce(&Store) -> Result<T, E>) -> Result<T, E> {
        if !self.connection.is_autocommit() {
            return read(self);
        }
        let transaction = self.connection.unchecked_transaction().map_err(StoreError::from)?;
        let answer = read(self)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(answer)
    }

    /// Counts of items, without looking at one.
    pub fn queue_facts(&self, client: Option<&ClientId>) -> StoreResult<QueueFacts> {
        let mut facts = QueueFacts::default();
        let mut statement = self.connection.prepare_cached(
            "SELECT clients.name, status, priority, held, retried, n FROM item_counts JOIN clients ON clients.id = client_id
             WHERE n > 0 AND (?1 IS NULL OR clients.name = ?1)",
        )?;
        let mut found = statement.query([client.map(ClientId::as_str)])?;
        while let Some(row) = found.next()? {
            let client: ClientId = rows::parsed(row, 0)?;
            let priority = Priority::from_rank(row.get(2)?).unwrap_or(Priority::Low);
            let status = rows::parsed(row, 1)?;
            let count = row.get::<_, i64>(5)?.unsigned_abs();
            *facts.counts.entry((client.clone(), status, priority)).or_default() += count;
            if row.get(4)? {
                *facts.retried.entry(status).or_default() += count;
            }
            if row.get(3)? {
                *facts.held.entry(client).or_default() += count;
            }
        }
        Ok(facts)
    }

    /// Hands every attempt, of a client or of all, that started at `since` or later to `visit`; the attempts of one
    /// client come oldest first.
    ///
    /// # Errors
    /// When the database or `visit` fails.
    pub fn visit_attempts(
        &self,
        client: Option<&ClientId>,
        since: Option<DateTime<Utc>>,
        detail: AttemptDetail,
        visit: &mut dyn FnMut(AttemptFacts<'_>) -> StoreResult<()>,
    ) -> StoreResult<()> {
        let (from, by) = match client {
            Some(_) => ("attempts INDEXED BY attempts_started", "attempts.client_id = ?1"),
            // In the order of the table: the index would lead through all of it once for each client, at 4 times the
            // cost with 500 clients. Ids begin with the start of their attempt.
            None => ("attempts", "attempts.id >= ?1"),
        };
        let order = if client.is_some() { "started_at" } else { "attempts.id" };
        let bound = match client {
            Some(client) => match intern::find_client(&self.connection, client)? {
                Some(row) => Value::from(row),
                None => return Ok(()),
            },
            None => Value::from(first_id(since)),
        };
        let detail = detail.column();
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT item_id, items.priority, number, started_at, outcome, reason, duration_ms,
                 CASE WHEN number > 1 THEN NULL WHEN started_at > items.first_slot_at THEN started_at - items.first_slot_at
                     ELSE 0 END,
                 items.status, number = items.attempts, items.tries, attempts.client_id, business_ms, items.zones, {detail}
             FROM {from} CROSS JOIN items ON items.id = item_id
             WHERE {by} AND started_at >= ?2 ORDER BY {order}"
        ))?;
        let (clients, places) = (self.client_names()?, self.places()?);
        let since = since.map_or(i64::MIN, |at| at.timestamp_millis());
        let mut found = statement.query(params![bound, since])?;
        while let Some(row) = found.next()? {
            // Every attempt refers to a client, so that none is passed over here.
            let Some(client) = clients.get(&row.get(11)?) else { continue };
            visit(AttemptFacts {
                client,
                item: rows::item_id(row, 0)?,
                priority: Priority::from_rank(row.get(1)?).unwrap_or(Priority::Low),
                zones: places.get(&row.get(13)?).map(|place| &place.zones[..]).unwrap_or_default(),
                number: row.get(2)?,
                started_at: rows::instant(row, 3)?,
                outcome: match row.get_ref(4)?.as_str_or_null().map_err(rusqlite::Error::from)? {
                    None => None,
                    Some(_) => Some(rows::parsed(row, 4)?),
                },
                reason: row.get_ref(5)?.as_str_or_null().map_err(rusqlite::Error::from)?,
                duration_ms: row.get::<_, Option<i64>>(6)?.map(i64::unsigned_abs),
                business_ms: row.get::<_, Option<i64>>(12)?.map(i64::unsigned_abs),
                waited_ms: row.get::<_, Option<i64>>(7)?.map(i64::unsigned_abs),
                item_status: rows::parsed(row, 8)?,
                is_last: row.get(9)?,
                item_tries: row.get(10)?,
                detail: row.get_ref(14)?.as_str_or_null().map_err(rusqlite::Error::from)?,
            })?;
        }
        Ok(())
    }

    /// The clients by their rows.
    fn client_names(&self) -> StoreResult<HashMap<i64, ClientId>> {
        let mut statement = self.connection.prepare_cached("SELECT id, name FROM clients")?;
        let names = statement.query_map([], |row| Ok((row.get(0)?, rows::parsed(row, 1)?)))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// The places of leads by their rows.
    pub fn places(&self) -> StoreResult<HashMap<i64, Arc<LeadPlace>>> {
        let mut statement = self.connection.prepare_cached(&format!("SELECT id, {PLACE} FROM places"))?;
        let places = statement.query_map([], |row| Ok((row.get(0)?, rows::place(row)?)))?;
        Ok(places.collect::<Result<_, _>>()?)
    }

    /// Hands start and reason of an item's attempts before number `before` that started at `since` or later to `visit`.
    pub fn visit_earlier_attempts(
        &self,
        item: ItemId,
        before: u32,
        since: Option<DateTime<Utc>>,
        visit: &mut dyn FnMut(DateTime<Utc>, Option<&str>),
    ) -> StoreResult<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT started_at, reason FROM attempts
             WHERE item_id = ?1 AND number < ?2 AND started_at >= ?3",
        )?;
        let since = since.map_or(i64::MIN, |at| at.timestamp_millis());
        let mut found = statement.query(params![item.row(), before, since])?;
        while let Some(row) = found.next()? {
            visit(rows::instant(row, 0)?, row.get_ref(1)?.as_str_or_null().map_err(rusqlite::Error::from)?);
        }
        Ok(())
    }
}

/// The least id that an attempt which started at `since` or later can have, with a day to spare: the instant in an id is
/// the one at which the claim was decided, and the condition on the start itself is asked besides.
fn first_id(since: Option<DateTime<Utc>>) -> Vec<u8> {
    let earliest = since.and_then(|since| since.checked_sub_signed(TimeDelta::days(1)));
    earliest.map_or_else(Vec::new, |earliest| AttemptId::least_at(earliest).as_bytes().to_vec())
}
