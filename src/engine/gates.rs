//! Every gate's verdict on one item: what a run would say to it now, in the order in which a run asks.

use chrono::{DateTime, TimeDelta, Utc};

use super::next_call::earliest;
use super::zones::lead_zones;
use crate::model::{DispatchKind, Item, Status};
use crate::scheduler::{Policy, Zone, time_gates, why_never};
use crate::store::{ClientState, Pause, Store, StoreResult};

/// The verdict of one gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateVerdict {
    /// The gate's name in JSON.
    pub gate: &'static str,
    /// Whether it lets the item be called now.
    pub open: bool,
    /// Why, in words.
    pub detail: String,
    /// The instant until which the verdict holds, where one is known.
    pub until: Option<DateTime<Utc>>,
}

impl GateVerdict {
    fn new(gate: &'static str, open: bool, detail: impl Into<String>, until: Option<DateTime<Utc>>) -> GateVerdict {
        GateVerdict { gate, open, detail: detail.into(), until }
    }
}

/// The verdicts of all gates on an item at `now`. The item can be called when all are open.
///
/// # Errors
/// When the database cannot be read.
pub fn gates(store: &Store, policy: &Policy, item: &Item, now: DateTime<Utc>) -> StoreResult<Vec<GateVerdict>> {
    let state = store.client_state(&item.client, policy.limits.max_per_minute, now)?;
    let pauses = if state.pause.is_some() { store.pauses(now)? } else { Vec::new() };
    let zone = &policy.hours.zone;
    let mut verdicts = vec![
        status(item),
        paused(&pauses, item, zone),
        dispatcher(policy, item),
        due(item, store.waits_for_number(item)?, zone, now),
        expiry(item, zone, now),
    ];
    match lead_zones(&item.zones) {
        Ok(zones) => {
            let time = time_gates(&policy.hours, &zones, item.priority, now);
            verdicts.extend(time.into_iter().map(|gate| {
                GateVerdict::new(gate.name(), gate.open, gate.sentence(item.client.as_str(), zone), gate.until)
            }));
            // Each rule may open now and then, and yet they never do so together.
            if let Some(never) = why_never(&policy.hours, &zones, item.priority, earliest(item, now)) {
                verdicts.push(GateVerdict::new("slot", false, format!("never: {never}"), None));
            }
        }
        Err(error) => verdicts.push(GateVerdict::new("calling_hours", false, error.to_string(), None)),
    }
    verdicts.push(capacity(policy, &state));
    verdicts.push(rate(policy, &state));
    verdicts.push(number_in_use(store, item, zone, now)?);
    verdicts.extend(not_to_be_called(store, item, zone)?);
    Ok(verdicts)
}

fn status(item: &Item) -> GateVerdict {
    let detail = match item.status {
        Status::Pending | Status::Scheduled | Status::RetryScheduled => format!("{}: waits to be called", item.status),
        Status::InProgress => "in_progress: a call is open".to_owned(),
        Status::Failed if item.held => {
            "failed, held: nobody knows how the last call ended; `callq retry` sends it again".to_owned()
        }
        Status::Failed | Status::Cancelled => format!("{}: `callq retry` sends it again", item.status),
        Status::Completed => "completed".to_owned(),
    };
    GateVerdict::new("status", item.status.is_waiting(), detail, None)
}

/// Both the pause of everything and the client's own must be off.
fn paused(pauses: &[Pause], item: &Item, zone: &Zone) -> GateVerdict {
    let holding: Vec<&Pause> =
        pauses.iter().filter(|pause| pause.client.as_ref().is_none_or(|client| *client == item.client)).collect();
    if holding.is_empty() {
        return GateVerdict::new("paused", true, "not paused", None);
    }
    let told = |pause: &&Pause| {
        let whose = match &pause.client {
            Some(client) => format!("client {client}, by {}", pause.by),
            None => format!("everything, by {}", pause.by),
        };
        let until = pause.until.map(|until| format!(" until {}", zone.format_local(until))).unwrap_or_default();
        let reason = pause.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        format!("{whose}{until}{reason}")
    };
    let detail: Vec<String> = holding.iter().map(told).collect();
    let ends: Option<Vec<DateTime<Utc>>> = holding.iter().map(|pause| pause.until).collect();
    GateVerdict::new("paused", false, detail.join(", and "), ends.and_then(|ends| ends.into_iter().max()))
}

