//! The JSON that scripts read: every field by name and in order. Fields are only ever added.

use serde_json::Value;

use crate::support::Sandbox;

const ITEM: [&str; 26] = [
    "id",
    "key",
    "client_id",
    "lead_id",
    "priority",
    "status",
    "held",
    "scheduled_at",
    "next_call_at",
    "blocked_by",
    "expires_at",
    "retry_count",
    "max_retries",
    "attempts",
    "phone",
    "timezones",
    "region",
    "zones",
    "regions",
    "evidence",
    "metadata",
    "last_reason",
    "created_at",
    "created_by",
    "updated_at",
    "callback",
];

const ATTEMPT: [&str; 15] = [
    "id",
    "number",
    "started_at",
    "finished_at",
    "outcome",
    "reason",
    "reached",
    "purpose",
    "voice",
    "consent",
    "call_id",
    "duration_ms",
    "detail",
    "run_id",
    "metadata",
];

const COUNTS: [&str; 7] = ["processed", "successful", "failed", "retried", "accepted", "held", "returned"];

/// The fields of an object as they stand in the text: a parser may sort them.
#[track_caller]
fn fields(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut characters = text.char_indices();
    let mut last_text = None;
    while let Some((start, character)) = characters.next() {
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ':' if depth == 1 => names.extend(last_text.take()),
            '"' => {
                let mut end = start;
                while let Some((index, inside)) = characters.next() {
                    match inside {
                        '\\' => drop(characters.next()),
                        '"' => {
                            end = index;
                            break;
                        }
                        _ => {}
                    }
                }
                last_text = Some(text[start + 1..end].to_owned());
            }
            _ => {}
        }
    }
    names
}

/// Asserts the fields of a JSON object in a text.
#[track_caller]
fn assert_fields(text: &str, expected: &[&str]) {
    assert_eq!(fields(text), expected, "{text}");
}

/// RFC 3339 in UTC with milliseconds and `Z`.
#[track_caller]
fn assert_instant(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no instant"));
    assert_eq!((text.len(), &text[10..11], &text[19..20], &text[23..]), (24, "T", ".", "Z"), "{text}");
    chrono::DateTime::parse_from_rfc3339(text).unwrap();
}

#[test]
fn fields_are_read_from_a_text() {
    assert_eq!(fields(r#"{"a": 1, "b": {"c": [2]}, "d\"": ":", "e": [{"f": 1}]}"#), ["a", "b", r#"d\""#, "e"]);
}

#[test]
fn an_item() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a").expect_code(0);
    let run = sandbox.run("list --format jsonl").expect_code(0);
    assert_fields(&run.stdout, &ITEM);
    let item = run.json();
    for absent in ["key", "expires_at", "phone", "metadata", "last_reason"] {
        assert!(item[absent].is_null(), "{absent}");
    }
    for instant in ["scheduled_at", "next_call_at", "created_at", "updated_at"] {
        assert_instant(&item[instant]);
    }
    assert_eq!((&item["id"], &item["held"], &item["timezones"]), (&1.into(), &false.into(), &Value::Array(Vec::new())));
    let list = sandbox.run("list --json").expect_code(0).json();
    assert_eq!(list, Value::Array(vec![item]), "one document, without an envelope");
}

#[test]
fn an_item_with_every_field() {
    let sandbox = Sandbox::new();
    let line = "add --format jsonl -c acme a --key k --expires 2026-12-01 --phone +12125550101 \
                --timezone America/Chicago --meta a=1 -p high --max-retries 5";
    let run = sandbox.run(line).expect_code(0);
    assert_fields(&run.stdout, &[&ITEM[..], &["existing", "recalled"]].concat());
    let item = run.json();
    assert_instant(&item["expires_at"]);
    assert_eq!(
        (&item["key"], &item["phone"], &item["timezones"][0]),
        (&"k".into(), &"+12125550101".into(), &"America/Chicago".into())
    );
    assert_eq!((&item["priority"], &item["max_retries"]), (&"high".into(), &5.into()));
    assert_eq!(item["metadata"], serde_json::json!({"a": "1"}));
}

#[test]
fn an_item_whole_with_its_attempts_and_changes() {
    let sandbox = Sandbox::dialling();
    sandbox.script("place-call", "echo dialled >&2; exit 11");
    sandbox.call(&["busy-1"]);
    sandbox.run("cancel 1 --reason enough").expect_code(0);
    let run = sandbox.run("show 1 --format jsonl").expect_code(0);
    assert_fields(&run.stdout, &[&ITEM[..], &["history", "changes"]].concat());
    let item = run.json();
    let attempt = &item["history"][0];
    let history = run.stdout.split_once("\"history\":[").unwrap().1;
    assert_fields(history.split_inclusive('}').next().unwrap(), &ATTEMPT);
    assert_instant(&attempt["started_at"]);
    assert_instant(&attempt["finished_at"]);
    assert_eq!((attempt["id"].as_str().unwrap().len(), &attempt["id"].as_str().unwrap()[14..15]), (36, "7"));
    assert_eq!(
        (&attempt["number"], &attempt["outcome"], &attempt["reason"]),
        (&1.into(), &"retry".into(), &"busy".into())
    );
    assert!(attempt["call_id"].is_null() && attempt["duration_ms"].is_u64());
    assert!(attempt["detail"].as_str().unwrap().contains("dialled"));
    let changes = run.stdout.split_once("\"changes\":[").unwrap().1;
    assert_fields(changes, &["at", "by", "what", "from", "to", "reason"]);
    assert_instant(&item["changes"][0]["at"]);
    assert_eq!((&item["attempts"], &item["retry_count"]), (&1.into(), &0.into()));
}

#[test]
fn an_open_attempt() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["later-1"]);
    let item = sandbox.run("show 1 --json").expect_code(0).json();
    let attempt = &item["history"][0];
    assert_eq!((&item["status"], &attempt["outcome"]), (&"in_progress".into(), &"accepted".into()));
    assert_eq!(attempt["call_id"], "call-later-1");
    assert!(attempt["finished_at"].is_null() && item["next_call_at"].is_null());
}

