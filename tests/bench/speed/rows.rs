//! The rows of the table, each on databases of its own.

use std::fs;
use std::process::Stdio;

use crate::history;
use crate::measure::{Goal, beside, compare, longest_lock, memory, tell, time, time_together};
use crate::place::Place;

/// A row: its number and words, and what measures it.
type Row = (&'static str, fn(bool));

/// Every row, in the order of the table.
pub(crate) const ROWS: [Row; 14] = [
    ("1 start", start),
    ("2 add", add),
    ("3 add-long", add_to_a_long_queue),
    ("4 import", import),
    ("6 drain", drain),
    ("7 simulate", simulate),
    ("8 idle", idle),
    ("9 stats", stats),
    ("10 list", list),
    ("11 stream", stream),
    ("12 together", together),
    ("15 dry-run", dry_run),
    ("16 prune", prune),
    ("17 forecast", forecast),
];

/// Pairs of short commands, and of long ones.
const SHORT: usize = 31;
const LONG: usize = 5;

fn start(_: bool) {
    let place = Place::new();
    let empty = place.empty_program();
    for flag in ["--version", "--help"] {
        let row = format!("1  {flag} : empty program");
        let callq = || time(place.bare_callq([flag]));
        compare(&row, Goal::AtMost(1.5, 1.3), SHORT, callq, || time(place.program(&empty)));
    }
}

/// A lead that was not there before.
fn fresh(number: &mut usize) -> String {
    *number += 1;
    format!("fresh-{number}")
}

fn add(_: bool) {
    let place = Place::new();
    place.queue("ours.db", 1, 1_000, "now");
    place.copy("ours.db", "theirs.db");
    let (mut ours, mut theirs) = (0, 0);
    compare(
        "2  add : one durable insert",
        Goal::AtMost(1.3, 1.1),
        SHORT,
        || time(place.callq("ours.db", ["add", "-c", "acme", &fresh(&mut ours)])),
        || time(place.reference("insert", "theirs.db", &[&fresh(&mut theirs)])),
    );
}

fn add_to_a_long_queue(large: bool) {
    let place = Place::new();
    place.queue("empty.db", 1, 1, "now");
    for count in [1_000_000, 10_000_000].into_iter().take(if large { 2 } else { 1 }) {
        place.queue("long.db", 1, count, "now");
        let (mut ours, mut theirs) = (0, 0);
        compare(
            &format!("3  add, {count} waiting : add to an empty queue"),
            Goal::AtMost(1.6, 1.6),
            SHORT,
            || time(place.callq("long.db", ["add", "-c", "acme", &fresh(&mut ours)])),
            || time(place.callq("empty.db", ["add", "-c", "acme", &fresh(&mut theirs)])),
        );
        place.remove("long.db");
    }
}

fn import(_: bool) {
    let place = Place::new();
    time(place.callq("start.db", ["add", "-c", "acme", "first"]));
    for count in [100_000, 1_000_000] {
        let [json, csv] = ["jsonl", "csv"].map(|kind| place.leads(&format!("{count}.{kind}"), count));
        let [json, csv] = [&json, &csv].map(|path| path.to_str().unwrap_or_default());
        let batch = |file: &str| {
            place.copy("start.db", "ours.db");
            time(place.callq("ours.db", ["-q", "schedule-batch", "-c", "acme", "-f", file]))
        };
        let load = || {
            place.copy("start.db", "theirs.db");
            time(place.reference("load", "theirs.db", &[json]))
        };
        let row = format!("4  import of {count}, JSONL : bare loader");
        compare(&row, Goal::AtLeast(0.8, 0.95), LONG, || batch(json), load);
        let row = format!("4  import of {count}, CSV : JSONL");
        compare(&row, Goal::AtLeast(0.85, 0.85), LONG, || batch(csv), || batch(json));
        place.copy("start.db", "ours.db");
        let command = place.callq("ours.db", ["-q", "schedule-batch", "-c", "acme", "-f", json]);
        memory(&format!("4  import of {count}, JSONL: memory"), 96.0, command);
    }
}

/// Calls in the rows of runs.
const CALLS: usize = 10_000;

fn drain(_: bool) {
    let place = Place::new();
    place.dispatch("kind = \"command\"\ncommand = [\"true\"]");
    place.queue("due.db", 1, CALLS, "now");
    let words: Vec<String> = (0..CALLS).map(|n| n.to_string()).collect();
    fs::write(place.path("words"), words.join("\n")).unwrap_or_else(|e| panic!("{e}"));
    let drain = || {
        place.copy("due.db", "ours.db");
        time(place.callq("ours.db", ["-q", "process"]))
    };
    let xargs = || {
        let mut command = place.program("xargs");
        command.args(["-a", "words", "-P5", "-n1", "true"]);
        time(command)
    };
    compare("6  draining 10000 by `true`, 5 at once : xargs -P5", Goal::AtLeast(0.6, 0.75), LONG, drain, xargs);
}

fn simulate(_: bool) {
    let place = Place::new();
    place.queue("due.db", 1, CALLS, "now");
    let simulate = || {
        place.copy("due.db", "ours.db");
        time(place.callq("ours.db", ["-q", "process"]))
    };
    let cycle = || {
        place.copy("due.db", "theirs.db");
        time(place.reference("cycle", "theirs.db", &[&CALLS.to_string()]))
    };
    compare("7  claim and record, simulated : bare cycle", Goal::AtLeast(0.3, 0.5), LONG, simulate, cycle);
}

fn idle(_: bool) {
    let place = Place::new();
    place.queue("empty.db", 1, 1, "tomorrow 09:30");
    place.queue("long.db", 500, 2_000, "tomorrow 09:30");
    let process = |name: &str| time(place.callq(name, ["process"]));
    let row = "8  process, idle, 1000000 of 500 clients : one waiting";
    compare(row, Goal::AtMost(2.0, 2.0), SHORT, || process("long.db"), || process("empty.db"));
}

/// A database with history, for rows that only read.
fn history(place: &Place, count: usize) {
    time(place.callq_in_history("old.db", ["add", "-c", "acme", "first"]));
    history::fill(&place.path("old.db"), count).unwrap_or_else(|error| panic!("{error}"));
}

fn stats(large: bool) {
    for count in [1_000_000, 10_000_000].into_iter().take(if large { 2 } else { 1 }) {
        let place = Place::new();
        history(&place, count);
        for verb in ["stats", "status", "why"] {
            compare(
                &format!("9  {verb}, {count} items : only open the database"),
                Goal::AtMost(3.0, 2.0),
                SHORT,
                || time(place.callq_in_history("old.db", [verb])),
                || time(place.reference("open", "old.db", &[])),
            );
        }
    }
}

fn list(_: bool) {
    let place = Place::new();
    history(&place, 1_000_000);
    let filters: [&[&str]; 22] = [
        &[],
        &["-c", "client-3"],
        &["--status", "pending"],
        &["--status", "completed"],
        &["--status", "in_progress"],
        &["--status", "retry_scheduled"],
        &["--status", "failed,cancelled"],
        &["--priority", "urgent"],
        &["--lead", "lead-77777"],
        &["--from", "2026-11-23 20:00"],
        &["--to", "2026-11-23"],
        &["--due"],
        &["--held"],
        &["--reason", "reason-3"],
        &["--search", "lead-77777"],
        &["--sort", "scheduled"],
        &["--sort", "created"],
        &["--sort", "updated"],
        &["--sort", "id"],
        &["--sort", "id", "--reverse"],
        &["--reverse"],
        &["-c", "client-3", "--status", "failed", "--sort", "scheduled", "--reverse"],
    ];
    for filter in filters {
        compare(
            &format!("10 list {} : only open", filter.join(" ")),
            Goal::AtMost(2.5, 1.6),
            SHORT / 2,
            || time(place.callq_in_history("old.db", ["list"].iter().chain(filter))),
            || time(place.reference("open", "old.db", &[])),
        );
    }
}

fn stream(_: bool) {
    let place = Place::new();
    place.queue("long.db", 1, 1_000_000, "now");
    for sort in ["order", "id"] {
        let listing = ["list", "--limit", "0", "--format", "jsonl", "--sort", sort];
        compare(
            &format!("11 list of 1000000 as JSONL, --sort {sort} : bare exporter"),
            Goal::AtLeast(0.8, 0.95),
            LONG,
            || time(place.callq("long.db", listing)),
            || time(place.reference("export", "long.db", &[])),
        );
        memory(&format!("11 list of 1000000 as JSONL, --sort {sort}: memory"), 16.0, place.callq("long.db", listing));
    }
}

fn together(_: bool) {
    let place = Place::new();
    place.queue("ours.db", 1, 1_000, "now");
    place.copy("ours.db", "theirs.db");
    let (mut ours, mut theirs) = (0, 0);
    compare(
        "12 eight adds at once : eight durable inserts at once",
        Goal::AtLeast(0.8, 0.8),
        SHORT,
        || time_together((0..8).map(|_| place.callq("ours.db", ["add", "-c", "acme", &fresh(&mut ours)])).collect()),
        || time_together((0..8).map(|_| place.reference("insert", "theirs.db", &[&fresh(&mut theirs)])).collect()),
    );
    let mut list = place.callq("ours.db", ["list", "--limit", "0", "--format", "jsonl"]);
    let output = list.stderr(Stdio::inherit()).output().unwrap_or_else(|error| panic!("{error}"));
    let kept = output.stdout.iter().filter(|byte| **byte == b'\n').count().saturating_sub(1_000);
    tell(&format!("12 of {ours} leads added {kept} are there"));
}

fn dry_run(_: bool) {
    let place = Place::new();
    place.queue("due.db", 1, 900_000, "now");
    compare(
        "15 dry run of 900000 as JSONL : list of as many",
        Goal::AtMost(2.0, 2.0),
        LONG,
        || time(place.callq("due.db", ["process", "--dry-run", "--format", "jsonl"])),
        || time(place.callq("due.db", ["list", "--limit", "0", "--format", "jsonl"])),
    );
}

fn forecast(_: bool) {
    let place = Place::new();
    place.queue("due.db", 1, 1_000_000, "now");
    // The usual hours: 9 to 17, five days a week.
    place.configure("[defaults]\ntimezone = \"UTC\"\n[defaults.dispatch]\nkind = \"simulate\"\n");
    compare(
        "17 forecast of 1000000, 20 runs : bare scan",
        Goal::AtMost(6.0, 4.0),
        LONG,
        || time(place.callq("due.db", ["forecast", "-c", "acme"])),
        || time(place.reference("scan", "due.db", &[])),
    );
    memory("17 forecast of 1000000: memory", 96.0, place.callq("due.db", ["forecast", "-c", "acme"]));
}

/// No ratio: nothing else deletes in steps. Beside it one process adds, and one looks how long the database is locked.
fn prune(_: bool) {
    let place = Place::new();
    time(place.callq_in_history("full.db", ["add", "-c", "acme", "first"]));
    history::fill_called_twice(&place.path("full.db"), 1_000_000).unwrap_or_else(|error| panic!("{error}"));
    let prune = |name: &str| {
        place.copy("full.db", name);
        let mut prune = place.callq(name, ["-q", "prune", "--older-than", "0s"]);
        prune.env("CALLQ_NOW", "2036-11-23T15:00:00Z");
        prune
    };
    memory("16 prune of 1000000 with 2 attempts each: memory", 96.0, prune("memory.db"));
    let mut number = 0;
    let (took, waits) =
        beside(prune("adds.db"), || time(place.callq("adds.db", ["add", "-c", "acme", &fresh(&mut number)])));
    let longest = waits.iter().max().map_or(0, std::time::Duration::as_millis);
    let row = format!("16 prune of 1000000: the longest of {} adds beside it", waits.len());
    tell(&format!("{row:<58} {longest:>6}  ≤ 500 ms       {:>8.1} s", took.as_secs_f64()));
    let longest = longest_lock(prune("locks.db"), &place.path("locks.db")).as_millis();
    tell(&format!("{:<58} {longest:>6}  ≤ 100 ms", "16 prune of 1000000: the longest lock"));
}
