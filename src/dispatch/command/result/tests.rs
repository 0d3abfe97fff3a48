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
            CallResult::of(Outcome::Retry).with_detail(
                "field `reason` was left out: invalid type: integer `5`, expected a string at line 1 column 1\n\
                 field `retry_at` was left out: `tomorrow` is not RFC 3339: premature end of input",
            ),
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
        assert_eq!(parsed(text.as_bytes()), Ok(expected), "{text}");
    }
}

#[test]
fn long_words_are_cut_and_large_metadata_is_left_out() {
    let text = format!(
        r#"{{"outcome":"retry","reason":"{0}","metadata":{{"a":"{1}"}}}}"#,
        "é".repeat(300),
        "x".repeat(70_000)
    );
    let result = parsed(text.as_bytes()).unwrap();
    assert_eq!(result.reason, Some("é".repeat(256)));
    assert_eq!(result.metadata, None);
    let detail = result.detail.unwrap();
    assert!(detail.starts_with("field `metadata` was left out: metadata is 70008 bytes long"), "{detail}");
}

#[test]
fn anything_else_is_no_result() {
    for text in
        ["", "{", "[]", "5", "null", r#"{"outcome":"Retry"}"#, r#"{"outcome":null}"#, r#"{"reason":"x"}"#, "\u{feff}{}"]
    {
        assert!(parsed(text.as_bytes()).is_err(), "{text}");
    }
    let word = parsed(br#"{"outcome":"done\u001b"}"#).unwrap_err();
    assert_eq!(word, "it has the unknown outcome `done`");
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
        let kept = parsed(text.as_bytes()).unwrap().reason.unwrap_or_default();
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
        ..CallResult::of(Outcome::Retry).because("busy")
    };
    write_result_file(&path, &result).unwrap();
    assert_eq!(read_result_file(&path), ResultFile::Valid(result));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
