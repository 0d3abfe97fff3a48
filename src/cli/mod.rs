//! The command line: clap types only, one file a subcommand. Their doc comments are help, man page and completions.

mod add;
mod cancel;
mod complete;
mod completions;
mod config;
mod doctor;
mod global;
mod help;
mod hours;
mod interval;
mod list;
mod number;
mod parse;
mod pause;
mod process;
mod prune;
mod report;
mod retry;
mod schedule_batch;
mod selection;
mod show;
mod stats;
mod update;
mod wanted;
mod watch;
mod why;

use clap::{Args, Parser, Subcommand};

pub use add::Add;
pub use cancel::Cancel;
pub use complete::{Completion, completion};
pub use completions::{Complete, Completions};
pub use config::{Config, ConfigAction, Section};
pub use doctor::Doctor;
pub use global::{Client, Global};
pub use help::examples;
pub use hours::Hours;
pub use list::List;
pub use parse::{Instead, parse, widest_help};
pub use pause::{Pause, Resume};
pub use process::Process;
pub use prune::Prune;
pub use report::Report;
pub use retry::Retry;
pub use schedule_batch::ScheduleBatch;
pub use selection::{CommonFilter, Consent, IdArgument, PriorityFilter, ReasonFilter};
pub use show::Show;
pub use stats::Stats;
pub use update::Update;
pub use wanted::{Candidate, Wanted};
pub use watch::Watch;
pub use why::Why;

/// Decides who may be phoned next, when, and how often
///
/// callq keeps a queue of leads in one SQLite file. `callq add` and `callq schedule-batch` queue them, each gets a slot
/// inside its client's hours; `callq process`, run from cron, calls those that are due through a program of yours, and
/// records what came of it. Nobody is phoned twice by mistake, and nobody is forgotten.
#[derive(Debug, Parser)]
#[command(
    name = "callq",
    version = version_text(),
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = MOST_COLUMNS,
    after_long_help = EXIT_CODES
)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands: the enum that clap derives, and how each of them is defined alone.
macro_rules! subcommands {
    ($($name:literal => $variant:ident),+ $(,)?) => {
        /// The subcommands.
        #[derive(Debug, Subcommand)]
        #[expect(missing_docs, reason = "clap shows the documentation of the structs")]
        pub enum Command {
            $(#[command(name = $name)] $variant($variant)),+
        }

        /// The definition of one subcommand, without those of all others.
        fn subcommand(name: &str) -> Option<clap::Command> {
            match name {
                $($name => Some($variant::augment_args(clap::Command::new($name))),)+
                _ => None,
            }
        }
    };
}

subcommands! {
    "add" => Add,
    "schedule-batch" => ScheduleBatch,
    "list" => List,
    "show" => Show,
    "update" => Update,
    "cancel" => Cancel,
    "retry" => Retry,
    "process" => Process,
    "watch" => Watch,
    "report" => Report,
    "pause" => Pause,
    "resume" => Resume,
    "stats" => Stats,
    "hours" => Hours,
    "why" => Why,
    "config" => Config,
    "doctor" => Doctor,
    "prune" => Prune,
    "completions" => Completions,
    "complete" => Complete,
}

/// Help is written at most so many columns wide.
const MOST_COLUMNS: usize = 100;

/// The program's version and that of its zone data: an old one is an hour off somewhere.
fn version_text() -> String {
    format!("{} (zone data {})", env!("CARGO_PKG_VERSION"), crate::scheduler::zone_data_version())
}

/// The table of exit codes, at the end of the long help and of the man page.
const EXIT_CODES: &str = "\
Exit codes:
  0      done; also when nothing was due, and when calls failed (the report says so)
  1      the work failed: I/O, a corrupt database, a file that is none, a foreign or newer one
  2      usage: an unknown flag, a value that does not parse
  3      the id, client or selection named nothing
  4      refused: the item's state or a rule forbids it; a duplicate; an invalid record in a batch
  5      the configuration is wrong
  6      busy: another program held the database longer than the timeout; try again
  7      the dispatcher is missing or unavailable; leads untouched
  8      done, but the output could not be written
  70     a bug: an internal error, reported without data
  128+n  ended by signal n, after a clean stop";
