//! `callq callback`

use super::change::{EditDecision, Verb, change};
use super::context::Context;
use super::targets::Selection;
use crate::cli::{Callback, Consent, Filters, IdArgument};
use crate::enqueue::{Planners, PromiseTerms, Promised, Refusal};
use crate::error::{CommandError, ErrorKind};
use crate::model::Item;
use crate::scheduler::Zone;
use crate::store::{Access, Obstacles, StoreResult};

pub(super) fn run(args: &Callback, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (settings, now) = (context.settings()?, context.now());
    context.check_time("", &args.at)?;
    let filters = Filters::default();
    let meaning = Selection::of(std::slice::from_ref(&args.id), &args.client, &filters, false);
    let verb = Verb { name: "promise a call of", done: "promised", reason: args.note.as_deref(), dry_run: false };
    let terms = PromiseTerms { at: &args.at, clock: args.clock, window: args.window, moves: args.moves };
    let mut planners = Planners::new(&settings.policies, now);
    let (mut told, mut refused) = (None, None);
    let lists = context.store(Access::Read)?;
    // A number on the list is promised no call, whether its item has ended or not.
    let listed = |item: &Item, obstacles| -> StoreResult<Obstacles> {
        match obstacles {
            Obstacles { rival: None, do_not_call: None } => {
                Ok(Obstacles { rival: None, do_not_call: lists.entry_for(item.phone.as_ref(), &item.client, now)? })
            }
            known => Ok(known),
        }
    };
    let result = change(context, &meaning, Consent::default(), &verb, |item, obstacles| {
        let obstacles = match listed(item, obstacles) {
            Ok(obstacles) => obstacles,
            Err(error) => return EditDecision::Refused(error.to_string()),
        };
        match planners.of(&item.client).and_then(|planner| planner.promise(item, obstacles, &terms)) {
            Ok(promised) => {
                told = Some(story(&promised, &settings.policies.of(&item.client).hours.zone));
                EditDecision::Becomes(Box::new(promised.item))
            }
            Err(refusal) => {
                let text = refusal.to_string();
                refused = Some(refusal);
                EditDecision::Refused(text)
            }
        }
    });
    match result {
        Ok(()) => {
            told.into_iter().for_each(|told| context.say(format_args!("{told}")));
            Ok(())
        }
        Err(error) if error.kind == ErrorKind::NotFound && !matches!(args.id, IdArgument::Items(_)) => {
            Err(error.with_hint("a new lead is queued with it: callq add -c CLIENT LEAD --phone NUMBER --callback T"))
        }
        Err(error) if matches!(refused, Some(Refusal::NotOpen { .. })) => {
            Err(error.with_hint("--move promises it for the next open time"))
        }
        Err(error) => Err(error),
    }
}

/// What was promised, on the client's clock.
fn story(promised: &Promised, zone: &Zone) -> String {
    let Promised { item, asked } = promised;
    let local = |instant| zone.format_local(instant);
    let until = item.promise.map(|promise| local(promise.until)).unwrap_or_default();
    let at = local(item.scheduled_at);
    let moved = if item.scheduled_at == *asked {
        String::new()
    } else {
        format!("{} is outside of the hours: ", local(*asked))
    };
    format!("{moved}promised for {at}, in a window up to {until}")
}
