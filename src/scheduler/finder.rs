//! Slots of many items that share policy, place and priority: asked in any order, searched once a window.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::slots::{Window, next_slot, windows};
use super::{LegalPlace, Policy};
use crate::model::Priority;

/// How far a window is followed: to the end of a usual one, not through a year of one that never closes.
const FOLLOWED: TimeDelta = TimeDelta::days(1);

/// Remembers the last window that was found, since neighbours in a queue mostly share it.
#[derive(Debug, Clone)]
pub struct SlotFinder {
    policy: Arc<Policy>,
    place: LegalPlace,
    priority: Priority,
    /// Every instant from the first one to the end of what is known of the window has its slot in it.
    known: Option<(DateTime<Utc>, Window)>,
}

impl SlotFinder {
    /// A finder for items of one policy, one place and one priority.
    pub fn new(policy: Arc<Policy>, place: LegalPlace, priority: Priority) -> SlotFinder {
        SlotFinder { policy, place, priority, known: None }
    }

    /// The same as [`next_slot`].
    pub fn next(&mut self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if let Some((asked, window)) = &self.known
            && *asked <= after
            && after < window.end
        {
            return Some(after.max(window.start));
        }
        let start = next_slot(&self.policy.hours, &self.place, self.priority, after)?;
        let end = start.checked_add_signed(FOLLOWED).unwrap_or(DateTime::<Utc>::MAX_UTC);
        if let Some(window) = windows(&self.policy.hours, &self.place, self.priority, start, end).next() {
            self.known = Some((after, window));
        }
        Some(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::{HoursPolicy, WeeklyHours};

    fn assert_like_next_slot(hours: HoursPolicy) {
        let policy = Arc::new(Policy { hours, ..Policy::default() });
        let place = LegalPlace::without_rules(vec!["America/Los_Angeles".parse().unwrap()]);
        let start: DateTime<Utc> = "2026-10-30T12:00:00Z".parse().unwrap();
        for priority in Priority::ALL {
            let mut finder = SlotFinder::new(policy.clone(), place.clone(), priority);
            for step in 0..2_000_i64 {
                let after = start + TimeDelta::minutes((step * 7_919) % 20_000);
                assert_eq!(finder.next(after), next_slot(&policy.hours, &place, priority, after), "{priority} {after}");
            }
        }
    }

    #[test]
    fn answers_like_next_slot_in_any_order() {
        assert_like_next_slot(HoursPolicy::sample());
    }

    #[test]
    fn answers_like_next_slot_where_a_window_lasts_for_days() {
        let always = WeeklyHours::every_day("00:00-24:00");
        assert_like_next_slot(HoursPolicy { business: always.clone(), calling: always, ..HoursPolicy::sample() });
    }
}
