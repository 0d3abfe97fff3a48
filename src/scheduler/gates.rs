//! What each rule about time says to an item now, and until when: for people who ask why nothing is dialled.

use chrono::{DateTime, Utc};

use super::law::{LawAnswer, LegalPlace};
use super::rules::{Gate, Question, Rule};
use super::slots::HORIZON;
use super::{HoursPolicy, Zone};
use crate::model::{self, Priority};

/// The verdict of one rule in one zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeGate {
    pub rule: Rule,
    /// The zone whose clock it reads: the client's, or one of the lead's for the calling hours.
    pub zone: Zone,
    /// What it says, when it is one of law.
    pub law: Option<LawAnswer>,
    /// Whether the rule lets a call start now.
    pub open: bool,
    /// The first instant at which the verdict is another; `None` when it stays for all of the [`HORIZON`].
    pub until: Option<DateTime<Utc>>,
}

/// The verdicts of all rules for a priority at an instant: business hours (for `low`: workday, and not the best hours),
/// priority hours, holiday, and the calling hours and each rule of law in each zone of the lead. A call may start when all
/// are open.
pub fn time_gates(
    policy: &HoursPolicy,
    place: &LegalPlace,
    priority: Priority,
    instant: DateTime<Utc>,
) -> Vec<TimeGate> {
    let now = instant.timestamp_millis();
    let has_ended = |gate: &mut Gate<'_>| match gate.clause {
        Question::Law(law) => law.has_ended(gate.reading(now)),
        _ => false,
    };
    Gate::each(policy, place, Rule::of(priority))
        .into_iter()
        .filter_map(|mut gate| (!has_ended(&mut gate)).then_some(gate))
        .map(|mut gate| {
            let open = gate.at(now).open;
            let reading = gate.reading(now);
            let (rule, law) = match gate.clause {
                Question::Policy(rule, _) => (rule, None),
                Question::Legal(_) => (Rule::CallingHours, None),
                Question::Blocked => (Rule::Place, None),
                Question::Law(law) => (Rule::Law, Some(LawAnswer::of(law, reading))),
            };
            let until = first_change(&mut gate, now).and_then(model::from_millis);
            TimeGate { rule, zone: gate.zone.clone(), law, open, until }
        })
        .collect()
}

/// The first instant within the horizon at which a gate says otherwise than at `now`.
fn first_change(gate: &mut Gate<'_>, now: i64) -> Option<i64> {
    let end = now + HORIZON.num_milliseconds();
    let first = gate.at(now);
    let mut until = first.until;
    while until < end {
        let next = gate.at(until);
        if next.open != first.open {
            return Some(until);
        }
        until = next.until;
    }
    None
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    /// Each gate as `rule zone +|- until`, the end by the client's clock.
    fn told(policy: &HoursPolicy, zones: &[&str], priority: Priority, instant: &str) -> Vec<String> {
        let zones: Vec<Zone> = zones.iter().map(|name| name.parse().unwrap()).collect();
        let place = LegalPlace::without_rules(zones);
        let gates = time_gates(policy, &place, priority, instant.parse().unwrap()).into_iter();
        let told = |TimeGate { rule, zone, open, until, .. }: TimeGate| {
            let until = until.map_or("never".to_owned(), |until| policy.zone.format_local(until));
            format!("{rule:?} {zone} {} {until}", if open { '+' } else { '-' })
        };
        gates.map(told).collect()
    }

    #[test]
    fn every_rule_tells_its_next_change() {
        let policy = HoursPolicy::sample();
        let zones = ["America/Los_Angeles", "America/Chicago"];
        assert_eq!(
            told(&policy, &zones, Priority::High, "2026-11-23T13:00:00Z"),
            [
                "BusinessHours America/New_York - Mon 2026-11-23 09:00 EST",
                "PriorityHours America/New_York - Mon 2026-11-23 09:00 EST",
                "Holiday America/New_York + never",
                "CallingHours America/Los_Angeles - Mon 2026-11-23 11:00 EST",
                "CallingHours America/Chicago - Mon 2026-11-23 09:00 EST",
            ]
        );
        assert_eq!(
            told(&policy, &[], Priority::Low, "2026-11-23T15:00:00Z"),
            [
                "Workday America/New_York + Sat 2026-11-28 00:00 EST",
                "QuietHours America/New_York - Mon 2026-11-23 12:00 EST",
                "Holiday America/New_York + never",
                "CallingHours America/New_York + Mon 2026-11-23 21:00 EST",
            ]
        );
    }

    #[test]
    fn a_holiday_closes_the_business_too() {
        let mut policy = HoursPolicy::sample();
        policy.holidays.add_date(NaiveDate::from_ymd_opt(2026, 11, 26).unwrap());
        assert_eq!(
            told(&policy, &[], Priority::Normal, "2026-11-26T15:00:00Z"),
            [
                "BusinessHours America/New_York - Fri 2026-11-27 09:00 EST",
                "Holiday America/New_York - Fri 2026-11-27 00:00 EST",
                "CallingHours America/New_York + Thu 2026-11-26 21:00 EST",
            ]
        );
    }

    #[test]
    fn what_never_changes_has_no_end() {
        let closed = HoursPolicy { business: crate::scheduler::WeeklyHours::closed(), ..HoursPolicy::sample() };
        let told = told(&closed, &[], Priority::Urgent, "2026-11-23T15:00:00Z");
        assert_eq!(told[0], "BusinessHours America/New_York - never");
    }
}
