//! What counts as a result, and what is kept of it.

use std::fs;

use proptest::prelude::*;

use super::*;

#[test]
fn a_result_needs_an_outcome_and_forgives_the_rest() {
    let cases = [
        (r#"{"outcome":"completed"}"#, CallResult::of(Outcome::Completed)),
        (r#" {"outcome":"retry","reason":null,"x":{"y":[1]},"call_id":null} "#, CallResult::of(Outcome::Retry)),
        (r#"{"outcome":"retry","reason":" no\nanswer\u001b "}"#, CallResult::of(Outcome::Retry).because("noanswer")),
        (r#"{"outcome":"retry","reason":"  "}"#, CallResult::of(Outcome::Retry)),
        (
            r#"{"outcome":"retry","reason":5,"retry_at":"tomorrow"}"#,
            CallResult {
                written_time: Some(WrittenTime { text: "tomorrow".into(), on_leads_clock: false }.into()),
                ..CallResult::of(Outcome::Retry).with_detail(
                    "field `reason` was left out: invalid type: integer `5`, expected a string at line 1 column 1",
                )
            },
        ),
        (
            r#"{"outcome":"accepted","call_id":"c","metadata":[]}"#,
            CallResult {
                call_id: Some("c".into()),
                ..CallResult::of(Outcome::Accepted).with_detail(
                    "field `metadata` was left out: metadata is not a JSON object: \
                     invalid type: sequence, expected a map at line 1 column 0",
                )
            },
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(result(text), expected, "{text}");
    }
}

#[test]
fn long_words_are_cut_and_large_metadata_is_left_out() {
    let text = format!(
        r#"{{"outcome":"retry","reason":"{0}","metadata":{{"a":"{1}"}}}}"#,
        "é".repeat(300),
        "x".repeat(70_000)
    );
    let result = result(&text);
    assert_eq!(result.reason, Some("é".repeat(256)));
    assert_eq!(result.metadata, None);
    let detail = result.detail.unwrap();
    assert!(detail.starts_with("field `metadata` was left out: metadata is 70008 bytes long"), "{detail}");
}

#[test]
fn anything_else_is_no_result() {
    for (text, looks_like_one) in
        [("", false), ("{", true), ("[]", false), ("5", false), ("null", false), ("\u{feff}{}", false)]
    {
        assert_eq!(parsed(text.as_bytes()).unwrap_err().looks_like_one, looks_like_one, "{text}");
    }
    for (text, sentence) in [
        (r#"{"outcome":"maybe"}"#, r#"place-call answered outcome "maybe""#),
        (r#"{"outcome":"done\u001b"}"#, r#"place-call answered outcome "done\u001b""#),
        (r#"{"outcome":["a", 1]}"#, r#"place-call answered outcome ["a", 1]"#),
        (r#"{"outcome":null}"#, NO_OUTCOME),
        (r#"{"reason":"x"}"#, NO_OUTCOME),
        (
            r#"{"outcome":"retry","outcome":"completed"}"#,
            "place-call gave an answer that cannot be read: duplicate field `outcome` at line 1 column 28",
        ),
    ] {
        let Ok(Said::Unclear(unclear)) = parsed(text.as_bytes()) else { panic!("{text}") };
        let result = unclear.result(&settings());
        assert_eq!((result.outcome, result.hold), (Outcome::Unknown, true));
        assert_eq!(result.reason.as_deref(), Some(sentence), "{text}");
    }
}

const NO_OUTCOME: &str = "place-call printed JSON without an outcome: print {\"outcome\": …}, or nothing";

/// Settings by which 3 stands for a lead that was reached.
fn settings() -> DispatchSettings {
    let command = vec!["/usr/bin/place-call".to_owned()];
    DispatchSettings { command, exit_status: [(3, Outcome::Completed)].into(), ..DispatchSettings::default() }
}

/// What an answer says that says something.
fn result(text: &str) -> CallResult {
    match parsed(text.as_bytes()) {
        Ok(Said::Result(result)) => result,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_that_cannot_be_read_is_never_a_success() {
    for (line, end, outcome, reason) in [
        (r#"{"outcome":"maybe"}"#, End::Exited(0), Outcome::Unknown, Some(r#"place-call answered outcome "maybe""#)),
        (r#"{"outcome":"maybe"}"#, End::Exited(11), Outcome::Unknown, Some(r#"place-call answered outcome "maybe""#)),
        (r#"{"outcome":"maybe"}"#, End::TimedOut, Outcome::Unknown, Some("timeout")),
        ("{}", End::Exited(0), Outcome::Unknown, Some(NO_OUTCOME)),
        ("{}", End::Exited(3), Outcome::Unknown, Some(NO_OUTCOME)),
        ("{}", End::Exited(11), Outcome::Retry, Some("busy")),
        (r#"{"outcome":"#, End::Exited(0), Outcome::Unknown, Some("place-call gave an answer that cannot be read")),
        (r#"{"outcome":"#, End::Exited(20), Outcome::Failed, Some("exit_20")),
        ("[1]", End::Exited(0), Outcome::Completed, None),
        ("done", End::Exited(0), Outcome::Completed, None),
        (r#"{"outcome":"NO_answer"}"#, End::Exited(0), Outcome::Retry, Some("no_answer")),
    ] {
        let bytes = line.as_bytes().to_vec();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result");
        fs::write(&path, line).unwrap();
        for file in [ResultFile::Missing, read_result_file(&path)] {
            let line = Line { bytes: bytes.clone(), too_long: false };
            let result = result_of_call(end, &settings(), file, &line, None);
            assert_eq!((result.outcome, result.reason.as_deref()), (outcome, reason), "{line:?} after {end:?}");
        }
    }
    let line = Line { bytes: b"{".repeat(9), too_long: true };
    let result = result_of_call(End::Exited(0), &settings(), ResultFile::Missing, &line, None);
    assert_eq!((result.outcome, result.hold), (Outcome::Unknown, true));
}

#[test]
fn what_a_program_said_counts_by_how_it_ended() {
    let exited = End::Exited(3);
    let cut = [End::Signalled(15), End::TimedOut, End::Lost];
    for outcome in Outcome::ALL {
        assert!(counts(outcome, exited), "{outcome}");
        let stays = !matches!(outcome, Outcome::Retry | Outcome::Returned | Outcome::Unavailable);
        for end in cut {
            assert_eq!(counts(outcome, end), stays, "{outcome} after {end:?}");
        }
    }
}

#[test]
fn an_orphans_file_is_read_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result");
    assert_eq!(read_result_file(&path), ResultFile::Missing);
    fs::write(&path, "\n").unwrap();
    assert_eq!(read_result_file(&path), ResultFile::Missing);
    fs::write(&path, "{\"outcome\":\"retry\"}\n").unwrap();
    assert_eq!(read_result_file(&path), ResultFile::Valid(CallResult::of(Outcome::Retry)));
    fs::write(&path, "no").unwrap();
    assert!(matches!(read_result_file(&path), ResultFile::Malformed(_)));
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parsed(&bytes);
        let line = Line { bytes, too_long: false };
        let result = result_of_call(End::Exited(10), &DispatchSettings::default(), ResultFile::Missing, &line, None);
        prop_assert_eq!(result.outcome, Outcome::Retry);
    }

    #[test]
    fn reasons_are_short_and_printable(reason in ".{0,400}") {
        let text = serde_json::json!({"outcome": "failed", "reason": reason}).to_string();
        let kept = result(&text).reason.unwrap_or_default();
        prop_assert!(kept.chars().count() <= 256 && !kept.chars().any(char::is_control));
    }
}

#[test]
fn a_result_that_callq_leaves_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.result");
    let result = CallResult {
        call_id: Some("c-1".into()),
        retry_at: Some("2026-11-23T15:00:00Z".parse().unwrap()),
        metadata: Some("{\"a\":1}".parse().unwrap()),
        do_not_call: true,
        ..CallResult::of(Outcome::Retry).because("busy")
    };
    write_result_file(&path, &result).unwrap();
    assert_eq!(read_result_file(&path), ResultFile::Valid(result));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
