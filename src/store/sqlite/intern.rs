//! Short numbers for long names that repeat: clients and sets of zones.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{ClientId, ZoneName};
use crate::store::error::StoreResult;

/// The row of a client, if it has ever been named by an item or a pause.
pub(crate) fn find_client(connection: &Connection, client: &ClientId) -> StoreResult<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT id FROM clients WHERE name = ?1")?;
    Ok(statement.query_row([client.as_str()], |row| row.get(0)).optional()?)
}

/// The row of a client, made when it has none.
pub(crate) fn client_row(connection: &Connection, client: &ClientId) -> StoreResult<i64> {
    if let Some(row) = find_client(connection, client)? {
        return Ok(row);
    }
    let mut insert = connection.prepare_cached("INSERT INTO clients (name) VALUES (?1) RETURNING id")?;
    Ok(insert.query_row([client.as_str()], |row| row.get(0))?)
}

/// The rows of zone sets, remembered for one transaction.
#[derive(Debug, Default)]
pub(crate) struct ZoneSets {
    known: HashMap<Vec<ZoneName>, i64>,
}

impl ZoneSets {
    /// The row of a set of zones, made when it has none; the order of the zones does not matter.
    pub(crate) fn row(&mut self, connection: &Connection, zones: &[ZoneName]) -> StoreResult<i64> {
        if zones.is_empty() {
            return Ok(0);
        }
        if let Some(row) = self.known.get(zones) {
            return Ok(*row);
        }
        let mut names: Vec<&str> = zones.iter().map(ZoneName::as_str).collect();
        names.sort_unstable();
        names.dedup();
        let names = names.join(" ");
        let found =
            connection.query_row("SELECT id FROM zone_sets WHERE names = ?1", [&names], |row| row.get(0)).optional()?;
        let row = match found {
            Some(row) => row,
            None => {
                let insert = "INSERT INTO zone_sets (names) VALUES (?1) RETURNING id";
                connection.query_row(insert, params![names], |row| row.get(0))?
            }
        };
        self.known.insert(zones.to_vec(), row);
        Ok(row)
    }
}
