//! A lead from a row of a CSV file, by the columns that its header names.

use std::borrow::Cow;
use std::io::{self, Cursor};

use serde_json::value::RawValue;

use super::cells::Cells;
use super::columns::{Column, FoundColumns, HeaderFault, SAMPLE, find, state_code};
use super::object;
use super::own_export::plain_cell;
use super::record::Record;
use super::record_builder::{Fault, Members, RecordBuilder, metadata};
use super::rows::next_row;
use super::rules::InputRules;
use super::source::{LineEnd, Source, without_line_end};
use crate::model::{Delimiter, LeadField, Metadata};

/// The columns of a CSV file.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    pub(super) delimiter: Delimiter,
    pub(super) found: FoundColumns,
    /// No column names the lead, so its phone number does: a file as it was exported for Retell.
    phone_names_lead: bool,
}

impl Table {
    /// Finds the columns of a header; `rows` are the first rows, or what is known of them.
    pub(super) fn from_header(
        header: &str,
        delimiter: Delimiter,
        rules: &InputRules,
        rows: &str,
    ) -> Result<Table, HeaderFault> {
        let cells: Result<Vec<String>, _> =
            Cells::of(header, delimiter).map(|cell| cell.map(Cow::into_owned)).collect();
        let cells = cells.map_err(|_| HeaderFault {
            message: "a cell of the header has text behind its closing quote".to_owned(),
            hint: "write a quote inside of a cell twice".to_owned(),
        })?;
        let sample = |index: usize| {
            let value = |row: &str| Cells::of(row, delimiter).nth(index).and_then(Result::ok).map(Cow::into_owned);
            rows.split(['\n', '\r']).filter(|row| !row.is_empty()).take(SAMPLE).filter_map(value).collect()
        };
        let (columns, found) = find(&cells, rules, &sample)?;
        Ok(Table { phone_names_lead: !found.has(LeadField::LeadId), columns, delimiter, found })
    }

    /// Whether every cell of a row is empty: it is not a record.
    pub(super) fn is_empty_row(&self, row: &str) -> bool {
        let counts = |index: usize| self.columns.get(index) != Some(&Column::Reason);
        let begins_empty = row.starts_with([self.delimiter.sign(), '"', ' ', '\t', '\u{a0}']);
        let mut cells = Cells::of(row, self.delimiter).enumerate().filter(|(index, _)| counts(*index));
        begins_empty && cells.all(|(_, cell)| cell.is_ok_and(|cell| cell.trim().is_empty()))
    }

