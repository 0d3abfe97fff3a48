//! Writes rejected records in the input's own format, each with the reason, ready to fix and import again. callq
//! ignores the reasons when the file comes back.

use std::io::{self, Write};

use super::cells::Cells;
use super::object;
use super::own_export::ERROR;
use super::records::Records;
use crate::model::{Delimiter, InputFormat};

/// Takes the raw text of rejected records.
#[derive(Debug)]
pub struct RejectWriter<W> {
    out: W,
    format: InputFormat,
    delimiter: Delimiter,
    /// The header of a table without its column of reasons; empty when the table has no header.
    header: String,
    /// The columns of that header.
    columns: usize,
    /// Whether the input is a file of rejects: its rows end with a reason.
    has_reasons: bool,
    written: u64,
}

impl<W: Write> RejectWriter<W> {
    /// Writes in the format of an input. The header of a CSV file comes before its first record.
    pub fn new(out: W, records: &Records) -> RejectWriter<W> {
        let delimiter = records.columns().map_or(Delimiter::COMMA, |(_, delimiter)| delimiter);
        let header = String::from_utf8_lossy(records.header());
        let cells = raw_cells(&header, delimiter);
        let has_reasons = cells.len() > 1 && cells.last().is_some_and(|name| name.trim_matches(['"', ' ']) == ERROR);
        let cells = cells.get(..cells.len() - usize::from(has_reasons)).unwrap_or(&cells);
        let (columns, header) = (cells.len(), cells.join(&delimiter.sign().to_string()));
        RejectWriter { out, format: records.format(), delimiter, header, columns, has_reasons, written: 0 }
    }

    /// Writes a record as the input had it, with the reason. It leaves out an empty one, which was longer than a record may be.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn write(&mut self, raw: &[u8], reason: &str) -> io::Result<()> {
        if raw.is_empty() {
            return Ok(());
        }
        match (self.format, self.written) {
            (InputFormat::Csv, 0) => self.write_header()?,
            (InputFormat::Json, 0) => self.out.write_all(b"[\n")?,
            (InputFormat::Json, _) => self.out.write_all(b",\n")?,
            (InputFormat::Csv | InputFormat::Lines | InputFormat::Jsonl, _) => {}
        }
        self.written += 1;
        let reason = reason.replace(['\r', '\n'], " ");
        match self.format {
            InputFormat::Lines => {
                writeln!(self.out, "# {reason}")?;
                self.out.write_all(raw)?;
            }
            InputFormat::Csv => self.write_row(raw, &reason)?,
            InputFormat::Json | InputFormat::Jsonl => match object::with_text(raw, ERROR, &reason) {
                Some(object) => self.out.write_all(object.as_bytes())?,
                None => self.out.write_all(raw)?,
            },
        }
        if self.format == InputFormat::Json { Ok(()) } else { self.out.write_all(b"\n") }
    }

    /// A row with empty cells up to the column of reasons.
    fn write_row(&mut self, raw: &[u8], reason: &str) -> io::Result<()> {
        let sign = self.delimiter.sign().to_string();
        let Ok(row) = std::str::from_utf8(raw) else {
            // The bytes stay unchanged for the person who knows their encoding.
            let cells = raw_cells(&String::from_utf8_lossy(raw), self.delimiter).len();
            self.out.write_all(raw)?;
            if self.has_reasons && cells > self.columns {
                return Ok(());
            }
            let empty = sign.repeat(self.columns.saturating_sub(cells));
            return write!(self.out, "{empty}{sign}\"{}\"", reason.replace('"', "\"\""));
        };
        let mut cells = raw_cells(row, self.delimiter);
        if self.has_reasons && cells.len() > self.columns {
            cells.pop();
        }
        cells.resize(cells.len().max(self.columns), "");
        write!(self.out, "{}{sign}\"{}\"", cells.join(&sign), reason.replace('"', "\"\""))
    }

    fn write_header(&mut self) -> io::Result<()> {
        writeln!(self.out, "{}{}{ERROR}", self.header, self.delimiter.sign())
    }

    /// Ends the output and gives it back, to be flushed or synced. Without a rejected record it holds what the format
    /// needs: an empty array, a lone header, or nothing.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        match (self.format, self.written) {
            (InputFormat::Json, 0) => self.out.write_all(b"[]\n")?,
            (InputFormat::Json, _) => self.out.write_all(b"\n]\n")?,
            (InputFormat::Csv, 0) if !self.header.is_empty() => self.write_header()?,
            (InputFormat::Csv | InputFormat::Lines | InputFormat::Jsonl, _) => {}
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

/// The cells of a row as written, with their quotes; the whole row where its quotes are wrong.
fn raw_cells(row: &str, delimiter: Delimiter) -> Vec<&str> {
    let mut cells = Cells::of(row, delimiter);
    let mut raw = Vec::new();
    loop {
        let before = cells.left();
        match cells.next() {
            None => return raw,
            Some(Err(_)) => return vec![row],
            Some(Ok(_)) => {
                let (before, after) = (before.unwrap_or_default(), cells.left());
                let end = before.len() - after.map_or(0, |after| after.len() + 1);
                raw.push(before.get(..end).unwrap_or(before));
            }
        }
    }
}
