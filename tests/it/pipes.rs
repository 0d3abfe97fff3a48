//! Output that nobody reads or that cannot be written: a closed pipe ends quietly, a full disk gets its message.

use std::fs::OpenOptions;
use std::io::Read;
use std::process::Stdio;

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::ioctl_fionread;

use crate::support::{Run, Sandbox, eventually};

/// A queue with more to say than a pipe holds.
fn long_queue() -> Sandbox {
    let sandbox = Sandbox::simulating();
    let leads: String = (0..5_000).map(|number| format!("lead-{number}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f -", leads).expect_code(0);
    sandbox
}

/// Runs callq with a reader that takes nothing, and gives back callq's own exit code behind its talk.
fn with_closed_pipe(sandbox: &Sandbox, line: &str) -> String {
    let callq = env!("CARGO_BIN_EXE_callq");
    let database = sandbox.database();
    // The reader is gone before the first byte: the pipe's other end is closed while callq still waits.
    let script =
        format!("{{ sleep 0.1; {callq:?} --db {database:?} {line} 2>err; echo $? >code; }} | true; cat err code");
    sandbox.run_program("sh", ["-c", &script], "").expect_code(0).stdout
}

#[test]
fn the_head_of_a_list_is_enough() {
    let sandbox = long_queue();
    let callq = env!("CARGO_BIN_EXE_callq");
    for format in ["table", "json", "jsonl", "csv"] {
        let database = sandbox.database();
        let script = format!(
            "{{ {callq:?} --db {database:?} list --limit 0 --format {format} 2>err; echo $? >code; }} | head -n 1; cat err code"
        );
        let run = sandbox.run_program("sh", ["-c", &script], "").expect_code(0);
        let lines: Vec<&str> = run.stdout.lines().collect();
        assert_eq!((lines.len(), lines[1]), (2, "0"), "{format}: {run}");
    }
}

#[test]
fn every_command_ends_quietly_when_nobody_reads() {
    let sandbox = long_queue();
    for line in [
        "list",
        "list --json",
        "show 1",
        "show --all --json",
        "add -c acme new",
        "schedule-batch -c acme x y",
        "update 1 -p high",
        "cancel 2",
        "retry 2",
        "pause -c acme",
        "resume",
        "process --dry-run",
        "stats",
        "stats --watch=1s",
        "stats --by hour --json",
        "why 1",
        "hours -c acme",
        "doctor",
        "config list",
        "process --limit 3 --json",
        "--help",
        "--version",
    ] {
        let told = with_closed_pipe(&sandbox, &format!("-q {line}"));
        assert_eq!(told, "0\n", "{line}");
    }
    assert_eq!(sandbox.run("list --lead new --json").json().as_array().unwrap().len(), 1, "it was done");
}

#[test]
fn a_pipe_that_is_full_for_now_is_waited_for_also_when_it_does_not_block() {
    let sandbox = long_queue();
    let (mut reader, writer) = std::io::pipe().unwrap();
    fcntl_setfl(&writer, OFlags::NONBLOCK).unwrap();
    let mut callq = sandbox.callq("list --limit 0 --json");
    let mut child = callq.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    // The command holds the writing end too.
    drop(callq);
    eventually("the pipe is full", || ioctl_fionread(&reader).unwrap() > 60_000);
    let mut written = Vec::new();
    reader.read_to_end(&mut written).unwrap();
    assert!(child.wait().unwrap().success());
    let items: serde_json::Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(items.as_array().unwrap().len(), 5_000);
}

/// Runs callq with standard output on a device that is always full.
fn on_a_full_disk(sandbox: &Sandbox, line: &str) -> Run {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = sandbox.callq(line).stdin(Stdio::null()).stdout(full).stderr(Stdio::piped()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    Run { stdout: String::new(), stderr, code: output.status.code().unwrap() }
}

#[test]
fn an_output_that_cannot_be_written_is_told() {
    let sandbox = long_queue();
    for line in
        ["list", "list --limit 0 --json", "list --format csv", "show 1", "add -c acme new", "cancel 1", "--help"]
    {
        let run = on_a_full_disk(&sandbox, line);
        assert_eq!(run.code, 8, "{line}: {run}");
        assert!(run.stderr.contains("the output could not be written: No space left on device"), "{line}: {run}");
    }
    let json = on_a_full_disk(&sandbox, "list --json");
    assert!(json.stderr.contains("{\"error\":{\"kind\":\"output\""), "{json}");
    assert_eq!(sandbox.status(1), "cancelled", "what was done is done");
}

#[test]
fn a_closed_standard_output_is_no_failure() {
    let sandbox = long_queue();
    let (callq, database) = (env!("CARGO_BIN_EXE_callq"), sandbox.database());
    let script = format!("{callq:?} --db {database:?} list >&-; {callq:?} --db {database:?} add -c acme new >&- 2>&-");
    sandbox.run_program("sh", ["-c", &script], "").expect_code(0);
    sandbox.run("show --lead new").expect_code(0);
}