    /// Whether a text with line ends of several kinds is rows that have all cells: another one may be a cell with a line end.
    pub(super) fn has_all_cells(&self, text: &[u8]) -> io::Result<bool> {
        let (mut source, mut record) = (Source::new(Box::new(Cursor::new(text.to_vec()))), Vec::new());
        while let Some(row) = next_row(&mut source, &mut record, self.delimiter, LineEnd::Input)? {
            let cells =
                std::str::from_utf8(without_line_end(&record)).map(|row| Cells::of(row, self.delimiter).count());
            if row.outcome.is_err() || cells != Ok(self.columns.len()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads a row; with a fault comes the lead id, if that much could be read.
    pub(super) fn read(&self, row: &str) -> Result<Record, (Option<String>, Fault)> {
        let mut record_builder = RecordBuilder::default();
        record_builder.phone_names_lead = self.phone_names_lead;
        let outcome = self.fill(&mut record_builder, row);
        record_builder.finish(outcome)
    }

    fn fill(&self, record_builder: &mut RecordBuilder, row: &str) -> Result<Option<Metadata>, Fault> {
        check_signs(row)?;
        let mut others: Members<'_, Cow<'_, str>> = Vec::new();
        let mut base: Option<Box<RawValue>> = None;
        let mut first_fault = None;
        let mut cells = Cells::of(row, self.delimiter);
        let mut found = 0;
        for (index, column) in self.columns.iter().enumerate() {
            let cell = match cells.next() {
                Some(Ok(cell)) => cell,
                Some(Err(_)) => return Err(stray_text(index)),
                // Programs leave out empty cells at the end.
                None => break,
            };
            found += 1;
            let text = if self.found.own_export { plain_cell(cell.trim()) } else { cell.trim() };
            let outcome = match column {
                Column::Field(LeadField::DoNotCall) => record_builder.set(LeadField::DoNotCall, text),
                Column::Field(_) | Column::State | Column::Status if text.is_empty() => Ok(()),
                Column::Status => record_builder.set_status(text),
                Column::Field(LeadField::Metadata) => json_object(text).map(|raw| base = Some(raw)),
                Column::State => record_builder.set(LeadField::Region, &state_code(text)),
                Column::Field(field) => self.set(record_builder, *field, text),
                Column::Nameless if !text.is_empty() => {
                    Err(Fault::record(format!("cell {} stands in a column without a name", index + 1)))
                }
                Column::Nameless | Column::Dropped | Column::Reason => Ok(()),
                Column::Metadata(name) => {
                    if !cell.is_empty() {
                        others.push((Cow::Borrowed(name), cell));
                    }
                    Ok(())
                }
            };
            // Goes on, so that the lead is known by name when its column comes later.
            first_fault = first_fault.or(outcome.err());
        }
        self.check_rest(row, found, cells)?;
        match (first_fault, base) {
            (Some(fault), _) => Err(fault),
            (None, None) if others.is_empty() => Ok(None),
            (None, None) => metadata(&Vec::new(), &others),
            (None, Some(raw)) if others.is_empty() => {
                Metadata::from_raw(raw).map(Some).map_err(|error| Fault::of(LeadField::Metadata.as_str(), error))
            }
            (None, Some(raw)) => metadata(&object::members(&raw)?, &others),
        }
    }

    /// Refuses cells beyond the header that are not empty, and a line of text below the table.
    fn check_rest(&self, row: &str, found: usize, rest: Cells<'_>) -> Result<(), Fault> {
        // A file of rejects has one more at the end of header and rows.
        let reasons = usize::from(self.columns.last() == Some(&Column::Reason));
        let columns = self.columns.len() - reasons;
        for cell in rest {
            if !cell.map_err(|_| stray_text(columns))?.trim().is_empty() {
                let cells = Cells::of(row, self.delimiter).count() - reasons;
                return Err(Fault::record(format!("{cells} cells where the header has {columns}")));
            }
        }
        // Reports end with lines such as `Report generated on 11/23/2026`, which must not become leads.
        let is_alone = found == 1 || (reasons > 0 && self.filled(row) == 1);
        if is_alone && columns > 2 && self.first_cell(row).contains(char::is_whitespace) {
            let message = format!(
                "1 cell where the header has {columns}: delete a line that is not a lead, or write all its cells"
            );
            return Err(Fault::record(message));
        }
        Ok(())
    }

    /// The cells of a row that are not empty, but for the reason.
    fn filled(&self, row: &str) -> usize {
        let cells = Cells::of(row, self.delimiter).zip(&self.columns).filter(|(_, column)| **column != Column::Reason);
        cells.filter(|(cell, _)| cell.as_ref().is_ok_and(|cell| !cell.trim().is_empty())).count()
    }

    fn first_cell<'row>(&self, row: &'row str) -> Cow<'row, str> {
        let first = Cells::of(row.trim(), self.delimiter).next().and_then(Result::ok);
        first.unwrap_or_default()
    }

    fn set(&self, record_builder: &mut RecordBuilder, field: LeadField, text: &str) -> Result<(), Fault> {
        if field == LeadField::Phone && self.phone_names_lead {
            record_builder
                .set(LeadField::LeadId, text)
                .map_err(|fault| Fault { field: Some(field.to_string()), ..fault })?;
        }
        record_builder.set(field, text)
    }
}

/// Refuses a NUL, and a line end of another kind than the file's outside of quotes.
fn check_signs(row: &str) -> Result<(), Fault> {
    if row.contains('\0') {
        return Err(Fault::record("the record holds a NUL character"));
    }
    let has = |sign| row.contains(sign) && row.split('"').step_by(2).any(|part| part.contains(sign));
    if has('\r') || has('\n') {
        let sign = if has('\r') { "CR" } else { "LF" };
        let message = format!("the record holds a {sign} outside of quotes: save the file with one kind of line ends");
        return Err(Fault::record(message));
    }
    Ok(())
}

fn stray_text(index: usize) -> Fault {
    Fault::record(format!("cell {} has text behind its closing quote", index + 1))
}

/// The cell of a `metadata` column: a JSON object.
fn json_object(cell: &str) -> Result<Box<RawValue>, Fault> {
    let raw = RawValue::from_string(cell.to_owned()).ok().filter(|raw| raw.get().starts_with('{'));
    raw.ok_or_else(|| Fault::of(LeadField::Metadata.as_str(), format!("`{cell}` is not a JSON object")))
}
