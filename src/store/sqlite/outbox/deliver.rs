//! Events on their way: which are to be sent next, and what became of those that were.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{AttemptId, DoNotCallEntry, EventState, ItemMoment, OutboxEvent, RunId};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::lists::entry::{JOIN_CLIENT, SELECT_ENTRY, read as read_entry};
use crate::store::sqlite::read::item::priority;
use crate::store::sqlite::read::rows;

/// How a receiver does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiverState {
    pub row: i64,
    pub health: ReceiverHealth,
}

/// What is remembered of a receiver from one process to the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReceiverHealth {
    /// Failures in a row.
    pub failures: u32,
    /// When the first of them was.
    pub failing_since: Option<DateTime<Utc>>,
    /// Nothing is sent to it before this instant.
    pub rests_until: Option<DateTime<Utc>>,
}

/// What became of an event that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub event: i64,
    pub end: SentEnd,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentEnd {
    Delivered,
    /// It is sent again at an instant; none for never.
    Failed {
        error: String,
        again_at: Option<DateTime<Utc>>,
    },
}

pub(super) const SELECT_EVENT: &str = "SELECT outbox.id AS id, event_receivers.name AS receiver_name, type, at, by,
     clients.name AS client_name, item_id, lead_id, status, held, priority, scheduled_at, expires_at, phone, attempts, tries,
     max_retries, last_reason, attempt, outcome, reason, changed, entry, run_id, dead, outbox.failures AS failures,
     first_try_at, next_try_at, last_error
     FROM outbox CROSS JOIN event_receivers ON event_receivers.id = receiver
     LEFT JOIN clients ON clients.id = outbox.client_id ";

/// The events of receiver ?1 that may be sent at ?2, at most ?3.
fn to_send() -> String {
    format!(
        "{SELECT_EVENT} WHERE receiver = ?1 AND dead = 0 AND (next_try_at IS NULL OR next_try_at <= ?2)
         AND NOT EXISTS (
             SELECT 1 FROM outbox AS earlier INDEXED BY outbox_failing
             WHERE earlier.receiver = ?1 AND earlier.dead = 0 AND earlier.next_try_at IS NOT NULL
                 AND earlier.item_id = outbox.item_id AND earlier.id < outbox.id AND earlier.next_try_at > ?2
         )
         ORDER BY outbox.id LIMIT ?3"
    )
}

/// At most this many events of a receiver that is gone for too long die in one transaction.
const DIE_AT_ONCE: i64 = 1_000;

impl Store {
    /// How a receiver does; none when it never had an event.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn receiver_state(&self, name: &str) -> StoreResult<Option<ReceiverState>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, failures, failing_since, rests_until FROM event_receivers WHERE name = ?1")?;
        let read = |row: &Row<'_>| {
            let health = ReceiverHealth {
                failures: row.get("failures")?,
                failing_since: rows::optional_instant(row, "failing_since")?,
                rests_until: rows::optional_instant(row, "rests_until")?,
            };
            Ok(ReceiverState { row: row.get("id")?, health })
        };
        Ok(statement.query_row([name], read).optional()?)
    }

    /// At most `limit` events that may be sent to a receiver at `now`, in their order. None stands behind one of the same
    /// item that waits for a later time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn events_to_send(&self, receiver: i64, now: DateTime<Utc>, limit: usize) -> StoreResult<Vec<OutboxEvent>> {
        let mut statement = self.connection.prepare_cached(&to_send())?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut found = statement.query(params![receiver, now.timestamp_millis(), limit])?;
        let mut events = Vec::new();
        while let Some(row) = found.next()? {
            events.push(event(&self.connection, row)?);
        }
        Ok(events)
    }

    /// Notes what became of events that were sent, and how their receiver does by now. Events that happened at or before
    /// `die_before` die. A delivered event is gone.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn note_sent(
        &mut self,
        receiver: i64,
        sent: &[Sent],
        health: ReceiverHealth,
        die_before: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let millis = |at: DateTime<Utc>| at.timestamp_millis();
        let transaction = self.write()?;
        {
            let mut delete =
                transaction.prepare_cached("DELETE FROM outbox WHERE receiver = ?1 AND dead = 0 AND id = ?2")?;
            let mut fail = transaction.prepare_cached(
                "UPDATE outbox SET failures = failures + 1, first_try_at = coalesce(first_try_at, ?3), next_try_at = ?4,
                     last_error = ?5, dead = CASE WHEN ?4 IS NULL THEN 1 ELSE 0 END
                 WHERE receiver = ?1 AND dead = 0 AND id = ?2",
            )?;
            for Sent { event, end } in sent {
                match end {
                    SentEnd::Delivered => delete.execute([receiver, *event])?,
                    SentEnd::Failed { error, again_at } => {
                        fail.execute(params![receiver, event, millis(now), again_at.map(millis), error])?
                    }
                };
            }
            let mut update = transaction.prepare_cached(
                "UPDATE event_receivers SET failures = ?2, failing_since = ?3, rests_until = ?4
                 WHERE id = ?1 AND (failures <> ?2 OR failures > 0)",
            )?;
            let ReceiverHealth { failures, failing_since, rests_until } = health;
            update.execute(params![receiver, failures, failing_since.map(millis), rests_until.map(millis)])?;
            if let Some(before) = die_before {
                let mut die = transaction.prepare_cached(
                    "UPDATE outbox SET dead = 1, next_try_at = NULL,
                         last_error = coalesce(last_error, 'the receiver has failed for 3 days')
                     WHERE receiver = ?1 AND dead = 0 AND id IN (
                         SELECT id FROM outbox WHERE receiver = ?1 AND dead = 0 AND at <= ?2 ORDER BY id LIMIT ?3
                     )",
                )?;
                die.execute(params![receiver, millis(before), DIE_AT_ONCE])?;
            }
        }
        Ok(transaction.commit()?)
    }
}

