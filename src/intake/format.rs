//! The formats of a list of leads, and how one is guessed.

use std::path::Path;

use super::delimiter::{named_by, names_a_lead, of_header};
use super::head::first_line;
use crate::model::{ColumnChoice, InputFormat};

/// Guesses the format by the name's extension, then by the first bytes: `[` opens a JSON array, `{` a JSON line, a line
/// that names a lead or phone column is the header of a CSV file, and anything else is a list of lead ids. A file named
/// `.json` that begins with an object holds JSON lines. `head` is without its mark.
pub(super) fn guess_format(name: Option<&Path>, head: &[u8], choices: &[ColumnChoice]) -> InputFormat {
    let bytes = head.trim_ascii_start();
    let extension = name.and_then(Path::extension).and_then(|extension| extension.to_str());
    match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("csv" | "tsv") => return InputFormat::Csv,
        Some("jsonl" | "ndjson") => return InputFormat::Jsonl,
        Some("json") if !bytes.starts_with(b"{") => return InputFormat::Json,
        _ => {}
    }
    match bytes.first() {
        Some(b'[') => InputFormat::Json,
        Some(b'{') => InputFormat::Jsonl,
        _ if is_header(bytes, choices) => InputFormat::Csv,
        _ => InputFormat::Lines,
    }
}

/// Whether the first line names a column by which a lead is known, or a delimiter, as no list of lead ids does.
fn is_header(bytes: &[u8], choices: &[ColumnChoice]) -> bool {
    let (line, _) = first_line(bytes, true);
    let line = String::from_utf8_lossy(line);
    let line = line.trim_end_matches('\r');
    named_by(line).is_some() || (!line.starts_with('#') && names_a_lead(line, of_header(line, choices), choices))
}

/// Whether a name ends as a file of leads does: such a name is not a lead.
pub fn has_file_ending(name: &Path) -> bool {
    const ENDINGS: [&str; 10] = ["csv", "tsv", "txt", "json", "jsonl", "ndjson", "ics", "xlsx", "gz", "zip"];
    let extension = name.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| ENDINGS.iter().any(|ending| extension.eq_ignore_ascii_case(ending)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_then_the_first_bytes() {
        let table: [(Option<&str>, &[u8], InputFormat); 20] = [
            (Some("leads.csv"), b"[", InputFormat::Csv),
            (Some("leads.CSV"), b"", InputFormat::Csv),
            (Some("leads.jsonl"), b"[", InputFormat::Jsonl),
            (Some("leads.ndjson"), b"", InputFormat::Jsonl),
            (Some("leads.json"), b"", InputFormat::Json),
            (Some("leads.json"), b" {\"lead_id\":1}", InputFormat::Jsonl),
            (Some("leads.txt"), b"lead_id,phone\n", InputFormat::Csv),
            (Some("leads"), b"a\n", InputFormat::Lines),
            (None, b"", InputFormat::Lines),
            (None, b" [{", InputFormat::Json),
            (None, b"\n {", InputFormat::Jsonl),
            (None, b"Lead ID,city\r\n", InputFormat::Csv),
            (None, b"city,\"phone number\"\n", InputFormat::Csv),
            (None, b"lead_id\n1\n", InputFormat::Csv),
            (None, b"lead_id;phone\n", InputFormat::Csv),
            (None, b"sep=;\r\nLead;Nr\r\n", InputFormat::Csv),
            (None, b"Record ID\tName\n", InputFormat::Csv),
            (None, b"anna,berta\n", InputFormat::Lines),
            (None, b"# leads: lead_id, phone\n", InputFormat::Lines),
            (None, b"\xff\xfe\x00", InputFormat::Lines),
        ];
        for (name, bytes, expected) in table {
            assert_eq!(guess_format(name.map(Path::new), bytes, &[]), expected, "{name:?} {bytes:?}");
        }
    }

    #[test]
    fn a_file_is_known_by_its_ending() {
        for (name, is_file) in
            [("leads.csv", true), ("a/b.XLSX", true), ("x.csv.gz", true), ("lead-1", false), ("a.b", false)]
        {
            assert_eq!(has_file_ending(Path::new(name)), is_file, "{name}");
        }
    }
}
