//! Events as people see them: listed, sent again, dropped, counted.

use chrono::{DateTime, Utc};
use rusqlite::params_from_iter;
use rusqlite::types::Value;

use crate::model::{ClientId, EventState, OutboxEvent};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::outbox::deliver::{SELECT_EVENT, event};
use crate::store::sqlite::read::filter::Condition;
use crate::store::sqlite::read::rows;

/// Which events are meant; all without any field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Ranges of ids, each inclusive.
    pub ids: Vec<(i64, i64)>,
    pub state: Option<EventState>,
    pub client: Option<ClientId>,
}

/// The place of an event in the list: by receiver, those to be sent before dead ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPosition {
    receiver: i64,
    dead: bool,
    id: i64,
}

/// How many events wait, and how they do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventCounts {
    /// Those to be sent, failing ones included.
    pub waiting: u64,
    pub failing: u64,
    pub dead: u64,
    /// When the oldest of those to be sent happened.
    pub oldest_at: Option<DateTime<Utc>>,
}

impl EventFilter {
    fn condition(&self) -> Condition {
        let mut condition = Condition::default();
        if !self.ids.is_empty() {
            condition.and_ids("outbox.id", self.ids.iter().copied());
        }
        match self.state {
            Some(EventState::Waiting) => condition.and("dead = 0 AND outbox.failures = 0", []),
            Some(EventState::Failing) => condition.and("dead = 0 AND outbox.failures > 0", []),
            Some(EventState::Dead) => condition.and("dead = 1", []),
            None => {}
        }
        if let Some(client) = &self.client {
            let name = Value::from(client.as_str().to_owned());
            condition.and("outbox.client_id = (SELECT id FROM clients WHERE name = ?)", [name]);
        }
        condition
    }
}

impl Store {
    /// At most `limit` events of a selection behind a place in the list, and the place of the last one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn events(
        &self,
        filter: &EventFilter,
        after: Option<&EventPosition>,
        limit: usize,
    ) -> StoreResult<(Vec<OutboxEvent>, Option<EventPosition>)> {
        let mut condition = filter.condition();
        if let Some(EventPosition { receiver, dead, id }) = after {
            let place = [Value::from(*receiver), Value::from(i64::from(*dead)), Value::from(*id)];
            condition.and("(receiver, dead, outbox.id) > (?, ?, ?)", place);
        }
        let sql = format!(
            "{} WHERE {} ORDER BY receiver, dead, outbox.id LIMIT {limit}",
            SELECT_EVENT.replacen("SELECT ", "SELECT receiver AS receiver_row, ", 1),
            condition.sql()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = statement.query(params_from_iter(condition.values))?;
        let (mut events, mut last) = (Vec::new(), None);
        while let Some(row) = found.next()? {
            last =
                Some(EventPosition { receiver: row.get("receiver_row")?, dead: row.get("dead")?, id: row.get("id")? });
            events.push(event(&self.connection, row)?);
        }
        Ok((events, last))
    }

    /// Lets events be sent again at once, as if for the first time. Gives back how many.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn retry_events(&mut self, filter: &EventFilter) -> StoreResult<usize> {
        let condition = filter.condition();
        let transaction = self.write()?;
        let meant =
            format!("(receiver, dead, id) IN (SELECT receiver, dead, id FROM outbox WHERE {})", condition.sql());
        let rested = format!(
            "UPDATE event_receivers SET failures = 0, failing_since = NULL, rests_until = NULL
             WHERE id IN (SELECT receiver FROM outbox WHERE {})",
            condition.sql()
        );
        transaction.execute(&rested, params_from_iter(condition.values.clone()))?;
        let sql = format!(
            "UPDATE outbox SET dead = 0, failures = 0, first_try_at = NULL, next_try_at = NULL, last_error = NULL
             WHERE {meant}"
        );
        let count = transaction.execute(&sql, params_from_iter(condition.values))?;
        transaction.commit()?;
        Ok(count)
    }

    /// Deletes events without sending them. Gives back how many.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn drop_events(&mut self, filter: &EventFilter) -> StoreResult<usize> {
        let condition = filter.condition();
        let transaction = self.write()?;
        let sql = format!("DELETE FROM outbox WHERE {}", condition.sql());
        let count = transaction.execute(&sql, params_from_iter(condition.values))?;
        transaction.commit()?;
        Ok(count)
    }

    /// How many events there are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn event_counts(&self) -> StoreResult<EventCounts> {
        let mut statement = self.connection.prepare_cached(
            "SELECT count(CASE WHEN dead = 0 THEN 1 END) AS waiting,
                 count(CASE WHEN dead = 0 AND failures > 0 THEN 1 END) AS failing,
                 count(CASE WHEN dead = 1 THEN 1 END) AS dead, min(CASE WHEN dead = 0 THEN at END) AS oldest_at
             FROM outbox",
        )?;
        Ok(statement.query_row([], |row| {
            let count = |name: &str| row.get::<_, i64>(name).map(i64::unsigned_abs);
            Ok(EventCounts {
                waiting: count("waiting")?,
                failing: count("failing")?,
                dead: count("dead")?,
                oldest_at: rows::optional_instant(row, "oldest_at")?,
            })
        })?)
    }
}
