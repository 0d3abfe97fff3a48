//! `callq holidays`

use chrono::NaiveDate;

use super::context::Context;
use super::hours::{LAST_YEAR, known_client};
use super::input;
use crate::cli::Holidays;
use crate::contract::{HolidayView, List};
use crate::error::{CommandError, ErrorKind};
use crate::scheduler;

pub(super) fn run(args: &Holidays, context: &mut Context<'_>) -> Result<(), CommandError> {
    let client = known_client(&args.client, context)?;
    let policy = context.policy_or_defaults(client.as_ref())?;
    let (zone, now) = (&policy.hours.zone, context.now());
    let from = args.from.as_ref().map_or(Ok(now), |text| input::time("--from", text, zone, now))?;
    let first = zone.local(from).date();
    if !(1..LAST_YEAR).contains(&chrono::Datelike::year(&first)) {
        let message = format!("--from: expected a time before the year {LAST_YEAR}");
        return Err(CommandError::message(ErrorKind::Usage, message));
    }
    let rows = rows(&policy.hours.holidays, first.iter_days().take(args.days as usize));
    let is_empty = rows.is_empty();
    context.show(&List { rows })?;
    if is_empty {
        context.say(format_args!("no holiday within {} days from {first}", args.days));
    }
    Ok(())
}

/// The holidays among some dates, one for each event that closes them.
pub(super) fn rows(holidays: &scheduler::Holidays, dates: impl Iterator<Item = NaiveDate>) -> Vec<HolidayView> {
    let mut rows = Vec::new();
    for date in dates.filter(|date| holidays.contains(*date)) {
        let mut of_date: Vec<HolidayView> = Vec::new();
        for event in holidays.events(date) {
            let name = Some(event.name.clone()).filter(|name| !name.is_empty());
            let row = HolidayView::new(date, name, Some(event.file.display().to_string()));
            if !of_date.contains(&row) {
                of_date.push(row);
            }
        }
        if of_date.is_empty() {
            of_date.push(HolidayView::new(date, None, None));
        }
        rows.extend(of_date);
    }
    rows
}
