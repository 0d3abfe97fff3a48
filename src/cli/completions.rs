//! `callq completions`, and the hidden `callq complete` that the scripts ask

use clap::Args;

use crate::model::CompletionShell;

/// Print or install a completion script
///
/// It completes commands, flags, values, files, clients, keys of the configuration, leads, and the ids of held items and
/// items in progress. The script asks callq, so it stays right when callq, the configuration or the queue changes.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell; --install takes the one that SHELL names, unless one stands here
    #[arg(value_name = "SHELL", required_unless_present = "install")]
    pub shell: Option<CompletionShell>,

    /// Write the script where bash, zsh or fish finds it, and print its path
    #[arg(long)]
    pub install: bool,
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
