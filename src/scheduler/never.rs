//! Why there is no slot at all: the first rule, in the order in which people think of them, that leaves nothing.

use std::fmt;

use chrono::{DateTime, Utc};

use super::rules::{Gate, Rule};
use super::slots::{HORIZON, first_open};
use super::{Holidays, HoursPolicy, LegalPlace, Zone};
use crate::model::Priority;

/// Why [`super::next_slot`] finds nothing within its horizon; the text names the rule and says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Never {
    /// The client's business hours are closed on every weekday.
    NoActiveDay,
    /// For `high`: no priority hour lies in the business hours.
    PrimeOutsideBusiness,
    /// For `low`: priority hours and business hours fill every open day.
    NoQuietHours,
    /// The calling hours are closed on every weekday.
    NoCallingHours,
    /// The calling hours of the lead's zones never overlap.
    ZonesNeverMeet(Vec<Zone>),
    /// The client's hours for this priority never overlap with the calling hours in the lead's zones.
    NoOverlap {
        /// Whose hours of the client they are.
        priority: Priority,
        client: Zone,
        /// The zones in which the lead may be.
        lead: Vec<Zone>,
    },
    /// No region of the lead is known, and the client calls nobody then.
    UnknownPlace,
    /// The rules of law leave no hour of those that the client and the calling hours leave.
    ClosedByLaw {
        /// The rules of law that speak of hours there.
        rules: Vec<String>,
        /// The zones in which the lead may be.
        zones: Vec<Zone>,
    },
    /// Every date that the other rules leave is a holiday.
    EveryDayHoliday,
}

/// The reason why there is no slot within [`HORIZON`] from `after`; `None` when there is one.
pub fn why_never(policy: &HoursPolicy, place: &LegalPlace, priority: Priority, after: DateTime<Utc>) -> Option<Never> {
    let from = after.timestamp_millis();
    let is_closed = |policy: &HoursPolicy, rules: &[Rule]| {
        let mut gates = Gate::all(policy, place, rules);
        first_open(&mut gates, from, from + HORIZON.num_milliseconds()).is_none()
    };
    if !is_closed(policy, Rule::of(priority)) {
        return None;
    }
    let workdays = HoursPolicy { holidays: Holidays::default(), ..policy.clone() };
    let zones = || place.clocks(policy).to_vec();
    let rules = || place.rules().iter().map(|law| law.id().to_owned()).collect();
    let is_closed_by_law = || {
        let clocks = LegalPlace::without_rules(place.zones().to_vec());
        let mut gates = Gate::all(&workdays, &clocks, Rule::of(priority));
        first_open(&mut gates, from, from + HORIZON.num_milliseconds()).is_some()
    };
    let reason = if place.is_blocked() {
        Never::UnknownPlace
    } else if policy.business.is_closed() {
        Never::NoActiveDay
    } else if priority == Priority::High && is_closed(&workdays, &[Rule::BusinessHours, Rule::PriorityHours]) {
        Never::PrimeOutsideBusiness
    } else if priority == Priority::Low && is_closed(&workdays, &[Rule::Workday, Rule::QuietHours]) {
        Never::NoQuietHours
    } else if policy.calling.is_closed() {
        Never::NoCallingHours
    } else if !place.rules().is_empty() && is_closed(&workdays, Rule::of(priority)) && is_closed_by_law() {
        Never::ClosedByLaw { rules: rules(), zones: zones() }
    } else if is_closed(&workdays, &[Rule::CallingHours]) {
        Never::ZonesNeverMeet(zones())
    } else if is_closed(&workdays, Rule::of(priority)) {
        Never::NoOverlap { priority, client: policy.zone.clone(), lead: zones() }
    } else {
        Never::EveryDayHoliday
    };
    Some(reason)
}

