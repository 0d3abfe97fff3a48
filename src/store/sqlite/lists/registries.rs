//! What the copies of registries say.

use chrono::NaiveDate;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{Coverage, PhoneNumber, RegistryCopy, RegistryFacts};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::read::rows;

const SELECT_COPY: &str = "SELECT generation, name, as_of, covers, max_age_days, numbers, imported_at, by \
     FROM registries INDEXED BY registries_current WHERE state = 'current' ";

/// A day as the days since 1970-01-01.
pub(crate) fn stored_day(day: NaiveDate) -> i64 {
    i64::from(day.to_epoch_days())
}

/// The copy of a row with all of its columns.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<RegistryCopy> {
    let day: i64 = row.get("as_of")?;
    let as_of = i32::try_from(day).ok().and_then(NaiveDate::from_epoch_days);
    Ok(RegistryCopy {
        name: row.get("name")?,
        generation: row.get("generation")?,
        as_of: as_of.ok_or_else(|| rows::unreadable(0, Type::Integer, "not a day"))?,
        covers: Coverage::from_stored(row.get_ref("covers")?.as_str()?),
        max_age_days: row.get("max_age_days")?,
        numbers: row.get::<_, i64>("numbers")?.unsigned_abs(),
        imported_at: rows::instant(row, "imported_at")?,
        by: row.get("by")?,
    })
}

/// The copy of a registry that is in use.
pub(crate) fn current(connection: &Connection, name: &str) -> StoreResult<Option<RegistryCopy>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT_COPY} AND name = ?1"))?;
    Ok(statement.query_row([name], read).optional()?)
}

fn lists(connection: &Connection, copy: &RegistryCopy, phone: &PhoneNumber) -> StoreResult<bool> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM registry_numbers WHERE generation = ?1 AND number = ?2")?;
    Ok(statement.exists(params![copy.generation, phone.digits().cast_signed()])?)
}

/// What registries of these names say of a number.
pub(crate) fn facts<'n>(
    connection: &Connection,
    names: impl IntoIterator<Item = &'n str>,
    phone: &PhoneNumber,
) -> StoreResult<Vec<RegistryFacts>> {
    let mut facts = Vec::new();
    for name in names {
        let copy = current(connection, name)?;
        let is_listed = copy.as_ref().map(|copy| lists(connection, copy, phone)).transpose()? == Some(true);
        facts.push(RegistryFacts { name: name.to_owned(), copy, is_listed });
    }
    Ok(facts)
}

impl Store {
    /// The copies of registries that are in use, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn registries(&self) -> StoreResult<Vec<RegistryCopy>> {
        let mut statement = self.connection.prepare_cached(&format!("{SELECT_COPY} ORDER BY name"))?;
        let copies = statement.query_map([], read)?;
        Ok(copies.collect::<Result<_, _>>()?)
    }

    /// The copy of a registry that is in use.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn registry(&self, name: &str) -> StoreResult<Option<RegistryCopy>> {
        current(&self.connection, name)
    }

    /// What registries of these names say of a number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn registry_facts<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
        phone: &PhoneNumber,
    ) -> StoreResult<Vec<RegistryFacts>> {
        facts(&self.connection, names, phone)
    }
}
