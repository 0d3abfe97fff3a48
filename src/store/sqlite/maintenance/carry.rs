//! Takes over what an older copy of the queue must not forget: who was called, who asked not to be, the newer copies of
//! registries, and which keys were used.

use rusqlite::{Connection, Row, params};

use crate::model::{AttemptId, CallRecord, PhoneNumber, RegistryCopy, StartedCall};
use crate::store::error::StoreResult;
use crate::store::sqlite::attempts::forgotten::put_back;
use crate::store::sqlite::attempts::unsettled::select_unsettled;
use crate::store::sqlite::change::Changes;
use crate::store::sqlite::intern::client_row;
use crate::store::sqlite::lists::registries::{current, stored_day};
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
        let rest = format!("WHERE id = ?1 AND {OPEN}");
        Ok(select_unsettled(&self.connection, &rest, [attempt.as_bytes()])?.pop())
    }

    /// Puts forgotten calls on record again, all or none: as [`Store::restore`] does one.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn restore_all(&mut self, restorations: &[Restoration<'_>]) -> StoreResult<Vec<Restored>> {
        let mut changes = Changes::told_to(&self.receivers);
        let transaction = self.write()?;
        let mut restored = Vec::with_capacity(restorations.len());
        for restoration in restorations {
            restored.push(put_back(&transaction, restoration, &mut changes)?);
        }
        changes.finish(&transaction)?;
        transaction.commit()?;
        Ok(restored)
    }

    /// Takes over from a later state of the queue the numbers that are not to be called, the consents that were withdrawn
    /// or given, the newer copies of registries, the keys that were used, and how far ids were given. An entry that was
    /// removed since stands again.
    ///
    /// # Errors
    /// When a database fails; then nothing was changed.
    pub fn remember_from(&mut self, later: &Store) -> StoreResult<()> {
        let transaction = self.write()?;
        remember_entries(&transaction, &later.connection)?;
        remember_consents(&transaction, &later.connection)?;
        for copy in later.registries()? {
            remember_registry(&transaction, &later.connection, &copy)?;
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

/// The row of the client that a row of another database names, if it names one.
fn client_of(transaction: &Connection, row: &Row<'_>) -> StoreResult<Option<i64>> {
    let name = rows::optional(row, "client_name")?;
    name.map(|name| client_row(transaction, &name)).transpose()
}

/// The do-not-call entries that a later state has beside those of this one.
fn remember_entries(transaction: &Connection, later: &Connection) -> StoreResult<()> {
    let mut entries = later.prepare(
        "SELECT pattern, name AS client_name, source, reason, since, until, by, item_id, removed_at, removed_by,
             removed_reason
         FROM dnc_entries LEFT JOIN clients ON clients.id = client_id ORDER BY dnc_entries.id",
    )?;
    let mut insert = transaction.prepare(
        "INSERT INTO dnc_entries (pattern, client_id, source, reason, since, until, by, item_id, removed_at, removed_by,
             removed_reason)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 WHERE NOT EXISTS
             (SELECT 1 FROM dnc_entries WHERE pattern = ?1 AND client_id IS NOT DISTINCT FROM ?2 AND source = ?3
                 AND since = ?5)",
    )?;
    let mut rows = entries.query([])?;
    while let Some(row) = rows.next()? {
        insert.execute(params![
            row.get::<_, String>("pattern")?,
            client_of(transaction, row)?,
            row.get::<_, String>("source")?,
            row.get::<_, Option<String>>("reason")?,
            row.get::<_, i64>("since")?,
            row.get::<_, Option<i64>>("until")?,
            row.get::<_, String>("by")?,
            row.get::<_, Option<i64>>("item_id")?,
            row.get::<_, Option<i64>>("removed_at")?,
            row.get::<_, Option<String>>("removed_by")?,
            row.get::<_, Option<String>>("removed_reason")?,
        ])?;
    }
    Ok(())
}

/// The consents that a later state has beside those of this one, and those that were withdrawn since.
fn remember_consents(transaction: &Connection, later: &Connection) -> StoreResult<()> {
    let mut consents = later.prepare(
        "SELECT number, name AS client_name, kind, given_at, until, proof, added_at, by, withdrawn_at, withdrawn_by
         FROM consents CROSS JOIN clients ON clients.id = client_id ORDER BY consents.id",
    )?;
    let same = "number = ?1 AND client_id = ?2 AND kind = ?3 AND given_at = ?4 AND added_at = ?5";
    let mut withdraw = transaction.prepare(&format!(
        "UPDATE consents SET withdrawn_at = ?6, withdrawn_by = ?7 WHERE {same} AND withdrawn_at IS NULL"
    ))?;
    let mut insert = transaction.prepare(&format!(
        "INSERT INTO consents (number, client_id, kind, given_at, added_at, withdrawn_at, withdrawn_by, until, proof, by)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 WHERE NOT EXISTS (SELECT 1 FROM consents WHERE {same})"
    ))?;
    let mut rows = consents.query([])?;
    while let Some(row) = rows.next()? {
        let client = client_of(transaction, row)?;
        let (number, kind) = (row.get::<_, String>("number")?, row.get::<_, String>("kind")?);
        let (given_at, added_at) = (row.get::<_, i64>("given_at")?, row.get::<_, i64>("added_at")?);
        let withdrawn_at = row.get::<_, Option<i64>>("withdrawn_at")?;
        let withdrawn_by = row.get::<_, Option<String>>("withdrawn_by")?;
        if withdrawn_at.is_some() {
            withdraw.execute(params![number, client, kind, given_at, added_at, withdrawn_at, withdrawn_by])?;
        }
        insert.execute(params![
            number,
            client,
            kind,
            given_at,
            added_at,
            withdrawn_at,
            withdrawn_by,
            row.get::<_, Option<i64>>("until")?,
            row.get::<_, Option<String>>("proof")?,
            row.get::<_, String>("by")?,
        ])?;
    }
    Ok(())
}

/// The copy of a registry that a later state has, unless this one has a copy of a later day: who joined the registry
/// meanwhile must not be called.
fn remember_registry(transaction: &Connection, later: &Connection, copy: &RegistryCopy) -> StoreResult<()> {
    let own = current(transaction, &copy.name)?;
    if own.is_some_and(|own| (own.as_of, own.imported_at) >= (copy.as_of, copy.imported_at)) {
        return Ok(());
    }
    transaction.execute("UPDATE registries SET state = 'old' WHERE name = ?1 AND state = 'current'", [&copy.name])?;
    let generation: i64 = transaction.query_row(
        "INSERT INTO registries (name, state, as_of, covers, max_age_days, numbers, imported_at, by)
         VALUES (?1, 'current', ?2, ?3, ?4, ?5, ?6, ?7) RETURNING generation",
        params![
            copy.name,
            stored_day(copy.as_of),
            copy.covers.to_stored(),
            copy.max_age_days,
            i64::try_from(copy.numbers).unwrap_or(i64::MAX),
            copy.imported_at.timestamp_millis(),
            copy.by
        ],
        |row| row.get(0),
    )?;
    let mut numbers = later.prepare("SELECT number FROM registry_numbers WHERE generation = ?1 ORDER BY number")?;
    let mut insert = transaction.prepare("INSERT INTO registry_numbers (generation, number) VALUES (?1, ?2)")?;
    let mut rows = numbers.query([copy.generation])?;
    while let Some(row) = rows.next()? {
        insert.execute([generation, row.get("number")?])?;
    }
    Ok(())
}
