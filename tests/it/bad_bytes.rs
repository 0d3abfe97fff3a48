//! Texts that would play with their reader: refused where they come in, or harmless wherever they are shown.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use serde_json::Value;

use crate::support::{Run, Sandbox, Terminal};

/// Clears the screen, in seven bits and in eight; turns the order of letters round; ends a line; is nothing.
const BAD: &str = "\u{1b}[2J\u{9b}31m\u{202e}x\u{200f}\r\n\t\u{7f}\u{7}y";

/// Whether a terminal obeys a character, or changes the order of letters for it.
fn is_harmful(letter: char) -> bool {
    letter.is_control() && letter != '\n' || matches!(letter, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
}

#[track_caller]
fn assert_harmless(what: &str, text: &str) {
    let found: Vec<char> = text.chars().filter(|letter| is_harmful(*letter)).collect();
    assert!(found.is_empty(), "{what}: {found:?} in {text:?}");
}

/// Items with bad texts in every field that takes them, of a client whose name turns letters round.
fn spoilt() -> Sandbox {
    let mut sandbox = Sandbox::new();
    let script = sandbox.script(
        "bad-call",
        "printf '\\033[2J\\302\\233detail\\n' >&2\n\
         printf '{\"outcome\": \"%s\", \"reason\": \"\\\\u001b[2J\\\\u009b\\\\u202e why\", \"call_id\": \"c\\\\u202e\\\\u009b1\"}\\n' \
         \"$1\"",
    );
    sandbox.unset("CALLQ_NOW");
    sandbox.set("USER", BAD);
    sandbox.open_with(&format!("kind = \"command\"\ncommand = [{script:?}, \"{{lead_id}}\"]"));
    let metadata = "{\"a\u{202e}\u{9b}\": \"\u{7f}\u{200f}\"}";
    let client = "ac\u{202e}me";
    for (lead, key) in [("retry", "k\u{202e}1"), ("completed", "=k"), ("unknown", "@k"), ("failed", "+k")] {
        sandbox.run(["add", "-c", client, lead, "--key", key, "--metadata", metadata]).expect_code(0);
    }
    sandbox.run("process").expect_code(0);
    for lead in ["=1+1", "@SUM(A1)", "+1+1", "le\u{202e}ad", "東京", "e\u{301}"] {
        sandbox.run(["add", "-c", client, lead, "--at", "+1h", "--meta", &format!("note={BAD}")]).expect_code(0);
    }
    sandbox.run(["cancel", "5", "--reason", BAD]).expect_code(0);
    sandbox.run(["pause", "-c", client, "--reason", BAD]).expect_code(0);
    sandbox
}

/// Every command that shows something, in words.
const SHOWING: [&[&str]; 22] = [
    &["list", "--limit", "0"],
    &["list", "--columns", "id,key,client,lead,metadata,reason,by"],
    &["show", "--all"],
    &["show", "1"],
    &["why", "8"],
    &["why", "1"],
    &["status"],
    &["why"],
    &["stats"],
    &["stats", "--by", "client"],
    &["stats", "--by", "reason"],
    &["hours", "-c", "ac\u{202e}me"],
    &["hours", "-c", "no\u{202e}body"],
    &["process"],
    &["process", "--dry-run"],
    &["doctor"],
    &["update", "8", "--meta", "a=\u{1b}b"],
    &["cancel", "2", "--reason", "\u{1b}"],
    &["report", "call\u{202e}", "--outcome", "failed"],
    &["report", "1", "--outcome", "failed", "--reason", BAD, "--call-id", BAD],
    &["list", "--lead", "no\u{202e}body", "--reason", BAD],
    &["pause", "-c", "ac\u{202e}me", "--reason", BAD],
];

#[test]
fn nothing_that_is_stored_plays_with_a_terminal() {
    let sandbox = spoilt();
    for words in SHOWING {
        let table = sandbox.run(words);
        assert_harmless(&format!("{words:?}"), &table.stdout);
        assert_harmless(&format!("{words:?}, talk"), &table.stderr);
        for (columns, rows) in [(1, 1), (40, 10), (80, 24), (10_000, 9)] {
            let shown = Terminal { now: "2027-11-23T15:00:00Z", ..Terminal::of(columns, rows) }.run(&sandbox, words);
            assert_harmless(&format!("{words:?} on {columns}"), &shown.out);
        }
        for format in ["json", "jsonl"] {
            let run = sandbox.run(words.iter().copied().chain(["--format", format]).collect::<Vec<_>>());
            assert_harmless(&format!("{words:?} {format}"), &run.stdout);
            assert_harmless(&format!("{words:?} {format}, talk"), &run.stderr);
        }
        let csv = sandbox.run(words.iter().copied().chain(["--format", "csv"]).collect::<Vec<_>>()).stdout;
        assert_harmless(&format!("{words:?} csv"), &csv.replace(['\r', '\t'], ""));
        let mut cells = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(csv.as_bytes());
        for cell in cells.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()) {
            assert!(!cell.starts_with(['=', '@', '\t', '\r', '\n']), "{words:?}: {cell:?}");
        }
    }
}

