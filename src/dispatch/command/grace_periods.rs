//! How long a program may still take once it should have ended.

use std::time::Duration;

/// The two waits of the manual; tests shorten them.
#[derive(Debug, Clone, Copy)]
pub(super) struct GracePeriods {
    /// After the program's exit, for the end of its output, which its own children may hold open.
    pub(super) drain: Duration,
    /// Between the time-out's TERM and KILL.
    pub(super) kill: Duration,
}

impl Default for GracePeriods {
    fn default() -> Self {
        GracePeriods { drain: Duration::from_secs(1), kill: Duration::from_secs(5) }
    }
}
