//! The records of an input, one after the other.

use std::io::{self, BufRead};

use super::array::{ArrayScanner, Scan};
use super::cells::CsvState;
use super::field::Field;
use super::object;
use super::record::{Entry, ReadError};
use super::record_builder::{Fault, RecordBuilder, bad_record};
use super::source::{LONGEST_RECORD, LineRead, Source, text, without_line_end};
use super::table::Table;
use crate::model::{InputFormat, LeadRequest};

/// Reads an input record by record. Holds one record at a time, however long the input is.
pub struct Records {
    source: Source,
    reader: Reader,
    format: InputFormat,
    /// The bytes of the present record.
    record: Vec<u8>,
    /// The header of a CSV file as it stood in the input.
    header: Vec<u8>,
    keeps_raw: bool,
    ended: bool,
}

/// What the readers of the formats keep between records.
enum Reader {
    Lines,
    Csv(Table),
    Jsonl,
    Json(ArrayScanner),
    /// Nothing more, but for the fault of a header that could not be used.
    Finished(Option<Box<Entry>>),
}

/// A lead, or its fault and, if that much is known, its lead id.
type Parsed = Result<LeadRequest, (Option<String>, Fault)>;

impl Records {
    /// Begins to read; the header of a CSV file is read at once.
    ///
    /// # Errors
    /// When the input cannot be read. An unusable header is no such error, but the first and only entry.
    pub fn open(input: Box<dyn BufRead>, format: InputFormat) -> Result<Records, ReadError> {
        let reader = match format {
            InputFormat::Lines => Reader::Lines,
            InputFormat::Csv => Reader::Finished(None),
            InputFormat::Jsonl => Reader::Jsonl,
            InputFormat::Json => Reader::Json(ArrayScanner::default()),
        };
        let mut records = Records {
            source: Source::new(input),
            reader,
            format,
            record: Vec::new(),
            header: Vec::new(),
            keeps_raw: false,
            ended: false,
        };
        if format == InputFormat::Csv {
            records.read_header().map_err(|source| ReadError { line: records.source.line, source })?;
        }
        Ok(records)
    }

    /// Also keeps the raw text of good records, for a caller that may reject them later.
    #[must_use]
    pub fn keep_raw(self) -> Records {
        Records { keeps_raw: true, ..self }
    }

    /// The format that is read.
    pub fn format(&self) -> InputFormat {
        self.format
    }

