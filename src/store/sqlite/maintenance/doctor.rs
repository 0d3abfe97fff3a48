//! What `doctor` asks of the database: its version and settings, its references and its clock.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::Row;

use crate::model::{AttemptId, ItemId};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::TAKES_LEAD;

/// Attempts that lie in the future.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FutureAttempts {
    /// The one that lies furthest in it.
    pub newest: AttemptId,
    pub item: ItemId,
    pub started_at: DateTime<Utc>,
    /// How many there are.
    pub count: u64,
}

/// What every connection must be set to, and the value as SQLite shows it.
const WANTED: [(&str, &str); 5] =
    [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("trusted_schema", "0"), ("mmap_size", "0")];

/// The oldest SQLite in which two writers in WAL mode cannot lose a commit, by the number that it gives itself.
const OLDEST_SOUND_SQLITE: i32 = 3_051_003;

/// A table or index that is not as this program makes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SchemaFault {
    /// It is not there.
    Missing(String),
    /// It is there in another form.
    Changed(String),
    /// This program makes no index or table of that name.
    Foreign(String),
    /// A trigger or a view: this program makes none.
    Planted(String),
}

impl Store {
    /// The version of SQLite, and whether it keeps what it has committed.
    pub fn sqlite_version() -> (&'static str, bool) {
        (rusqlite::version(), rusqlite::version_number() >= OLDEST_SOUND_SQLITE)
    }

    /// Compares every table and index with those of a new database.
    pub fn schema_faults(&self) -> StoreResult<Vec<SchemaFault>> {
        let (wanted, mut found) = (Store::temporary()?.objects()?, self.objects()?);
        let mut faults = Vec::new();
        for (name, sql) in wanted {
            match found.remove(&name) {
                None => faults.push(SchemaFault::Missing(name)),
                Some(other) if other != sql => faults.push(SchemaFault::Changed(name)),
                Some(_) => {}
            }
        }
        let is_planted = |name: &str| name.starts_with("trigger ") || name.starts_with("view ");
        let fault =
            |name: String| if is_planted(&name) { SchemaFault::Planted(name) } else { SchemaFault::Foreign(name) };
        faults.extend(found.into_keys().map(fault));
        Ok(faults)
    }

    /// The statements that made the tables and indexes, by kind and name; none for what SQLite makes itself.
    fn objects(&self) -> StoreResult<BTreeMap<String, Option<String>>> {
        let mut statement = self.connection.prepare("SELECT type || ' ' || name, sql FROM sqlite_schema")?;
        let objects = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(objects.collect::<Result<_, _>>()?)
    }

    pub fn schema_version(&self) -> StoreResult<i64> {
        Ok(self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
    }

    /// The settings of the database and of this connection that are not as they must be, each as `name = value`.
    pub fn wrong_settings(&self) -> StoreResult<Vec<String>> {
        let mut wrong = Vec::new();
        for (name, wanted) in WANTED {
            let shown = |row: &Row<'_>| -> rusqlite::Result<String> {
                Ok(match row.get_ref(0)? {
                    rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                    other => String::from_utf8_lossy(other.as_bytes().unwrap_or_default()).into_owned(),
                })
            };
            let found: String = self.connection.pragma_query_value(None, name, shown)?;
            // A copy that nobody has opened to change it: that turns the log on.
            let is_copy = name == "journal_mode" && found == "delete";
            if found != wanted && !is_copy {
                wrong.push(format!("{name} = {found}, not {wanted}"));
            }
        }
        Ok(wrong)
    }

    /// How many rows name a row of another table that is not there.
    pub fn broken_references(&self) -> StoreResult<u64> {
        let mut statement = self.connection.prepare("PRAGMA foreign_key_check")?;
        let mut found = statement.query([])?;
        let mut count = 0;
        while found.next()?.is_some() {
            count += 1;
        }
        // The schema does not say so, for speed.
        let strays: i64 = self.connection.query_row(
            "SELECT count(*) FROM attempts WHERE run_id NOT IN (SELECT id FROM runs)",
            [],
            |row| row.get(0),
        )?;
        Ok(count + strays.unsigned_abs())
    }

    /// The attempts that started after `now`, by which a clock that was set back shows itself.
    pub fn future_attempts(&self, now: DateTime<Utc>) -> StoreResult<Option<FutureAttempts>> {
        let mut statement = self.connection.prepare(
            "SELECT id, item_id, started_at, count(*) OVER () FROM attempts WHERE started_at > ?1
             ORDER BY started_at DESC LIMIT 1",
        )?;
        let mut found = statement.query_map([now.timestamp_millis()], |row| {
            Ok(FutureAttempts {
                newest: AttemptId::from_bytes(row.get(0)?),
                item: rows::item_id(row, 1)?,
                started_at: rows::instant(row, 2)?,
                count: row.get::<_, i64>(3)?.unsigned_abs(),
            })
        })?;
        Ok(found.next().transpose()?)
    }

    /// Shows the number of each live or held item to `visit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn visit_live_numbers(&self, visit: &mut dyn FnMut(ItemId, &str)) -> StoreResult<()> {
        /// Items that are read at once, so that memory stays flat.
        const CHUNK: usize = 10_000;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT id, phone FROM items WHERE {TAKES_LEAD} AND phone IS NOT NULL AND id > ?1 ORDER BY id LIMIT {CHUNK}"
        ))?;
        let mut after = 0;
        loop {
            let (mut found, mut count) = (statement.query([after])?, 0);
            while let Some(row) = found.next()? {
                let item = rows::item_id(row, 0)?;
                visit(item, row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?);
                (after, count) = (item.row(), count + 1);
            }
            if count < CHUNK {
                return Ok(());
            }
        }
    }

    /// The database's own check of every page and index; `Ok(None)` when all is well, else what it found.
    pub fn check(&self) -> StoreResult<Option<String>> {
        let answer: String = self.connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        Ok((answer != "ok").then_some(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_sqlite_loses_no_commit() {
        let (version, sound) = Store::sqlite_version();
        assert!(sound, "{version}");
    }
}
