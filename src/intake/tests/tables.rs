//! Tests of tables as other programs write them, and of records that are left out.

use super::*;

/// Why an input is not read, with the way out.
fn refusal(format: InputFormat, text: &[u8]) -> String {
    match open(Box::new(Cursor::new(text.to_vec())), format) {
        Ok(_) => String::new(),
        Err(OpenError::Refused { message, hint }) => format!("{message} | {hint}"),
        Err(OpenError::Read(error)) => error.to_string(),
    }
}

#[test]
fn csv_headers_that_cannot_be_used_end_the_input() {
    for (text, message) in [
        (
            "city,note\na,b\n",
            "line 1: no column is the lead id or the phone number | the headers are city, note; --column phone=HEADER or \
             --column lead_id=HEADER names one",
        ),
        ("lead_id,leadId\n", "line 1: the header names the column `leadId` twice | rename one of them, or delete it"),
        (
            "\nlead_id,city,city\n",
            "line 2: the header names the column `city` twice | rename one of them, or delete it",
        ),
        (
            "lead_id,\"city\na,b\n",
            "line 1: a quoted cell of this record is not closed | a header names the columns in the first line of the file",
        ),
        (
            "lead_id,\"city\"x\n",
            "line 1: a cell of the header has text behind its closing quote | write a quote inside of a cell twice",
        ),
    ] {
        assert_eq!(refusal(InputFormat::Csv, text.as_bytes()), message);
    }
    let wide = format!("lead_id{}\n", ",x".repeat(1_000_000));
    assert!(refusal(InputFormat::Csv, wide.as_bytes()).starts_with("line 1: the record is longer than 1024 KiB"));
    let many = format!("lead_id{}\n", ",".repeat(20_000));
    assert!(
        refusal(InputFormat::Csv, many.as_bytes()).starts_with("line 1: the header has 20001 columns: at most 16384")
    );
    assert_eq!(summary(InputFormat::Csv, b"lead_id,a\n"), [""; 0]);
    assert_eq!(summary(InputFormat::Csv, b""), [""; 0]);
    assert_eq!(
        summary(InputFormat::Csv, b"lead_id,,\na,,\nb,x,\n"),
        ["2 a", "3 ! : cell 2 stands in a column without a name"]
    );
}

