//! `callq doctor`: each finding as the built program tells it; a warning exits 0, an error 1, and nothing is changed.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;

use rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};
use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

/// A queue with one waiting item, in a folder of its owner's alone.
fn queue() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults.law]\npurpose = \"service\"\nvoice = \"human\"\n");
    fs::set_permissions(sandbox.path("."), Permissions::from_mode(0o700)).unwrap();
    sandbox.run("add -c acme a").expect_code(0);
    sandbox
}

/// Changes the database behind callq's back.
#[track_caller]
fn tamper(sandbox: &Sandbox, sql: &str) {
    Connection::open(sandbox.database()).unwrap().execute_batch(sql).unwrap();
}

/// The details of a check with a verdict, when doctor exits with a code.
#[track_caller]
fn findings(sandbox: &Sandbox, code: i32, check: &str, verdict: &str) -> Vec<String> {
    let rows = sandbox.run("doctor --json").expect_code(code).json();
    let rows = rows.as_array().unwrap().iter();
    let wanted = rows.filter(|row| row["check"] == check && row["verdict"] == verdict);
    wanted.map(|row| row["detail"].as_str().unwrap().to_owned()).collect()
}

/// The only one of those details.
#[track_caller]
fn finding(sandbox: &Sandbox, code: i32, check: &str, verdict: &str) -> String {
    let found = findings(sandbox, code, check, verdict);
    assert_eq!(found.len(), 1, "{found:?} {}", sandbox.run("doctor").text());
    found.into_iter().next().unwrap()
}

#[test]
fn all_is_well_in_a_line_a_check() {
    let run = queue().run("doctor");
    assert_data_eq!(
        run.text(),
        str![[r#"
ok      configuration: [FOLDER]/config/config.toml: clients with a section: 0
ok      zone data: [..]
ok      SQLite: 3.[..]
ok      database: [FOLDER]/queue.db: sound, schema version 6
ok      schema: every table and index is as callq makes it
ok      settings: write-ahead log, every commit is synced to disk
ok      references: every row finds the rows that it names
ok      counts: the kept counts and figures are those of the items and attempts
ok      calls: 0 in flight, each with a living dispatcher
ok      held: no item waits for a person to decide
ok      clock: 2026-11-23T15:00:00.000Z, set by CALLQ_NOW; no attempt lies in the future
ok      log: the write-ahead log has 0 MiB
ok      permissions: the database and its folder are open to nobody else
--- exit 0

"#]]
    );
}

#[test]
fn no_database_yet_is_no_fault() {
    let sandbox = Sandbox::new();
    assert!(finding(&sandbox, 0, "database", "ok").starts_with("none yet at [FOLDER]/queue.db"));
    assert!(!sandbox.database().exists());
}

#[test]
fn a_wrong_configuration_does_not_hide_the_rest() {
    let mut sandbox = queue();
    sandbox.configure("[defaults]\nmax_concurent = 5\ntimezone = \"Mars/Phobos\"\n");
    assert_eq!(findings(&sandbox, 1, "configuration", "error").len(), 2);
    assert!(finding(&sandbox, 1, "database", "ok").contains("sound"));
    sandbox.configure("[clients.acme]\n[clients.other]\n");
    assert!(finding(&sandbox, 0, "configuration", "warning").contains("other"));
}

#[test]
fn a_damaged_page_is_found() {
    let sandbox = queue();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'items_lead'";
    let page: u32 = Connection::open(sandbox.database()).unwrap().query_row(root, [], |row| row.get(0)).unwrap();
    let mut bytes = fs::read(sandbox.database()).unwrap();
    bytes[(page as usize - 1) * 4096..page as usize * 4096].fill(0xa5);
    fs::write(sandbox.database(), bytes).unwrap();
    let details = findings(&sandbox, 1, "database", "error");
    assert!(details[0].starts_with("[FOLDER]/queue.db is damaged: Tree "), "{details:?}");
}

#[test]
fn a_row_that_an_index_does_not_know_is_found() {
    let sandbox = queue();
    let other = "CREATE INDEX items_lead ON items (created_by)";
    tamper(
        &sandbox,
        &format!(
            "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = '{other}' WHERE name = 'items_lead';
             PRAGMA writable_schema = 0;"
        ),
    );
    let detail = finding(&sandbox, 1, "database", "error");
    assert!(detail.contains("is damaged") && detail.contains("items_lead"), "{detail}");
    assert_eq!(finding(&sandbox, 1, "schema", "error"), "index items_lead is not as callq makes it: restore a backup");
}

#[test]
fn a_missing_index_and_a_foreign_table_are_named() {
    let sandbox = queue();
    tamper(&sandbox, "CREATE TABLE mine (x)");
    assert_eq!(finding(&sandbox, 0, "schema", "warning"), "table mine is not callq's: it can slow the queue down");
    tamper(&sandbox, "DROP INDEX items_lead");
    assert_eq!(finding(&sandbox, 1, "schema", "error"), "index items_lead is missing: restore a backup");
}

#[test]
fn a_copy_that_was_never_opened_to_write_is_no_fault() {
    let sandbox = queue();
    tamper(&sandbox, "PRAGMA journal_mode = TRUNCATE");
    finding(&sandbox, 0, "settings", "ok");
    sandbox.run("backup copy.db").expect_code(0);
}

#[test]
fn a_queue_without_a_run_and_a_dispatcher_that_did_not_start_are_named() {
    let mut sandbox = Sandbox::new();
    sandbox.configure(&Sandbox::always_open("kind = \"command\"\ncommand = [\"/no/such/program\"]"));
    sandbox.run("add -c acme lead").expect_code(0);
    sandbox.set_now("2026-11-23T18:00:00Z");
    assert_eq!(finding(&sandbox, 0, "runs", "warning"), "No run yet with 1 due: is cron or watch running?");
    let check = sandbox.run("config check").expect_code(0).stdout;
    assert!(check.contains("No run yet with 1 due: is cron or watch running?"), "{check}");
    assert!(check.contains("/no/such/program"), "{check}");
    sandbox.configure(&Sandbox::always_open("kind = \"command\"\ncommand = [\"sh\", \"-c\", \"exit 69\"]"));
    // A real call is placed on the machine's clock alone.
    sandbox.unset("CALLQ_NOW");
    sandbox.run("cancel -q 1 --yes").expect_code(0);
    sandbox.run("add -c acme other").expect_code(0);
    sandbox.run("process");
    let failed = finding(&sandbox, 0, "runs", "warning");
    assert!(failed.starts_with("the dispatcher of acme placed no call at "), "{failed}");
    assert!(failed.ends_with("; mend it, then `callq process -c acme --limit 1`"), "{failed}");
}

#[test]
fn rows_without_the_row_that_they_name_are_counted() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["answered-1"]);
    tamper(&sandbox, "DELETE FROM runs");
    assert_eq!(finding(&sandbox, 1, "references", "error"), "1 rows name a row that is not there");
    tamper(&sandbox, "PRAGMA foreign_keys = OFF; DELETE FROM items");
    assert_eq!(finding(&sandbox, 1, "references", "error"), "2 rows name a row that is not there");
}

