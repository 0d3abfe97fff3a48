//! Files that a person names for writing: nothing of callq's own is overwritten, by whatever name; an old file stays until
//! the new one is whole; what is no file is written straight.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rustix::process::Signal;

use crate::support::{Run, Sandbox, eventually};

/// A good record and a bad one.
const LEADS: &str = "lead_id,priority\ngood,high\nbad,zzz\n";

/// The rejects of [`LEADS`].
const REJECTED: &str = "lead_id,priority,error\n\
    bad,zzz,\"priority: unknown priority `zzz`: expected urgent, high, normal or low\"\n";

/// A queue of one lead, with an input of [`LEADS`].
fn queue() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme l1 --phone +15552000001").expect_code(0);
    sandbox.write("in.csv", LEADS);
    sandbox
}

fn batch(sandbox: &Sandbox, rejects: impl AsRef<Path>, more: &[&str]) -> Run {
    let rejects = rejects.as_ref().to_str().unwrap();
    let words = ["schedule-batch", "-c", "acme", "-f", "in.csv", "--rejects", rejects];
    sandbox.run(words.iter().chain(more).collect::<Vec<_>>())
}

/// The batch is refused before anything happens: no byte of any file of the sandbox changes, and no lead is queued.
#[track_caller]
fn refused(sandbox: &Sandbox, rejects: impl AsRef<Path>, what: &str) {
    let before = everything(sandbox.folder());
    let run = batch(sandbox, rejects, &["--invalid", "skip"]).expect_code(2);
    assert!(run.stdout.is_empty() && run.stderr.contains(what) && run.stderr.contains("hint: name "), "{what}: {run}");
    assert_eq!(everything(sandbox.folder()), before, "{what}");
}

/// Every file below a folder with its content; a database that is opened to read gets and loses its side files.
fn everything(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => files.extend(everything(&path)),
            kind if kind.is_file() => files.push((path.display().to_string(), fs::read(&path).unwrap())),
            _ => {}
        }
    }
    files.sort();
    files
}

#[test]
fn the_database_and_all_that_belongs_to_it_are_refused_by_every_name() {
    let sandbox = queue();
    fs::create_dir(sandbox.path("folder")).unwrap();
    symlink(sandbox.database(), sandbox.path("soft")).unwrap();
    fs::hard_link(sandbox.database(), sandbox.path("hard")).unwrap();
    symlink(sandbox.folder(), sandbox.path("folder/up")).unwrap();
    let whole = sandbox.database().display().to_string();
    for name in
        ["queue.db", "./folder/../queue.db", &whole, "soft", "hard", "folder/up/queue.db", "/proc/self/cwd/queue.db"]
    {
        refused(&sandbox, name, "is the database");
    }
    // Not there yet, under their own names and through a folder that is a link.
    for name in ["queue.db-wal", "queue.db-shm", "queue.db-journal", "folder/up/queue.db-wal"] {
        refused(&sandbox, name, "is a part of the database");
    }
    for name in ["queue.db.leases", "queue.db.leases/x", "folder/up/queue.db.leases/x"] {
        refused(&sandbox, name, "is one of the leases");
    }
    fs::create_dir(sandbox.path("queue.db.leases")).unwrap();
    sandbox.write("queue.db.leases/lease", "1");
    fs::hard_link(sandbox.path("queue.db.leases/lease"), sandbox.path("lease")).unwrap();
    symlink("queue.db.leases", sandbox.path("leases")).unwrap();
    for name in ["queue.db.leases/new", "queue.db.leases/lease", "lease", "leases/new"] {
        refused(&sandbox, name, "is one of the leases");
    }
}

#[test]
fn a_database_that_a_variable_or_the_configuration_names_is_refused_too() {
    let mut sandbox = queue();
    fs::rename(sandbox.database(), sandbox.path("other.db")).unwrap();
    sandbox.set("CALLQ_DB", sandbox.path("other.db"));
    let callq = env!("CARGO_BIN_EXE_callq");
    let words = ["schedule-batch", "-c", "acme", "-f", "in.csv", "--rejects", "other.db"];
    let run = |sandbox: &Sandbox| sandbox.run_program(callq, words, "").expect_code(2);
    assert!(run(&sandbox).stderr.contains("is the database"));
    sandbox.unset("CALLQ_DB");
    sandbox.configure("database = \"../other.db\"");
    assert!(run(&sandbox).stderr.contains("is the database"));
    // Another queue, or a copy of one, is none of callq's business, and no file of rejects either.
    sandbox.run("add -c acme l1").expect_code(0);
    sandbox.configure("");
    refused(&sandbox, "other.db", "is a database");
}

