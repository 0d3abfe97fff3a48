//! Queues many leads of one client in one transaction.

use chrono::{DateTime, Utc};

use crate::model::{Actor, ClientId};
use crate::store::Added;
use crate::store::NewItem;
use crate::store::Recall;
use crate::store::Revise;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::queue::add::ItemWriter;

/// What an import is about.
#[derive(Debug, Clone, Copy)]
pub struct Import<'a> {
    /// Whose leads they are.
    pub client: &'a ClientId,
    pub by: &'a Actor,
    pub now: DateTime<Utc>,
    /// Which earlier items keep leads out; none asks for no such item.
    pub recall: Option<Recall>,
    /// Undo it all at the end.
    pub dry_run: bool,
}

/// Whether the caller wants what was written to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    Keep,
    /// Roll back: nothing was changed.
    Undo,
}

/// Queues one lead, or revises its present item, and says what became of it.
pub type Put<'a> = &'a mut dyn FnMut(&NewItem, Revise<'_>) -> StoreResult<Added>;

impl Store {
    /// Runs `feed` with a function that queues one lead and says what became of it; all that was queued is kept or
    /// undone as one, as `feed` says at its end. Durable when it returns.
    ///
    /// # Errors
    /// When `feed` or the database fails; then nothing was changed.
    pub fn import<E: From<crate::store::StoreError>>(
        &mut self,
        import: Import<'_>,
        feed: impl FnOnce(Put<'_>) -> Result<Imported, E>,
    ) -> Result<Imported, E> {
        // 64 MiB of pages, for the import only: less makes the indexes spill (measured 1.7 times slower).
        self.connection.pragma_update(None, "cache_size", -65_536).map_err(crate::store::StoreError::from)?;
        let transaction = self.write()?;
        let mut writer = ItemWriter::new(&transaction, import.client, import.recall, import.by, import.now)?;
        let decision = feed(&mut |new, revise| writer.put(new, revise))?;
        writer.finish()?;
        match decision {
            Imported::Keep if !import.dry_run => transaction.commit().map_err(crate::store::StoreError::from)?,
            Imported::Keep | Imported::Undo => transaction.rollback().map_err(crate::store::StoreError::from)?,
        }
        Ok(decision)
    }
}
