//! What a power loss leaves: the system calls of a real run are replayed, and only what was synced at a moment is kept.
//!
//! Needs strace; without it the tests print that they are skipped.

use std::fs;

use crate::support::{Disk, Sandbox, TRACE_FLAGS, calls, is_installed, noting};

/// Runs callq under strace, and asks `look` at every begin of a program and at the end what the disk would keep: a sandbox
/// with that database, and how many programs were begun before.
fn replay(sandbox: &Sandbox, arguments: &[&str], mut look: impl FnMut(&Sandbox, &str, usize)) {
    let before = Disk::of(sandbox.folder());
    let (run, trace) = sandbox.run_traced(&TRACE_FLAGS, arguments, "");
    run.expect_code(0);
    let (mut disk, mut begun) = (before, 0);
    for call in calls(&trace) {
        disk.apply(&call);
        let program = call.text(0);
        let moment = match call.name.as_str() {
            "execve" if program.ends_with("dispatch") => "program",
            "exit_group" => "end",
            _ => continue,
        };
        begun += usize::from(moment == "program");
        let after = sandbox.copy();
        for file in ["queue.db", "queue.db-wal", "queue.db-shm", "queue.db-journal"] {
            let _ = fs::remove_file(after.path(file));
        }
        disk.after_power_loss(sandbox.folder(), after.folder());
        look(&after, moment, begun);
    }
}

/// A second connection keeps the log from being written back at the end: what is acknowledged stands in the log only.
fn second_connection(sandbox: &Sandbox) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(sandbox.database()).unwrap();
    connection.query_row("SELECT count(*) FROM items", [], |row| row.get::<_, i64>(0)).unwrap();
    connection
}

#[test]
fn an_attempt_is_on_disk_before_its_call_begins() {
    if !is_installed("strace") {
        return;
    }
    for with_second in [false, true] {
        let mut sandbox = Sandbox::dialling();
        sandbox.script("dispatch", &noting(""));
        sandbox.configure(&Sandbox::always_open("kind = \"command\"\ncommand = [\"./dispatch\"]"));
        for lead in ["a", "b", "c"] {
            sandbox.run(["add", "-c", "acme", lead]).expect_code(0);
        }
        let second = with_second.then(|| second_connection(&sandbox));
        let mut looks = 0;
        replay(&sandbox, &["process"], |after, moment, begun| {
            let attempts: Vec<String> = after
                .items()
                .values()
                .flat_map(|item| item["history"].as_array().unwrap().clone())
                .map(|attempt| attempt["id"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(attempts.len(), if moment == "end" { 3 } else { begun }, "{moment} {begun}");
            let log = fs::read_to_string(sandbox.path("calls.log")).unwrap();
            let called: Vec<&str> = log.lines().filter_map(|line| line.strip_prefix("begin ")).collect();
            for called in &called[..begun] {
                let attempt = called.split_once(' ').unwrap().1;
                assert!(attempts.iter().any(|known| known == attempt), "{attempt} rang and is not on disk");
            }
            looks += 1;
        });
        assert_eq!(looks, 4, "three programs and the end");
        drop(second);
    }
}

#[test]
fn what_is_acknowledged_is_on_disk() {
    if !is_installed("strace") {
        return;
    }
    let cases: [(&[&str], &str); 5] = [
        (&["add", "-c", "acme", "new"], "pending pending"),
        (&["schedule-batch", "-c", "acme", "x", "y"], "pending pending pending"),
        (&["cancel", "1"], "cancelled"),
        (&["update", "1", "-p", "urgent"], "pending"),
        (&["pause", "-c", "acme"], "pending"),
    ];
    for (arguments, statuses) in cases {
        for with_second in [false, true] {
            let sandbox = Sandbox::dialling();
            sandbox.run("add -c acme first").expect_code(0);
            let second = with_second.then(|| second_connection(&sandbox));
            let mut looked = false;
            replay(&sandbox, arguments, |after, _, _| {
                let seen: Vec<String> =
                    after.items().values().map(|item| item["status"].as_str().unwrap().to_owned()).collect();
                assert_eq!(seen.join(" "), statuses, "{arguments:?}");
                let why = after.run("why 1 --json").expect_code(0).json();
                let gates = why["gates"].as_array().unwrap();
                let paused = gates.iter().any(|gate| gate["gate"] == "paused" && gate["open"] == false);
                assert_eq!(paused, arguments[0] == "pause");
                let urgent = after.items()[&1]["priority"] == "urgent";
                assert_eq!(urgent, arguments[0] == "update");
                looked = true;
            });
            assert!(looked);
            drop(second);
        }
    }
    let sandbox = Sandbox::dialling();
    replay(&sandbox, &["add", "-c", "acme", "first"], |after, _, _| {
        assert_eq!(after.items().len(), 1, "a new database")
    });
}
