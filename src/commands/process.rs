//! `callq process`

use super::context::{Context, output_failed};
use super::one_run::RunContext;
use super::run_end::{judge, view};
use crate::cli::Process;
use crate::contract::{Gate, ItemView};
use crate::engine::RunRequest;
use crate::error::CommandError;
use crate::model::ClientId;
use crate::output::blocked_by;
use crate::query::DryRun;
use crate::store::Access;

pub(super) fn run(args: &Process, context: &mut Context<'_>) -> Result<(), CommandError> {
    if args.dry_run {
        return dry_run(args, context);
    }
    let mut place = RunContext::open(&args.client, context)?;
    let interrupt = context.interrupt()?;
    let request =
        RunRequest { client: place.client.clone(), limit: args.limit, max_runtime: args.max_runtime, wait: args.wait };
    let report = place.run(&request, &*context.settings()?, context, interrupt.as_ref())?;
    // A program reads JSON, a person under cron is mailed only when something is wrong.
    let shown = if context.shows_runs() { context.show(&view(&report)) } else { Ok(()) };
    place.end_delivery(interrupt.as_ref());
    judge(report).and(shown)
}

/// Lists what a run would call now, in its order.
fn dry_run(args: &Process, context: &mut Context<'_>) -> Result<(), CommandError> {
    let store = context.store(Access::Read)?;
    let client = context.known_client(&args.client, Some(&store))?;
    let (settings, now) = (context.settings()?, context.now());
    let asked = |name: &&ClientId| client.as_ref().is_none_or(|client| client == *name);
    for (name, fault) in settings.policies.faults().filter(|(name, _)| asked(name)) {
        context.say(format_args!("nobody of client {name} would be called: {fault}"));
    }
    context.say_standing(client.as_ref(), &store)?;
    let look = DryRun::new(&store, &settings.policies, client.as_ref(), now);
    let mut shown = 0_u64;
    let (blocked, _) = context.show_items(None, |writer| {
        look.each(args.limit.unwrap_or(u64::MAX), |item| {
            shown += 1;
            writer.write(&ItemView::new(&item, Some(now), now)).map_err(output_failed)
        })
    })?;
    // What has a way out; a closed window is no news.
    for (client, closed) in blocked.iter().filter(|(_, closed)| closed.gate == Gate::Registry) {
        context.say(format_args!("{client}: blocked: {}", blocked_by(closed, client)));
    }
    if shown == 0 && context.is_for_a_person() {
        context.say(format_args!("No items would be called now."));
    }
    Ok(())
}
