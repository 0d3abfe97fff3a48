//! What gates say, in words for people.

use chrono::{DateTime, NaiveDate, Utc};

use crate::contract::{
    ClosedCap, ConsentState, DispatcherState, Evidence, Gate, HolidayName, ProviderState, RegistryState, Verdict,
};
use crate::model::{
    CapScope, ClientId, DispatcherFault, DoNotCallEntry, LeadPlace, NumberUse, Pause, PhoneNumber, Reached, RegionCode,
    Status, ZoneName, format_duration, to_text,
};

/// How long the hours of a rule are looked ahead, in days: beyond that it counts as closed for ever.
const HORIZON_DAYS: i64 = 366;

/// What the gate saw, as a sentence such as `client acme opens Mon 2026-11-23 09:00 EST`; `local` writes instants.
pub fn gate_detail(verdict: &Verdict, client: &ClientId, local: &dyn Fn(DateTime<Utc>) -> String) -> String {
    match &verdict.evidence {
        Evidence::Status { status, held } => status_detail(*status, *held),
        Evidence::Configuration(None) => "can be read".to_owned(),
        Evidence::Configuration(Some(fault)) => format!("{fault}; `callq config check` names every fault"),
        Evidence::Dispatcher(state) => dispatcher_detail(state, verdict.until, local),
        Evidence::Pauses(pauses) if pauses.is_empty() => "not paused".to_owned(),
        Evidence::Pauses(pauses) => {
            pauses.iter().map(|pause| pause_detail(pause, local)).collect::<Vec<_>>().join(", and ")
        }
        Evidence::Capacity { in_progress, most } => format!("{in_progress} of {most} calls in progress"),
        Evidence::Rate { most: 0, .. } => "no limit".to_owned(),
        Evidence::Rate { started, most } => format!("{started} of {most} calls started in the last 60 s"),
        Evidence::Provider(state) => provider_detail(state),
        Evidence::Due { from, returned: false, promised_until: Some(until) } => {
            let (from, until) = (local(*from), local(*until));
            let first = if verdict.open { ": first in line" } else { "" };
            format!("promised for {from}, in a window up to {until}{first}")
        }
        Evidence::Due { from, .. } if verdict.open => format!("due since {}", local(*from)),
        Evidence::Due { from, returned: true, .. } => {
            format!("not called again before {}, since the last attempt was returned", local(*from))
        }
        Evidence::Due { from, returned: false, .. } => format!("scheduled for {}", local(*from)),
        Evidence::Hours { zone, holiday } => hours_detail(verdict, zone, holiday.as_ref(), client, local),
        Evidence::Law { id, citation, limits, .. } => law_detail(verdict, id, citation, limits, local),
        Evidence::Place(place) => place_detail(place, verdict.open),
        Evidence::NoSlot { reason } => format!("never: {reason}"),
        Evidence::UnknownZone { reason } | Evidence::InvalidNumber { reason } => reason.clone(),
        Evidence::Expiry(None) => "does not expire".to_owned(),
        Evidence::Expiry(Some(at)) if verdict.open => format!("expires at {}", local(*at)),
        Evidence::Expiry(Some(at)) => format!("since {}", local(*at)),
        Evidence::DoNotCall(None) => "not on the do-not-call list".to_owned(),
        Evidence::DoNotCall(Some(entry)) => entry_detail(entry, local),
        Evidence::Registry(state) => registry_detail(state),
        Evidence::Consent(state) => consent_detail(state, client, local),
        Evidence::Caps { asked: 0, .. } => "no caps hold for it".to_owned(),
        Evidence::Caps { number: None, .. } => "it has no number to count calls of".to_owned(),
        Evidence::Caps { closed, .. } if closed.is_empty() => "its number is below its caps".to_owned(),
        Evidence::Caps { number: Some(number), closed, .. } => {
            closed.iter().map(|closed| cap_detail(closed, number, local)).collect::<Vec<_>>().join("; ")
        }
        Evidence::NumberRest { rest, .. } if rest.is_zero() => "numbers do not rest".to_owned(),
        Evidence::NumberRest { last: None, rest } => {
            format!("no other item of the client called the number within {}", format_duration(*rest))
        }
        Evidence::NumberRest { last: Some(call), rest } => format!(
            "item {} called it on {}; law.number_rest lets no other item call it within {}",
            call.item,
            local(call.started_at),
            format_duration(*rest)
        ),
        Evidence::Number(None) => "no open call to this number".to_owned(),
        Evidence::Number(Some(user)) => number_detail(user, local),
    }
}

