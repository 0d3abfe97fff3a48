//! `callq completions`, and the hidden `callq complete` that the scripts ask

use clap::Args;

use crate::model::CompletionShell;

/// Print a completion script
///
/// It completes commands, flags, values, files, and the clients and keys of the configuration. The script asks callq, so
/// it stays right when callq or the configuration changes.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: CompletionShell,
}

/// Print how a command line may go on, for the completion scripts
///
/// The first line is `files` or `words`. Then comes one word a line, with its meaning behind a tab. Errors print nothing.
#[derive(Debug, Args)]
#[command(hide = true)]
pub struct Complete {
    /// The word at the cursor, as typed so far
    #[arg(long, value_name = "WORD", default_value = "", allow_hyphen_values = true)]
    pub current: String,

    /// The words before it, without the program's name
    #[arg(value_name = "WORD", last = true, allow_hyphen_values = true)]
    pub before: Vec<String>,
}
