//! `callq hours`

mod picture;
mod span;
mod week;

use chrono::TimeDelta;

pub(super) use span::LAST_YEAR;
use span::span;

use super::context::{Context, output_failed};
use super::holiday_rows::rows;
use crate::cli::{Client, Hours};
use crate::contract::{HoursView, WindowView};
use crate::enqueue::Planner;
use crate::error::CommandError;
use crate::model::{ClientId, Format};
use crate::scheduler::{next_slot, why_never, windows};
use crate::store::{Access, Store, StoreError};

pub(super) fn run(args: &Hours, context: &mut Context<'_>) -> Result<(), CommandError> {
    let client = known_client(&args.client, context)?;
    let policy = context.policy_or_defaults(client.as_ref())?;
    let call = Planner::new(&policy, context.now()).read_fields(args.fields())?;
    let place = call.legal_place();
    let (from, to) = span(args, &policy.hours.zone, context.now())?;
    let found = windows(&policy.hours, place, args.priority, from, to);
    let local_date = |instant| policy.hours.zone.local(instant).date();
    let last = local_date(from.max(to - TimeDelta::milliseconds(1)));
    let dates = local_date(from).iter_days().take_while(|date| *date <= last);
    let view = HoursView {
        client_id: client,
        timezone: policy.hours.zone.name().to_owned(),
        lead_timezones: call.place().zones.clone(),
        priority: args.priority,
        from,
        to,
        windows: found.map(|window| WindowView { start: window.start, end: window.end }).collect(),
        holidays: rows(&policy.hours.holidays, dates),
        next_call_at: next_slot(&policy.hours, place, args.priority, from),
    };
    if context.format() == Format::Table && context.style().terminal {
        picture::draw(args, &view, &policy, place, context).map_err(output_failed)?;
    } else {
        context.show(&view)?;
    }
    if let Some(never) = why_never(&policy.hours, place, args.priority, from) {
        context.say(format_args!("this lead could never be called: {never}"));
    }
    Ok(())
}

/// The client of the question. The configuration is asked first; only for a client that it does not name the database
/// is looked at, if there is one.
pub(super) fn known_client(named: &Client, context: &Context<'_>) -> Result<Option<ClientId>, CommandError> {
    context.client_of_section_or(named, |settings| {
        match settings.database_path(&context.surroundings.locations).map(|path| Store::open(&path, Access::Read)) {
            // Without a home directory there is no database either.
            Err(_) | Ok(Err(StoreError::Missing(_))) => Ok(None),
            Ok(opened) => Ok(Some(opened?)),
        }
    })
}
