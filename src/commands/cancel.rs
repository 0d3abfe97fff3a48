//! `callq cancel`

use super::change::{EditDecision, Verb, change};
use super::context::Context;
use super::starts::await_starts;
use super::targets::Selection;
use crate::cli::Cancel;
use crate::error::CommandError;
use crate::model::{Event, Item, Refusal, Status};

pub(super) fn run(args: &Cancel, context: &mut Context<'_>) -> Result<(), CommandError> {
    let meaning = Selection {
        ids: &args.ids,
        client: &args.client,
        filter: &args.filter,
        phone: args.contact.phone.as_ref(),
        meta: &args.contact.meta,
        priorities: &args.priority.priority,
        reason: args.with_reason.as_ref(),
        all: args.consent.all,
    };
    let reason = args.reason.as_ref().or(args.options.note.as_ref());
    let verb =
        Verb { name: "cancel", done: "cancelled", reason: reason.map(String::as_str), dry_run: args.options.dry_run };
    let mut in_progress = 0_u64;
    change(context, &meaning, args.consent, &verb, |item, _| {
        in_progress += u64::from(item.status == Status::InProgress);
        decide(item, args)
    })?;
    if in_progress > 0 && !args.options.dry_run {
        await_starts(context)?;
        context.say(format_args!("{in_progress} of them in progress: the call goes on, no retry follows"));
    }
    Ok(())
}

fn decide(item: &Item, args: &Cancel) -> EditDecision {
    match item.status.after(Event::Cancelled) {
        Ok(status) => EditDecision::Becomes(Box::new(Item { status, not_before: None, ..item.clone() })),
        Err(Refusal::InProgress) if args.in_progress => {
            EditDecision::Becomes(Box::new(Item { no_retry: true, ..item.clone() }))
        }
        Err(Refusal::InProgress) => {
            EditDecision::Stops("it is in progress; --in-progress lets its call end and no retry follow".to_owned())
        }
        Err(refusal) => EditDecision::Refused(refusal.to_string()),
    }
}
