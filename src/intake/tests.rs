//! Tests of the readers: each format by a table, and all of them against each other.

mod tables;

use std::io::{self, BufRead, BufReader, Cursor, Read};

use proptest::prelude::*;

use super::*;
use crate::model::{Expiry, InputFormat, LeadRequest};

fn open(input: Box<dyn BufRead>, format: InputFormat) -> Result<Records, OpenError> {
    Records::open(input, None, InputRules { format: Some(format), ..InputRules::default() })
}

/// Reads all entries, through a buffer of `chunk` bytes.
fn entries_by(format: InputFormat, text: &[u8], chunk: usize) -> Vec<Entry> {
    try_entries_by(format, text, chunk).unwrap()
}

fn try_entries_by(format: InputFormat, text: &[u8], chunk: usize) -> Result<Vec<Entry>, OpenError> {
    let input = Box::new(BufReader::with_capacity(chunk, Cursor::new(text.to_vec())));
    open(input, format).map(|records| records.map(Result::unwrap).collect())
}

fn entries(format: InputFormat, text: &str) -> Vec<Entry> {
    entries_by(format, text.as_bytes(), 8192)
}

/// The one lead of an input.
fn lead(format: InputFormat, text: &str) -> LeadRequest {
    let mut entries = entries(format, text);
    assert_eq!(entries.len(), 1, "{text}");
    entries.remove(0).parsed.unwrap().request
}

/// Every entry as `line lead` or `line ! field: message`.
fn summary(format: InputFormat, text: &[u8]) -> Vec<String> {
    let show = |entry: Entry| match entry.parsed {
        Ok(record) => format!("{} {}", entry.line, record.request.lead),
        Err(bad) => {
            assert_eq!(bad.line, entry.line);
            let end = if bad.rest_unread { " (end)" } else { "" };
            format!("{} ! {}: {}{end}", bad.line, bad.field.unwrap_or_default(), bad.message)
        }
    };
    entries_by(format, text, 8192).into_iter().map(show).collect()
}

fn metadata(record: &LeadRequest) -> &str {
    record.fields.metadata.as_ref().map_or("", |metadata| metadata.as_str())
}

#[test]
fn lines_are_lead_ids_without_blanks_and_comments() {
    let text = "\u{feff}anna\r\n\n  # not this one\n  berta  \n\t\ncarla#1\n";
    assert_eq!(summary(InputFormat::Lines, text.as_bytes()), ["1 anna", "4 berta", "6 carla#1"]);
    assert_eq!(summary(InputFormat::Lines, b"no line end"), ["1 no line end"]);
    assert_eq!(summary(InputFormat::Lines, b""), [""; 0]);
    let faults = summary(InputFormat::Lines, b"a\0b\n\xff\xfea\nok\n");
    assert_eq!(
        faults,
        [
            "1 ! lead_id: lead id `a\\0b` holds a control character",
            "2 ! : not UTF-8 at line 2: save as \"CSV UTF-8\", or iconv -f WINDOWS-1252 -t UTF-8, or name the encoding with --encoding windows-1252",
            "3 ok"
        ]
    );
}

