//! `callq events`

use super::context::{Context, output_failed};
use super::telling;
use crate::cli::{EventSelection, Events, EventsAction};
use crate::contract::{DeliveryView, EventCountView, EventView};
use crate::error::{CommandError, ErrorKind};
use crate::store::{Access, EventFilter, Store, StoreResult};

/// This number of events is read at once.
const PAGE: usize = 1_000;

pub(super) fn run(args: &Events, context: &mut Context<'_>) -> Result<(), CommandError> {
    match &args.action {
        EventsAction::List { client, state, limit } => {
            let store = context.store(Access::Read)?;
            let client = context.known_client(client, Some(&store))?;
            list(&store, &EventFilter { ids: Vec::new(), state: *state, client }, *limit, context)
        }
        EventsAction::Retry { selection } => change(selection, Store::retry_events, context),
        EventsAction::Drop { selection } => change(selection, Store::drop_events, context),
        EventsAction::Deliver => deliver(context),
    }
}

fn list(store: &Store, filter: &EventFilter, limit: u64, context: &mut Context<'_>) -> Result<(), CommandError> {
    let settings = context.settings()?;
    let mut left = if limit == 0 { u64::MAX } else { limit };
    let mut any_left_out = false;
    let shown = context.show_rows::<EventView, u64>(|writer| {
        let (mut after, mut shown) = (None, 0);
        loop {
            let (events, last) = store.events(filter, after.as_ref(), PAGE)?;
            let is_last = events.len() < PAGE;
            for event in events {
                if left == 0 {
                    any_left_out = true;
                    return Ok(shown);
                }
                (left, shown) = (left - 1, shown + 1);
                writer.write(&EventView::new(event, settings.receivers.all())).map_err(output_failed)?;
            }
            if is_last {
                return Ok(shown);
            }
            after = last;
        }
    })?;
    context.say_if_empty(shown == 0, "No events wait.");
    if context.is_for_a_person() && any_left_out {
        context.say(format_args!("There are more: -n 0 shows all."));
    }
    Ok(())
}

fn change(
    selection: &EventSelection,
    change: fn(&mut Store, &EventFilter) -> StoreResult<usize>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let mut store = context.store(Access::Change)?;
    let client = context.known_client(&selection.client, Some(&store))?;
    let filter = EventFilter { ids: selection.ids.clone(), state: selection.state, client };
    let events = change(&mut store, &filter)? as u64;
    if events == 0 {
        return Err(CommandError::message(ErrorKind::NotFound, "no such event")
            .with_hint("`callq events list` shows those that are not delivered"));
    }
    context.show_timeless(&EventCountView { events })
}

fn deliver(context: &mut Context<'_>) -> Result<(), CommandError> {
    let store = context.store(Access::Change)?;
    let settings = context.settings()?;
    let database = context.database_path()?;
    let interrupt = context.interrupt()?;
    let delivery = telling::begin(database, &settings, context)?;
    let delivered = delivery.map(|delivery| delivery.end(None, &|| interrupt.signal().is_none()));
    let (delivered, failed) = delivered.map(|delivered| delivered.counts()).unwrap_or_default();
    let counts = store.event_counts()?;
    context.show_timeless(&DeliveryView { delivered, failed, waiting: counts.waiting, dead: counts.dead })?;
    match interrupt.signal() {
        Some(signal) => Err(super::run_end::ended_by(signal)),
        None => Ok(()),
    }
}
