//! `callq watch` as a process of its own, beside others that change what it watches.

use std::fs;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Running, Sandbox, eventually};

/// A watch that would rest for an hour, after its first turn.
fn watching(sandbox: &Sandbox) -> Running {
    let mut running = sandbox.spawn("watch --interval 1h --json");
    let first: Value = serde_json::from_str(&running.next_line()).unwrap();
    assert_eq!((&first["processed"], &first["stopped_by"]), (&0.into(), &"drained".into()));
    running
}

/// Queues a lead, and reads turns until one has called it.
fn add_and_see(sandbox: &Sandbox, running: &mut Running, lead: &str) {
    sandbox.run(["add", "-c", "acme", lead]).expect_code(0);
    loop {
        let turn: Value = serde_json::from_str(&running.next_line()).unwrap();
        if turn["processed"] == 1 {
            return;
        }
    }
}

#[test]
fn another_program_that_adds_work_wakes_it_and_a_signal_ends_it_at_once() {
    let sandbox = Sandbox::dialling();
    let mut running = watching(&sandbox);
    add_and_see(&sandbox, &mut running, "answered");
    assert_eq!(sandbox.status(1), "completed");
    running.signal(Signal::TERM);
    assert_eq!(
        running.finish().text(),
        "--- standard error\n{\"error\":{\"kind\":\"signal\",\"message\":\"ended by signal 15\",\"hint\":null}}\n--- exit 143\n"
    );
}

#[test]
fn the_next_slot_wakes_it() {
    let sandbox = Sandbox::dialling();
    sandbox.run("add -c acme answered --at +3s").expect_code(0);
    let mut running = sandbox.spawn("watch --interval 1h --json");
    loop {
        let turn: Value = serde_json::from_str(&running.next_line()).unwrap();
        if turn["processed"] == 1 {
            break;
        }
    }
    running.signal(Signal::INT);
    running.finish().expect_code(130);
}

#[test]
fn a_call_in_flight_is_finished_before_it_ends() {
    let sandbox = Sandbox::holding();
    let mut running = watching(&sandbox);
    sandbox.run("add -c acme a").expect_code(0);
    sandbox.wait_until_calling("a");
    running.signal_taken(Signal::HUP);
    sandbox.write("go", "");
    let turn: Value = serde_json::from_str(&running.next_line()).unwrap();
    assert_eq!((&turn["successful"], &turn["stopped_by"]), (&1.into(), &"signal".into()));
    running.finish().expect_code(129);
    assert_eq!(sandbox.status(1), "completed");
}

#[test]
fn a_database_that_is_removed_or_replaced_ends_it_and_nobody_is_called() {
    for is_replaced in [false, true] {
        let sandbox = Sandbox::dialling();
        let other = sandbox.path("other.db");
        let add = ["--db", other.to_str().unwrap(), "add", "-c", "acme", "answered"];
        sandbox.run_program(env!("CARGO_BIN_EXE_callq"), add, "").expect_code(0);
        let running = watching(&sandbox);
        if is_replaced {
            fs::rename(&other, sandbox.database()).unwrap();
        } else {
            fs::remove_file(sandbox.database()).unwrap();
        }
        let run = running.finish().expect_code(1);
        assert!(run.stderr.contains("[FOLDER]/queue.db was removed or replaced"), "{run}");
        if is_replaced {
            // What belonged to the old file.
            for name in ["queue.db-wal", "queue.db-shm"] {
                let _ = fs::remove_file(sandbox.path(name));
            }
            assert_eq!(sandbox.status(1), "pending", "the new queue is none of its business");
        } else {
            assert!(!sandbox.database().exists(), "it makes no other one");
        }
    }
}

#[test]
fn a_changed_configuration_is_read_again_and_a_wrong_one_is_told_of_and_not_used() {
    let mut sandbox = Sandbox::dialling();
    let mut running = watching(&sandbox);
    sandbox.configure("[defaults]\nmax_concurent = 3\n");
    eventually("the fault is told", || running.stderr().contains("the configuration before this change stays in use"));
    assert!(running.stderr().contains("max_concurrent"), "{}", running.stderr());
    // Other programs read the wrong one and refuse it: it is mended, so that they can add.
    let never = sandbox.script("never", "exit 20");
    sandbox.call_by(&never);
    add_and_see(&sandbox, &mut running, "lead");
    assert_eq!(sandbox.status(1), "failed", "by the program of the new configuration");
    assert_eq!(running.stderr().lines().count(), 1, "{}", running.stderr());
    running.signal(Signal::TERM);
    running.finish().expect_code(143);
}

#[test]
fn without_a_dispatcher_it_says_so_once_and_goes_on() {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_NOW");
    sandbox.open_with("kind = \"none\"\n");
    sandbox.run("add -c acme lead").expect_code(0);
    let running = sandbox.spawn("-q watch --interval 10ms");
    eventually("it is told", || running.stderr().contains("dispatch.kind"));
    let answered = sandbox.script("answered", "exit 0");
    sandbox.call_by(&answered);
    eventually("the lead is called", || sandbox.status(1) == "completed");
    running.signal(Signal::TERM);
    let run = running.finish().expect_code(143);
    assert_eq!((run.stdout.as_str(), run.stderr.matches("nobody was called").count()), ("", 1), "{run}");
}

#[test]
fn a_closed_output_stops_printing_not_calling() {
    let sandbox = Sandbox::dialling();
    let (callq, database) = (env!("CARGO_BIN_EXE_callq"), sandbox.database());
    let line = format!("{{ {callq:?} --db {database:?} watch --interval 10ms & echo $! >&2; wait $!; }} | true");
    let running = sandbox.spawn_program("sh", ["-c", &line]);
    eventually("it has begun", || running.stderr().lines().count() == 1 && database.exists());
    sandbox.run("add -c acme answered").expect_code(0);
    eventually("the lead is called", || sandbox.status(1) == "completed");
    let id = rustix::process::Pid::from_raw(running.stderr().trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(id, Signal::TERM).unwrap();
    running.finish();
}

#[test]
fn an_interval_of_nothing_is_refused() {
    let sandbox = Sandbox::new();
    for interval in ["0", "0s", "soon"] {
        let run = sandbox.run(["watch", "--interval", interval]).expect_code(2);
        assert!(run.stderr.contains(interval), "{run}");
    }
}