impl fmt::Display for Never {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Never::NoActiveDay => {
                f.write_str("no weekday is open: `active_days` is empty and no day of `business_hours.days` has hours")
            }
            Never::PrimeOutsideBusiness => {
                f.write_str("`priority_hours` lie outside of the business hours, so that `high` is never open")
            }
            Never::NoQuietHours => f.write_str(
                "the priority hours fill every open day, so that nothing is left for `low`: shorten `priority_hours` or \
                 the business hours",
            ),
            Never::NoCallingHours => f.write_str("`calling_hours` are closed on every weekday"),
            Never::ZonesNeverMeet(zones) => {
                write!(f, "`calling_hours` are never open at the same time in {}", List(zones))
            }
            Never::NoOverlap { priority, client, lead } => write!(
                f,
                "the client's hours for {priority} calls in {client} never overlap with `calling_hours` in {}",
                List(lead)
            ),
            Never::UnknownPlace => f.write_str(
                "nothing tells the region of the lead, and `law.unknown_number` is block: `--region` names it",
            ),
            Never::ClosedByLaw { rules, zones } => write!(
                f,
                "the rules {} leave none of the client's hours in {}: `callq rules show` tells what they say",
                rules.join(", "),
                List(zones)
            ),
            Never::EveryDayHoliday => f.write_str("every open day of the next 366 days is a holiday"),
        }
    }
}

/// Zones as a sentence lists them.
struct List<'a>(&'a [Zone]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, zone) in self.0.iter().enumerate() {
            let separator = match index {
                0 => "",
                _ if index + 1 == self.0.len() => " and ",
                _ => ", ",
            };
            write!(f, "{separator}{zone}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::{PrimeHours, WeeklyHours};

    fn reason(policy: &HoursPolicy, zones: &[&str], priority: Priority) -> Option<String> {
        let zones: Vec<Zone> = zones.iter().map(|name| name.parse().unwrap()).collect();
        why_never(policy, &LegalPlace::without_rules(zones), priority, "2026-11-22T12:00:00Z".parse().unwrap())
            .map(|never| never.to_string())
    }

    #[test]
    fn the_rule_that_leaves_nothing_is_named() {
        let policy = HoursPolicy::sample;
        let mut holidays = Holidays::default();
        let first = chrono::NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        first.iter_days().take(400).for_each(|date| holidays.add_date(date));
        let cases = [
            (
                HoursPolicy { business: WeeklyHours::closed(), ..policy() },
                vec![],
                Priority::Normal,
                "no weekday is open: `active_days` is empty and no day of `business_hours.days` has hours",
            ),
            (
                HoursPolicy { prime: PrimeHours::new([7, 20]).unwrap(), ..policy() },
                vec![],
                Priority::High,
                "`priority_hours` lie outside of the business hours, so that `high` is never open",
            ),
            (
                HoursPolicy {
                    business: WeeklyHours::every_day("00:00-24:00"),
                    prime: PrimeHours::default(),
                    ..policy()
                },
                vec![],
                Priority::Low,
                "the priority hours fill every open day, so that nothing is left for `low`: shorten `priority_hours` or \
                 the business hours",
            ),
            (
                HoursPolicy { calling: WeeklyHours::closed(), ..policy() },
                vec!["UTC"],
                Priority::Urgent,
                "`calling_hours` are closed on every weekday",
            ),
            (
                HoursPolicy { calling: WeeklyHours::every_day("09:00-12:00"), ..policy() },
                vec!["UTC", "Asia/Tokyo", "America/New_York"],
                Priority::Normal,
                "`calling_hours` are never open at the same time in UTC, Asia/Tokyo and America/New_York",
            ),
            (
                HoursPolicy { business: WeeklyHours::every_day("09:00-12:00"), ..policy() },
                vec!["Asia/Tokyo"],
                Priority::Normal,
                "the client's hours for normal calls in America/New_York never overlap with `calling_hours` in Asia/Tokyo",
            ),
            (
                HoursPolicy { calling: WeeklyHours::every_day("12:00-14:00"), ..policy() },
                vec![],
                Priority::High,
                "the client's hours for high calls in America/New_York never overlap with `calling_hours` in \
                 America/New_York",
            ),
            (
                HoursPolicy { holidays, ..policy() },
                vec![],
                Priority::Low,
                "every open day of the next 366 days is a holiday",
            ),
        ];
        for (policy, zones, priority, expected) in cases {
            assert_eq!(reason(&policy, &zones, priority).as_deref(), Some(expected));
        }
        for priority in Priority::ALL {
            assert_eq!(reason(&policy(), &["America/Los_Angeles"], priority), None);
        }
    }
}
