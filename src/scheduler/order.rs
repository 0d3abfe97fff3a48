//! In which order due items of one client are called.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use super::OrderPolicy;
use crate::model::{ItemId, Priority};

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
/// Urgent before all others; then the higher score, the earlier `scheduled_at`, the lower id.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
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
        Turn { urgent: priority == Priority::Urgent, score, scheduled_at, id }
    }

    /// The points of the item.
    pub fn score(&self) -> f64 {
        self.score
    }
}

impl Ord for Turn {
    fn cmp(&self, other: &Turn) -> Ordering {
        let urgent_first = other.urgent.cmp(&self.urgent);
        let highest_first = other.score.total_cmp(&self.score);
        urgent_first.then(highest_first).then(self.scheduled_at.cmp(&other.scheduled_at)).then(self.id.cmp(&other.id))
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
