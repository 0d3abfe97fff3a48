//! Lists of leads as people have them: the fixtures of `schedule-batch`, read by their guessed formats.

use std::fs::{self, File};
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};

use callq::intake::{InputRules, Records, RejectWriter};
use callq::model::InputFormat;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/batches").join(name)
}

fn open(path: &Path) -> Records {
    Records::open(Box::new(BufReader::new(File::open(path).unwrap())), Some(path), InputRules::default()).unwrap()
}

/// Every entry as `line: lead`, or as its fault.
fn summary(path: &Path) -> Vec<String> {
    let show = |entry: callq::intake::Entry| match entry.parsed {
        Ok(record) => format!("{}: {}", entry.line, record.request.lead),
        Err(bad) => bad.to_string(),
    };
    open(path).map(|entry| show(entry.unwrap())).collect()
}

#[test]
fn every_format_is_guessed_and_read() {
    for (name, format, leads) in [
        ("leads.txt", InputFormat::Lines, &["1: lead-1", "4: lead-2", "5: lead-3"][..]),
        ("leads.csv", InputFormat::Csv, &["2: lead-1", "4: lead-2"]),
        ("retell.csv", InputFormat::Csv, &["2: +12125550101", "3: +12125550102"]),
        ("leads.jsonl", InputFormat::Jsonl, &["1: lead-1", "3: 2"]),
        ("leads.json", InputFormat::Json, &["2: lead-1", "3: lead-2"]),
    ] {
        let path = fixture(name);
        let nameless = Box::new(Cursor::new(fs::read(&path).unwrap()));
        let guessed = Records::open(nameless, None, InputRules::default()).unwrap().format();
        assert_eq!(guessed, format, "{name}, by its first bytes");
        assert_eq!(open(&path).format(), format, "{name}");
        assert_eq!(summary(&path), leads, "{name}");
    }
}

#[test]
fn faults_are_named_by_line_field_and_reason() {
    for (name, expected) in [
        (
            "faults.csv",
            &[
                "2: lead-1",
                "line 3, field `priority`: unknown priority `soon`: expected urgent, high, normal or low",
                "line 4: 4 cells where the header has 3",
                "line 5, field `lead_id`: the record has no lead_id",
                "6: lead-5",
            ][..],
        ),
        (
            "faults.jsonl",
            &[
                "1: lead-1",
                "line 2, field `priority`: unknown priority `soon`: expected urgent, high, normal or low",
                "line 3, field `max_retries`: expected a whole number, found a string",
                "line 4: not JSON: EOF while parsing an object at column 20",
                "line 5, field `lead_id`: the record has no lead_id",
                "6: lead-6",
            ],
        ),
        (
            "faults.json",
            &[
                "1: lead-1",
                "line 2, field `metadata`: expected an object, found an array",
                "3: lead-3",
                "line 4: expected `,` or `]` after an element; the rest of the input cannot be read",
            ],
        ),
    ] {
        assert_eq!(summary(&fixture(name)), expected, "{name}");
    }
}

#[test]
fn what_was_rejected_is_rejected_again_until_it_is_mended() {
    for name in ["faults.csv", "faults.jsonl"] {
        let records = open(&fixture(name));
        let format = records.format();
        let mut rejects = RejectWriter::new(Vec::new(), &records);
        let faults: Vec<String> = records
            .filter_map(|entry| {
                let entry = entry.unwrap();
                let message = entry.parsed.err()?.message;
                rejects.write(&entry.raw, &message).unwrap();
                Some(message)
            })
            .collect();
        let again = Records::open(
            Box::new(Cursor::new(rejects.finish().unwrap())),
            None,
            InputRules { format: Some(format), ..InputRules::default() },
        )
        .unwrap();
        let same: Vec<String> = again.map(|entry| entry.unwrap().parsed.unwrap_err().message).collect();
        assert_eq!(same, faults, "{name}");
    }
}
