//! Queues that older versions made: brought up to date when they are opened, with a copy of what was there.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use crate::support::{Sandbox, is_root};

/// The schema version that this program writes; a fixture of each older one stands in `tests/fixtures/databases`.
const PRESENT: i64 = 6;

/// A sandbox whose database is one of `tests/fixtures/databases`.
fn with_database(name: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/databases").join(name);
    let connection = Connection::open(sandbox.database()).unwrap();
    connection.execute_batch(&fs::read_to_string(fixture).unwrap()).unwrap();
    sandbox
}

fn version(path: &Path) -> i64 {
    Connection::open(path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[test]
fn a_queue_of_each_version_is_kept_whole_and_copied_before() {
    for (old, first) in (1..PRESENT).flat_map(|old| [(old, "list --limit 0"), (old, "add -c acme new")]) {
        let mut sandbox = with_database(&format!("version-{old}.sql"));
        let doctor = sandbox.run("doctor --format csv");
        assert!(doctor.stdout.contains(&format!("schema version {old}; the next command upgrades it")), "{doctor}");
        assert_eq!((version(&sandbox.database()), doctor.code), (old, 0), "doctor changes nothing: {doctor}");
        sandbox.run("config check");
        assert_eq!(version(&sandbox.database()), old);
        let said = format!("schema version {old} is now {PRESENT}; the database of before is kept beside it");
        let upgraded = sandbox.run(first).expect_code(0).stderr;
        assert!(upgraded.contains(&said), "{upgraded}");
        assert_eq!(sandbox.run(first).stderr.matches("schema version").count(), 0, "said once");
        assert_eq!(
            (version(&sandbox.database()), version(&sandbox.path(format!("queue.db.v{old}-backup")))),
            (PRESENT, old)
        );
        let doctor = sandbox.run("doctor --format csv");
        for check in ["schema,ok", "references,ok", "counts,ok", "database,ok"] {
            assert!(doctor.stdout.contains(check), "{doctor}");
        }
        let items = sandbox.items();
        let statuses: Vec<String> = (1..=5).map(|id| sandbox.status(id)).collect();
        assert_eq!(statuses, ["completed", "retry_scheduled", "in_progress", "failed, held", "scheduled"]);
        assert_eq!(items[&1]["key"], "k-1");
        assert_eq!(items[&2]["timezones"][0], "America/New_York");
        assert_eq!(items[&3]["history"][0]["call_id"], "call-later");
        sandbox.run("report 3 --outcome completed").expect_code(0);
        let figures = sandbox.run("stats --json").expect_code(0).json();
        assert_eq!((&figures["attempts"]["total"], &figures["attempts"]["completed"]), (&4.into(), &2.into()));
        sandbox.set_now("2099-01-01T00:00:00Z");
        sandbox.run("prune --older-than 0s").expect_code(0);
        let pruned = sandbox.run("stats --json").expect_code(0).json();
        assert_eq!(pruned["attempts"], figures["attempts"], "the sums of pruned calls are kept");
        assert!(pruned["pruned"]["attempts"].as_u64() > Some(0), "version {old}");
    }
}

#[test]
fn clients_keep_their_order() {
    for old in 1..PRESENT {
        for (acme, globex, first) in [(3, 4, "acme"), (9, 4, "globex")] {
            let mut sandbox = with_database(&format!("version-{old}.sql"));
            sandbox.open_with("kind = \"simulate\"");
            let turns = format!(
                "DELETE FROM pauses;
                 INSERT INTO clients (name) VALUES ('globex') ON CONFLICT DO NOTHING;
                 UPDATE clients SET last_turn = CASE name WHEN 'acme' THEN {acme} ELSE {globex} END"
            );
            Connection::open(sandbox.database()).unwrap().execute_batch(&turns).unwrap();
            for client in ["acme", "globex"] {
                sandbox.run(["add", "-c", client, "due"]).expect_code(0);
            }
            let next = sandbox.run("process --dry-run --json --limit 1").expect_code(0).json();
            assert_eq!(next[0]["client_id"], first, "version {old}");
        }
    }
}

#[test]
fn an_unknown_call_of_version_2_keeps_its_number_for_two_hours() {
    let sandbox = with_database("version-2.sql");
    sandbox.run("list").expect_code(0);
    let query = "SELECT number_taken_until - finished_at FROM attempts WHERE outcome = 'unknown'";
    let taken: i64 = Connection::open(sandbox.database()).unwrap().query_row(query, [], |row| row.get(0)).unwrap();
    assert_eq!(taken, 2 * 60 * 60 * 1_000);
}

#[test]
fn attempts_of_older_versions_get_their_level_from_outcome_and_reason() {
    for old in 1..4 {
        let sandbox = with_database(&format!("version-{old}.sql"));
        let reached = |id: u64| {
            let item = sandbox.run(["show", &id.to_string(), "--json"]).expect_code(0).json();
            item["history"][0]["reached"].clone()
        };
        assert_eq!([1, 2, 3, 4].map(reached), ["person".into(), "network".into(), Value::Null, Value::Null]);
    }
}

#[test]
fn programs_that_upgrade_a_queue_together_keep_one_whole_copy_of_what_was_there() {
    for _ in 0..5 {
        let sandbox = with_database("version-1.sql");
        let lists: Vec<_> = (0..8).map(|_| sandbox.spawn("list")).collect();
        for list in lists {
            list.finish().expect_code(0);
        }
        let copy = sandbox.path("queue.db.v1-backup");
        assert_eq!((version(&sandbox.database()), version(&copy)), (PRESENT, 1));
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        let names = fs::read_dir(copy.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
        let copies: Vec<_> = names.filter(|name| name.to_str().unwrap().contains("backup")).collect();
        assert_eq!(copies, ["queue.db.v1-backup"]);
    }
}

#[test]
fn the_copy_is_closed_to_others_and_belongs_to_the_owner_of_the_database() {
    let sandbox = with_database("version-2.sql");
    if is_root() {
        sandbox.give_to_nobody("");
        sandbox.give_to_nobody("queue.db");
    }
    let (callq, database) = (env!("CARGO_BIN_EXE_callq"), sandbox.database());
    let line = format!("umask 000; exec {callq:?} --db {database:?} list");
    sandbox.run_program("sh", ["-c", &line], "").expect_code(0);
    let (copy, owner) = (sandbox.path("queue.db.v2-backup").metadata().unwrap(), database.metadata().unwrap().uid());
    assert_eq!((copy.permissions().mode() & 0o777, copy.uid()), (0o600, owner));
}
