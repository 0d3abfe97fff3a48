//! Where a result comes from: the result file, else the last line, else the exit status.

use std::fs;

use super::*;

const FILE: &str = "printf '%s' '{\"outcome\":\"retry\",\"reason\":\"in file\"}' >\"$CALLQ_RESULT_FILE\"";

#[test]
fn the_file_wins_over_the_line_and_the_line_over_the_status() {
    let mut sandbox = Sandbox::new();
    let line = "echo '{\"outcome\":\"failed\",\"reason\":\"in line\"}'";
    assert_eq!(said(&sandbox.sh(&format!("{FILE}; {line}; exit 10"))), (Outcome::Retry, Some("in file")));
    assert_eq!(said(&sandbox.sh(&format!("{line}; exit 10"))), (Outcome::Failed, Some("in line")));
    assert_eq!(said(&sandbox.sh(&format!("{line}; echo done; exit 10"))), (Outcome::Retry, Some("no_answer")));
}

#[test]
fn all_fields_are_kept() {
    let mut sandbox = Sandbox::new();
    let result = sandbox.sh("echo dialling >&2; echo '{\"outcome\":\"retry\",\"reason\":\"busy\",\"call_id\":\"c-1\",\
         \"retry_at\":\"2026-11-23T10:00:00+01:00\",\"metadata\":{\"z\": 1.50},\"new\":[]}'");
    let expected = CallResult {
        outcome: Outcome::Retry,
        reason: Some("busy".into()),
        call_id: Some("c-1".into()),
        retry_at: Some("2026-11-23T09:00:00Z".parse().unwrap()),
        metadata: Some("{\"z\": 1.50}".parse().unwrap()),
        detail: Some("dialling".into()),
        ..CallResult::of(Outcome::Retry)
    };
    assert_eq!(result, expected);
}

#[test]
fn a_line_that_only_looks_like_a_result_leaves_the_status_to_count() {
    let mut sandbox = Sandbox::new();
    for (line, note) in [
        ("{\"outcome\":", "last line of standard output: it is not a result"),
        ("{}", "sh printed JSON without an outcome"),
    ] {
        let result = sandbox.sh(&format!("echo help >&2; echo '{line}'; exit 11"));
        assert_eq!(said(&result), (Outcome::Retry, Some("busy")), "{line}");
        let detail = result.detail.unwrap();
        assert!(detail.starts_with(note), "{detail}");
        assert!(detail.ends_with("\nhelp"), "{detail}");
    }
}

#[test]
fn a_bad_file_is_named_and_the_line_counts() {
    let mut sandbox = Sandbox::new();
    let line = "echo '{\"outcome\":\"failed\"}'";
    for (bad, fault) in [
        ("printf '{' >\"$CALLQ_RESULT_FILE\"", "result file: it is not a result"),
        ("mkdir \"$CALLQ_RESULT_FILE\"", "result file: it is not a regular file"),
        ("mkfifo \"$CALLQ_RESULT_FILE\"", "result file: it is not a regular file"),
        ("head -c 300000 /dev/zero >\"$CALLQ_RESULT_FILE\"", "result file: it is longer than 131072 bytes"),
    ] {
        let result = sandbox.sh(&format!("{bad}; {line}"));
        assert_eq!(result.outcome, Outcome::Failed, "{bad}");
        assert!(result.detail.as_ref().is_some_and(|detail| detail.starts_with(fault)), "{:?}", result.detail);
    }
    let empty = sandbox.sh(&format!(": >\"$CALLQ_RESULT_FILE\"; {line}"));
    assert_eq!(empty, CallResult::of(Outcome::Failed));
}

#[test]
fn a_symbolic_link_is_not_followed() {
    let mut sandbox = Sandbox::new();
    let elsewhere = sandbox.path().join("elsewhere");
    fs::write(&elsewhere, "{\"outcome\":\"completed\"}").unwrap();
    let result = sandbox.sh(&format!("ln -s {} \"$CALLQ_RESULT_FILE\"; exit 10", elsewhere.display()));
    assert_eq!(said(&result), (Outcome::Retry, Some("no_answer")));
    assert!(elsewhere.exists());
}

#[test]
fn the_file_goes_with_the_lease_and_not_before() {
    let mut sandbox = Sandbox::new();
    let call = sandbox.call(&["sh", "-c", FILE]);
    let file = call.result_file.clone();
    sandbox.start(call);
    let ended = sandbox.end();
    assert!(file.exists(), "a run that is killed before it recorded the result leaves it to recovery");
    ended.lease.remove().unwrap();
    assert!(!file.exists());
}
