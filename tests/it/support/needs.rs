//! What a test needs of the machine, and how far it goes.

use std::io::Write;
use std::process::{Command, Stdio};

/// The programs without which promises stay unproved.
const TOOLS: [&str; 9] = ["strace", "jq", "sqlite3", "zsh", "fish", "mandoc", "python3", "logrotate", "promtool"];

/// Whether a program is there. A test that needs one that is not is skipped, which is said; with `CALLQ_REQUIRE_TOOLS=1` it
/// fails where the program is one of [`TOOLS`].
#[track_caller]
pub(crate) fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let there = command.status().is_ok();
    let is_required = TOOLS.contains(&program) && is_set("CALLQ_REQUIRE_TOOLS");
    assert!(there || !is_required, "{program} is not installed, and CALLQ_REQUIRE_TOOLS is set");
    if !there {
        skipped(&format!("{program} is not installed"));
    }
    there
}

/// Says that a test is passed over, and why: on the real standard error, which the test harness does not hold back.
pub(crate) fn skipped(reason: &str) {
    // Talk that nobody can read is no failure.
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
}

/// Whether the long versions of storms and sweeps are wanted.
pub(crate) fn takes_long_tests() -> bool {
    is_set("CALLQ_LONG_TESTS")
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0")
}
