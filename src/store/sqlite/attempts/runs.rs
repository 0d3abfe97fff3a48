//! Runs: one row for each invocation of `process`, or turn of `watch`, that made an attempt.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use crate::model::{Actor, ClientId, RunId};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::intern::client_row;
use crate::store::sqlite::outbox::append::EventWriter;
use crate::store::sqlite::schema::OPEN;

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    pub processed: u64,
    pub stopped_by: &'static str,
    pub finished_at: DateTime<Utc>,
    /// Nothing more is due and allowed, of its client or of all.
    pub drained: bool,
    pub client: Option<ClientId>,
}

/// Writes the row of a run, once.
pub(crate) fn begin_run(connection: &Connection, run: RunId, by: &Actor, now: DateTime<Utc>) -> StoreResult<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO runs (id, started_at, started_by, process_id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    statement.execute(params![run.as_bytes(), now.timestamp_millis(), by.as_str(), std::process::id()])?;
    Ok(())
}

impl Store {
    /// Writes how a run ended. A run that made no attempt has no row and leaves none.
    ///
    /// # Errors
    /// When the database fails.
    pub fn end_run(&mut self, run: RunId, summary: &RunSummary) -> StoreResult<()> {
        let mut events = EventWriter::to(&self.receivers);
        let transaction = self.write()?;
        transaction.execute(
            "UPDATE runs SET finished_at = ?2, processed = ?3, stopped_by = ?4 WHERE id = ?1",
            params![
                run.as_bytes(),
                summary.finished_at.timestamp_millis(),
                i64::try_from(summary.processed).unwrap_or(i64::MAX),
                summary.stopped_by
            ],
        )?;
        if summary.drained {
            let client = summary.client.as_ref().map(|client| client_row(&transaction, client)).transpose()?;
            events.drained(&transaction, (client, run), summary.finished_at)?;
            events.finish(&transaction)?;
        }
        Ok(transaction.commit()?)
    }

    /// How many accepted calls of a run have no result yet.
    pub fn handed_over(&self, run: RunId) -> StoreResult<u64> {
        // By the index over the open calls: they are few.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT count(*) FROM attempts INDEXED BY attempts_open_item
             WHERE {OPEN} AND outcome = 'accepted' AND run_id = ?1"
        ))?;
        let count: i64 = statement.query_row([run.as_bytes()], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }
}