#[test]
fn a_run() {
    let sandbox = Sandbox::dialling();
    for lead in ["answered-1", "busy-1", "never-1", "lost-1", "later-1"] {
        sandbox.run(format!("add -c acme {lead}")).expect_code(0);
    }
    let run = sandbox.run("process --format jsonl").expect_code(0);
    let report =
        [&["run_id"], &COUNTS[..], &["stopped_by", "duration_ms", "next_call_at", "clients", "errors"]].concat();
    let found = fields(&run.stdout);
    assert_eq!(found[..report.len()], report, "{run}");
    let view = run.json();
    let counts: Vec<u64> = COUNTS.iter().map(|name| view[name].as_u64().unwrap()).collect();
    assert_eq!(counts, [5, 1, 1, 1, 1, 1, 0]);
    assert_eq!(view["stopped_by"], "drained");
    assert!(view["duration_ms"].is_u64());
    let clients = run.stdout.split_once("\"clients\":[").unwrap().1;
    assert_fields(
        clients.split_inclusive('}').next().unwrap(),
        &[&["client_id"], &COUNTS[..], &["blocked_by"]].concat(),
    );
    let errors = run.stdout.split_once("\"errors\":[").unwrap().1;
    assert_fields(errors.split_inclusive('}').next().unwrap(), &["id", "lead_id", "reason"]);
}

#[test]
fn a_batch() {
    let sandbox = Sandbox::new();
    let input = "lead_id,priority\na,\nb,soon\n";
    let words = "schedule-batch -c acme -f - --invalid skip --format jsonl";
    let run = sandbox.run_with_input(words, input).expect_code(0);
    let batch = [
        "scheduled",
        "skipped",
        "skipped_finished",
        "skipped_cancelled",
        "invalid",
        "first_id",
        "last_id",
        "groups",
        "first_call_at",
        "last_call_at",
        "errors",
        "input",
        "columns",
        "duplicates",
        "more_duplicates",
        "said_no",
        "added_to_dnc",
        "not_waiting",
        "without_phone",
        "phone_leads",
        "shared_numbers",
    ];
    assert_fields(&run.stdout, &batch);
    assert_fields(run.stdout.split_once("\"errors\":[").unwrap().1, &["line", "lead_id", "field", "message"]);
    assert_instant(&run.json()["first_call_at"]);
    let none = sandbox.run_with_input("schedule-batch -c acme -f - --json", "").expect_code(0).json();
    for absent in ["first_id", "last_id", "first_call_at", "last_call_at"] {
        assert!(none[absent].is_null(), "{absent}");
    }
}

#[test]
fn a_pause() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a").expect_code(0);
    let pause = ["client_id", "paused_at", "until", "by", "reason", "lifted_at", "meta"];
    let run = sandbox.run("pause --format jsonl").expect_code(0);
    assert_fields(&run.stdout, &pause);
    assert_instant(&run.json()["paused_at"]);
    for absent in ["client_id", "until", "reason", "lifted_at"] {
        assert!(run.json()[absent].is_null(), "{absent}");
    }
    let lifted = sandbox.run("resume --format jsonl").expect_code(0);
    assert_fields(&lifted.stdout, &pause);
    assert_instant(&lifted.json()["lifted_at"]);
}

#[test]
fn an_error() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a").expect_code(0);
    for (line, code, kind) in [
        ("show 9 --json", 3, "not_found"),
        ("--format jsonl show 9", 3, "not_found"),
        ("--format=json list --sort x", 2, "usage"),
        ("add -c acme a --json", 4, "refused"),
        ("--json --config missing.toml list", 5, "config"),
    ] {
        let run = sandbox.run(line).expect_code(code);
        assert_eq!(run.stdout, "", "{line}");
        let error: Value = serde_json::from_str(&run.stderr).unwrap_or_else(|error| panic!("{line}: {error}: {run}"));
        assert_fields(&run.stderr, &["error"]);
        assert_fields(run.stderr.strip_prefix("{\"error\":").unwrap(), &["kind", "message", "hint"]);
        assert_eq!(error["error"]["kind"], kind, "{line}");
    }
}

#[test]
fn an_error_of_the_work() {
    let run = Sandbox::new().run("list --json").expect_code(1);
    let error: Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(error["error"]["kind"], "failed");
    assert!(error["error"]["hint"].is_string());
}

#[test]
fn writing_commands_return_what_they_wrote() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a").expect_code(0);
    sandbox.run("add -c acme b").expect_code(0);
    for line in ["update 1 2 -p low", "cancel 1-2", "retry 1 2"] {
        let run = sandbox.run(format!("{line} --format jsonl")).expect_code(0);
        assert_eq!(run.json_lines().len(), 2, "{line}");
        assert_fields(run.stdout.lines().next().unwrap(), &ITEM);
    }
}
