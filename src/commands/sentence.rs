//! The one sentence that tells an operator why an item is not called now.

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::{GateVerdict, Next, Verdict, lead_zones, slot_of};
use crate::model::{Item, Status};
use crate::output::relative;
use crate::scheduler::{Policy, TimeGate, Zone, time_gates};

/// What closes an item and when it can be called, such as `window closed: client acme opens Mon 09:00 EST; lead's zone
/// America/Los_Angeles opens 11:00 EST; next call Mon 11:00 EST (in 2 d 3 h)`.
pub(super) fn sentence(verdict: &Verdict, policy: &Policy, item: &Item, now: DateTime<Utc>) -> String {
    if verdict.is_callable() {
        return "can be called now".to_owned();
    }
    let closed = |name: &str| verdict.gates.iter().find(|gate| gate.gate == name && !gate.open);
    if let Some(status) = closed("status") {
        return finished(item, status);
    }
    let told = |word: &str, gate: &str| closed(gate).map(|gate| format!("{word}: {}", gate.detail));
    let zone = &policy.hours.zone;
    // A dispatcher that is missing while the window is closed is the second thing to say.
    let unconfigured = told("no dispatcher", "dispatcher");
    let (first, last) = match verdict.next {
        Next::At(slot) if slot > now => (None, unconfigured),
        _ => (unconfigured, None),
    };
    let next = match verdict.next {
        Next::At(slot) if slot <= now => "next call as soon as that changes".to_owned(),
        Next::At(slot) => format!("next call {} ({})", short(slot, zone, now), relative(slot, now)),
        Next::ExpiresBefore(slot) => {
            let expires = item.expires_at.map(|at| short(at, zone, now)).unwrap_or_default();
            format!("no next call: it expires {expires}, before its slot {}", short(slot, zone, now))
        }
        Next::Never => "no next call".to_owned(),
    };
    let due = closed("due").filter(|due| !hours_tell(due, policy, item, now));
    let parts = [
        told("paused", "paused"),
        first,
        due.map(|due| format!("not due: {}", due.detail)),
        told("expired", "expired"),
        window(verdict, policy, item, now),
        told("at capacity", "capacity"),
        told("rate limit", "rate_limit"),
        told("number in use", "number_in_use"),
        told("not to be called", "do_not_call"),
        Some(next),
        last,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn finished(item: &Item, status: &GateVerdict) -> String {
    match item.status {
        Status::InProgress => status.detail.replacen("in_progress", "in progress", 1),
        Status::Completed => "completed: it is not called again".to_owned(),
        _ => status.detail.clone(),
    }
}

/// Whether the due time is nothing but the opening of the window, which then tells more.
fn hours_tell(due: &GateVerdict, policy: &Policy, item: &Item, now: DateTime<Utc>) -> bool {
    slot_of(policy, item, now).is_some_and(|slot| slot > now && due.until.is_some_and(|until| until <= slot))
}

/// What the closed rules about time say.
fn window(verdict: &Verdict, policy: &Policy, item: &Item, now: DateTime<Utc>) -> Option<String> {
    if let Some(never) = verdict.gates.iter().find(|gate| gate.gate == "slot") {
        let reason = never.detail.strip_prefix("never: ").unwrap_or(&never.detail);
        return Some(format!("the window never opens: {reason}"));
    }
    let zones = lead_zones(&item.zones).ok()?;
    let gates = time_gates(&policy.hours, &zones, item.priority, now);
    let told =
        |gate: &TimeGate| gate.sentence_with(item.client.as_str(), |instant| short(instant, &policy.hours.zone, now));
    let closed: Vec<String> = gates.iter().filter(|gate| !gate.open).map(told).collect();
    (!closed.is_empty()).then(|| format!("window closed: {}", closed.join("; ")))
}

/// `09:00 EST` of today, `Mon 09:00 EST` of the days around, with the date where a weekday could be another week's.
fn short(instant: DateTime<Utc>, zone: &Zone, now: DateTime<Utc>) -> String {
    let local = zone.local(instant);
    let time = format!("{} {}", local.format("%H:%M"), zone.abbreviation_at(instant));
    let days = local.date() - zone.local(now).date();
    if days.is_zero() {
        time
    } else if days.abs() < TimeDelta::days(7) {
        format!("{} {time}", local.format("%a"))
    } else {
        zone.format_local(instant)
    }
}
