//! `callq backup` and `callq restore`: a copy is whole, and nobody who was called after it is called again.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Sandbox, eventually};

/// A sandbox whose program notes each call and goes on until the file `go` is there, with a waiting lead.
fn dialling() -> Sandbox {
    let mut sandbox = Sandbox::dialling();
    let body = "echo $CALLQ_LEAD_ID >> calls.log\nuntil [ -e go ]; do sleep 0.02; done";
    let script = sandbox.script("dispatch", body);
    sandbox.open_with(&format!("kind = \"command\"\ncommand = [{script:?}]"));
    sandbox.write("go", "");
    sandbox.run("add -c acme one --phone +12125550117").expect_code(0);
    sandbox
}

fn calls(sandbox: &Sandbox) -> Vec<String> {
    let log = fs::read_to_string(sandbox.path("calls.log")).unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

/// What begins with the name of the database or with a dot, beside the database.
fn beside(sandbox: &Sandbox, start: &str) -> Vec<String> {
    let names = fs::read_dir(sandbox.folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(start)).collect()
}

/// Lifts the pause, calls what waits, and says who is called in all.
fn go_on(sandbox: &Sandbox) -> Vec<String> {
    sandbox.run("resume").expect_code(0);
    sandbox.run("process").expect_code(0);
    calls(sandbox)
}

#[test]
fn a_copy_is_one_private_file_with_all_that_was_committed() {
    let sandbox = dialling();
    for line in ["backup copy.db", "backup small.db --compact"] {
        let made = sandbox.run(format!("{line} --json")).expect_code(0).json();
        let path = sandbox.path(made["path"].as_str().unwrap());
        assert_eq!((&made["items"], path.metadata().unwrap().len()), (&json!(1), made["bytes"].as_u64().unwrap()));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let listed = sandbox.run(["list", "--json", "--db", path.to_str().unwrap()]).expect_code(0).json();
        assert_eq!(listed[0]["lead_id"], "one");
        sandbox.run(format!("{line} -q")).expect_code(0);
    }
    // Another queue is no copy.
    sandbox.run("add -c acme other --db other.db").expect_code(0);
    sandbox.run("backup other.db").expect_code(2);
    for path in ["queue.db", "queue.db-wal", "config/config.toml", "queue.db.leases/x", "."] {
        sandbox.run(["backup", path]).expect_code(2);
    }
    sandbox.run("backup nowhere/copy.db").expect_code(1);
    let piped = sandbox.run_program(
        "sh",
        ["-c", "\"$0\" --db queue.db backup /dev/stdout | cat > piped.db", env!("CARGO_BIN_EXE_callq")],
        "",
    );
    assert_eq!((piped.code, piped.stderr.as_str()), (0, ""));
    assert_eq!(fs::read(sandbox.path("piped.db")).unwrap(), fs::read(sandbox.path("copy.db")).unwrap());
    assert_eq!(beside(&sandbox, ".callq"), [""; 0]);
}

#[test]
fn nobody_who_was_called_after_the_copy_is_called_again() {
    let sandbox = dialling();
    sandbox.run("add -c acme waits --phone +12125550119 --at +2h").expect_code(0);
    sandbox.run("backup copy.db").expect_code(0);
    sandbox.run("add -c globex late --phone +12125550118 --key order-7").expect_code(0);
    sandbox.run("process -c acme").expect_code(0);
    sandbox.run("process -c globex").expect_code(0);
    assert_eq!(calls(&sandbox), ["one", "late"]);
    sandbox.run("add -c acme lost --at +2h").expect_code(0);
    let restored = sandbox.run("restore copy.db --json").expect_code(0).json();
    let leads: Vec<&str> =
        restored["calls"].as_array().unwrap().iter().map(|call| call["lead_id"].as_str().unwrap()).collect();
    assert_eq!(leads, ["one", "late"]);
    for id in ["1", "3"] {
        let shown = sandbox.run(["show", id, "--json"]).expect_code(0).json();
        assert_eq!((&shown["status"], &shown["held"]), (&json!("failed"), &json!(true)), "{shown:#}");
        let attempt = &shown["history"][0];
        assert_eq!((&attempt["outcome"], &attempt["reason"]), (&json!("unknown"), &json!("forgotten")));
        let detail = attempt["detail"].as_str().unwrap();
        assert!(detail.contains("its outcome was completed"), "{detail}");
    }
    assert_eq!(sandbox.status(2), "scheduled");
    // Everything waits until a person resumes, and even then nobody is called again.
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["processed"], 0);
    assert_eq!(go_on(&sandbox), ["one", "late"]);
    let again = sandbox.run("add -c globex late --key order-7 --json").expect_code(0).json();
    assert_eq!(again["existing"], true, "its key stays known");
    assert_eq!(sandbox.run("add -c acme new --at +2h --json").expect_code(0).json()["id"], 5, "no id is given twice");
    sandbox.run("doctor").expect_code(0);
    // The queue of before lies beside, with what really happened.
    let kept = restored["kept"].as_str().unwrap().rsplit('/').next().unwrap();
    let listed = sandbox.run(["list", "--status", "completed", "--json", "--db", kept]).expect_code(0).json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    sandbox.run("report 1 --outcome completed").expect_code(0);
    assert_eq!(sandbox.status(1), "completed");
}

