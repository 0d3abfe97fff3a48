//! Flags of every command, and the client of those that concern one.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::model::{ClientId, ColorChoice, Format};

/// Flags of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The database file [env: CALLQ_DB]
    #[arg(long, global = true, value_name = "PATH")]
    pub db: Option<PathBuf>,

    /// The configuration file [env: CALLQ_CONFIG]
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,

    /// How results are written: table, json, jsonl or csv
    #[arg(long, global = true, value_name = "FORMAT", default_value = "table")]
    pub format: Format,

    /// Short for --format json
    #[arg(long, global = true, overrides_with = "format")]
    pub json: bool,

    /// When to color: auto, always or never; NO_COLOR is honoured
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,

    /// Print only results and errors
    ///
    /// When all is well, `process`, `watch` and `prune` say nothing at all, and `doctor` and `config check` neither.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say which configuration, database and clock are used
    #[arg(short, long, global = true, action = ArgAction::SetTrue)]
    pub verbose: bool,
}

impl Global {
    /// The format that `--format` and `--json` ask for.
    pub fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

/// The client that a command concerns.
#[derive(Debug, Clone, Default, Args)]
pub struct Client {
    /// The client [env: CALLQ_CLIENT]
    #[arg(short, long, value_name = "NAME")]
    pub client: Option<ClientId>,
}
