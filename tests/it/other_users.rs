//! What other users own, may write or have planted: it is refused or ignored, and doctor names it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use rusqlite::Connection;

use crate::support::{NOBODY, Provider, Sandbox, eventually, is_root};

fn chmod(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A queue with one waiting item.
fn queue() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a --phone +15552000001").expect_code(0);
    sandbox
}

/// Every command is refused with this message, and so is what doctor finds.
#[track_caller]
fn refused(sandbox: &Sandbox, message: &str) {
    for line in ["list", "process", "add -c acme b", "cancel 1"] {
        let run = sandbox.run(line).expect_code(1);
        assert_eq!(run.stderr.lines().next(), Some(format!("error: {message}").as_str()), "{line}");
    }
    let doctor = sandbox.run("doctor").expect_code(1);
    assert!(doctor.stdout.contains(&format!("error   database: {message}")), "{doctor}");
}

#[test]
fn a_database_that_others_may_write_is_refused_with_the_command_that_closes_it() {
    let sandbox = queue();
    let danger = "who could change whom callq calls";
    chmod(sandbox.database(), 0o660);
    refused(
        &sandbox,
        &format!(
            "[FOLDER]/queue.db: the database may be written by others (mode 0660), {danger}; `chmod go-w [FOLDER]/queue.db`"
        ),
    );
    chmod(sandbox.database(), 0o600);
    fs::create_dir(sandbox.path("queue.db.leases")).unwrap();
    chmod(sandbox.path("queue.db.leases"), 0o777);
    refused(
        &sandbox,
        &format!(
            "[FOLDER]/queue.db.leases: this folder of leases may be written by others (mode 0777), {danger}; \
             `chmod go-w [FOLDER]/queue.db.leases`"
        ),
    );
    chmod(sandbox.path("queue.db.leases"), 0o700);
    chmod(sandbox.folder(), 0o777);
    refused(
        &sandbox,
        &format!(
            "[FOLDER]: this folder of the database may be written by others (mode 0777), {danger}; `chmod go-w [FOLDER]`"
        ),
    );
    // As in /tmp, nobody replaces what is another's.
    chmod(sandbox.folder(), 0o1777);
    sandbox.run("list").expect_code(0);
    let log = sandbox.write("queue.db-wal", "");
    chmod(&log, 0o666);
    assert!(sandbox.run("list").expect_code(1).stderr.contains("queue.db-wal: this file of the database may be"));
}

#[test]
fn another_users_database_is_refused_and_root_may_use_it() {
    if !is_root() {
        return;
    }
    let mut sandbox = Sandbox::holding();
    sandbox.set("RUST_BACKTRACE", "0");
    chmod(sandbox.folder(), 0o755);
    sandbox.run("add -c acme a").expect_code(0);
    chown(sandbox.database(), Some(12_345), None).unwrap();
    chmod(sandbox.database(), 0o644);
    let run = sandbox.run_as_nobody("-q add -c acme b");
    assert!(run.code != 0 && !run.stderr.contains("panic"), "{run}");
    // A service's queue, in the service's folder.
    for name in ["", "queue.db"] {
        sandbox.give_to_nobody(name);
    }
    chmod(sandbox.database(), 0o600);
    let owner = |name: &str| sandbox.path(name).symlink_metadata().unwrap().uid();
    let running = sandbox.spawn("process --json");
    sandbox.wait_until_calling("a");
    let beside = ["queue.db-wal", "queue.db-shm", "queue.db.leases"].map(owner);
    assert_eq!(beside, [NOBODY; 3]);
    for lease in fs::read_dir(sandbox.path("queue.db.leases")).unwrap().map(Result::unwrap) {
        assert_eq!((lease.metadata().unwrap().uid(), lease.metadata().unwrap().mode() & 0o777), (NOBODY, 0o600));
    }
    sandbox.write("go", "");
    running.finish().expect_code(0);
    assert_eq!(sandbox.status(1), "completed");
    sandbox.run("add -c acme b").expect_code(0);
    // What a third user put beside it is nobody's.
    chown(sandbox.path("queue.db.leases"), Some(12_345), None).unwrap();
    let run = sandbox.run("list").expect_code(1);
    assert!(run.stderr.contains("belongs to user 12345, not to user 65534 or root"), "{run}");
}

