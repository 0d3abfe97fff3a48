//! `callq retry`

use super::change::{EditDecision, Verb, change};
use super::context::Context;
use super::targets::Selection;
use crate::cli::Retry;
use crate::dispatch::LeaseFolder;
use crate::engine::clear_leases;
use crate::enqueue::Planners;
use crate::error::CommandError;
use crate::store::{Access, Obstacles};

pub(super) fn run(args: &Retry, context: &mut Context<'_>) -> Result<(), CommandError> {
    let meaning = Selection {
        ids: &args.ids,
        client: &args.client,
        filter: &args.filter,
        priorities: &args.priority.priority,
        reason: args.reason.reason.as_ref(),
        all: args.consent.all,
    };
    let verb = Verb { name: "retry", done: "sent again", reason: None };
    let settings = context.settings()?;
    let mut planners = Planners::new(&settings.policies, context.now());
    change(context, &meaning, args.consent, &verb, |item, obstacles| match obstacles {
        Obstacles { rival: Some(rival), .. } => {
            EditDecision::Refused(format!("item {rival} of the same lead is live or held"))
        }
        Obstacles { do_not_call: Some(entry), .. } => EditDecision::Refused(format!(
            "{} is on the do-not-call list, source {}; `callq dnc check` names the entry",
            entry.new.pattern, entry.new.source
        )),
        Obstacles { .. } => match planners.of(&item.client).and_then(|planner| planner.send_again(item)) {
            Ok(new) => EditDecision::Becomes(Box::new(new)),
            Err(refusal) => EditDecision::Refused(refusal.to_string()),
        },
    })?;
    // The lease of a call that the database forgot stays until a person has settled it. A later run clears it too.
    let path = settings.database_path(&context.surroundings.locations)?;
    let _ = clear_leases(&context.store(Access::Change)?, &LeaseFolder::open(&path));
    Ok(())
}
