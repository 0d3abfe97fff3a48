//! What is no database of callq's is refused with one line and left as it is.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rusqlite::Connection;

use crate::support::Sandbox;

/// Commands that read, that change, and that make the database.
const COMMANDS: &[&[&str]] = &[
    &["list"],
    &["show", "1"],
    &["add", "-c", "acme", "lead"],
    &["schedule-batch", "-c", "acme", "lead"],
    &["update", "1", "-p", "low"],
    &["cancel", "1"],
    &["retry", "1"],
    &["process"],
    &["prune", "--older-than", "1d"],
    &["pause"],
    &["resume"],
];

/// Each command exits 1 with one error that says `message`, and changes no byte of the file.
#[track_caller]
fn refused(sandbox: &Sandbox, message: &str, commands: &[&[&str]]) {
    let before = fs::read(sandbox.database()).ok();
    for command in commands {
        let run = sandbox.run(*command).expect_code(1);
        let errors: Vec<&str> = run.stderr.lines().filter(|line| !line.starts_with("hint: ")).collect();
        assert!(errors.len() == 1 && errors[0] == format!("error: {message}"), "{command:?} {run}");
        assert_eq!(run.stdout, "", "{command:?}");
        assert_eq!(fs::read(sandbox.database()).ok(), before, "{command:?}");
    }
}

#[test]
fn a_text_is_no_database() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.database(), "lead-1\n".repeat(1_000)).unwrap();
    refused(&sandbox, "[FOLDER]/queue.db is not a callq database: it is not an SQLite file", COMMANDS);
}

#[test]
fn a_folder_is_no_database() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.database()).unwrap();
    refused(&sandbox, "[FOLDER]/queue.db is not a file", COMMANDS);
    assert_eq!(fs::read_dir(sandbox.database()).unwrap().count(), 0);
}

#[test]
fn a_link_is_not_followed() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme lead").expect_code(0);
    fs::rename(sandbox.database(), sandbox.path("real.db")).unwrap();
    for target in ["real.db", "nowhere.db"] {
        symlink(sandbox.path(target), sandbox.database()).unwrap();
        refused(&sandbox, "[FOLDER]/queue.db is a symbolic link: name the database file itself", COMMANDS);
        fs::remove_file(sandbox.database()).unwrap();
    }
    assert!(!sandbox.path("nowhere.db").exists());
}

#[test]
fn another_programs_database_is_left_alone() {
    let sandbox = Sandbox::new();
    let connection = Connection::open(sandbox.database()).unwrap();
    connection.execute_batch("CREATE TABLE photos (id INTEGER PRIMARY KEY);").unwrap();
    refused(&sandbox, "[FOLDER]/queue.db is not a callq database: it holds another program's tables", COMMANDS);
    connection.execute_batch("PRAGMA application_id = 1234;").unwrap();
    refused(&sandbox, "[FOLDER]/queue.db is not a callq database: its application id is 0x4d2", COMMANDS);
}

#[test]
fn a_newer_database_is_left_to_the_newer_program() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme lead").expect_code(0);
    let connection = Connection::open(sandbox.database()).unwrap();
    connection.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA user_version = 99;").unwrap();
    drop(connection);
    let message = "[FOLDER]/queue.db has schema version 99, this callq knows up to 6: use the newer callq";
    refused(&sandbox, message, COMMANDS);
}

#[test]
fn an_empty_file_becomes_a_queue_only_where_one_is_made() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.database(), "").unwrap();
    let readers: Vec<&[&str]> = COMMANDS
        .iter()
        .copied()
        .filter(|command| ["list", "show", "update", "cancel", "retry"].contains(&command[0]))
        .collect();
    refused(
        &sandbox,
        "[FOLDER]/queue.db is not a callq database: it is empty; `callq add` makes a queue of it",
        &readers,
    );
    sandbox.run("add -c acme lead").expect_code(0);
    sandbox.run("show 1").expect_code(0);
}

#[test]
fn a_database_that_is_not_there_is_made_by_those_that_add_only() {
    let sandbox = Sandbox::new();
    for command in [&["list"][..], &["show", "1"], &["update", "1", "-p", "low"], &["cancel", "1"], &["retry", "1"]] {
        let run = sandbox.run(command).expect_code(1);
        assert!(run.stderr.starts_with("error: no database at [FOLDER]/queue.db\nhint: `callq add` makes it"), "{run}");
        assert!(!sandbox.database().exists(), "{command:?}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_or_written_is_named() {
    let sandbox = Sandbox::new();
    let add = |database: &Path| {
        let database = database.to_str().unwrap();
        sandbox.run_program(env!("CARGO_BIN_EXE_callq"), ["--db", database, "add", "-c", "acme", "lead"], "")
    };
    fs::write(sandbox.path("file"), "").unwrap();
    assert_eq!(
        add(&sandbox.path("file/queue.db")).text(),
        "--- standard error\nerror: cannot open [FOLDER]/file/queue.db: Not a directory (os error 20)\n--- exit 1\n"
    );
    // Root writes where it likes: only the kernel's own folders refuse it.
    fs::create_dir(sandbox.path("locked")).unwrap();
    fs::set_permissions(sandbox.path("locked"), Permissions::from_mode(0o500)).unwrap();
    let folder =
        if fs::write(sandbox.path("locked/probe"), "").is_ok() { "/proc".into() } else { sandbox.path("locked") };
    let run = add(&folder.join("queue.db")).expect_code(1);
    assert_eq!((run.stdout.as_str(), run.stderr.lines().count()), ("", 1), "{run}");
    assert!(run.stderr.starts_with("error: cannot create "), "{run}");
}
