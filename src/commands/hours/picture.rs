//! The picture of whole days, for a terminal.

use std::io::{self, Write};

use chrono::TimeDelta;

use super::week::week;
use crate::cli::Hours;
use crate::commands::context::Context;
use crate::contract::HoursView;
use crate::output::{draw_week, holiday_line, relative, visible};
use crate::scheduler::{LegalPlace, Policy, Zone};

pub(super) fn draw(
    args: &Hours,
    view: &HoursView,
    policy: &Policy,
    place: &LegalPlace,
    context: &mut Context<'_>,
) -> io::Result<()> {
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
