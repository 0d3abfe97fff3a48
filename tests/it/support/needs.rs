//! What a test needs of the machine, and how far it goes.

use std::process::{Command, Stdio};

/// Whether a program is there. A test that needs one that is not prints that it is skipped.
pub(crate) fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}

/// Whether the long versions of storms and sweeps are wanted.
pub(crate) fn takes_long_tests() -> bool {
    std::env::var_os("CALLQ_LONG_TESTS").is_some_and(|value| !value.is_empty() && value != "0")
}
