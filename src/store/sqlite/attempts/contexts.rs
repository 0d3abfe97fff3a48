//! What calls were asked under: few rows, to which many calls refer.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{AskedRegistry, DialContext, DialRecord, KeptText, LeadPlace, Purpose};
use crate::store::error::StoreResult;
use crate::store::sqlite::intern::Places;

/// The rows of contexts, remembered for one transaction: what is rolled back has no row.
#[derive(Debug, Default)]
pub(crate) struct Contexts {
    known: HashMap<(DialContext, i64), i64>,
    places: Places,
}

impl Contexts {
    /// The row of what a call to a place is asked under, made when it has none.
    pub(crate) fn row(
        &mut self,
        connection: &Connection,
        asked: &DialRecord,
        place: &Arc<LeadPlace>,
    ) -> StoreResult<i64> {
        let place = self.places.row(connection, place)?;
        let key = (asked.context.clone(), place);
        if let Some(row) = self.known.get(&key) {
            return Ok(*row);
        }
        let row = find_or_insert(connection, asked, place)?;
        self.known.insert(key, row);
        Ok(row)
    }
}

fn find_or_insert(connection: &Connection, asked: &DialRecord, place: i64) -> StoreResult<i64> {
    let DialContext { program, zone_data, numbers, rules_version, rules, policy, purpose, voice, registries } =
        &asked.context;
    let (purpose, registries) = (purpose.map_or("", Purpose::as_str), AskedRegistry::to_stored(registries));
    let values =
        params![policy, place, rules, registries, purpose, voice.as_str(), numbers, zone_data, program, rules_version];
    let mut find = connection.prepare_cached(
        "SELECT id FROM contexts WHERE policy = ?1 AND place = ?2 AND rules = ?3 AND registries = ?4 AND purpose = ?5
             AND voice = ?6 AND numbers = ?7 AND zone_data = ?8 AND program = ?9 AND rules_version = ?10",
    )?;
    if let Some(known) = find.query_row(values, |row| row.get(0)).optional()? {
        return Ok(known);
    }
    let mut keep =
        connection.prepare_cached("INSERT INTO texts (hash, text) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    for kept in &asked.texts {
        let KeptText { hash, text } = &**kept;
        keep.execute(params![hash, &**text])?;
    }
    let mut insert = connection.prepare_cached(
        "INSERT INTO contexts (policy, place, rules, registries, purpose, voice, numbers, zone_data, program,
             rules_version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id",
    )?;
    Ok(insert.query_row(values, |row| row.get(0))?)
}
