//! What the selection of a turn reads, inside its transaction or, for a look at what a run would call, without one.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, params};

use crate::model::{ClientId, Item, ItemId, NumberFacts};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::intern;
use crate::store::sqlite::queue::groups::{self, ClientState, Group};
use crate::store::sqlite::queue::number;
use crate::store::sqlite::read::filter::Condition;
use crate::store::sqlite::read::item::{item, select_item};

/// Reads the queue of one connection. Its methods fail when the database cannot be read.
#[derive(Debug, Clone, Copy)]
pub struct QueueReader<'c> {
    pub(crate) connection: &'c Connection,
}

impl Store {
    /// What the store sees.
    pub fn reader(&self) -> QueueReader<'_> {
        QueueReader { connection: &self.connection }
    }
}

impl QueueReader<'_> {
    /// Every group of the queue, of one client or of all.
    pub fn groups(&self, client: Option<&ClientId>) -> StoreResult<Vec<Group>> {
        groups::groups(self.connection, client, &[])
    }

    /// The client of a group; calls of the last minute are counted up to `most_a_minute`, 0 counts none.
    pub fn client_of(&self, group: &Group, most_a_minute: u32, now: DateTime<Utc>) -> StoreResult<ClientState> {
        groups::client_state(self.connection, &group.client, group.client_row, most_a_minute, now)
    }

    /// The same of a client by its name.
    pub fn client_named(&self, client: &ClientId, most_a_minute: u32, now: DateTime<Utc>) -> StoreResult<ClientState> {
        let row = intern::find_client(self.connection, client)?.unwrap_or(0);
        groups::client_state(self.connection, client, row, most_a_minute, now)
    }

    /// The due items, of one client or of all, that the next run under the caps of `law` puts back into the queue: held
    /// back until before `now`, or under other caps.
    pub fn released(&self, client: Option<&ClientId>, law: i64, now: DateTime<Utc>) -> StoreResult<Vec<Item>> {
        let condition = "scheduled_at <= ?1 AND (?2 IS NULL OR name = ?2)";
        let (at, name) = (now.timestamp_millis(), client.map(ClientId::as_str));
        let sql = format!(
            "{} WHERE not_before IS NOT NULL AND not_before <= ?1 AND {condition}",
            select_item("INDEXED BY items_returned")
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut items = statement.query_map(params![at, name], item)?.collect::<Result<Vec<Item>, _>>()?;
        let sql = format!(
            "{} WHERE blocked_by IS NOT NULL AND blocked_law <> ?3 AND not_before > ?1 AND {condition}",
            select_item("INDEXED BY items_blocked_law")
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        for item in statement.query_map(params![at, name, law], item)? {
            items.push(item?);
        }
        Ok(items)
    }

    /// Up to `limit` items of a group that are due at `now`, in the order of the queue, those after `past` only.
    pub fn due_in_group(
        &self,
        group: &Group,
        past: Option<(DateTime<Utc>, ItemId)>,
        limit: usize,
        now: DateTime<Utc>,
    ) -> StoreResult<Vec<Item>> {
        let mut condition = Condition::default();
        condition.and("scheduled_at <= ?", [now.timestamp_millis().into()]);
        let past = past.map(|(due, id)| (due.timestamp_millis(), id));
        group.pager(condition).read(self.connection, past, limit, item)
    }

    /// What is known of the number of an item at `now`, with its attempts since `now` − `look_back`.
    pub fn number_facts(&self, item: &Item, look_back: TimeDelta, now: DateTime<Utc>) -> StoreResult<NumberFacts> {
        number::facts(self.connection, item, look_back, now)
    }
}
