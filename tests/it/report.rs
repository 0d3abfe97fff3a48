//! `callq report`: results that come from outside of a run, through the built program.

use std::fs;

use crate::support::{Sandbox, eventually};

/// A sandbox with one accepted call: item 1, whose call is `call-later`.
fn accepted() -> Sandbox {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["later"]);
    assert_eq!(sandbox.status(1), "in_progress");
    sandbox
}

#[test]
fn an_accepted_call_is_settled_by_item_attempt_or_call_id_and_again() {
    let sandbox = accepted();
    let attempt = sandbox.run("show 1 --json").json()["history"][0]["id"].as_str().unwrap().to_owned();
    let run = sandbox.run("report 1 --outcome completed --reason answered --json").expect_code(0);
    assert_eq!(run.json()[0]["status"], "completed");
    for name in ["1", &attempt, "call-later"] {
        sandbox.run(["report", name, "--outcome", "completed"]).expect_code(0);
    }
    let shown = sandbox.run("show 1 --json").json();
    assert_eq!((&shown["history"][0]["outcome"], &shown["last_reason"]), (&"completed".into(), &"answered".into()));
    assert_eq!((&shown["changes"][0]["what"], &shown["changes"][0]["by"]), (&"outcome".into(), &"ops".into()));
    assert_eq!(shown["changes"].as_array().unwrap().len(), 1, "what was known changes nothing");
}

#[test]
fn every_result_is_counted_as_what_it_is_now() {
    let sandbox = Sandbox::dialling();
    sandbox.run("config set max_concurrent 5").expect_code(0);
    sandbox.call(&["later-1", "later-2", "lost"]);
    let lines = r#"{"id": 1, "outcome": "completed"}
{"id": 2, "outcome": "retry", "reason": "busy"}
{"id": 3, "outcome": "failed", "reason": "moved"}
"#;
    sandbox.run_with_input("report --input jsonl", lines).expect_code(0);
    let figures = sandbox.run("stats --json").expect_code(0).json();
    let attempts = &figures["attempts"];
    let counts = ["total", "completed", "retry", "failed", "unknown", "accepted"].map(|name| attempts[name].as_u64());
    assert_eq!(counts, [3, 1, 1, 1, 0, 0].map(Some));
    assert_eq!(figures["failure_reasons"].as_array().unwrap().len(), 2);
    let checks = sandbox.run("doctor --json").json();
    let counts = checks.as_array().unwrap().iter().find(|check| check["check"] == "counts").unwrap();
    assert_eq!(counts["verdict"], "ok", "{counts}");
}

#[test]
fn a_different_second_result_is_refused_and_shown() {
    let sandbox = accepted();
    sandbox.run("report 1 --outcome completed").expect_code(0);
    let run = sandbox.run("report 1 --outcome failed --reason wrong_number").expect_code(4);
    assert!(run.stderr.contains("cannot report failed of item 1: its result is completed already"), "{run}");
    assert_eq!(sandbox.status(1), "completed");
    let changes = sandbox.run("show 1 --json").json()["changes"].to_string();
    assert!(changes.contains("refused_report") && changes.contains("failed, wrong_number"), "{changes}");
}

#[test]
fn lines_of_json_are_taken_in_together_or_not_at_all() {
    let sandbox = Sandbox::dialling();
    sandbox.run("config set max_concurrent 5").expect_code(0);
    sandbox.call(&["later-1", "later-2", "lost"]);
    let bad = "{\"id\": 1, \"outcome\": \"completed\"}\n{\"call_id\": \"call-nobody\", \"outcome\": \"failed\"}\n";
    let run = sandbox.run_with_input("report --input jsonl", bad).expect_code(3);
    assert!(run.stderr.contains("line 2: no call call-nobody"), "{run}");
    let broken = "{\"id\": 1, \"outcome\": \"completed\"}\n{\"id\": 2, \"outcome\": \"lost\"}\n";
    let run = sandbox.run_with_input("report --input jsonl", broken).expect_code(2);
    assert!(run.stderr.contains("standard input, line 2: `lost` cannot be reported"), "{run}");
    assert_eq!((sandbox.status(1), sandbox.status(2)), ("in_progress".into(), "in_progress".into()));
    let good = "{\"id\": 1, \"outcome\": \"completed\"}\n\n\
                {\"call_id\": \"call-later-2\", \"outcome\": \"retry\", \"reason\": \"busy\", \"metadata\": {\"rings\": 9}}\n\
                {\"id\": 3, \"outcome\": \"completed\", \"reason\": \"heard\"}\n";
    for _ in 0..2 {
        sandbox.run_with_input("report --input jsonl", good).expect_code(0);
        let statuses = [1, 2, 3].map(|id| sandbox.status(id));
        assert_eq!(statuses, ["completed", "retry_scheduled", "completed"], "held items are settled too");
    }
}

