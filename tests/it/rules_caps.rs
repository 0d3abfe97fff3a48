//! `callq rules caps`: questions in, answers out, a line each.

use std::fs;
use std::io::Write as _;

use serde_json::{Value, json};

use crate::oracle::large_set_named;
use crate::support::Sandbox;

fn answers(input: &str) -> Vec<Value> {
    let sandbox = Sandbox::new();
    let run = sandbox.run_with_input("rules caps --input jsonl", input).expect_code(0);
    assert!(!sandbox.database().exists(), "it needs no database");
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Numbers are compared as such: 5 and 5.0 are equal.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64().unwrap()),
        Value::Array(values) => values.iter().map(plain).collect(),
        other => other.clone(),
    }
}

#[test]
fn every_question_of_the_independent_program_is_answered_as_it_does() {
    let sample = include_str!("../fixtures/law/caps.jsonl").to_owned();
    let large = large_set_named("caps.jsonl").map(|file| fs::read_to_string(file).unwrap());
    if large.is_none() {
        writeln!(std::io::stdout(), "no shared/oracle/caps.jsonl: only the own sample is compared").unwrap();
    }
    for set in [Some(sample), large].into_iter().flatten() {
        let cases: Vec<Value> = set.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let found = answers(&set);
        assert_eq!(found.len(), cases.len());
        for (case, answer) in cases.iter().zip(&found) {
            assert_eq!(answer["id"], case["id"]);
            for (field, expected) in case["expect"].as_object().unwrap() {
                assert_eq!(plain(&answer[field]), plain(expected), "{field} of {case}");
            }
        }
    }
}

#[test]
fn an_answer_has_the_id_as_it_came_and_its_fields_in_their_order() {
    let dial = r#"{"kind": "dial", "id": {"b": 1.0, "a": [null, 12345678901234567890123]}, "now": "2026-11-24T10:00:00Z",
        "number": "+13055550100", "client": "acme", "voice": "ai", "more": 1,
        "attempts": [{"at": "2026-11-24T09:00:00+01:00", "number": "+13055550100", "client": "beta"}],
        "caps": [{"id": "x", "max": "rest", "hours": 24, "counts": "line", "scope": "number", "applies_to": "any"}]}"#;
    let ladder = r#"{"kind": "ladder", "delays": [5], "multiplier": 2, "max_delay": 60, "max_retries": 1, "caps": []}"#;
    let sandbox = Sandbox::new();
    let input = format!("{}\n\n{ladder}", dial.replace('\n', " "));
    let run = sandbox.run_with_input("rules caps --input jsonl", input).expect_code(0);
    let expected = concat!(
        r#"{"id":{"b": 1.0, "a": [null, 12345678901234567890123]},"allowed":false,"until":"2026-11-25T08:00:00.000Z","by":["x"]}"#,
        "\n",
        r#"{"id":null,"plain":[0.0,5.0],"breaks":[],"capped":[0.0,5.0]}"#,
        "\n"
    );
    assert_eq!(run.stdout, expected);
}

#[test]
fn a_line_that_is_no_question_ends_it_and_the_answers_before_stand() {
    let good =
        r#"{"id": 1, "kind": "ladder", "delays": [], "multiplier": 1, "max_delay": 1, "max_retries": 0, "caps": []}"#;
    let cap = |more: &str| good.replace("[]}", &format!("[{{\"id\": \"x\", {more}}}]}}"));
    let whole = r#""hours": 24, "counts": "line", "scope": "number", "applies_to": "any""#;
    for (bad, said) in [
        ("nonsense".to_owned(), "line 2: it is not a question: "),
        ("[]".to_owned(), "line 2: it is not a question: "),
        (good.replace("ladder", "moon"), "line 2: unknown kind `moon`: expected dial or ladder"),
        (good.replace("ladder", "dial"), "line 2: it is not a question: missing field `now`"),
        (good.replace(r#""max_retries": 0"#, r#""max_retries": 1001"#), "line 2: max_retries is 1001: at most 1000"),
        (cap(&format!("\"max\": 0, {whole}")), "line 2: cap `x`: max is 0: expected a number from 1 on, or \"rest\""),
        (cap(&format!("\"max\": 1, {}", whole.replace("any", "moon"))), "line 2: cap `x`: `moon` names no calls"),
        (
            cap(&format!("\"max\": 1, {}", whole.replace("line", "moon"))),
            "line 2: it is not a question: unknown level `moon`",
        ),
    ] {
        let run = Sandbox::new().run_with_input("rules caps --input jsonl", format!("{good}\n{bad}\n{good}\n"));
        let run = run.expect_code(4);
        assert_eq!(run.stdout, "{\"id\":1,\"plain\":[0.0],\"breaks\":[],\"capped\":[0.0]}\n", "{bad}");
        assert!(run.stderr.contains(said), "{bad}: {}", run.stderr);
    }
}

#[test]
fn it_reads_no_configuration() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("nonsense");
    sandbox.run_with_input("rules caps --input jsonl", "").expect_code(0);
    sandbox.run("rules caps").expect_code(2);
    sandbox.run("rules caps --input csv").expect_code(2);
}
