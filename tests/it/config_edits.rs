//! `callq config` as a writer: what an edit keeps, what it refuses, and many at once.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::support::Sandbox;

const COMMENTED: &str = "\
# Ours.
[defaults]
# Where we are.
timezone = \"America/New_York\"    # IANA
max_retries = 3

[clients.acme] # our best
max_concurrent = 10
# the end
";

fn text(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.path("config/config.toml")).unwrap()
}

#[test]
fn set_and_unset_keep_comments_and_order_and_say_what_the_file_says_now() {
    let mut sandbox = Sandbox::new();
    sandbox.configure(COMMENTED);
    let file = "[FOLDER]/config/config.toml";
    assert_eq!(
        sandbox.run("config set timezone Europe/Berlin").text(),
        format!("timezone = \"Europe/Berlin\"  # {file}:4 [defaults]\n--- exit 0\n")
    );
    assert_eq!(
        sandbox.run("config set -c acme max_concurrent 12 --json").stdout,
        format!(
            "{{\n  \"key\": \"max_concurrent\",\n  \"value\": 12,\n  \"source\": \"{file}:8 [clients.acme]\"\n}}\n"
        )
    );
    assert_eq!(text(&sandbox), COMMENTED.replace("America/New_York", "Europe/Berlin").replace("10", "12"));
    assert_eq!(
        sandbox.run("config unset timezone").text(),
        "timezone = \"America/New_York\"  # built-in\n--- exit 0\n"
    );
    sandbox.run("config unset -c acme max_concurrent").expect_code(0);
    assert_eq!(
        text(&sandbox),
        "# Ours.\n[defaults]\n# Where we are.\nmax_retries = 3\n\n[clients.acme] # our best\n# the end\n"
    );
    assert_eq!(
        sandbox.run("config unset timezone").text(),
        format!("--- standard error\nerror: `timezone` is not set in [defaults] of {file}\n--- exit 3\n")
    );
    let again = sandbox.run("config set max_retries 3").expect_code(0);
    assert_eq!(again.stderr, "unchanged: already set to this value\n");
}

#[test]
fn set_makes_the_file_and_the_section_of_a_new_client() {
    let mut sandbox = Sandbox::new();
    sandbox.set("CALLQ_CONFIG", sandbox.path("new/callq.toml"));
    sandbox.run("config set -c 'Globex Corp.' business_hours.start 10:00").expect_code(0);
    let made = fs::read_to_string(sandbox.path("new/callq.toml")).unwrap();
    assert_eq!(made, "[clients.\"Globex Corp.\"]\n\n[clients.\"Globex Corp.\".business_hours]\nstart = \"10:00\"\n");
    assert_eq!(sandbox.path("new/callq.toml").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(sandbox.run("config get -c 'Globex Corp.' business_hours.start").stdout, "10:00\n");
}

#[test]
fn unset_without_a_file_leaves_nothing_behind() {
    let mut sandbox = Sandbox::new();
    sandbox.set("CALLQ_CONFIG", sandbox.path("new/callq.toml"));
    sandbox.run("config unset aging").expect_code(3);
    assert!(!sandbox.path("new").exists());
}

#[test]
fn a_link_stays_a_link_and_one_to_nowhere_is_named() {
    let mut sandbox = Sandbox::new();
    let file = sandbox.configure("");
    std::fs::rename(&file, sandbox.path("config/real.toml")).unwrap();
    std::os::unix::fs::symlink("real.toml", &file).unwrap();
    sandbox.run("config set timezone UTC").expect_code(0);
    assert!(file.is_symlink() && text(&sandbox).contains("timezone = \"UTC\""));
    std::fs::remove_file(sandbox.path("config/real.toml")).unwrap();
    let refused = sandbox.run("config set timezone UTC").expect_code(1);
    assert!(refused.stderr.contains("config.toml: cannot follow the link: No such file"), "{refused}");
    assert!(file.is_symlink());
}

#[test]
fn a_variable_that_goes_before_the_file_is_told_of() {
    let mut sandbox = Sandbox::new();
    sandbox.set("QUEUE_MAX_CONCURRENT", "9");
    let talk = "QUEUE_MAX_CONCURRENT is set and goes before it: `callq config get max_concurrent` shows what holds\n";
    assert_eq!(sandbox.run("config set max_concurrent 7").stderr, talk);
    assert_eq!(sandbox.run("config get max_concurrent").stdout, "9\n");
    assert_eq!(sandbox.run("config set max_concurrent 8 --quiet").stderr, "");
    assert_eq!(sandbox.run("config set -c acme max_concurrent 7").stderr, "");
    assert_eq!(sandbox.run("config get -c acme max_concurrent").stdout, "7\n");
    assert_eq!(sandbox.run("config unset -c acme max_concurrent").stderr, talk);
}

#[test]
fn what_would_be_wrong_is_not_written() {
    let mut sandbox = Sandbox::new();
    let before = "[defaults]\nretry_delays = [5]\n[clients.acme]\nbusiness_hours.end = \"10:00\"\n";
    sandbox.configure(before);
    for (arguments, code, message) in [
        (&["max_concurent", "5"][..], 2, "unknown key `max_concurent`; did you mean `max_concurrent`?"),
        (&["max_concurrent", "ten"], 5, "`max_concurrent` is \"ten\": expected a whole number from 1 to 4294967295"),
        (
            &["timezone", "Europe/Berln"],
            5,
            "`timezone`: unknown time zone `Europe/Berln`: did you mean `Europe/Berlin`?",
        ),
        (&["retry_delays", "-5"], 5, "`retry_delays` is -5: expected minutes, a number from 0 to 527040"),
        (&["retry_delays", ""], 5, "`retry_delays` is empty but `max_retries` is 3"),
        (&["max_concurrent=3", "aging=1", "max_concurrent=4"], 2, "`max_concurrent` is named twice: give it one value"),
        (&["-c", "acme", "database", "q.db"], 2, "`database` is one value for all clients: leave out `-c acme`"),
        (
            &["business_hours.start", "10:00"],
            5,
            "nothing was written, since the configuration would be wrong:\n[FOLDER]/config/config.toml:7:",
        ),
    ] {
        let run = sandbox.run(["config", "set"].iter().chain(arguments).collect::<Vec<_>>()).expect_code(code);
        assert!(run.stderr.contains(message), "{arguments:?}: {run}");
        assert_eq!((run.stdout.as_str(), text(&sandbox).as_str()), ("", before), "{arguments:?}");
    }
    // A wrong file can be mended, and with the very commands that everything else refuses.
    sandbox.configure("[defaults]\nmax_concurrent = 0\n");
    sandbox.run("config get timezone").expect_code(5);
    sandbox.run("config set timezone UTC").expect_code(5);
    sandbox.run("config set max_concurrent 1").expect_code(0);
    sandbox.run("config get timezone").expect_code(0);
    sandbox.set("QUEUE_MAX_RETRIES", "none of ours");
    sandbox.set("QUEUE_MAX_CONCURRENT", "wrong");
    sandbox.run("config path").expect_code(0);
    sandbox.run("config set aging 1").expect_code(0);
}

#[test]
fn a_reader_sees_the_old_file_or_the_new_one() {
    let mut sandbox = Sandbox::new();
    // Long enough that a half-written file could be seen.
    let filler = format!("# {}\n", "x".repeat(100)).repeat(2_000);
    sandbox.configure(&format!("[defaults]\nmax_concurrent = 1\n{filler}"));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut seen = 0;
                    while !done.load(Ordering::Relaxed) || seen == 0 {
                        let run = sandbox.run("config get max_concurrent").expect_code(0);
                        let value: u32 = run.stdout.trim().parse().unwrap();
                        assert!(value >= seen, "{value} after {seen}");
                        seen = value;
                    }
                })
            })
            .collect();
        for value in 2..=30 {
            sandbox.run(["config", "set", "max_concurrent", &value.to_string()]).expect_code(0);
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert!(text(&sandbox).ends_with(&filler));
}

