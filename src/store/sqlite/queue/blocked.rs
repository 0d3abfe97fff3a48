//! Items that a closed gate holds back, and what lets them go before their time.

use rusqlite::{Connection, params};

use crate::model::{AttemptId, Gate, Reached};
use crate::store::Store;
use crate::store::error::StoreResult;

/// What is held back under other caps than those of law ?1.
const OTHER_LAW: &str = "blocked_by IS NOT NULL AND (blocked_law < ?1 OR blocked_law > ?1)";

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
        transaction.execute(
            &format!(
                "UPDATE items INDEXED BY items_blocked_law SET not_before = NULL, blocked_by = NULL, blocked_law = NULL
                 WHERE {OTHER_LAW}"
            ),
            [law],
        )?;
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
    let only = match reached {
        None | Some(Reached::Person) => return Ok(()),
        Some(Reached::None) => None,
        Some(Reached::Network | Reached::Line) => Some(Gate::Cap.as_str()),
    };
    let mut release = connection.prepare_cached(
        "UPDATE items INDEXED BY items_blocked SET not_before = NULL, blocked_by = NULL, blocked_law = NULL
         WHERE blocked_by IS NOT NULL AND phone = (SELECT phone FROM attempts WHERE id = ?1)
             AND (?2 IS NULL OR blocked_by = ?2)",
    )?;
    release.execute(params![attempt.as_bytes(), only])?;
    Ok(())
}

fn any_of_other_law(connection: &Connection, law: i64) -> StoreResult<bool> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT EXISTS (SELECT 1 FROM items INDEXED BY items_blocked_law WHERE {OTHER_LAW})"
    ))?;
    Ok(statement.query_row([law], |row| row.get(0))?)
}
