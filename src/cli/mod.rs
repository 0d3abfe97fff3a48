//! The command line: clap types only, one file a subcommand. Their doc comments are help, man page and completions.

mod add;
mod callback;
mod calls;
mod cancel;
mod client;
mod client_first;
mod complete;
mod completions;
mod config;
mod consent;
mod copies;
mod dnc;
mod doctor;
mod events;
mod forecast;
mod global;
mod help;
mod holidays;
mod hours;
mod id_argument;
mod interval;
mod left_out;
mod list;
mod listed;
mod log;
mod manual;
mod number;
mod other_words;
mod parse;
mod pause;
mod process;
mod prune;
mod receipt;
mod report;
mod reschedule;
mod retry;
mod rules;
mod rules_caps;
mod schedule_batch;
mod selection;
mod show;
mod stats;
mod status;
mod update;
mod value_source;
mod watch;
mod whole;
mod why;

use clap::{Parser, Subcommand};

use crate::model::ClientId;

pub use add::Add;
pub use callback::Callback;
pub use calls::Calls;
pub use cancel::Cancel;
pub use client::{ClientAction, ClientCommand};
pub use complete::{Completion, Named, completion};
pub use completions::{Complete, Completions};
pub use config::{Config, ConfigAction, ConfigKey, Section};
pub use consent::{ConsentAction, ConsentCommand};
pub use copies::{Backup, Restore};
pub use dnc::{Dnc, DncAction, ListClient, Numbers};
pub use doctor::Doctor;
pub use events::{EventSelection, Events, EventsAction};
pub use forecast::{Forecast, WhatIf};
pub use global::{Client, Global};
pub use help::examples;
pub use holidays::Holidays;
pub use hours::Hours;
pub use id_argument::IdArgument;
pub use list::{ColumnList, List};
pub use log::Log;
pub use manual::Manual;
pub use number::Number;
pub use parse::{EarlyExit, parse};
pub use pause::{Pause, Resume};
pub use process::Process;
pub use prune::Prune;
pub use receipt::Receipt;
pub use report::Report;
pub use reschedule::Reschedule;
pub use retry::Retry;
pub use rules::{Rules, RulesAction, RulesCheck, RulesFor, RulesList, RulesShow};
pub use rules_caps::RulesCaps;
pub use schedule_batch::ScheduleBatch;
pub use selection::{ChangeOptions, CommonFilter, Consent, ContactFilter, Filters, PriorityFilter, ReasonFilter};
pub use show::Show;
pub use stats::Stats;
pub use status::Status;
pub use update::Update;
pub use value_source::{Candidate, ValueSource};
pub use watch::Watch;
pub use why::Why;

/// Decides who may be phoned next, when, and how often
///
/// callq keeps a queue of leads in one SQLite file. `callq add` and `callq schedule-batch` queue leads, each with a slot
/// inside its client's hours. `callq process`, run from cron, calls due leads through your own program and records the
/// results. No lead is called twice by mistake, and none is forgotten.
///
/// `callq help COMMAND` shows the help of a command, `callq help --man COMMAND` its manual page.
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

    /// Use this client; -c may also stand behind the command [env: CALLQ_CLIENT]
    #[arg(short, long, value_name = "NAME", help_heading = "Global options")]
    pub client: Option<ClientId>,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The table of the subcommands. Clap builds the arguments of those that a command line names, and no others. The line of
/// each is repeated in its own file, since clap takes the help of a subcommand from there once it is built.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Queue one lead
    Add(Add),
    /// Queue many leads at once
    #[command(visible_alias = "import")]
    ScheduleBatch(ScheduleBatch),
    /// List items
    List(List),
    /// Show items with their attempts and change history
    Show(Show),
    /// Change waiting items
    Update(Update),
    /// Cancel waiting items
    Cancel(Cancel),
    /// Requeue failed, cancelled or held items
    Retry(Retry),
    /// Move waiting items to the earlier slots that today's hours give
    Reschedule(Reschedule),
    /// Promise a lead a call at a time
    Callback(Callback),
    /// Call everything that is due and allowed
    Process(Process),
    /// Run `process` again and again until a signal
    Watch(Watch),
    /// Record the result of an accepted or unknown call
    Report(Report),
    /// Hold back new calls of one client or of all clients
    Pause(Pause),
    /// Lift the pauses of one client, or all pauses
    Resume(Resume),
    /// List calls, one row a call
    Calls(Calls),
    /// Show what was asked and answered when a call began
    Receipt(Receipt),
    /// Show calls and changes in time order
    Log(Log),
    /// Show what every client is doing, and what holds its calls back
    Status(Status),
    /// Show the figures of the queue and its calls
    Stats(Stats),
    /// Say when the queue will be done, and what holds it back
    Forecast(Forecast),
    /// Show when a lead may be called
    Hours(Hours),
    /// List the dates on which nobody is called
    Holidays(Holidays),
    /// Read a phone number, and say where it points to
    Number(Number),
    /// Explain why an item is not called now, and when it can be
    Why(Why),
    /// List the clients that the configuration or an item names
    Client(ClientCommand),
    /// Show and check the rules of law that calls keep
    Rules(Rules),
    /// Keep the do-not-call list and the copies of registries
    Dnc(Dnc),
    /// Keep what people allowed a client
    Consent(ConsentCommand),
    /// Show events, and deliver them to hooks and webhooks
    Events(Events),
    /// Read and change the configuration
    Config(Config),
    /// Check database, settings, clock, zone data, configuration and permissions
    Doctor(Doctor),
    /// Delete finished items with their attempts and changes
    Prune(Prune),
    /// Copy the database to a file
    Backup(Backup),
    /// Put a copy of the database back
    Restore(Restore),
    /// Print or install a completion script
    Completions(Completions),
    /// Print how a command line may go on, for the completion scripts
    #[command(hide = true)]
    Complete(Complete),
    /// Open a manual page
    #[command(hide = true)]
    Manual(Manual),
}

/// The widest help, in columns.
const MOST_COLUMNS: usize = 100;

/// The program's version and that of its zone data: an old one is an hour off somewhere.
fn version_text() -> String {
    format!("{} (zone data {})", env!("CARGO_PKG_VERSION"), crate::scheduler::zone_data_version())
}

/// The table of exit codes, at the end of the long help and of the man page.
const EXIT_CODES: &str = "\
Exit codes:
  0      done; also when nothing was due, and when calls failed (the report says so)
  1      I/O failed, or the database is corrupt, not a callq database, or from a newer version
  2      usage: an unknown flag, a value that does not parse
  3      the id, client or selection named nothing
  4      refused: the item's state or a rule forbids it; a duplicate; an invalid record in a batch
  5      the configuration is wrong
  6      busy: another program held the database longer than the timeout; try again
  7      the dispatcher is missing or unavailable; leads untouched
  8      done, but the output could not be written
  70     a bug: an internal error, reported without data
  128+n  ended by signal n, after a clean stop";
