//! One test for each exit code of the manual that a test can reach; 6 takes half a minute of waiting and is shown by the
//! store's own tests, 128 and more by those of `process`.

use std::fs;
use std::os::unix::fs::symlink;

use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

#[test]
fn zero_when_done_or_nothing_is_due() {
    let sandbox = Sandbox::simulating();
    sandbox.run("add -c acme a --at +1h").expect_code(0);
    sandbox.run("process").expect_code(0);
    sandbox.run("list --due").expect_code(0);
    sandbox.run("--version").expect_code(0);
    sandbox.run("--help").expect_code(0);
}

#[test]
fn zero_also_when_calls_failed() {
    let sandbox = Sandbox::dialling();
    for lead in ["never-1", "lost-1", "busy-1"] {
        sandbox.run(format!("add -c acme {lead}")).expect_code(0);
    }
    let report = sandbox.run("process --json").expect_code(0).json();
    assert_eq!((&report["failed"], &report["held"]), (&1.into(), &1.into()));
}

#[test]
fn one_when_the_work_failed() {
    let sandbox = Sandbox::new();
    let list = || sandbox.run("list").expect_code(1).stderr;
    let mut text = list();
    sandbox.write(
        "queue.db",
        "this is no database, but a text that is long enough to be one, so that it is read\n".repeat(20),
    );
    text.push_str(&list());
    let before = fs::read(sandbox.database()).unwrap();
    sandbox.run("add -c acme a").expect_code(1);
    assert_eq!(fs::read(sandbox.database()).unwrap(), before, "what is not ours is left as it was");
    fs::remove_file(sandbox.database()).unwrap();
    fs::create_dir(sandbox.database()).unwrap();
    text.push_str(&list());
    fs::remove_dir(sandbox.database()).unwrap();
    symlink("elsewhere.db", sandbox.database()).unwrap();
    text.push_str(&list());
    sandbox.run("add -c acme a").expect_code(1);
    assert!(!sandbox.path("elsewhere.db").exists());
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
    let sandbox = Sandbox::new();
    let errors: String = ["xyzzy", "list --colour red", "list --limit many", "-q -v list"]
        .iter()
        .map(|line| sandbox.run(line).expect_code(2).stderr.lines().last().unwrap_or_default().to_owned() + "\n")
        .collect();
    assert_data_eq!(
        errors,
        str![[r#"
hint: callq --help
hint: a similar argument exists: '--color'
hint: callq list --help
hint: callq list --help

"#]]
    );
    let mut clock = Sandbox::new();
    clock.set_now("tomorrow");
    assert_data_eq!(
        clock.run("list").text(),
        str![[r#"
--- standard error
error: CALLQ_NOW: `tomorrow` is not RFC 3339, such as 2026-11-23T14:00:00Z
--- exit 2

"#]]
    );
}

#[test]
fn three_when_nothing_has_that_name() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a").expect_code(0);
    for line in ["show 9", "cancel 9", "list -c other", "show --lead b", "cancel --status failed", "pause -c other"] {
        sandbox.run(line).expect_code(3);
    }
}

#[test]
fn four_when_refused() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a").expect_code(0);
    sandbox.run("cancel 1").expect_code(0);
    for line in ["cancel 1", "update 1 -p low", "add -c acme b --strict --at 2026-11-28"] {
        sandbox.run(line).expect_code(4);
    }
    sandbox.run_with_input("schedule-batch -c acme -f -", "lead_id,priority\na,soon\n").expect_code(4);
}

#[test]
fn four_when_a_real_call_would_be_placed_under_another_clock() {
    let mut sandbox = Sandbox::dialling();
    sandbox.run("add -c acme a").expect_code(0);
    sandbox.set_now("2099-11-23T15:00:00Z");
    assert_data_eq!(
        sandbox.run("process").text(),
        str![[r#"
--- standard error
error: refusing to dial for client acme while CALLQ_NOW is set
hint: unset CALLQ_NOW, or look with --dry-run, or use `dispatch.kind = "simulate"`
--- exit 4

"#]]
    );
    assert_eq!(sandbox.status(1), "pending");
}

#[test]
fn five_when_the_configuration_is_wrong() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults]\nmax_concurent = 5\n");
    for line in ["add -c acme a", "list", "process"] {
        sandbox.run(line).expect_code(5);
    }
    assert!(!sandbox.database().exists());
    sandbox.run("list --config missing.toml").expect_code(5);
}

#[test]
fn five_when_due_items_have_no_dispatcher() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a").expect_code(0);
    let run = sandbox.run("process").expect_code(5);
    assert!(run.stderr.contains("acme"), "{run}");
    assert_eq!(sandbox.status(1), "pending");
}

#[test]
fn seven_when_the_dispatcher_is_missing() {
    let sandbox = Sandbox::dialling();
    sandbox.run("add -c acme a").expect_code(0);
    fs::remove_file(sandbox.path("place-call")).unwrap();
    sandbox.run("process").expect_code(7);
    let item = sandbox.run("show 1 --json").json();
    assert_eq!((&item["status"], &item["retry_count"]), (&"pending".into(), &0.into()), "the lead is as it was");
}

#[test]
fn seven_when_the_dispatcher_is_unavailable_and_nothing_else_went_on() {
    let sandbox = Sandbox::dialling();
    sandbox.script("place-call", "exit 69");
    for number in 0..8 {
        sandbox.run(format!("add -c acme lead-{number}")).expect_code(0);
    }
    let run = sandbox.run("process --json").expect_code(7);
    assert_eq!((&run.json()["stopped_by"], &run.json()["processed"]), (&"breaker".into(), &5.into()));
}
