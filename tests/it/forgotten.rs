//! An older copy of the database is put back while the leases of started calls are there: nobody is called again, and a
//! person is asked to settle what the copy forgot.

use std::fs::{self, File};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Bench, Fault, Provider, eventually};

/// The files of a database.
const PARTS: [&str; 3] = ["queue.db", "queue.db-wal", "queue.db-shm"];

/// Takes a copy of the database while nothing runs.
fn take_copy(bench: &Bench) {
    for part in PARTS.iter().filter(|part| bench.path(part).exists()) {
        fs::copy(bench.path(part), bench.path(format!("copy-of-{part}"))).unwrap();
    }
}

/// Puts the copy back.
fn put_copy_back(bench: &Bench) {
    for part in PARTS {
        let _ = fs::remove_file(bench.path(part));
        let _ = fs::rename(bench.path(format!("copy-of-{part}")), bench.path(part));
    }
}

/// A bench whose program notes each call and goes on until the file `go` is there, with a waiting lead.
fn dialling() -> Bench {
    let mut bench = Bench::dialling();
    let body = "echo $CALLQ_PHONE >> calls.log\nuntil [ -e go ]; do sleep 0.02; done";
    let script = bench.script("dispatch", body);
    bench.open_with(&format!("kind = \"command\"\ncommand = [{script:?}]"));
    add(&bench, "acme", "lead", "+15550100017");
    bench
}

fn add(bench: &Bench, client: &str, lead: &str, phone: &str) {
    bench.run(["add", "-c", client, lead, "--phone", phone]).expect_code(0);
}

fn calls(bench: &Bench) -> Vec<String> {
    let log = fs::read_to_string(bench.path("calls.log")).unwrap_or_default();
    let mut calls: Vec<String> = log.lines().map(str::to_owned).collect();
    calls.sort();
    calls
}

/// Starts a run and kills it when so many programs have begun.
fn kill_a_run(bench: &Bench, begun: usize) {
    let run = bench.spawn(["process"]);
    eventually("the calls have begun", || calls(bench).len() == begun);
    run.signal(Signal::KILL);
    assert_eq!(run.finish().code, 137);
}

/// The lease files; what programs leave as results is not counted.
fn leases(bench: &Bench) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(bench.path("queue.db.leases")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_none()).collect()
}

/// Lets the programs go on, and waits until they are gone.
fn let_them_end(bench: &Bench) {
    bench.write("go", "");
    eventually("the programs are gone", || {
        leases(bench).iter().all(|path| File::open(path).is_ok_and(|file| file.try_lock().is_ok()))
    });
}

/// A run that reports what the copy forgot, after it has done its work.
#[track_caller]
fn forgetful_run(bench: &Bench) -> Value {
    let run = bench.run(["process", "--json"]).expect_code(1);
    assert!(run.stderr.contains("an older copy of the database was put back"), "{run}");
    run.json()
}

#[track_caller]
fn doctor_says(bench: &Bench, code: i32, wanted: &str) {
    let run = bench.run(["doctor"]).expect_code(code);
    assert!(run.stdout.contains(wanted), "{run}");
    assert!(run.stdout.contains("ok      counts:") && run.stdout.contains("ok      references:"), "{run}");
}

