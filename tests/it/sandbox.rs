//! The sandbox itself: what a program that runs on it sees, and how a run is read.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::process::Signal;
use snapbox::{assert_data_eq, str};

use crate::support::{Run, Sandbox};

#[test]
fn a_program_sees_the_sandbox_and_nothing_else() {
    let mut sandbox = Sandbox::new();
    sandbox.set("EXTRA", "1");
    sandbox.set_now("2026-01-01T00:00:00Z");
    let run = sandbox.run_program("env", [""; 0], "");
    let mut lines: Vec<&str> = run.stdout.lines().filter(|line| !line.starts_with("PATH=")).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "CALLQ_CONFIG=[FOLDER]/config/config.toml",
            "CALLQ_NOW=2026-01-01T00:00:00Z",
            "EXTRA=1",
            "LANG=C",
            "LC_ALL=C",
            "TZ=Pacific/Chatham"
        ]
    );
    sandbox.unset("CALLQ_NOW");
    assert!(!sandbox.run_program("env", [""; 0], "").stdout.contains("CALLQ_NOW"));
}

#[test]
fn a_run_is_compared_as_one_text() {
    let sandbox = Sandbox::new();
    let script = sandbox.script("say", "cat; echo \"$1\"; pwd >&2; exit 3");
    let run: Run = sandbox.run_program(&script, ["argument"], "input\n").expect_code(3);
    assert_data_eq!(
        run.text(),
        str![[r#"
input
argument
--- standard error
[FOLDER]
--- exit 3

"#]]
    );
    let unread = sandbox.run_program("true", [""; 0], vec![b'x'; 1 << 20]);
    assert_eq!(unread.text(), "--- exit 0\n", "a program need not read its input");
}

#[test]
fn output_is_read_as_json() {
    let sandbox = Sandbox::new();
    let run = sandbox.run_program("cat", [""; 0], "{\"id\": 1}\n{\"id\": 2}\n");
    assert_eq!(run.json_lines()[1]["id"], 2);
    assert_eq!(sandbox.run_program("cat", [""; 0], "[1]").json()[0], 1);
}

#[test]
fn a_program_in_the_background_is_followed_signalled_and_awaited() {
    let sandbox = Sandbox::new();
    let script = sandbox.script("wait", "echo fault >&2; echo ready; exec sleep 600");
    let mut running = sandbox.spawn_program(&script, [""; 0]);
    assert_eq!(running.next_line(), "ready\n");
    running.signal(Signal::KILL);
    assert_eq!(running.finish().text(), "--- standard error\nfault\n--- exit 137\n");
}

#[test]
fn the_configuration_is_private() {
    let mut sandbox = Sandbox::new();
    let path = sandbox.configure("[defaults]\n");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    assert_eq!(mode(&sandbox.script("x", "")), 0o755);
}

#[test]
fn the_built_program_runs() {
    let sandbox = Sandbox::new();
    sandbox.run("--version").expect_code(0);
    sandbox.spawn("--version").finish().expect_code(0);
}
