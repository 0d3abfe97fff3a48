//! `callq holidays`

use super::context::Context;
use super::holiday_rows::rows;
use super::hours::{LAST_YEAR, known_client};
use super::times;
use crate::cli::Holidays;
use crate::contract::List;
use crate::error::{CommandError, ErrorKind};

pub(super) fn run(args: &Holidays, context: &mut Context<'_>) -> Result<(), CommandError> {
    let client = known_client(&args.client, context)?;
    let policy = context.policy_or_defaults(client.as_ref())?;
    let (zone, now) = (&policy.hours.zone, context.now());
    let from = args.from.as_ref().map_or(Ok(now), |text| times::time("--from", text, zone, now))?;
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
