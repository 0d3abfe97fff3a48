//! What a gate saw, as JSON: typed, beside the sentence that tells people the same.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::do_not_call::DncEntryView;
use super::encode::instant_text;
use super::gate::{ClosedCap, ConsentState, DispatcherState, Evidence, ProviderState, RegistryState};
use super::rule::PauseView;

fn instant(at: Option<DateTime<Utc>>) -> Value {
    at.map(instant_text).into()
}

/// The evidence of a gate as a JSON object; its fields depend on the gate.
pub(crate) fn evidence_json(evidence: &Evidence) -> Value {
    match evidence {
        Evidence::Status { status, held } => json!({"status": status.as_str(), "held": held}),
        Evidence::Configuration(fault) => json!({"fault": fault}),
        Evidence::Dispatcher(state) => dispatcher(state),
        Evidence::Pauses(pauses) => {
            json!({"pauses": pauses.iter().map(|pause| PauseView::new(pause, None)).collect::<Vec<_>>()})
        }
        Evidence::Capacity { in_progress, most } => json!({"in_progress": in_progress, "max_concurrent": most}),
        Evidence::Rate { started, most } => json!({"started_last_minute": started, "max_per_minute": most}),
        Evidence::Provider(state) => provider(state),
        Evidence::Due { from, returned, promised_until } => json!({
            "from": instant_text(*from),
            "returned": returned,
            "promised_until": instant(*promised_until),
        }),
        Evidence::Hours { zone, holiday } => {
            json!({"timezone": zone, "holiday": holiday.is_some(), "holiday_name": holiday.clone().flatten()})
        }
        Evidence::Law { zone, id, citation, limits } => {
            json!({"timezone": zone, "rule": id, "citation": citation, "limits": limits})
        }
        Evidence::Place(place) => json!({
            "zones": place.zones.iter().map(|zone| zone.as_str()).collect::<Vec<_>>(),
            "regions": place.regions.iter().map(|region| region.as_str()).collect::<Vec<_>>(),
            "evidence": place.evidence.as_str(),
        }),
        Evidence::NoSlot { reason } | Evidence::UnknownZone { reason } | Evidence::InvalidNumber { reason } => {
            json!({"reason": reason})
        }
        Evidence::Expiry(at) => json!({"expires_at": instant(*at)}),
        Evidence::DoNotCall(entry) => json!({"entry": entry.as_deref().map(DncEntryView::from)}),
        Evidence::Registry(state) => registry(state),
        Evidence::Consent(state) => consent(state),
        Evidence::Caps { number, asked, closed } => json!({
            "phone": number.as_ref().map(|number| number.as_str()),
            "asked": asked,
            "closed": closed.iter().map(cap).collect::<Vec<_>>(),
        }),
        Evidence::NumberRest { last, rest } => json!({
            "item_id": last.as_ref().map(|call| call.item.get()),
            "started_at": instant(last.as_ref().map(|call| call.started_at)),
            "rest_seconds": rest.num_seconds(),
        }),
        Evidence::Number(user) => json!({
            "item_id": user.as_ref().map(|user| user.item.get()),
            "client_id": user.as_ref().map(|user| user.client.as_str()),
            "started_at": instant(user.as_ref().map(|user| user.started_at)),
            "until": instant(user.as_ref().and_then(|user| user.until)),
        }),
    }
}

fn dispatcher(state: &DispatcherState) -> Value {
    let (word, kind, reason, at) = match state {
        DispatcherState::Ready(kind) => ("ready", Some(kind), None, None),
        DispatcherState::NeedsNumber(kind) => ("needs_number", Some(kind), None, None),
        DispatcherState::Missing => ("missing", None, None, None),
        DispatcherState::AtFault(reason) => ("at_fault", None, Some(reason), None),
        DispatcherState::Waits => ("waits", None, None, None),
        DispatcherState::Probing => ("probing", None, None, None),
        DispatcherState::Failed(fault) => ("failed", None, fault.reason.as_ref(), Some(fault.at)),
    };
    json!({"state": word, "kind": kind.map(|kind| kind.as_str()), "reason": reason, "at": instant(at)})
}

fn provider(state: &ProviderState) -> Value {
    let (word, reason) = match state {
        ProviderState::InDoubt => ("in_doubt", None),
        ProviderState::Silent(reason) => ("silent", Some(reason)),
        ProviderState::Exhausted => ("exhausted", None),
        ProviderState::Pending => ("pending", None),
    };
    json!({"state": word, "reason": reason})
}

fn registry(state: &RegistryState) -> Value {
    let named = |word: &str, name: &str| json!({"state": word, "registry": name});
    match state {
        RegistryState::NotAsked => json!({"state": "not_asked"}),
        RegistryState::Lifted(kind) => json!({"state": "lifted", "consent": kind.as_str()}),
        RegistryState::Clear(copies) => {
            let copies: Vec<Value> =
                copies.iter().map(|(name, as_of)| json!({"registry": name, "as_of": as_of.to_string()})).collect();
            json!({"state": "clear", "registries": copies})
        }
        RegistryState::Missing { name } => named("missing", name),
        RegistryState::NotCovering { name } => named("not_covering", name),
        RegistryState::Stale { name, as_of, age_days } => {
            json!({"state": "stale", "registry": name, "as_of": as_of.to_string(), "age_days": age_days})
        }
        RegistryState::Listed { name, as_of } => {
            json!({"state": "listed", "registry": name, "as_of": as_of.to_string()})
        }
    }
}

fn consent(state: &ConsentState) -> Value {
    match state {
        ConsentState::NotAsked => json!({"state": "not_asked"}),
        ConsentState::Given(consent) => json!({"state": "given", "kind": consent.kind.as_str()}),
        ConsentState::Missing { kind, rule } => json!({"state": "missing", "kind": kind.as_str(), "rule": rule}),
    }
}

fn cap(closed: &ClosedCap) -> Value {
    let ClosedCap { id, limit, counted, until } = closed;
    json!({"rule": id, "cap": limit.to_string(), "counted": counted, "until": instant_text(*until)})
}
