//! Says that a test was passed over: on the real standard error, which the test harness does not hold back.

use std::io::{self, Write};

/// Says why the test is passed over.
pub(crate) fn skipped(reason: &str) {
    // Talk that nobody can read is no failure.
    let _ = writeln!(io::stderr(), "skipped: {reason}");
}
