//! One thin file for each verb: read the arguments, ask engine, store or scheduler, hand a view to the output.

mod actor;
mod add;
mod added;
mod backup;
mod callback;
mod calls;
mod cancel;
mod change;
mod check_row;
mod client;
mod clients;
mod complete;
mod completions;
mod config;
mod consent;
mod context;
mod dnc;
mod doctor;
mod events;
mod explain;
mod forecast;
mod holiday_rows;
mod holidays;
mod hours;
mod input;
mod list;
mod log;
mod manual;
mod manual_pages;
mod names;
mod new_client;
mod not_found;
mod number;
mod numbers;
mod one_clock;
mod one_run;
mod open_call;
mod output_file;
mod output_path;
mod pages;
mod pause;
mod present;
mod present_again;
mod process;
mod protected;
mod prune;
mod question;
mod recalled;
mod receipt;
mod report;
mod reschedule;
mod restore;
mod retry;
mod rules;
mod run_end;
mod run_talk;
mod runs;
mod schedule_batch;
mod scratch;
mod show;
mod shown_items;
mod standing;
mod starts;
mod stats;
mod status;
mod talk;
mod targets;
mod telling;
mod times;
mod update;
mod watch;
mod what_if;
mod why;
mod words;
mod written_number;

pub(crate) use context::output_failed;
pub use context::{Context, Surroundings};
pub(crate) use explain::explain;

use crate::cli::Command;
use crate::error::{CommandError, ErrorKind};
use crate::model::Format;

/// Does what a subcommand asks for.
///
/// # Errors
/// Whatever kept it from being done.
pub fn run(command: &Command, context: &mut Context<'_>) -> Result<(), CommandError> {
    refuse_metrics(command, context)?;
    if context.global.verbose {
        say_places(context);
    }
    let done = dispatch(command, context);
    if let Some((before, present)) = context.upgraded.get() {
        let kept = format!("the database of before is kept beside it, with `.v{before}-backup` behind its name");
        context.say(format_args!("schema version {before} is now {present}; {kept}"));
    }
    done
}

fn dispatch(command: &Command, context: &mut Context<'_>) -> Result<(), CommandError> {
    match command {
        Command::Add(args) => add::run(args, context),
        Command::ScheduleBatch(args) => schedule_batch::run(args, context),
        Command::List(args) => list::run(args, context),
        Command::Show(args) => show::run(args, context),
        Command::Update(args) => update::run(args, context),
        Command::Cancel(args) => cancel::run(args, context),
        Command::Retry(args) => retry::run(args, context),
        Command::Reschedule(args) => reschedule::run(args, context),
        Command::Callback(args) => callback::run(args, context),
        Command::Process(args) => process::run(args, context),
        Command::Watch(args) => watch::run(args, context),
        Command::Report(args) => report::run(args, context),
        Command::Pause(args) => pause::pause(args, context),
        Command::Resume(args) => pause::resume(args, context),
        Command::Calls(args) => calls::run(args, context),
        Command::Receipt(args) => receipt::run(args, context),
        Command::Log(args) => log::run(args, context),
        Command::Status(args) => status::run(args, context),
        Command::Stats(args) => stats::run(args, context),
        Command::Forecast(args) => forecast::run(args, context),
        Command::Hours(args) => hours::run(args, context),
        Command::Holidays(args) => holidays::run(args, context),
        Command::Number(args) => number::run(args, context),
        Command::Why(args) => why::run(args, context),
        Command::Client(args) => client::run(args, context),
        Command::Rules(args) => rules::run(args, context),
        Command::Dnc(args) => dnc::run(args, context),
        Command::Consent(args) => consent::run(args, context),
        Command::Events(args) => events::run(args, context),
        Command::Config(args) => config::run(args, context),
        Command::Doctor(args) => doctor::run(args, context),
        Command::Prune(args) => prune::run(args, context),
        Command::Backup(args) => backup::run(args, context),
        Command::Restore(args) => restore::run(args, context),
        Command::Completions(args) => completions::run(args, context),
        Command::Complete(args) => complete::run(args, context),
        Command::Manual(args) => manual::run(args, context),
    }
}

/// Metrics are figures, and so `stats` and `status` alone write them: their pages come one after the other nowhere.
fn refuse_metrics(command: &Command, context: &Context<'_>) -> Result<(), CommandError> {
    let has_metrics = match command {
        Command::Stats(args) => args.watch.is_none(),
        Command::Status(args) => args.watch.is_none(),
        _ => false,
    };
    if context.format() != Format::Openmetrics || has_metrics {
        return Ok(());
    }
    let message = "--format openmetrics is for `callq stats` and `callq status` without --watch";
    Err(CommandError::message(ErrorKind::Usage, message).with_hint("use --format json"))
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
