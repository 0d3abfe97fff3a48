//! Short numbers for long names that repeat: clients and places.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{ClientId, LeadPlace};
use crate::store::error::StoreResult;
use crate::store::sqlite::read::rows;

/// The row of a client, if it has ever been named by an item or a pause.
pub(crate) fn find_client(connection: &Connection, client: &ClientId) -> StoreResult<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT id FROM clients WHERE name = ?1")?;
    Ok(statement.query_row([client.as_str()], |row| row.get(0)).optional()?)
}

/// The row of the only client that is asked for, none for all. One that nothing names has row 0, which is no client's.
pub(crate) fn only_client(connection: &Connection, client: Option<&ClientId>) -> StoreResult<Option<i64>> {
    client.map(|client| Ok(find_client(connection, client)?.unwrap_or(0))).transpose()
}

pub(crate) fn client_of_row(connection: &Connection, row: i64) -> StoreResult<ClientId> {
    let mut statement = connection.prepare_cached("SELECT name FROM clients WHERE id = ?1")?;
    Ok(statement.query_row([row], |row| rows::parsed(row, 0))?)
}

pub(crate) fn place_of_row(connection: &Connection, row: i64) -> StoreResult<Arc<LeadPlace>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {} FROM places WHERE id = ?1", rows::PLACE))?;
    Ok(statement.query_row([row], rows::place)?)
}

/// The row of a client, made when it has none.
pub(crate) fn client_row(connection: &Connection, client: &ClientId) -> StoreResult<i64> {
    if let Some(row) = find_client(connection, client)? {
        return Ok(row);
    }
    let mut insert = connection.prepare_cached("INSERT INTO clients (name) VALUES (?1) RETURNING id")?;
    Ok(insert.query_row([client.as_str()], |row| row.get(0))?)
}

/// The rows of places, remembered for one transaction.
#[derive(Debug, Default)]
pub(crate) struct Places {
    known: HashMap<Arc<LeadPlace>, i64>,
    /// The last one: leads that follow one another are often at one place.
    last: Option<(Arc<LeadPlace>, i64)>,
}

impl Places {
    /// The row of a place, made when it has none.
    pub(crate) fn row(&mut self, connection: &Connection, place: &Arc<LeadPlace>) -> StoreResult<i64> {
        if let Some((_, row)) = self.last.as_ref().filter(|(last, _)| Arc::ptr_eq(last, place)) {
            return Ok(*row);
        }
        let row = match self.known.get(place) {
            Some(row) => *row,
            None => place_row(connection, place)?,
        };
        self.known.insert(place.clone(), row);
        self.last = Some((place.clone(), row));
        Ok(row)
    }
}

fn place_row(connection: &Connection, place: &LeadPlace) -> StoreResult<i64> {
    let (zones, regions) = (rows::joined(&place.zones), rows::joined(&place.regions));
    let values = params![zones, regions, place.evidence.as_str()];
    let find = "SELECT id FROM places WHERE zones = ?1 AND regions = ?2 AND evidence = ?3";
    if let Some(row) = connection.query_row(find, values, |row| row.get(0)).optional()? {
        return Ok(row);
    }
    let insert = "INSERT INTO places (zones, regions, evidence) VALUES (?1, ?2, ?3) RETURNING id";
    Ok(connection.query_row(insert, values, |row| row.get(0))?)
}
