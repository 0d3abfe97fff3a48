//! Events and processes that are killed: receivers hear every committed change at least once, in order of its item.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::events::{ALL, telling};
use crate::support::{Receiver, Sandbox, Told, eventually, first_of, noting};

/// Delivers until nothing is left, whatever a killed process left behind.
fn deliver_all(sandbox: &Sandbox) {
    eventually("every event is delivered", || {
        sandbox.run("events retry --all");
        sandbox.run("events deliver").expect_code(0);
        sandbox.run("events list --json").expect_code(0).json() == serde_json::json!([])
    });
}

/// Asserts that the events of each item came first in their order, and that each attempt on record began and ended in them.
#[track_caller]
fn assert_told(sandbox: &Sandbox, receiver: &Receiver) {
    let first: Vec<Told> = first_of(&receiver.told());
    let mut last: BTreeMap<u64, u64> = BTreeMap::new();
    let mut ends: BTreeSet<(String, String)> = BTreeSet::new();
    let mut added: BTreeSet<u64> = BTreeSet::new();
    for told in &first {
        let number: u64 = told.id.rsplit('-').next().unwrap().parse().unwrap();
        let (kind, data) = (told.event["type"].as_str().unwrap(), &told.event["data"]);
        let Some(item) = data["item_id"].as_u64() else { continue };
        let before = last.insert(item, number);
        assert!(before.is_none_or(|before| before < number), "item {item}: {before:?}, then {number}");
        if let Some(attempt) = data["attempt_id"].as_str() {
            ends.insert((kind.to_owned(), attempt.to_owned()));
        }
        if kind == "callq.item.added" {
            added.insert(item);
        }
    }
    for (id, item) in sandbox.items() {
        assert!(added.contains(&id), "item {id}");
        for attempt in item["history"].as_array().unwrap() {
            for kind in ["callq.call.started", "callq.call.finished"] {
                let told = (kind.to_owned(), attempt["id"].as_str().unwrap().to_owned());
                assert!(ends.contains(&told), "{told:?} of item {id}");
            }
        }
    }
}

#[test]
fn a_run_that_is_killed_at_any_moment_loses_no_event() {
    let (sandbox, receiver) = telling(&noting("exit 0"), ALL);
    for turn in 0..12_u64 {
        for lead in 0..3 {
            sandbox.run(["add", "-c", "acme", &format!("lead-{turn}-{lead}")]).expect_code(0);
        }
        let run = sandbox.spawn("process");
        thread::sleep(Duration::from_millis(15 * turn));
        run.signal(Signal::KILL);
        run.finish();
    }
    sandbox.wait_until_settled();
    deliver_all(&sandbox);
    sandbox.assert_sound();
    assert_told(&sandbox, &receiver);
}

#[test]
fn many_processes_tell_a_receiver_one_event_after_the_other() {
    let (mut sandbox, receiver) = telling(&noting("[ $(($CALLQ_ITEM_ID % 5)) != 0 ] || exit 11"), ALL);
    let config = fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    sandbox.configure(&config.replace("max_concurrent = 1", "max_concurrent = 3"));
    let leads: String = (0..40).map(|n| format!("lead-{n}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f -", &leads).expect_code(0);
    let runs: Vec<_> = (0..5).map(|n| sandbox.spawn(if n == 4 { "events deliver" } else { "process" })).collect();
    runs.into_iter().for_each(|run| _ = run.finish().expect_code(0));
    sandbox.wait_until_settled();
    deliver_all(&sandbox);
    sandbox.assert_sound();
    assert_told(&sandbox, &receiver);
    // Nobody was killed, so that nothing came twice.
    let told = receiver.told();
    assert_eq!(first_of(&told).len(), told.len());
    assert_eq!(receiver.most_at_once(), 1);
    let drained = told.iter().filter(|told| told.event["type"] == "callq.queue.drained").count();
    assert!(drained > 0 && told.iter().all(|told| told.event["data"] != Value::Null));
}
