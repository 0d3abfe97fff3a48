//! `callq add`

use super::added::show;
use super::context::Context;
use super::new_client;
use super::recalled;
use crate::cli::Add;
use crate::enqueue::Planner;
use crate::error::CommandError;
use crate::intake::is_written_with_plus;
use crate::model::{Format, IfExists, Item, Status};
use crate::output::{place_note, word_note};
use crate::store::{Access, Added};

pub(super) fn run(args: &Add, context: &mut Context<'_>) -> Result<(), CommandError> {
    let client = context.required_client(&args.client)?;
    let (policy, now) = (context.policy(&client)?, context.now());
    let mut planner = Planner::new(&policy, now);
    let mut request = args.request();
    if is_written_with_plus(args.lead.as_str()) {
        request.fields.phone.get_or_insert_with(|| args.lead.to_string());
    }
    if request.fields.phone.is_none() {
        context.warn_of_digits(&args.lead, &policy);
    }
    let (lead, call) = planner.read(request)?;
    if let Some(key) = &args.key
        && let Some(store) = context.present_store()?
        && let Some(added) = store.known_key(&client, key, &args.lead)?
    {
        // Before any rule is asked: a request that is repeated later may not be allowed any more.
        return show(args, context, &store, added, None, None);
    }
    let new = planner.plan(lead, &call)?;
    let recall = planner.recall();
    let mut store = context.store(Access::Create)?;
    new_client::note(&client, Some(&store), context)?;
    let actor = context.actor().clone();
    let mut is_moved = call.is_moved_to(new.scheduled_at);
    let mut next_call_at = Some(new.scheduled_at);
    let mut revise = |present: &Item| {
        let replaced = planner.replace(args.if_exists, present, &call).map_err(|refusal| refusal.to_string())?;
        Ok(replaced.map(|revised| {
            (is_moved, next_call_at) = (revised.is_moved, revised.next_call_at);
            Box::new(revised.item)
        }))
    };
    let recall = if args.again { None } else { Some(recall) };
    let mut added = store.add_unless_past(&client, &new, recall, &mut revise, &actor, now)?;
    let mut recalled = None;
    if let Added::Past(past) = &added
        && args.if_exists != IfExists::Skip
    {
        if past.status == Status::Cancelled {
            return Err(recalled::cancelled(past, &policy));
        }
        // One lead is named on purpose: it is queued, and the person knows.
        recalled::warn(&args.lead, past, &policy, context);
        recalled = Some(recalled::view(past));
        added = store.add(&client, &new, &mut revise, &actor, now)?;
    }
    let is_new = matches!(added, Added::New(_));
    context.warn_without_phone(&policy, &client, u64::from(is_new && new.phone.is_none()));
    if let Some(entry) = store.entry_for(new.phone.as_ref(), &client, now)? {
        context.say(format_args!(
            "warning: {} is on the do-not-call list, source {}: the lead is queued, but not called while the entry \
             stands; `callq dnc check` names it",
            entry.new.pattern, entry.new.source
        ));
    }
    if is_moved && (is_new || matches!(added, Added::Replaced(_))) {
        let wanted = policy.hours.zone.format_local(call.start());
        context.say(format_args!("{wanted} is outside of the windows: moved to the next slot"));
    }
    if context.format() == Format::Table && (is_new || matches!(added, Added::Replaced(_))) {
        let note = place_note(call.place(), call.prefix(), new.region.as_ref());
        note.into_iter()
            .chain(word_note(call.zone_words(), call.place()))
            .for_each(|note| context.say(format_args!("{note}")));
    }
    show(args, context, &store, added, next_call_at, recalled)
}
