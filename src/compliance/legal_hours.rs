//! Whether law and calling hours let a call begin, by the clock of every zone, and if not, by what and until when.

use chrono::{DateTime, Utc};

use super::rule::Rule;
use crate::scheduler::{self, Clause, ClockGate, Reading, Verdict, WeeklyHours, Zone};

/// The id under which the client's own calling hours close, beside the ids of rules.
pub const CALLING_HOURS: &str = "calling_hours";

/// The calling hours of a client and the rules that hold for a call. All must allow it, by every zone's own reading:
/// its date, weekday and holiday. Caps and requirements are not asked.
#[derive(Debug, Clone)]
pub struct LegalHours<'a> {
    calling: &'a WeeklyHours,
    rules: Vec<&'a Rule>,
}

impl<'a> LegalHours<'a> {
    /// Calling hours (08:00–21:00 by default, after 47 CFR 64.1200(c)(1)) and rules.
    pub fn new(calling: &'a WeeklyHours, rules: impl IntoIterator<Item = &'a Rule>) -> LegalHours<'a> {
        LegalHours { calling, rules: rules.into_iter().collect() }
    }

    /// Whether a call may begin at an instant by the clocks of all these zones.
    pub fn is_open(&self, zones: &[Zone], instant: DateTime<Utc>) -> bool {
        self.gates(zones).iter_mut().all(|gate| gate.at(instant.timestamp_millis()).open)
    }

    /// The ids of all rules that close at an instant in one of these zones, and [`CALLING_HOURS`] when they do, by code
    /// point. Empty exactly when it is open.
    pub fn closed_by(&self, zones: &[Zone], instant: DateTime<Utc>) -> Vec<&'a str> {
        let mut ids = Vec::new();
        for mut gate in self.gates(zones) {
            let reading = gate.reading(instant.timestamp_millis());
            if !self.calling.at(reading).open {
                ids.push(CALLING_HOURS);
            }
            ids.extend(self.rules.iter().filter(|rule| !rule.at(reading).open).map(|rule| rule.id()));
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The first instant at or after `after` that is open, exact to the millisecond; `None` when there is none within
    /// 366 days ([`scheduler::HORIZON`]).
    pub fn next_open(&self, zones: &[Zone], after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        scheduler::next_open(&mut self.gates(zones), after)
    }

    /// One gate a zone, so that each zone's offset is looked up once for all rules.
    fn gates<'z>(&'z self, zones: &'z [Zone]) -> Vec<ClockGate<'z, &'z LegalHours<'a>>> {
        zones.iter().map(|zone| ClockGate::new(self, zone)).collect()
    }
}

impl Clause for LegalHours<'_> {
    /// Closed as long as one of the rules stays closed, open as long as all stay open.
    fn at(&self, reading: Reading) -> Verdict {
        let rules = self.rules.iter().map(|rule| rule.at(reading));
        rules.fold(self.calling.at(reading), |all, rule| match (all.open, rule.open) {
            (true, true) => Verdict { open: true, until: all.until.min(rule.until) },
            (true, false) => rule,
            (false, true) => all,
            (false, false) => Verdict { open: false, until: all.until.max(rule.until) },
        })
    }
}
