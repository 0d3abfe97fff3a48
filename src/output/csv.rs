//! CSV as RFC 4180 has it: a header, CRLF at the end of each line, quotes where needed. A spreadsheet runs no cell of it,
//! and no cell holds a control character.

use std::borrow::Cow;
use std::io::{self, Write};

use super::escape::harmless_cell;

/// A writer of rows.
pub(super) struct CsvWriter<'a> {
    writer: csv::Writer<&'a mut dyn Write>,
}

impl<'a> CsvWriter<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> CsvWriter<'a> {
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .buffer_capacity(64 * 1024)
            .from_writer(out);
        CsvWriter { writer }
    }

    /// Adds a cell to the row.
    pub(super) fn cell(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_field(neutral(&harmless_cell(text)).as_bytes()).map_err(into_io)
    }

    pub(super) fn end_row(&mut self) -> io::Result<()> {
        self.writer.write_record(None::<&[u8]>).map_err(into_io)
    }

    fn rows(&mut self, rows: &[Vec<String>]) -> io::Result<()> {
        for row in rows {
            for cell in row {
                self.cell(cell)?;
            }
            self.end_row()?;
        }
        Ok(())
    }

    /// Passes on what is still held, while more may come.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    /// Passes on what is still held.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Writes a header and the rows under it.
pub(super) fn write_records(header: &[&str], rows: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    let mut writer = CsvWriter::new(out);
    for name in header {
        writer.cell(name)?;
    }
    writer.end_row()?;
    writer.rows(rows)?;
    writer.finish()
}

/// Writes rows under a header that stands already.
pub(super) fn write_rows(rows: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    let mut writer = CsvWriter::new(out);
    writer.rows(rows)?;
    writer.finish()
}

/// The writer's own error, so that a closed pipe is still seen as one.
fn into_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// The cell with an apostrophe in front where a spreadsheet would take it for a formula (OWASP, "CSV Injection"). Phone
/// numbers in E.164 and plain negative numbers are harmless and stay.
pub(super) fn neutral(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn is_formula(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'=' | b'@' | b'\t' | b'\r' | b'\n') => true,
        Some(b'+') => !text.bytes().skip(1).all(|byte| byte.is_ascii_digit()) || text.len() == 1,
        // One more, so that reading back takes away only what this adds.
        Some(b'\'') => is_formula(text.trim_start_matches('\'')),
        Some(b'-') => !is_number(text.trim_start_matches('-')) || text.starts_with("--"),
        // The full-width forms, which some spreadsheets read as the plain ones.
        Some(0xef) => text.starts_with(['\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']),
        _ => false,
    }
}

/// Digits, with at most one dot inside.
fn is_number(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    [whole, part].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_neutralised_and_a_number_stays() {
        let cases = [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+1+1", "'+1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("+", "'+"),
            ("-", "'-"),
            ("--1", "'--1"),
            ("-1+1", "'-1+1"),
            ("-1.", "'-1."),
            ("-A1", "'-A1"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("+12125554567", "+12125554567"),
            ("-5", "-5"),
            ("-0.25", "-0.25"),
            ("", ""),
            ("acme", "acme"),
            ("a=b", "a=b"),
            ("'=1", "''=1"),
            ("'tis", "'tis"),
            ("2026-11-23T14:30:00.000Z", "2026-11-23T14:30:00.000Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(neutral(text), expected, "{text:?}");
        }
    }

    #[test]
    fn rows_follow_rfc_4180() {
        let rows = [vec!["say \"hi\"".into(), "x,y".into()], vec!["line\nend".into(), String::new()]];
        let mut out = Vec::new();
        write_records(&["a", "b"], &rows, &mut out).unwrap();
        let expected = "a,b\r\n\"say \"\"hi\"\"\",\"x,y\"\r\nline\\nend,\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_closed_pipe_is_still_seen_as_one() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let error = write_records(&["a"], &[], &mut Closed).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