#[test]
fn a_csv_row_gives_every_field() {
    let header = "Lead ID,Phone Number,time_zone,PRIORITY,scheduledAt,expires,Max Retries,key,city,note";
    let row = "\"7\",+1 555 0100,America/New_York; Europe/Berlin,High,2026-11-23 09:30,+2d,2,k-7,\"New York, NY\",";
    let record = lead(InputFormat::Csv, &format!("{header}\r\n{row}\r\n"));
    assert_eq!(record.lead.as_str(), "7");
    assert_eq!(record.fields.phone.as_deref(), Some("+1 555 0100"));
    let zones: Vec<&str> = record.fields.timezones.iter().map(|zone| zone.as_str()).collect();
    assert_eq!(zones, ["America/New_York; Europe/Berlin"]);
    assert_eq!(record.fields.priority, Some(crate::model::Priority::High));
    assert_eq!(record.fields.at.as_deref(), Some("2026-11-23 09:30"));
    assert_eq!(record.fields.expires, Some(Expiry::At("+2d".to_owned())));
    assert_eq!(record.fields.max_retries, Some(2));
    assert_eq!(record.fields.key.as_ref().map(|key| key.as_str()), Some("k-7"));
    assert_eq!(metadata(&record), r#"{"city":"New York, NY"}"#);
}

#[test]
fn a_csv_exported_for_retell_imports_as_it_is() {
    let record = lead(InputFormat::Csv, "phone number,first_name\n+12125550123,Anna\n");
    assert_eq!((record.lead.as_str(), record.fields.phone.as_deref()), ("+12125550123", Some("+12125550123")));
    assert_eq!(metadata(&record), r#"{"first_name":"Anna"}"#);
}

#[test]
fn a_metadata_column_holds_an_object() {
    let record = lead(InputFormat::Csv, "lead_id,metadata,city\na,\"{\"\"x\"\": 1.50}\",Bonn\n");
    assert_eq!(metadata(&record), r#"{"x":1.50,"city":"Bonn"}"#);
    let record = lead(InputFormat::Csv, "lead_id,metadata,city\na,\"{\"\"x\"\": 1.50}\",\n");
    assert_eq!(metadata(&record), r#"{"x": 1.50}"#);
    let faults = summary(InputFormat::Csv, b"lead_id,metadata\na,gold\n");
    assert_eq!(faults, ["2 ! metadata: `gold` is not a JSON object"]);
}

#[test]
fn csv_lines_are_counted_through_quoted_line_ends_and_blank_lines() {
    let text = "lead_id,note\r\n\r\na,\"one\r\ntwo\"\r\n\r\nb,x\r\nc,x,y\r\nd\r\n,x\r\n\"e\"f,x\r\ng,\0\r\nh,x";
    assert_eq!(
        summary(InputFormat::Csv, text.as_bytes()),
        [
            "3 a",
            "6 b",
            "7 ! : 3 cells where the header has 2",
            "8 d",
            "9 ! lead_id: the record has no lead_id",
            "10 ! : cell 1 has text behind its closing quote",
            "11 ! : the record holds a NUL character",
            "12 h"
        ]
    );
}

#[test]
fn a_quote_that_is_never_closed_ends_the_input() {
    let text = b"lead_id,note\na,x\nb,\"open\nc,x\n";
    assert_eq!(summary(InputFormat::Csv, text), ["2 a", "3 ! : a quoted cell of this record is not closed (end)"]);
}

#[test]
fn a_json_object_gives_every_field_in_either_spelling() {
    let camel = r#"{"leadId": 7, "phoneNumber": "+1 555 0100", "timezones": ["America/New_York", "Europe/Berlin"],
        "priority": "urgent", "scheduledAt": "now", "expiresAt": "+2d", "maxRetries": 0, "key": "k\u002d7",
        "metadata": { "b": 1.50, "a": [1e3, "é"] }}"#;
    let record = lead(InputFormat::Json, &format!("[{camel}]"));
    let snake =
        r#"{"lead_id":"7","phone":"+1 555 0100","timezone":["America/New_York","Europe/Berlin"],"priority":"URGENT","#
            .to_owned()
            + r#""at":"now","expires":"+2d","max_retries":0,"key":"k-7","metadata":{ "b": 1.50, "a": [1e3, "é"] }}"#;
    assert_eq!(lead(InputFormat::Jsonl, &snake), record);
    assert_eq!(record.lead.as_str(), "7");
    assert_eq!(record.fields.timezones.len(), 2);
    assert_eq!(record.fields.key.as_ref().map(|key| key.as_str()), Some("k-7"));
    assert_eq!(metadata(&record), r#"{ "b": 1.50, "a": [1e3, "é"] }"#, "byte for byte");
}

#[test]
fn unknown_json_fields_join_the_metadata() {
    let record = lead(InputFormat::Jsonl, r#"{"lead_id":"a","city":"Köln","metadata":{"x": {"y": 1.0}},"n":1e2}"#);
    assert_eq!(metadata(&record), r#"{"x":{"y": 1.0},"city":"Köln","n":1e2}"#);
    let record = lead(InputFormat::Jsonl, r#"{"lead_id":"a","city":null,"phone":null,"metadata":null}"#);
    assert_eq!((metadata(&record), record.fields.phone.as_deref()), (r#"{"city":null}"#, None));
}

#[test]
fn json_faults_name_the_field_and_reading_goes_on() {
    for (text, fault) in [
        (r#"{}"#, "lead_id: the record has no lead_id"),
        (r#"{"lead_id":null}"#, "lead_id: the record has no lead_id"),
        (r#"{"lead_id":""}"#, "lead_id: lead id is empty"),
        (r#"{"lead_id":1.5}"#, "lead_id: expected a string or a whole number, found a number"),
        (r#"{"lead_id":{"a":1}}"#, "lead_id: expected a string or a whole number, found an object"),
        (r#"{"lead_id":"a\u0000b"}"#, "lead_id: lead id `a\\0b` holds a control character"),
        (r#"{"lead_id":"\ud800"}"#, "lead_id: not a string: unexpected end of hex escape"),
        (r#"{"lead_id":"a","phone":15550100}"#, "phone: expected a string, found a whole number"),
        (r#"{"lead_id":"a","timezone":["UTC",null]}"#, "timezone: expected a string, found null"),
        (r#"{"lead_id":"a","timezone":true}"#, "timezone: expected a string, found a boolean"),
        (
            r#"{"lead_id":"a","priority":"top"}"#,
            "priority: unknown priority `top`: expected urgent, high, normal or low",
        ),
        (r#"{"lead_id":"a","max_retries":"2"}"#, "max_retries: expected a whole number, found a string"),
        (
            r#"{"lead_id":"a","max_retries":-1}"#,
            "max_retries: `-1` is not a number of retries: expected a whole number from 0",
        ),
        (r#"{"lead_id":"a","metadata":[]}"#, "metadata: expected an object, found an array"),
        (
            r#"{"lead_id":"a","leadId":"b"}"#,
            "lead_id: two members may be the lead_id: `lead_id` and `leadId`: keep one",
        ),
        (r#"{"lead_id":"a","x":1,"x":2}"#, "x: the field is there twice"),
        (r#"{"lead_id":"a","x":1,"metadata":{"x":2}}"#, "x: the field is there twice"),
        (r#"["lead_id"]"#, ": expected an object, found an array"),
        ("7", ": expected an object, found a whole number"),
        ("{\"lead_id\":\"a\"", ": not JSON: EOF while parsing an object at column 14"),
        ("{\"lead_id\":\"a\"} {}", ": not JSON: trailing characters at column 17"),
        (
            "{\"lead_id\":\"a\0\"}",
            ": not JSON: control character (\\u0000-\\u001F) found while parsing a string at column 13",
        ),
    ] {
        let lines = format!("\n{text}\n{{\"lead_id\":\"next\"}}\n");
        assert_eq!(summary(InputFormat::Jsonl, lines.as_bytes()), [format!("2 ! {fault}"), "3 next".into()]);
    }
    assert_eq!(
        summary(InputFormat::Jsonl, b"{\"lead_id\":\"\xff\"}\n"),
        [
            "1 ! : not UTF-8 at line 1: save as \"CSV UTF-8\", or iconv -f WINDOWS-1252 -t UTF-8, or name the encoding with --encoding windows-1252"
        ]
    );
}

#[test]
fn a_fault_names_the_lead_when_it_is_known() {
    for (format, text) in [
        (InputFormat::Jsonl, r#"{"priority":"top","lead_id":"anna"}"#),
        (InputFormat::Csv, "priority,lead_id\ntop,anna\n"),
    ] {
        let bad = entries(format, text).remove(0).parsed.unwrap_err();
        assert_eq!((bad.lead.as_deref(), bad.field.as_deref()), (Some("anna"), Some("priority")), "{format}");
    }
}

#[test]
fn a_json_array_is_read_element_by_element() {
    let text = " [\n{\"lead_id\":\"a]}\\\"\"}\n,{\"lead_id\":\"b\",\n\"x\":[{}]},\n 5, {\"leadId\":\"c\"}]\n\n";
    assert_eq!(
        summary(InputFormat::Json, text.as_bytes()),
        ["2 a]}\"", "3 b", "5 ! : expected an object, found a whole number", "5 c"]
    );
    assert_eq!(summary(InputFormat::Json, b"\xef\xbb\xbf[]"), [""; 0]);
}

#[test]
fn a_broken_array_ends_with_its_fault() {
    for (text, fault) in [
        ("", "1 ! : expected an array of objects, beginning with `[` (end)"),
        ("{}", "1 ! : expected an array of objects, beginning with `[` (end)"),
        ("[", "1 ! : the input ends before the array's `]` (end)"),
        ("\n[,", "2 ! : the input ends within this element (end)"),
        ("[] []", "1 ! : text after the array's `]` (end)"),
        ("[{\"lead_id\":}, {\"lead_id\":\"b\"}]", "1 ! : not JSON: expected value at column 12 (end)"),
        ("[{\"lead_id\":\"b]", "1 ! : the input ends within this element (end)"),
    ] {
        assert_eq!(summary(InputFormat::Json, text.as_bytes()), [fault], "{text}");
    }
    let first = r#"[{"lead_id":"a"}"#;
    for (rest, fault) in [
        ("", "2 ! : the input ends before the array's `]` (end)"),
        ("{\"lead_id\":\"b\"}]", "2 ! : expected `,` or `]` after an element (end)"),
        (",]", "2 ! : expected an object after `,` (end)"),
        (",,{}]", "2 ! : expected an object after `,` (end)"),
        ("] x", "2 ! : text after the array's `]` (end)"),
    ] {
        assert_eq!(summary(InputFormat::Json, format!("{first}\n{rest}").as_bytes()), ["1 a", fault], "{rest}");
    }
}

#[test]
fn rejected_records_can_be_mended_and_sent_again() {
    for (format, text, expected) in [
        (InputFormat::Lines, "a\n b\0 \n", "# so \"it\" is\n b\0 \n"),
        (
            InputFormat::Csv,
            "lead_id,note\r\na,x\r\n,\"y\r\nz\"\r\n",
            "lead_id,note,error\n,\"y\r\nz\",\"so \"\"it\"\" is\"\n",
        ),
        (
            InputFormat::Csv,
            "lead_id;note;error\n;x;\"old; one\"\n;;y\n",
            "lead_id;note;error\n;x;\"so \"\"it\"\" is\"\n",
        ),
        (InputFormat::Csv, "lead_id\na\n", "lead_id,error\n"),
        (
            InputFormat::Jsonl,
            "{}\n{\"lead_id\":\"a\"}\n{\"x\": 1}\n",
            "{\"error\":\"so \\\"it\\\" is\"}\n{\"x\":1,\"error\":\"so \\\"it\\\" is\"}\n",
        ),
        (InputFormat::Jsonl, "{\"error\": \"old\", \"x\": 1}\n7\n", "{\"x\":1,\"error\":\"so \\\"it\\\" is\"}\n7\n"),
        (
            InputFormat::Json,
            "[{}, {\"lead_id\":\"a\"}, {\"x\": 1}]",
            "[\n{\"error\":\"so \\\"it\\\" is\"},\n{\"x\":1,\"error\":\"so \\\"it\\\" is\"}\n]\n",
        ),
        (InputFormat::Json, "[]", "[]\n"),
    ] {
        let records = open(Box::new(Cursor::new(text.to_owned())), format).unwrap();
        let mut rejects = RejectWriter::new(Vec::new(), &records);
        for entry in records.map(Result::unwrap).filter(|entry| entry.parsed.is_err()) {
            rejects.write(&entry.raw, "so \"it\" is").unwrap();
        }
        assert_eq!(String::from_utf8(rejects.finish().unwrap()).unwrap(), expected, "{format}");
    }
}

#[test]
fn good_records_are_kept_raw_only_on_demand() {
    let text = "{\"lead_id\":\"a\"}\r\n";
    assert_eq!(entries(InputFormat::Jsonl, text)[0].raw, b"");
    let records = open(Box::new(Cursor::new(text)), InputFormat::Jsonl).unwrap();
    assert_eq!(records.keep_raw().next().unwrap().unwrap().raw, b"{\"lead_id\":\"a\"}");
}

/// An input that repeats `unit` until `left` bytes were read.
struct Repeated {
    unit: &'static [u8],
    left: usize,
}

impl Read for Repeated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.unit.len()).min(self.left);
        buffer[..length].copy_from_slice(&self.unit[..length]);
        self.left -= length;
        Ok(length)
    }
}

#[test]
fn an_endless_record_is_bad_and_not_held() {
    let long = 8 * LONGEST_RECORD;
    for (format, head, tail, ends) in [
        (InputFormat::Lines, "", "\nnext\n", false),
        (InputFormat::Jsonl, "{\"lead_id\":\"", "\n{\"lead_id\":\"next\"}\n", false),
        (InputFormat::Csv, "lead_id\n", "\nnext\n", true),
        (InputFormat::Csv, "lead_id\n\"", "\nnext\n", true),
        (InputFormat::Json, "[{\"lead_id\":\"", "\"},{\"lead_id\":\"next\"}]", false),
    ] {
        let middle = Repeated { unit: &[b'x'; 4096], left: long };
        let input: Box<dyn BufRead> =
            Box::new(BufReader::new(Cursor::new(head).chain(middle).chain(Cursor::new(tail))));
        let mut records = open(input, format).unwrap();
        let entry = records.next().unwrap().unwrap();
        assert!(entry.raw.is_empty(), "{format}");
        let bad = entry.parsed.unwrap_err();
        assert_eq!(bad.rest_unread, ends, "{format}: {bad}");
        let next = records.next().map(|entry| entry.unwrap().parsed.unwrap().request.lead.to_string());
        assert_eq!(next.as_deref(), if ends { None } else { Some("next") }, "{format}");
        assert!(records.held_bytes() <= 4 * LONGEST_RECORD, "{format}");
    }
}

#[test]
fn a_read_error_ends_the_records() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("unplugged"))
        }
    }
    for format in [InputFormat::Lines, InputFormat::Jsonl, InputFormat::Json] {
        let text = if format == InputFormat::Json { "[\n" } else { "\n" };
        let input = Box::new(BufReader::new(Cursor::new(text).chain(Broken)));
        let mut records = open(input, format).unwrap();
        let error = records.next().unwrap().unwrap_err();
        assert_eq!(error.to_string(), "cannot read the input after line 1: unplugged");
        assert!(records.next().is_none());
    }
    assert!(open(Box::new(BufReader::new(Broken)), InputFormat::Csv).is_err());
}

proptest! {
    #[test]
    fn the_same_leads_are_read_from_every_format(
        rows in prop::collection::vec(("[a-z é\"\\\\,]{0,5}[a-z]", "[0-9a-z\n\" ,\\\\]{0,8}"), 0..8),
        chunk in 1_usize..40,
    ) {
        let mut table = csv::WriterBuilder::new().from_writer(Vec::new());
        table.write_record(["lead_id", "note"]).unwrap();
        let mut objects = Vec::new();
        for (lead, note) in &rows {
            table.write_record([lead.trim(), note]).unwrap();
            let mut object = serde_json::json!({ "leadId": lead.trim() });
            if !note.is_empty() {
                object["note"] = note.as_str().into();
            }
            objects.push(object);
        }
        let lines: Vec<String> = objects.iter().map(|object| format!("{object}\r\n")).collect();
        let pretty = serde_json::to_vec_pretty(&objects).unwrap();
        let leads = |format, text: &[u8]| -> Vec<LeadRequest> {
            entries_by(format, text, chunk).into_iter().map(|entry| entry.parsed.unwrap().request).collect()
        };
        let expected = leads(InputFormat::Jsonl, lines.concat().as_bytes());
        prop_assert_eq!(expected.len(), rows.len());
        prop_assert_eq!(&leads(InputFormat::Json, &pretty), &expected);
        prop_assert_eq!(&leads(InputFormat::Csv, &table.into_inner().unwrap()), &expected);
    }

    #[test]
    fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(
        prop::sample::select(&b"[]{}\",:\\\n\r #a1\xff\0"[..]), 0..60), chunk in 1_usize..10) {
        for format in InputFormat::ALL.iter().copied() {
            let text = [if format == InputFormat::Csv { &b"lead_id,a\n"[..] } else { b"" }, &bytes].concat();
            let Ok(whole) = try_entries_by(format, &text, 8192) else {
                prop_assert!(try_entries_by(format, &text, chunk).is_err(), "{} is refused in chunks too", format);
                continue;
            };
            prop_assert_eq!(&entries_by(format, &text, chunk), &whole, "{} in chunks", format);
            let lines = text.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 1;
            prop_assert!(whole.iter().all(|entry| (1..=lines).contains(&entry.line)));
            prop_assert!(whole.is_sorted_by_key(|entry| entry.line));
        }
    }
}
