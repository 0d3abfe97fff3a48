//! What a claimed call is asked about once more before it begins.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, params};

use crate::model::{AttemptId, Item, ItemId, ListQuestions, NumberFacts, Pause};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::lists::entry::entry_of_item;
use crate::store::sqlite::lists::facts::facts;
use crate::store::sqlite::queue::number::calls;
use crate::store::sqlite::queue::pause::standing_pauses;
use crate::store::sqlite::read::item;

/// What decides whether a claimed call may still begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartFacts {
    /// The item as it is now.
    pub item: Item,
    /// The pauses that hold its client.
    pub pauses: Vec<Pause>,
    /// What is known of its number, without this attempt: nothing of who uses it, since that is the attempt.
    pub number: NumberFacts,
}

/// The questions about an item's number, which only the item itself knows.
pub struct StartQuestions<'a> {
    /// How far back attempts to the number count.
    pub look_back: &'a dyn Fn(&Item) -> TimeDelta,
    /// What lists are asked.
    pub lists: &'a dyn Fn(&Item) -> ListQuestions,
}

impl Store {
    /// What decides whether the call of an attempt may begin; none when the attempt is not the item's open one any more.
    /// `asked` has the questions to lists about its item.
    ///
    /// # Errors
    /// When the database was removed or replaced, or cannot be read.
    pub fn start_facts(
        &self,
        attempt: AttemptId,
        item: ItemId,
        asked: &StartQuestions<'_>,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<StartFacts>> {
        self.check_file()?;
        self.at_one_instant(|store| {
            let connection = &store.connection;
            // As few pages as can be: this connection has to read them anew after each commit of its run.
            let mut open = connection.prepare_cached(
                "SELECT client_id FROM items WHERE id = ?1 AND open_attempt = ?2 AND status = 'in_progress'",
            )?;
            let client = open.query_row(params![item.row(), attempt.as_bytes()], |row| row.get(0)).optional()?;
            let Some(client) = client else { return Ok(None) };
            let item = item::load(connection, item)?;
            let pauses = standing_pauses(connection, client, now)?;
            let mut number = NumberFacts::default();
            if let Some(phone) = &item.phone {
                number.do_not_call = entry_of_item(connection, &item, now)?;
                number.lists = facts(connection, &item, &(asked.lists)(&item))?;
                number.calls = calls(connection, phone, Some(attempt), (asked.look_back)(&item), now)?;
            }
            Ok(Some(StartFacts { item, pauses, number }))
        })
    }
}
