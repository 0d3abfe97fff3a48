//! Attempts that have no final outcome: their calls run, were accepted, or were left behind by a run that is gone.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Params, params};

use crate::model::{AttemptId, DispatchKind, Item, Outcome};
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

/// The attempts that the rest of a query finds, with their items.
pub(crate) fn select_unsettled(
    connection: &Connection,
    rest: &str,
    values: impl Params,
) -> StoreResult<Vec<Unsettled>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT id, item_id, outcome, started_at, boot_id, dispatcher, call_id, first_asked_at, reason
         FROM attempts {rest}"
    ))?;
    let mut found = statement.query(values)?;
    let mut unsettled = Vec::new();
    while let Some(row) = found.next()? {
        unsettled.push(Unsettled {
            attempt: AttemptId::from_bytes(row.get(0)?),
            item: item::load(connection, rows::item_id(row, 1)?)?,
            so_far: rows::optional(row, 2)?,
            started_at: rows::instant(row, 3)?,
            boot: row.get(4)?,
            dispatcher: row.get(5)?,
            call_id: row.get(6)?,
            first_asked_at: rows::optional_instant(row, 7)?,
            is_forgotten: row.get::<_, Option<String>>(8)?.as_deref() == Some(FORGOTTEN),
        });
    }
    Ok(unsettled)
}

impl Store {
    /// The attempts whose outcome is not on disk, of every client: their calls run, or their run is gone.
    pub fn unrecorded(&self) -> StoreResult<Vec<Unsettled>> {
        let rest = format!("INDEXED BY attempts_open_client WHERE {OPEN} AND outcome IS NULL");
        select_unsettled(&self.connection, &rest, [])
    }

    /// The attempts that a dispatcher of this kind accepted, with a call id and no result yet, of every client.
    pub fn accepted_by(&self, dispatcher: DispatchKind) -> StoreResult<Vec<Unsettled>> {
        let rest = format!(
            "INDEXED BY attempts_open_client
             WHERE {OPEN} AND outcome = 'accepted' AND dispatcher = ?1 AND call_id IS NOT NULL"
        );
        select_unsettled(&self.connection, &rest, [dispatcher.as_str()])
    }

    /// The accepted attempts whose result is overdue at `now`, of every client.
    pub fn overdue(&self, now: DateTime<Utc>) -> StoreResult<Vec<Unsettled>> {
        let rest =
            format!("INDEXED BY attempts_open_client WHERE {OPEN} AND outcome = 'accepted' AND result_due_at <= ?1");
        select_unsettled(&self.connection, &rest, [now.timestamp_millis()])
    }

    /// An attempt, if its outcome is not on disk.
    pub fn unrecorded_attempt(&self, attempt: AttemptId) -> StoreResult<Option<Unsettled>> {
        Ok(select_unsettled(&self.connection, "WHERE id = ?1 AND outcome IS NULL", [attempt.as_bytes()])?.pop())
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
}
