//! Slots of many items that share policy, zones and priority: asked in any order, searched once a window.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::slots::{HORIZON, Window, next_slot, windows};
use super::{Policy, Zone};
use crate::model::Priority;

/// Remembers the last window that was found, since neighbours in a queue mostly share it.
#[derive(Debug, Clone)]
pub struct SlotFinder {
    policy: Arc<Policy>,
    zones: Vec<Zone>,
    priority: Priority,
    /// Every instant from the first one to the window's end has its slot in the window.
    known: Option<(DateTime<Utc>, Window)>,
}

impl SlotFinder {
    /// A finder for items of one policy, one set of lead zones and one priority.
    pub fn new(policy: Arc<Policy>, zones: Vec<Zone>, priority: Priority) -> SlotFinder {
        SlotFinder { policy, zones, priority, known: None }
    }

    /// The same as [`next_slot`].
    pub fn next(&mut self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if let Some((asked, window)) = &self.known
            && *asked <= after
            && after < window.end
        {
            return Some(after.max(window.start));
        }
        let start = next_slot(&self.policy.hours, &self.zones, self.priority, after)?;
        let end = start.checked_add_signed(HORIZON).unwrap_or(DateTime::<Utc>::MAX_UTC);
        if let Some(window) = windows(&self.policy.hours, &self.zones, self.priority, start, end).next() {
            self.known = Some((after, window));
        }
        Some(start)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Weekday};

    use super::*;
    use crate::model::DispatchSettings;
    use crate::scheduler::{Holidays, HoursPolicy, Limits, OrderPolicy, PrimeHours, RetryPolicy, WeeklyHours};

    fn policy() -> Policy {
        let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
        let hours = |days: &[Weekday], span: &str| {
            days.iter().fold(WeeklyHours::closed(), |hours, day| hours.with(*day, vec![span.parse().unwrap()]))
        };
        Policy {
            hours: HoursPolicy {
                zone: "America/New_York".parse().unwrap(),
                business: hours(&week[..5], "09:00-17:00"),
                prime: PrimeHours::new([9, 10, 11, 14, 15, 16]).unwrap(),
                calling: hours(&week, "08:00-21:00"),
                holidays: Holidays::default(),
            },
            retry: RetryPolicy {
                max_retries: 3,
                delays: vec![TimeDelta::minutes(5)],
                multiplier: 2.0,
                max_delay: TimeDelta::hours(24),
                jitter: 0.1,
            },
            order: OrderPolicy { weights: [100.0, 75.0, 50.0, 25.0], aging: 10.0 },
            limits: Limits { max_concurrent: 5, max_per_minute: 0 },
            country_code: None,
            dispatch: DispatchSettings::default(),
        }
    }

    #[test]
    fn answers_like_next_slot_in_any_order() {
        let policy = Arc::new(policy());
        let zones = vec!["America/Los_Angeles".parse::<Zone>().unwrap()];
        let start: DateTime<Utc> = "2026-10-30T12:00:00Z".parse().unwrap();
        for priority in Priority::ALL {
            let mut finder = SlotFinder::new(policy.clone(), zones.clone(), priority);
            for step in 0..2_000_i64 {
                let after = start + TimeDelta::minutes((step * 7_919) % 20_000);
                assert_eq!(finder.next(after), next_slot(&policy.hours, &zones, priority, after), "{priority} {after}");
            }
        }
    }
}
