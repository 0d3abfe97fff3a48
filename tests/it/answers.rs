//! What a program answers, by the built program: words of the telephone, times, what cannot be read, and who asks not to be
//! called again.

use std::fs;
use std::path::Path;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Sandbox, eventually};

/// A sandbox on the machine's clock whose program `place-call` answers with what stands in the file `answer-LEAD`, and exits
/// with the status in `exit-LEAD`, by its last line or in its result file.
fn answering(in_file: bool) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let to = if in_file { "> \"$CALLQ_RESULT_FILE\"" } else { "" };
    let script = sandbox.script("place-call", &format!("cat \"answer-$1\" {to}; exit $(cat \"exit-$1\")"));
    sandbox.unset("CALLQ_NOW");
    sandbox.configure(&configuration(&script, ""));
    sandbox
}

/// Several calls at once, and none of them again within the test.
fn configuration(script: &Path, more: &str) -> String {
    let dispatch = format!("kind = \"command\"\ncommand = [{script:?}, \"{{lead_id}}\"]\n{more}");
    let open = Sandbox::always_open(&dispatch).replace("max_concurrent = 1", "max_concurrent = 9");
    open.replace("retry_delays = [60]", "retry_delays = [86400]")
}

/// Queues a lead that gets an answer.
fn add(sandbox: &Sandbox, lead: &str, answer: &str, exit: i32, more: &[&str]) {
    let client: &[&str] = if more.contains(&"--client") { &[] } else { &["-c", "acme"] };
    sandbox.write(&format!("answer-{lead}"), answer);
    sandbox.write(&format!("exit-{lead}"), exit.to_string());
    sandbox.run([&["add", lead], client, more].concat()).expect_code(0);
}

fn process(sandbox: &Sandbox) -> Value {
    sandbox.run("process --json").expect_code(0).json()
}

fn show(sandbox: &Sandbox, id: u64) -> Value {
    sandbox.run(["show", &id.to_string(), "--json"]).expect_code(0).json()
}