    /// The header of a CSV file as it stood in the input, without its line end; empty for other formats.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        self.record.capacity()
    }

    fn read_header(&mut self) -> io::Result<()> {
        let Some((line, outcome)) = self.csv_record()? else {
            return Ok(());
        };
        let table = outcome.and_then(|()| Table::from_header(text(without_line_end(&self.record))?));
        self.header = without_line_end(&self.record).to_vec();
        self.reader = match table {
            Ok(table) => Reader::Csv(table),
            Err(fault) => {
                let parsed = Err(bad_record(line, None, fault, true));
                Reader::Finished(Some(Box::new(Entry { line, raw: Vec::new(), parsed })))
            }
        };
        Ok(())
    }

    fn read(&mut self) -> io::Result<Option<Entry>> {
        match &mut self.reader {
            Reader::Lines => self.next_line(|line| line.starts_with('#'), read_line),
            Reader::Jsonl => self.next_line(|_| false, object::read),
            Reader::Csv(_) => self.next_row(),
            Reader::Json(_) => self.next_element(),
            Reader::Finished(entry) => Ok(entry.take().map(|entry| *entry)),
        }
    }

    /// The next line that is not blank and no comment.
    fn next_line(&mut self, is_comment: fn(&str) -> bool, read: fn(&str) -> Parsed) -> io::Result<Option<Entry>> {
        loop {
            self.record.clear();
            let parsed = match self.source.read_line(&mut self.record)? {
                LineRead::End => return Ok(None),
                LineRead::TooLong => Err((None, too_long())),
                LineRead::Line => match text(without_line_end(&self.record)) {
                    Ok(line) => match line.trim_start() {
                        content if content.is_empty() || is_comment(content) => continue,
                        _ => read(line),
                    },
                    Err(fault) => Err((None, fault)),
                },
            };
            return Ok(Some(self.entry(self.source.line, parsed, false)));
        }
    }

    fn next_row(&mut self) -> io::Result<Option<Entry>> {
        let Some((line, outcome)) = self.csv_record()? else { return Ok(None) };
        let rest_unread = outcome.as_ref().is_err_and(|fault| fault.syntax);
        let row = outcome.and_then(|()| text(without_line_end(&self.record)));
        let parsed = match (&self.reader, row) {
            (_, Err(fault)) => Err((None, fault)),
            (Reader::Csv(table), Ok(row)) => table.read(row),
            (_, Ok(_)) => return Ok(None),
        };
        Ok(Some(self.entry(line, parsed, rest_unread)))
    }

    /// Puts the next CSV record that is no blank line into `record`, and gives back the line on which it begins. After a
    /// syntax fault (a quote that is never closed, a record that is too long) nobody can say where the next one begins.
    fn csv_record(&mut self) -> io::Result<Option<(u64, Result<(), Fault>)>> {
        self.record.clear();
        let mut place = CsvState::CellStart;
        let mut begins_on = 0;
        loop {
            let before = self.record.len();
            let read = self.source.read_line(&mut self.record)?;
            if before == 0 {
                begins_on = self.source.line;
            }
            place = match read {
                LineRead::End if before == 0 => return Ok(None),
                LineRead::End | LineRead::TooLong if place == CsvState::Quoted => {
                    let fault = Fault::syntax("a quoted cell of this record is not closed");
                    return Ok(Some((begins_on, Err(fault))));
                }
                LineRead::End | LineRead::TooLong => {
                    // What was passed over may have opened a quote, so that the next line may be no record.
                    return Ok(Some((begins_on, Err(Fault { syntax: true, ..too_long() }))));
                }
                LineRead::Line => place.after(self.record.get(before..).unwrap_or_default()),
            };
            if place == CsvState::Quoted {
                continue;
            }
            if !without_line_end(&self.record).trim_ascii().is_empty() {
                return Ok(Some((begins_on, Ok(()))));
            }
            self.record.clear();
            place = CsvState::CellStart;
        }
    }

    fn next_element(&mut self) -> io::Result<Option<Entry>> {
        let Reader::Json(scanner) = &mut self.reader else { return Ok(None) };
        let (line, parsed) = match scanner.next(&mut self.source, &mut self.record)? {
            Scan::End => return Ok(None),
            Scan::TooLong { line } => (line, Err((None, too_long()))),
            Scan::Broken { line, message } => (line, Err((None, Fault::syntax(message)))),
            Scan::Element { line } => (line, text(&self.record).map_err(|fault| (None, fault)).and_then(object::read)),
        };
        let rest_unread = parsed.as_ref().is_err_and(|(_, fault)| fault.syntax);
        Ok(Some(self.entry(line, parsed, rest_unread)))
    }

    fn entry(&mut self, line: u64, parsed: Parsed, rest_unread: bool) -> Entry {
        self.ended |= rest_unread;
        let fits = self.record.len() <= LONGEST_RECORD;
        let raw = if fits && (self.keeps_raw || parsed.is_err()) { without_line_end(&self.record) } else { &[] };
        let parsed = parsed.map_err(|(lead, fault)| bad_record(line, lead, fault, rest_unread));
        Entry { line, raw: raw.to_vec(), parsed }
    }
}

impl Iterator for Records {
    type Item = Result<Entry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let entry = self.read().map_err(|source| ReadError { line: self.source.line, source }).transpose();
        self.ended |= !matches!(entry, Some(Ok(_)));
        entry
    }
}

/// A line of lead ids.
fn read_line(line: &str) -> Parsed {
    let mut record_builder = RecordBuilder::default();
    let outcome = record_builder.set(Field::Lead, line.trim()).map(|()| None);
    record_builder.finish(outcome)
}

fn too_long() -> Fault {
    Fault::record(format!("the record is longer than {} KiB", LONGEST_RECORD / 1024))
}
