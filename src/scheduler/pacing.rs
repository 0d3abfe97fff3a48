//! How a batch spreads over the windows: the instants at which its groups start.

use chrono::{DateTime, TimeDelta, Utc};

use super::{HoursPolicy, LegalPlace, next_slot};
use crate::model::Priority;

/// The start of each group of a batch, without an end: group 0 at the slot of `start`, each next one at the slot of the
/// one before plus `interval` (0 or less: all at once). It ends where a group would never find a slot.
pub fn group_starts<'a>(
    policy: &'a HoursPolicy,
    place: LegalPlace,
    priority: Priority,
    start: DateTime<Utc>,
    interval: TimeDelta,
) -> impl Iterator<Item = DateTime<Utc>> + 'a {
    let slot = move |after| next_slot(policy, &place, priority, after);
    let interval = interval.max(TimeDelta::zero());
    let first = slot(start);
    std::iter::successors(first, move |group| group.checked_add_signed(interval).and_then(&slot))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::to_text;

    fn starts(policy: &HoursPolicy, start: &str, interval: TimeDelta, groups: usize) -> Vec<String> {
        group_starts(policy, LegalPlace::without_rules(Vec::new()), Priority::Normal, start.parse().unwrap(), interval)
            .take(groups)
            .map(to_text)
            .collect()
    }

    #[test]
    fn groups_follow_each_other_and_go_on_the_next_day() {
        let policy = HoursPolicy::sample();
        assert_eq!(
            starts(&policy, "2026-11-23T21:05:00Z", TimeDelta::minutes(25), 5),
            [
                "2026-11-23T21:05:00.000Z",
                "2026-11-23T21:30:00.000Z",
                "2026-11-23T21:55:00.000Z",
                "2026-11-24T14:00:00.000Z",
                "2026-11-24T14:25:00.000Z",
            ]
        );
    }

    #[test]
    fn without_an_interval_all_start_at_once_in_a_window() {
        let policy = HoursPolicy::sample();
        let all = starts(&policy, "2026-11-22T12:00:00Z", TimeDelta::zero(), 3);
        assert_eq!(all, ["2026-11-23T14:00:00.000Z"; 3]);
        assert_eq!(starts(&policy, "2026-11-22T12:00:00Z", TimeDelta::minutes(-5), 3), all);
    }

    #[test]
    fn a_window_that_never_opens_has_no_groups_and_the_end_of_time_ends_them() {
        let closed = HoursPolicy { business: crate::scheduler::WeeklyHours::closed(), ..HoursPolicy::sample() };
        assert!(starts(&closed, "2026-11-22T12:00:00Z", TimeDelta::zero(), 3).is_empty());
        assert_eq!(starts(&HoursPolicy::sample(), "2026-11-22T12:00:00Z", TimeDelta::MAX, 3).len(), 1);
    }
}
