//! `callq completions`, and the hidden `callq complete` that the scripts ask

use clap::Args;

use crate::model::CompletionShell;

/// Print a completion script
///
/// It completes commands, flags, their values, the names of clients in the configuration, and files. The script asks
/// callq, so that it stays right when callq or the configuration changes.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell: bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL")]
    pub shell: CompletionShell,
}

/// Tell a completion script how a command line may go on
///
/// The first line is `files` when a file is wanted, else `words`; then comes a word a line, with what it means behind a
/// tab. It is silent about everything that is wrong.
#[derive(Debug, Args)]
#[command(hide = true)]
pub struct Complete {
    /// The word that is being written, as far as it goes
    #[arg(long, value_name = "WORD", default_value = "", allow_hyphen_values = true)]
    pub current: String,

    /// The words before it, without the name of the program
    #[arg(value_name = "WORD", last = true, allow_hyphen_values = true)]
    pub before: Vec<String>,
}
