//! One test for each exit code of the manual that a test can reach; 6 takes half a minute of waiting and is shown by the
//! store's own tests, 128 and more by those of `process`.

use std::fs;
use std::os::unix::fs::symlink;

use snapbox::{assert_data_eq, str};

use crate::support::Bench;

#[test]
fn zero_when_done_or_nothing_is_due() {
    let bench = Bench::simulating();
    bench.callq_line("add -c acme a --at +1h").expect_code(0);
    bench.callq_line("process").expect_code(0);
    bench.callq_line("list --due").expect_code(0);
    bench.callq_line("--version").expect_code(0);
    bench.callq_line("--help").expect_code(0);
}

#[test]
fn zero_also_when_calls_failed() {
    let bench = Bench::dialling();
    for lead in ["never-1", "lost-1", "busy-1"] {
        bench.callq_line(&format!("add -c acme {lead}")).expect_code(0);
    }
    let report = bench.callq_line("process --json").expect_code(0).json();
    assert_eq!((&report["failed"], &report["held"]), (&1.into(), &1.into()));
}

#[test]
fn one_when_the_work_failed() {
    let bench = Bench::new();
    let list = || bench.callq_line("list").expect_code(1).stderr;
    let mut text = list();
    bench.write(
        "queue.db",
        "this is no database, but a text that is long enough to be one, so that it is read\n".repeat(20),
    );
    text.push_str(&list());
    let before = fs::read(bench.database()).unwrap();
    bench.callq_line("add -c acme a").expect_code(1);
    assert_eq!(fs::read(bench.database()).unwrap(), before, "what is not ours is left as it was");
    fs::remove_file(bench.database()).unwrap();
    fs::create_dir(bench.database()).unwrap();
    text.push_str(&list());
    fs::remove_dir(bench.database()).unwrap();
    symlink("elsewhere.db", bench.database()).unwrap();
    text.push_str(&list());
    bench.callq_line("add -c acme a").expect_code(1);
    assert!(!bench.path("elsewhere.db").exists());
    assert_data_eq!(
        text,
        str![[r#"
error: no database at [FOLDER]/queue.db
hint: `callq add` makes it; --db, CALLQ_DB or `database` in the configuration name another
error: [FOLDER]/queue.db is not a callq database: it is not an SQLite file
error: [FOLDER]/queue.db is not a file
error: [FOLDER]/queue.db is a symbolic link: name the database file itself

"#]]
    );
}

#[test]
fn two_for_usage() {
    let bench = Bench::new();
    let errors: String = ["", "frobnicate", "list --colour red", "list --limit many", "-q -v list"]
        .iter()
        .map(|line| bench.callq_line(line).expect_code(2).stderr.lines().last().unwrap_or_default().to_owned() + "\n")
        .collect();
    assert_data_eq!(
        errors,
        str![[r#"
hint: callq --help
hint: callq --help
hint: a similar argument exists: '--color'
hint: callq list --help
hint: callq list --help

"#]]
    );
    let mut clock = Bench::new();
    clock.set_now("tomorrow");
    assert_data_eq!(
        clock.callq_line("list").text(),
        str![[r#"
--- standard error
error: CALLQ_NOW: `tomorrow` is not RFC 3339, such as 2026-11-23T14:00:00Z
--- exit 2

"#]]
    );
}

#[test]
fn three_when_nothing_has_that_name() {
    let bench = Bench::new();
    bench.callq_line("add -c acme a").expect_code(0);
    for line in ["show 9", "cancel 9", "list -c other", "show --lead b", "cancel --status failed", "pause -c other"] {
        bench.callq_line(line).expect_code(3);
    }
}

#[test]
fn four_when_refused() {
    let bench = Bench::new();
    bench.callq_line("add -c acme a").expect_code(0);
    bench.callq_line("cancel 1").expect_code(0);
    for line in ["cancel 1", "update 1 -p low", "add -c acme b --strict --at 2026-11-28"] {
        bench.callq_line(line).expect_code(4);
    }
    bench.run_with_input(["schedule-batch", "-c", "acme", "-f", "-"], "lead_id,priority\na,soon\n").expect_code(4);
}

#[test]
fn four_when_a_real_call_would_be_placed_under_another_clock() {
    let mut bench = Bench::dialling();
    bench.callq_line("add -c acme a").expect_code(0);
    bench.set_now("2099-11-23T15:00:00Z");
    assert_data_eq!(
        bench.callq_line("process").text(),
        str![[r#"
--- standard error
error: client acme would really be dialled, but CALLQ_NOW sets the clock
hint: unset CALLQ_NOW, or look with --dry-run, or use `dispatch.kind = "simulate"`
--- exit 4

"#]]
    );
    assert_eq!(bench.status(1), "pending");
}

#[test]
fn five_when_the_configuration_is_wrong() {
    let mut bench = Bench::new();
    bench.configure("[defaults]\nmax_concurent = 5\n");
    for line in ["add -c acme a", "list", "process"] {
        bench.callq_line(line).expect_code(5);
    }
    assert!(!bench.database().exists());
    bench.callq_line("list --config missing.toml").expect_code(5);
}

#[test]
fn five_when_due_items_have_no_dispatcher() {
    let bench = Bench::new();
    bench.callq_line("add -c acme a").expect_code(0);
    let run = bench.callq_line("process").expect_code(5);
    assert!(run.stderr.contains("acme"), "{run}");
    assert_eq!(bench.status(1), "pending");
}

#[test]
fn seven_when_the_dispatcher_is_missing() {
    let bench = Bench::dialling();
    bench.callq_line("add -c acme a").expect_code(0);
    fs::remove_file(bench.path("place-call")).unwrap();
    bench.callq_line("process").expect_code(7);
    let item = bench.callq_line("show 1 --json").json();
    assert_eq!((&item["status"], &item["retry_count"]), (&"pending".into(), &0.into()), "the lead is as it was");
}

#[test]
fn seven_when_the_dispatcher_is_unavailable_and_nothing_else_went_on() {
    let bench = Bench::dialling();
    bench.script("place-call", "exit 69");
    for number in 0..8 {
        bench.callq_line(&format!("add -c acme lead-{number}")).expect_code(0);
    }
    let run = bench.callq_line("process --json").expect_code(7);
    assert_eq!((&run.json()["stopped_by"], &run.json()["processed"]), (&"breaker".into(), &5.into()));
}
