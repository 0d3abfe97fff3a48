//! The facts that statistics are computed from.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::error::StoreResult;
use super::queue::Group;
use super::schema::QUEUED;
use super::{Store, rows};
use crate::model::{ClientId, Outcome, Priority, Status};

/// How many items stand where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFacts {
    /// Items by client, status and priority.
    pub counts: BTreeMap<(ClientId, Status, Priority), u64>,
    /// Held items by client.
    pub held: BTreeMap<ClientId, u64>,
}

/// What is known of one attempt for statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptFacts {
    /// Whose item it was.
    pub client: ClientId,
    /// The item's priority.
    pub priority: Priority,
    /// 1 for the item's first attempt, and so on.
    pub number: u32,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// How it ended; none while it runs.
    pub outcome: Option<Outcome>,
    /// Why.
    pub reason: Option<String>,
    /// How long the call took, in milliseconds.
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

impl Store {
    /// Counts of items, without looking at one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn queue_facts(&self, client: Option<&ClientId>) -> StoreResult<QueueFacts> {
        let mut facts = QueueFacts::default();
        let mut statement = self.connection.prepare(
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

    /// How many items of a group are due at `now`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn due_in_group(&self, group: &Group, now: DateTime<Utc>) -> StoreResult<u64> {
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

    /// Hands every attempt that started in `[since, until)` to `visit`, oldest first within a client.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn visit_attempts(
        &self,
        client: Option<&ClientId>,
        since: Option<DateTime<Utc>>,
        until: DateTime<Utc>,
        visit: &mut dyn FnMut(AttemptFacts),
    ) -> StoreResult<()> {
        let mut statement = self.connection.prepare(
            "SELECT clients.name, items.priority, number, started_at, outcome, reason, duration_ms,
                 CASE WHEN number = 1 THEN max(started_at - items.first_slot_at, 0) END,
                 items.status, number = items.attempts, items.tries
             FROM clients CROSS JOIN attempts INDEXED BY attempts_started ON attempts.client_id = clients.id
             CROSS JOIN items ON items.id = attempts.item_id
             WHERE (?1 IS NULL OR clients.name = ?1) AND started_at >= ?2 AND started_at < ?3
             ORDER BY clients.id, started_at",
        )?;
        let since = since.map_or(i64::MIN, |at| at.timestamp_millis());
        let mut found = statement.query(params![client.map(ClientId::as_str), since, until.timestamp_millis()])?;
        while let Some(row) = found.next()? {
            let outcome: Option<String> = row.get(4)?;
            visit(AttemptFacts {
                client: rows::parsed(row, 0)?,
                priority: Priority::from_rank(row.get(1)?).unwrap_or(Priority::Low),
                number: row.get(2)?,
                started_at: rows::instant(row, 3)?,
                outcome: outcome.and_then(|word| word.parse().ok()),
                reason: row.get(5)?,
                duration_ms: row.get::<_, Option<i64>>(6)?.map(i64::unsigned_abs),
                waited_ms: row.get::<_, Option<i64>>(7)?.map(i64::unsigned_abs),
                item_status: rows::parsed(row, 8)?,
                is_last: row.get(9)?,
                item_tries: row.get(10)?,
            });
        }
        Ok(())
    }
}