#[test]
fn a_count_that_is_wrong_is_named() {
    let sandbox = queue();
    tamper(&sandbox, "UPDATE item_counts SET n = 7");
    assert_eq!(finding(&sandbox, 1, "counts", "error"), "normal pending items of client acme: 1, but 7 are counted");
}

#[test]
fn a_long_log_is_a_warning() {
    let sandbox = queue();
    let log = File::create(sandbox.path("queue.db-wal")).unwrap();
    log.set_permissions(Permissions::from_mode(0o600)).unwrap();
    log.set_len(65 << 20).unwrap();
    let detail = finding(&sandbox, 0, "log", "warning");
    assert!(detail.starts_with("[FOLDER]/queue.db-wal has 65 MiB"), "{detail}");
}

#[test]
fn the_end_of_a_killed_run_is_told_step_by_step() {
    let sandbox = Sandbox::dialling();
    sandbox.script("place-call", "echo $$ > pid.tmp; mv pid.tmp pid; exec sleep 1000");
    sandbox.run("add -c acme a").expect_code(0);
    let run = sandbox.spawn("process");
    while !sandbox.path("pid").exists() {
        std::thread::yield_now();
    }
    let dispatcher: i32 = fs::read_to_string(sandbox.path("pid")).unwrap().trim().parse().unwrap();
    run.signal(Signal::KILL);
    run.finish();
    assert_eq!(finding(&sandbox, 0, "calls", "ok"), "1 in flight, each with a living dispatcher");
    let held = format!("its run is gone, and process {dispatcher} (sleep) still holds its lease, slot and number");
    let told = finding(&sandbox, 0, "calls", "warning");
    assert!(told.contains(&held) && told.ends_with(&format!("kill {dispatcher}")), "{told}");
    let why = sandbox.run("why 1").expect_code(0).stdout;
    assert!(why.starts_with(&format!("in progress: {held}")), "{why}");
    kill_process(Pid::from_raw(dispatcher).unwrap(), Signal::KILL).unwrap();
    let attempt = sandbox.run("show 1 --json").json()["history"][0]["id"].as_str().unwrap().to_owned();
    // The operating system takes the lock away as the program ends, which may take it a moment.
    let gone = format!("attempt {attempt} of item 1: its dispatcher is gone; the next run settles it");
    while finding(&sandbox, 0, "calls", "warning") != gone {}
    fs::remove_file(sandbox.path("queue.db.leases").join(&attempt)).unwrap();
    assert_eq!(
        finding(&sandbox, 0, "calls", "warning"),
        format!("attempt {attempt} of item 1: its lease file is missing; the next run settles it")
    );
    assert_eq!(sandbox.status(1), "in_progress", "doctor changes nothing");
}

