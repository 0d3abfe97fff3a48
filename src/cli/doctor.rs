//! `callq doctor`

use clap::Args;

/// Check database, settings, clock, zone data, configuration and permissions
///
/// Prints one line for each check, with the way out; -q shows only problems. Exits with 1 if something is wrong, and with 0
/// otherwise, also after warnings. Changes nothing: it names what a crash left behind, and the next run settles it.
#[derive(Debug, Args)]
pub struct Doctor {}
