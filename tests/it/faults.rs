//! A system call fails: the disk is full or broken, a file or a process cannot be had. Whatever step fails, callq ends with
//! a documented code and one message, a command that does not exit 0 has changed nothing, and no call is off the record.
//!
//! Needs strace, which can inject errors. Without it the tests print that they are skipped. Every seventh step is taken;
//! `CALLQ_LONG_TESTS=1` takes them all.

use serde_json::Value;

use crate::support::{Run, Sandbox, is_installed, stride};

/// System calls, and how they fail. Not `fcntl`: most of its calls give a lock back, which no kernel refuses.
const FAULTS: [(&str, &str); 11] = [
    ("pwrite64", "ENOSPC"),
    ("pwrite64", "EIO"),
    ("pread64", "EIO"),
    ("fsync,fdatasync", "EIO"),
    ("ftruncate", "EIO"),
    ("flock", "ENOLCK"),
    ("openat", "EMFILE"),
    ("unlink", "EACCES"),
    ("write", "ENOSPC"),
    ("vfork,clone,clone3", "EAGAIN"),
    ("statfs,fstatfs", "EIO"),
];

/// Fails each step of `callq` with `arguments` once, on a copy of `template`, and asks `check` what it left.
fn sweep(template: &Sandbox, arguments: &[&str], input: &str, check: impl Fn(&Sandbox, &Run)) {
    if !is_installed("strace") {
        return;
    }
    let mut failed = 0;
    for (calls, error) in FAULTS {
        for step in (1..).step_by(stride()) {
            let sandbox = template.copy();
            let (run, hit) = sandbox.run_injected(calls, &format!("error={error}:when={step}"), arguments, input);
            if !hit {
                break;
            }
            let place = format!("{error} at {calls} {step}: {run}");
            // Before its first line a program without its libraries is no callq.
            if run.stderr.contains("error while loading shared libraries") {
                continue;
            }
            assert!(matches!(run.code, 0 | 1 | 6 | 7 | 8), "{place}");
            assert!(!run.stderr.contains("panicked"), "{place}");
            assert!(run.code == 0 || run.stderr.contains("error: "), "{place}");
            failed += usize::from(run.code != 0);
            check(&sandbox, &run);
        }
    }
    assert!(failed > 0, "no fault made the command fail");
}

/// Asserts that a command did all or, unless it says that it was done, nothing.
fn all_or_nothing(sandbox: &Sandbox, run: &Run, done: bool, undone: bool) {
    assert!(if matches!(run.code, 0 | 8) { done } else { undone }, "{run}{:?}", sandbox.items());
    sandbox.assert_sound();
}

#[test]
fn a_run_survives_each_fault() {
    sweep(&Sandbox::due(), &["process"], "", |sandbox, _| {
        sandbox.wait_until_settled();
        sandbox.assert_sound();
        let lost: Vec<Value> = sandbox
            .items()
            .into_values()
            .filter(|item| item["status"] != "completed" && item["held"] != true && item["status"] != "pending")
            .collect();
        assert!(lost.is_empty(), "{lost:?}");
    });
}

#[test]
fn add_is_done_or_not() {
    let sandbox = Sandbox::dialling();
    sandbox.run("add -c acme first").expect_code(0);
    sweep(&sandbox, &["add", "-c", "acme", "second"], "", |sandbox, run| {
        let count = sandbox.items().len();
        all_or_nothing(sandbox, run, count == 2, count == 1);
    });
}

#[test]
fn the_first_add_is_done_or_not() {
    let add = ["add", "-c", "acme", "lead", "--key", "once"];
    sweep(&Sandbox::dialling(), &add, "", |sandbox, run| {
        let there = sandbox.run("list --json");
        let count = if there.code == 0 { there.json().as_array().unwrap().len() } else { 0 };
        assert_eq!(count == 1, matches!(run.code, 0 | 8), "{run}{there}");
        sandbox.run(add).expect_code(0);
        assert_eq!(sandbox.items().len(), 1);
        sandbox.assert_sound();
    });
}

#[test]
fn a_batch_is_done_or_not() {
    let leads: String = (0..40).map(|n| format!("lead-{n}\n")).collect();
    let sandbox = Sandbox::dialling();
    sandbox.run("add -c acme first").expect_code(0);
    sweep(&sandbox, &["schedule-batch", "-c", "acme", "-f", "-"], &leads, |sandbox, run| {
        let count = sandbox.items().len();
        all_or_nothing(sandbox, run, count == 41, count == 1);
    });
}

#[test]
fn cancel_is_done_or_not() {
    sweep(&Sandbox::due(), &["cancel", "1-3"], "", |sandbox, run| {
        let cancelled = sandbox.items().values().filter(|item| item["status"] == "cancelled").count();
        all_or_nothing(sandbox, run, cancelled == 3, cancelled == 0);
    });
}
