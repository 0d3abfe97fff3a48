//! `callq process`

use super::one_run::{Place, judge, view};
use super::world::{World, output_failed};
use crate::cli::Process;
use crate::contract::ItemView;
use crate::engine::RunRequest;
use crate::error::CommandError;
use crate::query::DryRun;
use crate::store::Access;

pub(super) fn run(args: &Process, world: &mut World<'_>) -> Result<(), CommandError> {
    if args.dry_run {
        return dry_run(args, world);
    }
    let mut place = Place::open(&args.client, world)?;
    let interrupt = world.interrupt()?;
    let request =
        RunRequest { client: place.client.clone(), limit: args.limit, max_runtime: args.max_runtime, wait: args.wait };
    let report = place.run(&request, &*world.settings()?, world, interrupt.as_ref())?;
    // A program reads JSON, a person under cron is mailed only when something is wrong.
    let shown = if world.shows_runs() { world.show(&view(&report)) } else { Ok(()) };
    judge(report).and(shown)
}

/// Lists what a run would call now, in its order.
fn dry_run(args: &Process, world: &mut World<'_>) -> Result<(), CommandError> {
    let store = world.store(Access::Read)?;
    let client = world.known_client(&args.client, Some(&store))?;
    let (settings, now) = (world.settings()?, world.now());
    let look = DryRun::new(&store, &settings.policies, client.as_ref(), now);
    world.show_items(None, |writer| {
        look.each(args.limit.unwrap_or(u64::MAX), |item| {
            writer.write(&ItemView::new(&item, Some(now))).map_err(output_failed)
        })
    })
}
