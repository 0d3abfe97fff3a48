//! `callq retry`

use super::change::{EditDecision, Verb, change};
use super::context::Context;
use super::targets::Selection;
use crate::cli::Retry;
use crate::dispatch::LeaseFolder;
use crate::engine::clear_leases;
use crate::enqueue::Planners;
use crate::error::CommandError;
use crate::store::Access;

pub(super) fn run(args: &Retry, context: &mut Context<'_>) -> Result<(), CommandError> {
    let meaning = Selection::of(&args.ids, &args.client, &args.filters, args.consent.all);
    let note = args.options.note.as_deref();
    let verb = Verb { name: "retry", done: "sent again", reason: note, dry_run: args.options.dry_run };
    let settings = context.settings()?;
    let mut planners = Planners::new(&settings.policies, context.now());
    change(context, &meaning, args.consent, &verb, |item, obstacles| {
        match planners.of(&item.client).and_then(|planner| planner.send_again(item, obstacles)) {
            Ok(new) => EditDecision::Becomes(Box::new(new)),
            Err(refusal) => EditDecision::Refused(refusal.to_string()),
        }
    })?;
    if args.options.dry_run {
        return Ok(());
    }
    // The lease of a call that the database forgot stays until a person has settled it. A later run clears it too.
    let path = context.database_path()?;
    let _ = clear_leases(&context.store(Access::Change)?, &LeaseFolder::open(&path));
    Ok(())
}
