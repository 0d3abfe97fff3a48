//! Writes rejected records in the input's own format, so that they can be mended and sent again.

use std::io::{self, Write};

use crate::model::InputFormat;

/// Takes the raw text of rejected records.
#[derive(Debug)]
pub struct RejectWriter<W> {
    out: W,
    format: InputFormat,
    header: Vec<u8>,
    written: u64,
}

impl<W: Write> RejectWriter<W> {
    /// Writes in `format`; `header` is that of a CSV input ([`Records::header`](super::Records::header)) and is written
    /// before its first record.
    pub fn new(out: W, format: InputFormat, header: &[u8]) -> RejectWriter<W> {
        RejectWriter { out, format, header: header.to_vec(), written: 0 }
    }

    /// Writes a record as it stood in the input. An empty one (longer than a record may be) is left out.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn write(&mut self, raw: &[u8]) -> io::Result<()> {
        if raw.is_empty() {
            return Ok(());
        }
        match (self.format, self.written) {
            (InputFormat::Csv, 0) => {
                self.out.write_all(&self.header)?;
                self.out.write_all(b"\n")?;
            }
            (InputFormat::Json, 0) => self.out.write_all(b"[\n")?,
            (InputFormat::Json, _) => self.out.write_all(b",\n")?,
            (InputFormat::Csv | InputFormat::Lines | InputFormat::Jsonl, _) => {}
        }
        self.written += 1;
        self.out.write_all(raw)?;
        if self.format == InputFormat::Json { Ok(()) } else { self.out.write_all(b"\n") }
    }

    /// Ends the output and gives it back, to be flushed or synced. Without a rejected record it holds what the format
    /// needs for none: an empty array, a lone header, or nothing.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        match (self.format, self.written) {
            (InputFormat::Json, 0) => self.out.write_all(b"[]\n")?,
            (InputFormat::Json, _) => self.out.write_all(b"\n]\n")?,
            (InputFormat::Csv, 0) if !self.header.is_empty() => {
                self.out.write_all(&self.header)?;
                self.out.write_all(b"\n")?;
            }
            (InputFormat::Csv | InputFormat::Lines | InputFormat::Jsonl, _) => {}
        }
        self.out.flush()?;
        Ok(self.out)
    }
}