#[test]
fn what_settled_attempts_left_is_counted() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["answered-1"]);
    // Of a claim that was never committed, and of a result that came too late.
    sandbox.write("queue.db.leases/01901c2e-7f3a-7c11-8000-0123456789ab", "");
    sandbox.write("queue.db.leases/01901c2e-7f3a-7c11-8000-0123456789ac.result", "{}");
    assert_eq!(
        finding(&sandbox, 0, "calls", "warning"),
        "[FOLDER]/queue.db.leases has files of 2 settled attempts: the next run removes them"
    );
    assert_eq!(fs::read_dir(sandbox.path("queue.db.leases")).unwrap().count(), 2);
}

#[test]
fn an_accepted_call_needs_no_living_program() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["later-1"]);
    assert_eq!(finding(&sandbox, 0, "calls", "ok"), "0 in flight, each with a living dispatcher");
}

#[test]
fn held_items_wait_for_a_person() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["lost-1"]);
    assert_eq!(
        finding(&sandbox, 0, "held", "warning"),
        "1 item: nobody knows how the last call ended; `callq list --held` shows them, `callq report` settles one, \
         `callq retry` calls again"
    );
}

#[test]
fn an_attempt_in_the_future_shows_a_clock_that_was_set_back() {
    let mut sandbox = Sandbox::dialling();
    sandbox.call(&["answered-1"]);
    sandbox.set_now("2020-01-01T00:00:00Z");
    let detail = finding(&sandbox, 0, "clock", "warning");
    assert!(detail.contains(" of item 1 started at ") && detail.ends_with("the clock was set back"), "{detail}");
}

#[test]
fn zone_data_that_is_too_old_is_a_warning() {
    let mut sandbox = Sandbox::new();
    sandbox.set_now("2030-01-01T00:00:00Z");
    assert!(finding(&sandbox, 0, "zone data", "warning").contains("older than a year"));
}

#[test]
fn files_that_are_open_to_others_are_named() {
    let sandbox = queue();
    let chmod = |path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    chmod(sandbox.path("."), 0o755);
    assert!(finding(&sandbox, 0, "permissions", "warning").starts_with("others may look into [FOLDER]"));
    chmod(sandbox.path("."), 0o777);
    let error = finding(&sandbox, 1, "permissions", "error");
    assert!(error.starts_with("[FOLDER]: this folder of the database may be written by others (mode 0777)"), "{error}");
    chmod(sandbox.path("."), 0o700);
    chmod(sandbox.database(), 0o644);
    assert_eq!(
        finding(&sandbox, 0, "permissions", "warning"),
        "[FOLDER]/queue.db is open to others (mode 0644): chmod go= [FOLDER]/queue.db"
    );
}

#[test]
fn a_file_that_is_no_database_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write("queue.db", "lead-1\n".repeat(1_000));
    assert!(finding(&sandbox, 1, "database", "error").contains("is not a callq database"));
}

#[test]
fn a_quiet_doctor_tells_only_what_is_not_well() {
    let sandbox = queue();
    assert_eq!(sandbox.run("doctor -q").text(), "--- exit 0\n");
    assert_eq!(sandbox.run("config check -q").text(), "--- exit 0\n");
    let all = sandbox.run("doctor -q --json").expect_code(0).json();
    assert!(all.as_array().unwrap().len() > 8, "a program is given every check: {all}");
    fs::set_permissions(sandbox.folder(), Permissions::from_mode(0o755)).unwrap();
    let run = sandbox.run("doctor -q").expect_code(0);
    assert!(run.stdout.starts_with("warning permissions: ") && run.stdout.lines().count() == 1, "{run}");
}
