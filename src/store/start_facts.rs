//! What a claimed call is asked about once more before it begins.

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::error::StoreResult;
use super::intern::find_client;
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
            let mut is_open = connection.prepare_cached(
                "SELECT 1 FROM items JOIN attempts ON attempts.id = open_attempt
                 WHERE items.id = ?1 AND open_attempt = ?2 AND status = 'in_progress' AND outcome IS NULL",
            )?;
            if !is_open.exists(params![item.row(), attempt.as_bytes()])? {
                return Ok(None);
            }
            let item = edit::load(connection, item)?;
            let client = find_client(connection, &item.client)?;
            let pause = standing_pause(connection, client, now)?;
            let not_to_be_called = do_not_call::holds(connection, &item)?;
            Ok(Some(StartFacts { item, pause, not_to_be_called }))
        })
    }
}
