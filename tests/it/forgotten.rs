//! An older copy of the database is put back while the leases of started calls are there: nobody is called again, and a
//! person is asked to settle what the copy forgot.

use std::fs::{self, File};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Fault, Provider, Sandbox, eventually};

/// The files of a database.
const PARTS: [&str; 3] = ["queue.db", "queue.db-wal", "queue.db-shm"];

/// Takes a copy of the database while nothing runs.
fn take_copy(sandbox: &Sandbox) {
    for part in PARTS.iter().filter(|part| sandbox.path(part).exists()) {
        fs::copy(sandbox.path(part), sandbox.path(format!("copy-of-{part}"))).unwrap();
    }
}

/// Puts the copy back.
fn put_copy_back(sandbox: &Sandbox) {
    for part in PARTS {
        let _ = fs::remove_file(sandbox.path(part));
        let _ = fs::rename(sandbox.path(format!("copy-of-{part}")), sandbox.path(part));
    }
}

/// A sandbox whose program notes each call and goes on until the file `go` is there, with a waiting lead.
fn dialling() -> Sandbox {
    let mut sandbox = Sandbox::dialling();
    let body = "echo $CALLQ_PHONE >> calls.log\nuntil [ -e go ]; do sleep 0.02; done";
    let script = sandbox.script("dispatch", body);
    sandbox.open_with(&format!("kind = \"command\"\ncommand = [{script:?}]"));
    add(&sandbox, "acme", "lead", "+12125550117");
    sandbox
}

fn add(sandbox: &Sandbox, client: &str, lead: &str, phone: &str) {
    sandbox.run(["add", "-c", client, lead, "--phone", phone]).expect_code(0);
}

fn calls(sandbox: &Sandbox) -> Vec<String> {
    let log = fs::read_to_string(sandbox.path("calls.log")).unwrap_or_default();
    let mut calls: Vec<String> = log.lines().map(str::to_owned).collect();
    calls.sort();
    calls
}

/// Starts a run and kills it when this number of programs has begun.
fn kill_a_run(sandbox: &Sandbox, begun: usize) {
    let run = sandbox.spawn("process");
    eventually("the calls have begun", || calls(sandbox).len() == begun);
    run.signal(Signal::KILL);
    assert_eq!(run.finish().code, 137);
}

/// The lease files; what programs leave as results is not counted.
fn leases(sandbox: &Sandbox) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(sandbox.path("queue.db.leases")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_none()).collect()
}

/// Lets the programs go on, and waits until they are gone.
fn let_them_end(sandbox: &Sandbox) {
    sandbox.write("go", "");
    eventually("the programs are gone", || {
        leases(sandbox).iter().all(|path| File::open(path).is_ok_and(|file| file.try_lock().is_ok()))
    });
}

/// A run that reports what the copy forgot, after it has done its work.
#[track_caller]
fn forgetful_run(sandbox: &Sandbox) -> Value {
    let run = sandbox.run("process --json").expect_code(1);
    assert!(run.stderr.contains("an older copy of the database was put back"), "{run}");
    run.json()
}

#[track_caller]
fn doctor_says(sandbox: &Sandbox, code: i32, wanted: &str) {
    let run = sandbox.run("doctor").expect_code(code);
    assert!(run.stdout.contains(wanted), "{run}");
    assert!(run.stdout.contains("ok      counts:") && run.stdout.contains("ok      references:"), "{run}");
}

#[test]
fn nobody_is_called_again_until_a_person_has_settled_it() {
    let sandbox = dialling();
    add(&sandbox, "globex", "lead", "+12125550118");
    take_copy(&sandbox);
    kill_a_run(&sandbox, 2);
    let_them_end(&sandbox);
    put_copy_back(&sandbox);
    assert_eq!((sandbox.status(1).as_str(), sandbox.status(2).as_str()), ("pending", "pending"));
    doctor_says(&sandbox, 1, "was started, and is not on record");
    add(&sandbox, "initech", "new", "+12125550119");
    let report = forgetful_run(&sandbox);
    assert_eq!((&report["processed"], &report["held_items"]), (&json!(1), &json!(2)), "others are called");
    let errors: Vec<_> =
        report["errors"].as_array().unwrap().iter().map(|error| (&error["id"], &error["reason"])).collect();
    let forgotten = json!("forgotten");
    assert!(errors.contains(&(&json!(1), &forgotten)) && errors.contains(&(&json!(2), &forgotten)), "{errors:?}");
    for id in [1, 2] {
        assert_eq!(sandbox.status(id), "failed, held");
        let shown = sandbox.run(["show", &id.to_string(), "--json"]).json();
        let attempt = &shown["history"][0];
        assert_eq!((&attempt["outcome"], &attempt["reason"]), (&json!("unknown"), &forgotten));
        assert!(leases(&sandbox).iter().any(|lease| lease.ends_with(attempt["id"].as_str().unwrap())));
    }
    let database = rusqlite::Connection::open(sandbox.database()).unwrap();
    let taken: i64 = database
        .query_row(
            "SELECT count(*) FROM attempts WHERE outcome = 'unknown' AND number_taken_until = finished_at + 7200000",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(taken, 2, "both numbers stay taken for the time that a call may take");
    forgetful_run(&sandbox);
    doctor_says(
        &sandbox,
        1,
        "the database forgot a call of item 1: once it has ended, `callq report` or `callq retry` settles it",
    );
    sandbox.run("report 1 --outcome completed").expect_code(0);
    forgetful_run(&sandbox);
    assert_eq!(calls(&sandbox), ["+12125550117", "+12125550118", "+12125550119"]);
    sandbox.run("retry 2").expect_code(0);
    assert_eq!(leases(&sandbox).len(), 0);
    doctor_says(&sandbox, 0, "ok      calls: 0 in flight");
    // The dispatcher ends without a result and with 0: reached.
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["processed"], 1);
    assert_eq!((sandbox.status(1).as_str(), sandbox.status(2).as_str()), ("completed", "completed"));
}

