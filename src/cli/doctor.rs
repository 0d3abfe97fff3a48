//! `callq doctor`

use clap::Args;

/// Check database, settings, clock, zone data, configuration and permissions
///
/// One line each, with the way out; -q leaves out what is well. Exit 0 when all is well or there are only warnings, 1 when something is wrong.
/// Nothing is changed: what a crash left behind is named, and the next run settles it.
#[derive(Debug, Args)]
pub struct Doctor {}
