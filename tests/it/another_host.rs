//! A queue that goes on on another machine, as callq-scaling(7) says: its volume is mirrored, leases and all, and the first
//! machine is dead.

use std::collections::BTreeSet;
use std::fs;

use rustix::process::Signal;

use crate::support::{Sandbox, eventually};

/// The leads whose calls have begun in this sandbox.
fn began(sandbox: &Sandbox) -> BTreeSet<String> {
    let files = fs::read_dir(sandbox.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    let names = files.filter_map(|name| name.to_str()?.strip_prefix("began-").map(str::to_owned));
    names.filter(|lead| !lead.ends_with(".new")).collect()
}

#[test]
fn calls_of_a_dead_machine_are_held_and_nobody_is_called_twice() {
    let mut sandbox = Sandbox::holding();
    let configuration = fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    sandbox.configure(&configuration.replace("max_concurrent = 1", "max_concurrent = 5"));
    for lead in 1..=20 {
        sandbox.run(["add", "-c", "acme", &format!("lead-{lead}")]).expect_code(0);
    }
    let run = sandbox.spawn("process");
    eventually("five calls have begun", || began(&sandbox).len() == 5);
    run.signal(Signal::KILL);
    run.finish();
    let in_flight = began(&sandbox);

    // No lock goes over with the files, and the other machine has another boot.
    let mut other = sandbox.copy();
    let database = rusqlite::Connection::open(other.database()).unwrap();
    assert_eq!(database.execute("UPDATE attempts SET boot_id = 'the dead machine'", []).unwrap(), 5);
    drop(database);
    sandbox.write("go", "");

    let script = other.script("place-call", "echo \"$CALLQ_LEAD_ID\" >> called");
    other.call_by(&script);
    let report = other.run("process --json").expect_code(0).json();
    assert_eq!((&report["recovered"], &report["held_items"], &report["processed"]), (&5.into(), &5.into(), &15.into()));
    let called = fs::read_to_string(other.path("called")).unwrap();
    let leads: BTreeSet<String> = called.lines().map(str::to_owned).collect();
    assert_eq!((leads.len(), called.lines().count()), (15, 15), "{called}");
    assert!(leads.is_disjoint(&in_flight), "{in_flight:?} {called}");
    let held = other.run("list --held --json").expect_code(0).json();
    let held: BTreeSet<String> =
        held.as_array().unwrap().iter().map(|item| item["lead_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(held, in_flight);
}