fn status_detail(status: Status, held: bool) -> String {
    match status {
        Status::Pending | Status::Scheduled | Status::RetryScheduled => format!("{status}: waits to be called"),
        Status::InProgress => "in_progress: a call is open".to_owned(),
        Status::Failed if held => {
            "failed, held: nobody knows how the last call ended; `callq retry` sends it again".to_owned()
        }
        Status::Failed | Status::Cancelled => format!("{status}: `callq retry` sends it again"),
        Status::Completed => "completed".to_owned(),
    }
}

fn dispatcher_detail(
    state: &DispatcherState,
    until: Option<DateTime<Utc>>,
    local: &dyn Fn(DateTime<Utc>) -> String,
) -> String {
    match state {
        DispatcherState::Ready(kind) => format!("calls are placed by `{}`", kind.as_str()),
        DispatcherState::NeedsNumber(kind) => {
            format!("calls are placed by `{}`: without a phone number it will be failed as no_phone", kind.as_str())
        }
        DispatcherState::Missing => "`dispatch.kind` is none: `callq config set` it, and `dispatch.command`".to_owned(),
        DispatcherState::AtFault(reason) => format!("the dispatcher is at fault: {reason}"),
        DispatcherState::Waits => {
            format!("the provider takes no call before {}", until.map(local).unwrap_or_default())
        }
        DispatcherState::Probing => "one call probes whether the dispatcher works again".to_owned(),
        DispatcherState::Failed(fault) => format!("it {}", fault_words(fault, local)),
    }
}

/// `placed no call at Sun 2026-11-29 07:36 EST: exit_69`.
pub fn fault_words(fault: &DispatcherFault, local: &dyn Fn(DateTime<Utc>) -> String) -> String {
    let reason = fault.reason.as_deref().unwrap_or("it was unavailable");
    format!("placed no call at {}: {reason}", local(fault.at))
}

fn pause_detail(pause: &Pause, local: &dyn Fn(DateTime<Utc>) -> String) -> String {
    let whose = match (&pause.client, pause.part()) {
        (None, None) => "everything".to_owned(),
        (Some(client), None) => format!("client {client}"),
        (None, Some(part)) => format!("items with {part}"),
        (Some(client), Some(part)) => format!("items of client {client} with {part}"),
    };
    format!("{whose}, {}", pause_words(pause, local))
}

/// Who paused, until when and why.
pub fn pause_words(pause: &Pause, local: &dyn Fn(DateTime<Utc>) -> String) -> String {
    let until = pause.until.map(|until| format!(" until {}", local(until))).unwrap_or_default();
    let reason = pause.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("by {}{until}{reason}", pause.by)
}

/// Who wanted the number not to be called, since when and why.
fn entry_detail(entry: &DoNotCallEntry, local: &dyn Fn(DateTime<Utc>) -> String) -> String {
    let since = local(entry.since);
    let reason = entry.new.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let until = entry.new.until.map(|until| format!(" until {}", local(until))).unwrap_or_default();
    match entry.new.said_in {
        Some(item) => format!("its person asked for it on {since}, in a call of item {item}"),
        None if entry.is_callers_own() => {
            format!("its person asked for it on {since}{until}, noted by {}{reason}", entry.by)
        }
        None => {
            let DoNotCallEntry { new, by, .. } = entry;
            format!(
                "{} is on the do-not-call list since {since}{until}, source {}, by {by}{reason}",
                new.pattern, new.source
            )
        }
    }
}

