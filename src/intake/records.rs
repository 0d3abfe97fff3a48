//! The records of an input, one after the other.

use std::io::{self, BufRead, Cursor};
use std::path::Path;

use super::array::{ArrayScanner, Scan};
use super::columns::FoundColumns;
use super::delimiter::{named_by, of_header};
use super::encoding::InputEncoding;
use super::foreign::check_text;
use super::format::guess_format;
use super::head::first_line;
use super::lines;
use super::object;
use super::record::{Entry, ReadError, Record};
use super::record_builder::{Fault, bad_record};
use super::refusal::OpenError;
use super::rows::{Row, next_row, too_long};
use super::rules::InputRules;
use super::source::{LONGEST_RECORD, LineEnd, LineRead, Source, text, without_line_end};
use super::table::Table;
use super::text_input::TextInput;
use crate::model::{Delimiter, InputFormat};

/// Reads an input record by record. Holds one record at a time, however long the input is.
pub struct Records {
    source: Source,
    reader: Reader,
    format: InputFormat,
    encoding: InputEncoding,
    rules: InputRules,
    /// The bytes of the present record.
    record: Vec<u8>,
    /// The header of a CSV file as it stood in the input.
    header: Vec<u8>,
    /// The members of the JSON objects so far; at the beginning, those of the first one.
    members: FoundColumns,
    /// What ended the header.
    header_end: LineEnd,
    /// Rows that were read ahead, since line ends of another kind than the header's stand between them, and the lines
    /// before them.
    rows_ahead: Option<(Source, u64)>,
    keeps_raw: bool,
    ended: bool,
}

/// What the readers of the formats keep between records.
enum Reader {
    Lines,
    Csv(Box<Table>),
    Jsonl,
    Json(ArrayScanner),
    /// A CSV file without a header.
    Empty,
}

/// A lead, or its fault and, if that much is known, its lead id.
type Parsed = Result<Record, (Option<String>, Fault)>;

impl Reader {
    /// A new reader of objects, where this one is.
    fn of_objects(&self) -> Option<Reader> {
        match self {
            Reader::Jsonl => Some(Reader::Jsonl),
            Reader::Json(_) => Some(Reader::Json(ArrayScanner::default())),
            Reader::Lines | Reader::Csv(_) | Reader::Empty => None,
        }
    }
}

impl Records {
    /// Begins to read an input; the header of a CSV file is read at once. `name` is that of its file.
    ///
    /// # Errors
    /// When the input cannot be read, or is not what it should be.
    pub fn open(input: Box<dyn BufRead>, name: Option<&Path>, rules: InputRules) -> Result<Records, OpenError> {
        let TextInput { input, head, encoding } = TextInput::open(input, rules.encoding)?;
        let head = head.as_slice();
        let format = rules.format.unwrap_or_else(|| guess_format(name, head, &rules.columns));
        if !rules.arguments {
            check_text(head, format)?;
        }
        let reader = match format {
            InputFormat::Lines => Reader::Lines,
            InputFormat::Csv => Reader::Empty,
            InputFormat::Jsonl => Reader::Jsonl,
            InputFormat::Json => Reader::Json(ArrayScanner::default()),
        };
        if format == InputFormat::Lines && !rules.arguments {
            lines::check(&String::from_utf8_lossy(head), &rules)?;
        }
        let mut records = Records::of(input, reader, format, encoding, rules);
        if let Some(reader) = records.reader.of_objects() {
            let head = Box::new(Cursor::new(head.to_vec()));
            let mut first = Records::of(head, reader, format, encoding, records.rules.clone());
            first.next();
            records.members = first.members;
        }
        if format == InputFormat::Csv {
            records.read_header(head)?;
        }
        Ok(records)
    }