#[test]
fn what_root_makes_in_the_folder_of_a_service_serves_the_service() {
    if !is_root() {
        return;
    }
    let mut sandbox = Sandbox::new();
    sandbox.give_to_nobody("");
    chmod(sandbox.folder(), 0o700);
    sandbox.run("add -c acme a").expect_code(0);
    sandbox.unset("CALLQ_CONFIG");
    sandbox.run_as_nobody("add -c acme b").expect_code(0);
    assert_eq!(sandbox.run_as_nobody("list --format jsonl").expect_code(0).stdout.lines().count(), 2);
}

#[test]
fn a_result_that_another_user_left_is_ignored_and_named() {
    if !is_root() {
        return;
    }
    let sandbox = Sandbox::dialling();
    let script =
        "printf '{\"outcome\": \"completed\"}' > \"$CALLQ_RESULT_FILE\"; chown 65534 \"$CALLQ_RESULT_FILE\"; exit 11";
    sandbox.script("place-call", script);
    sandbox.call(&["forged"]);
    assert_eq!(sandbox.status(1), "retry_scheduled");
    let attempt = &sandbox.run("show 1 --json").json()["history"][0];
    assert_eq!((&attempt["outcome"], &attempt["reason"]), (&"retry".into(), &"busy".into()), "{attempt}");
    assert!(attempt["detail"].as_str().unwrap().contains("belongs to user 65534, not to you (user 0)"), "{attempt}");
    // After a crash too: nobody knows how the call ended.
    sandbox.script("place-call", "echo $$ > pid.new; mv pid.new pid; exec sleep 1000");
    sandbox.run("add -c acme lost").expect_code(0);
    let run = sandbox.spawn("process");
    eventually("the call has begun", || sandbox.path("pid").exists());
    run.signal(rustix::process::Signal::KILL);
    run.finish();
    let forged = sandbox.run("show 2 --json").json()["history"][0]["id"].as_str().unwrap().to_owned();
    let name = format!("queue.db.leases/{forged}.result");
    sandbox.write(&name, r#"{"outcome": "retry"}"#);
    sandbox.give_to_nobody(&name);
    let pid: i32 = fs::read_to_string(sandbox.path("pid")).unwrap().trim().parse().unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), rustix::process::Signal::KILL).unwrap();
    eventually("it is settled", || {
        sandbox.run("process -q");
        sandbox.status(2) == "failed, held"
    });
    let attempt = &sandbox.run("show 2 --json").json()["history"][0];
    assert!(attempt["detail"].as_str().unwrap().contains("it is ignored: it belongs to user 65534"), "{attempt}");
}

#[test]
fn a_planted_trigger_or_view_stops_every_write_and_no_look() {
    for (kind, sql) in [
        ("trigger", "CREATE TRIGGER \"my trap\" AFTER INSERT ON items BEGIN DELETE FROM items; END"),
        ("view", "CREATE VIEW \"my trap\" AS SELECT * FROM items"),
    ] {
        let sandbox = queue();
        Connection::open(sandbox.database()).unwrap().execute_batch(sql).unwrap();
        for line in ["add -c acme b", "cancel 1", "process", "prune --older-than 1d", "pause"] {
            let run = sandbox.run(line).expect_code(1);
            let error = format!(
                "error: [FOLDER]/queue.db has the {kind} `my trap`, which callq did not make: nothing is written\n"
            );
            assert!(run.stderr.starts_with(&error), "{line}: {run}");
            let way_out = format!("sqlite3 [FOLDER]/queue.db 'DROP {} \"my trap\"'\n", kind.to_uppercase());
            assert!(run.stderr.ends_with(&way_out), "{line}: {run}");
        }
        sandbox.run("list").expect_code(0);
        let doctor = sandbox.run("doctor").expect_code(1);
        assert!(doctor.stdout.contains(&format!("error   schema: {kind} my trap: callq did not make it")), "{doctor}");
    }
}

