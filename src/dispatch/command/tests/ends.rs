//! How a program ends: exit statuses, signals, the time-out, programs that cannot be started.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;

use super::*;
use crate::dispatch::Adoption;
use crate::dispatch::command::exit_status::{End, result_of_end};

/// A script that waits for ever without a clock: it reads a pipe that nobody else writes.
const FOR_EVER: &str = "mkfifo \"$CALLQ_RESULT_FILE.wait\"; read line <>\"$CALLQ_RESULT_FILE.wait\"";

#[test]
fn each_exit_status_has_its_outcome() {
    let mut sandbox = Sandbox::new();
    let table = [
        (0, Outcome::Completed, None),
        (10, Outcome::Retry, Some("no_answer")),
        (11, Outcome::Retry, Some("busy")),
        (12, Outcome::Retry, Some("voicemail")),
        (20, Outcome::Failed, Some("exit_20")),
        (65, Outcome::Failed, Some("exit_65")),
        (67, Outcome::Failed, Some("exit_67")),
        (75, Outcome::Returned, Some("exit_75")),
        (69, Outcome::Unavailable, Some("exit_69")),
        (77, Outcome::Unavailable, Some("exit_77")),
        (78, Outcome::Unavailable, Some("exit_78")),
        (126, Outcome::Unavailable, Some("exit_126")),
        (127, Outcome::Unavailable, Some("exit_127")),
        (1, Outcome::Unknown, Some("exit_1")),
        (2, Outcome::Unknown, Some("exit_2")),
        (255, Outcome::Unknown, Some("exit_255")),
    ];
    for (status, outcome, reason) in table {
        let call = sandbox.call(&["sh", "-c", &format!("exit {status}")]);
        sandbox.start(call);
        let ended = sandbox.end();
        assert_eq!(said(&ended.result), (outcome, reason), "{status}");
        assert!(!ended.could_not_start, "{status}");
    }
}

#[test]
fn the_client_may_change_the_table() {
    let mut sandbox = Sandbox::new();
    let settings = DispatchSettings {
        command: vec!["sh".into(), "-c".into(), "exit 1".into()],
        exit_status: [(1, Outcome::Retry)].into(),
        ..DispatchSettings::default()
    };
    let call = sandbox.call_with(settings);
    assert_eq!(said(&sandbox.run(call)), (Outcome::Retry, Some("exit_1")));
}

#[test]
fn a_signal_leaves_the_outcome_unknown_unless_the_program_said_that_it_called() {
    let mut sandbox = Sandbox::new();
    assert_eq!(said(&sandbox.sh("kill -9 $$")), (Outcome::Unknown, Some("signal_9")));
    for (word, expected) in [
        ("retry", (Outcome::Unknown, Some("signal_15"))),
        ("returned", (Outcome::Unknown, Some("signal_15"))),
        ("unavailable", (Outcome::Unknown, Some("signal_15"))),
        ("completed", (Outcome::Completed, Some("r"))),
        ("failed", (Outcome::Failed, Some("r"))),
        ("accepted", (Outcome::Accepted, Some("r"))),
    ] {
        let script = format!("echo '{{\"outcome\":\"{word}\",\"reason\":\"r\",\"call_id\":\"c\"}}'; kill $$");
        let result = sandbox.sh(&script);
        assert_eq!(said(&result), expected, "{word}");
        assert_eq!(result.call_id.as_deref(), Some("c"), "{word}");
    }
}

fn with_timeout(sandbox: &mut Sandbox, milliseconds: i64, script: &str) -> Call {
    sandbox.call_with(DispatchSettings {
        command: vec!["sh".into(), "-c".into(), script.into()],
        timeout: TimeDelta::milliseconds(milliseconds),
        ..DispatchSettings::default()
    })
}

#[test]
fn the_timeout_ends_a_program_and_leaves_the_outcome_unknown() {
    let mut sandbox = Sandbox::new();
    let call = with_timeout(&mut sandbox, 50, FOR_EVER);
    assert_eq!(said(&sandbox.run(call)), (Outcome::Unknown, Some("timeout")));
    // Even when it then exits with a status, or says that it did not call.
    let call = with_timeout(
        &mut sandbox,
        50,
        &format!("trap 'echo {{\\\"outcome\\\":\\\"retry\\\"}}; exit 0' TERM; {FOR_EVER}"),
    );
    assert_eq!(said(&sandbox.run(call)), (Outcome::Unknown, Some("timeout")));
}

#[test]
fn what_a_program_said_of_a_call_that_took_place_outlives_the_timeout() {
    let mut sandbox = Sandbox::new();
    let script = format!("echo '{{\"outcome\":\"completed\"}}'; {FOR_EVER}");
    // On a busy machine a short time-out may strike before the program has said a word.
    let heard = (0..12).any(|doublings| {
        let call = with_timeout(&mut sandbox, 25 << doublings, &script);
        said(&sandbox.run(call)) == (Outcome::Completed, None)
    });
    assert!(heard);
}

