//! SIGKILL at the N-th call of each system call that matters, for every N: whatever step a program dies at, it leaves a
//! sound queue, its change is there whole or not at all, and nobody is called twice.
//!
//! Needs strace, which can inject signals. Without it the tests print that they are skipped. Every seventh step is taken;
//! `CALLQ_LONG_TESTS=1` takes them all.

use crate::support::{Sandbox, is_installed, stride};

/// The system calls on which something durable, locked or started depends.
const SYSTEM_CALLS: [&str; 11] = [
    "pwrite64",
    "fsync",
    "fdatasync",
    "unlink",
    "fcntl",
    "flock",
    "write",
    "vfork,clone,clone3",
    "execve",
    "wait4,waitid",
    "openat",
];

/// What the killed program leaves.
struct Left {
    /// Whether it was killed, or ended by itself with 0 before the step came.
    killed: bool,
}

/// Runs `callq` with `arguments` on a copy of `template` for every step, and asks `check` what it left.
fn sweep(template: &Sandbox, arguments: &[&str], input: &str, check: impl Fn(&Sandbox, Left)) {
    if !is_installed("strace") {
        return;
    }
    for call in SYSTEM_CALLS {
        let mut killed_once = false;
        for step in (1..).step_by(stride()) {
            let sandbox = template.copy();
            let (run, killed) = sandbox.run_injected(call, &format!("signal=KILL:when={step}"), arguments, input);
            check(&sandbox, Left { killed: run.code == 137 });
            killed_once |= killed;
            if !killed {
                break;
            }
        }
        // What every writing command does, so that a sweep that kills nobody is noticed.
        assert!(
            killed_once || !["pwrite64", "fdatasync", "fcntl", "openat"].contains(&call),
            "{call} was never reached"
        );
    }
}

#[test]
fn process_can_be_killed_at_any_step() {
    sweep(&Sandbox::due(), &["process"], "", |sandbox, _| {
        sandbox.wait_until_settled();
        sandbox.assert_sound();
        let items = sandbox.items();
        // All three share a number, which a call without a known end keeps.
        let is_taken = items.values().any(|item| item["held"] == true);
        for (id, item) in items {
            let last = item["history"].as_array().unwrap().last().map(|attempt| attempt["outcome"].clone());
            match item["status"].as_str().unwrap() {
                "completed" => assert_eq!(last, Some("completed".into()), "item {id}"),
                "failed" => assert_eq!((&item["held"], last), (&true.into(), Some("unknown".into())), "item {id}"),
                "pending" if is_taken && last.is_none() => {}
                "pending" => assert_eq!(last, Some("returned".into()), "item {id}"),
                other => panic!("item {id} is left {other}: {item}"),
            }
        }
    });
}

#[test]
fn add_can_be_killed_at_any_step_and_repeated() {
    let add = ["add", "-c", "acme", "lead", "--key", "once"];
    sweep(&Sandbox::dialling(), &add, "", |sandbox, left| {
        let there = sandbox.run("list --json");
        assert!(left.killed || there.code == 0 && there.json().as_array().unwrap().len() == 1, "{there}");
        sandbox.run(add).expect_code(0);
        assert_eq!(sandbox.items().len(), 1);
        sandbox.assert_sound();
    });
}

#[test]
fn a_batch_is_whole_or_not_at_all() {
    let leads: String = (0..40).map(|n| format!("lead-{n}\n")).collect();
    let sandbox = Sandbox::dialling();
    sandbox.run("add -c acme first").expect_code(0);
    sweep(&sandbox, &["schedule-batch", "-c", "acme", "-f", "-"], &leads, |sandbox, left| {
        let count = sandbox.items().len();
        assert!(count == 41 || count == 1 && left.killed, "{count} items");
        sandbox.assert_sound();
    });
}

#[test]
fn cancel_is_whole_or_not_at_all() {
    sweep(&Sandbox::due(), &["cancel", "1-3", "--reason", "gone"], "", |sandbox, left| {
        let items = sandbox.items();
        let cancelled = items.values().filter(|item| item["status"] == "cancelled").count();
        assert!(cancelled == 3 || cancelled == 0 && left.killed, "{cancelled} cancelled");
        assert!(items.values().all(|item| (item["changes"].as_array().unwrap().len() == 1) == (cancelled == 3)));
        sandbox.assert_sound();
    });
}

#[test]
fn retry_is_whole_or_not_at_all() {
    let sandbox = Sandbox::due();
    sandbox.run("cancel 1-3").expect_code(0);
    sweep(&sandbox, &["retry", "1-3"], "", |sandbox, left| {
        let waiting = sandbox.items().values().filter(|item| item["status"] == "pending").count();
        assert!(waiting == 3 || waiting == 0 && left.killed, "{waiting} wait");
        sandbox.assert_sound();
    });
}

#[test]
fn update_is_whole_or_not_at_all() {
    sweep(&Sandbox::due(), &["update", "1-3", "-p", "high", "--meta", "k=v"], "", |sandbox, left| {
        let high = sandbox.items().values().filter(|item| item["priority"] == "high").count();
        assert!(high == 3 || high == 0 && left.killed, "{high} are high");
        sandbox.assert_sound();
    });
}

#[test]
fn a_report_is_whole_or_not_at_all() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["lost-1"]);
    sweep(&sandbox, &["report", "1", "--outcome", "completed"], "", |sandbox, left| {
        let item = sandbox.items().remove(&1).unwrap();
        let known = item["status"] == "completed" && item["history"][0]["outcome"] == "completed";
        assert!(known || left.killed && item["held"] == true && item["history"][0]["outcome"] == "unknown", "{item}");
        sandbox.assert_sound();
    });
}

#[test]
fn prune_goes_in_whole_steps() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["answered-1", "never-1", "busy-1"]);
    let leads: String = (0..200).map(|n| format!("lead-{n}\n")).collect();
    sandbox.run_with_input("schedule-batch -q -c acme -f -", &leads).expect_code(0);
    sandbox.run("cancel -q --yes 4-203").expect_code(0);
    sweep(&sandbox, &["prune", "--older-than", "0s"], "", |sandbox, left| {
        let mut items: Vec<u64> = sandbox.items().into_keys().collect();
        assert!(items.len() == 1 || left.killed, "{} items", items.len());
        // The busy one waits; of the others those with the lowest ids have gone.
        items.retain(|id| *id != 3);
        let wanted: Vec<u64> = (1..=203).filter(|id| *id != 3).collect();
        assert!(wanted.ends_with(&items), "{items:?}");
        let calls = sandbox.run("stats --json").json()["attempts"]["total"].clone();
        assert_eq!(calls, 3, "no call is counted twice, and none is lost");
        sandbox.assert_sound();
    });
}
