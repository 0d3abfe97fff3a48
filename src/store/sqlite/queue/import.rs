//! Queues many leads, of one client or of several, in one transaction.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::model::{Actor, ClientId};
use crate::store::Added;
use crate::store::NewItem;
use crate::store::Recall;
use crate::store::Revise;
use crate::store::Store;
use crate::store::error::{StoreError, StoreResult};
use crate::store::sqlite::change::Changes;
use crate::store::sqlite::queue::add::ItemWriter;

/// What an import is about.
#[derive(Debug, Clone, Copy)]
pub struct Import<'a> {
    /// Who imports.
    pub by: &'a Actor,
    /// When.
    pub now: DateTime<Utc>,
    /// Undo it all at the end.
    pub dry_run: bool,
}

/// Whether the caller wants what was written to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// Commit.
    Keep,
    /// Roll back: nothing was changed.
    Undo,
}

/// Takes the leads of an import one by one.
pub struct ImportWriter<'transaction> {
    connection: &'transaction Connection,
    clients: HashMap<ClientId, ItemWriter<'transaction>>,
    changes: Changes,
    by: Actor,
    now: DateTime<Utc>,
}

impl ImportWriter<'_> {
    /// Queues one lead, or revises its present item, and says what became of it. `recall` says which earlier items of the
    /// client keep leads out, the same for all leads of a client; none asks for no such item.
    pub fn put(
        &mut self,
        client: &ClientId,
        recall: Option<Recall>,
        new: &NewItem,
        revise: Revise<'_>,
    ) -> StoreResult<Added> {
        if let Some(writer) = self.clients.get_mut(client) {
            return writer.put(&mut self.changes, new, revise);
        }
        let mut writer = ItemWriter::new(self.connection, client, recall, &self.by, self.now)?;
        let added = writer.put(&mut self.changes, new, revise)?;
        self.clients.insert(client.clone(), writer);
        Ok(added)
    }

    /// Writes the counters.
    fn finish(self) -> StoreResult<()> {
        self.changes.finish(self.connection)
    }
}

impl Store {
    /// Runs `feed` with a writer of leads; all that was queued is kept or undone as one, as `feed` says at its end.
    /// Durable when it returns.
    ///
    /// # Errors
    /// When `feed` or the database fails; then nothing was changed.
    pub fn import<E: From<StoreError>>(
        &mut self,
        import: Import<'_>,
        feed: impl FnOnce(&mut ImportWriter<'_>) -> Result<Imported, E>,
    ) -> Result<Imported, E> {
        // 64 MiB of pages, for the import only: less makes the indexes spill (measured 1.7 times slower).
        self.connection.pragma_update(None, "cache_size", -65_536).map_err(StoreError::from)?;
        let changes = Changes::told_to(&self.receivers);
        let transaction = self.write()?;
        let Import { by, now, dry_run } = import;
        let mut writer =
            ImportWriter { connection: &transaction, clients: HashMap::new(), changes, by: by.clone(), now };
        let decision = feed(&mut writer)?;
        writer.finish()?;
        match decision {
            Imported::Keep if !dry_run => transaction.commit().map_err(StoreError::from)?,
            Imported::Keep | Imported::Undo => transaction.rollback().map_err(StoreError::from)?,
        }
        Ok(decision)
    }
}
