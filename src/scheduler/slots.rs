//! Windows and slots: the instants at which a lead may be called.
//!
//! They are a set, defined point by point; see [`super::reading`]. The search asks the gates in turn: a closed one names
//! the instant up to which it surely stays closed, and the search goes on there. So the first instant at which none is
//! closed is the least one.

use chrono::{DateTime, TimeDelta, Utc};

use super::law::LawAnswer;
use super::reading::{Clause, ClockGate};
use super::rules::{Gate, Rule};
use super::{HoursPolicy, LegalPlace, Zone};
use crate::model::{self, Priority};

/// How far ahead a slot is looked for; an instant this far away is no longer found.
pub const HORIZON: TimeDelta = TimeDelta::days(366);

/// A half-open span of instants, `start` to just before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    pub start: DateTime<Utc>,
    /// The first instant after it.
    pub end: DateTime<Utc>,
}

/// The first instant at or after `after` at which a call may start, exact to the millisecond: `after` itself when it is
/// one. `None` is "never": no slot lies within [`HORIZON`], and [`super::why_never`] says why.
///
/// `place` is where the called person may be.
pub fn next_slot(
    policy: &HoursPolicy,
    place: &LegalPlace,
    priority: Priority,
    after: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    next_open(&mut Gate::all(policy, place, Rule::of(priority)), after)
}

/// The first instant at or after `after`, within [`HORIZON`], at which every gate is open, exact to the millisecond:
/// `after` itself when it is one.
pub fn next_open<C: Clause>(gates: &mut [ClockGate<'_, C>], after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let from = after.timestamp_millis();
    let slot = first_open(gates, from, from + HORIZON.num_milliseconds())?;
    if slot == from { Some(after) } else { model::from_millis(slot) }
}

/// Whether a call may start at an instant.
pub fn is_open(policy: &HoursPolicy, place: &LegalPlace, priority: Priority, instant: DateTime<Utc>) -> bool {
    closed_rule(policy, place, priority, instant).is_none()
}

/// A rule that forbids a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedRule {
    pub rule: Rule,
    /// The zone whose clock it reads.
    pub zone: Zone,
    /// What it says, when it is one of law.
    pub law: Option<LawAnswer>,
}

/// The first rule that forbids a call at an instant.
pub fn closed_rule(
    policy: &HoursPolicy,
    place: &LegalPlace,
    priority: Priority,
    instant: DateTime<Utc>,
) -> Option<ClosedRule> {
    Gate::all(policy, place, Rule::of(priority)).into_iter().find_map(|mut gate| {
        let reading = gate.reading(instant.timestamp_millis());
        let (rule, law) = gate.clause.closed_by(reading)?;
        Some(ClosedRule { rule, zone: gate.zone.clone(), law: law.map(|law| LawAnswer::of(law, reading)) })
    })
}

/// The windows in which a call may start: the maximal open spans, in order, clipped to `from`–`to`.
pub fn windows<'a>(
    policy: &'a HoursPolicy,
    place: &'a LegalPlace,
    priority: Priority,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Windows<'a> {
    Windows { gates: Gate::all(policy, place, Rule::of(priority)), at: from, to }
}

/// One of the sets of hours that make up the windows, for a picture of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The client's business hours, without holidays.
    Business,
    /// The best part of them.
    Prime,
    /// The called person's calling hours with the rules of law, in every zone of the lead.
    Legal,
}

/// The maximal spans of one layer, in order, clipped to `from`–`to`.
pub fn layer<'a>(
    policy: &'a HoursPolicy,
    place: &'a LegalPlace,
    layer: Layer,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Windows<'a> {
    let rules: &[Rule] = match layer {
        Layer::Business => &[Rule::BusinessHours, Rule::Holiday],
        Layer::Prime => &[Rule::BusinessHours, Rule::PriorityHours, Rule::Holiday],
        Layer::Legal => &[Rule::CallingHours],
    };
    Windows { gates: Gate::all(policy, place, rules), at: from, to }
}

