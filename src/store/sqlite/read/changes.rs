//! The changes of all items in the order in which they were made, page by page.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params_from_iter};

use crate::model::{ChangeRecord, ClientId};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::read::filter::Condition;
use crate::store::sqlite::read::rows;

fn record(row: &Row<'_>) -> rusqlite::Result<ChangeRecord> {
    Ok(ChangeRecord {
        number: row.get("number")?,
        change: rows::change(row)?,
        item: rows::item_id(row, "item_id")?,
        client: rows::parsed(row, "client_name")?,
        lead: rows::parsed(row, "lead_id")?,
    })
}

/// The changes of a client, or of all, at or after an instant, with a number above `after`.
fn condition(client: Option<&ClientId>, since: Option<DateTime<Utc>>, after: i64) -> Condition {
    let mut condition = Condition::default();
    condition.and("changes.id > ?", [after.into()]);
    if let Some(since) = since {
        condition.and("changes.at >= ?", [since.timestamp_millis().into()]);
    }
    if let Some(client) = client {
        condition.and("clients.name = ?", [client.as_str().to_owned().into()]);
    }
    condition
}

const TABLES: &str = "changes CROSS JOIN items ON items.id = changes.item_id
     CROSS JOIN clients ON clients.id = items.client_id";

impl Store {
    /// Up to `limit` changes, of a client or of all, at or after an instant, with a number above `after`.
    pub fn all_changes(
        &self,
        client: Option<&ClientId>,
        since: Option<DateTime<Utc>>,
        after: i64,
        limit: usize,
    ) -> StoreResult<Vec<ChangeRecord>> {
        let condition = condition(client, since, after);
        let sql = format!(
            "SELECT changes.id AS number, changes.at AS at, changes.by AS by, changes.what AS what,
                 changes.old_value AS old_value, changes.new_value AS new_value, changes.reason AS reason,
                 changes.item_id AS item_id, clients.name AS client_name, items.lead_id AS lead_id
             FROM {TABLES} WHERE {} ORDER BY changes.id LIMIT {limit}",
            condition.sql()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let changes = statement.query_map(params_from_iter(condition.values), record)?;
        Ok(changes.collect::<Result<_, _>>()?)
    }

    /// The number after which the last `count` changes stand; 0 when there are no more than those.
    pub fn before_last_changes(
        &self,
        client: Option<&ClientId>,
        since: Option<DateTime<Utc>>,
        count: u64,
    ) -> StoreResult<i64> {
        let condition = condition(client, since, 0);
        let sql = format!(
            "SELECT changes.id FROM {TABLES} WHERE {} ORDER BY changes.id DESC LIMIT 1 OFFSET {}",
            condition.sql(),
            i64::try_from(count).unwrap_or(i64::MAX),
        );
        let number = self.connection.query_row(&sql, params_from_iter(condition.values), |row| row.get(0));
        Ok(number.optional()?.unwrap_or(0))
    }
}
