//! The bytes of the input, line by line, with a bound on what one record may hold.

use std::io::{self, BufRead, Read};

use super::record_builder::Fault;

/// The most bytes that one record may have; a longer one is bad, and is passed over without being held in memory.
pub const LONGEST_RECORD: usize = 1024 * 1024;

/// What reading a line came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineRead {
    /// A line, with its line end when it has one.
    Line,
    /// A line that does not fit; the rest of it was passed over.
    TooLong,
    End,
}

/// The input and how far it was read.
pub(super) struct Source {
    pub(super) input: Box<dyn BufRead>,
    /// Line ends passed so far.
    pub(super) line: u64,
    /// The byte that ends a line: LF, or CR in files of old Macs.
    line_end: u8,
}

impl Source {
    pub(super) fn new(input: Box<dyn BufRead>) -> Source {
        Source::with_line_end(input, b'\n')
    }

    pub(super) fn with_line_end(input: Box<dyn BufRead>, line_end: u8) -> Source {
        Source { input, line: 0, line_end }
    }

    /// Appends the next line to `record`, which never grows beyond [`LONGEST_RECORD`] and a byte.
    pub(super) fn read_line(&mut self, record: &mut Vec<u8>) -> io::Result<LineRead> {
        let before = record.len();
        let room = LONGEST_RECORD.saturating_sub(before).saturating_add(1);
        let read = self.input.by_ref().take(room as u64).read_until(self.line_end, record)?;
        if read == 0 {
            return Ok(LineRead::End);
        }
        let first = self.line == 0;
        self.line += 1;
        let complete = record.ends_with(&[self.line_end]);
        if record.len() > LONGEST_RECORD {
            if !complete {
                self.input.skip_until(self.line_end)?;
            }
            return Ok(LineRead::TooLong);
        }
        if first && before == 0 && record.starts_with(BYTE_ORDER_MARK) {
            record.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(LineRead::Line)
    }

    /// What stands ready to be read next; nothing when reading fails.
    pub(super) fn ahead(&mut self) -> &[u8] {
        self.input.fill_buf().unwrap_or_default()
    }

    /// The next byte, without taking it.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.input.fill_buf() {
                Ok(bytes) => return Ok(bytes.first().copied()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes the byte that [`Source::peek`] showed.
    pub(super) fn take(&mut self, byte: u8) {
        self.input.consume(1);
        self.line += u64::from(byte == b'\n');
    }
}

/// U+FEFF in UTF-8, which some programs put in front of a file.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The record without its line end.
pub(super) fn without_line_end(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    record.strip_suffix(b"\r").unwrap_or(record)
}

/// The record that ends on `last_line` as text. The line of the fault counts those of quoted cells.
pub(super) fn text(record: &[u8], last_line: u64) -> Result<&str, Fault> {
    std::str::from_utf8(record).map_err(|error| {
        let rest = record.get(error.valid_up_to()..).unwrap_or_default();
        let ends = rest.iter().filter(|byte| **byte == b'\n').count() as u64;
        let line = last_line.saturating_sub(ends);
        Fault::syntax(format!(
            "not UTF-8 at line {line}: save as \"CSV UTF-8\", or iconv -f WINDOWS-1252 -t UTF-8, or name the encoding with \
             --encoding windows-1252"
        ))
    })
}
