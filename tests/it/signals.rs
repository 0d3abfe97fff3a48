//! Signals to runs: the first drains, the second ends at once, and what the caller ignores stays without effect.

use std::fs;

use rustix::process::Signal;

use crate::support::{Bench, Running, eventually};

fn add(bench: &Bench, leads: &[&str]) {
    leads.iter().for_each(|lead| _ = bench.run(["add", "-c", "acme", lead]).expect_code(0));
}

/// A run of two leads, one at a time, whose first call has begun.
fn run_of_two() -> (Bench, Running) {
    let bench = Bench::holding();
    add(&bench, &["a", "b"]);
    let running = bench.spawn(["process", "--json"]);
    bench.wait_until_calling("a");
    (bench, running)
}

/// callq as a shell starts it after it has done something.
fn after(bench: &Bench, shell: &str, arguments: &str) -> Running {
    let (callq, database) = (env!("CARGO_BIN_EXE_callq"), bench.database());
    bench.spawn_program("sh", ["-c", &format!("{shell}; exec {callq:?} --db {database:?} {arguments}")])
}

#[test]
fn the_first_signal_starts_no_more_calls_and_waits_for_those_in_flight() {
    for (signal, code) in [(Signal::HUP, 129), (Signal::INT, 130), (Signal::TERM, 143)] {
        let (bench, running) = run_of_two();
        running.signal_taken(signal);
        bench.write("go", "");
        let run = running.finish().expect_code(code);
        let report = run.json();
        assert_eq!((&report["processed"], &report["successful"]), (&1.into(), &1.into()), "{run}");
        assert_eq!(report["stopped_by"], "signal");
        assert_eq!((bench.status(1), bench.status(2)), ("completed".to_owned(), "pending".to_owned()));
    }
}

#[test]
fn a_run_that_waits_after_a_signal_says_for_how_many_calls_unless_it_is_quiet() {
    for (flag, told) in [("--verbose", 1), ("--quiet", 0)] {
        let bench = Bench::holding();
        add(&bench, &["a", "b"]);
        let running = bench.spawn(["process", flag]);
        bench.wait_until_calling("a");
        running.signal(Signal::INT);
        if told > 0 {
            eventually("it says that it waits", || running.stderr().contains("waiting for 1 call in flight"));
        }
        bench.write("go", "");
        let end = running.finish().expect_code(130);
        assert_eq!(end.stderr.matches("waiting for").count(), told, "{end}");
        assert!(end.stderr.ends_with("ended by signal 2\n"), "{end}");
    }
}

#[test]
fn the_second_signal_ends_the_run_at_once_and_its_call_goes_on_and_is_adopted() {
    let (bench, running) = run_of_two();
    running.signal_taken(Signal::TERM);
    running.signal(Signal::INT);
    assert_eq!(running.finish().text(), "--- exit 130\n");
    assert_eq!(bench.status(1), "in_progress");
    assert!(!bench.path("ended-a").exists());
    let report = bench.run(["process", "--json"]).expect_code(0).json();
    assert_eq!((&report["processed"], &report["recovered"]), (&0.into(), &0.into()), "its number of calls is one");
    bench.write("go", "");
    eventually("the call has ended", || bench.path("ended-a").exists());
    eventually("its result is adopted", || {
        bench.run(["process", "--json"]).expect_code(0);
        bench.status(1) == "completed"
    });
    eventually("the other one is called", || {
        bench.run(["process", "--json"]).expect_code(0);
        bench.status(2) == "completed"
    });
}

#[test]
fn a_signal_that_the_caller_ignores_stays_ignored_but_not_in_the_program_that_is_called() {
    let bench = Bench::holding();
    add(&bench, &["a"]);
    let running = after(&bench, "trap '' HUP INT", "process --json");
    bench.wait_until_calling("a");
    running.signal_taken(Signal::HUP);
    running.signal_taken(Signal::INT);
    bench.write("go", "");
    assert_eq!(running.finish().expect_code(0).json()["stopped_by"], "drained");
    let mask = fs::read_to_string(bench.path("began-a")).unwrap();
    let mask = u64::from_str_radix(mask.split_whitespace().last().unwrap(), 16).unwrap();
    assert_eq!(mask & 0b11, 0, "SIGHUP and SIGINT are at their default there");
}

#[test]
fn nohup_keeps_a_watch_alive_when_its_terminal_goes_and_other_signals_end_it() {
    let bench = Bench::holding();
    add(&bench, &["a"]);
    let (callq, database) = (env!("CARGO_BIN_EXE_callq"), bench.database());
    let running =
        bench.spawn_program("nohup", [callq, "--db", database.to_str().unwrap(), "watch", "--format", "jsonl"]);
    bench.wait_until_calling("a");
    running.signal_taken(Signal::HUP);
    bench.write("go", "");
    eventually("the call is on record", || bench.status(1) == "completed");
    running.signal_taken(Signal::HUP);
    running.signal(Signal::TERM);
    running.finish().expect_code(143);
}

#[test]
fn how_a_call_ended_is_known_also_when_the_caller_ignores_the_ends_of_children() {
    let bench = Bench::dialling();
    add(&bench, &["busy", "never", "answered"]);
    // A shell may refuse to ignore SIGCHLD; env has a word for it.
    let (callq, database) = (env!("CARGO_BIN_EXE_callq"), bench.database());
    let ignoring = ["--ignore-signal=CHLD", callq, "--db", database.to_str().unwrap(), "process", "--json"];
    let report = bench.run_program("env", ignoring, "").expect_code(0).json();
    assert_eq!(["successful", "retried", "failed", "held"].map(|name| report[name].as_u64().unwrap()), [1, 1, 1, 0]);
}

#[test]
fn a_run_that_waits_ends_when_its_accepted_calls_are_reported_or_by_a_signal() {
    let bench = Bench::dialling();
    add(&bench, &["later"]);
    let was_accepted = |id: &str| {
        eventually("the call was handed over", || {
            bench.run(["show", id, "--json"]).json()["history"][0]["outcome"] == "accepted"
        });
    };
    let running = bench.spawn(["process", "--wait", "--json"]);
    was_accepted("1");
    bench.run(["report", "1", "--outcome", "completed"]).expect_code(0);
    let report = running.finish().expect_code(0).json();
    assert_eq!((&report["accepted"], &report["stopped_by"]), (&1.into(), &"drained".into()));
    add(&bench, &["later-2"]);
    let running = bench.spawn(["process", "--wait", "--json"]);
    was_accepted("2");
    running.signal(Signal::TERM);
    assert_eq!(running.finish().expect_code(143).json()["stopped_by"], "signal");
}

#[test]
fn a_run_without_any_open_stream_works_and_spoils_no_file() {
    let bench = Bench::dialling();
    add(&bench, &["answered", "busy"]);
    let run = after(&bench, "exec <&- >&- 2>&-; unset LANG LC_ALL HOME", "-v process").finish();
    assert_eq!(run.text(), "--- exit 0\n");
    assert_eq!((bench.status(1), bench.status(2)), ("completed".to_owned(), "retry_scheduled".to_owned()));
    let lease_left = fs::read_dir(bench.path("queue.db.leases")).unwrap().count();
    assert_eq!(lease_left, 0);
    assert!(fs::read(bench.database()).unwrap().starts_with(b"SQLite format 3\0"));
}
