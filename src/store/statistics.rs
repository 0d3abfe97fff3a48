//! The facts that statistics are computed from.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;
use rusqlite::types::Value;

use super::error::StoreResult;
use super::schema::{QUEUED, WAITING};
use super::{Group, Store, intern, queue, rows};
use crate::model::{AttemptId, ClientId, ItemId, Outcome, Priority, Status, ZoneName};

/// How many items stand where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFacts {
    /// Items by client, status and priority.
    pub counts: BTreeMap<(ClientId, Status, Priority), u64>,
    /// Held items by client.
    pub held: BTreeMap<ClientId, u64>,
}

/// Due items that share client, priority and zones, and so their windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueGroup {
    /// The client.
    pub client: ClientId,
    /// The priority.
    pub priority: Priority,
    /// The lead's zones.
    pub zones: Vec<ZoneName>,
    /// How many; at least one.
    pub count: u64,
    /// Since when the first of them is due.
    pub oldest: DateTime<Utc>,
}

/// What is known of one attempt for statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptFacts<'row> {
    /// Whose item it was.
    pub client: &'row ClientId,
    /// Its item.
    pub item: ItemId,
    /// The item's priority.
    pub priority: Priority,
    /// 1 for the item's first attempt, and so on.
    pub number: u32,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// How it ended; none while it runs.
    pub outcome: Option<Outcome>,
    /// Why.
    pub reason: Option<&'row str>,
    /// How long the call took, in milliseconds; none while it runs.
    pub duration_ms: Option<u64>,
    /// For the first attempt: milliseconds from the item's first slot to it.
    pub waited_ms: Option<u64>,
    /// Where the item stands now.
    pub item_status: Status,
    /// Whether this is the last attempt of its item.
    pub is_last: bool,
    /// Attempts of the item that used its budget.
    pub item_tries: u32,
}

/// Client, priority and zones of a group, as rows.
type GroupRow = (i64, i64, i64);

impl Store {
    /// Reads several things as they are at one instant, whatever other programs write meanwhile.
    ///
    /// # Errors
    /// When the database or `read` fails.
    pub fn at_one_instant<T>(&self, read: impl FnOnce(&Store) -> StoreResult<T>) -> StoreResult<T> {
        let transaction = self.connection.unchecked_transaction()?;
        let answer = read(self)?;
        transaction.commit()?;
        Ok(answer)
    }

