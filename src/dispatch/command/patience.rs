//! How long a program is waited for beyond what it was asked.

use std::time::Duration;

/// The two waits of the manual; tests shorten them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// After the program's exit, for the end of its output, which its own children may hold open.
    pub(super) output: Duration,
    /// Between the time-out's TERM and KILL.
    pub(super) kill: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { output: Duration::from_secs(1), kill: Duration::from_secs(5) }
    }
}
