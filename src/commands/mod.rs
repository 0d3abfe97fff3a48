//! One thin file for each verb: read the arguments, ask engine, store or scheduler, hand a view to the output.

mod add;
mod added;
mod batch_clients;
mod batch_dnc;
mod batch_feed;
mod batch_input;
mod batch_report;
mod batch_words;
mod cancel;
mod change;
mod clients;
mod complete;
mod completions;
mod config;
mod consent;
mod context;
mod dnc;
mod doctor;
mod explain;
mod holiday_rows;
mod holidays;
mod hours;
mod input;
mod list;
mod listing;
mod new_client;
mod number;
mod numbers;
mod one_run;
mod open_call;
mod output_file;
mod pause;
mod present;
mod process;
mod prune;
mod recalled;
mod registry;
mod report;
mod retry;
mod rule_views;
mod rules;
mod rules_caps;
mod schedule_batch;
mod show;
mod starts;
mod stats;
mod targets;
mod update;
mod watch;
mod webhook;
mod week;
mod why;

pub(crate) use context::output_failed;
pub use context::{Context, Surroundings};
pub(crate) use explain::explain;

use crate::cli::Command;
use crate::error::CommandError;

/// Does what a subcommand asks for.
///
/// # Errors
/// Whatever kept it from being done.
pub fn run(command: &Command, context: &mut Context<'_>) -> Result<(), CommandError> {
    if context.global.verbose {
        say_places(context);
    }
    match command {
        Command::Add(args) => add::run(args, context),
        Command::ScheduleBatch(args) => schedule_batch::run(args, context),
        Command::List(args) => list::run(args, context),
        Command::Show(args) => show::run(args, context),
        Command::Update(args) => update::run(args, context),
        Command::Cancel(args) => cancel::run(args, context),
        Command::Retry(args) => retry::run(args, context),
        Command::Process(args) => process::run(args, context),
        Command::Watch(args) => watch::run(args, context),
        Command::Report(args) => report::run(args, context),
        Command::Pause(args) => pause::pause(args, context),
        Command::Resume(args) => pause::resume(args, context),
        Command::Stats(args) => stats::run(args, context),
        Command::Hours(args) => hours::run(args, context),
        Command::Holidays(args) => holidays::run(args, context),
        Command::Number(args) => number::run(args, context),
        Command::Why(args) => why::run(args, context),
        Command::Rules(args) => rules::run(args, context),
        Command::Dnc(args) => dnc::run(args, context),
        Command::Consent(args) => consent::run(args, context),
        Command::Config(args) => config::run(args, context),
        Command::Doctor(args) => doctor::run(args, context),
        Command::Prune(args) => prune::run(args, context),
        Command::Completions(args) => completions::run(args, context),
        Command::Complete(args) => complete::run(args, context),
    }
}

/// Says which files and which clock are used. What is wrong with them the command says itself, if it needs them.
fn say_places(context: &mut Context<'_>) {
    if !context.clock.is_real() {
        let now = crate::model::to_text(context.now());
        context.say(format_args!("clock: {now}, set by CALLQ_NOW"));
    }
    if let Ok(path) = context.surroundings.locations.config_path() {
        let absent = if path.exists() { "" } else { " (absent)" };
        context.say(format_args!("configuration: {}{absent}", path.display()));
    }
    let Ok(settings) = context.settings() else { return };
    if let Ok(path) = settings.database_path(&context.surroundings.locations) {
        context.say(format_args!("database: {}", path.display()));
    }
}
