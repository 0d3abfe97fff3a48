//! A lead from a row of a CSV file, by the columns that its header names.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::cells::Cells;
use super::field::Field;
use super::object;
use super::record_builder::{Fault, Members, RecordBuilder, metadata};
use crate::model::{LeadRequest, Metadata};

/// What a column holds.
#[derive(Debug, PartialEq, Eq)]
enum Column {
    Known(Field),
    /// A field of the metadata, by its name.
    Other(String),
    /// A column without a name, which spreadsheets leave behind; its cells must be empty.
    Nameless,
}

/// The columns of a CSV file.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    /// No column names the lead, so its phone number does: a file as it was exported for Retell.
    phone_names_lead: bool,
}

impl Table {
    pub(super) fn from_header(header: &str) -> Result<Table, Fault> {
        let mut columns = Vec::new();
        let mut seen = BTreeSet::new();
        for cell in Cells::of(header) {
            let cell = cell.map_err(|_| Fault::syntax("a cell of the header has text behind its closing quote"))?;
            let name = cell.trim();
            let column = match Field::of(name) {
                Some(field) => Column::Known(field),
                None if name.is_empty() => Column::Nameless,
                None => Column::Other(name.to_owned()),
            };
            let unique = match &column {
                Column::Known(field) => seen.insert(field.name().to_owned()),
                Column::Other(name) => seen.insert(name.clone()),
                Column::Nameless => true,
            };
            if !unique {
                return Err(Fault::syntax(format!("the header names the column `{name}` twice")));
            }
            columns.push(column);
        }
        let has = |field| columns.contains(&Column::Known(field));
        if has(Field::Lead) || has(Field::Phone) {
            return Ok(Table { phone_names_lead: !has(Field::Lead), columns });
        }
        let separator = [';', '\t'].into_iter().find(|other| header.contains(*other));
        let hint = separator.map_or(String::new(), |other| format!(": separate them by commas, not by {other:?}"));
        Err(Fault::syntax(format!("the header has neither a `lead_id` nor a `phone` column{hint}")))
    }

    /// Reads a row; with a fault comes the lead id, if that much could be read.
    pub(super) fn read(&self, row: &str) -> Result<LeadRequest, (Option<String>, Fault)> {
        let mut record_builder = RecordBuilder::default();
        let outcome = self.fill(&mut record_builder, row);
        record_builder.finish(outcome)
    }

    fn fill(&self, record_builder: &mut RecordBuilder, row: &str) -> Result<Option<Metadata>, Fault> {
        if row.contains('\0') {
            return Err(Fault::record("the record holds a NUL character"));
        }
        let mut others: Members<'_, Cow<'_, str>> = Vec::new();
        let mut base: Option<Box<RawValue>> = None;
        let mut first_fault = None;
        let mut cells = Cells::of(row);
        for (index, column) in self.columns.iter().enumerate() {
            let cell = match cells.next() {
                Some(Ok(cell)) => cell,
                Some(Err(_)) => return Err(stray_text(index)),
                None => return Err(self.wrong_count(row)),
            };
            let outcome = match column {
                Column::Known(_) if cell.trim().is_empty() => Ok(()),
                Column::Known(Field::Metadata) => json_object(cell.trim()).map(|raw| base = Some(raw)),
                Column::Known(field) => self.set(record_builder, *field, cell.trim()),
                Column::Nameless if !cell.trim().is_empty() => {
                    Err(Fault::record(format!("cell {} stands in a column without a name", index + 1)))
                }
                Column::Nameless => Ok(()),
                Column::Other(name) => {
                    if !cell.is_empty() {
                        others.push((Cow::Borrowed(name), cell));
                    }
                    Ok(())
                }
            };
            // Goes on, so that the lead is known by name when its column comes later.
            first_fault = first_fault.or(outcome.err());
        }
        if cells.next().is_some() {
            return Err(self.wrong_count(row));
        }
        match (first_fault, base) {
            (Some(fault), _) => Err(fault),
            (None, None) if others.is_empty() => Ok(None),
            (None, None) => metadata(&Vec::new(), &others),
            (None, Some(raw)) if others.is_empty() => {
                Metadata::from_raw(raw).map(Some).map_err(|error| Fault::of(Field::Metadata.name(), error))
            }
            (None, Some(raw)) => metadata(&object::members(&raw)?, &others),
        }
    }

    fn set(&self, record_builder: &mut RecordBuilder, field: Field, text: &str) -> Result<(), Fault> {
        if field == Field::Phone && self.phone_names_lead {
            record_builder.set(Field::Lead, text)?;
            record_builder.phone_names_lead = true;
        }
        record_builder.set(field, text)
    }

    fn wrong_count(&self, row: &str) -> Fault {
        let found = Cells::of(row).count();
        Fault::record(format!("{found} cells where the header has {}", self.columns.len()))
    }
}

fn stray_text(index: usize) -> Fault {
    Fault::record(format!("cell {} has text behind its closing quote", index + 1))
}

/// The cell of a `metadata` column: a JSON object.
fn json_object(cell: &str) -> Result<Box<RawValue>, Fault> {
    let raw = RawValue::from_string(cell.to_owned()).ok().filter(|raw| raw.get().starts_with('{'));
    raw.ok_or_else(|| Fault::of(Field::Metadata.name(), format!("`{cell}` is not a JSON object")))
}
