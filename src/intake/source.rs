//! The bytes of the input, line by line, with a bound on what one record may hold.

use std::io::{self, BufRead};

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

/// What ended a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// LF or CRLF.
    #[default]
    Lf,
    /// CR alone, as in files of old Macs.
    Cr,
    /// The end of the input.
    Input,
}

/// Line ends that were passed.
#[derive(Debug, Default)]
pub(super) struct LineCount {
    passed: u64,
    /// The last byte was a CR: an LF behind it ends no further line.
    after_cr: bool,
}

impl LineCount {
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.passed += u64::from(*byte == b'\r' || (*byte == b'\n' && !self.after_cr));
            self.after_cr = *byte == b'\r';
        }
    }
}

/// The input and how far it was read. LF, CRLF and CR end a line, as in an editor.
pub(super) struct Source {
    pub(super) input: Box<dyn BufRead>,
    pub(super) lines: LineCount,
    /// What ended the last line.
    pub(super) line_end: LineEnd,
}

impl Source {
    pub(super) fn new(input: Box<dyn BufRead>) -> Source {
        Source { input, lines: LineCount::default(), line_end: LineEnd::Input }
    }

    /// Appends the next line with its end to `record`, which never grows beyond [`LONGEST_RECORD`] and two bytes.
    pub(super) fn read_line(&mut self, record: &mut Vec<u8>) -> io::Result<LineRead> {
        let (before, first) = (record.len(), self.line() == 0);
        let mut has_any = false;
        self.line_end = LineEnd::Input;
        loop {
            let chunk = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if chunk.is_empty() {
                break;
            }
            has_any = true;
            let end = first_line_end(chunk);
            let length = end.map_or(chunk.len(), |(place, _)| place + 1);
            let room = (LONGEST_RECORD + 1).saturating_sub(record.len());
            record.extend_from_slice(chunk.get(..length.min(room)).unwrap_or(chunk));
            self.input.consume(length);
            if let Some((_, end)) = end {
                self.line_end = end;
                break;
            }
        }
        if !has_any {
            return Ok(LineRead::End);
        }
        self.lines.passed += 1;
        let too_long = record.len() > LONGEST_RECORD;
        if self.line_end == LineEnd::Cr && self.peek()? == Some(b'\n') {
            self.input.consume(1);
            self.line_end = LineEnd::Lf;
            if !too_long {
                record.push(b'\n');
            }
        }
        if too_long {
            return Ok(LineRead::TooLong);
        }
        if first && before == 0 && record.starts_with(BYTE_ORDER_MARK) {
            record.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(LineRead::Line)
    }

    /// Line ends passed so far.
    pub(super) fn line(&self) -> u64 {
        self.lines.passed
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
        self.lines.pass(&[byte]);
    }
}

/// The place of the first CR or LF.
fn first_line_end(bytes: &[u8]) -> Option<(usize, LineEnd)> {
    /// Looked at without stopping, which the compiler turns into wide instructions.
    const BLOCK: usize = 32;
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let has_end = |block: &[u8]| block.iter().fold(false, |found, byte| found | is_end(byte));
    let start = bytes.chunks(BLOCK).position(has_end)? * BLOCK;
    let place = start + bytes.get(start..)?.iter().position(is_end)?;
    Some((place, if bytes.get(place) == Some(&b'\r') { LineEnd::Cr } else { LineEnd::Lf }))
}

/// U+FEFF in UTF-8, which some programs put in front of a file.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) fn without_line_end(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    record.strip_suffix(b"\r").unwrap_or(record)
}

/// The record that ends on `last_line` as text. The line of the fault counts those of quoted cells.
pub(super) fn text(record: &[u8], last_line: u64) -> Result<&str, Fault> {
    std::str::from_utf8(record).map_err(|error| {
        let rest = record.get(error.valid_up_to()..).unwrap_or_default();
        // The line end of the record itself is cut off already.
        let mut inside = LineCount::default();
        inside.pass(rest);
        let line = last_line.saturating_sub(inside.passed);
        Fault::syntax(format!(
            "not UTF-8 at line {line}: save as \"CSV UTF-8\", or iconv -f WINDOWS-1252 -t UTF-8, or name the encoding with \
             --encoding windows-1252"
        ))
    })
}
