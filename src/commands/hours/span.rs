//! The instants that `callq hours` tells of.

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use crate::cli::Hours;
use crate::commands::times;
use crate::error::{CommandError, ErrorKind};
use crate::scheduler::Zone;

/// The longest answer, so that it fits into memory: ten years.
const LONGEST: TimeDelta = TimeDelta::days(3660);

/// RFC 3339 ends with the year 9999, and the longest answer must end before.
pub(in crate::commands) const LAST_YEAR: i32 = 9980;

/// The first instant of the answer, and its end.
pub(super) fn span(
    args: &Hours,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>), CommandError> {
    let usage = |message: String| CommandError::message(ErrorKind::Usage, message);
    let from = args.from.as_ref().map_or(Ok(now), |text| times::time("--from", text, zone, now))?;
    if !(1..LAST_YEAR).contains(&from.year()) {
        return Err(usage(format!("--from: expected a time before the year {LAST_YEAR}")));
    }
    let Some(text) = &args.to else {
        let to = days_later(from, args.days, zone);
        return to.map(|to| (from, to)).ok_or_else(|| usage("--days: the end lies beyond the calendar".to_owned()));
    };
    let to = times::time("--to", text, zone, now)?;
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
