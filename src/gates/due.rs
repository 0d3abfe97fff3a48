//! The due time has come, and no returned attempt holds the item back any more.

use chrono::{DateTime, Utc};

use crate::contract::{Evidence, Gate, Verdict};
use crate::model::{Item, NumberFacts};

/// An item that waits for its number is due all the same: another gate is closed.
pub(super) fn ask(item: &Item, number: &NumberFacts, now: DateTime<Utc>) -> Verdict {
    let returned = item.not_before.filter(|at| !number.holds_back && *at > item.scheduled_at);
    let from = returned.unwrap_or(item.scheduled_at);
    let until = Some(from).filter(|from| *from > now);
    let evidence = Evidence::Due { from, returned: returned.is_some() };
    Verdict { until, ..Verdict::of(Gate::Due, until.is_none(), evidence) }
}

/// The first instant at which an item is due, from `now` on.
pub fn earliest(item: &Item, now: DateTime<Utc>) -> DateTime<Utc> {
    now.max(item.scheduled_at).max(item.not_before.unwrap_or(item.scheduled_at))
}
