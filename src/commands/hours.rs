//! `callq hours`

use std::io::Write;

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::context::{Context, output_failed};
use super::holiday_rows::rows;
use super::input;
use super::week::week;
use crate::cli::{Client, Hours};
use crate::contract::{HoursView, WindowView};
use crate::enqueue::Planner;
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, Format};
use crate::output::{draw_week, holiday_line, relative, visible};
use crate::scheduler::{LegalPlace, Policy, Zone, next_slot, why_never, windows};
use crate::store::{Access, Store, StoreError};

/// The longest answer, so that it fits into memory: ten years.
const LONGEST: TimeDelta = TimeDelta::days(3660);

/// RFC 3339 ends with the year 9999, and the longest answer must end before.
pub(super) const LAST_YEAR: i32 = 9980;

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
        draw(args, &view, &policy, place, context).map_err(output_failed)?;
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
    let Some(client) = context.client(named)? else { return Ok(None) };
    let settings = context.settings()?;
    if settings.policies.names(&client) {
        return Ok(Some(client));
    }
    let store =
        match settings.database_path(&context.surroundings.locations).map(|path| Store::open(&path, Access::Read)) {
            // Without a home directory there is no database either.
            Err(_) | Ok(Err(StoreError::Missing(_))) => None,
            Ok(opened) => Some(opened?),
        };
    context.known_client(named, store.as_ref())
}

/// The first instant of the answer, and its end.
fn span(args: &Hours, zone: &Zone, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), CommandError> {
    let usage = |message: String| CommandError::message(ErrorKind::Usage, message);
    let from = args.from.as_ref().map_or(Ok(now), |text| input::time("--from", text, zone, now))?;
    if !(1..LAST_YEAR).contains(&from.year()) {
        return Err(usage(format!("--from: expected a time before the year {LAST_YEAR}")));
    }
    let Some(text) = &args.to else {
        let to = days_later(from, args.days, zone);
        return to.map(|to| (from, to)).ok_or_else(|| usage("--days: the end lies beyond the calendar".to_owned()));
    };
    let to = input::time("--to", text, zone, now)?;
    if to < from {
        let (from, to) = (zone.format_local(from), zone.format_local(to));
        return Err(usage(format!("--to: {to} lies before the first instant, {from}")));
    }
    if to - from > LONGEST {
        return Err(usage(format!("--to: at most {} days are shown at once", LONGEST.num_days())));
    }
    Ok((from, to))
}

/// So many days later on the client's clock: a week keeps its time of day across a clock change.
fn days_later(from: DateTime<Utc>, days: u32, zone: &Zone) -> Option<DateTime<Utc>> {
    let elapsed = from.checked_add_signed(TimeDelta::days(days.into()))?;
    let shift = zone.offset_at(from) - zone.offset_at(elapsed);
    elapsed.checked_add_signed(TimeDelta::seconds(shift.into()))
}

/// The picture of whole days, for a terminal.
fn draw(
    args: &Hours,
    view: &HoursView,
    policy: &Policy,
    place: &LegalPlace,
    context: &mut Context<'_>,
) -> std::io::Result<()> {
    let zone = &policy.hours.zone;
    let whose = view
        .client_id
        .as_ref()
        .map_or_else(|| "a client without a section".to_owned(), |c| format!("client {}", visible(c.as_str())));
    let lead: Vec<&str> = place.zones().iter().map(Zone::name).collect();
    let lead = if lead.is_empty() { String::new() } else { format!("; lead in {}", lead.join(" and ")) };
    writeln!(context.page_out(), "{whose}, {} calls, on the clock of {zone}{lead}", view.priority)?;
    let first = zone.local(view.from).date();
    let last = match args.to {
        Some(_) => zone.local(view.from.max(view.to - TimeDelta::milliseconds(1))).date(),
        None => first + TimeDelta::days(i64::from(args.days) - 1),
    };
    let style = context.style();
    draw_week(&week(&policy.hours, place, args.priority, view.from, first..=last), style, context.out)?;
    let now = context.now();
    let mut out = context.page_out();
    view.holidays.iter().try_for_each(|holiday| writeln!(out, "{}", holiday_line(holiday)))?;
    let next = match view.next_call_at {
        Some(slot) => format!("{} ({})", zone.format_local(slot), relative(slot, now)),
        None => "never".to_owned(),
    };
    writeln!(out, "next call: {next}")
}
