//! What can be asked of a queue: types, intents and errors. One public method is one transaction; `sqlite` has the statements.

mod error;
mod sqlite;

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use sqlite::file::OpenedFile;
use sqlite::open::{self, BUSY_TIMEOUT_SECONDS};
use sqlite::schema::PRESENT_VERSION;

use crate::model::EventReceivers;

pub(crate) use error::{StoreError, StoreResult};
pub(crate) use sqlite::attempts::forgotten::{AttemptState, FORGOTTEN, Restoration, Restored};
pub(crate) use sqlite::attempts::record::{Finish, Resolution};
pub(crate) use sqlite::attempts::report::{Reported, ResultEffect};
pub(crate) use sqlite::attempts::runs::RunSummary;
pub(crate) use sqlite::attempts::start_facts::{StartFacts, StartQuestions};
pub(crate) use sqlite::attempts::unsettled::Unsettled;
pub(crate) use sqlite::cause::Edit;
pub(crate) use sqlite::counters::due::DueByVerdict;
pub(crate) use sqlite::counters::pruned::{DayOf, PRUNED_QUARTER, PrunedCalls};
pub(crate) use sqlite::counters::statistics::{AttemptDetail, AttemptFacts, QueueFacts};
pub(crate) use sqlite::counters::status::{BlockedItems, LastRun};
pub(crate) use sqlite::counters::totals::AttemptTotals;
pub(crate) use sqlite::export::ItemRow;
pub(crate) use sqlite::lists::consents::ConsentFilter;
pub(crate) use sqlite::lists::do_not_call::EntryFilter;
pub(crate) use sqlite::lists::registry_import::NewRegistryCopy;
pub(crate) use sqlite::maintenance::doctor::SchemaFault;
pub(crate) use sqlite::maintenance::prune::{Prunable, Prune, Pruned, StepClock};
pub(crate) use sqlite::new_item::NewItem;
pub(crate) use sqlite::open::Access;
pub(crate) use sqlite::outbox::deliver::{ReceiverHealth, ReceiverState, Sent, SentEnd};
pub(crate) use sqlite::outbox::manage::{EventCounts, EventFilter};
pub(crate) use sqlite::queue::add::{Added, Revise};
pub(crate) use sqlite::queue::claim::{ClaimTransaction, Claimed, NewAttempt};
pub(crate) use sqlite::queue::edit::{Decision, Edited, Obstacles, Targets};
pub(crate) use sqlite::queue::groups::{ClientState, Group};
pub(crate) use sqlite::queue::import::{Import, ImportWriter, Imported};
pub(crate) use sqlite::queue::reader::QueueReader;
pub(crate) use sqlite::queue::recall::{PastItem, Recall};
pub(crate) use sqlite::read::calls::{CallFilter, CallPosition};
pub(crate) use sqlite::read::dial::{StoredContext, StoredDial};
pub(crate) use sqlite::read::filter::Filter;
pub(crate) use sqlite::read::forecast::{EndedCallRow, WaitingRow};
pub(crate) use sqlite::read::group_items::{GroupItems, LastRead};
pub(crate) use sqlite::read::list::{Page, SortKey};

#[derive(Debug)]
pub struct Store {
    connection: Connection,
    /// None for a database without a file.
    file: Option<OpenedFile>,
    /// The receivers of events about its changes.
    receivers: EventReceivers,
    /// The version of the schema that opening it brought up to date.
    upgraded: Option<usize>,
}

impl Store {
    /// Opens the database at a path for what a command wants of it.
    ///
    /// # Errors
    /// When the file is missing, foreign, newer, linked, or cannot be opened.
    pub fn open(path: &Path, access: Access) -> StoreResult<Store> {
        let (connection, file, upgraded) = open::open(path, access)?;
        Ok(Store { connection, file: Some(file), receivers: EventReceivers::default(), upgraded })
    }

    /// The version of its schema before it was opened, and the present one, if opening it brought it up to date.
    pub fn upgraded(&self) -> Option<(usize, usize)> {
        self.upgraded.map(|before| (before, PRESENT_VERSION))
    }

    /// Whether its schema is of an older version, and who opens it to read or change it brings it up to date.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_older(&self) -> StoreResult<bool> {
        Ok(self.schema_version()? < PRESENT_VERSION as i64)
    }

    /// A temporary database, for dry runs.
    ///
    /// # Errors
    /// When there is no room for temporary files.
    pub fn temporary() -> StoreResult<Store> {
        let connection = open::open_temporary()?;
        Ok(Store { connection, file: None, receivers: EventReceivers::default(), upgraded: None })
    }

    /// Sends events about its changes to these receivers from now on.
    pub fn tell(&mut self, receivers: EventReceivers) {
        self.receivers = receivers;
    }

    /// A transaction that takes the write lock at once: one that upgrades later fails under load.
    fn write(&mut self) -> StoreResult<Transaction<'_>> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// A number that changes whenever another program has changed the database.
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

#[cfg(test)]
impl Store {
    /// An empty queue in a folder: the copy of one that was made once, since the steps of the schema take longer than most
    /// tests.
    pub(crate) fn empty(folder: &Path) -> Store {
        static MADE: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("queue.db");
            Store::open(&path, Access::Create).unwrap();
            std::fs::read(path).unwrap()
        });
        let path = folder.join("queue.db");
        let mut file =
            std::os::unix::fs::OpenOptionsExt::mode(std::fs::File::options().write(true).create_new(true), 0o600)
                .open(&path)
                .unwrap();
        std::io::Write::write_all(&mut file, &MADE).unwrap();
        Store::open(&path, Access::Change).unwrap()
    }
}
