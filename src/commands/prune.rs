//! `callq prune`

use std::time::{Duration, Instant};

use chrono::{DateTime, Months, Utc};

use super::context::Context;
use super::question::ask;
use super::run_end::ended_by;
use crate::cli::Prune;
use crate::contract::PruneView;
use crate::dispatch::LeaseFolder;
use crate::engine::{Cutoffs, Pruning, clear_leases};
use crate::error::{CommandError, ErrorKind};
use crate::gates;
use crate::model::{ClientId, Format, Purpose};
use crate::output::{Progress, counted, with_commas};
use crate::store::{self, Access, Pruned, Store};

/// A prune that is over sooner shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn run(args: &Prune, context: &mut Context<'_>) -> Result<(), CommandError> {
    // A name that cannot be one is refused before a database is looked for.
    context.client(&args.client)?;
    let before = context.now().checked_sub_signed(args.older_than).ok_or_else(|| {
        CommandError::message(ErrorKind::Usage, "--older-than: that is before all times that callq knows")
    })?;
    let mut store = context.store(if args.dry_run { Access::Read } else { Access::Change })?;
    let client = context.known_client(&args.client, Some(&store))?;
    let settings = context.settings()?;
    let places = store.places()?;
    let look_back = gates::longest_look_back(&settings.policies, places.values().map(|place| &**place));
    let counted_since = context.now().checked_sub_signed(look_back).unwrap_or(DateTime::<Utc>::MIN_UTC);
    let cutoffs = Cutoffs::of(&settings.policies, before, context.now());
    let prune = store::Prune {
        client: client.as_ref(),
        statuses: &args.status,
        before: cutoffs.usual,
        of_clients: &cutoffs.of_clients,
        counted_since,
    };
    let kept = store.count_kept(&prune)?;
    if cutoffs.usual < before || cutoffs.of_clients.iter().any(|(_, cutoff)| *cutoff < before) {
        let all = store::Prune { before, of_clients: &[], ..prune };
        let recalled = store.count_prunable(&all)?.items.saturating_sub(store.count_prunable(&prune)?.items);
        if recalled > 0 {
            let items =
                if recalled == 1 { "1 item is".to_owned() } else { format!("{} items are", with_commas(recalled)) };
            context.say(format_args!("{items} kept: `recall_after` asks who was called lately"));
        }
    }
    warn_of_young_calls(&prune, &store, context)?;
    if args.dry_run {
        let Pruned { items, attempts } = store.count_prunable(&prune)?;
        return show(&PruneView { items, attempts, kept, dry_run: true, interrupted: false }, context);
    }
    if !args.yes && context.surroundings.stdin_is_terminal {
        let Pruned { items, attempts } = store.count_prunable(&prune)?;
        let (items, attempts) = (counted(items, "finished item"), counted(attempts, "attempt"));
        if !ask(context, &format!("delete {items} with {attempts} for good?"))? {
            context.say(format_args!("nothing was deleted"));
            return Ok(());
        }
    }
    let mut pruned = Pruned::default();
    let end = delete(prune, &mut store, &mut pruned, context);
    let Pruned { items, attempts } = pruned;
    let view = PruneView { items, attempts, kept, dry_run: false, interrupted: end.is_err() };
    match end {
        Ok(()) => {
            store.checkpoint();
            show(&view, context)
        }
        Err(error) if items == 0 && !matches!(error.kind, ErrorKind::Signal(_)) => Err(error),
        // Why it ended is the worse news, also when what it did cannot be written.
        Err(error) => {
            let shown = show(&view, context);
            Result::<(), CommandError>::Err(error).and(shown)
        }
    }
}

/// Sellers keep the records of their calls for five years: 16 CFR 310.5.
const YEARS_KEPT: u32 = 5;

/// Warns when records go that a client with `purpose = "sales"` has to keep.
fn warn_of_young_calls(prune: &store::Prune<'_>, store: &Store, context: &mut Context<'_>) -> Result<(), CommandError> {
    let settings = context.settings()?;
    let kept_since = context.now().checked_sub_months(Months::new(12 * YEARS_KEPT)).unwrap_or_default();
    let sells = |client: &ClientId| settings.policies.of(client).law.purpose == Some(Purpose::Sales);
    if !settings.policies.all().any(|policy| policy.law.purpose == Some(Purpose::Sales)) {
        return Ok(());
    }
    for (client, young) in store.count_young(prune, kept_since)?.into_iter().filter(|(client, _)| sells(client)) {
        let calls = counted(young, "call");
        context.say(format_args!(
            "warning: {calls} of client {client} are younger than {YEARS_KEPT} years: sellers keep such records \
             (16 CFR 310.5)"
        ));
    }
    Ok(())
}

/// Under cron a program reads JSON, and a person is mailed only when something is wrong.
fn show(view: &PruneView, context: &mut Context<'_>) -> Result<(), CommandError> {
    if context.global.quiet && context.format() == Format::Table && !view.interrupted {
        return Ok(());
    }
    context.show_timeless(view)
}

/// Deletes what may go, and adds to `pruned` what each step has deleted. The leases of settled calls go first.
fn delete(
    prune: store::Prune<'_>,
    store: &mut Store,
    pruned: &mut Pruned,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let leases = LeaseFolder::open(&context.database_path()?);
    let interrupt = context.interrupt()?;
    clear_leases(store, &leases)?;
    let ids = store.item_ids()?;
    let (first, last) = ids.map_or((0, 0), |(first, last)| (first.get(), last.get()));
    let mut reached = first;
    let show_progress = context.surroundings.stderr_is_terminal && !context.global.quiet;
    let mut progress = Progress::of_deletion(show_progress, last.saturating_sub(first), PATIENCE);
    let begun = Instant::now();
    let elapsed = || begun.elapsed();
    let policies = &context.settings()?.policies;
    let day_of = |client: &ClientId, at| policies.of(client).hours.zone.local(at).date();
    let pruning = Pruning { prune, day_of: &day_of, leases: &leases, elapsed: &elapsed, interrupt: interrupt.as_ref() };
    let signal = pruning.run(store, &mut |seen, step| {
        pruned.items += step.items;
        pruned.attempts += step.attempts;
        progress.advance(seen.get().saturating_sub(reached), step.items);
        reached = seen.get();
    })?;
    progress.finish();
    signal.map_or(Ok(()), |signal| Err(ended_by(signal)))
}