fn registry_detail(state: &RegistryState) -> String {
    let import = |name: &str| format!("callq dnc import {name} -f FILE --as-of DATE");
    match state {
        RegistryState::NotAsked => "callq asks no registry".to_owned(),
        RegistryState::Lifted(kind) => format!("a consent opens it, kind {kind}"),
        RegistryState::Clear(copies) => {
            let each = |(name, as_of): &(String, NaiveDate)| format!("not on {name}, as of {as_of}");
            copies.iter().map(each).collect::<Vec<_>>().join(", ")
        }
        RegistryState::Missing { name } => format!("{name} has no copy: {}", import(name)),
        RegistryState::Stale { name, as_of, age_days } => {
            format!("{name} is {age_days} days old (as of {as_of}): {}", import(name))
        }
        RegistryState::NotCovering { name } => {
            format!("the copy of {name} does not cover the number: {}", import(name))
        }
        RegistryState::Listed { name, as_of } => format!("on {name}, as of {as_of}"),
    }
}

fn consent_detail(state: &ConsentState, client: &ClientId, local: &dyn Fn(DateTime<Utc>) -> String) -> String {
    match state {
        ConsentState::NotAsked => "no rule requires a consent".to_owned(),
        ConsentState::Given(consent) => {
            let proof = consent.proof.as_ref().map(|proof| format!(", {proof}")).unwrap_or_default();
            format!("{} consent of {}{proof}", consent.kind, local(consent.given_at))
        }
        ConsentState::Missing { kind, rule } => {
            format!(
                "{rule} requires a consent, kind {kind}, and there is none: callq consent add NUMBER -c {client} --kind \
                 {kind}"
            )
        }
    }
}

/// `3 calls to +13055550100 in 24 h: us-fl allows no more before Tue 2026-11-24 10:00 EST`.
fn cap_detail(closed: &ClosedCap, number: &PhoneNumber, local: &dyn Fn(DateTime<Utc>) -> String) -> String {
    let ClosedCap { id, limit, counted, until } = closed;
    let calls = super::number::counted(*counted as u64, "call");
    let level = match limit.counts {
        Reached::Line => " that reached the line",
        Reached::Person => " that reached a person",
        Reached::None | Reached::Network => "",
    };
    let whose = if limit.scope == CapScope::Client { " of this client" } else { "" };
    let until = local(*until);
    format!("{calls}{whose} to {number}{level} in {} h: {id} allows no more before {until}", limit.hours)
}

fn number_detail(user: &NumberUse, local: &dyn Fn(DateTime<Utc>) -> String) -> String {
    let NumberUse { item, client, started_at, until } = user;
    match until {
        None => format!("item {item} of client {client} is calling it"),
        Some(_) => format!(
            "item {item} of client {client} may still be on the line: its call of {} ended unknown; `callq report {item}` \
             settles it",
            local(*started_at)
        ),
    }
}

fn provider_detail(state: &ProviderState) -> String {
    match state {
        ProviderState::InDoubt => {
            "a request of this account is in doubt: no other begins before it is settled".to_owned()
        }
        ProviderState::Silent(reason) => format!("the provider does not answer: {reason}"),
        ProviderState::Exhausted => "the provider takes no more calls of this account now".to_owned(),
        ProviderState::Pending => "callq asks the provider how many more calls it takes".to_owned(),
    }
}

/// `us-pa-2026 closes Sundays (73 P.S. 2245(a) by Act 47 of 2026)`.
fn law_detail(
    verdict: &Verdict,
    id: &str,
    citation: &str,
    limits: &str,
    local: &dyn Fn(DateTime<Utc>) -> String,
) -> String {
    match (verdict.open, verdict.until) {
        (true, None) => format!("{id} is open ({citation})"),
        (true, Some(until)) => format!("{id} is open until {} ({citation})", local(until)),
        (false, _) => format!("{id} {limits} ({citation})"),
    }
}

fn place_detail(place: &LeadPlace, open: bool) -> String {
    let names = |names: Vec<&str>| names.join(" and ");
    let zones = match &place.zones[..] {
        [] => "the client's clock".to_owned(),
        zones => names(zones.iter().map(ZoneName::as_str).collect()),
    };
    match &place.regions[..] {
        [] if open => format!("no region is known: calling_hours alone hold, by {zones}"),
        [] => "no region is known, and `law.unknown_number` is block: `callq update ID --region` names it".to_owned(),
        regions => format!("{}, by {zones}", names(regions.iter().map(RegionCode::as_str).collect())),
    }
}

