//! How a batch spreads over the windows: the instants at which its groups start.

use chrono::{DateTime, TimeDelta, Utc};

use super::{HoursPolicy, Zone, next_slot};
use crate::model::Priority;

/// The start of each group of a batch, without an end: group 0 at the slot of `start`, each next one at the slot of the
/// one before plus `interval` (0 or less: all at once). It ends where a group would never find a slot.
pub fn group_starts<'a>(
    policy: &'a HoursPolicy,
    lead_zones: &'a [Zone],
    priority: Priority,
    start: DateTime<Utc>,
    interval: TimeDelta,
) -> impl Iterator<Item = DateTime<Utc>> + 'a {
    let slot = move |after| next_slot(policy, lead_zones, priority, after);
    let interval = interval.max(TimeDelta::zero());
    std::iter::successors(slot(start), move |group| group.checked_add_signed(interval).and_then(slot))
}
