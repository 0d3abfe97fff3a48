//! Whether law and calling hours let a call begin, by the clock of every zone, and if not, by what and until when.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::rule::Rule;
use crate::scheduler::{self, ClockGate, LegalClause, LegalRule, WeeklyHours, Zone};

/// The id under which the client's own calling hours close, beside the ids of rules.
pub const CALLING_HOURS: &str = "calling_hours";

/// The calling hours of a client and the rules that hold for a call, on the clocks of a place. All must allow it, by
/// every zone's own reading: its date, weekday and holiday. Caps and requirements are not asked.
#[derive(Debug, Clone)]
pub struct LegalHours<'a> {
    calling: &'a WeeklyHours,
    rules: Vec<Arc<dyn LegalRule>>,
    zones: &'a [Zone],
}

impl<'a> LegalHours<'a> {
    /// Calling hours (08:00–21:00 by default, after 47 CFR 64.1200(c)(1)) and rules, in zones. A place without zones has
    /// the clock of `home`, the client's zone.
    pub fn new<'r>(
        calling: &'a WeeklyHours,
        rules: impl IntoIterator<Item = &'r Arc<Rule>>,
        zones: &'a [Zone],
        home: &'a Zone,
    ) -> LegalHours<'a> {
        let zones = if zones.is_empty() { std::slice::from_ref(home) } else { zones };
        LegalHours { calling, rules: rules.into_iter().map(|rule| rule.clone() as _).collect(), zones }
    }

    /// Whether a call may begin at an instant by the clocks of all zones.
    pub fn is_open(&self, instant: DateTime<Utc>) -> bool {
        self.gates().iter_mut().all(|gate| gate.at(instant.timestamp_millis()).open)
    }

    /// The ids of all rules that close at an instant in one of the zones, and [`CALLING_HOURS`] when they do, by code
    /// point. Empty exactly when it is open.
    pub fn closed_by(&self, instant: DateTime<Utc>) -> Vec<&str> {
        let mut ids = Vec::new();
        for mut gate in self.gates() {
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
    pub fn next_open(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        scheduler::next_open(&mut self.gates(), after)
    }

    /// One gate a zone, so that each zone's offset is looked up once for all rules.
    fn gates(&self) -> Vec<ClockGate<'a, LegalClause<'_>>> {
        let clause = LegalClause { calling: self.calling, rules: &self.rules };
        self.zones.iter().map(|zone| ClockGate::new(clause, zone)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RuleSet, window};
    use super::*;
    use crate::model::{Purpose, Voice};

    /// What closes and when it opens next, for a sales call to a region, its first zone or the client's in New York.
    fn told(region: &str, instant: &str) -> String {
        let (set, calling) = (RuleSet::shipped().unwrap(), window::read("*=08:00-21:00").unwrap());
        let regions: Vec<crate::compliance::Region> = region.parse().into_iter().collect();
        let zones: Vec<Zone> =
            regions.iter().flat_map(|region| region.zones()).take(1).map(|name| name.parse().unwrap()).collect();
        let home: Zone = "America/New_York".parse().unwrap();
        let rules = set.that_hold(&regions, Some(Purpose::Sales), Voice::Ai);
        let hours = LegalHours::new(&calling, rules, &zones, &home);
        let instant = instant.parse().unwrap();
        let zone = zones.first().unwrap_or(&home);
        let next = hours.next_open(instant).map_or("never".to_owned(), |next| zone.format_local(next));
        format!("{}: {next}", hours.closed_by(instant).join(" "))
    }

    #[test]
    fn windows_sundays_holidays_and_dates_of_force_close() {
        for (region, instant, expected) in [
            ("US-PA", "2026-10-17T20:30:00-04:00", ": Sat 2026-10-17 20:30 EDT"),
            ("US-PA", "2026-10-18T20:30:00-04:00", "us-pa-2026: Mon 2026-10-19 09:00 EDT"),
            ("US-PA", "2026-11-29T19:00:00-05:00", "us-pa-2026: Mon 2026-11-30 09:00 EST"),
            ("US-PA", "2026-11-26T10:00:00-05:00", "us-pa-2026: Sat 2026-11-28 09:00 EST"),
            ("US-FL", "2026-11-23T20:00:00-05:00", "us-fl: Tue 2026-11-24 08:00 EST"),
            ("FR", "2026-11-23T13:30:00+01:00", "fr-hours: Mon 2026-11-23 14:00 CET"),
            ("", "2026-11-23T07:00:00-05:00", "calling_hours: Mon 2026-11-23 08:00 EST"),
        ] {
            assert_eq!(told(region, instant), expected, "{region} {instant}");
        }
    }
}
