//! `callq prune`

mod delete;
mod warnings;

use super::context::Context;
use super::question::ask;
use crate::cli::Prune;
use crate::contract::PruneView;
use crate::engine::{Cutoffs, counted_since};
use crate::error::{CommandError, ErrorKind};
use crate::model::Format;
use crate::output::counted;
use crate::store::{self, Access, Pruned};

pub(super) fn run(args: &Prune, context: &mut Context<'_>) -> Result<(), CommandError> {
    // A name that cannot be one is refused before a database is looked for.
    context.client(&args.client)?;
    let before = context.now().checked_sub_signed(args.older_than).ok_or_else(|| {
        CommandError::message(ErrorKind::Usage, "--older-than: that is before all times that callq knows")
    })?;
    let mut store = context.store(if args.dry_run { Access::Read } else { Access::Change })?;
    let client = context.known_client(&args.client, Some(&store))?;
    let settings = context.settings()?;
    let cutoffs = Cutoffs::of(&settings.policies, before, context.now());
    let prune = store::Prune {
        client: client.as_ref(),
        statuses: &args.status,
        before: cutoffs.usual,
        of_clients: &cutoffs.of_clients,
        counted_since: counted_since(&store, &settings.policies, context.now())?,
    };
    let kept = store.count_kept(&prune)?;
    warnings::say_recalled(prune, &cutoffs, before, &store, context)?;
    warnings::warn_of_young(&prune, &store, context)?;
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
    let end = delete::delete(prune, &mut store, &mut pruned, context);
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

/// Under cron a program reads JSON, and a person is mailed only when something is wrong.
fn show(view: &PruneView, context: &mut Context<'_>) -> Result<(), CommandError> {
    if context.global.quiet && context.format() == Format::Table && !view.interrupted {
        return Ok(());
    }
    context.show_timeless(view)
}