#[test]
fn a_call_that_goes_on_is_refused() {
    let mut sandbox = Sandbox::dialling();
    let (begun, go_on) = (sandbox.path("begun"), sandbox.path("go-on"));
    let script = sandbox.script("slow", &format!("mkfifo {go_on:?}; echo begun > {begun:?}; cat {go_on:?}"));
    sandbox.configure(&Sandbox::always_open(&format!("kind = \"command\"\ncommand = [{script:?}]")));
    sandbox.run("add -c acme lead").expect_code(0);
    let run = sandbox.spawn("process --json");
    eventually("the call has begun", || begun.exists());
    let refused = sandbox.run("report 1 --outcome completed").expect_code(4);
    assert!(refused.stderr.contains("its call is not over"), "{refused}");
    fs::write(&go_on, "").unwrap();
    assert_eq!(run.finish().expect_code(0).json()["successful"], 1);
}

#[test]
fn misuse_is_told() {
    let sandbox = Sandbox::dialling();
    sandbox.run("report 1 --outcome completed").expect_code(1);
    sandbox.run("add -c acme lead").expect_code(0);
    let cases: [(&[&str], i32, &str); 7] = [
        (&["report"], 2, "required"),
        (&["report", "1"], 2, "--outcome"),
        (&["report", "1", "--outcome", "unknown"], 2, "`unknown` cannot be reported"),
        (&["report", "-3", "--outcome", "failed"], 2, "-3"),
        (&["report", "1", "--outcome", "failed", "--input", "jsonl"], 2, "cannot be used with"),
        (&["report", "1", "--outcome", "failed"], 3, "no call of item 1"),
        (&["report", "call-9", "--outcome", "failed"], 3, "no call call-9"),
    ];
    for (arguments, code, text) in cases {
        let run = sandbox.run(arguments).expect_code(code);
        assert!(run.stderr.contains(text), "{arguments:?}\n{run}");
    }
}

#[test]
fn results_are_read_as_leads_are_whatever_their_encoding_and_line_ends() {
    let text = "{\"id\": 1, \"outcome\": \"completed\", \"reason\": \"Jürgen\"}";
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for (bytes, more) in [
        (format!("\u{feff}{text}\r\n\r\n").into_bytes(), ""),
        (format!("\r{text}\r").into_bytes(), ""),
        (utf16(&format!("\u{feff}{text}\n")), ""),
        (utf16(text), ""),
        (
            text.replace('ü', "\u{1}").bytes().map(|byte| if byte == 1 { 0xfc } else { byte }).collect(),
            "--encoding windows-1252",
        ),
    ] {
        let sandbox = accepted();
        sandbox.run_with_input(format!("report --input jsonl {more}"), &bytes).expect_code(0);
        assert_eq!(sandbox.run("show 1 --json").json()["last_reason"], "Jürgen", "{more}");
    }
    let sandbox = accepted();
    for (bytes, message) in [
        (&b"\x1f\x8b\x08\0"[..], "standard input, the input is compressed (gzip)"),
        (b"PK\x03\x04\x14\0[Content_Types].xml", "standard input, the input is an Excel workbook (.xlsx)"),
        (
            b"{\"id\": 1, \"outcome\": \"completed\", \"reason\": \"J\xfcrgen\"}",
            "standard input, line 1: it is not UTF-8",
        ),
        (b"\r\n{\"id\": 1}\r", "standard input, line 2: it is not a result"),
    ] {
        let run = sandbox.run_with_input("report --input jsonl", bytes).expect_code(2);
        assert!(run.stderr.contains(message) && run.stderr.contains("hint: "), "{run}");
    }
    sandbox.run_with_input("report --input jsonl --encoding klingon", text).expect_code(2);
    assert_eq!(sandbox.status(1), "in_progress");
}