#[test]
fn an_answer_that_cannot_be_read_is_held_and_named_and_never_a_success() {
    const NO_OUTCOME: &str = "place-call printed JSON without an outcome: print {\"outcome\": …}, or nothing";
    for in_file in [false, true] {
        let sandbox = answering(in_file);
        for (id, (answer, exit, status, reason)) in (1..).zip([
            (r#"{"outcome": "maybe"}"#, 0, "failed, held", r#"place-call answered outcome "maybe""#),
            (r#"{"outcome": "maybe"}"#, 10, "failed, held", r#"place-call answered outcome "maybe""#),
            (r#"{"outcome": 5}"#, 0, "failed, held", "place-call answered outcome 5"),
            (r#"{"result": "no_answer"}"#, 0, "failed, held", NO_OUTCOME),
            (r#"{"result": "no_answer"}"#, 11, "retry_scheduled", "busy"),
            ("{\"outcome\": \"no_ans\n", 0, "failed, held", "place-call gave an answer that cannot be read"),
            (r#"{"outcome": "no_answer"}"#, 0, "retry_scheduled", "no_answer"),
            (r#"{"outcome": "BUSY"}"#, 0, "retry_scheduled", "busy"),
            (r#"{"outcome": "Voicemail"}"#, 20, "retry_scheduled", "voicemail"),
            (r#"{"outcome": "declined"}"#, 0, "retry_scheduled", "declined"),
            (r#"{"outcome": "invalid_number"}"#, 0, "failed", "invalid_number"),
            (r#"{"outcome": "callback"}"#, 0, "failed, held", "callback"),
            (r#"{"outcome": "callback", "at": "in 2h"}"#, 0, "retry_scheduled", "callback"),
            (r#"{"outcome": "Completed", "reason": "answered"}"#, 0, "completed", "answered"),
            ("done", 0, "completed", ""),
            ("[1]", 0, "completed", ""),
        ]) {
            add(&sandbox, &format!("lead-{id}"), answer, exit, &[]);
            let report = process(&sandbox);
            assert_eq!(sandbox.status(id), status, "{answer}, exit {exit}");
            let attempt = &show(&sandbox, id)["history"][0];
            assert_eq!(attempt["reason"].as_str().unwrap_or_default(), reason, "{answer}, exit {exit}");
            let named = report["errors"].as_array().unwrap().iter().any(|error| error["reason"] == reason);
            assert_eq!(named, status == "failed, held", "{report}");
        }
        let promised = show(&sandbox, 13);
        let of_call = &promised["history"][0];
        assert_eq!((&of_call["outcome"], &of_call["reached"]), (&json!("retry"), &json!("person")));
        assert_eq!(promised["callback"]["missed"], false);
    }
}

#[test]
fn what_cannot_be_read_is_held_even_where_unknown_calls_are_repeated() {
    let mut sandbox = answering(false);
    let script = sandbox.path("place-call");
    sandbox.configure(&configuration(&script, "on_unknown = \"retry\""));
    add(&sandbox, "a", r#"{"outcome": "callback", "at": "half past three"}"#, 0, &[]);
    add(&sandbox, "b", r#"{"outcome": "retry", "retry_at": "soon"}"#, 0, &[]);
    add(&sandbox, "c", "", 1, &[]);
    process(&sandbox);
    let statuses = [1, 2, 3].map(|id| sandbox.status(id));
    assert_eq!(statuses, ["failed, held", "failed, held", "retry_scheduled"]);
}

#[test]
fn the_time_of_the_next_call_is_read_as_for_at() {
    let sandbox = answering(false);
    // Two zones without daylight saving, 14 hours apart; the client's clock shows UTC.
    let zones = ["--timezone", "Pacific/Kiritimati", "--timezone", "Africa/Abidjan"];
    for (id, (time, more, expected)) in (1..).zip([
        (r#""2031-03-05T10:00:00+01:00""#, &[][..], Some("2031-03-05T09:00:00.000Z")),
        (r#""2031-03-05 10:00""#, &zones, Some("2031-03-05T10:00:00.000Z")),
        (r#"{"at": "2031-03-05 10:00"}"#, &zones, Some("2031-03-05T10:00:00.000Z")),
        (r#"{"at": "2031-03-05 10:00", "clock": "lead"}"#, &[], Some("2031-03-05T10:00:00.000Z")),
        (r#"{"at": "2031-03-05 10:00", "clock": "lead"}"#, &zones[..], Some("2031-03-05T10:00:00.000Z")),
        (r#""soon""#, &[], None),
        (r#"{"at": "2031-03-05 10:00", "clock": "moon"}"#, &[], None),
        ("1930557600", &[], None),
    ]) {
        add(&sandbox, &format!("lead-{id}"), &format!(r#"{{"outcome": "no_answer", "retry_at": {time}}}"#), 0, more);
        let report = process(&sandbox);
        let item = show(&sandbox, id);
        match expected {
            Some(expected) => {
                assert_eq!((&item["scheduled_at"], &item["held"]), (&json!(expected), &json!(false)), "{time}")
            }
            None => {
                assert_eq!(sandbox.status(id), "failed, held", "{time}");
                let named = report["errors"][0]["reason"].as_str().unwrap();
                assert!(named.starts_with("place-call answered a time that cannot be read: "), "{named}");
            }
        }
    }
    // Beside a final outcome too: the person may have been promised something. A call whose result is to come goes on.
    for (id, (outcome, status)) in (9..).zip([
        ("completed", "failed, held"),
        ("failed", "failed, held"),
        ("do_not_call", "failed, held"),
        ("accepted", "in_progress"),
    ]) {
        let answer = format!(r#"{{"outcome": "{outcome}", "retry_at": "soon"}}"#);
        add(&sandbox, outcome, &answer, 0, &["--phone", &format!("+121255501{id:02}")]);
        process(&sandbox);
        assert_eq!(sandbox.status(id), status, "{outcome}");
    }
    // The word of the person holds all the same.
    sandbox.run("dnc check +12125550111").expect_code(4);
    add(&sandbox, "timed", r#"{"outcome": "completed", "retry_at": "2031-03-05T10:00:00Z"}"#, 0, &[]);
    process(&sandbox);
    assert_eq!(sandbox.status(13), "completed");
}

#[test]
fn who_asks_a_program_or_a_reporter_not_to_be_called_again_is_not() {
    let phone = |n: u32| format!("+121255501{n:02}");
    let sandbox = answering(false);
    let asked = [
        (r#"{"outcome": "do_not_call"}"#, "completed"),
        (r#"{"outcome": "completed", "reason": "user_requested_dnc"}"#, "completed"),
        (r#"{"outcome": "failed", "reason": "do_not_call"}"#, "failed"),
        (r#"{"outcome": "completed", "do_not_call": true}"#, "completed"),
        (r#"{"outcome": "completed", "do_not_call": false}"#, "completed"),
    ];
    for (n, (answer, _)) in (1..).zip(asked) {
        add(&sandbox, &format!("lead-{n}"), answer, 0, &["--phone", &phone(n)]);
    }
    process(&sandbox);
    // The sixth and seventh are reported: one by flags, one by a line, of a call that was handed over.
    for n in [6, 7] {
        add(&sandbox, &format!("lead-{n}"), r#"{"outcome": "accepted"}"#, 0, &["--phone", &phone(n)]);
        process(&sandbox);
        let run = match n {
            6 => sandbox.run("report 6 --outcome completed --reason user_requested_dnc"),
            _ => sandbox
                .run_with_input("report --input jsonl", r#"{"id": 7, "outcome": "Do_Not_Call", "reached": "person"}"#),
        };
        run.expect_code(0);
    }
    // The eighth says it after its result is known.
    add(&sandbox, "lead-8", r#"{"outcome": "completed"}"#, 0, &["--phone", &phone(8)]);
    process(&sandbox);
    sandbox
        .run_with_input("report --input jsonl", r#"{"id": 8, "outcome": "completed", "do_not_call": true}"#)
        .expect_code(0);
    for (id, status) in (1..).zip(asked.map(|(_, status)| status)) {
        assert_eq!(sandbox.status(id), status, "item {id}");
    }
    for n in 1..=8 {
        let lead = format!("again-{n}");
        add(&sandbox, &lead, r#"{"outcome": "completed"}"#, 0, &["--client", "globex", "--phone", &phone(n)]);
    }
    process(&sandbox);
    for n in 1..=8_u32 {
        let item = show(&sandbox, u64::from(n) + 8);
        let expected = if n == 5 { json!(["completed", null]) } else { json!(["failed", "do_not_call"]) };
        assert_eq!(json!([item["status"], item["last_reason"]]), expected, "number {n}");
    }
}

#[test]
fn what_an_orphan_left_is_read_by_the_same_rules() {
    for (answer, status, reason) in [
        (r#"{"outcome": "maybe"}"#, "failed, held", r#"place-call answered outcome "maybe""#),
        ("{}", "failed, held", "place-call printed JSON without an outcome: print {\"outcome\": …}, or nothing"),
        (r#"{"outcome": "NO_ANSWER", "at": "2031-03-05 10:00"}"#, "retry_scheduled", "no_answer"),
        (
            r#"{"outcome": "retry", "at": "soon"}"#,
            "failed, held",
            "place-call answered a time that cannot be read: `soon`",
        ),
        (r#"{"outcome": "do_not_call"}"#, "completed", "do_not_call"),
    ] {
        let mut sandbox = Sandbox::new();
        let script = sandbox.script(
            "place-call",
            ": > began\nuntil [ -e go ]; do sleep 0.02; done\ncp answer \"$CALLQ_RESULT_FILE.new\"\n\
             mv \"$CALLQ_RESULT_FILE.new\" \"$CALLQ_RESULT_FILE\"\n: > ended",
        );
        sandbox.unset("CALLQ_NOW");
        sandbox.call_by(&script);
        sandbox.write("answer", answer);
        sandbox.run("add -c acme lead --phone +12125550117").expect_code(0);
        let run = sandbox.spawn("process");
        eventually("the call has begun", || sandbox.status(1) == "in_progress");
        eventually("the program runs", || {
            let leases = fs::read_dir(sandbox.path("queue.db.leases")).unwrap();
            let is_noted = leases.map(Result::unwrap).any(|entry| entry.metadata().unwrap().len() > 0);
            is_noted && sandbox.path("began").exists()
        });
        run.signal(Signal::KILL);
        run.finish();
        sandbox.write("go", "");
        eventually("the orphan has ended", || sandbox.path("ended").exists());
        let mut report = Value::Null;
        eventually("the orphan is settled", || {
            report = process(&sandbox);
            report["recovered"] == 1
        });
        assert_eq!(sandbox.status(1), status, "{answer}");
        assert_eq!(show(&sandbox, 1)["history"][0]["reason"], reason, "{answer}");
        let is_named = report["errors"].to_string().contains("place-call");
        assert_eq!(is_named, status == "failed, held", "{report}");
    }
}

#[test]
fn a_report_reads_times_and_words_too_or_says_why_not() {
    let sandbox = answering(false);
    for n in 1..=3 {
        add(&sandbox, &format!("lead-{n}"), r#"{"outcome": "accepted"}"#, 0, &[]);
        process(&sandbox);
    }
    let report = |line: &str| sandbox.run_with_input("report --input jsonl", line);
    let run = report(r#"{"id": 1, "outcome": "retry", "retry_at": "soon"}"#).expect_code(2);
    assert!(run.stderr.contains("standard input, line 1: retry_at: `soon` is not a time"), "{run}");
    assert_eq!(sandbox.status(1), "in_progress");
    report(r#"{"id": 1, "outcome": "busy", "at": {"at": "2031-03-05 10:00", "clock": "lead"}}"#).expect_code(0);
    let item = show(&sandbox, 1);
    assert_eq!((&item["last_reason"], &item["scheduled_at"]), (&json!("busy"), &json!("2031-03-05T10:00:00.000Z")));
    sandbox.run("report 2 --outcome Invalid_Number").expect_code(0);
    sandbox.run("report 3 --outcome callback").expect_code(0);
    assert_eq!((sandbox.status(2), sandbox.status(3)), ("failed".into(), "failed, held".into()));
    assert_eq!(show(&sandbox, 2)["last_reason"], "invalid_number");
}
