//! Calls that other machines place, by the examples for ssh and Nomad: stand-ins of both programs run on this one.

use std::os::unix::fs::symlink;
use std::path::Path;

use crate::dispatchers::{add, sandbox};
use crate::support::{Sandbox, eventually, is_installed};

/// `ssh` that runs the command here, with no file of its caller but the streams, as the real one does it there. The host
/// `nowhere` cannot be reached; the connection to `breaks` does not live for longer than the first command.
const SSH: &str = r#"
import subprocess, sys
words = sys.argv[1:]
while words[0] == "-o":
    words = words[2:]
if words[0] == "nowhere" or words[0] == "breaks" and words[1] != "true":
    sys.exit(255)
sys.exit(subprocess.run(["sh", "-c", " ".join(words[1:])], close_fds=True).returncode)
"#;

/// A sandbox whose calls go to another machine by this example.
fn with_other_machine(name: &str) -> Sandbox {
    let mut sandbox = sandbox(name);
    for folder in ["bin", "calls"] {
        std::fs::create_dir(sandbox.path(folder)).unwrap();
    }
    let program = sandbox.write("ssh.py", SSH);
    sandbox.script("bin/ssh", &format!("exec python3 {program:?} \"$@\""));
    symlink(env!("CARGO_BIN_EXE_callq"), sandbox.path("bin/callq")).unwrap();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let place = examples.join("place-call");
    let place = sandbox.script("place", &format!("echo \"$CALLQ_PHONE\" >> placed\nexec {place:?}"));
    let path = format!("{}:{}:{}", sandbox.path("bin").display(), examples.display(), std::env::var("PATH").unwrap());
    let database = sandbox.database();
    let calls = sandbox.path("calls");
    sandbox.set("PATH", path);
    sandbox.set("CALLQ_DB", database);
    sandbox.set("CALLS", calls);
    sandbox.set("PLACE_CALL", place);
    sandbox.set("QUEUE", "dialler");
    sandbox.set("AGAIN", "0.05");
    sandbox
}

#[test]
fn by_ssh_each_call_is_placed_once_and_its_result_arrives() {
    if !is_installed("python3") {
        return;
    }
    let mut sandbox = with_other_machine("dispatch-ssh.sh");
    add(&sandbox, "01");
    sandbox.run("process").expect_code(7);
    sandbox.set("CALLER", "dialler-2");
    sandbox.run("process").expect_code(0);
    eventually("the result arrives", || sandbox.status(1) == "completed");
    let attempts = sandbox.run("show 1 --json").json()["history"].clone();
    let attempt = attempts.as_array().unwrap().last().unwrap();
    assert_eq!(attempt["reason"], "answered");
    // The same request again, as after a broken connection, calls nobody.
    let id = attempt["id"].as_str().unwrap();
    sandbox.run_program("start-call", [id, "+12125550101"], "{}").expect_code(0);
    assert_eq!(std::fs::read_to_string(sandbox.path("placed")).unwrap(), "+12125550101\n");
}

#[test]
fn by_ssh_a_machine_that_is_away_was_not_asked_and_a_broken_connection_is_unknown() {
    if !is_installed("python3") {
        return;
    }
    let mut sandbox = with_other_machine("dispatch-ssh.sh");
    for (item, digits, caller, status) in [(1, "01", "nowhere", "pending"), (2, "02", "breaks", "failed, held")] {
        add(&sandbox, digits);
        sandbox.set("CALLER", caller);
        sandbox.run("process").expect_code(0);
        assert_eq!(sandbox.status(item), status, "{caller}");
    }
    assert!(!sandbox.path("placed").exists());
}

/// `nomad` that keeps what it was asked and given.
const NOMAD: &str = r#"
echo "$*" >> asked
[ "$1" = job ] || exit 0
cat > payload
echo "Dispatched Job ID = call/dispatch-1485411496-58f24d2d"
echo "Evaluation ID     = 31199841"
"#;

#[test]
fn by_nomad_a_job_takes_the_call() {
    let mut sandbox = with_other_machine("dispatch-nomad.sh");
    sandbox.set("NOMAD_JOB", "call");
    sandbox.script("bin/nomad", "exit 1");
    add(&sandbox, "01");
    sandbox.run("process").expect_code(0);
    assert_eq!(sandbox.status(1), "pending", "no server answers");
    sandbox.script("bin/nomad", NOMAD);
    add(&sandbox, "02");
    sandbox.run("process").expect_code(0);
    let attempt = sandbox.run("show 2 --json").json()["history"][0].clone();
    let (id, call) = (attempt["id"].as_str().unwrap(), attempt["call_id"].as_str().unwrap());
    assert_eq!(call, "call/dispatch-1485411496-58f24d2d");
    let asked = std::fs::read_to_string(sandbox.path("asked")).unwrap();
    let wanted = format!("-idempotency-token {id} -meta attempt={id} -meta phone=+12125550102 call -");
    assert_eq!(asked, format!("status call\njob dispatch -detach {wanted}\n"));
    let payload = std::fs::read_to_string(sandbox.path("payload")).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&payload).unwrap()["attempt_id"], id);
    let result = format!("{{\"attempt_id\": \"{id}\", \"outcome\": \"busy\"}}\n");
    sandbox.run_with_input("report --input jsonl", result).expect_code(0);
    assert_eq!(sandbox.status(2), "retry_scheduled");
}