#[test]
fn the_configuration_and_what_it_names_and_the_input_are_refused() {
    let mut sandbox = queue();
    sandbox.write("config/holidays.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n");
    sandbox.write("config/key", "key_1\n");
    let program = sandbox.script("dial", "exit 0");
    sandbox.configure(&format!(
        "[defaults]\nholiday_files = [\"holidays.ics\"]\n[clients.acme.dispatch]\nkind = \"command\"\n\
         command = [{program:?}]\n[clients.other.dispatch]\napi_key_file = \"key\"\n"
    ));
    symlink("config/key", sandbox.path("soft")).unwrap();
    fs::hard_link(sandbox.path("config/config.toml"), sandbox.path("hard")).unwrap();
    for (name, what) in [
        ("config/config.toml", "is the configuration"),
        ("hard", "is the configuration"),
        ("config/holidays.ics", "is a calendar of the configuration"),
        ("config/key", "is a file with a key"),
        ("soft", "is a file with a key"),
        ("dial", "is the program that places calls"),
        ("in.csv", "is the input itself"),
        ("config", "is a folder"),
    ] {
        refused(&sandbox, name, what);
    }
    // By a descriptor that is open already, and where the input is standard input.
    let shell = |line: &str| {
        let database = sandbox.database();
        let line = format!(
            "exec {:?} --db {database:?} schedule-batch -c acme --invalid skip {line}",
            env!("CARGO_BIN_EXE_callq")
        );
        sandbox.run_program("sh", ["-c", &line], "").expect_code(2).stderr
    };
    let before = everything(sandbox.folder());
    assert!(shell("-f in.csv --rejects /dev/fd/3 3<>queue.db").contains("is the database"));
    assert!(shell("-f in.csv --rejects /proc/self/fd/3 3>>queue.db").contains("is the database"));
    assert!(shell("-f in.csv --rejects /dev/stdout >>queue.db").contains("is the database"));
    assert!(shell("-f - --rejects in.csv < in.csv").contains("is the input itself"));
    assert_eq!(everything(sandbox.folder()), before);
}

#[test]
fn a_configuration_is_not_made_of_what_belongs_to_the_database_nor_of_a_device() {
    let sandbox = queue();
    for name in ["queue.db-wal", "queue.db.leases/x", "queue.db"] {
        let run = sandbox.run(["--config", name, "config", "init"]).expect_code(2);
        assert!(run.stderr.starts_with(&format!("error: --config: {name} is ")), "{run}");
    }
    assert!(!sandbox.path("queue.db-wal").exists() && !sandbox.path("queue.db.leases").exists());
    let run = sandbox.run("--config /dev/null config set aging 1").expect_code(5);
    assert!(run.stderr.contains("/dev/null: is not a file"), "{run}");
    assert!(!Path::new("/dev/.null.lock").exists());
}

#[test]
fn a_link_is_not_followed() {
    let sandbox = queue();
    sandbox.write("old.csv", "old");
    symlink("old.csv", sandbox.path("link")).unwrap();
    symlink("nowhere", sandbox.path("dangling")).unwrap();
    refused(&sandbox, "link", "is a symbolic link, which is not followed");
    refused(&sandbox, "dangling", "is a symbolic link, which is not followed");
}

