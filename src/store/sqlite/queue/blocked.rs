//! Items that a closed gate holds back, and what lets them go before their time.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::model::{AttemptId, Gate, ItemId, Reached};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::change::{self, Changes, OTHER_LAW, release_number, release_other_law};
use crate::store::sqlite::intern::client_row;
use crate::store::sqlite::read::item::load;
use crate::store::sqlite::read::rows;

impl Store {
    /// Puts back into the queue what a gate holds back under other caps than those of `law`, so that it is judged anew.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn judge_anew(&mut self, law: i64) -> StoreResult<()> {
        if !any_of_other_law(&self.connection, law)? {
            return Ok(());
        }
        let transaction = self.write()?;
        release_other_law(&transaction, law)?;
        Ok(transaction.commit()?)
    }
}

impl Store {
    /// Notes the promised calls whose window has passed uncalled; gives back their items, each once.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn note_missed_callbacks(&mut self, now: DateTime<Utc>) -> StoreResult<Vec<ItemId>> {
        if self.missed_callbacks(None, now)? == 0 {
            return Ok(Vec::new());
        }
        let mut changes = Changes::told_to(&self.receivers);
        let transaction = self.write()?;
        let missed = change::note_missed(&transaction, now)?;
        for id in &missed {
            let item = load(&transaction, *id)?;
            let client = client_row(&transaction, &item.client)?;
            changes.events.callback_missed(&transaction, (client, &item), now)?;
        }
        changes.finish(&transaction)?;
        transaction.commit()?;
        Ok(missed)
    }
}

impl Store {
    /// The items that a gate holds back.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn blocked_by(&self, gate: Gate) -> StoreResult<Vec<ItemId>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT items.id FROM items INDEXED BY items_blocked WHERE blocked_by IS NOT NULL AND blocked_by = ?1",
        )?;
        let ids = statement.query_map([gate.as_str()], |row| rows::item_id(row, 0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Puts items back into the queue that a gate still holds back.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn let_go(&mut self, items: &[ItemId], gate: Gate) -> StoreResult<()> {
        let transaction = self.write()?;
        for item in items {
            change::let_go(&transaction, *item, gate)?;
        }
        Ok(transaction.commit()?)
    }
}

/// Puts back into the queue what an attempt blocked by its number when it counted as the worst: now its level is known.
/// No rest counts less than the network, and no cap less than the level that a person is.
pub(crate) fn judge_number_anew(
    connection: &Connection,
    attempt: AttemptId,
    reached: Option<Reached>,
) -> StoreResult<()> {
    match reached {
        None | Some(Reached::Person) => Ok(()),
        Some(Reached::None) => release_number(connection, attempt, None),
        Some(Reached::Network | Reached::Line) => release_number(connection, attempt, Some(Gate::Cap)),
    }
}

fn any_of_other_law(connection: &Connection, law: i64) -> StoreResult<bool> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT EXISTS (SELECT 1 FROM items INDEXED BY items_blocked_law WHERE {OTHER_LAW})"
    ))?;
    Ok(statement.query_row([law], |row| row.get(0))?)
}
