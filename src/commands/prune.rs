//! `callq prune`

use super::world::World;
use crate::cli::Prune;
use crate::contract::PruneView;
use crate::dispatch::LeaseFolder;
use crate::engine::clear_leases;
use crate::error::{CommandError, ErrorKind};
use crate::model::Format;
use crate::store::{self, Access, Pruned, Store, StoreError};

pub(super) fn run(args: &Prune, world: &mut World<'_>) -> Result<(), CommandError> {
    // A name that is none is told before a database is looked for.
    world.client(&args.client)?;
    let before = world.now().checked_sub_signed(args.older_than).ok_or_else(|| {
        CommandError::message(ErrorKind::Usage, "--older-than: that is before all times that callq knows")
    })?;
    let mut store = world.store(if args.dry_run { Access::Read } else { Access::Change })?;
    let client = world.known_client(&args.client, Some(&store))?;
    let prune = store::Prune { client: client.as_ref(), statuses: &args.status, before };
    let pruned = if args.dry_run { store.prunable(&prune)? } else { delete(&prune, &mut store, world)? };
    if !args.dry_run {
        store.checkpoint();
    }
    // Under cron: a program reads JSON, a person is mailed only when something is wrong.
    if world.global.quiet && world.format() == Format::Table {
        return Ok(());
    }
    world.show_timeless(&PruneView { items: pruned.items, attempts: pruned.attempts, dry_run: args.dry_run })
}

/// Deletes what may go. The leases of settled calls go first: without its attempt a lease says that the database forgot it.
fn delete(prune: &store::Prune<'_>, store: &mut Store, world: &World<'_>) -> Result<Pruned, CommandError> {
    let leases = LeaseFolder::open(&world.settings()?.database_path(&world.surroundings.locations)?);
    clear_leases(store, &leases)?;
    let mut leased = || {
        let failed = |source| StoreError::Io { action: "read the leases in", path: leases.path().to_owned(), source };
        leases.sync().and_then(|()| leases.attempts()).map_err(failed)
    };
    Ok(store.prune(prune, &mut leased)?)
}
