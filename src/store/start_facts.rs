//! What a claimed call is asked about once more before it begins.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::error::StoreResult;
use super::pause::{Pause, standing_pause};
use super::{Store, do_not_call, edit};
use crate::model::{AttemptId, Item, ItemId};

/// What decides whether a claimed call may still begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartFacts {
    /// The item as it is now.
    pub item: Item,
    /// The pause that holds its client.
    pub pause: Option<Pause>,
    /// Whether its number is not to be called.
    pub not_to_be_called: bool,
}

impl Store {
    /// What decides whether the call of an attempt may begin; none when the attempt is not the item's open one any more.
    ///
    /// # Errors
    /// When the database was removed or replaced, or cannot be read.
    pub fn start_facts(&self, attempt: AttemptId, item: ItemId, now: DateTime<Utc>) -> StoreResult<Option<StartFacts>> {
        self.check_file()?;
        self.at_one_instant(|store| {
            let connection = &store.connection;
            // As few pages as can be: this connection has to read them anew after each commit of its run.
            let mut open = connection.prepare_cached(
                "SELECT client_id FROM items WHERE id = ?1 AND open_attempt = ?2 AND status = 'in_progress'",
            )?;
            let client = open.query_row(params![item.row(), attempt.as_bytes()], |row| row.get(0)).optional()?;
            if client.is_none() {
                return Ok(None);
            }
            let item = edit::load(connection, item)?;
            let pause = standing_pause(connection, client, now)?;
            let not_to_be_called = do_not_call::holds(connection, &item)?;
            Ok(Some(StartFacts { item, pause, not_to_be_called }))
        })
    }
}
