//! Pauses: of everything, of one client, or of items with some metadata. All must be off for a call to start.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};

use crate::model::{Actor, ClientId, MetaTest, Pause, from_millis};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::change::release_paused;
use crate::store::sqlite::intern::{client_row, find_client};
use crate::store::sqlite::read::rows;

const SELECT_PAUSE: &str = "SELECT (SELECT name FROM clients WHERE clients.id = client_id), paused_at, until, by, \
     reason, meta FROM pauses WHERE lifted_at IS NULL ";

fn pause(row: &Row<'_>) -> rusqlite::Result<Pause> {
    let named: Option<String> = row.get(0)?;
    let until: Option<i64> = row.get(2)?;
    Ok(Pause {
        client: named.map(|_| rows::parsed(row, 0)).transpose()?,
        paused_at: rows::instant(row, 1)?,
        until: until.and_then(from_millis),
        by: row.get(3)?,
        reason: row.get(4)?,
        meta: row.get::<_, Option<String>>(5)?.map(|text| meta_tests(&text)).unwrap_or_default(),
    })
}

/// Tests of metadata as they are stored: in one order, so that the same ones are found again.
fn meta_text(tests: &[MetaTest]) -> Option<String> {
    let texts: BTreeSet<String> = tests.iter().map(MetaTest::to_string).collect();
    (!texts.is_empty()).then(|| serde_json::Value::from_iter(texts).to_string())
}

fn meta_tests(text: &str) -> Vec<MetaTest> {
    let texts: Vec<String> = serde_json::from_str(text).unwrap_or_default();
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

impl Store {
    /// Holds back new calls of a client, or of everybody. A second pause of the same replaces the first.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn pause(
        &mut self,
        client: Option<&ClientId>,
        until: Option<DateTime<Utc>>,
        reason: Option<&str>,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> StoreResult<Pause> {
        self.pause_part((client, &[]), until, reason, by, now)
    }

    /// The same for the items whose metadata passes some tests.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn pause_part(
        &mut self,
        (client, meta): (Option<&ClientId>, &[MetaTest]),
        until: Option<DateTime<Utc>>,
        reason: Option<&str>,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> StoreResult<Pause> {
        let transaction = self.write()?;
        let row = client.map(|client| client_row(&transaction, client)).transpose()?;
        let text = meta_text(meta);
        let replaced = transaction.execute(
            "UPDATE pauses SET lifted_at = ?2, lifted_by = ?3 WHERE lifted_at IS NULL
                 AND client_id IS NOT DISTINCT FROM ?1 AND meta IS NOT DISTINCT FROM ?4",
            params![row, now.timestamp_millis(), by.as_str(), text],
        )?;
        if replaced > 0 && text.is_some() {
            // It may have held items for longer.
            release_paused(&transaction, row)?;
        }
        transaction.execute(
            "INSERT INTO pauses (client_id, paused_at, until, by, reason, meta) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![row, now.timestamp_millis(), until.map(|at| at.timestamp_millis()), by.as_str(), reason, text],
        )?;
        transaction.commit()?;
        Ok(Pause {
            client: client.cloned(),
            meta: text.as_deref().map(meta_tests).unwrap_or_default(),
            paused_at: now,
            until,
            by: by.as_str().to_owned(),
            reason: reason.map(str::to_owned),
        })
    }

    /// Lifts the pauses of a client, or with no client every one; with tests of metadata only those of just these. Gives
    /// back those that stood.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn resume(
        &mut self,
        client: Option<&ClientId>,
        meta: &[MetaTest],
        by: &Actor,
        now: DateTime<Utc>,
    ) -> StoreResult<Vec<Pause>> {
        let transaction = self.write()?;
        let row = match client {
            None => None,
            Some(client) => match find_client(&transaction, client)? {
                None => return Ok(Vec::new()),
                found => found,
            },
        };
        let text = meta_text(meta);
        let lifted = {
            let mut statement = transaction.prepare(&format!(
                "{SELECT_PAUSE} AND (?1 IS NULL OR client_id = ?1) AND (?3 IS NULL OR meta = ?3)
                 AND (until IS NULL OR until > ?2) ORDER BY id"
            ))?;
            let pauses = statement.query_map(params![row, now.timestamp_millis(), text], pause)?;
            pauses.collect::<Result<Vec<_>, _>>()?
        };
        transaction.execute(
            "UPDATE pauses SET lifted_at = ?2, lifted_by = ?3 WHERE lifted_at IS NULL AND (?1 IS NULL OR client_id = ?1)
                 AND (?4 IS NULL OR meta = ?4)",
            params![row, now.timestamp_millis(), by.as_str(), text],
        )?;
        release_paused(&transaction, row)?;
        transaction.commit()?;
        Ok(lifted)
    }

    /// The pauses that stand at `now`.
    pub fn pauses(&self, now: DateTime<Utc>) -> StoreResult<Vec<Pause>> {
        let mut statement =
            self.connection.prepare_cached(&format!("{SELECT_PAUSE} AND (until IS NULL OR until > ?1) ORDER BY id"))?;
        let pauses = statement.query_map([now.timestamp_millis()], pause)?;
        Ok(pauses.collect::<Result<_, _>>()?)
    }
}

/// The pauses that hold a client at `now`, the older one first.
pub(crate) fn standing_pauses(connection: &Connection, client: i64, now: DateTime<Utc>) -> StoreResult<Vec<Pause>> {
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT_PAUSE} AND (client_id IS NULL OR client_id = ?1) AND (until IS NULL OR until > ?2)
         ORDER BY id"
    ))?;
    let pauses = statement.query_map(params![client, now.timestamp_millis()], pause)?;
    Ok(pauses.collect::<Result<_, _>>()?)
}