fn hours_detail(
    verdict: &Verdict,
    zone: &str,
    holiday: Option<&HolidayName>,
    client: &ClientId,
    local: &dyn Fn(DateTime<Utc>) -> String,
) -> String {
    if let (Gate::Holiday, Some(Some(name)), Some(until)) = (verdict.gate, holiday, verdict.until) {
        return format!("client {client} has a holiday until {}: {name}", local(until));
    }
    let (opens, open) = match verdict.gate {
        Gate::Workday => ("has its next workday from", "has a workday"),
        Gate::PriorityHours => ("has priority hours from", "has priority hours"),
        Gate::QuietHours => ("has quiet hours from", "has quiet hours"),
        Gate::Holiday => ("has a holiday until", "has no holiday"),
        _ => ("opens", "is open"),
    };
    let subject = match verdict.gate {
        Gate::CallingHours => format!("lead's zone {zone}"),
        _ => format!("client {client}"),
    };
    match (verdict.open, verdict.until) {
        (true, None) => format!("{subject} {open}"),
        (true, Some(until)) => format!("{subject} {open} until {}", local(until)),
        (false, Some(until)) => format!("{subject} {opens} {}", local(until)),
        (false, None) => format!("{subject} is closed for the next {HORIZON_DAYS} days"),
    }
}

/// Why a client's due items are not called, for the report of a run; instants in UTC.
pub fn blocked_by(verdict: &Verdict, client: &ClientId) -> String {
    match &verdict.evidence {
        Evidence::Dispatcher(DispatcherState::Missing) => format!(
            "no dispatcher: callq config set -c {client} dispatch.command '[\"/path/to/program\"]' and then \
             callq config set -c {client} dispatch.kind command"
        ),
        Evidence::Pauses(pauses) => Pause::widest(pauses).map_or_else(|| "not paused".to_owned(), Pause::in_short),
        Evidence::Capacity { in_progress, .. } => format!("at capacity: {in_progress} calls in progress"),
        Evidence::Rate { started, .. } => format!("rate limit: {started} calls started in the last 60 s"),
        Evidence::Hours { holiday: Some(name), .. } => {
            format!("window closed: holiday{}", name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default())
        }
        Evidence::Hours { .. } | Evidence::Law { .. } | Evidence::UnknownZone { .. } => "window closed".to_owned(),
        Evidence::Configuration(Some(fault)) => format!("configuration: {fault}"),
        _ => gate_detail(verdict, client, &|instant| to_text(instant)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(gate: Gate, open: bool, until: Option<i64>) -> String {
        let until = until.and_then(|hour| DateTime::from_timestamp(hour * 3_600, 0));
        let evidence = Evidence::Hours { zone: "Asia/Tokyo".to_owned(), holiday: None };
        let told = |instant: DateTime<Utc>| instant.format("%H:%M").to_string();
        gate_detail(&Verdict { gate, open, until, evidence }, &"acme".parse().unwrap(), &told)
    }

    #[test]
    fn every_rule_about_time_has_its_sentences() {
        for (gate, open, until, expected) in [
            (Gate::BusinessHours, false, Some(9), "client acme opens 09:00"),
            (Gate::BusinessHours, true, Some(17), "client acme is open until 17:00"),
            (Gate::BusinessHours, false, None, "client acme is closed for the next 366 days"),
            (Gate::PriorityHours, false, Some(9), "client acme has priority hours from 09:00"),
            (Gate::QuietHours, false, Some(12), "client acme has quiet hours from 12:00"),
            (Gate::Workday, true, Some(0), "client acme has a workday until 00:00"),
            (Gate::Workday, false, Some(0), "client acme has its next workday from 00:00"),
            (Gate::Holiday, true, None, "client acme has no holiday"),
            (Gate::Holiday, false, Some(0), "client acme has a holiday until 00:00"),
            (Gate::CallingHours, false, Some(11), "lead's zone Asia/Tokyo opens 11:00"),
            (Gate::CallingHours, true, Some(21), "lead's zone Asia/Tokyo is open until 21:00"),
        ] {
            assert_eq!(hours(gate, open, until), expected);
        }
    }
}
