//! `callq prune`: what is finished and old goes in whole steps, between which others write; what is live or held stays, and
//! keys are known for ever.

use std::fs::File;
use std::io::Write;
use std::time::Duration;

use callq::error::ErrorKind;
use rusqlite::{Connection, TransactionBehavior};
use rustix::process::Signal;
use snapbox::{assert_data_eq, str};

use crate::support::{Bench, Terminal, eventually};

/// Long after all that [`Bench::dialling`] does on the clock of the machine.
const LATER: &str = "2099-01-01T00:00:00Z";

/// Items 1 to 6: completed, failed, held, cancelled, in progress, pending; all of them old by the clock of the bench.
fn one_of_each() -> Bench {
    let mut bench = Bench::dialling();
    bench.call(&["answered-1", "never-1", "lost-1"]);
    bench.callq_line("add -c acme gone-1 --key g").expect_code(0);
    bench.callq_line("cancel 4").expect_code(0);
    bench.call(&["later-1"]);
    bench.callq_line("add -c acme waiting-1").expect_code(0);
    bench.set_now(LATER);
    bench
}

/// The ids that are left.
fn left(bench: &Bench) -> Vec<u64> {
    let list = bench.callq_line("list --limit 0 --sort id --json").expect_code(0).json();
    list.as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
}

