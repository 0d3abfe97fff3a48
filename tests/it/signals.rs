//! Signals to runs: the first drains, the second ends at once, and what the caller ignores stays without effect.

use std::fs;

use rustix::process::Signal;

use crate::support::{Running, Sandbox, eventually};

fn add(sandbox: &Sandbox, leads: &[&str]) {
    leads.iter().for_each(|lead| _ = sandbox.run(["add", "-c", "acme", lead]).expect_code(0));
}

/// A run of two leads, one at a time, whose first call has begun.
fn run_of_two() -> (Sandbox, Running) {
    let sandbox = Sandbox::holding();
    add(&sandbox, &["a", "b"]);
    let running = sandbox.spawn("process --json");
    sandbox.wait_until_calling("a");
    (sandbox, running)
}

/// callq as a shell starts it after it has done something.
fn after(sandbox: &Sandbox, shell: &str, arguments: &str) -> Running {
    let (callq, database) = (env!("CARGO_BIN_EXE_callq"), sandbox.database());
    sandbox.spawn_program("sh", ["-c", &format!("{shell}; exec {callq:?} --db {database:?} {arguments}")])
}

#[test]
fn the_first_signal_starts_no_more_calls_and_waits_for_those_in_flight() {
    for (signal, code) in [(Signal::HUP, 129), (Signal::INT, 130), (Signal::TERM, 143)] {
        let (sandbox, running) = run_of_two();
        running.signal_taken(signal);
        sandbox.write("go", "");
        let run = running.finish().expect_code(code);
        let report = run.json();
        assert_eq!((&report["processed"], &report["successful"]), (&1.into(), &1.into()), "{run}");
        assert_eq!(report["stopped_by"], "signal");
        assert_eq!((sandbox.status(1), sandbox.status(2)), ("completed".to_owned(), "pending".to_owned()));
    }
}

#[test]
fn a_run_that_waits_after_a_signal_says_for_how_many_calls_unless_it_is_quiet() {
    for (flag, told) in [("--verbose", 1), ("--quiet", 0)] {
        let sandbox = Sandbox::holding();
        add(&sandbox, &["a", "b"]);
        let running = sandbox.spawn(["process", flag]);
        sandbox.wait_until_calling("a");
        running.signal(Signal::INT);
        if told > 0 {
            eventually("it says that it waits", || running.stderr().contains("waiting for 1 call in flight"));
        }
        sandbox.write("go", "");
        let end = running.finish().expect_code(130);
        assert_eq!(end.stderr.matches("waiting for").count(), told, "{end}");
        assert!(end.stderr.ends_with("ended by signal 2\n"), "{end}");
    }
}

#[test]
fn the_second_signal_ends_the_run_at_once_and_its_call_goes_on_and_is_adopted() {
    let (sandbox, running) = run_of_two();
    running.signal_taken(Signal::TERM);
    running.signal(Signal::INT);
    assert_eq!(running.finish().text(), "--- exit 130\n");
    assert_eq!(sandbox.status(1), "in_progress");
    assert!(!sandbox.path("ended-a").exists());
    let report = sandbox.run("process --json").expect_code(0).json();
    assert_eq!((&report["processed"], &report["recovered"]), (&0.into(), &0.into()), "its number of calls is one");
    sandbox.write("go", "");
    eventually("the call has ended", || sandbox.path("ended-a").exists());
    eventually("its result is adopted", || {
        sandbox.run("process --json").expect_code(0);
        sandbox.status(1) == "completed"
    });
    eventually("the other one is called", || {
        sandbox.run("process --json").expect_code(0);
        sandbox.status(2) == "completed"
    });
}

#[test]
fn a_signal_that_the_caller_ignores_stays_ignored_but_not_in_the_program_that_is_called() {
    let sandbox = Sandbox::holding();
    add(&sandbox, &["a"]);
    let running = after(&sandbox, "trap '' HUP INT", "process --json");
    sandbox.wait_until_calling("a");
    running.signal_taken(Signal::HUP);
    running.signal_taken(Signal::INT);
    sandbox.write("go", "");
    assert_eq!(running.finish().expect_code(0).json()["stopped_by"], "drained");
    let mask = fs::read_to_string(sandbox.path("began-a")).unwrap();
    let mask = u64::from_str_radix(mask.split_whitespace().last().unwrap(), 16).unwrap();
    assert_eq!(mask & 0b11, 0, "SIGHUP and SIGINT are at their default there");
}

#[test]
fn nohup_keeps_a_watch_alive_when_its_terminal_goes_and_other_signals_end_it() {
    let sandbox = Sandbox::holding();
    add(&sandbox, &["a"]);
    let (callq, database) = (env!("CARGO_BIN_EXE_callq"), sandbox.database());
    let running =
        sandbox.spawn_program("nohup", [callq, "--db", database.to_str().unwrap(), "watch", "--format", "jsonl"]);
    sandbox.wait_until_calling("a");
    running.signal_taken(Signal::HUP);
    sandbox.write("go", "");
    eventually("the call is on record", || sandbox.status(1) == "completed");
    running.signal_taken(Signal::HUP);
    running.signal(Signal::TERM);
    running.finish().expect_code(143);
}

#[test]
fn how_a_call_ended_is_known_also_when_the_caller_ignores_the_ends_of_children() {
    let sandbox = Sandbox::dialling();
    add(&sandbox, &["busy", "never", "answered"]);
    // A shell may refuse to ignore SIGCHLD; env has a word for it.
    let (callq, database) = (env!("CARGO_BIN_EXE_callq"), sandbox.database());
    let ignoring = ["--ignore-signal=CHLD", callq, "--db", database.to_str().unwrap(), "process", "--json"];
    let report = sandbox.run_program("env", ignoring, "").expect_code(0).json();
    assert_eq!(["successful", "retried", "failed", "held"].map(|name| report[name].as_u64().unwrap()), [1, 1, 1, 0]);
}

#[test]
fn a_run_that_waits_ends_when_its_accepted_calls_are_reported_or_by_a_signal() {
    let sandbox = Sandbox::dialling();
    add(&sandbox, &["later"]);
    let was_accepted = |id: &str| {
        eventually("the call was handed over", || {
            sandbox.run(["show", id, "--json"]).json()["history"][0]["outcome"] == "accepted"
        });
    };
    let running = sandbox.spawn("process --wait --json");
    was_accepted("1");
    sandbox.run("report 1 --outcome completed").expect_code(0);
    let report = running.finish().expect_code(0).json();
    assert_eq!((&report["accepted"], &report["stopped_by"]), (&1.into(), &"drained".into()));
    add(&sandbox, &["later-2"]);
    let running = sandbox.spawn("process --wait --json");
    was_accepted("2");
    running.signal(Signal::TERM);
    assert_eq!(running.finish().expect_code(143).json()["stopped_by"], "signal");
}

#[test]
fn a_run_without_any_open_stream_works_and_spoils_no_file() {
    let sandbox = Sandbox::dialling();
    add(&sandbox, &["answered", "busy"]);
    let run = after(&sandbox, "exec <&- >&- 2>&-; unset LANG LC_ALL HOME", "-v process").finish();
    assert_eq!(run.text(), "--- exit 0\n");
    assert_eq!((sandbox.status(1), sandbox.status(2)), ("completed".to_owned(), "retry_scheduled".to_owned()));
    let lease_left = fs::read_dir(sandbox.path("queue.db.leases")).unwrap().count();
    assert_eq!(lease_left, 0);
    assert!(fs::read(sandbox.database()).unwrap().starts_with(b"SQLite format 3\0"));
}
