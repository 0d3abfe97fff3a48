//! Attempts that have no final outcome: their calls run, were accepted, or were left behind by a run that is gone.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};

use crate::model::{AttemptId, DispatchKind, Item, ItemId, Outcome};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::attempts::forgotten::FORGOTTEN;
use crate::store::sqlite::read::item;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::OPEN;

/// An attempt without a final outcome, and its item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    pub attempt: AttemptId,
    /// Its item, in progress.
    pub item: Item,
    /// `None` while its call runs, `accepted` once a dispatcher accepted it.
    pub so_far: Option<Outcome>,
    /// When it was put on disk.
    pub started_at: DateTime<Utc>,
    /// The boot of the machine that made it.
    pub boot: Option<String>,
    /// What places the call: the word of the configuration at that time.
    pub dispatcher: String,
    /// The provider's name for the call.
    pub call_id: Option<String>,
    /// Whether the database forgot it, and has it from its lease.
    pub is_forgotten: bool,
    /// When recovery first learned that the provider does not list the call.
    pub first_asked_at: Option<DateTime<Utc>>,
}

/// An attempt as its row says, before its item is read.
pub(crate) struct Found {
    attempt: AttemptId,
    item: ItemId,
    so_far: Option<Outcome>,
    started_at: DateTime<Utc>,
    boot: Option<String>,
    dispatcher: String,
    call_id: Option<String>,
    is_forgotten: bool,
    first_asked_at: Option<DateTime<Utc>>,
}

pub(crate) const SELECT_FOUND: &str =
    "SELECT id, item_id, outcome, started_at, boot_id, dispatcher, call_id, first_asked_at, reason FROM attempts ";

pub(crate) fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found {
        attempt: AttemptId::from_bytes(row.get(0)?),
        item: rows::item_id(row, 1)?,
        so_far: rows::optional(row, 2)?,
        started_at: rows::instant(row, 3)?,
        boot: row.get(4)?,
        dispatcher: row.get(5)?,
        call_id: row.get(6)?,
        first_asked_at: rows::optional_instant(row, 7)?,
        is_forgotten: row.get::<_, Option<String>>(8)?.as_deref() == Some(FORGOTTEN),
    })
}

impl Store {
    /// The attempts whose outcome is not on disk, of every client: their calls run, or their run is gone.
    pub fn unrecorded(&self) -> StoreResult<Vec<Unsettled>> {
        let sql = format!("{SELECT_FOUND} INDEXED BY attempts_open_client WHERE {OPEN} AND outcome IS NULL");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let attempts = statement.query_map([], found)?.collect::<Result<Vec<_>, _>>()?;
        attempts.into_iter().map(|attempt| self.with_item(attempt)).collect()
    }

    /// The attempts that a dispatcher of this kind accepted, with a call id and no result yet, of every client.
    pub fn accepted_by(&self, dispatcher: DispatchKind) -> StoreResult<Vec<Unsettled>> {
        let sql = format!(
            "{SELECT_FOUND} INDEXED BY attempts_open_client
             WHERE {OPEN} AND outcome = 'accepted' AND dispatcher = ?1 AND call_id IS NOT NULL"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let attempts = statement.query_map([dispatcher.as_str()], found)?.collect::<Result<Vec<_>, _>>()?;
        attempts.into_iter().map(|attempt| self.with_item(attempt)).collect()
    }

    /// The accepted attempts whose result is overdue at `now`, of every client.
    pub fn overdue(&self, now: DateTime<Utc>) -> StoreResult<Vec<Unsettled>> {
        let sql = format!(
            "{SELECT_FOUND} INDEXED BY attempts_open_client
             WHERE {OPEN} AND outcome = 'accepted' AND result_due_at <= ?1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let attempts = statement.query_map([now.timestamp_millis()], found)?.collect::<Result<Vec<_>, _>>()?;
        attempts.into_iter().map(|attempt| self.with_item(attempt)).collect()
    }

    /// An attempt, if its outcome is not on disk.
    pub fn unrecorded_attempt(&self, attempt: AttemptId) -> StoreResult<Option<Unsettled>> {
        let sql = format!("{SELECT_FOUND} WHERE id = ?1 AND outcome IS NULL");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let row = statement.query_row(params![attempt.as_bytes()], found).optional()?;
        row.map(|row| self.with_item(row)).transpose()
    }

    /// Notes that the provider does not list the calls of these attempts, each unless that is known since earlier.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn note_first_asked(&mut self, attempts: &[AttemptId], now: DateTime<Utc>) -> StoreResult<()> {
        let transaction = self.write()?;
        {
            let mut note = transaction.prepare_cached(
                "UPDATE attempts SET first_asked_at = ?2 WHERE id = ?1 AND outcome IS NULL AND first_asked_at IS NULL",
            )?;
            for attempt in attempts {
                note.execute(params![attempt.as_bytes(), now.timestamp_millis()])?;
            }
        }
        Ok(transaction.commit()?)
    }

    pub(crate) fn with_item(&self, row: Found) -> StoreResult<Unsettled> {
        let Found { attempt, item, so_far, started_at, boot, dispatcher, call_id, is_forgotten, first_asked_at } = row;
        let item = item::load(&self.connection, item)?;
        Ok(Unsettled { attempt, item, so_far, started_at, boot, dispatcher, call_id, is_forgotten, first_asked_at })
    }
}
