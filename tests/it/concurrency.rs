//! Many processes on one database: nothing is lost, nobody is called twice, limits hold together.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{Sandbox, noting, takes_long_tests};

/// A sandbox that is open around the clock, with this number of calls at once, through a script that notes begin and end of each call.
fn sandbox(at_once: u32, middle: &str) -> Sandbox {
    let mut sandbox = Sandbox::dialling();
    sandbox.script("dispatch", &noting(middle));
    let config = Sandbox::always_open("kind = \"command\"\ncommand = [\"./dispatch\"]");
    sandbox.configure(&config.replace("max_concurrent = 1", &format!("max_concurrent = {at_once}")));
    sandbox
}

/// How many calls were made, each item once, and the most of them that went on at once.
#[track_caller]
fn calls(sandbox: &Sandbox) -> (usize, i32) {
    let log = fs::read_to_string(sandbox.path("calls.log")).unwrap();
    let (mut going_on, mut most, mut begun) = (0, 0, BTreeSet::new());
    for line in log.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        if words[0] == "begin" {
            assert!(begun.insert(words[1].to_owned()), "item {} was called twice", words[1]);
            going_on += 1;
        } else {
            going_on -= 1;
        }
        most = most.max(going_on);
    }
    assert_eq!(going_on, 0, "every call has ended");
    (begun.len(), most)
}

#[test]
fn overlapping_runs_keep_to_the_limit_together_and_call_nobody_twice() {
    let sandbox = sandbox(3, "sleep 0.02");
    let leads: String = (0..60).map(|n| format!("lead-{n}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f -", &leads).expect_code(0);
    let runs: Vec<_> = (0..4).map(|_| sandbox.spawn("process --json")).collect();
    let processed: u64 =
        runs.into_iter().map(|run| run.finish().expect_code(0).json()["processed"].as_u64().unwrap()).sum();
    // A run that finds every slot taken ends: the others go on.
    let rest = sandbox.run("process --json").expect_code(0).json()["processed"].as_u64().unwrap();
    assert_eq!(processed + rest, 60);
    let (begun, most) = calls(&sandbox);
    assert_eq!(begun, 60);
    assert!(most <= 3, "{most} calls at once");
    assert_eq!(sandbox.run("list --status completed --limit 0 --json").json().as_array().unwrap().len(), 60);
}

#[test]
fn many_processes_add_at_once_and_every_lead_is_there_once() {
    let sandbox = sandbox(3, "");
    for round in 0..5 {
        let adds: Vec<_> =
            (0..8)
                .map(|n| sandbox.spawn(["add", "-c", "acme", &format!("lead-{round}-{n}"), "--json"]))
                .chain((0..2).map(|_| {
                    sandbox.spawn(["add", "-c", "acme", &format!("twin-{round}"), "--key", &format!("k{round}")])
                }))
                .collect();
        adds.into_iter().for_each(|add| _ = add.finish().expect_code(0));
    }
    let items = sandbox.run("list --limit 0 --json").expect_code(0).json();
    let leads: BTreeSet<&str> =
        items.as_array().unwrap().iter().map(|item| item["lead_id"].as_str().unwrap()).collect();
    assert_eq!((items.as_array().unwrap().len(), leads.len()), (45, 45));
}

#[test]
fn many_processes_make_the_queue_at_once_and_none_is_turned_away() {
    let rounds = if takes_long_tests() { 300 } else { 25 };
    for _ in 0..rounds {
        let sandbox = Sandbox::new();
        let adds: Vec<_> = (0..10).map(|n| sandbox.spawn(["add", "-c", "acme", &format!("lead-{n}")])).collect();
        adds.into_iter().for_each(|add| _ = add.finish().expect_code(0));
        assert_eq!(sandbox.items().len(), 10);
    }
}

#[test]
fn sixteen_processes_drain_a_queue_within_the_limit_and_call_each_item_once() {
    let count = if takes_long_tests() { 5_000 } else { 400 };
    let sandbox = sandbox(5, "");
    let leads: String = (0..count).map(|n| format!("lead-{n}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f -", &leads).expect_code(0);
    let runs: Vec<_> = (0..16).map(|_| sandbox.spawn("process --json")).collect();
    runs.into_iter().for_each(|run| _ = run.finish().expect_code(0));
    sandbox.wait_until_settled();
    sandbox.assert_sound();
    let (begun, most) = calls(&sandbox);
    assert_eq!(begun, count);
    assert!(most <= 5, "{most} calls at once");
    assert!(sandbox.items().values().all(|item| item["status"] == "completed" && item["attempts"] == 1));
}
