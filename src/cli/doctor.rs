//! `callq doctor` and `callq completions`

use clap::Args;

use crate::model::CompletionShell;

/// Check database, settings, clock, zone data, configuration and permissions
///
/// One line each; exit 0 when all is well, 1 when something is wrong.
#[derive(Debug, Args)]
pub struct Doctor {}

/// Print a completion script
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: CompletionShell,
}