#[test]
fn nobody_is_called_again_until_a_person_has_settled_it() {
    let bench = dialling();
    add(&bench, "globex", "lead", "+15550100018");
    take_copy(&bench);
    kill_a_run(&bench, 2);
    let_them_end(&bench);
    put_copy_back(&bench);
    assert_eq!((bench.status(1).as_str(), bench.status(2).as_str()), ("pending", "pending"));
    doctor_says(&bench, 1, "was started, and is not on record");
    add(&bench, "initech", "new", "+15550100019");
    let report = forgetful_run(&bench);
    assert_eq!((&report["processed"], &report["held_items"]), (&json!(1), &json!(2)), "others are called");
    let errors: Vec<_> =
        report["errors"].as_array().unwrap().iter().map(|error| (&error["id"], &error["reason"])).collect();
    let forgotten = json!("forgotten");
    assert!(errors.contains(&(&json!(1), &forgotten)) && errors.contains(&(&json!(2), &forgotten)), "{errors:?}");
    for id in [1, 2] {
        assert_eq!(bench.status(id), "failed, held");
        let shown = bench.run(["show", &id.to_string(), "--json"]).json();
        let attempt = &shown["history"][0];
        assert_eq!((&attempt["outcome"], &attempt["reason"]), (&json!("unknown"), &forgotten));
        assert!(leases(&bench).iter().any(|lease| lease.ends_with(attempt["id"].as_str().unwrap())));
    }
    let database = rusqlite::Connection::open(bench.database()).unwrap();
    let taken: i64 = database
        .query_row(
            "SELECT count(*) FROM attempts WHERE outcome = 'unknown' AND number_taken_until = finished_at + 7200000",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(taken, 2, "both numbers stay taken for the time that a call may take");
    forgetful_run(&bench);
    doctor_says(
        &bench,
        1,
        "the database forgot a call of item 1: once it has ended, `callq report` or `callq retry` settles it",
    );
    bench.run(["report", "1", "--outcome", "completed"]).expect_code(0);
    forgetful_run(&bench);
    assert_eq!(calls(&bench), ["+15550100017", "+15550100018", "+15550100019"]);
    bench.run(["retry", "2"]).expect_code(0);
    assert_eq!(leases(&bench).len(), 0);
    doctor_says(&bench, 0, "ok      calls: 0 in flight");
    // The dispatcher ends without a result and with 0: reached.
    assert_eq!(bench.run(["process", "--json"]).expect_code(0).json()["processed"], 1);
    assert_eq!((bench.status(1).as_str(), bench.status(2).as_str()), ("completed", "completed"));
}

#[test]
fn a_lead_that_the_copy_does_not_know_is_held_again_under_its_client() {
    let bench = dialling();
    take_copy(&bench);
    add(&bench, "globex", "late", "+15550100018");
    kill_a_run(&bench, 2);
    let_them_end(&bench);
    put_copy_back(&bench);
    forgetful_run(&bench);
    assert_eq!(bench.status(2), "failed, held");
    let shown = bench.run(["show", "2", "--json"]).json();
    let fields = ["client_id", "lead_id", "phone"].map(|field| shown[field].as_str().unwrap());
    assert_eq!(fields, ["globex", "late", "+15550100018"]);
    bench.run(["add", "-c", "globex", "late", "--phone", "+15550100018"]).expect_code(4);
    doctor_says(&bench, 1, "the database forgot a call of item 2");
    forgetful_run(&bench);
    assert_eq!(calls(&bench).len(), 2);
}

#[test]
fn a_call_that_goes_on_is_not_made_again_beside_it() {
    let bench = dialling();
    take_copy(&bench);
    kill_a_run(&bench, 1);
    put_copy_back(&bench);
    add(&bench, "globex", "same-number", "+15550100017");
    forgetful_run(&bench);
    assert_eq!((bench.status(1).as_str(), bench.status(2).as_str()), ("in_progress", "pending"));
    bench.run(["report", "1", "--outcome", "completed"]).expect_code(4);
    let_them_end(&bench);
    forgetful_run(&bench);
    assert_eq!(bench.status(1), "failed, held");
    doctor_says(&bench, 1, "the database forgot a call of item 1");
    bench.run(["report", "1", "--outcome", "retry", "--reason", "busy"]).expect_code(0);
    assert_eq!((bench.status(1).as_str(), leases(&bench).len()), ("retry_scheduled", 0));
    assert_eq!(bench.run(["process", "--json"]).expect_code(0).json()["held_items"], 0);
}

#[test]
fn a_call_that_the_provider_has_is_not_asked_for_again() {
    let provider = Provider::start();
    let bench = Bench::placing(&provider, 1);
    bench.queue(1);
    take_copy(&bench);
    provider.fault("create-phone-call", [Fault::Hang]);
    let run = bench.spawn(["process"]);
    provider.await_created(1);
    run.signal(Signal::KILL);
    run.finish();
    put_copy_back(&bench);
    for _ in 0..2 {
        let report = forgetful_run(&bench);
        assert_eq!((&report["processed"], &report["held_items"]), (&json!(0), &json!(1)));
    }
    assert_eq!((bench.status(1).as_str(), provider.created()), ("failed, held", vec![1]));
    bench.run(["report", "1", "--outcome", "completed"]).expect_code(0);
    assert_eq!(bench.run(["process", "--json"]).expect_code(0).json()["held_items"], 0);
    assert_eq!(provider.created(), [1]);
}

#[test]
fn a_lease_that_names_nobody_is_for_a_person_to_remove() {
    let bench = dialling();
    bench.write("go", "");
    bench.run(["process"]).expect_code(0);
    // As version 0.1 marked a started call.
    let lease = bench.write("queue.db.leases/01901c2e-7f3a-7c11-8000-0123456789ab", "1");
    for _ in 0..2 {
        let run = bench.run(["process"]).expect_code(1);
        assert!(run.stderr.contains("rm [FOLDER]/queue.db.leases/01901c2e"), "{run}");
        doctor_says(&bench, 1, "the lease does not say who was called");
    }
    fs::remove_file(lease).unwrap();
    bench.run(["process"]).expect_code(0);
    doctor_says(&bench, 0, "ok      calls:");
}

#[test]
fn prune_makes_no_forgotten_call_of_a_settled_one() {
    let bench = dialling();
    add(&bench, "globex", "other", "+15550100018");
    bench.write("go", "");
    bench.run(["process"]).expect_code(0);
    let attempt = |id: &str| bench.run(["show", id, "--json"]).json()["history"][0]["id"].as_str().unwrap().to_owned();
    // Killed between the record and the removal of its lease, and just there.
    bench.write(&format!("queue.db.leases/{}", attempt("1")), "1");
    let held = bench.write(&format!("queue.db.leases/{}", attempt("2")), "1");
    let holder = File::open(&held).unwrap();
    holder.try_lock().unwrap();
    assert_eq!(bench.run(["prune", "--older-than", "0s", "--json"]).expect_code(0).json()["items"], 1);
    assert_eq!((bench.status(2).as_str(), leases(&bench)), ("completed", vec![held]));
    bench.run(["process"]).expect_code(0);
    drop(holder);
    assert_eq!(bench.run(["prune", "--older-than", "0s", "--json"]).expect_code(0).json()["items"], 1);
    bench.run(["process"]).expect_code(0);
    doctor_says(&bench, 0, "ok      calls: 0 in flight");
    assert_eq!(leases(&bench).len(), 0);
}