#[test]
fn a_program_that_others_may_write_is_not_started() {
    let mut sandbox = Sandbox::dialling();
    let program = sandbox.path("place-call");
    let name = program.display().to_string();
    let folder = sandbox.folder().display().to_string();
    sandbox.run("add -c acme a").expect_code(0);
    sandbox.set("PATH", format!("{folder}:/usr/bin:/bin"));
    for command in [name.as_str(), "place-call", "./place-call"] {
        sandbox.open_with(&format!("kind = \"command\"\ncommand = [{command:?}]"));
        chmod(&program, 0o777);
        let run = sandbox.run("process").expect_code(7);
        let fault = "this program may be written by others (mode 0777)";
        assert!(run.stderr.contains(fault) && run.stderr.contains("`chmod go-w "), "{command}: {run}");
        assert_eq!(sandbox.status(1), "pending", "{command}");
        for line in ["config check", "doctor"] {
            let run = sandbox.run(line);
            assert!(run.stdout.contains("`dispatch.command`: ") && run.stdout.contains(fault), "{command}: {run}");
        }
    }
    chmod(&program, 0o755);
    sandbox.run("process").expect_code(0);
    assert_eq!(sandbox.status(1), "completed");
}

#[test]
fn a_key_that_others_may_write_is_not_used_and_one_that_they_may_read_is_a_warning() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    let file = sandbox.write("retell.key", "key_of_a_file\n");
    sandbox.place_with(&provider, 1, &format!("api_key_file = {file:?}"));
    chmod(&file, 0o666);
    let fault = "this file with a key may be written by others (mode 0666)";
    let run = sandbox.run("process").expect_code(7);
    assert!(run.stderr.contains(fault) && run.stderr.contains("`chmod go-w [FOLDER]/retell.key`"), "{run}");
    assert!(provider.paths().is_empty(), "nobody is asked");
    let check = sandbox.run("config check").expect_code(0);
    assert!(check.stdout.contains("`dispatch.api_key_file`: ") && check.stdout.contains(fault), "{check}");
    let doctor = sandbox.run("doctor").stdout;
    assert!(doctor.contains("warning keys: no key: ") && doctor.contains(fault), "{doctor}");
    chmod(&file, 0o644);
    let doctor = sandbox.run("doctor").expect_code(0).stdout;
    assert!(doctor.contains("warning keys: [FOLDER]/retell.key is open to others (mode 0644)"), "{doctor}");
}

#[test]
fn what_callq_makes_is_its_owners_alone_whatever_the_umask() {
    let sandbox = Sandbox::holding();
    let (callq, database) = (env!("CARGO_BIN_EXE_callq"), sandbox.path("new/queue.db"));
    let shell = |line: &str| format!("umask 000; exec {callq:?} --db {database:?} {line}");
    sandbox.run_program("sh", ["-c", &shell("add -c acme a")], "").expect_code(0);
    sandbox.run_program("sh", ["-c", &shell("--config made/config.toml config init")], "").expect_code(0);
    let running = sandbox.spawn_program("sh", ["-c", &shell("process")]);
    sandbox.wait_until_calling("a");
    let mut folders = vec![sandbox.path("new"), sandbox.path("made")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        assert_eq!(folder.metadata().unwrap().mode() & 0o777, 0o700, "{}", folder.display());
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            seen += 1;
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => assert_eq!(entry.metadata().unwrap().mode() & 0o777, 0o600, "{}", entry.path().display()),
            }
        }
    }
    assert!(seen >= 7, "{seen}");
    sandbox.write("go", "");
    running.finish().expect_code(0);
}