#[test]
fn a_batch_that_is_refused_as_a_whole_leaves_the_old_file_as_it_was() {
    let sandbox = queue();
    let old = sandbox.write("old.csv", "half mended\n");
    batch(&sandbox, &old, &[]).expect_code(4);
    assert_eq!(fs::read_to_string(&old).unwrap(), "half mended\n");
    batch(&sandbox, sandbox.path("new.csv"), &[]).expect_code(4);
    assert!(!sandbox.path("new.csv").exists());
    // Without a database too.
    fs::remove_file(sandbox.database()).unwrap();
    batch(&sandbox, &old, &[]).expect_code(4);
    assert_eq!(fs::read_to_string(&old).unwrap(), "half mended\n");
    batch(&sandbox, &old, &["--invalid", "skip"]).expect_code(0);
    assert_eq!(fs::read_to_string(&old).unwrap(), REJECTED);
    let strays = fs::read_dir(sandbox.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(strays.into_iter().all(|name| !name.to_str().unwrap().contains(".new")));
}

#[test]
fn what_is_written_is_its_owners_alone_whatever_the_umask() {
    for umask in ["000", "022", "277"] {
        let sandbox = queue();
        fs::write(sandbox.path("old.csv"), "old").unwrap();
        fs::set_permissions(sandbox.path("old.csv"), Permissions::from_mode(0o666)).unwrap();
        let (callq, database) = (env!("CARGO_BIN_EXE_callq"), sandbox.database());
        for name in ["old.csv", "new.csv"] {
            let batch = format!("schedule-batch -c {name} -f in.csv --invalid skip --rejects {name}");
            let line = format!("umask {umask}; exec {callq:?} --db {database:?} {batch}");
            sandbox.run_program("sh", ["-c", &line], "").expect_code(0);
            assert_eq!(sandbox.path(name).metadata().unwrap().permissions().mode() & 0o777, 0o600, "{umask} {name}");
            assert_eq!(fs::read_to_string(sandbox.path(name)).unwrap(), REJECTED);
        }
    }
}

#[test]
fn a_kill_leaves_the_old_file_and_at_most_a_stray_one() {
    let sandbox = queue();
    let old = sandbox.write("old.csv", "half mended\n");
    let (callq, database) = (env!("CARGO_BIN_EXE_callq"), sandbox.database());
    // It waits for the rest of its input for ever.
    let batch = "schedule-batch -c acme --input csv -f - --invalid skip --rejects old.csv";
    let line = format!(
        "{{ cat in.csv; yes 'ok,' | head -n 40000; sleep 600; }} | {{ echo $$ >pid; exec {callq:?} --db {database:?} {batch}; }}"
    );
    let strays = || {
        let names = fs::read_dir(sandbox.folder()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_str().unwrap().starts_with(".callq-")).count()
    };
    let running = sandbox.spawn_program("bash", ["-c", &line]);
    eventually("the rejects are begun", || strays() == 1);
    let pid = fs::read_dir("/proc").unwrap().find_map(|entry| {
        let entry = entry.unwrap();
        let words = fs::read(entry.path().join("cmdline")).ok()?;
        let is_it = words.starts_with(callq.as_bytes()) && words.windows(8).any(|part| part == b"old.csv\0");
        let is_here = fs::read_link(entry.path().join("cwd")).is_ok_and(|folder| folder == sandbox.folder());
        (is_it && is_here).then(|| entry.file_name().to_str()?.parse().ok()).flatten()
    });
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid.unwrap()).unwrap(), Signal::KILL).unwrap();
    drop(running);
    assert_eq!(fs::read_to_string(&old).unwrap(), "half mended\n");
    assert_eq!(strays(), 1);
    sandbox.run("schedule-batch -c acme -f in.csv --invalid skip --rejects old.csv").expect_code(0);
    assert_eq!(fs::read_to_string(&old).unwrap(), REJECTED);
}

#[test]
fn what_is_no_file_is_written_straight_and_once() {
    for with_database in [true, false] {
        let sandbox = queue();
        if !with_database {
            fs::remove_file(sandbox.database()).unwrap();
        }
        let (callq, database) = (env!("CARGO_BIN_EXE_callq"), sandbox.database());
        let shell = |client: &str, rejects: &str| {
            let batch = format!("schedule-batch -q -c {client} -f in.csv --invalid skip --rejects {rejects}");
            sandbox
                .run_program("bash", ["-c", &format!("{callq:?} --db {database:?} {batch}; wait")], "")
                .expect_code(0)
        };
        let piped = shell("a", "/dev/stdout");
        assert!(piped.stdout.starts_with(REJECTED) && piped.stdout.matches("bad,zzz").count() == 1, "{piped}");
        // As a file, the stream of the caller goes on where it is.
        shell("b", "/dev/stdout > out; true");
        let out = fs::read_to_string(sandbox.path("out")).unwrap();
        assert!(out.starts_with(REJECTED) && out.contains("1 scheduled"), "{out}");
        shell("c", "/dev/fd/7 7> out");
        assert_eq!(fs::read_to_string(sandbox.path("out")).unwrap(), REJECTED);
        shell("d", ">(cat > piped; mv piped whole)");
        eventually("the reader of the pipe has ended", || sandbox.path("whole").exists());
        assert_eq!(fs::read_to_string(sandbox.path("whole")).unwrap(), REJECTED);
        shell("e", "/dev/null");
        assert_eq!(shell("f", "/dev/stderr").stderr, REJECTED);
    }
}
