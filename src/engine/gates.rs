//! Every gate's verdict on one item: what a run would say to it now, in the order in which a run asks.

use chrono::{DateTime, TimeDelta, Utc};

use super::zones::lead_zones;
use crate::model::DispatchKind;
use crate::model::{Item, Status};
use crate::scheduler::{Policy, Zone, time_gates};
use crate::store::{ClientState, Store, StoreResult};

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
    let zone = &policy.hours.zone;
    let mut verdicts =
        vec![status(item), paused(&state), dispatcher(policy), due(item, zone, now), expiry(item, zone, now)];
    match lead_zones(&item.zones) {
        Ok(zones) => {
            let time = time_gates(&policy.hours, &zones, item.priority, now);
            verdicts.extend(time.into_iter().map(|gate| {
                GateVerdict::new(gate.name(), gate.open, gate.sentence(item.client.as_str(), zone), gate.until)
            }));
        }
        Err(error) => verdicts.push(GateVerdict::new("calling_hours", false, error.to_string(), None)),
    }
    verdicts.push(capacity(policy, &state));
    verdicts.push(rate(policy, &state));
    let rival = store.call_in_progress(item)?;
    verdicts.push(match rival {
        Some(rival) => GateVerdict::new("number_in_use", false, format!("item {rival} is calling this number"), None),
        None => GateVerdict::new("number_in_use", true, "no other call to this number", None),
    });
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

fn paused(state: &ClientState) -> GateVerdict {
    match &state.pause {
        None => GateVerdict::new("paused", true, "not paused", None),
        Some(pause) => {
            let whose = if pause.client.is_some() { "the client is paused" } else { "everything is paused" };
            let reason = pause.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            GateVerdict::new("paused", false, format!("{whose} by {}{reason}", pause.by), pause.until)
        }
    }
}

fn dispatcher(policy: &Policy) -> GateVerdict {
    let kind = policy.dispatch.kind;
    match kind {
        DispatchKind::Command | DispatchKind::Simulate => {
            GateVerdict::new("dispatcher", true, format!("calls are placed by `{}`", kind.as_str()), None)
        }
        DispatchKind::None => {
            GateVerdict::new("dispatcher", false, "no dispatcher is configured: set `dispatch.kind`", None)
        }
        DispatchKind::Retell => {
            GateVerdict::new("dispatcher", false, "the dispatcher `retell` is not part of this version", None)
        }
    }
}

fn due(item: &Item, zone: &Zone, now: DateTime<Utc>) -> GateVerdict {
    let returned = item.not_before.filter(|at| *at > item.scheduled_at);
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
        Some(at) => GateVerdict::new("expired", false, format!("expired at {}", zone.format_local(at)), None),
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
