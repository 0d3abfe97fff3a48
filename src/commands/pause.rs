//! `callq pause` and `callq resume`

use super::context::Context;
use super::starts::await_starts;
use crate::cli::{Pause, Resume};
use crate::contract::{List, PauseView};
use crate::error::CommandError;
use crate::store::Access;

pub(super) fn pause(args: &Pause, context: &mut Context<'_>) -> Result<(), CommandError> {
    let named = context.client(&args.client)?;
    let until = context.until(args.until.as_ref(), named.as_ref())?;
    let present = context.present_store()?;
    let client = context.known_client(&args.client, present.as_ref())?;
    let mut store = present.map_or_else(|| context.store(Access::Create), Ok)?;
    let actor = context.actor().clone();
    let part = (client.as_ref(), args.meta.as_slice());
    let pause = store.pause_part(part, until, args.reason.as_deref(), &actor, context.now())?;
    await_starts(context)?;
    context.show(&PauseView::new(&pause, None))
}

pub(super) fn resume(args: &Resume, context: &mut Context<'_>) -> Result<(), CommandError> {
    // Refuse a wrong name before looking for a database.
    context.client(&args.client)?;
    let mut store = context.store(Access::Change)?;
    let client = context.known_client(&args.client, Some(&store))?;
    let (actor, now) = (context.actor().clone(), context.now());
    let lifted = store.resume(client.as_ref(), &args.meta, &actor, now)?;
    if lifted.is_empty() {
        context.say(format_args!("nothing was paused"));
    }
    let rows = lifted.iter().map(|pause| PauseView::new(pause, Some(now))).collect();
    context.show(&List { rows })?;
    if client.is_some() && store.pauses(now)?.iter().any(|pause| pause.client.is_none() && pause.is_whole()) {
        context.say(format_args!("everything is still paused; `callq resume` without -c lifts that"));
    }
    Ok(())
}
