//! In which order due items of one client are called.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use super::OrderPolicy;
use crate::model::{Item, ItemId, Priority};

/// The points of an item: those of its priority, and `aging` for every hour since it could be called first.
///
/// Urgent items come first whatever the points of others; see [`Turn`].
pub fn score(policy: &OrderPolicy, priority: Priority, scheduled_at: DateTime<Utc>, now: DateTime<Utc>) -> f64 {
    const MILLIS_AN_HOUR: f64 = 3_600_000.0;
    let waited = (now - scheduled_at).num_milliseconds().max(0) as f64 / MILLIS_AN_HOUR;
    policy.weight(priority) + policy.aging * waited
}

/// An item's place in the queue of its client: the lesser one is called first.
///
/// A promised call before all others, the one that was promised for the earlier instant first. Urgent before the rest; then the higher score, the earlier `scheduled_at`, the lower id.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    promised: bool,
    urgent: bool,
    score: f64,
    scheduled_at: DateTime<Utc>,
    id: ItemId,
}

impl Turn {
    /// The place of an item at `now`.
    pub fn new(
        policy: &OrderPolicy,
        priority: Priority,
        scheduled_at: DateTime<Utc>,
        id: ItemId,
        now: DateTime<Utc>,
    ) -> Turn {
        let score = score(policy, priority, scheduled_at, now);
        Turn { promised: false, urgent: priority == Priority::Urgent, score, scheduled_at, id }
    }

    /// The place of an item at `now`.
    pub fn of(policy: &OrderPolicy, item: &Item, now: DateTime<Utc>) -> Turn {
        Turn::new(policy, item.priority, item.scheduled_at, item.id, now).promised(item.promise.is_some())
    }

    /// The same, of a promised call or not.
    #[must_use]
    pub fn promised(self, promised: bool) -> Turn {
        if promised { Turn { promised, urgent: true, score: 0.0, ..self } } else { self }
    }

    /// The same with points of its hour; a promised call has none.
    #[must_use]
    pub fn plus(self, points: f64) -> Turn {
        if self.promised { self } else { Turn { score: self.score + points, ..self } }
    }

    /// The points of the item.
    pub fn score(&self) -> f64 {
        self.score
    }
}

impl Ord for Turn {
    fn cmp(&self, other: &Turn) -> Ordering {
        let promised_first = other.promised.cmp(&self.promised);
        let urgent_first = other.urgent.cmp(&self.urgent);
        let highest_first = other.score.total_cmp(&self.score);
        let by_points = promised_first.then(urgent_first).then(highest_first);
        by_points.then(self.scheduled_at.cmp(&other.scheduled_at)).then(self.id.cmp(&other.id))
    }
}

impl PartialOrd for Turn {
    fn partial_cmp(&self, other: &Turn) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Turn {
    fn eq(&self, other: &Turn) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Turn {}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    const POLICY: OrderPolicy = OrderPolicy { weights: [100.0, 75.0, 50.0, 25.0], aging: 10.0, best_hours: None };

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    fn turn(priority: Priority, waited_minutes: i64, id: i64) -> Turn {
        Turn::new(&POLICY, priority, now() - TimeDelta::minutes(waited_minutes), ItemId::from_row(id).unwrap(), now())
    }

    #[test]
    fn waiting_lifts_an_item_past_higher_priorities_but_never_past_an_urgent_one() {
        use Priority::{High, Low, Normal, Urgent};
        for (first, second) in [
            (turn(Urgent, 0, 9), turn(Low, 1_000_000, 1)),
            (turn(Urgent, 1, 9), turn(Urgent, 0, 1)),
            (turn(Normal, 0, 9), turn(Low, 149, 1)),
            (turn(Low, 151, 9), turn(Normal, 0, 1)),
            (turn(High, 0, 9), turn(Low, 299, 1)),
            (turn(Low, 301, 9), turn(High, 0, 1)),
            (turn(Low, 150, 9), turn(Normal, 0, 1)),
            (turn(Normal, 5, 1), turn(Normal, 5, 2)),
            (turn(Normal, -5, 9), turn(Normal, -10, 1)),
        ] {
            assert!(first < second, "{first:?} {second:?}");
        }
        for (first, second) in [
            (turn(Low, 0, 9).promised(true), turn(Urgent, 1_000_000, 1)),
            (turn(Low, 1, 9).promised(true), turn(Urgent, 0, 1).promised(true)),
            (turn(Low, 0, 1).promised(true), turn(Urgent, 0, 2).promised(true)),
            (turn(Urgent, 0, 9), turn(Low, 1_000_000, 1).promised(false)),
        ] {
            assert!(first < second, "{first:?} {second:?}");
        }
        assert_eq!(turn(Low, 150, 1).score(), 50.0);
        assert_eq!(turn(Low, -150, 1).score(), 25.0);
    }

    fn a_turn() -> impl Strategy<Value = (Turn, Priority)> {
        let priority = proptest::sample::select(&Priority::ALL);
        (priority, -600..600_i64, 1..5_i64).prop_map(|(priority, waited, id)| (turn(priority, waited, id), priority))
    }

    proptest! {
        #[test]
        fn the_order_is_total_and_urgent_comes_first(mut turns in proptest::collection::vec(a_turn(), 0..20)) {
            turns.sort_by_key(|(turn, _)| *turn);
            for pair in turns.windows(2) {
                let [(first, high), (second, low)] = pair else { unreachable!() };
                prop_assert!(*high == Priority::Urgent || *low != Priority::Urgent);
                prop_assert!(first <= second);
                if (*high == Priority::Urgent) == (*low == Priority::Urgent) {
                    let place = |turn: &Turn| (-turn.score, turn.scheduled_at, turn.id);
                    prop_assert!(place(first) <= place(second));
                }
            }
        }

        #[test]
        fn two_items_keep_their_order_while_both_wait(
            priorities in (0..4_usize, 0..4_usize),
            waited in (0..600_i64, 0..600_i64),
            later in 0..10_000_i64,
        ) {
            let place = |priority: usize, waited, id, at| {
                let scheduled_at = now() - TimeDelta::minutes(waited);
                Turn::new(&POLICY, Priority::ALL[priority], scheduled_at, ItemId::from_row(id).unwrap(), at)
            };
            let turns = |at| (place(priorities.0, waited.0, 1, at), place(priorities.1, waited.1, 2, at));
            let (first, second) = turns(now());
            // Scores that are the same but for rounding may change sides.
            prop_assume!(priorities.0 == priorities.1 || (first.score - second.score).abs() > 1e-6);
            let (first_later, second_later) = turns(now() + TimeDelta::hours(later));
            prop_assert_eq!(first.cmp(&second), first_later.cmp(&second_later));
        }
    }
}
