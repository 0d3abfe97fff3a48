//! `callq backup` and `callq restore`

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Copy the database to a file
///
/// Runs and other commands go on meanwhile. The copy is one file, for its owner alone (0600), and callq checks it before
/// it gets its name. It replaces an older copy of that name, but never a queue.
#[derive(Debug, Args)]
pub struct Backup {
    /// Write the copy to this file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,

    /// Leave out free pages, so that the copy is as small as it can be
    #[arg(long)]
    pub compact: bool,
}

/// Put a copy of the database back
///
/// Refuses while calls are in progress. Keeps the present database beside as a file, pauses all clients, and lists who was
/// called since the copy. callq writes those calls again as unknown and holds their items, so that it calls nobody twice.
/// Numbers that are not to be called and keys that were used stay known. `callq report` or `callq retry` settles each held
/// item; `callq resume` lets calls begin again.
///
/// Without a readable present database nobody knows who was called since: this needs --yes.
#[derive(Debug, Args)]
pub struct Restore {
    /// The copy, as `callq backup` made it
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,

    /// Go on although the present database cannot be read
    #[arg(short, long)]
    pub yes: bool,
}