#[test]
fn json_gives_back_what_came_in() {
    let sandbox = spoilt();
    let item = sandbox.run("show 5 --json").expect_code(0).json();
    assert_eq!(item["changes"][0]["reason"], BAD);
    assert_eq!(item["metadata"]["note"], BAD);
    let called = sandbox.run("show 1 --json").expect_code(0).json();
    assert_eq!((&called["client_id"], &called["key"]), (&"ac\u{202e}me".into(), &"k\u{202e}1".into()));
    assert_eq!(called["metadata"], serde_json::json!({"a\u{202e}\u{9b}": "\u{7f}\u{200f}"}));
    let attempt = &called["history"][0];
    let told = |name: &str| attempt[name].as_str().unwrap().to_owned();
    assert_eq!((told("reason").as_str(), told("call_id").as_str()), ("[2J\u{202e} why", "c\u{202e}1"), "no controls");
    assert!(told("detail").contains("detail"), "{attempt}");
}

/// The run of a line of arguments that no shell could have written down.
fn raw(sandbox: &Sandbox, words: &[&[u8]]) -> Run {
    sandbox.run(words.iter().map(|word| OsStr::from_bytes(word)).collect::<Vec<_>>())
}

#[test]
fn arguments_that_are_no_text_or_too_long_are_refused_in_one_line() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme lead").expect_code(0);
    let (long, wide) = ("x".repeat(300), "é".repeat(300));
    let cases: [&[&[u8]]; 12] = [
        &[b"add", b"-c", b"acme", b"\xff\xfe"],
        &[b"add", b"-c", b"\xc3\x28", b"lead-2"],
        &[b"add", b"-c", b"acme", long.as_bytes()],
        &[b"add", b"-c", b"acme", wide.as_bytes()],
        &[b"add", b"-c", b"acme", b"a\x1b[2Jb"],
        &[b"add", b"-c", b"a\x07", b"lead-2"],
        &[b"add", b"-c", b"acme", b"lead-2", b"--key", b"\xc2\x9b"],
        &[b"add", b"-c", b"acme", b"lead-2", b"--phone", b"+1\x1b[2J"],
        &[b"add", b"-c", b"acme", b"lead-2", b"--timezone", b"A\x1b[2J"],
        &[b"add", b"-c", b"acme", b"lead-2", b"--metadata", b"{\"a\": \"\x1b\"}"],
        &[b"cancel", b"1", b"--reason", b"\xff"],
        &[b"schedule-batch", b"-c", b"acme", b"a\nb", b"\x1b"],
    ];
    for words in cases {
        let run = raw(&sandbox, words);
        assert_eq!(run.code, 2, "{run}");
        assert_harmless("the refusal", &run.stderr);
        assert_eq!(run.stderr.matches("error:").count(), 1, "{run}");
        assert!(run.stderr.len() < 1_000, "{run}");
    }
    assert_eq!(sandbox.run("list --json").json().as_array().unwrap().len(), 1);
}

