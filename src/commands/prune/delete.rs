//! Deletes what may go, step by step.

use std::time::{Duration, Instant};

use crate::commands::context::Context;
use crate::commands::run_end::ended_by;
use crate::dispatch::LeaseFolder;
use crate::engine::{Pruning, clear_leases};
use crate::error::CommandError;
use crate::model::ClientId;
use crate::output::Progress;
use crate::store::{Prune, Pruned, Store};

/// A prune that is over sooner shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// Deletes what may go, and adds to `pruned` what each step has deleted. The leases of settled calls go first.
pub(super) fn delete(
    prune: Prune<'_>,
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