    /// Counts of items, without looking at one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn queue_facts(&self, client: Option<&ClientId>) -> StoreResult<QueueFacts> {
        let mut facts = QueueFacts::default();
        let mut statement = self.connection.prepare_cached(
            "SELECT clients.name, status, priority, held, n FROM item_counts JOIN clients ON clients.id = client_id
             WHERE n > 0 AND (?1 IS NULL OR clients.name = ?1)",
        )?;
        let mut found = statement.query([client.map(ClientId::as_str)])?;
        while let Some(row) = found.next()? {
            let client: ClientId = rows::parsed(row, 0)?;
            let priority = Priority::from_rank(row.get(2)?).unwrap_or(Priority::Low);
            let count = row.get::<_, i64>(4)?.unsigned_abs();
            *facts.counts.entry((client.clone(), rows::parsed(row, 1)?, priority)).or_default() += count;
            if row.get(3)? {
                *facts.held.entry(client).or_default() += count;
            }
        }
        Ok(facts)
    }

    /// The items that are due at `now`, by group: they wait, their time has come, a returned attempt does not hold them
    /// back, and they have not expired. Whether their windows are open is not asked.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn due_groups(&self, client: Option<&ClientId>, now: DateTime<Utc>) -> StoreResult<Vec<DueGroup>> {
        let mut expired = self.expired_by_group(now)?;
        let mut due: BTreeMap<GroupRow, DueGroup> = BTreeMap::new();
        for group in queue::groups(&self.connection, client)? {
            if group.head > now {
                continue;
            }
            let row = (group.client_row, i64::from(group.priority.rank()), group.zones_row);
            let gone = expired.remove(&row).unwrap_or(0);
            let count = self.due_in_group(&group, now)?.saturating_sub(gone);
            let oldest = if gone == 0 { Some(group.head) } else { self.oldest_in_group(&group, now)? };
            if let Some(oldest) = oldest.filter(|_| count > 0) {
                let Group { client, priority, zones, .. } = group;
                due.insert(row, DueGroup { client, priority, zones, count, oldest });
            }
        }
        self.add_released(client, now, &mut due)?;
        Ok(due.into_values().collect())
    }

    /// How many queued items of a group have come due at `now`, expired ones included.
    fn due_in_group(&self, group: &Group, now: DateTime<Utc>) -> StoreResult<u64> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT count(*) FROM items INDEXED BY items_queue
             WHERE {QUEUED} AND client_id = ?1 AND priority = ?2 AND zones = ?3 AND scheduled_at <= ?4"
        ))?;
        let count: i64 = statement.query_row(
            params![group.client_row, group.priority.rank(), group.zones_row, now.timestamp_millis()],
            |row| row.get(0),
        )?;
        Ok(count.unsigned_abs())
    }

    /// Since when the first item of a group is due that has not expired.
    fn oldest_in_group(&self, group: &Group, now: DateTime<Utc>) -> StoreResult<Option<DateTime<Utc>>> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT scheduled_at FROM items INDEXED BY items_queue
             WHERE {QUEUED} AND client_id = ?1 AND priority = ?2 AND zones = ?3 AND scheduled_at <= ?4
                 AND (expires_at IS NULL OR expires_at > ?4)
             ORDER BY scheduled_at LIMIT 1"
        ))?;
        let mut found = statement.query(params![
            group.client_row,
            group.priority.rank(),
            group.zones_row,
            now.timestamp_millis()
        ])?;
        Ok(found.next()?.map(|row| rows::instant(row, 0)).transpose()?)
    }

    /// Queued items that have come due but expired, by group: no run has given them up yet.
    fn expired_by_group(&self, now: DateTime<Utc>) -> StoreResult<BTreeMap<GroupRow, u64>> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT client_id, priority, zones, count(*) FROM items INDEXED BY items_expiring
             WHERE {WAITING} AND expires_at IS NOT NULL AND expires_at <= ?1
                 AND not_before IS NULL AND scheduled_at <= ?1
             GROUP BY client_id, priority, zones"
        ))?;
        let found = statement.query_map([now.timestamp_millis()], |row| {
            let group = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((group, row.get::<_, i64>(3)?.unsigned_abs()))
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Adds the due items that a returned attempt held back until before now: no run has put them into the queue yet.
    fn add_released(
        &self,
        client: Option<&ClientId>,
        now: DateTime<Utc>,
        due: &mut BTreeMap<GroupRow, DueGroup>,
    ) -> StoreResult<()> {
        let only = match client {
            None => None,
            // Row 0 is no client's: a client that the database does not know has nothing due.
            Some(client) => Some(intern::find_client(&self.connection, client)?.unwrap_or(0)),
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT client_id, priority, zones, count(*), min(scheduled_at),
                 (SELECT name FROM clients WHERE clients.id = client_id),
                 (SELECT names FROM zone_sets WHERE zone_sets.id = zones)
             FROM items INDEXED BY items_returned
             WHERE not_before IS NOT NULL AND not_before <= ?1 AND scheduled_at <= ?1
                 AND (expires_at IS NULL OR expires_at > ?1) AND (?2 IS NULL OR client_id = ?2)
             GROUP BY client_id, priority, zones",
        )?;
        let mut found = statement.query(params![now.timestamp_millis(), only])?;
        while let Some(row) = found.next()? {
            let (count, oldest) = (row.get::<_, i64>(3)?.unsigned_abs(), rows::instant(row, 4)?);
            let rank: i64 = row.get(1)?;
            let names: String = row.get(6)?;
            let group = due.entry((row.get(0)?, rank, row.get(2)?)).or_insert(DueGroup {
                client: rows::parsed(row, 5)?,
                priority: Priority::from_rank(rank).unwrap_or(Priority::Low),
                zones: rows::zone_names(&names).unwrap_or_default(),
                count: 0,
                oldest,
            });
            group.count += count;
            group.oldest = group.oldest.min(oldest);
        }
        Ok(())
    }

    /// Hands every attempt, of a client or of all, that started from `since` up to and including `until` to `visit`; the
    /// attempts of one client come oldest first.
    ///
    /// # Errors
    /// When the database or `visit` fails.
    pub fn visit_attempts(
        &self,
        client: Option<&ClientId>,
        since: Option<DateTime<Utc>>,
        until: DateTime<Utc>,
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
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT item_id, items.priority, number, started_at, outcome, reason, duration_ms,
                 CASE WHEN number = 1 THEN max(started_at - items.first_slot_at, 0) END,
                 items.status, number = items.attempts, items.tries, attempts.client_id
             FROM {from} CROSS JOIN items ON items.id = item_id
             WHERE {by} AND started_at BETWEEN ?2 AND ?3 ORDER BY {order}"
        ))?;
        let clients = self.client_names()?;
        let since = since.map_or(i64::MIN, |at| at.timestamp_millis());
        let mut found = statement.query(params![bound, since, until.timestamp_millis()])?;
        while let Some(row) = found.next()? {
            // Every attempt refers to a client, so that none is passed over here.
            let Some(client) = clients.get(&row.get(11)?) else { continue };
            visit(AttemptFacts {
                client,
                item: rows::item_id(row, 0)?,
                priority: Priority::from_rank(row.get(1)?).unwrap_or(Priority::Low),
                number: row.get(2)?,
                started_at: rows::instant(row, 3)?,
                outcome: match row.get_ref(4)?.as_str_or_null().map_err(rusqlite::Error::from)? {
                    None => None,
                    Some(_) => Some(rows::parsed(row, 4)?),
                },
                reason: row.get_ref(5)?.as_str_or_null().map_err(rusqlite::Error::from)?,
                duration_ms: row.get::<_, Option<i64>>(6)?.map(i64::unsigned_abs),
                waited_ms: row.get::<_, Option<i64>>(7)?.map(i64::unsigned_abs),
                item_status: rows::parsed(row, 8)?,
                is_last: row.get(9)?,
                item_tries: row.get(10)?,
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

    /// Hands start and reason of an item's attempts before number `before` that started from `since` up to and including
    /// `until` to `visit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn visit_earlier_attempts(
        &self,
        item: ItemId,
        before: u32,
        since: Option<DateTime<Utc>>,
        until: DateTime<Utc>,
        visit: &mut dyn FnMut(DateTime<Utc>, Option<&str>),
    ) -> StoreResult<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT started_at, reason FROM attempts
             WHERE item_id = ?1 AND number < ?2 AND started_at BETWEEN ?3 AND ?4",
        )?;
        let since = since.map_or(i64::MIN, |at| at.timestamp_millis());
        let mut found = statement.query(params![item.row(), before, since, until.timestamp_millis()])?;
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
    earliest.map_or_else(Vec::new, |earliest| AttemptId::new(earliest, [0; 10]).as_bytes().to_vec())
}