fn dispatcher(policy: &Policy, item: &Item) -> GateVerdict {
    let kind = policy.dispatch.kind;
    match kind {
        DispatchKind::Retell if item.phone.is_none() => {
            let detail = "calls are placed by `retell`: without a phone number it will be failed as no_phone";
            GateVerdict::new("dispatcher", true, detail, None)
        }
        DispatchKind::Command | DispatchKind::Retell | DispatchKind::Simulate => {
            GateVerdict::new("dispatcher", true, format!("calls are placed by `{}`", kind.as_str()), None)
        }
        DispatchKind::None => {
            let detail = "`dispatch.kind` is none: `callq config set` it, and `dispatch.command`";
            GateVerdict::new("dispatcher", false, detail, None)
        }
    }
}

/// What waits for its number is due all the same: another gate is closed.
fn due(item: &Item, waits_for_number: bool, zone: &Zone, now: DateTime<Utc>) -> GateVerdict {
    let returned = item.not_before.filter(|at| !waits_for_number && *at > item.scheduled_at);
    let from = returned.unwrap_or(item.scheduled_at);
    if from <= now {
        return GateVerdict::new("due", true, format!("due since {}", zone.format_local(from)), None);
    }
    let detail = if returned.is_some() {
        format!("not called again before {}, since the last attempt was returned", zone.format_local(from))
    } else {
        format!("scheduled for {}", zone.format_local(from))
    };
    GateVerdict::new("due", false, detail, Some(from))
}

fn expiry(item: &Item, zone: &Zone, now: DateTime<Utc>) -> GateVerdict {
    match item.expires_at {
        None => GateVerdict::new("expired", true, "does not expire", None),
        Some(at) if now < at => {
            GateVerdict::new("expired", true, format!("expires at {}", zone.format_local(at)), Some(at))
        }
        Some(at) => GateVerdict::new("expired", false, format!("since {}", zone.format_local(at)), None),
    }
}

fn capacity(policy: &Policy, state: &ClientState) -> GateVerdict {
    let most = policy.limits.max_concurrent;
    let detail = format!("{} of {most} calls in progress", state.open_attempts);
    GateVerdict::new("capacity", state.open_attempts < most, detail, None)
}

fn rate(policy: &Policy, state: &ClientState) -> GateVerdict {
    let most = policy.limits.max_per_minute;
    if most == 0 {
        return GateVerdict::new("rate_limit", true, "no limit", None);
    }
    let open = state.started_last_minute < most;
    let detail = format!("{} of {most} calls started in the last 60 s", state.started_last_minute);
    let until = state.oldest_start.filter(|_| !open).map(|at| at + TimeDelta::seconds(60));
    GateVerdict::new("rate_limit", open, detail, until)
}

/// A number whose person asked not to be called again; there is no such gate for others.
fn not_to_be_called(store: &Store, item: &Item, zone: &Zone) -> StoreResult<Option<GateVerdict>> {
    let Some(phone) = &item.phone else { return Ok(None) };
    Ok(store.not_to_be_called(phone)?.map(|(since, said_in)| {
        let detail = format!("its person asked for it on {}, in a call of item {said_in}", zone.format_local(since));
        GateVerdict::new("do_not_call", false, detail, None)
    }))
}

/// One call to a number, across all clients: an open one, or one that ended unknown a while ago.
fn number_in_use(store: &Store, item: &Item, zone: &Zone, now: DateTime<Utc>) -> StoreResult<GateVerdict> {
    let free = || GateVerdict::new("number_in_use", true, "no open call to this number", None);
    let Some(holder) = store.number_holder(item, now)? else { return Ok(free()) };
    let Some(other) = store.item(holder.item)? else { return Ok(free()) };
    let (id, client) = (other.id, other.client);
    let detail = match holder.until {
        None => format!("item {id} of client {client} is calling it"),
        Some(_) => format!(
            "item {id} of client {client} may still be on the line: its call of {} ended unknown; `callq report {id}` \
             settles it",
            zone.format_local(holder.started_at)
        ),
    };
    Ok(GateVerdict::new("number_in_use", false, detail, holder.until))
}
