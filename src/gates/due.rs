//! The due time has come, and no returned attempt holds the item back any more.

use chrono::{DateTime, Utc};

use crate::contract::{Evidence, Gate, Verdict};
use crate::model::Item;

/// An item that another gate holds back is due all the same.
pub(super) fn ask(item: &Item, now: DateTime<Utc>) -> Verdict {
    let returned = item.not_before.filter(|at| item.blocked_by.is_none() && *at > item.scheduled_at);
    let from = returned.unwrap_or(item.scheduled_at);
    let until = Some(from).filter(|from| *from > now);
    let evidence =
        Evidence::Due { from, returned: returned.is_some(), promised_until: item.promise.map(|promise| promise.until) };
    Verdict { until, ..Verdict::of(Gate::Due, until.is_none(), evidence) }
}

/// The first instant at which an item is due, from `now` on. Pauses do not count here, even those that a run has met.
pub(crate) fn earliest(item: &Item, now: DateTime<Utc>) -> DateTime<Utc> {
    let not_before = item.not_before.filter(|_| item.blocked_by != Some(Gate::Paused));
    now.max(item.scheduled_at).max(not_before.unwrap_or(item.scheduled_at))
}
