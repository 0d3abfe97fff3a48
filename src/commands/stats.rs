//! `stats`: how the queue stands, how calls went, and how long leads waited.

use super::context::Context;
use super::pages::show_again;
use crate::cli::Stats;
use crate::contract::{List, StatsView};
use crate::error::{CommandError, ErrorKind};
use crate::model::Format;
use crate::output::with_commas;
use crate::query::{StatisticsRequest, statistics};
use crate::store::{Access, Store};

pub(super) fn run(args: &Stats, context: &mut Context<'_>) -> Result<(), CommandError> {
    let asked = request(args, context)?;
    let store = context.store(Access::Read)?;
    let client = context.known_client(&args.client, Some(&store))?;
    match args.watch {
        None => {
            context.say_standing(client.as_ref(), &store)?;
            let figures = figures(&store, &asked, context)?;
            say_pruned(&figures, &asked, context)?;
            match context.format() {
                Format::Csv if asked.by.is_some() => context.show_timeless(&List { rows: figures.by }),
                _ => context.show(&figures),
            }
        }
        Some(interval) => show_again(interval, context, |context, is_first| {
            store.check_file()?;
            let page = figures(&store, &request(args, context)?, context)?;
            context.show_over(&page, is_first)
        }),
    }
}

/// What is asked now: `--since 7d` means another instant each time.
fn request(args: &Stats, context: &Context<'_>) -> Result<StatisticsRequest, CommandError> {
    let (client, now) = (context.client(&args.client)?, context.now());
    let since = context.past_time("--since", args.since.as_deref(), client.as_ref())?;
    let until = context.past_time("--until", args.until.as_deref(), client.as_ref())?;
    if let Some(future) = since.filter(|since| *since > now) {
        let at = context.zone(client.as_ref())?.format_local(future);
        let message = format!("--since: that time is still to come: {at}");
        return Err(CommandError::message(ErrorKind::Usage, message));
    }
    if let (Some(since), Some(until)) = (since, until)
        && since >= until
    {
        let zone = context.zone(client.as_ref())?;
        let [since, until] = [since, until].map(|at| zone.format_local(at));
        let message = format!("--until: that time is not after --since: {until}, and --since is {since}");
        return Err(CommandError::message(ErrorKind::Usage, message));
    }
    Ok(StatisticsRequest { client, since, until, by: args.by.clone() })
}

fn figures(store: &Store, request: &StatisticsRequest, context: &Context<'_>) -> Result<StatsView, CommandError> {
    let now = context.now();
    Ok(statistics(store, &context.settings()?.policies, request, now)?)
}

/// Says what the sums of pruned calls do not tell.
fn say_pruned(figures: &StatsView, request: &StatisticsRequest, context: &mut Context<'_>) -> Result<(), CommandError> {
    let pruned = &figures.pruned;
    let calls = match pruned.attempts {
        1 => "1 pruned call is".to_owned(),
        count => format!("{} pruned calls are", with_commas(count)),
    };
    if let Some(by) = request.by.as_ref().filter(|_| pruned.attempts > 0 && !pruned.in_breakdown) {
        context.say(format_args!("{calls} in no breakdown by {by}: `callq prune` keeps sums by client and day"));
    }
    let (wait, took) = (&figures.wait_seconds, &figures.processing_seconds);
    if [(wait.avg, wait.p50), (took.avg, took.p50)].iter().any(|(mean, median)| mean.is_some() && median.is_none()) {
        context.say(format_args!("{calls} in the means alone: `callq prune` keeps no percentiles of a range"));
    }
    let zone = context.zone(request.client.as_ref())?;
    if let Some(from) = pruned.from {
        let from = zone.format_local(from);
        context.say(format_args!("pruned calls count from {from}: their sums are kept by quarters of an hour"));
    }
    if let Some(before) = pruned.before {
        let before = zone.format_local(before);
        context.say(format_args!("pruned calls count until {before}: their sums are kept by quarters of an hour"));
    }
    Ok(())
}