#[test]
fn a_call_that_was_in_progress_when_the_copy_was_made_is_held() {
    let sandbox = dialling();
    fs::remove_file(sandbox.path("go")).unwrap();
    let run = sandbox.spawn("process");
    eventually("the call goes on", || calls(&sandbox).len() == 1);
    sandbox.run("backup copy.db").expect_code(0);
    let refused = sandbox.run("restore copy.db").expect_code(4);
    assert!(refused.stderr.contains("1 call is in progress"), "{refused}");
    sandbox.write("go", "");
    run.finish().expect_code(0);
    assert_eq!(sandbox.status(1), "completed");
    assert_eq!(sandbox.run("restore copy.db --json").expect_code(0).json()["calls"], json!([]));
    assert_eq!(sandbox.status(1), "failed, held");
    assert_eq!(go_on(&sandbox), ["one"]);
    sandbox.run("doctor").expect_code(0);
}

#[test]
fn who_asked_not_to_be_called_after_the_copy_stays_so() {
    let sandbox = dialling();
    sandbox.run("backup copy.db").expect_code(0);
    sandbox.run("process").expect_code(0);
    let database = rusqlite::Connection::open(sandbox.database()).unwrap();
    database.execute_batch("DELETE FROM attempts; UPDATE items SET attempts = 0, tries = 0").unwrap();
    drop(database);
    sandbox.run("add -c acme two --phone +12125550118").expect_code(0);
    let script = sandbox.script("dispatch", "echo '{\"outcome\": \"completed\", \"do_not_call\": true}'");
    assert!(script.exists());
    sandbox.run("process").expect_code(0);
    sandbox.run("restore copy.db").expect_code(0);
    sandbox.run("add -c globex other --phone +12125550118").expect_code(0);
    sandbox.run("resume").expect_code(0);
    sandbox.run("process").expect_code(0);
    let shown = sandbox.run("list -c globex --json").expect_code(0).json();
    assert_eq!((&shown[0]["status"], &shown[0]["attempts"]), (&json!("failed"), &json!(0)), "{shown:#}");
}

#[test]
fn the_newer_copy_of_a_registry_stays() {
    let sandbox = dialling();
    let import = |name: &str, day: &str, numbers: &str| {
        let line = format!("dnc import {name} -f - --as-of {day} --covers 212 --yes");
        sandbox.run_with_input(line, numbers).expect_code(0);
    };
    import("us-national", "2026-11-01", "2125550117\n");
    import("own", "2026-11-20", "2125550118\n");
    sandbox.run("backup copy.db").expect_code(0);
    import("us-national", "2026-11-20", "2125550119\n2125550120\n");
    import("own", "2026-11-01", "");
    import("added", "2026-11-21", "2125550121\n");
    sandbox.run("restore copy.db").expect_code(0);
    let status = sandbox.run("dnc status --json").expect_code(0).json();
    let copies: Vec<Value> =
        status.as_array().unwrap().iter().map(|row| json!([row["name"], row["as_of"], row["numbers"]])).collect();
    assert_eq!(
        copies,
        [json!(["added", "2026-11-21", 1]), json!(["own", "2026-11-20", 1]), json!(["us-national", "2026-11-20", 2])]
    );
    for (number, code) in [("+12125550117", 0), ("+12125550118", 4), ("+12125550119", 4), ("+12125550121", 4)] {
        sandbox.run(["dnc", "check", number]).expect_code(code);
    }
}

