//! Consents: what the persons of numbers allowed clients.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{Actor, ClientId, Consent, Gate, NewConsent, NumberPattern, PhoneNumber};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::change::release_phone;
use crate::store::sqlite::intern::{client_row, only_client};
use crate::store::sqlite::read::rows;

/// At most this many consents are written in one transaction, so that the write lock is held briefly.
const AT_ONCE: usize = 500;

/// A consent with its number and its client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentEntry {
    pub number: PhoneNumber,
    pub client: ClientId,
    pub consent: Consent,
    /// Who added it.
    pub by: String,
}

/// Which consents are meant.
#[derive(Debug, Clone, Default)]
pub struct ConsentFilter {
    pub client: Option<ClientId>,
    pub number: Option<PhoneNumber>,
    /// Also those that ended or were withdrawn.
    pub ended: bool,
}

const SELECT_CONSENT: &str = "SELECT consents.id AS id, kind, given_at, until, proof, withdrawn_at FROM consents ";

fn read(row: &Row<'_>) -> rusqlite::Result<Consent> {
    Ok(Consent {
        id: row.get("id")?,
        new: NewConsent {
            kind: rows::parsed(row, "kind")?,
            given_at: rows::instant(row, "given_at")?,
            until: rows::optional_instant(row, "until")?,
            proof: row.get("proof")?,
        },
        withdrawn_at: rows::optional_instant(row, "withdrawn_at")?,
    })
}

/// The consents of a number for a client that nobody withdrew, the best kind first.
pub(crate) fn standing(connection: &Connection, number: &PhoneNumber, client: &ClientId) -> StoreResult<Vec<Consent>> {
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT_CONSENT} INDEXED BY consents_standing
         WHERE withdrawn_at IS NULL AND number = ?1 AND client_id = (SELECT clients.id FROM clients WHERE name = ?2)"
    ))?;
    let found = statement.query_map([number.as_str(), client.as_str()], read)?;
    let mut consents = found.collect::<Result<Vec<Consent>, _>>()?;
    consents.sort_by_key(|consent| (consent.new.kind, consent.id));
    Ok(consents)
}

/// The consents of a number for a client that held at an instant, the best kind first, whatever was withdrawn since. One
/// that was withdrawn in that very millisecond was so by what the call brought.
pub(crate) fn held_at(
    connection: &Connection,
    number: &PhoneNumber,
    client: &ClientId,
    at: DateTime<Utc>,
) -> StoreResult<Vec<Consent>> {
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT_CONSENT} WHERE number = ?1 AND client_id = (SELECT clients.id FROM clients WHERE name = ?2)
             AND added_at <= ?3 AND (withdrawn_at IS NULL OR withdrawn_at >= ?3)"
    ))?;
    let found = statement.query_map(params![number.as_str(), client.as_str(), at.timestamp_millis()], read)?;
    let mut consents = found.collect::<Result<Vec<Consent>, _>>()?;
    consents.sort_by_key(|consent| (consent.new.kind, consent.id));
    Ok(consents.into_iter().map(|consent| Consent { withdrawn_at: None, ..consent }).collect())
}

pub(crate) fn of_row(connection: &Connection, row: i64) -> StoreResult<Option<Consent>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT_CONSENT} WHERE consents.id = ?1"))?;
    Ok(statement.query_row([row], read).optional()?)
}

/// Adds a consent, unless the very same stands. Gives back whether it is new.
pub(crate) fn put(
    connection: &Connection,
    number: &PhoneNumber,
    client: &ClientId,
    new: &NewConsent,
    (by, now): (&Actor, DateTime<Utc>),
) -> StoreResult<bool> {
    if standing(connection, number, client)?.iter().any(|known| known.new == *new) {
        return Ok(false);
    }
    let mut insert = connection.prepare_cached(
        "INSERT INTO consents (number, client_id, kind, given_at, until, proof, added_at, by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    insert.execute(params![
        number.as_str(),
        client_row(connection, client)?,
        new.kind.as_str(),
        new.given_at.timestamp_millis(),
        new.until.map(|until| until.timestamp_millis()),
        new.proof,
        now.timestamp_millis(),
        by.as_str()
    ])?;
    // It may lift the registry that holds an item back.
    release_phone(connection, number, Gate::Registry)?;
    Ok(true)
}

/// Withdraws the consents of a pattern's numbers, for a client or for all; gives back how many.
pub(crate) fn withdraw(
    connection: &Connection,
    pattern: &NumberPattern,
    client: Option<&ClientId>,
    (by, now): (&Actor, DateTime<Utc>),
) -> StoreResult<usize> {
    let client = only_client(connection, client)?;
    // Behind the last digit: `:` follows `9`.
    let condition = match pattern {
        NumberPattern::Number(_) => "number = ?1 AND ?2 = ?2",
        NumberPattern::Prefix(_) => "number >= ?1 AND number < ?2",
    };
    let mut update = connection.prepare_cached(&format!(
        "UPDATE consents SET withdrawn_at = ?4, withdrawn_by = ?5
         WHERE withdrawn_at IS NULL AND {condition} AND (?3 IS NULL OR client_id = ?3)"
    ))?;
    let start = pattern.start();
    Ok(update.execute(params![start, format!("{start}:"), client, now.timestamp_millis(), by.as_str()])?)
}

impl Store {
    /// Adds consents of a client, in transactions of bounded length; gives back how many are new.
    ///
    /// # Errors
    /// When the database fails; what was committed stays.
    pub fn add_consents(
        &mut self,
        client: &ClientId,
        consents: &[(PhoneNumber, NewConsent)],
        by: &Actor,
        now: DateTime<Utc>,
    ) -> StoreResult<usize> {
        let mut added = 0;
        for chunk in consents.chunks(AT_ONCE) {
            let transaction = self.write()?;
            for (number, new) in chunk {
                added += usize::from(put(&transaction, number, client, new, (by, now))?);
            }
            transaction.commit()?;
        }
        Ok(added)
    }

    /// Withdraws the consents of numbers, for a client or for all; gives back how many.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn withdraw_consents(
        &mut self,
        numbers: &[PhoneNumber],
        client: Option<&ClientId>,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> StoreResult<usize> {
        let transaction = self.write()?;
        let mut withdrawn = 0;
        for number in numbers {
            withdrawn += withdraw(&transaction, &NumberPattern::Number(number.clone()), client, (by, now))?;
        }
        transaction.commit()?;
        Ok(withdrawn)
    }

    /// At most `limit` consents behind an id, in the order of their ids.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn consents(
        &self,
        filter: &ConsentFilter,
        after: i64,
        limit: usize,
        now: DateTime<Utc>,
    ) -> StoreResult<Vec<ConsentEntry>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT consents.id AS id, number, name AS client_name, kind, given_at, until, proof, withdrawn_at, by
             FROM consents JOIN clients ON clients.id = client_id
             WHERE consents.id > ?1 AND (?2 IS NULL OR name = ?2) AND (?3 IS NULL OR number = ?3)
             AND (?4 OR (withdrawn_at IS NULL AND (until IS NULL OR until > ?5)))
             ORDER BY consents.id LIMIT ?6",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (client, number) = (filter.client.as_ref().map(ClientId::as_str), filter.number.as_ref());
        let found = statement.query_map(
            params![after, client, number.map(PhoneNumber::as_str), filter.ended, now.timestamp_millis(), limit],
            |row| {
                let consent = read(row)?;
                let (number, client) = (rows::parsed(row, "number")?, rows::parsed(row, "client_name")?);
                Ok(ConsentEntry { number, client, consent, by: row.get("by")? })
            },
        )?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}