#[test]
fn a_lead_that_the_copy_does_not_know_is_held_again_under_its_client() {
    let sandbox = dialling();
    take_copy(&sandbox);
    add(&sandbox, "globex", "late", "+12125550118");
    kill_a_run(&sandbox, 2);
    let_them_end(&sandbox);
    put_copy_back(&sandbox);
    forgetful_run(&sandbox);
    assert_eq!(sandbox.status(2), "failed, held");
    let shown = sandbox.run("show 2 --json").json();
    let fields = ["client_id", "lead_id", "phone"].map(|field| shown[field].as_str().unwrap());
    assert_eq!(fields, ["globex", "late", "+12125550118"]);
    sandbox.run("add -c globex late --phone +12125550118").expect_code(4);
    doctor_says(&sandbox, 1, "the database forgot a call of item 2");
    forgetful_run(&sandbox);
    assert_eq!(calls(&sandbox).len(), 2);
}

#[test]
fn a_call_that_goes_on_is_not_made_again_beside_it() {
    let sandbox = dialling();
    take_copy(&sandbox);
    kill_a_run(&sandbox, 1);
    put_copy_back(&sandbox);
    add(&sandbox, "globex", "same-number", "+12125550117");
    forgetful_run(&sandbox);
    assert_eq!((sandbox.status(1).as_str(), sandbox.status(2).as_str()), ("in_progress", "pending"));
    sandbox.run("report 1 --outcome completed").expect_code(4);
    let_them_end(&sandbox);
    forgetful_run(&sandbox);
    assert_eq!(sandbox.status(1), "failed, held");
    doctor_says(&sandbox, 1, "the database forgot a call of item 1");
    sandbox.run("report 1 --outcome retry --reason busy").expect_code(0);
    assert_eq!((sandbox.status(1).as_str(), leases(&sandbox).len()), ("retry_scheduled", 0));
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["held_items"], 0);
}

#[test]
fn a_call_that_the_provider_has_is_not_asked_for_again() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    take_copy(&sandbox);
    provider.fault("create-phone-call", [Fault::Hang]);
    let run = sandbox.spawn("process");
    provider.await_created(1);
    run.signal(Signal::KILL);
    run.finish();
    put_copy_back(&sandbox);
    for _ in 0..2 {
        let report = forgetful_run(&sandbox);
        assert_eq!((&report["processed"], &report["held_items"]), (&json!(0), &json!(1)));
    }
    assert_eq!((sandbox.status(1).as_str(), provider.created()), ("failed, held", vec![1]));
    sandbox.run("report 1 --outcome completed").expect_code(0);
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["held_items"], 0);
    assert_eq!(provider.created(), [1]);
}

#[test]
fn a_lease_that_names_nobody_is_for_a_person_to_remove() {
    let sandbox = dialling();
    sandbox.write("go", "");
    sandbox.run("process").expect_code(0);
    // As version 0.1 marked a started call.
    let lease = sandbox.write("queue.db.leases/01901c2e-7f3a-7c11-8000-0123456789ab", "1");
    for _ in 0..2 {
        let run = sandbox.run("process").expect_code(1);
        assert!(run.stderr.contains("rm [FOLDER]/queue.db.leases/01901c2e"), "{run}");
        doctor_says(&sandbox, 1, "the lease does not say who was called");
    }
    fs::remove_file(lease).unwrap();
    sandbox.run("process").expect_code(0);
    doctor_says(&sandbox, 0, "ok      calls:");
}

#[test]
fn prune_makes_no_forgotten_call_of_a_settled_one() {
    let sandbox = dialling();
    add(&sandbox, "globex", "other", "+12125550118");
    sandbox.write("go", "");
    sandbox.run("process").expect_code(0);
    let attempt =
        |id: &str| sandbox.run(["show", id, "--json"]).json()["history"][0]["id"].as_str().unwrap().to_owned();
    // Killed between the record and the removal of its lease, and just there.
    sandbox.write(&format!("queue.db.leases/{}", attempt("1")), "1");
    let held = sandbox.write(&format!("queue.db.leases/{}", attempt("2")), "1");
    let holder = File::open(&held).unwrap();
    holder.try_lock().unwrap();
    assert_eq!(sandbox.run("prune --older-than 0s --json").expect_code(0).json()["items"], 1);
    assert_eq!((sandbox.status(2).as_str(), leases(&sandbox)), ("completed", vec![held]));
    sandbox.run("process").expect_code(0);
    drop(holder);
    // A program that another test starts in this instant holds the file until it runs.
    eventually("the item is pruned", || {
        sandbox.run("prune --older-than 0s --json").expect_code(0).json()["items"] == 1
    });
    sandbox.run("process").expect_code(0);
    doctor_says(&sandbox, 0, "ok      calls: 0 in flight");
    assert_eq!(leases(&sandbox).len(), 0);
}