#[test]
fn a_running_watch_goes_on_with_the_restored_queue_and_calls_nobody_again() {
    let sandbox = dialling();
    sandbox.run("backup copy.db").expect_code(0);
    let mut watch = sandbox.spawn("watch --interval 1h --json");
    let first: Value = serde_json::from_str(&watch.next_line()).unwrap();
    assert_eq!(first["processed"], 1);
    sandbox.run("restore copy.db").expect_code(0);
    sandbox.run("resume").expect_code(0);
    sandbox.run("add -c acme two --phone +12125550118").expect_code(0);
    eventually("the new lead is called", || calls(&sandbox).len() == 2);
    watch.signal(Signal::TERM);
    watch.finish().expect_code(143);
    assert_eq!(calls(&sandbox), ["one", "two"]);
}

#[test]
fn a_restore_that_is_killed_at_any_step_leaves_the_old_queue_or_the_whole_new_one() {
    let sandbox = dialling();
    sandbox.run("backup copy.db").expect_code(0);
    sandbox.run("process").expect_code(0);
    // Each system call that writes is a step at which it may be killed.
    if !crate::support::is_installed("strace") {
        return;
    }
    let mut both = (false, false);
    for step in [1, 2, 3, 5, 8, 13, 21, 34, 55, 80, 110, 150, 200, 260, 330, 400] {
        let place = sandbox.copy();
        let inject = format!("inject=pwrite64,fsync,fdatasync,rename,unlink:signal=KILL:when={step}");
        let words = ["-f", "-qq", "-o", "trace", "-e", &inject, env!("CARGO_BIN_EXE_callq"), "--db", "queue.db"];
        let words: Vec<&str> = words.into_iter().chain(["restore", "copy.db", "-q"]).collect();
        let run = place.run_program("strace", words, "");
        let is_new = place.status(1) == "failed, held";
        assert!(is_new || place.status(1) == "completed", "step {step}: {}", place.status(1));
        assert!(is_new || run.code != 0, "step {step}: {run}");
        both = (both.0 || is_new, both.1 || !is_new);
        place.run("resume").expect_code(0);
        place.run("process").expect_code(0);
        assert_eq!(calls(&place), ["one"], "step {step}");
        place.run("doctor").expect_code(0);
        place.run("restore copy.db").expect_code(0);
        assert_eq!(place.status(1), "failed, held", "step {step}: a second try brings it to its end");
    }
    assert_eq!(both, (true, true));
}

#[test]
fn an_unreadable_queue_needs_a_yes_and_is_kept() {
    let sandbox = dialling();
    sandbox.run("backup copy.db").expect_code(0);
    for part in ["queue.db-wal", "queue.db-shm"] {
        let _ = fs::remove_file(sandbox.path(part));
    }
    fs::write(sandbox.database(), vec![b'x'; 8_192]).unwrap();
    let refused = sandbox.run("restore copy.db").expect_code(4);
    assert!(refused.stderr.contains("nobody knows who was called") && refused.stderr.contains("--yes"), "{refused}");
    let restored = sandbox.run("restore copy.db --yes --json").expect_code(0);
    assert!(restored.stderr.contains("nobody knows who was called"), "{restored}");
    let kept = restored.json()["kept"].as_str().unwrap().to_owned();
    assert!(fs::read(sandbox.path(kept.rsplit('/').next().unwrap())).unwrap().starts_with(b"xxxx"));
    assert_eq!((sandbox.status(1).as_str(), beside(&sandbox, ".callq").len()), ("pending", 0));
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["processed"], 0, "all is paused");
    sandbox.run("doctor").expect_code(0);
}

#[test]
fn what_is_no_copy_is_refused_and_changes_nothing() {
    let sandbox = dialling();
    sandbox.write("text", "no database at all");
    File::create(sandbox.path("empty.db")).unwrap();
    for (line, code) in [("text", 1), ("empty.db", 1), ("missing.db", 1), ("queue.db", 2)] {
        sandbox.run(["restore", line]).expect_code(code);
        assert_eq!(sandbox.status(1), "pending");
    }
    assert_eq!((beside(&sandbox, ".callq"), beside(&sandbox, "queue.db.before")), (vec![], vec![]));
    // Where there is no queue yet, the copy becomes one.
    sandbox.run("backup copy.db").expect_code(0);
    let elsewhere = sandbox.run("restore copy.db --db moved/queue.db --json").expect_code(0).json();
    assert_eq!((&elsewhere["kept"], &elsewhere["calls"]), (&Value::Null, &json!([])));
    assert_eq!(sandbox.run("list --db moved/queue.db --json").expect_code(0).json()[0]["lead_id"], "one");
}