#[test]
fn what_ignores_term_is_killed_with_the_whole_group() {
    let grace = GracePeriods { kill: Duration::from_millis(50), ..GracePeriods::default() };
    let mut sandbox = Sandbox::with(grace);
    let wait = "read line <>\"$CALLQ_RESULT_FILE.wait\"";
    let deaf = "trap '' TERM";
    for script in [format!("{deaf}; {wait} & {wait}"), format!("({deaf}; {wait}) & {wait}")] {
        let call = with_timeout(&mut sandbox, 50, &format!("mkfifo \"$CALLQ_RESULT_FILE.wait\"; {script}"));
        let attempt = call.attempt;
        sandbox.start(call);
        let ended = sandbox.end();
        assert_eq!(said(&ended.result), (Outcome::Unknown, Some("timeout")));
        drop(ended);
        // The lease, which the whole group shares, shows that all are gone; soon, but not at once.
        let gone = (0..60_000).any(|_| {
            std::thread::sleep(Duration::from_millis(1));
            matches!(sandbox.leases.try_adopt(attempt).unwrap(), Adoption::Free { started: true, .. })
        });
        assert!(gone, "a process of the group lives on: {script}");
    }
}

#[test]
fn what_cannot_be_started_is_unavailable_and_says_why() {
    let mut sandbox = Sandbox::new();
    let plain = sandbox.path().join("plain");
    fs::write(&plain, "#!/bin/sh\n").unwrap();
    let no_interpreter = sandbox.path().join("no-interpreter");
    fs::write(&no_interpreter, "#!/nowhere/at/all\n").unwrap();
    fs::set_permissions(&no_interpreter, fs::Permissions::from_mode(0o700)).unwrap();
    for program in ["/nowhere/at/all", plain.to_str().unwrap(), no_interpreter.to_str().unwrap(), ""] {
        let call = sandbox.call(&[program]);
        sandbox.start(call);
        let ended = sandbox.end();
        assert_eq!(ended.result.outcome, Outcome::Unavailable, "{program}");
        let reason = ended.result.reason.unwrap();
        assert!(reason.starts_with(&format!("cannot start {program}: ")), "{reason}");
        assert!(ended.could_not_start, "{program}");
    }
}

#[test]
fn the_program_holds_the_lease_until_its_end() {
    let mut sandbox = Sandbox::new();
    let (gate_path, mut gate) = sandbox.gate("gate");
    let (ready_path, ready) = sandbox.gate("ready");
    let call =
        sandbox.call(&["sh", "-c", &format!("echo >{}; read line <{}", ready_path.display(), gate_path.display())]);
    let attempt = call.attempt;
    sandbox.start(call);
    (&ready).read_exact(&mut [0]).unwrap();
    assert!(matches!(sandbox.leases.try_adopt(attempt).unwrap(), Adoption::Held));
    gate.write_all(b"go\n").unwrap();
    let ended = sandbox.end();
    assert_eq!(ended.result.outcome, Outcome::Completed);
    assert!(
        matches!(sandbox.leases.try_adopt(attempt).unwrap(), Adoption::Held),
        "the run holds it until it is recorded"
    );
    ended.lease.remove().unwrap();
    assert!(matches!(sandbox.leases.try_adopt(attempt).unwrap(), Adoption::Missing));
}

#[test]
fn many_programs_run_at_once_and_each_tells_its_own_end() {
    let mut sandbox = Sandbox::new();
    let mut waiting = Vec::new();
    for status in [10, 11, 12, 20, 75, 0, 69, 1] {
        let (path, gate) = sandbox.gate(&format!("gate {status}"));
        let call = sandbox.call(&["sh", "-c", &format!("read line <'{}'; exit {status}", path.display())]);
        waiting.push((call.attempt, status, gate));
        sandbox.start(call);
    }
    // The last one that was started ends first: none waits for another.
    while let Some((attempt, status, mut gate)) = waiting.pop() {
        gate.write_all(b"go\n").unwrap();
        let ended = sandbox.end();
        assert_eq!(ended.attempt, attempt);
        assert_eq!(ended.result, result_of_end(End::Exited(status), &DispatchSettings::default()));
    }
}

#[test]
fn programs_live_on_when_the_dispatcher_is_dropped() {
    let mut sandbox = Sandbox::new();
    let (path, mut gate) = sandbox.gate("gate");
    let call = sandbox.call(&["sh", "-c", &format!("read line <{}; exit 11", path.display())]);
    sandbox.start(call);
    let Sandbox { folder, dispatcher, ended, .. } = sandbox;
    drop(dispatcher);
    gate.write_all(b"go\n").unwrap();
    assert_eq!(said(&ended.recv_timeout(NEVER).unwrap().result), (Outcome::Retry, Some("busy")));
    // The thread has gone with its last program.
    assert!(ended.recv_timeout(NEVER).is_err_and(|error| error == mpsc::RecvTimeoutError::Disconnected));
    drop(folder);
}