#[test]
fn many_at_once_do_not_lose_each_others_change() {
    let sandbox = Sandbox::new();
    let keys = ["aging", "max_concurrent", "max_per_minute", "max_retries", "retry_multiplier", "dispatch.breaker"];
    let running: Vec<_> = ["acme", "globex"]
        .iter()
        .flat_map(|client| keys.map(|key| sandbox.spawn(["config", "set", "-c", *client, key, "7"])))
        .collect();
    for run in running {
        run.finish().expect_code(0);
    }
    for client in ["acme", "globex"] {
        for key in keys {
            let value = sandbox.run(["config", "get", "-c", client, key]).expect_code(0).stdout;
            assert!(value == "7\n" || value == "7.0\n", "{client} {key} {value}");
        }
    }
}

#[test]
fn a_file_or_folder_that_others_may_write_is_a_door_and_stays_shut() {
    let mut sandbox = Sandbox::new();
    let file = sandbox.configure("[defaults]\nmax_retries = 1\n");
    let folder = sandbox.path("config");
    for (path, shown, open, closed) in [
        (&file, "[FOLDER]/config/config.toml", 0o620, 0o600),
        (&file, "[FOLDER]/config/config.toml", 0o602, 0o600),
        (&folder, "[FOLDER]/config", 0o770, 0o700),
        (&folder, "[FOLDER]/config", 0o777, 0o700),
    ] {
        fs::set_permissions(path, Permissions::from_mode(open)).unwrap();
        for command in [
            &["list"][..],
            &["add", "-c", "acme", "lead"],
            &["process"],
            &["config", "list"],
            &["config", "check"],
            &["config", "set", "max_retries", "2"],
            &["config", "unset", "max_retries"],
        ] {
            let run = sandbox.run(command).expect_code(5);
            assert!(run.stderr.starts_with(&format!("error: {shown}: ")), "{command:?} {run}");
            assert!(run.stderr.ends_with(&format!("`chmod go-w {shown}`\n")), "{command:?} {run}");
            assert_eq!(run.stdout, "");
        }
        fs::set_permissions(path, Permissions::from_mode(closed)).unwrap();
        assert_eq!(sandbox.run("config get max_retries").stdout, "1\n");
    }
    assert!(!sandbox.database().exists());
}