    fn of(
        input: Box<dyn BufRead>,
        reader: Reader,
        format: InputFormat,
        encoding: InputEncoding,
        rules: InputRules,
    ) -> Records {
        Records {
            source: Source::new(input),
            reader,
            format,
            encoding,
            rules,
            record: Vec::new(),
            header: Vec::new(),
            members: FoundColumns::default(),
            header_end: LineEnd::Input,
            rows_ahead: None,
            keeps_raw: false,
            ended: false,
        }
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

    pub fn encoding(&self) -> InputEncoding {
        self.encoding
    }

    /// The columns of a CSV file and the delimiter between them.
    pub fn columns(&self) -> Option<(&FoundColumns, Delimiter)> {
        match &self.reader {
            Reader::Csv(table) => Some((&table.found, table.delimiter)),
            _ => None,
        }
    }

    /// The members of the JSON objects that were read, and the fields that they hold; none for other formats.
    pub fn members(&self) -> Option<&FoundColumns> {
        self.reader.of_objects().map(|_| &self.members)
    }

    fn read_header(&mut self, head: &[u8]) -> Result<(), OpenError> {
        let (first, behind) = first_line(head, true);
        let named = named_by(&String::from_utf8_lossy(first));
        let line = if named.is_some() { first_line(behind, true).0 } else { first };
        let found = || of_header(&String::from_utf8_lossy(line), &self.rules.columns);
        let delimiter = self.rules.delimiter.or(named).unwrap_or_else(found);
        if named.is_some() && self.next_header_line(delimiter)?.is_none() {
            return Ok(());
        }
        let Some(begins_on) = self.next_header_line(delimiter)? else { return Ok(()) };
        let rows = String::from_utf8_lossy(self.source.ahead()).into_owned();
        let header = text(without_line_end(&self.record), self.source.line());
        let header =
            header.map_err(|fault| OpenError::refused(fault.message, "the header is not text in this encoding"))?;
        let table = Table::from_header(header, delimiter, &self.rules, &rows)
            .map_err(|fault| OpenError::refused(format!("line {begins_on}: {}", fault.message), fault.hint))?;
        self.header = without_line_end(&self.record).to_vec();
        self.header_end = self.source.line_end;
        self.reader = Reader::Csv(Box::new(table));
        Ok(())
    }

    /// Puts the next record that may be a header into `record`, and gives back the line on which it begins.
    fn next_header_line(&mut self, delimiter: Delimiter) -> Result<Option<u64>, OpenError> {
        let read = next_row(&mut self.source, &mut self.record, delimiter, LineEnd::Input);
        let Some(Row { line, outcome, .. }) = read.map_err(|source| ReadError { line: self.source.line(), source })?
        else {
            return Ok(None);
        };
        let hint = "a header names the columns in the first line of the file";
        outcome.map_err(|fault| OpenError::refused(format!("line {line}: {}", fault.message), hint))?;
        Ok(Some(line))
    }

    fn read(&mut self) -> io::Result<Option<Entry>> {
        match &mut self.reader {
            Reader::Lines if self.rules.arguments => {
                self.next_line(|_| false, |line, rules, _| lines::read(line, rules))
            }
            Reader::Lines => self.next_line(|line| line.starts_with('#'), |line, rules, _| lines::read(line, rules)),
            Reader::Jsonl => self.next_line(|_| false, object::read),
            Reader::Csv(_) => self.next_row(),
            Reader::Json(_) => self.next_element(),
            Reader::Empty => Ok(None),
        }
    }

    /// The next line that is not blank and no comment.
    fn next_line(
        &mut self,
        is_comment: fn(&str) -> bool,
        read: fn(&str, &InputRules, &mut FoundColumns) -> Parsed,
    ) -> io::Result<Option<Entry>> {
        loop {
            self.record.clear();
            let parsed = match self.source.read_line(&mut self.record)? {
                LineRead::End => return Ok(None),
                LineRead::TooLong => Err((None, too_long())),
                LineRead::Line => match text(without_line_end(&self.record), self.source.line()) {
                    Ok(line) => match line.trim_start() {
                        content if content.is_empty() || is_comment(content) => continue,
                        _ => read(line, &self.rules, &mut self.members),
                    },
                    Err(fault) => Err((None, fault)),
                },
            };
            return Ok(Some(self.entry(self.source.line(), parsed, false)));
        }
    }

    fn next_row(&mut self) -> io::Result<Option<Entry>> {
        loop {
            let Reader::Csv(table) = &self.reader else { return Ok(None) };
            let delimiter = table.delimiter;
            let (source, before, header_end) = match &mut self.rows_ahead {
                Some((rows, before)) => (rows, *before, LineEnd::Input),
                None => (&mut self.source, 0, self.header_end),
            };
            let Some(row) = next_row(source, &mut self.record, delimiter, header_end)? else {
                if self.rows_ahead.take().is_some() {
                    continue;
                }
                return Ok(None);
            };
            let (line, last_line) = (before + row.line, before + source.line());
            if row.has_other_end && row.outcome.is_ok() && table.has_all_cells(&self.record)? {
                let rows = Source::new(Box::new(Cursor::new(std::mem::take(&mut self.record))));
                self.rows_ahead = Some((rows, line - 1));
                continue;
            }
            let rest_unread = row.outcome.as_ref().is_err_and(|fault| fault.syntax);
            let text = row.outcome.and_then(|()| text(without_line_end(&self.record), last_line));
            let parsed = match text {
                Err(fault) => Err((None, fault)),
                Ok(row) if table.is_empty_row(row) => continue,
                Ok(row) => table.read(row),
            };
            return Ok(Some(self.entry(line, parsed, rest_unread)));
        }
    }

    fn next_element(&mut self) -> io::Result<Option<Entry>> {
        let Reader::Json(scanner) = &mut self.reader else { return Ok(None) };
        let (line, parsed) = match scanner.next(&mut self.source, &mut self.record)? {
            Scan::End => return Ok(None),
            Scan::TooLong { line } => (line, Err((None, too_long()))),
            Scan::Broken { line, message } => (line, Err((None, Fault::syntax(message)))),
            Scan::Element { line } => {
                let element = text(&self.record, self.source.line() + 1).map_err(|fault| (None, fault));
                (line, element.and_then(|element| object::read(element, &self.rules, &mut self.members)))
            }
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
        let entry = self.read().map_err(|source| ReadError { line: self.source.line(), source }).transpose();
        self.ended |= !matches!(entry, Some(Ok(_)));
        entry
    }
}
