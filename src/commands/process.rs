//! `callq process`

use super::one_run::{Place, judge, view};
use super::world::{World, output_failed};
use crate::cli::Process;
use crate::contract::Gate;
use crate::engine::{CallOrder, RunRequest, why};
use crate::error::CommandError;
use crate::model::Status;
use crate::output::view::ItemView;
use crate::store::{Access, Filter};

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

/// Lists what would be called now, in order: the waiting items whose gates are all open.
fn dry_run(args: &Process, world: &mut World<'_>) -> Result<(), CommandError> {
    let store = world.store(Access::Read)?;
    let client = world.known_client(&args.client, Some(&store))?;
    let (settings, now) = (world.settings()?, world.now());
    let filter = Filter { client, due_at: Some(now), ..Filter::default() };
    let mut left = args.limit.unwrap_or(u64::MAX);
    world.show_items(None, |writer| {
        let mut order = CallOrder::new(&store, &settings.policies, &filter, now)?;
        while left > 0 {
            let Some((row, next)) = order.next_item()? else { break };
            let item = row.item()?;
            if next.is_none_or(|next| next > now) {
                break;
            }
            let answer = why(&store, settings.policies.of(&item.client), &item, now)?;
            // Capacity and rate free up while the run goes on; the others stay.
            let callable =
                answer.verdicts.iter().all(|verdict| verdict.open || matches!(verdict.gate, Gate::Capacity | Gate::RateLimit));
            if callable && item.status != Status::InProgress {
                writer.write(&ItemView::new(&item, next)).map_err(output_failed)?;
                left -= 1;
            }
        }
        Ok(())
    })
}
