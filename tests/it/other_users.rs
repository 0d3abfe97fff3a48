//! What other users own, may write or have planted: it is refused or ignored, and doctor names it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use rusqlite::Connection;

use crate::support::{Bench, NOBODY, Provider, eventually, is_root};

fn chmod(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A queue with one waiting item.
fn queue() -> Bench {
    let bench = Bench::new();
    bench.callq_line("add -c acme a --phone +15552000001").expect_code(0);
    bench
}

/// Every command is refused with this message, and so is what doctor finds.
#[track_caller]
fn refused(bench: &Bench, message: &str) {
    for line in ["list", "process", "add -c acme b", "cancel 1"] {
        let run = bench.callq_line(line).expect_code(1);
        assert_eq!(run.stderr.lines().next(), Some(format!("error: {message}").as_str()), "{line}");
    }
    let doctor = bench.callq_line("doctor").expect_code(1);
    assert!(doctor.stdout.contains(&format!("error   database: {message}")), "{doctor}");
}

#[test]
fn a_database_that_others_may_write_is_refused_with_the_command_that_closes_it() {
    let bench = queue();
    let danger = "who could change whom callq calls";
    chmod(bench.database(), 0o660);
    refused(
        &bench,
        &format!(
            "[FOLDER]/queue.db: the database may be written by others (mode 0660), {danger}; `chmod go-w [FOLDER]/queue.db`"
        ),
    );
    chmod(bench.database(), 0o600);
    fs::create_dir(bench.path("queue.db.leases")).unwrap();
    chmod(bench.path("queue.db.leases"), 0o777);
    refused(
        &bench,
        &format!(
            "[FOLDER]/queue.db.leases: this folder of leases may be written by others (mode 0777), {danger}; \
             `chmod go-w [FOLDER]/queue.db.leases`"
        ),
    );
    chmod(bench.path("queue.db.leases"), 0o700);
    chmod(bench.folder(), 0o777);
    refused(
        &bench,
        &format!(
            "[FOLDER]: this folder of the database may be written by others (mode 0777), {danger}; `chmod go-w [FOLDER]`"
        ),
    );
    // As in /tmp, nobody replaces what is another's.
    chmod(bench.folder(), 0o1777);
    bench.callq_line("list").expect_code(0);
    let log = bench.write("queue.db-wal", "");
    chmod(&log, 0o666);
    assert!(bench.callq_line("list").expect_code(1).stderr.contains("queue.db-wal: this file of the database may be"));
}

#[test]
fn another_users_database_is_refused_and_root_may_use_it() {
    if !is_root() {
        return;
    }
    let mut bench = Bench::holding();
    bench.set("RUST_BACKTRACE", "0");
    chmod(bench.folder(), 0o755);
    bench.callq_line("add -c acme a").expect_code(0);
    chown(bench.database(), Some(12_345), None).unwrap();
    chmod(bench.database(), 0o644);
    let run = bench.run_as_nobody(["-q", "add", "-c", "acme", "b"]);
    assert!(run.code != 0 && !run.stderr.contains("panic"), "{run}");
    // A service's queue, in the service's folder.
    for name in ["", "queue.db"] {
        bench.give_to_nobody(name);
    }
    chmod(bench.database(), 0o600);
    let owner = |name: &str| bench.path(name).symlink_metadata().unwrap().uid();
    let running = bench.spawn(["process", "--json"]);
    bench.wait_until_calling("a");
    let beside = ["queue.db-wal", "queue.db-shm", "queue.db.leases"].map(owner);
    assert_eq!(beside, [NOBODY; 3]);
    for lease in fs::read_dir(bench.path("queue.db.leases")).unwrap().map(Result::unwrap) {
        assert_eq!((lease.metadata().unwrap().uid(), lease.metadata().unwrap().mode() & 0o777), (NOBODY, 0o600));
    }
    bench.write("go", "");
    running.finish().expect_code(0);
    assert_eq!(bench.status(1), "completed");
    bench.callq_line("add -c acme b").expect_code(0);
    // What a third user put beside it is nobody's.
    chown(bench.path("queue.db.leases"), Some(12_345), None).unwrap();
    let run = bench.callq_line("list").expect_code(1);
    assert!(run.stderr.contains("belongs to user 12345, not to user 65534 or root"), "{run}");
}

#[test]
fn what_root_makes_in_the_folder_of_a_service_serves_the_service() {
    if !is_root() {
        return;
    }
    let mut bench = Bench::new();
    bench.give_to_nobody("");
    chmod(bench.folder(), 0o700);
    bench.callq_line("add -c acme a").expect_code(0);
    bench.unset("CALLQ_CONFIG");
    bench.run_as_nobody(["add", "-c", "acme", "b"]).expect_code(0);
    assert_eq!(bench.run_as_nobody(["list", "--format", "jsonl"]).expect_code(0).stdout.lines().count(), 2);
}

#[test]
fn a_result_that_another_user_left_is_ignored_and_named() {
    if !is_root() {
        return;
    }
    let bench = Bench::dialling();
    let script =
        "printf '{\"outcome\": \"completed\"}' > \"$CALLQ_RESULT_FILE\"; chown 65534 \"$CALLQ_RESULT_FILE\"; exit 11";
    bench.script("place-call", script);
    bench.call(&["forged"]);
    assert_eq!(bench.status(1), "retry_scheduled");
    let attempt = &bench.callq_line("show 1 --json").json()["history"][0];
    assert_eq!((&attempt["outcome"], &attempt["reason"]), (&"retry".into(), &"busy".into()), "{attempt}");
    assert!(attempt["detail"].as_str().unwrap().contains("belongs to user 65534, not to you (user 0)"), "{attempt}");
    // After a crash too: nobody knows how the call ended.
    bench.script("place-call", "echo $$ > pid.new; mv pid.new pid; exec sleep 1000");
    bench.callq_line("add -c acme lost").expect_code(0);
    let run = bench.spawn(["process"]);
    eventually("the call has begun", || bench.path("pid").exists());
    run.signal(rustix::process::Signal::KILL);
    run.finish();
    let forged = bench.callq_line("show 2 --json").json()["history"][0]["id"].as_str().unwrap().to_owned();
    let name = format!("queue.db.leases/{forged}.result");
    bench.write(&name, r#"{"outcome": "retry"}"#);
    bench.give_to_nobody(&name);
    let pid: i32 = fs::read_to_string(bench.path("pid")).unwrap().trim().parse().unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), rustix::process::Signal::KILL).unwrap();
    eventually("it is settled", || {
        bench.run(["process", "-q"]);
        bench.status(2) == "failed, held"
    });
    let attempt = &bench.callq_line("show 2 --json").json()["history"][0];
    assert!(attempt["detail"].as_str().unwrap().contains("it is ignored: it belongs to user 65534"), "{attempt}");
}