/// Reads a row of [`SELECT_EVENT`].
pub(super) fn event(connection: &Connection, row: &Row<'_>) -> StoreResult<OutboxEvent> {
    let entry: Option<i64> = row.get("entry")?;
    let entry = entry.map(|entry| read_do_not_call(connection, entry)).transpose()?.flatten();
    let (dead, failures): (bool, u32) = (row.get("dead")?, row.get("failures")?);
    let changed: Option<String> = row.get("changed")?;
    Ok(OutboxEvent {
        id: row.get("id")?,
        receiver: row.get("receiver_name")?,
        kind: rows::parsed(row, "type")?,
        at: rows::instant(row, "at")?,
        by: row.get("by")?,
        client: rows::optional(row, "client_name")?,
        item: moment(row)?,
        attempt: row.get::<_, Option<[u8; 16]>>("attempt")?.map(AttemptId::from_bytes),
        outcome: rows::optional(row, "outcome")?,
        reason: row.get("reason")?,
        changed: changed.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        entry: entry.map(Box::new),
        run: row.get::<_, Option<[u8; 16]>>("run_id")?.map(RunId::from_bytes),
        state: match (dead, failures) {
            (true, _) => EventState::Dead,
            (false, 0) => EventState::Waiting,
            (false, _) => EventState::Failing,
        },
        failures,
        first_try_at: rows::optional_instant(row, "first_try_at")?,
        next_try_at: rows::optional_instant(row, "next_try_at")?,
        last_error: row.get("last_error")?,
    })
}

fn moment(row: &Row<'_>) -> rusqlite::Result<Option<ItemMoment>> {
    if row.get::<_, Option<i64>>("item_id")?.is_none() {
        return Ok(None);
    }
    Ok(Some(ItemMoment {
        id: rows::item_id(row, "item_id")?,
        lead: rows::parsed(row, "lead_id")?,
        status: rows::parsed(row, "status")?,
        held: row.get("held")?,
        priority: priority(row.get("priority")?)?,
        scheduled_at: rows::instant(row, "scheduled_at")?,
        expires_at: rows::optional_instant(row, "expires_at")?,
        phone: rows::optional(row, "phone")?,
        attempts: row.get("attempts")?,
        counted_attempts: row.get("tries")?,
        max_retries: row.get("max_retries")?,
        last_reason: row.get("last_reason")?,
    }))
}

/// An entry as it was when it was added.
fn read_do_not_call(connection: &Connection, id: i64) -> StoreResult<Option<DoNotCallEntry>> {
    let mut statement =
        connection.prepare_cached(&format!("{SELECT_ENTRY} {JOIN_CLIENT} WHERE dnc_entries.id = ?1"))?;
    let entry = statement.query_row([id], read_entry).optional()?;
    Ok(entry.map(|entry| DoNotCallEntry { removal: None, ..entry }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Access;

    #[test]
    fn the_next_events_are_found_without_looking_at_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("queue.db"), Access::Create).unwrap();
        let plan = store.query_plan(&to_send()).join("\n");
        assert!(plan.contains("SEARCH outbox USING PRIMARY KEY (receiver=? AND dead=?)"), "{plan}");
        assert!(plan.contains("USING INDEX outbox_failing (receiver=? AND item_id=? AND "), "{plan}");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
