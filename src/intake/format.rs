//! The formats of a list of leads, and how one is guessed.

use std::path::Path;

use super::cells::Cells;
use super::field::Field;
use super::source::BYTE_ORDER_MARK;
use crate::model::InputFormat;

/// Guesses the format by the name's extension, then by the first bytes: `[` opens a JSON array, `{` a JSON line, a
/// line that names a lead or phone column is the header of a CSV file, and anything else is a list of lead ids. A
/// file named `.json` that begins with an object holds JSON lines.
pub fn guess_format(name: Option<&Path>, first_bytes: &[u8]) -> InputFormat {
    let bytes = first_bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(first_bytes).trim_ascii_start();
    let extension = name.and_then(Path::extension).and_then(|extension| extension.to_str());
    match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("csv") => return InputFormat::Csv,
        Some("jsonl" | "ndjson") => return InputFormat::Jsonl,
        Some("json") if !bytes.starts_with(b"{") => return InputFormat::Json,
        _ => {}
    }
    match bytes.first() {
        Some(b'[') => InputFormat::Json,
        Some(b'{') => InputFormat::Jsonl,
        _ if is_header(bytes) => InputFormat::Csv,
        _ => InputFormat::Lines,
    }
}

/// Whether the first line names a column by which a lead is known. Other separators than a comma count too: better a
/// CSV file that is refused for them than leads that are named by whole rows.
fn is_header(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let line = String::from_utf8_lossy(line).replace([';', '\t'], ",");
    !line.starts_with('#')
        && Cells::of(&line).flatten().any(|cell| matches!(Field::of(&cell), Some(Field::Lead | Field::Phone)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_then_the_first_bytes() {
        let table: [(Option<&str>, &[u8], InputFormat); 18] = [
            (Some("leads.csv"), b"[", InputFormat::Csv),
            (Some("leads.CSV"), b"", InputFormat::Csv),
            (Some("leads.jsonl"), b"[", InputFormat::Jsonl),
            (Some("leads.ndjson"), b"", InputFormat::Jsonl),
            (Some("leads.json"), b"", InputFormat::Json),
            (Some("leads.json"), b" {\"lead_id\":1}", InputFormat::Jsonl),
            (Some("leads.txt"), b"lead_id,phone\n", InputFormat::Csv),
            (Some("leads"), b"a\n", InputFormat::Lines),
            (None, b"", InputFormat::Lines),
            (None, b"\xef\xbb\xbf [{", InputFormat::Json),
            (None, b"\n {", InputFormat::Jsonl),
            (None, b"Lead ID,city\r\n", InputFormat::Csv),
            (None, b"city,\"phone number\"\n", InputFormat::Csv),
            (None, b"lead_id\n1\n", InputFormat::Csv),
            (None, b"lead_id;phone\n", InputFormat::Csv),
            (None, b"anna,berta\n", InputFormat::Lines),
            (None, b"# leads: lead_id, phone\n", InputFormat::Lines),
            (None, b"\xff\xfe\x00", InputFormat::Lines),
        ];
        for (name, bytes, expected) in table {
            assert_eq!(guess_format(name.map(Path::new), bytes), expected, "{name:?} {bytes:?}");
        }
    }
}
