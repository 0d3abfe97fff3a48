//! Leads that were called lately, or cancelled: what is said of them.

use chrono::TimeDelta;

use super::context::Context;
use crate::contract::{BatchView, RecalledView};
use crate::error::{CommandError, ErrorKind};
use crate::model::{LeadId, Status, to_text};
use crate::output::{span, with_commas};
use crate::scheduler::Policy;
use crate::store::PastItem;

/// Why a record of a batch is refused.
pub(super) fn refusal(past: &PastItem) -> String {
    format!("{}; --again queues it", what_was(past))
}

/// Why a record of a batch is left out.
pub(super) fn what_was(past: &PastItem) -> String {
    let at = to_text(past.ended_at);
    match past.status {
        Status::Cancelled => format!("the lead was cancelled: item {}, at {at}", past.item),
        status => format!("the lead or its number was called lately: item {}, {status} at {at}", past.item),
    }
}

/// Why `add` refuses a cancelled lead.
pub(super) fn cancelled(past: &PastItem, policy: &Policy) -> CommandError {
    let at = policy.hours.zone.format_local(past.ended_at);
    let message = format!("lead {} was cancelled on {at}: item {}", past.lead, past.item);
    CommandError::message(ErrorKind::Refused, message)
        .with_hint(format!("--again queues it anew, `callq retry {}` requeues the cancelled item", past.item))
}

/// What `add` says when it queues a lead that was called lately.
pub(super) fn warn(lead: &LeadId, past: &PastItem, policy: &Policy, context: &mut Context<'_>) {
    let at = policy.hours.zone.format_local(past.ended_at);
    let whom = match past.lead == *lead {
        true => format!("lead {lead}"),
        false => format!("the number of lead {lead}, as lead {},", past.lead),
    };
    let reason = past.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    context.say(format_args!(
        "warning: {whom} was called lately: item {} {}{reason} on {at}; it is queued again",
        past.item, past.status
    ));
}

/// The same in JSON.
pub(super) fn view(past: &PastItem) -> RecalledView {
    RecalledView {
        id: past.item.get(),
        lead_id: past.lead.to_string(),
        outcome: past.status.to_string(),
        reason: past.reason.clone(),
        finished_at: past.ended_at,
    }
}

/// Says how many leads of a batch were left out, by kind.
pub(super) fn count(view: &BatchView, policy: &Policy, context: &mut Context<'_>) {
    let lately = days(policy.recall_after);
    match view.skipped_finished {
        0 => {}
        count => context
            .say(format_args!("{} finished in the last {lately}: skipped; --again queues them", with_commas(count))),
    }
    match view.skipped_cancelled {
        0 => {}
        1 => context.say(format_args!("1 was cancelled: skipped; --again queues it")),
        count => context.say(format_args!("{} were cancelled: skipped; --again queues them", with_commas(count))),
    }
}

/// `30 days`, `12 h`.
pub(super) fn days(length: TimeDelta) -> String {
    match length.num_days() {
        1 if length == TimeDelta::days(1) => "day".to_owned(),
        days if days > 0 && length == TimeDelta::days(days) => format!("{days} days"),
        _ => span(length),
    }
}