/// A batch of two good leads around each bad record, in every format: name, beginning, end, and the records.
fn batches(bad: &[u8]) -> [(&'static str, Vec<u8>); 4] {
    let join = |parts: &[&[u8]]| parts.concat();
    let object = |lead: &[u8]| join(&[b"{\"lead_id\": \"", lead, b"\"}"]);
    [
        ("lines", join(&[b"good-1\n", bad, b"\ngood-2\n"])),
        ("csv", join(&[b"lead_id,city\ngood-1,Rome\n", bad, b",Rome\ngood-2,Rome\n"])),
        ("jsonl", join(&[&object(b"good-1"), b"\n", &object(bad), b"\n", &object(b"good-2"), b"\n"])),
        ("json", join(&[b"[", &object(b"good-1"), b",\n", &object(bad), b",\n", &object(b"good-2"), b"]"])),
    ]
}

#[test]
fn a_bad_record_of_a_batch_is_refused_by_its_line_in_every_format() {
    let long = [b"x".repeat(300), b"y".repeat(10 * 1024 * 1024)];
    let bad: [&[u8]; 7] = [b"a\x1b[2Jb", b"a\0b", b"\xff\xfe\xfd", b"\xc2\x9bx", b" ", &long[0], &long[1]];
    for record in bad {
        for (format, text) in batches(record) {
            let sandbox = Sandbox::new();
            let what = format!("{format}, {:?}", String::from_utf8_lossy(&record[..record.len().min(20)]));
            let batch = ["schedule-batch", "-c", "acme", "-f", "-", "--json", "--input", format];
            let run = sandbox.run_with_input(batch, &text).expect_code(if record == b" " && format == "lines" {
                0
            } else {
                4
            });
            if run.code == 0 {
                continue;
            }
            assert_harmless(&what, &run.stdout);
            assert_harmless(&what, &run.stderr);
            assert!(run.stderr.len() < 1_000 && run.stdout.len() < 2_000, "{what}: {run}");
            let errors = run.json()["errors"].clone();
            assert_eq!(errors.as_array().unwrap().len(), 1, "{what}: {errors}");
            assert_eq!(errors[0]["line"], if format == "csv" { 3 } else { 2 }, "{what}: {errors}");
            // A long input is not read twice to find out whether it makes a database.
            assert!(!sandbox.database().exists() || record.len() > 1_000, "{what}");
        }
    }
}

#[test]
fn texts_of_a_batch_that_are_allowed_are_harmless_when_they_are_shown() {
    // A joiner between two letters that are not ASCII is allowed, and is as unseen as a mark that turns letters round.
    for (format, text) in batches("=lé\u{200d}éad".as_bytes()) {
        let sandbox = Sandbox::new();
        let batch = ["schedule-batch", "-c", "acme", "-f", "-", "--input", format];
        sandbox.run_with_input(batch, &text).expect_code(0);
        for shown in ["table", "json", "csv"] {
            let run = sandbox.run(["list", "--format", shown]).expect_code(0);
            assert_harmless(&format!("{format} as {shown}"), &run.stdout.replace('\r', ""));
        }
        let leads = sandbox.run("list --json --sort id").json();
        assert_eq!(leads[1]["lead_id"], "=lé\u{200d}éad", "{format}");
        assert!(sandbox.run("list --format csv").stdout.contains(",'=lé\u{200d}éad,"), "{format}");
    }
}

#[test]
fn results_that_are_reported_with_bad_texts_are_refused_or_harmless() {
    let sandbox = spoilt();
    let report = |line: &[u8]| sandbox.run_with_input("report --input jsonl --json", line);
    for line in [
        &b"{\"id\": 3, \"outcome\": \"\x1b\"}\n"[..],
        b"{\"id\": 3, \"outcome\": \"failed\", \"reason\": \"\xff\"}\n",
        b"{\"id\": 3, \"outcome\": \"fai\xe2\x80\xaeled\"}\n",
        &[b"{\"id\": 3, \"outcome\": \"failed\", \"reason\": \"".as_slice(), &b"z".repeat(10 * 1024 * 1024), b"\"}\n"]
            .concat(),
    ] {
        let run = report(line).expect_code(2);
        assert_harmless("the refusal", &run.stderr);
        assert!(run.stderr.len() < 1_000, "{run}");
    }
    let line = serde_json::json!({"id": 3, "outcome": "completed", "reason": BAD, "detail": BAD}).to_string();
    let run = report(line.as_bytes()).expect_code(0);
    assert_harmless("the item", &run.stdout);
    let item: Value = sandbox.run("show 3 --json").json();
    assert_eq!(item["status"], "completed");
    assert_harmless("the item whole", &sandbox.run("show 3").stdout);
}

#[test]
fn a_refusal_is_not_as_long_as_what_it_refuses() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme lead").expect_code(0);
    let long = "z".repeat(500_000);
    for field in ["phone", "timezone", "priority", "at", "expires", "key", "metadata", "lead_id", &long] {
        let mut record = serde_json::json!({"lead_id": "a"});
        record[field] = long.clone().into();
        let batch = ["schedule-batch", "-c", "acme", "-f", "-", "--input", "jsonl", "--json"];
        let run = sandbox.run_with_input(batch, record.to_string()).expect_code(4);
        assert!(run.stdout.len() + run.stderr.len() < 5_000, "{field:.20}");
    }
    for field in ["outcome", "retry_at", "attempt_id", "call_id", &long] {
        let mut record = serde_json::json!({"id": 1, "outcome": "failed"});
        record[field] = long.clone().into();
        let run = sandbox.run_with_input("report --input jsonl", record.to_string());
        assert!(run.code != 0 && run.stderr.len() < 5_000, "{field:.20}");
    }
    let run = sandbox.run_with_input("cancel -", &long).expect_code(3);
    assert!(run.stderr.len() < 5_000 && run.stderr.contains("no lead or phone number `zzz"), "{:.2000}", run.stderr);
    assert!(sandbox.run(["cancel", &long[..100_000]]).expect_code(3).stderr.len() < 5_000);
    let run = sandbox.run_with_input("cancel -", b"1\n\xff\xfe\n").expect_code(2);
    assert_eq!(run.stderr, "error: standard input, line 2: it is not text\n");
    assert_eq!(sandbox.status(1), "pending");
    let argument = &long[..100_000];
    for words in [["list", "--from", argument], ["list", "--columns", argument], ["show", "--to", argument]] {
        assert!(sandbox.run(words).expect_code(2).stderr.len() < 5_000, "{}", words[1]);
    }
    let run = sandbox.run(["report", argument, "--outcome", "failed"]).expect_code(3);
    assert!(run.stderr.len() < 5_000);
}