/// A number that the database holds.
fn number(bench: &Bench, sql: &str) -> i64 {
    Connection::open(bench.database()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn finished_items_go_with_all_that_is_theirs_live_and_held_ones_stay() {
    let bench = one_of_each();
    assert_data_eq!(
        bench.callq_line("prune --older-than 30d --dry-run").text(),
        str![[r#"
would delete 3 finished items with 2 attempts
--- exit 0

"#]]
    );
    assert_eq!(left(&bench), [1, 2, 3, 4, 5, 6]);
    assert_data_eq!(
        bench.callq_line("prune --older-than 30d").text(),
        str![[r#"
deleted 3 finished items with 2 attempts
--- exit 0

"#]]
    );
    assert_eq!(left(&bench), [3, 5, 6]);
    assert_eq!(bench.status(3), "failed, held");
    assert_eq!(number(&bench, "SELECT count(*) FROM attempts"), 2, "of the held item and of the one in progress");
    assert_eq!(number(&bench, "SELECT count(*) FROM changes WHERE item_id NOT IN (SELECT id FROM items)"), 0);
    assert_eq!(number(&bench, "SELECT count(*) FROM runs"), 2, "a run goes with its last attempt");
    let doctor = bench.callq_line("doctor --format csv");
    for check in ["counts,ok", "references,ok", "database,ok"] {
        assert!(doctor.stdout.contains(check), "{doctor}");
    }
    let stats = bench.callq_line("stats --json").expect_code(0).json();
    assert_eq!(stats["total_items"], 3);
    assert_eq!(stats["by_status"]["completed"], 0);
    assert_eq!(stats["attempts"]["total"], 2);
}

#[test]
fn what_changed_within_the_time_stays() {
    let mut bench = Bench::new();
    for lead in ["a", "b"] {
        bench.callq_line(&format!("add -c acme {lead}")).expect_code(0);
    }
    bench.callq_line("cancel 1").expect_code(0);
    bench.set_now("2026-11-25T15:00:00Z");
    bench.callq_line("cancel 2").expect_code(0);
    bench.set_now("2026-11-26T15:00:00Z");
    let pruned = |age: &str| bench.run(["prune", "--json", "--older-than", age]).expect_code(0).json();
    assert_eq!(
        pruned("3d"),
        serde_json::json!({"items": 0, "attempts": 0, "dry_run": false, "interrupted": false}),
        "not older than that"
    );
    assert_eq!(pruned("2d")["items"], 1);
    assert_eq!(left(&bench), [2]);
}

#[test]
fn a_client_and_statuses_bound_it() {
    let bench = one_of_each();
    bench.callq_line("add -c beta b").expect_code(0);
    bench.callq_line("cancel 7").expect_code(0);
    let bench = {
        let mut bench = bench;
        bench.set_now("2100-01-01T00:00:00Z");
        bench
    };
    assert_eq!(bench.callq_line("prune --older-than 1d -c beta --json").expect_code(0).json()["items"], 1);
    assert_eq!(left(&bench), [1, 2, 3, 4, 5, 6]);
    assert_eq!(bench.callq_line("prune --older-than 1d --status failed,cancelled --json").json()["items"], 2);
    assert_eq!(left(&bench), [1, 3, 5, 6]);
    bench.callq_line("prune --older-than 1d -c nobody").expect_code(3);
    assert_eq!(bench.callq_line("prune -q --older-than 1d").expect_code(0).text(), "--- exit 0\n");
    assert_eq!(left(&bench), [3, 5, 6]);
}

#[test]
fn a_live_status_is_refused_by_name() {
    let bench = one_of_each();
    for status in ["pending", "scheduled", "in_progress", "retry_scheduled"] {
        let run = bench.run(["prune", "--older-than", "1d", "--status", status]).expect_code(2);
        assert!(run.stderr.contains(&format!("`{status}` is a live status")), "{run}");
    }
    assert_eq!(left(&bench), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn without_a_database_nothing_is_made() {
    let bench = Bench::new();
    bench.callq_line("prune --older-than 1d").expect_code(1);
    assert!(!bench.database().exists());
}

#[test]
fn the_key_of_a_pruned_item_stays_known() {
    let bench = one_of_each();
    bench.callq_line("prune --older-than 1d").expect_code(0);
    assert_data_eq!(
        bench.callq_line("add -c acme gone-1 --key g").text(),
        str![[r#"
4  pruned  existing
--- exit 0

"#]]
    );
    let again = bench.callq_line("add -c acme gone-1 --key g --json").expect_code(0).json();
    assert_eq!((&again["id"], &again["key"], &again["existing"]), (&4.into(), &"g".into(), &true.into()));
    assert_eq!((&again["lead_id"], &again["client_id"]), (&"gone-1".into(), &"acme".into()));
    assert!(again["status"].is_null() && again["timezones"].is_null(), "{again}");
    let csv = bench.callq_line("add -c acme gone-1 --key g --format csv").expect_code(0).stdout;
    let columns: Vec<usize> = csv.lines().map(|line| line.split(',').count()).collect();
    assert_eq!(columns, [21, 21], "{csv}");
    bench.callq_line("add -c acme other --key g").expect_code(4);
    let batch = "{\"lead_id\": \"gone-1\", \"key\": \"g\"}\n";
    let batch =
        bench.run_with_input(["schedule-batch", "-c", "acme", "-f", "-", "--json"], batch).expect_code(0).json();
    assert_eq!((&batch["scheduled"], &batch["skipped"]), (&0.into(), &1.into()));
    bench.callq_line("show 4").expect_code(3);
    assert_eq!(left(&bench), [3, 5, 6]);
    let new = bench.callq_line("add -c acme gone-1 --json").expect_code(0).json();
    assert_eq!(new["id"], 7, "the lead is free, and no number is used again");
}

/// `count` cancelled items, old by the clock of the bench.
fn cancelled(count: u64) -> Bench {
    let mut bench = Bench::new();
    let path = bench.path("leads.txt");
    let mut leads = File::create(&path).unwrap();
    for number in 0..count {
        writeln!(leads, "lead-{number}").unwrap();
    }
    bench.run(["schedule-batch", "-q", "-c", "acme", "-f", path.to_str().unwrap()]).expect_code(0);
    bench.run(["cancel", "-q", "--yes", &format!("1-{count}"), "--format", "csv"]).expect_code(0);
    bench.set_now("2027-11-23T15:00:00Z");
    bench
}

fn assert_counted(bench: &Bench) {
    let doctor = bench.callq_line("doctor --format csv");
    for check in ["counts,ok", "references,ok", "database,ok"] {
        assert!(doctor.stdout.contains(check), "{doctor}");
    }
}

#[test]
fn a_batch_goes_over_many_steps_and_leaves_the_counts_right() {
    let bench = cancelled(25_000);
    bench.run(["retry", "-q", "1", "25000", "--format", "csv"]).expect_code(0);
    let pruned = bench.callq_line("prune --older-than 30d --json").expect_code(0).json();
    assert_eq!((&pruned["items"], &pruned["attempts"]), (&24_998.into(), &0.into()));
    assert_eq!(left(&bench), [1, 25_000]);
    assert_eq!(bench.callq_line("stats --json").json()["total_items"], 2);
    assert_counted(&bench);
}

#[test]
fn an_interrupted_prune_says_what_it_has_deleted_and_the_next_one_does_the_rest() {
    for (flag, is_json) in [(None, false), (Some("--json"), true), (Some("-q"), false)] {
        let bench = cancelled(1_000);
        // Ctrl-C in the second rest: behind the second step.
        let terminal = Terminal { now: "2027-11-23T15:00:00Z", waits: 2, ..Terminal::of(80, 24) };
        let arguments: Vec<&str> = ["prune", "--older-than", "30d"].into_iter().chain(flag).collect();
        let shown = terminal.run(&bench, &arguments);
        assert_eq!(shown.result.unwrap_err().kind, ErrorKind::Signal(2));
        let there = left(&bench);
        let gone = 1_000 - there.len();
        assert!(gone > 0 && !there.is_empty(), "{gone} deleted");
        assert!((gone as u64 + 1..=1_000).eq(there), "from the lowest id on");
        if is_json {
            let report: serde_json::Value = serde_json::from_str(&shown.out).unwrap();
            let wanted = serde_json::json!({"items": gone, "attempts": 0, "dry_run": false, "interrupted": true});
            assert_eq!(report, wanted);
        } else {
            let line = format!("deleted {gone} finished items with 0 attempts; interrupted, repeat it for the rest\n");
            assert_eq!(shown.out, line);
        }
        assert_counted(&bench);
        let rest = bench.callq_line("prune --older-than 30d --json").expect_code(0).json();
        assert_eq!((&rest["items"], &rest["interrupted"]), (&(1_000 - gone).into(), &false.into()));
    }
}

#[test]
fn others_write_between_two_steps_and_a_signal_ends_it_behind_one() {
    let bench = cancelled(20_000);
    let mut other = Connection::open(bench.database()).unwrap();
    other.busy_timeout(Duration::from_secs(30)).unwrap();
    let prune = bench.spawn(["prune", "--older-than", "30d", "--json"]);
    eventually("a step is over", || number(&bench, "SELECT count(*) FROM items") < 20_000);
    // Without a rest between two steps this would be in only when all is gone.
    let turn = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let there: i64 = turn.query_row("SELECT count(*) FROM items", [], |row| row.get(0)).unwrap();
    assert!(there > 0, "the other writer waited for all steps");
    prune.signal_taken(Signal::TERM);
    turn.commit().unwrap();
    let end = prune.finish().expect_code(143);
    let (report, rest) = (end.json(), left(&bench).len() as u64);
    assert_eq!((&report["items"], &report["interrupted"]), (&(20_000 - rest).into(), &true.into()), "{end}");
    assert!(end.stderr.contains("ended by signal 15"), "{end}");
    assert!(rest > 0);
    assert_counted(&bench);
}

#[test]
fn what_fails_behind_a_step_leaves_the_steps_and_says_so() {
    let bench = cancelled(1_000);
    // The counts of the second step do not add up: it is undone, and the first one stays.
    let spoil = "UPDATE item_counts SET n = 70";
    Connection::open(bench.database()).unwrap().execute(spoil, []).unwrap();
    let run = bench.callq_line("prune --older-than 30d").expect_code(1);
    let gone = 1_000 - left(&bench).len();
    assert!(gone > 0 && gone <= 70, "{run}");
    assert!(run.stdout.starts_with(&format!("deleted {gone} finished items with 0 attempts; interrupted")), "{run}");
    assert_eq!(run.stderr.matches("error").count(), 1, "{run}");
}
