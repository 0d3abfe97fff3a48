//! `callq pause` and `callq resume`

use super::starts::await_starts;
use super::world::World;
use crate::cli::{Pause, Resume};
use crate::contract::{List, PauseView};
use crate::error::{CommandError, ErrorKind};
use crate::store::Access;

pub(super) fn pause(args: &Pause, world: &mut World<'_>) -> Result<(), CommandError> {
    let named = world.client(&args.client)?;
    let until = args.until.as_ref().map(|text| world.time("--until", text, named.as_ref())).transpose()?;
    if until.is_some_and(|until| until <= world.now()) {
        return Err(CommandError::message(ErrorKind::Usage, "--until: that time has passed"));
    }
    let present = world.present_store()?;
    let client = world.known_client(&args.client, present.as_ref())?;
    let mut store = match present {
        Some(store) => store,
        None => world.store(Access::Create)?,
    };
    let actor = world.surroundings.actor.clone();
    let pause = store.pause(client.as_ref(), until, args.reason.as_deref(), &actor, world.now())?;
    await_starts(world)?;
    world.show(&view(pause, None))
}

pub(super) fn resume(args: &Resume, world: &mut World<'_>) -> Result<(), CommandError> {
    // A name that is none is told before a database is looked for.
    world.client(&args.client)?;
    let mut store = world.store(Access::Change)?;
    let client = world.known_client(&args.client, Some(&store))?;
    let (actor, now) = (world.surroundings.actor.clone(), world.now());
    let lifted = store.resume(client.as_ref(), &actor, now)?;
    if lifted.is_empty() {
        world.say(format_args!("nothing was paused"));
    }
    let rows = lifted.into_iter().map(|pause| view(pause, Some(now))).collect();
    world.show(&List { rows })?;
    if client.is_some() && store.pauses(now)?.iter().any(|pause| pause.client.is_none()) {
        world.say(format_args!("everything is still paused; `callq resume` without -c lifts that"));
    }
    Ok(())
}

fn view(pause: crate::model::Pause, lifted_at: Option<chrono::DateTime<chrono::Utc>>) -> PauseView {
    PauseView {
        client_id: pause.client,
        paused_at: Some(pause.paused_at),
        until: pause.until,
        by: Some(pause.by),
        reason: pause.reason,
        lifted_at,
    }
}