#[test]
fn a_planted_trigger_or_view_stops_every_write_and_no_look() {
    for (kind, sql) in [
        ("trigger", "CREATE TRIGGER \"my trap\" AFTER INSERT ON items BEGIN DELETE FROM items; END"),
        ("view", "CREATE VIEW \"my trap\" AS SELECT * FROM items"),
    ] {
        let bench = queue();
        Connection::open(bench.database()).unwrap().execute_batch(sql).unwrap();
        for line in ["add -c acme b", "cancel 1", "process", "prune --older-than 1d", "pause"] {
            let run = bench.callq_line(line).expect_code(1);
            let error = format!(
                "error: [FOLDER]/queue.db has the {kind} `my trap`, which callq did not make: nothing is written\n"
            );
            assert!(run.stderr.starts_with(&error), "{line}: {run}");
            let way_out = format!("sqlite3 [FOLDER]/queue.db 'DROP {} \"my trap\"'\n", kind.to_uppercase());
            assert!(run.stderr.ends_with(&way_out), "{line}: {run}");
        }
        bench.callq_line("list").expect_code(0);
        let doctor = bench.callq_line("doctor").expect_code(1);
        assert!(doctor.stdout.contains(&format!("error   schema: {kind} my trap: callq did not make it")), "{doctor}");
    }
}

#[test]
fn a_program_that_others_may_write_is_not_started() {
    let mut bench = Bench::dialling();
    let program = bench.path("place-call");
    let name = program.display().to_string();
    let folder = bench.folder().display().to_string();
    bench.callq_line("add -c acme a").expect_code(0);
    bench.set("PATH", format!("{folder}:/usr/bin:/bin"));
    for command in [name.as_str(), "place-call", "./place-call"] {
        bench.open_with(&format!("kind = \"command\"\ncommand = [{command:?}]"));
        chmod(&program, 0o777);
        let run = bench.callq_line("process").expect_code(7);
        let fault = "this program may be written by others (mode 0777)";
        assert!(run.stderr.contains(fault) && run.stderr.contains("`chmod go-w "), "{command}: {run}");
        assert_eq!(bench.status(1), "pending", "{command}");
        for line in ["config check", "doctor"] {
            let run = bench.callq_line(line);
            assert!(run.stdout.contains("`dispatch.command`: ") && run.stdout.contains(fault), "{command}: {run}");
        }
    }
    chmod(&program, 0o755);
    bench.callq_line("process").expect_code(0);
    assert_eq!(bench.status(1), "completed");
}

#[test]
fn a_key_that_others_may_write_is_not_used_and_one_that_they_may_read_is_a_warning() {
    let provider = Provider::start();
    let mut bench = Bench::placing(&provider, 1);
    bench.queue(1);
    let file = bench.write("retell.key", "key_of_a_file\n");
    bench.place_with(&provider, 1, &format!("api_key_file = {file:?}"));
    chmod(&file, 0o666);
    let fault = "this file with a key may be written by others (mode 0666)";
    let run = bench.callq_line("process").expect_code(7);
    assert!(run.stderr.contains(fault) && run.stderr.contains("`chmod go-w [FOLDER]/retell.key`"), "{run}");
    assert!(provider.paths().is_empty(), "nobody is asked");
    let check = bench.callq_line("config check").expect_code(0);
    assert!(check.stdout.contains("`dispatch.api_key_file`: ") && check.stdout.contains(fault), "{check}");
    let doctor = bench.callq_line("doctor").stdout;
    assert!(doctor.contains("warning keys: no key: ") && doctor.contains(fault), "{doctor}");
    chmod(&file, 0o644);
    let doctor = bench.callq_line("doctor").expect_code(0).stdout;
    assert!(doctor.contains("warning keys: [FOLDER]/retell.key is open to others (mode 0644)"), "{doctor}");
}

#[test]
fn what_callq_makes_is_its_owners_alone_whatever_the_umask() {
    let bench = Bench::holding();
    let (callq, database) = (env!("CARGO_BIN_EXE_callq"), bench.path("new/queue.db"));
    let shell = |line: &str| format!("umask 000; exec {callq:?} --db {database:?} {line}");
    bench.run_program("sh", ["-c", &shell("add -c acme a")], "").expect_code(0);
    bench.run_program("sh", ["-c", &shell("--config made/config.toml config init")], "").expect_code(0);
    let running = bench.spawn_program("sh", ["-c", &shell("process")]);
    bench.wait_until_calling("a");
    let mut folders = vec![bench.path("new"), bench.path("made")];
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
    bench.write("go", "");
    running.finish().expect_code(0);
}
