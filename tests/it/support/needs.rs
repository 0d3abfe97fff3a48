//! What a test needs of the machine, and how far it goes.

use std::io::Write;
use std::process::{Command, Stdio};

/// Whether a program is there. A test that needs one that is not is skipped, which is said.
pub(crate) fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let there = command.status().is_ok();
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
    std::env::var_os("CALLQ_LONG_TESTS").is_some_and(|value| !value.is_empty() && value != "0")
}
