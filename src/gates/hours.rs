//! The rules about time: the client's hours by its own clock, the calling hours by every clock of the lead.

use chrono::{DateTime, Utc};

use super::due::earliest;
use crate::contract::{Evidence, Gate, Verdict};
use crate::model::{Item, LeadPlace, Priority};
use crate::scheduler::{
    ClosedRule, LawAnswer, LegalPlace, Policy, Rule, TimeGate, UnknownZone, Zone, closed_rule, next_slot, time_gates,
    why_never,
};

/// The verdict of each rule; where there is no slot at all, that of [`Gate::Slot`] too: each rule may open now and then,
/// and yet they never do so together.
pub(super) fn ask(item: &Item, policy: &Policy, now: DateTime<Utc>) -> Vec<Verdict> {
    let place = match LegalPlace::of(&policy.hours, &item.place) {
        Ok(place) => place,
        Err(error) => return vec![unknown_zone(&error)],
    };
    let mut verdicts = vec![of_place(&item.place, !place.is_blocked())];
    let rules = time_gates(&policy.hours, &place, item.hours_priority(), now).into_iter();
    verdicts.extend(rules.filter(|gate| gate.rule != Rule::Place).map(|gate| of_rule(gate, policy, now)));
    if let Some(never) = why_never(&policy.hours, &place, item.hours_priority(), earliest(item, now)) {
        verdicts.push(Verdict::of(Gate::Slot, false, Evidence::NoSlot { reason: never.to_string() }));
    }
    verdicts
}

fn of_rule(answer: TimeGate, policy: &Policy, now: DateTime<Utc>) -> Verdict {
    let TimeGate { rule, zone, law, open, until } = answer;
    Verdict { until, ..Verdict::of(gate_of(rule), open, evidence(policy, rule, &zone, law, now)) }
}

fn evidence(policy: &Policy, rule: Rule, zone: &Zone, law: Option<LawAnswer>, now: DateTime<Utc>) -> Evidence {
    let name = zone.to_string();
    if let Some(LawAnswer { id, citation, limits }) = law {
        return Evidence::Law { zone: name, id, citation, limits };
    }
    let date = policy.hours.zone.local(now).date();
    let is_closed_by_it = rule != Rule::CallingHours && policy.hours.holidays.contains(date);
    Evidence::Hours { zone: name, holiday: is_closed_by_it.then(|| policy.hours.holidays.name(date)) }
}

fn of_place(place: &LeadPlace, open: bool) -> Verdict {
    Verdict::of(Gate::Place, open, Evidence::Place(place.clone()))
}

fn gate_of(rule: Rule) -> Gate {
    match rule {
        Rule::BusinessHours => Gate::BusinessHours,
        Rule::Workday => Gate::Workday,
        Rule::PriorityHours => Gate::PriorityHours,
        Rule::QuietHours => Gate::QuietHours,
        Rule::Holiday => Gate::Holiday,
        Rule::CallingHours => Gate::CallingHours,
        Rule::Law => Gate::Law,
        Rule::Place => Gate::Place,
    }
}

/// What the client's business hours say; none for a client without any. Whose calls they are does not matter.
pub(crate) fn business_hours(policy: &Policy, now: DateTime<Utc>) -> Option<Verdict> {
    let rules = time_gates(&policy.hours, &LegalPlace::home(&policy.hours), Priority::Normal, now);
    let hours = rules.into_iter().find(|gate| gate.rule == Rule::BusinessHours);
    hours.map(|gate| of_rule(gate, policy, now))
}

/// The first rule about time that is closed for a group of items: the answer of their gates, without its end.
pub(crate) fn closed_window(
    policy: &Policy,
    place: &LeadPlace,
    priority: Priority,
    now: DateTime<Utc>,
) -> Option<Verdict> {
    let legal = match LegalPlace::of(&policy.hours, place) {
        Ok(legal) => legal,
        Err(error) => return Some(unknown_zone(&error)),
    };
    let ClosedRule { rule, zone, law } = closed_rule(&policy.hours, &legal, priority, now)?;
    match rule {
        Rule::Place => Some(of_place(place, false)),
        rule => Some(Verdict::of(gate_of(rule), false, evidence(policy, rule, &zone, law, now))),
    }
}

fn unknown_zone(error: &UnknownZone) -> Verdict {
    Verdict::of(Gate::CallingHours, false, Evidence::UnknownZone { reason: error.to_string() })
}

/// The slot of an item at or after an instant; none is "never". Under a wrong configuration nobody knows one.
pub(crate) fn slot_of(policy: &Policy, item: &Item, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if policy.fault.is_some() {
        return None;
    }
    next_slot(&policy.hours, &LegalPlace::of(&policy.hours, &item.place).ok()?, item.hours_priority(), after)
}
