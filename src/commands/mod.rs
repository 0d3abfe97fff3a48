//! One thin file for each verb: read the arguments, ask engine, store or scheduler, hand a view to the output.

mod add;
mod batch_feed;
mod cancel;
mod change;
mod input;
mod list;
mod pause;
mod process;
mod retry;
mod schedule_batch;
mod show;
mod targets;
mod update;
mod world;

pub(crate) use world::output_failed;
pub use world::{Surroundings, World};

use crate::cli::Command;
use crate::error::CommandError;

/// Does what a subcommand asks for.
///
/// # Errors
/// Whatever kept it from being done.
pub fn run(command: &Command, world: &mut World<'_>) -> Result<(), CommandError> {
    match command {
        Command::Add(args) => add::run(args, world),
        Command::ScheduleBatch(args) => schedule_batch::run(args, world),
        Command::List(args) => list::run(args, world),
        Command::Show(args) => show::run(args, world),
        Command::Update(args) => update::run(args, world),
        Command::Cancel(args) => cancel::run(args, world),
        Command::Retry(args) => retry::run(args, world),
        Command::Process(args) => process::run(args, world),
        Command::Pause(args) => pause::pause(args, world),
        Command::Resume(args) => pause::resume(args, world),
        _ => todo!(),
    }
}
