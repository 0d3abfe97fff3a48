//! Times that a dispatcher or a report writes, read on the clock of the client or of the lead.

use chrono::{DateTime, Utc};

use crate::model::{CallResult, Item, Outcome, WrittenTime};
use crate::scheduler::{Policy, lead_zones, readings};

/// A result whose time is read. One that cannot be read makes the outcome unknown, and a person sees to it: nobody is called
/// earlier than promised, and nobody forgotten to whom a call was promised.
pub(crate) fn with_time(policy: &Policy, item: &Item, mut result: CallResult, now: DateTime<Utc>) -> CallResult {
    let Some(time) = result.written_time.take() else { return with_promise(policy, result, now) };
    match read_time(policy, item, &time, now) {
        Ok(at) => with_promise(policy, CallResult { retry_at: Some(at), ..result }, now),
        Err(fault) => {
            let detail = std::iter::once(fault).chain(result.detail.take()).collect::<Vec<_>>().join("\n");
            let result = result.with_detail(detail);
            let reason = format!("{} answered a time that cannot be read: {time}", policy.dispatch.program());
            // The reason that asks for it gives way.
            let do_not_call = result.blocks_number();
            match result.outcome {
                // Its result is still to come; nobody was called.
                Outcome::Accepted | Outcome::Unavailable => result,
                _ => CallResult { outcome: Outcome::Unknown, hold: true, do_not_call, ..result.because(reason) },
            }
        }
    }
}

/// A promise for an instant that has passed cannot be kept: a person has to see to it.
fn with_promise(policy: &Policy, result: CallResult, now: DateTime<Utc>) -> CallResult {
    match result.promised_at().filter(|at| *at < now) {
        None => result,
        Some(at) => {
            let at = policy.hours.zone.format_local(at);
            let reason = format!("{} promised a call for a time that has passed: {at}", policy.dispatch.program());
            CallResult { outcome: Outcome::Unknown, hold: true, retry_at: None, ..result.because(reason) }
        }
    }
}

/// The instant of a written time: on the lead's clock the latest one, where the lead has several zones.
///
/// # Errors
/// Why the text is not a time.
pub(crate) fn read_time(
    policy: &Policy,
    item: &Item,
    time: &WrittenTime,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, String> {
    let zones = if time.on_leads_clock { &item.place.zones[..] } else { &[] };
    let zones = lead_zones(zones).map_err(|error| error.to_string())?;
    let readings = readings(&time.text, &zones, &policy.hours.zone, now).map_err(|error| error.to_string())?;
    readings.into_keys().next_back().ok_or_else(|| format!("{time} is not a time"))
}