/// The iterator of [`windows`] and [`layer()`]; it keeps nothing but its place.
#[derive(Debug, Clone)]
pub struct Windows<'a> {
    gates: Vec<Gate<'a>>,
    at: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Iterator for Windows<'_> {
    type Item = Window;

    fn next(&mut self) -> Option<Window> {
        let (from, to) = (self.at.timestamp_millis(), self.to.timestamp_millis());
        let start = first_open(&mut self.gates, from, to)?;
        let end = first_closed(&mut self.gates, start, to);
        let window = Window {
            start: if start == from { self.at } else { model::from_millis(start)? },
            end: if end == to { self.to } else { model::from_millis(end)? },
        };
        self.at = window.end;
        Some(window)
    }
}

/// The first instant from `from` to before `to` at which every gate is open.
pub(super) fn first_open<C: Clause>(gates: &mut [ClockGate<'_, C>], from: i64, to: i64) -> Option<i64> {
    let mut instant = from;
    while instant < to {
        match gates.iter_mut().map(|gate| gate.at(instant)).find(|verdict| !verdict.open) {
            Some(closed) => instant = closed.until,
            None => return Some(instant),
        }
    }
    None
}

/// The first instant from `from` on at which a gate is closed, or `to`.
fn first_closed(gates: &mut [Gate<'_>], from: i64, to: i64) -> i64 {
    let mut instant = from;
    while instant < to {
        let mut until = to;
        for verdict in gates.iter_mut().map(|gate| gate.at(instant)) {
            if !verdict.open {
                return instant;
            }
            until = until.min(verdict.until);
        }
        instant = until;
    }
    to
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::scheduler::Holidays;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn home() -> LegalPlace {
        LegalPlace::without_rules(Vec::new())
    }

    fn next(policy: &HoursPolicy, after: &str) -> Option<DateTime<Utc>> {
        next_slot(policy, &home(), Priority::Normal, at(after))
    }

    #[test]
    fn an_instant_inside_is_its_own_slot_whatever_its_precision() {
        let policy = HoursPolicy::sample();
        let (opens, closes) = (at("2026-11-23T14:00:00Z"), at("2026-11-23T22:00:00Z"));
        let nanosecond = TimeDelta::nanoseconds(1);
        for (after, slot) in [
            (opens - nanosecond, opens),
            (opens, opens),
            (opens + nanosecond, opens + nanosecond),
            (closes - nanosecond, closes - nanosecond),
            (closes, opens + TimeDelta::days(1)),
        ] {
            assert_eq!(next_slot(&policy, &home(), Priority::Normal, after), Some(slot), "{after}");
        }
    }

    #[test]
    fn an_offset_with_seconds_moves_the_window_by_them() {
        let policy = HoursPolicy { zone: "Africa/Monrovia".parse().unwrap(), ..HoursPolicy::sample() };
        assert_eq!(next(&policy, "1970-06-01T00:00:00Z"), Some(at("1970-06-01T09:44:30Z")));
    }

    #[test]
    fn a_slot_is_looked_for_up_to_366_days_ahead() {
        let first = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let mut holidays = Holidays::default();
        first.iter_days().take(366).for_each(|date| holidays.add_date(date));
        let policy = HoursPolicy { holidays, ..HoursPolicy::sample() };
        let slot = at("2027-11-24T14:00:00Z");
        assert_eq!(next(&policy, "2026-11-23T14:00:00Z"), None);
        assert_eq!(next(&policy, "2026-11-23T14:00:00.001Z"), Some(slot));
    }

    #[test]
    fn windows_are_clipped_to_the_range() {
        let (policy, place) = (HoursPolicy::sample(), home());
        let clipped = |from, to| windows(&policy, &place, Priority::Normal, at(from), at(to)).collect::<Vec<_>>();
        let window = |start, end| Window { start: at(start), end: at(end) };
        assert_eq!(
            clipped("2026-11-23T15:00:00.5Z", "2026-11-24T15:00:00.25Z"),
            [
                window("2026-11-23T15:00:00.5Z", "2026-11-23T22:00:00Z"),
                window("2026-11-24T14:00:00Z", "2026-11-24T15:00:00.25Z"),
            ]
        );
        assert_eq!(clipped("2026-11-23T15:00:00Z", "2026-11-23T15:00:00Z"), []);
        assert_eq!(clipped("2026-11-24T15:00:00Z", "2026-11-23T15:00:00Z"), []);
    }
}
