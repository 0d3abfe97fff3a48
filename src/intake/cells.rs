//! The cells of one CSV record (RFC 4180), and where the record ends.
//!
//! Records are cut out of the input here and not by a CSV library, so that a quote that is never closed cannot draw the
//! whole file into memory, line numbers are true, and a rejected record can be written out as it came in.

use std::borrow::Cow;

use crate::model::Delimiter;

/// Where in a record a byte stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum CsvState {
    /// At the beginning of a cell.
    #[default]
    CellStart,
    /// In a cell without quotes, or behind the closing quote of one.
    Plain,
    Quoted,
    /// At a quote within quotes: the closing one, or the first of a doubled one.
    QuoteInQuoted,
}

impl CsvState {
    /// The place after `bytes`.
    pub(super) fn after(self, bytes: &[u8], delimiter: Delimiter) -> CsvState {
        if self != CsvState::Quoted && !bytes.contains(&b'"') {
            return CsvState::Plain;
        }
        bytes.iter().fold(self, |place, byte| match (place, byte) {
            (CsvState::CellStart, b'"') | (CsvState::QuoteInQuoted, b'"') => CsvState::Quoted,
            (CsvState::Quoted, b'"') => CsvState::QuoteInQuoted,
            (CsvState::Quoted, _) => CsvState::Quoted,
            (_, byte) if *byte == delimiter.byte() => CsvState::CellStart,
            _ => CsvState::Plain,
        })
    }
}

/// The cells of a record without its line end, in order; text behind a closing quote ends them with an error.
pub(super) struct Cells<'a> {
    /// What is left; nothing after the last cell.
    rest: Option<&'a str>,
    delimiter: char,
}

/// Text between a closing quote and the next delimiter.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StrayText;

impl<'a> Cells<'a> {
    pub(super) fn of(record: &'a str, delimiter: Delimiter) -> Cells<'a> {
        Cells { rest: Some(record), delimiter: delimiter.sign() }
    }

    /// What was not taken yet; nothing after the last cell.
    pub(super) fn left(&self) -> Option<&'a str> {
        self.rest
    }

    /// A cell whose opening quote was taken.
    fn quoted(&mut self, rest: &'a str) -> Result<Cow<'a, str>, StrayText> {
        let mut cell = Cow::Borrowed("");
        let mut rest = rest;
        loop {
            let (part, behind) = rest.split_once('"').ok_or(StrayText)?;
            if cell.is_empty() {
                cell = Cow::Borrowed(part)
            } else {
                cell.to_mut().push_str(part)
            }
            if let Some(after_pair) = behind.strip_prefix('"') {
                cell.to_mut().push('"');
                rest = after_pair;
                continue;
            }
            self.rest = match behind.strip_prefix(self.delimiter) {
                Some(next) => Some(next),
                None if behind.is_empty() => None,
                None => return Err(StrayText),
            };
            return Ok(cell);
        }
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = Result<Cow<'a, str>, StrayText>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.take()?;
        if let Some(quoted) = rest.strip_prefix('"') {
            return Some(self.quoted(quoted));
        }
        let Some((cell, next)) = rest.split_once(self.delimiter) else { return Some(Ok(Cow::Borrowed(rest))) };
        self.rest = Some(next);
        Some(Ok(Cow::Borrowed(cell)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(record: &str) -> Result<Vec<String>, StrayText> {
        Cells::of(record, Delimiter::COMMA).map(|cell| cell.map(Cow::into_owned)).collect()
    }

    #[test]
    fn quotes_commas_and_line_ends_may_stand_in_quoted_cells() {
        for (record, expected) in [
            ("", &[""][..]),
            ("a,b", &["a", "b"]),
            ("a,", &["a", ""]),
            (",", &["", ""]),
            (r#""a,b",c"#, &["a,b", "c"]),
            (r#""say ""hi""""#, &[r#"say "hi""#]),
            (r#""""x","""#, &[r#""x"#, ""]),
            ("\"a\r\nb\",c", &["a\r\nb", "c"]),
            (r#"5" pipe,x"#, &[r#"5" pipe"#, "x"]),
        ] {
            assert_eq!(cells(record).unwrap(), expected, "{record}");
        }
        assert_eq!(cells(r#""a"b,c"#), Err(StrayText));
    }

    #[test]
    fn a_record_goes_on_while_a_quote_is_open() {
        for (text, place) in [
            ("a,b", CsvState::Plain),
            ("\"a\n", CsvState::Quoted),
            ("\"a\"\n", CsvState::Plain),
            ("\"a\"\"\n", CsvState::Quoted),
            ("5\" pipe\n", CsvState::Plain),
            ("x,\"\n", CsvState::Quoted),
        ] {
            assert_eq!(CsvState::CellStart.after(text.as_bytes(), Delimiter::COMMA), place, "{text:?}");
        }
        assert_eq!(CsvState::Quoted.after(b"b\",c\n", Delimiter::COMMA), CsvState::Plain);
        assert_eq!(CsvState::Quoted.after(b"b,c\n", Delimiter::COMMA), CsvState::Quoted);
    }

    proptest! {
        #[test]
        fn what_a_csv_library_writes_is_read_back(row in prop::collection::vec("[a\",\r\né ]{0,6}", 1..6)) {
            let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
            writer.write_record(&row).unwrap();
            let bytes = writer.into_inner().unwrap();
            let text = std::str::from_utf8(&bytes).unwrap().strip_suffix('\n').unwrap();
            prop_assert_eq!(cells(text), Ok(row));
            prop_assert_ne!(CsvState::CellStart.after(&bytes, Delimiter::COMMA), CsvState::Quoted);
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "[ab\",\r\n]{0,40}") {
            let _ = cells(&text);
        }
    }
}
