//! Programs that misuse their pipes: they hang nothing, and what they print costs no memory.

use std::io::Write;

use super::*;
use crate::dispatch::Adoption;

const QUICK: GracePeriods = GracePeriods { drain: Duration::from_millis(50), kill: Duration::from_secs(5) };

#[test]
fn a_flood_of_output_is_read_and_forgotten() {
    let mut sandbox = Sandbox::new();
    let result = sandbox.sh("head -c 200000000 /dev/zero; echo; echo '{\"outcome\":\"failed\"}'");
    assert_eq!(result, CallResult::of(Outcome::Failed));
    let result = sandbox.sh("head -c 20000000 /dev/zero >&2; echo end >&2; exit 10");
    assert_eq!(said(&result), (Outcome::Retry, Some("no_answer")));
    let detail = result.detail.unwrap();
    assert!(detail.ends_with("end") && detail.len() <= 2048, "{} bytes", detail.len());
}

#[test]
fn a_line_without_end_is_no_result() {
    let mut sandbox = Sandbox::new();
    let result = sandbox.sh("printf '{'; head -c 1000000 /dev/zero; exit 12");
    assert_eq!(said(&result), (Outcome::Retry, Some("voicemail")));
    let detail = result.detail.unwrap();
    assert_eq!(detail, "last line of standard output: it is longer than 65536 bytes");
}

#[test]
fn invalid_utf_8_is_kept_as_far_as_it_is_text() {
    let mut sandbox = Sandbox::new();
    let result = sandbox.sh("printf 'a\\377b' >&2; printf '{\"outcome\":\"\\377\"}'; exit 11");
    assert_eq!(said(&result), (Outcome::Retry, Some("busy")));
    let detail = result.detail.unwrap();
    assert!(detail.starts_with("last line of standard output: it is not UTF-8"), "{detail}");
    assert!(detail.ends_with("\na\u{fffd}b"), "{detail}");
}

#[test]
fn input_that_is_never_read_holds_up_nobody() {
    let mut sandbox = Sandbox::new();
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(65_000));
    let scripts = ["exit 10", "exec <&-; exit 10"];
    for script in scripts {
        let mut call = sandbox.call(&["sh", "-c", script]);
        call.item.metadata = Some(large.parse().unwrap());
        assert_eq!(said(&sandbox.run(call)), (Outcome::Retry, Some("no_answer")), "{script}");
    }
    // And input larger than the pipe arrives whole where it is read.
    let mut call = sandbox.call(&["sh", "-c", "test $(wc -c) -gt 65536"]);
    call.item.metadata = Some(large.parse().unwrap());
    assert_eq!(said(&sandbox.run(call)), (Outcome::Completed, None));
}

#[test]
fn a_grandchild_that_holds_the_pipes_is_not_waited_for() {
    let mut sandbox = Sandbox::with(QUICK);
    let (path, mut gate) = sandbox.gate("gate");
    let script = format!("{{ read line <{}; echo late; }} & echo '{{\"outcome\":\"failed\"}}'", path.display());
    let call = sandbox.call(&["sh", "-c", &script]);
    let attempt = call.attempt;
    sandbox.start(call);
    let ended = sandbox.end();
    assert_eq!(ended.result, CallResult::of(Outcome::Failed));
    // It lives on, and with it its share of the lease.
    drop(ended);
    assert!(matches!(sandbox.leases.try_adopt(attempt).unwrap(), Adoption::Held));
    gate.write_all(b"go\n").unwrap();
    let gone = (0..60_000).any(|_| {
        std::thread::sleep(Duration::from_millis(1));
        matches!(sandbox.leases.try_adopt(attempt).unwrap(), Adoption::Free { started: true, .. })
    });
    assert!(gone, "the lease ends with its last holder");
}

#[test]
fn a_grandchild_that_floods_the_pipes_is_not_waited_for() {
    let mut sandbox = Sandbox::with(QUICK);
    let result = sandbox.sh("yes & exit 10");
    assert_eq!(said(&result), (Outcome::Retry, Some("no_answer")));
    let result = sandbox.sh("yes >&2 & exit 11");
    assert_eq!(said(&result), (Outcome::Retry, Some("busy")));
}

#[test]
fn closed_streams_are_no_fault() {
    let mut sandbox = Sandbox::new();
    assert_eq!(said(&sandbox.sh("exec <&- >&- 2>&-; exit 10")), (Outcome::Retry, Some("no_answer")));
}
