//! Takes over what an older copy of the queue must not forget: who was called, who asked not to be, and which keys were
//! used.

use rusqlite::{OptionalExtension, params};

use crate::model::{AttemptId, CallRecord, PhoneNumber, StartedCall};
use crate::store::error::StoreResult;
use crate::store::sqlite::attempts::forgotten::put_back;
use crate::store::sqlite::attempts::unsettled::{SELECT_FOUND, found};
use crate::store::sqlite::change::Changes;
use crate::store::sqlite::intern::client_row;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::OPEN;
use crate::store::{Restoration, Restored, Store, Unsettled};

impl Store {
    /// A call of this queue as its lease would name it; none when its item is gone.
    pub fn as_started(&self, call: &CallRecord) -> StoreResult<Option<StartedCall>> {
        let Some(item) = self.item(call.item)? else { return Ok(None) };
        let sql = "SELECT dispatcher FROM attempts WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let dispatcher: String = statement.query_row([call.attempt.id.as_bytes()], |row| row.get(0))?;
        let phone: Option<PhoneNumber> = call.phone.as_ref().and_then(|phone| phone.parse().ok());
        Ok(Some(StartedCall {
            attempt: call.attempt.id,
            number: call.attempt.number,
            item: call.item,
            client: call.client.clone(),
            lead: call.lead.clone(),
            phone: phone.or(item.phone),
            region: item.region,
            place: item.place,
            priority: item.priority,
            dispatcher,
            run: call.attempt.run,
            started_at: call.attempt.started_at,
        }))
    }

    /// An attempt that has no final outcome, with its item.
    pub fn unfinished(&self, attempt: AttemptId) -> StoreResult<Option<Unsettled>> {
        let sql = format!("{SELECT_FOUND} WHERE id = ?1 AND {OPEN}");
        let row = self.connection.prepare_cached(&sql)?.query_row([attempt.as_bytes()], found).optional()?;
        row.map(|row| self.with_item(row)).transpose()
    }

    /// Puts forgotten calls on record again, all or none: as [`Store::restore`] does one.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn restore_all(&mut self, restorations: &[Restoration<'_>]) -> StoreResult<Vec<Restored>> {
        let transaction = self.write()?;
        let mut changes = Changes::default();
        let mut restored = Vec::with_capacity(restorations.len());
        for restoration in restorations {
            restored.push(put_back(&transaction, restoration, &mut changes)?);
        }
        changes.finish(&transaction)?;
        transaction.commit()?;
        Ok(restored)
    }

    /// Takes over from a later state of the queue the numbers that are not to be called, the keys that were used, and how
    /// far ids were given.
    ///
    /// # Errors
    /// When a database fails; then nothing was changed.
    pub fn remember_from(&mut self, later: &Store) -> StoreResult<()> {
        let transaction = self.write()?;
        {
            let mut numbers = later.connection.prepare("SELECT phone, since, item_id FROM do_not_call")?;
            let mut insert = transaction.prepare(
                "INSERT INTO do_not_call (phone, since, item_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?;
            let mut rows = numbers.query([])?;
            while let Some(row) = rows.next()? {
                insert.execute(params![row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?])?;
            }
        }
        {
            let mut keys = later.connection.prepare(
                "SELECT clients.name AS client_name, item_keys.key AS key, item_keys.item_id AS item_id,
                     item_keys.lead_id AS lead_id
                 FROM item_keys CROSS JOIN clients ON clients.id = item_keys.client_id",
            )?;
            let mut insert = transaction.prepare(
                "INSERT INTO item_keys (client_id, key, item_id, lead_id) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO NOTHING",
            )?;
            let mut rows = keys.query([])?;
            while let Some(row) = rows.next()? {
                let client = client_row(&transaction, &rows::parsed(row, "client_name")?)?;
                insert.execute(params![
                    client,
                    row.get::<_, String>("key")?,
                    row.get::<_, i64>("item_id")?,
                    row.get::<_, String>("lead_id")?
                ])?;
            }
        }
        let next: i64 = later.connection.query_row("SELECT id FROM next_item", [], |row| row.get(0))?;
        transaction.execute("UPDATE next_item SET id = ?1 WHERE id < ?1", [next])?;
        transaction.commit()?;
        Ok(())
    }
}
