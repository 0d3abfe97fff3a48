//! `callq prune`: what is finished and old goes in whole steps, between which others write; what is live or held stays, and
//! keys are known for ever.

use std::fs::File;
use std::io::Write;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use rustix::process::Signal;
use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, Terminal, eventually};

/// Long after all that [`Sandbox::dialling`] does on the clock of the machine.
const LATER: &str = "2099-01-01T00:00:00Z";

/// Items 1 to 6: completed, failed, held, cancelled, in progress, pending; all of them old by the clock of the sandbox.
fn one_of_each() -> Sandbox {
    let mut sandbox = Sandbox::dialling();
    sandbox.call(&["answered-1", "never-1", "lost-1"]);
    sandbox.run("add -c acme gone-1 --key g").expect_code(0);
    sandbox.run("cancel 4").expect_code(0);
    sandbox.call(&["later-1"]);
    sandbox.run("add -c acme waiting-1").expect_code(0);
    sandbox.set_now(LATER);
    sandbox
}

/// The ids that are left.
fn left(sandbox: &Sandbox) -> Vec<u64> {
    let list = sandbox.run("list --limit 0 --sort id --json").expect_code(0).json();
    list.as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
}

/// A number that the database holds.
fn number(sandbox: &Sandbox, sql: &str) -> i64 {
    Connection::open(sandbox.database()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn finished_items_go_with_all_that_is_theirs_live_and_held_ones_stay() {
    let sandbox = one_of_each();
    assert_data_eq!(
        sandbox.run("prune --older-than 30d --dry-run").text(),
        str![[r#"
would delete 3 finished items with 2 attempts
--- exit 0

"#]]
    );
    assert_eq!(left(&sandbox), [1, 2, 3, 4, 5, 6]);
    assert_data_eq!(
        sandbox.run("prune --older-than 30d").text(),
        str![[r#"
deleted 3 finished items with 2 attempts
--- exit 0

"#]]
    );
    assert_eq!(left(&sandbox), [3, 5, 6]);
    assert_eq!(sandbox.status(3), "failed, held");
    assert_eq!(number(&sandbox, "SELECT count(*) FROM attempts"), 2, "of the held item and of the one in progress");
    assert_eq!(number(&sandbox, "SELECT count(*) FROM changes WHERE item_id NOT IN (SELECT id FROM items)"), 0);
    assert_eq!(number(&sandbox, "SELECT count(*) FROM runs"), 2, "a run goes with its last attempt");
    let doctor = sandbox.run("doctor --format csv");
    for check in ["counts,ok", "references,ok", "database,ok"] {
        assert!(doctor.stdout.contains(check), "{doctor}");
    }
    let stats = sandbox.run("stats --json").expect_code(0).json();
    assert_eq!(stats["total_items"], 3);
    assert_eq!(stats["by_status"]["completed"], 0);
    assert_eq!(stats["attempts"]["total"], 4, "calls stay in the figures");
    assert_eq!(stats["pruned"]["attempts"], 2);
}

#[test]
fn what_changed_within_the_time_stays() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults]\nrecall_after = \"0\"\n");
    for lead in ["a", "b"] {
        sandbox.run(format!("add -c acme {lead}")).expect_code(0);
    }
    sandbox.run("cancel 1").expect_code(0);
    sandbox.set_now("2026-11-25T15:00:00Z");
    sandbox.run("cancel 2").expect_code(0);
    sandbox.set_now("2026-11-26T15:00:00Z");
    let pruned = |age: &str| sandbox.run(["prune", "--json", "--older-than", age]).expect_code(0).json();
    assert_eq!(
        pruned("3d"),
        serde_json::json!({"items": 0, "attempts": 0, "kept": 0, "dry_run": false, "interrupted": false}),
        "not older than that"
    );
    assert_eq!(pruned("2d")["items"], 1);
    assert_eq!(left(&sandbox), [2]);
}

#[test]
fn a_client_and_statuses_bound_it() {
    let sandbox = one_of_each();
    sandbox.run("add -c beta b").expect_code(0);
    sandbox.run("cancel 7").expect_code(0);
    let sandbox = {
        let mut sandbox = sandbox;
        sandbox.set_now("2100-01-01T00:00:00Z");
        sandbox
    };
    assert_eq!(sandbox.run("prune --older-than 1d -c beta --json").expect_code(0).json()["items"], 1);
    assert_eq!(left(&sandbox), [1, 2, 3, 4, 5, 6]);
    assert_eq!(sandbox.run("prune --older-than 1d --status failed,cancelled --json").json()["items"], 2);
    assert_eq!(left(&sandbox), [1, 3, 5, 6]);
    sandbox.run("prune --older-than 1d -c nobody").expect_code(3);
    assert_eq!(sandbox.run("prune -q --older-than 1d").expect_code(0).text(), "--- exit 0\n");
    assert_eq!(left(&sandbox), [3, 5, 6]);
}

#[test]
fn a_live_status_is_refused_by_name() {
    let sandbox = one_of_each();
    for status in ["pending", "scheduled", "in_progress", "retry_scheduled"] {
        let run = sandbox.run(["prune", "--older-than", "1d", "--status", status]).expect_code(2);
        assert!(run.stderr.contains(&format!("`{status}` is a live status")), "{run}");
    }
    let held = sandbox.run("prune --older-than 1d --status held").expect_code(2);
    assert!(held.stderr.contains("unknown status `held`: expected completed, failed or cancelled"), "{held}");
    assert_eq!(left(&sandbox), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn without_a_database_nothing_is_made() {
    let sandbox = Sandbox::new();
    sandbox.run("prune --older-than 1d").expect_code(1);
    assert!(!sandbox.database().exists());
}

#[test]
fn the_key_of_a_pruned_item_stays_known() {
    let sandbox = one_of_each();
    sandbox.run("prune --older-than 1d").expect_code(0);
    assert_data_eq!(
        sandbox.run("add -c acme gone-1 --key g").text(),
        str![[r#"
4  pruned  existing
--- exit 0

"#]]
    );
    let again = sandbox.run("add -c acme gone-1 --key g --json").expect_code(0).json();
    assert_eq!((&again["id"], &again["key"], &again["existing"]), (&4.into(), &"g".into(), &true.into()));
    assert_eq!((&again["lead_id"], &again["client_id"]), (&"gone-1".into(), &"acme".into()));
    assert!(again["status"].is_null() && again["timezones"].is_null(), "{again}");
    let csv = sandbox.run("add -c acme gone-1 --key g --format csv").expect_code(0).stdout;
    let columns: Vec<usize> = csv.lines().map(|line| line.split(',').count()).collect();
    assert_eq!(columns, [23, 23], "{csv}");
    sandbox.run("add -c acme other --key g").expect_code(4);
    let batch = "{\"lead_id\": \"gone-1\", \"key\": \"g\"}\n";
    let batch = sandbox.run_with_input("schedule-batch -c acme -f - --json", batch).expect_code(0).json();
    assert_eq!((&batch["scheduled"], &batch["skipped"]), (&0.into(), &1.into()));
    sandbox.run("show 4").expect_code(3);
    assert_eq!(left(&sandbox), [3, 5, 6]);
    let new = sandbox.run("add -c acme gone-1 --json").expect_code(0).json();
    assert_eq!(new["id"], 7, "the lead is free, and no number is used again");
}

/// The lines of `stats` about calls, and the output of its `--by day`, as text, CSV and JSON.
fn figures_of_calls(sandbox: &Sandbox) -> Vec<String> {
    const OF_ITEMS: [&str; 3] = ["  items ", "  by status ", "  by priority "];
    let is_of_calls =
        |line: &&str| !line.starts_with("  attempts pruned ") && !OF_ITEMS.iter().any(|of| line.starts_with(of));
    let text = |arguments: &str| {
        let run = sandbox.run(arguments).expect_code(0);
        assert_eq!(run.stderr, "", "{run}");
        run.stdout.lines().filter(is_of_calls).map(|line| format!("{line}\n")).collect::<String>()
    };
    let json = |arguments: &str| {
        let mut figures = sandbox.run(arguments).expect_code(0).json();
        for field in ["total_items", "by_status", "by_priority", "pruned"] {
            assert!(figures.as_object_mut().unwrap().remove(field).is_some());
        }
        figures.to_string()
    };
    ["", " -c acme", " -c tokyo"]
        .into_iter()
        .flat_map(|client| {
            let arguments = |rest: &str| format!("stats{client}{rest}");
            [
                text(&arguments("")),
                text(&arguments(" --by day")),
                text(&arguments(" --by day --format csv")),
                json(&arguments(" --json")),
                json(&arguments(" --by day --json")),
            ]
        })
        .collect()
}

#[test]
fn the_figures_of_pruned_days_stay_true() {
    let mut sandbox = Sandbox::new();
    let zones = "[clients.acme]\ntimezone = \"America/New_York\"\n[clients.tokyo]\ntimezone = \"Asia/Tokyo\"\n";
    sandbox.configure(&(Sandbox::always_open("kind = \"simulate\"") + zones));
    // Two days by UTC and by New York: in Tokyo it is Tuesday and Wednesday.
    for (now, leads) in [("2026-11-23T15:07:00Z", ["a", "b"]), ("2026-11-24T15:22:00Z", ["c", "d"])] {
        sandbox.set_now(now);
        for client in ["acme", "tokyo"] {
            sandbox.run(["schedule-batch", "-q", "-c", client, leads[0], leads[1]]).expect_code(0);
        }
        sandbox.run("process -q").expect_code(0);
    }
    for client in ["acme", "tokyo"] {
        sandbox.run(["cancel", "-q", "-c", client, "--status", "waiting", "--yes"]);
    }
    sandbox.set_now("2027-06-01T15:00:00Z");
    let before = figures_of_calls(&sandbox);
    assert!(before[1].contains("2026-11-24") && before[12].starts_with("key,"), "{}", before[1]);
    assert_eq!(before[12].matches("\n2026-11-2").count(), 2, "{}", before[12]);
    let total = sandbox.run("stats --json").json()["attempts"]["total"].as_u64().unwrap();
    for (client, left) in [("acme", 4), ("tokyo", 0)] {
        sandbox.run(["prune", "--older-than", "30d", "-c", client]).expect_code(0);
        assert_eq!(left, sandbox.run("stats --json").json()["total_items"].as_u64().unwrap());
        assert_eq!(figures_of_calls(&sandbox), before);
        assert_counted(&sandbox);
    }
    let text = sandbox.run("stats").expect_code(0).stdout;
    assert!(text.contains(&format!("\n  attempts pruned        {total}\n")), "{text}");
    let metrics = sandbox.run("stats --format openmetrics").expect_code(0).stdout;
    assert!(metrics.contains("Attempts by outcome, pruned ones too."), "{metrics}");
}

#[test]
fn what_the_sums_of_pruned_calls_do_not_tell_is_said() {
    let mut sandbox = Sandbox::simulating();
    sandbox.set_now("2026-11-23T15:07:00Z");
    sandbox.run("schedule-batch -q -c acme a b c").expect_code(0);
    sandbox.run("process -q").expect_code(0);
    sandbox.run("cancel -q -c acme --status waiting --yes");
    sandbox.set_now("2027-06-01T15:00:00Z");
    sandbox.run("prune -q --older-than 30d").expect_code(0);
    let said = |arguments: &str| sandbox.run(arguments).expect_code(0).stderr;
    let calls = "3 pruned calls are";
    let none_by = |by| format!("{calls} in no breakdown by {by}: `callq prune` keeps sums by client and day\n");
    assert_eq!(said("stats --by hour"), none_by("hour"));
    assert_eq!(said("stats --by meta.campaign --json"), none_by("meta.campaign"));
    assert_eq!((said("stats"), said("stats --by day"), said("stats -q --by hour")), Default::default());
    let no_percentiles = format!("{calls} in the means alone: `callq prune` keeps no percentiles of a range\n");
    assert_eq!(said("stats --since 2026-11-23"), no_percentiles);
    let quarters = "their sums are kept by quarters of an hour\n";
    assert_eq!(
        said("stats --since 2026-11-23T15:05:00Z"),
        format!("pruned calls count from Mon 2026-11-23 15:15 UTC: {quarters}")
    );
    assert_eq!(
        said("stats --until 2026-11-23T15:08:00Z"),
        format!("{no_percentiles}pruned calls count until Mon 2026-11-23 15:15 UTC: {quarters}")
    );
    assert_eq!(said("stats --since 2026-11-24"), "", "no pruned call is in it");
}

/// `count` cancelled items, old by the clock of the sandbox.
fn cancelled(count: u64) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let path = sandbox.path("leads.txt");
    let mut leads = File::create(&path).unwrap();
    for number in 0..count {
        writeln!(leads, "lead-{number}").unwrap();
    }
    sandbox.run(["schedule-batch", "-q", "-c", "acme", "-f", path.to_str().unwrap()]).expect_code(0);
    sandbox.run(["cancel", "-q", "--yes", &format!("1-{count}"), "--format", "csv"]).expect_code(0);
    sandbox.set_now("2027-11-23T15:00:00Z");
    sandbox
}

fn assert_counted(sandbox: &Sandbox) {
    let doctor = sandbox.run("doctor --format csv");
    for check in ["counts,ok", "references,ok", "database,ok"] {
        assert!(doctor.stdout.contains(check), "{doctor}");
    }
}

#[test]
fn a_batch_goes_over_many_steps_and_leaves_the_counts_right() {
    let sandbox = cancelled(25_000);
    sandbox.run("retry -q 1 25000 --format csv").expect_code(0);
    let pruned = sandbox.run("prune --older-than 30d --json").expect_code(0).json();
    assert_eq!((&pruned["items"], &pruned["attempts"]), (&24_998.into(), &0.into()));
    assert_eq!(left(&sandbox), [1, 25_000]);
    assert_eq!(sandbox.run("stats --json").json()["total_items"], 2);
    assert_counted(&sandbox);
}

#[test]
fn an_interrupted_prune_says_what_it_has_deleted_and_the_next_one_does_the_rest() {
    for (flag, is_json) in [(None, false), (Some("--json"), true), (Some("-q"), false)] {
        let sandbox = cancelled(1_000);
        // Ctrl-C in the second rest: behind the second step.
        let terminal = Terminal { now: "2027-11-23T15:00:00Z", waits: 2, ..Terminal::of(80, 24) };
        let arguments: Vec<&str> = ["prune", "--yes", "--older-than", "30d"].into_iter().chain(flag).collect();
        let shown = terminal.run(&sandbox, &arguments);
        assert_eq!(shown.code, 130);
        let there = left(&sandbox);
        let gone = 1_000 - there.len();
        assert!(gone > 0 && !there.is_empty(), "{gone} deleted");
        assert!((gone as u64 + 1..=1_000).eq(there), "from the lowest id on");
        if is_json {
            let report: serde_json::Value = serde_json::from_str(&shown.out).unwrap();
            let wanted =
                serde_json::json!({"items": gone, "attempts": 0, "kept": 0, "dry_run": false, "interrupted": true});
            assert_eq!(report, wanted);
        } else {
            let line = format!("deleted {gone} finished items with 0 attempts; interrupted, repeat it for the rest\n");
            assert_eq!(shown.out, line);
        }
        assert_counted(&sandbox);
        let rest = sandbox.run("prune --older-than 30d --json").expect_code(0).json();
        assert_eq!((&rest["items"], &rest["interrupted"]), (&(1_000 - gone).into(), &false.into()));
    }
}

#[test]
fn others_write_between_two_steps_and_a_signal_ends_it_behind_one() {
    let sandbox = cancelled(20_000);
    let mut other = Connection::open(sandbox.database()).unwrap();
    other.busy_timeout(Duration::from_secs(30)).unwrap();
    let prune = sandbox.spawn("prune --older-than 30d --json");
    eventually("a step is over", || number(&sandbox, "SELECT count(*) FROM items") < 20_000);
    // Without a rest between two steps this would be in only when all is gone.
    let turn = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let there: i64 = turn.query_row("SELECT count(*) FROM items", [], |row| row.get(0)).unwrap();
    assert!(there > 0, "the other writer waited for all steps");
    prune.signal_taken(Signal::TERM);
    turn.commit().unwrap();
    let end = prune.finish().expect_code(143);
    let (report, rest) = (end.json(), left(&sandbox).len() as u64);
    assert_eq!((&report["items"], &report["interrupted"]), (&(20_000 - rest).into(), &true.into()), "{end}");
    assert!(end.stderr.contains("ended by signal 15"), "{end}");
    assert!(rest > 0);
    assert_counted(&sandbox);
}

#[test]
fn what_fails_behind_a_step_leaves_the_steps_and_says_so() {
    let sandbox = cancelled(1_000);
    // The counts of the second step do not add up: it is undone, and the first one stays.
    let spoil = "UPDATE item_counts SET n = 70";
    Connection::open(sandbox.database()).unwrap().execute(spoil, []).unwrap();
    let run = sandbox.run("prune --older-than 30d").expect_code(1);
    let gone = 1_000 - left(&sandbox).len();
    assert!(gone > 0 && gone <= 70, "{run}");
    assert!(run.stdout.starts_with(&format!("deleted {gone} finished items with 0 attempts; interrupted")), "{run}");
    assert_eq!(run.stderr.matches("error").count(), 1, "{run}");
}

#[test]
fn ids_have_no_gaps_and_are_never_given_again() {
    let mut sandbox = Sandbox::simulating();
    fn add(sandbox: &Sandbox, lead: &str) -> serde_json::Value {
        sandbox.run(["add", "-c", "acme", lead, "--json"]).expect_code(0).json()["id"].clone()
    }
    assert_eq!(add(&sandbox, "a"), 1);
    sandbox.run("add -c acme a").expect_code(4);
    sandbox.run_with_input("schedule-batch -c acme -f - --dry-run", "b\nc\n").expect_code(0);
    assert_eq!(add(&sandbox, "b"), 2);
    sandbox.run_with_input("schedule-batch -c acme -f - --if-exists skip", "b\nc\na\nd\n").expect_code(0);
    assert_eq!(add(&sandbox, "e"), 5);
    sandbox.run("cancel 1-5").expect_code(0);
    sandbox.set_now("2026-11-24T15:00:00Z");
    assert_eq!(sandbox.run("prune --older-than 0 --json").expect_code(0).json()["items"], 5);
    assert_eq!(add(&sandbox, "f"), 6);
}

#[test]
fn a_terminal_asks_and_calls_of_sellers_that_have_to_be_kept_are_named() {
    let mut sandbox = Sandbox::simulating();
    sandbox.run("schedule-batch -c acme a b c").expect_code(0);
    sandbox.run("process").expect_code(0);
    let _ = sandbox.run("cancel --all");
    let later = Terminal { now: "2027-06-01T15:00:00Z", ..Terminal::of(100, 24) };
    let no = later.run(&sandbox, &["prune", "--older-than", "90d"]);
    assert_eq!(
        (no.code, no.err.as_str()),
        (0, "delete 3 finished items with 3 attempts for good? [y/N] nothing was deleted\n")
    );
    sandbox.set_now("2027-06-01T15:00:00Z");
    assert_eq!(sandbox.run("prune --older-than 90d --dry-run").expect_code(0).stderr, "");
    let sales = Sandbox::always_open("kind = \"simulate\"") + "[clients.acme]\nlaw.purpose = \"sales\"\n";
    sandbox.configure(&sales);
    let warned = sandbox.run("prune --older-than 90d --dry-run").expect_code(0).stderr;
    assert_eq!(
        warned,
        "warning: 3 calls of client acme are younger than 5 years: sellers keep such records (16 CFR 310.5)\n"
    );
    let yes = Terminal { typed: "y\n", waits: 1_000, ..later }.run(&sandbox, &["prune", "--older-than", "90d"]);
    assert!(yes.code == 0 && yes.out.starts_with("deleted 3 "), "{yes:?}");
}
