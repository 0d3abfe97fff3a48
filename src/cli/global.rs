//! Flags of every command, and the client of those that concern one.

use std::path::PathBuf;

use clap::error::Error;
use clap::{ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueHint};

use crate::model::{ClientId, ColorChoice, Format};

/// Flags of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Use this database file [env: CALLQ_DB]
    #[arg(long, global = true, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub db: Option<PathBuf>,

    /// Use this configuration file [env: CALLQ_CONFIG]
    #[arg(long, global = true, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,

    /// Write results in this format
    #[arg(long, global = true, value_name = "FORMAT", default_value = "table")]
    pub format: Format,

    /// Short for --format json
    #[arg(long, global = true, overrides_with = "format")]
    pub json: bool,

    /// Choose when to color; NO_COLOR is honoured
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,

    /// Print only results and errors
    ///
    /// `process`, `watch`, `prune` and `backup` print nothing when all is well; nor do `doctor` and `config check`.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Name the configuration, database and clock in use, and each call of a run
    #[arg(short, long, global = true, action = ArgAction::SetTrue)]
    pub verbose: bool,
}

impl Global {
    /// The format that `--format` and `--json` ask for.
    pub fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

/// An argument of no words: flattened behind others, it moves the flags of every command behind them, in help and man page.
/// A deferred subcommand has those flags before clap asks it for its own, and help shows headings in the order of their
/// first argument.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct GlobalsLast;

impl Args for GlobalsLast {
    fn augment_args(command: Command) -> Command {
        let globals = command.get_arguments().filter(|argument| argument.is_global_set());
        let globals: Vec<_> = globals.map(|argument| argument.get_id().clone()).collect();
        // Clap puts an argument that it changes at the end.
        globals.into_iter().fold(command, |command, id| command.mut_arg(id, |argument| argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for GlobalsLast {
    fn from_arg_matches(_: &ArgMatches) -> Result<Self, Error> {
        Ok(GlobalsLast)
    }

    fn update_from_arg_matches(&mut self, _: &ArgMatches) -> Result<(), Error> {
        Ok(())
    }
}

/// The client that a command concerns.
#[derive(Debug, Clone, Default, Args)]
pub struct Client {
    /// Use this client [env: CALLQ_CLIENT]
    #[arg(short, long, value_name = "NAME")]
    pub client: Option<ClientId>,
}
