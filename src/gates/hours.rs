//! The rules about time: the client's hours by its own clock, the calling hours by every clock of the lead.

use chrono::{DateTime, Utc};

use super::due::earliest;
use crate::contract::{Evidence, Gate, Verdict};
use crate::model::{Item, LeadPlace, Priority, ZoneName};
use crate::scheduler::{Policy, Rule, TimeGate, UnknownZone, Zone, closed_rule, next_slot, time_gates, why_never};

/// The verdict of each rule; where there is no slot at all, that of [`Gate::Slot`] too: each rule may open now and then,
/// and yet they never do so together.
pub(super) fn ask(item: &Item, policy: &Policy, now: DateTime<Utc>) -> Vec<Verdict> {
    let zones = match lead_zones(&item.place.zones) {
        Ok(zones) => zones,
        Err(error) => return vec![unknown_zone(&error)],
    };
    let rules = time_gates(&policy.hours, &zones, item.priority, now).into_iter();
    let mut verdicts: Vec<Verdict> = rules.map(of_rule).collect();
    if let Some(never) = why_never(&policy.hours, &zones, item.priority, earliest(item, now)) {
        verdicts.push(Verdict::of(Gate::Slot, false, Evidence::NoSlot { reason: never.to_string() }));
    }
    verdicts
}

fn of_rule(answer: TimeGate) -> Verdict {
    let evidence = Evidence::Hours { zone: answer.zone.to_string() };
    Verdict { until: answer.until, ..Verdict::of(gate_of(answer.rule), answer.open, evidence) }
}

fn gate_of(rule: Rule) -> Gate {
    match rule {
        Rule::BusinessHours => Gate::BusinessHours,
        Rule::Workday => Gate::Workday,
        Rule::PriorityHours => Gate::PriorityHours,
        Rule::QuietHours => Gate::QuietHours,
        Rule::Holiday => Gate::Holiday,
        Rule::CallingHours => Gate::CallingHours,
    }
}

/// The first rule about time that is closed for a group of items: the answer of their gates, without its end.
pub fn closed_window(policy: &Policy, place: &LeadPlace, priority: Priority, now: DateTime<Utc>) -> Option<Verdict> {
    let zones = match lead_zones(&place.zones) {
        Ok(zones) => zones,
        Err(error) => return Some(unknown_zone(&error)),
    };
    let (rule, zone) = closed_rule(&policy.hours, &zones, priority, now)?;
    Some(Verdict::of(gate_of(rule), false, Evidence::Hours { zone: zone.to_string() }))
}

fn unknown_zone(error: &UnknownZone) -> Verdict {
    Verdict::of(Gate::CallingHours, false, Evidence::UnknownZone { reason: error.to_string() })
}

/// The slot of an item at or after an instant; none is "never".
pub fn slot_of(policy: &Policy, item: &Item, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    next_slot(&policy.hours, &lead_zones(&item.place.zones).ok()?, item.priority, after)
}

/// The zones of a lead, for the scheduler.
///
/// # Errors
/// The first name that the zone data does not know.
pub fn lead_zones(names: &[ZoneName]) -> Result<Vec<Zone>, UnknownZone> {
    names.iter().map(|name| name.as_str().parse()).collect()
}