#[test]
fn tables_are_read_whatever_program_wrote_them() {
    for (text, leads) in [
        (
            "lead_id,phone,name,error\nReport generated on 11/23/2026,,,\"why\"\nAnn Smith,x,,\n1,x,Ann,y,why\n",
            &[
                "2 ! : 1 cell where the header has 3: delete a line that is not a lead, or write all its cells",
                "3 Ann Smith",
                "4 ! : 4 cells where the header has 3",
            ][..],
        ),
        ("lead_id;phone;name\r\n1;+12125550101;Smith, Ann\r\n", &["2 1"]),
        ("lead_id\tphone\n1\t+12125550101\n", &["2 1"]),
        ("lead_id|phone\n1|+12125550101\n", &["2 1"]),
        ("sep=;\r\nlead_id;phone\r\n1;+12125550101\r\n", &["3 1"]),
        ("\"sep=,\"\nlead_id,phone\n1,\n", &["3 1"]),
        ("lead_id,phone,name\r1,+12125550101,Ann\r2,,Ben\r", &["2 1", "3 2"]),
        ("\u{feff}\u{feff}lead_id,phone\r\n1,+12125550101\r\n", &["2 1"]),
        ("Lead\u{a0}ID,Phone\n1,x\n", &["2 1"]),
        ("lead_id,phone,name\n1,x,Ann\n,,\n\"\",\" \",\n2,x,Ben\n\n,,,,\n", &["2 1", "5 2"]),
        (
            "lead_id,phone,name\n1,x,Ann,\n2,x,Ben,,\n3,x\n4,x,Cy,,y\n",
            &["2 1", "3 2", "4 3", "5 ! : 5 cells where the header has 3"],
        ),
        (
            "lead_id,phone,name\n1,x,Ann\n\nReport generated on 11/23/2026\n",
            &["2 1", "4 ! : 1 cell where the header has 3: delete a line that is not a lead, or write all its cells"],
        ),
        (
            "lead_id,note\n1,a\rb\n2,\"a\rb\"\n",
            &["2 ! : the record holds a CR outside of quotes: save the file with one kind of line ends", "4 2"],
        ),
        ("phone,name\n,Ann\n", &["2 ! phone: the record has no phone"]),
    ] {
        assert_eq!(summary(InputFormat::Csv, text.as_bytes()), leads, "{text:?}");
    }
    let utf16: Vec<u8> = "lead_id\tname\r\n1\tJürgen\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut read = entries_by(InputFormat::Csv, &utf16, 7);
    assert_eq!(metadata(&read.remove(0).parsed.unwrap().request), r#"{"name":"Jürgen"}"#);
}

#[test]
fn an_export_of_callq_is_read_back() {
    let header = "id,key,client_id,lead_id,priority,status,held,scheduled_at,next_call_at,expires_at,retry_count,attempts,\
                  phone,timezones,metadata,last_reason\r\n";
    let rows = "3,k-1,beta,'@x,low,pending,false,2026-11-23T15:00:00.000Z,,,0,0,+12125550103,America/Chicago,\"{\"\"a\"\":1}\",\r\n\
                2,,acme,-17,normal,completed,false,2026-11-23T15:00:00.000Z,,,0,1,,,,\r\n";
    let records = entries(InputFormat::Csv, &format!("{header}{rows}"));
    let first = records[0].parsed.as_ref().unwrap();
    assert_eq!((first.request.lead.as_str(), first.leave_out), ("@x", None));
    assert_eq!(first.client.as_ref().map(|client| client.as_str()), Some("beta"));
    assert_eq!(first.request.fields.at.as_deref(), Some("2026-11-23T15:00:00.000Z"));
    assert_eq!(metadata(&first.request), r#"{"a":1}"#);
    let second = records[1].parsed.as_ref().unwrap();
    assert_eq!(second.request.lead.as_str(), "-17");
    assert_eq!(second.leave_out, Some(LeaveOut::NotWaiting(crate::model::Status::Completed)));
    let object =
        r#"{"id":2,"lead_id":"a","status":"cancelled","held":false,"attempts":0,"retry_count":0,"metadata":{"x":1}}"#;
    let read = entries(InputFormat::Jsonl, object).remove(0).parsed.unwrap();
    assert_eq!((read.leave_out.is_some(), metadata(&read.request)), (true, r#"{"x":1}"#));
}

#[test]
fn a_column_may_say_no() {
    let text = "lead_id,Do Not Call,DNC\na,0,\nb,TRUE,\nc,,x\nd,maybe,\ne,no,N\n";
    let read = entries(InputFormat::Csv, text);
    let no: Vec<Option<bool>> =
        read.iter().map(|entry| entry.parsed.as_ref().ok().map(|record| record.leave_out.is_some())).collect();
    assert_eq!(no, [Some(false), Some(true), Some(true), None, Some(false)]);
    let text =
        "{\"lead_id\":1,\"dnc\":true}\n{\"lead_id\":2,\"optOut\":0,\"do_not_call\":null}\n{\"lead_id\":3,\"dnc\":2}\n";
    let read = entries(InputFormat::Jsonl, text);
    let no: Vec<Option<bool>> =
        read.iter().map(|entry| entry.parsed.as_ref().ok().map(|record| record.leave_out.is_some())).collect();
    assert_eq!(no, [Some(true), Some(false), None]);
}

#[test]
fn the_surer_name_of_a_field_wins_in_json_too() {
    let read = |text: &str| lead(InputFormat::Jsonl, text);
    let record = read(r#"{"id":"10","to_number":"+12125550112","lead_id":"11","phone":"+12125550111"}"#);
    assert_eq!((record.lead.as_str(), record.fields.phone.as_deref()), ("11", Some("+12125550111")));
    assert_eq!(metadata(&record), r#"{"id":"10","to_number":"+12125550112"}"#);
    assert_eq!(read(r#"{"id":"10"}"#).lead.as_str(), "10");
    let record = read(r#"{"mobile":"1","cell":"2","phone":"+12125550111","lead_id":"a"}"#);
    assert_eq!(record.fields.phone.as_deref(), Some("+12125550111"));
    let faults = summary(InputFormat::Jsonl, br#"{"lead_id":"a","mobile":"1","cell":"2"}"#);
    assert_eq!(faults, ["1 ! phone: two members may be the phone: `mobile` and `cell`: keep one"]);
}
