//! What each rule about time says to an item now, and until when: for people who ask why nothing is dialled.

use chrono::{DateTime, Utc};

use super::rules::{Gate, Rule};
use super::slots::HORIZON;
use super::{HoursPolicy, Zone};
use crate::model::{self, Priority};

/// The verdict of one rule in one zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeGate {
    /// The rule.
    pub rule: Rule,
    /// The zone whose clock it reads: the client's, or one of the lead's for the calling hours.
    pub zone: Zone,
    /// Whether the rule lets a call start now.
    pub open: bool,
    /// The first instant at which the verdict is another; `None` when it stays for all of the [`HORIZON`].
    pub until: Option<DateTime<Utc>>,
}

/// The verdicts of all rules for a priority at an instant: business hours (for `low`: workday, and not the best hours),
/// priority hours, holiday, and the calling hours in each zone of the lead. A call may start when all are open.
pub fn time_gates(
    policy: &HoursPolicy,
    lead_zones: &[Zone],
    priority: Priority,
    instant: DateTime<Utc>,
) -> Vec<TimeGate> {
    let now = instant.timestamp_millis();
    Gate::all(policy, lead_zones, Rule::of(priority))
        .into_iter()
        .map(|mut gate| {
            let open = gate.at(now).open;
            let until = first_change(&mut gate, now).and_then(model::from_millis);
            TimeGate { rule: gate.clause.rule, zone: gate.zone.clone(), open, until }
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

impl TimeGate {
    /// The gate's name in JSON.
    pub fn name(&self) -> &'static str {
        match self.rule {
            Rule::BusinessHours => "business_hours",
            Rule::Workday => "workday",
            Rule::PriorityHours => "priority_hours",
            Rule::QuietHours => "quiet_hours",
            Rule::Holiday => "holiday",
            Rule::CallingHours => "calling_hours",
        }
    }

    /// The verdict as a sentence, such as `client acme opens Mon 2026-11-23 09:00 EST`, or `lead's zone
    /// America/Los_Angeles opens Mon 2026-11-23 11:00 EST`: all times are those of `clock`, the client's zone.
    pub fn sentence(&self, client: &str, clock: &Zone) -> String {
        self.sentence_with(client, |instant| clock.format_local(instant))
    }

    /// The same with instants as `told` tells them.
    pub fn sentence_with(&self, client: &str, told: impl FnOnce(DateTime<Utc>) -> String) -> String {
        let zone = &self.zone;
        let (subject, opens, open) = match self.rule {
            Rule::BusinessHours => (format!("client {client}"), "opens", "is open"),
            Rule::Workday => (format!("client {client}"), "has its next workday from", "has a workday"),
            Rule::PriorityHours => (format!("client {client}"), "has priority hours from", "has priority hours"),
            Rule::QuietHours => (format!("client {client}"), "has quiet hours from", "has quiet hours"),
            Rule::Holiday => (format!("client {client}"), "has a holiday until", "has no holiday"),
            Rule::CallingHours => (format!("lead's zone {zone}"), "opens", "is open"),
        };
        match (self.open, self.until) {
            (true, None) => format!("{subject} {open}"),
            (true, Some(until)) => format!("{subject} {open} until {}", told(until)),
            (false, Some(until)) => format!("{subject} {opens} {}", told(until)),
            (false, None) => format!("{subject} is closed for the next {} days", HORIZON.num_days()),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    /// Each gate as `name +|- sentence`.
    fn told(policy: &HoursPolicy, zones: &[&str], priority: Priority, instant: &str) -> Vec<String> {
        let zones: Vec<Zone> = zones.iter().map(|name| name.parse().unwrap()).collect();
        time_gates(policy, &zones, priority, instant.parse().unwrap())
            .iter()
            .map(|gate| {
                format!("{} {} {}", gate.name(), if gate.open { '+' } else { '-' }, gate.sentence("acme", &policy.zone))
            })
            .collect()
    }

    #[test]
    fn every_rule_tells_its_next_change_on_the_clock_of_the_client() {
        let policy = HoursPolicy::sample();
        let zones = ["America/Los_Angeles", "America/Chicago"];
        assert_eq!(
            told(&policy, &zones, Priority::High, "2026-11-23T13:00:00Z"),
            [
                "business_hours - client acme opens Mon 2026-11-23 09:00 EST",
                "priority_hours - client acme has priority hours from Mon 2026-11-23 09:00 EST",
                "holiday + client acme has no holiday",
                "calling_hours - lead's zone America/Los_Angeles opens Mon 2026-11-23 11:00 EST",
                "calling_hours - lead's zone America/Chicago opens Mon 2026-11-23 09:00 EST",
            ]
        );
        assert_eq!(
            told(&policy, &[], Priority::Low, "2026-11-23T15:00:00Z"),
            [
                "workday + client acme has a workday until Sat 2026-11-28 00:00 EST",
                "quiet_hours - client acme has quiet hours from Mon 2026-11-23 12:00 EST",
                "holiday + client acme has no holiday",
                "calling_hours + lead's zone America/New_York is open until Mon 2026-11-23 21:00 EST",
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
                "business_hours - client acme opens Fri 2026-11-27 09:00 EST",
                "holiday - client acme has a holiday until Fri 2026-11-27 00:00 EST",
                "calling_hours + lead's zone America/New_York is open until Thu 2026-11-26 21:00 EST",
            ]
        );
    }

    #[test]
    fn what_never_changes_has_no_end() {
        let closed = HoursPolicy { business: crate::scheduler::WeeklyHours::closed(), ..HoursPolicy::sample() };
        let told = told(&closed, &[], Priority::Urgent, "2026-11-23T15:00:00Z");
        assert_eq!(told[0], "business_hours - client acme is closed for the next 366 days");
    }
}
