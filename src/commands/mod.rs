//! One thin file for each verb: read the arguments, ask engine, store or scheduler, hand a view to the output.

mod add;
mod added;
mod batch_feed;
mod batch_input;
mod batch_report;
mod cancel;
mod change;
mod clients;
mod complete;
mod completions;
mod config;
mod doctor;
mod explain;
mod hours;
mod input;
mod list;
mod listing;
mod new_client;
mod one_run;
mod open_call;
mod output_file;
mod pause;
mod present;
mod process;
mod prune;
mod report;
mod retry;
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
mod world;

pub(crate) use explain::explain;
pub(crate) use world::output_failed;
pub use world::{Surroundings, World};

use crate::cli::Command;
use crate::error::CommandError;

/// Does what a subcommand asks for.
///
/// # Errors
/// Whatever kept it from being done.
pub fn run(command: &Command, world: &mut World<'_>) -> Result<(), CommandError> {
    if world.global.verbose {
        say_places(world);
    }
    match command {
        Command::Add(args) => add::run(args, world),
        Command::ScheduleBatch(args) => schedule_batch::run(args, world),
        Command::List(args) => list::run(args, world),
        Command::Show(args) => show::run(args, world),
        Command::Update(args) => update::run(args, world),
        Command::Cancel(args) => cancel::run(args, world),
        Command::Retry(args) => retry::run(args, world),
        Command::Process(args) => process::run(args, world),
        Command::Watch(args) => watch::run(args, world),
        Command::Report(args) => report::run(args, world),
        Command::Pause(args) => pause::pause(args, world),
        Command::Resume(args) => pause::resume(args, world),
        Command::Stats(args) => stats::run(args, world),
        Command::Hours(args) => hours::run(args, world),
        Command::Why(args) => why::run(args, world),
        Command::Config(args) => config::run(args, world),
        Command::Doctor(args) => doctor::run(args, world),
        Command::Prune(args) => prune::run(args, world),
        Command::Completions(args) => completions::run(args, world),
        Command::Complete(args) => complete::run(args, world),
    }
}

/// Says which files and which clock are used. What is wrong with them the command says itself, if it needs them.
fn say_places(world: &mut World<'_>) {
    if !world.clock.is_real() {
        let now = crate::model::to_text(world.now());
        world.say(format_args!("clock: {now}, set by CALLQ_NOW"));
    }
    if let Ok(path) = world.surroundings.locations.config_path() {
        let absent = if path.exists() { "" } else { " (absent)" };
        world.say(format_args!("configuration: {}{absent}", path.display()));
    }
    let Ok(settings) = world.settings() else { return };
    if let Ok(path) = settings.database_path(&world.surroundings.locations) {
        world.say(format_args!("database: {}", path.display()));
    }
}
