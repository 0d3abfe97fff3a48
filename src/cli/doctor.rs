//! `callq doctor` and `callq completions`

use clap::{Args, ValueEnum};

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

/// The shells that completion scripts are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompletionShell {
    /// Bash.
    Bash,
    /// Elvish.
    Elvish,
    /// Fish.
    Fish,
    /// PowerShell.
    Powershell,
    /// Zsh.
    Zsh,
}
