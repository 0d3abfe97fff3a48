//! What the selection of a turn reads, inside its transaction or, for a look at what a run would call, without one.

use chrono::{DateTime, Utc};
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

    /// The due items, of one client or of all, that a returned attempt held back until before `now`: the next turn puts
    /// them back into the queue.
    pub fn released(&self, client: Option<&ClientId>, now: DateTime<Utc>) -> StoreResult<Vec<Item>> {
        let sql = format!(
            "{} WHERE not_before IS NOT NULL AND not_before <= ?1 AND scheduled_at <= ?1 AND (?2 IS NULL OR name = ?2)",
            select_item("INDEXED BY items_returned")
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let items = statement.query_map(params![now.timestamp_millis(), client.map(ClientId::as_str)], item)?;
        Ok(items.collect::<Result<_, _>>()?)
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

    /// What is known of the number of an item at `now`.
    pub fn number_facts(&self, item: &Item, now: DateTime<Utc>) -> StoreResult<NumberFacts> {
        number::facts(self.connection, item, now)
    }
}
