//! Hides SQL: one SQLite file, spoken to in intents. One public method is one transaction, its statements beside it.

mod add;
mod change;
mod claim;
mod counters;
mod do_not_call;
mod doctor;
mod due;
mod edit;
mod error;
mod export;
mod file;
mod filter;
mod forgotten;
mod give_up;
mod group_items;
mod import;
mod intern;
mod item;
mod list;
mod metrics;
mod number;
mod open;
mod pager;
mod pause;
#[cfg(test)]
mod probe;
mod prune;
mod queue;
mod queue_reader;
mod record;
mod recount;
mod report;
mod rows;
mod runs;
mod schema;
mod show;
mod start_facts;
mod statistics;
mod totals;
mod unsettled;

use std::path::Path;
use std::time::Duration;

use file::OpenedFile;
use open::BUSY_TIMEOUT_SECONDS;
use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use add::{Added, Revise};
pub use change::{Edit, NewItem};
pub use claim::{ClaimTransaction, Claimed, NewAttempt};
pub use doctor::{FutureAttempts, SchemaFault};
pub use due::DueCounts;
pub use edit::{Decision, Edited, Targets};
pub use error::{StoreError, StoreResult};
pub use export::ItemRow;
pub use filter::Filter;
pub use forgotten::{AttemptState, FORGOTTEN, Restoration, Restored};
pub use group_items::{GroupItems, LastRead};
pub use import::{Import, Imported, Put};
pub use list::{Page, SortKey};
pub use open::Access;
pub use prune::{IdleRuns, Prunable, Prune, PruneStep, Pruned, StepClock};
pub use queue::{ClientState, Group};
pub use queue_reader::QueueReader;
pub use record::{Conclusion, Finish};
pub use recount::Miscount;
pub use report::{Meaning, Reported};
pub use runs::RunSummary;
pub use start_facts::StartFacts;
pub use statistics::{AttemptFacts, QueueFacts};
pub use totals::AttemptTotals;
pub use unsettled::Unsettled;

/// The open database.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    /// None for a database without a file.
    file: Option<OpenedFile>,
}

impl Store {
    /// Opens the database at a path for what a command wants of it.
    ///
    /// # Errors
    /// When the file is missing, foreign, newer, linked, or cannot be opened.
    pub fn open(path: &Path, access: Access) -> StoreResult<Store> {
        open::open(path, access).map(|(connection, file)| Store { connection, file: Some(file) })
    }

    /// A temporary database, for dry runs.
    ///
    /// # Errors
    /// When there is no room for temporary files.
    pub fn temporary() -> StoreResult<Store> {
        open::open_temporary().map(|connection| Store { connection, file: None })
    }

    /// A transaction that takes the write lock at once: one that upgrades later fails under load.
    fn write(&mut self) -> StoreResult<Transaction<'_>> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// A number that changes whenever another program has changed the database.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn data_version(&self) -> StoreResult<i64> {
        Ok(self.connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
    }

    /// Shortens the write-ahead log, as far as other programs allow it at the moment.
    pub fn checkpoint(&self) {
        // Best effort, without waiting for readers: else the next run or the last program to close does it.
        let _ = self.connection.busy_timeout(Duration::ZERO);
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        let _ = self.connection.busy_timeout(Duration::from_secs(BUSY_TIMEOUT_SECONDS));
    }

    /// Makes sure that the path still names the file that was opened.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when it names none or another one.
    pub fn check_file(&self) -> StoreResult<()> {
        // A temporary database has no file.
        self.file.as_ref().map_or(Ok(()), OpenedFile::check)
    }

    /// Bytes that are free on the database's file system for this user.
    ///
    /// # Errors
    /// When the operating system does not tell.
    pub fn free_space(&self) -> StoreResult<u64> {
        let path = Path::new(self.connection.path().unwrap_or("."));
        rustix::fs::statvfs(path).map(|space| space.f_bavail.saturating_mul(space.f_frsize)).map_err(|error| {
            StoreError::Io { action: "ask for the free space of", path: path.to_owned(), source: error.into() }
        })
    }
}
