//! Inputs of other kinds, recognised by their first bytes: each is named with the way out.

use super::head::first_line;
use super::refusal::OpenError;
use crate::model::InputFormat;

/// The way out of every program that writes tables.
const SAVE_AS_CSV: &str = "save it there as \"CSV UTF-8\", and import that file";

/// What the bytes of a file that is no text show.
const BINARY: [(&[u8], &str, &str); 7] = [
    (b"\x1f\x8b", "is compressed (gzip)", "gunzip it, or: gzip -dc FILE | callq …"),
    (b"BZh", "is compressed (bzip2)", "bunzip2 it, or: bzip2 -dc FILE | callq …"),
    (b"\xfd7zXZ\0", "is compressed (xz)", "unxz it, or: xz -dc FILE | callq …"),
    (b"\x28\xb5\x2f\xfd", "is compressed (zstd)", "unzstd it, or: zstd -dc FILE | callq …"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel or Word document", SAVE_AS_CSV),
    (b"%PDF", "is a PDF document", "export a CSV from the program that made it"),
    (b"SQLite format 3\0", "is an SQLite database", "export its table: sqlite3 -csv -header FILE 'SELECT … FROM …'"),
];

/// Refuses bytes that are no text.
pub(super) fn check_bytes(head: &[u8]) -> Result<(), OpenError> {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        let has = |name: &[u8]| head.windows(name.len()).any(|part| part == name);
        // The folder of an Excel workbook; its list of parts stands first in the file.
        if has(b"xl/") || has(b"[Content_Types].xml") {
            return Err(OpenError::refused("the input is an Excel workbook (.xlsx)", SAVE_AS_CSV));
        }
        if has(b"opendocument.spreadsheet") {
            return Err(OpenError::refused("the input is a LibreOffice spreadsheet (.ods)", SAVE_AS_CSV));
        }
        return Err(OpenError::refused("the input is a zip archive", "unzip it, and import the file inside"));
    }
    if head.starts_with(b"\xff\xfe\0\0") || head.starts_with(b"\0\0\xfe\xff") {
        return Err(OpenError::refused("the input is UTF-32", "iconv -f UTF-32 -t UTF-8 FILE | callq …"));
    }
    match BINARY.into_iter().find(|(magic, ..)| head.starts_with(magic)) {
        Some((_, is, hint)) => Err(OpenError::refused(format!("the input {is}"), hint)),
        None => Ok(()),
    }
}

/// Refuses text of another kind than a list of leads in this format.
pub(super) fn check_text(head: &[u8], format: InputFormat) -> Result<(), OpenError> {
    let begins = head.trim_ascii_start();
    let (line, _) = first_line(begins, false);
    let is = |word: &[u8]| line.trim_ascii().eq_ignore_ascii_case(word);
    if is(b"BEGIN:VCARD") {
        return Err(OpenError::refused("the input is a vCard", "export the contacts as CSV, and import that file"));
    }
    if is(b"BEGIN:VCALENDAR") {
        let hint = "name a calendar of holidays in the configuration: `holiday_files`";
        return Err(OpenError::refused("the input is a calendar", hint));
    }
    if begins.first() == Some(&b'<') {
        let hint = "a page to log in, maybe: open the address in a browser, and export a CSV";
        return Err(OpenError::refused("the input is HTML or XML, not a list of leads", hint));
    }
    if format == InputFormat::Jsonl && is(b"{") {
        let hint = "write each object on one line, or all of them as an array for --input json";
        return Err(OpenError::refused("a JSON object goes on over several lines", hint));
    }
    let reads = |format: InputFormat| format!("--input {format} reads it");
    match (format, begins.first()) {
        (InputFormat::Lines | InputFormat::Csv, Some(b'[')) if is_json_array(begins) => {
            Err(OpenError::refused("the input is a JSON array", reads(InputFormat::Json)))
        }
        (InputFormat::Lines | InputFormat::Csv, Some(b'{')) => {
            Err(OpenError::refused("the input is JSON, an object a line", reads(InputFormat::Jsonl)))
        }
        _ => Ok(()),
    }
}

/// Whether a text that begins with `[` goes on as JSON does.
fn is_json_array(text: &[u8]) -> bool {
    let inside = text.get(1..).unwrap_or_default().trim_ascii_start();
    matches!(inside.first(), None | Some(b'{' | b'[' | b'"' | b']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(outcome: Result<(), OpenError>) -> String {
        outcome.map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn bytes_that_are_no_text_are_named() {
        for (bytes, named) in [
            (&b"PK\x03\x04....[Content_Types].xml"[..], "the input is an Excel workbook (.xlsx)"),
            (
                b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
                "the input is a LibreOffice spreadsheet (.ods)",
            ),
            (b"PK\x03\x04leads.csv", "the input is a zip archive"),
            (b"\x1f\x8b\x08\0", "the input is compressed (gzip)"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", "the input is an old Excel or Word document"),
            (b"%PDF-1.7", "the input is a PDF document"),
            (b"\xff\xfe\0\0l\0\0\0", "the input is UTF-32"),
            (b"lead_id\n", ""),
            (b"", ""),
        ] {
            assert_eq!(message(check_bytes(bytes)), named);
        }
    }

    #[test]
    fn text_of_another_kind_is_named() {
        for (text, format, named) in [
            ("<!DOCTYPE html>", InputFormat::Lines, "the input is HTML or XML, not a list of leads"),
            ("\n <?xml version=\"1.0\"?>", InputFormat::Csv, "the input is HTML or XML, not a list of leads"),
            ("BEGIN:VCARD\r\nVERSION:3.0", InputFormat::Lines, "the input is a vCard"),
            ("BEGIN:VCALENDAR\n", InputFormat::Lines, "the input is a calendar"),
            ("[{\"lead_id\": 1}]", InputFormat::Lines, "the input is a JSON array"),
            ("[1] first\n", InputFormat::Lines, ""),
            ("{\"lead_id\": 1}", InputFormat::Csv, "the input is JSON, an object a line"),
            ("{\"lead_id\": 1}", InputFormat::Jsonl, ""),
            ("{\n  \"lead_id\": 1\n}\n", InputFormat::Jsonl, "a JSON object goes on over several lines"),
            ("anna\nberta\n", InputFormat::Lines, ""),
        ] {
            assert_eq!(message(check_text(text.as_bytes(), format)), named, "{text}");
        }
    }
}
