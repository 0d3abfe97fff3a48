//! The due time has come, and no returned attempt holds the item back any more.

use chrono::{DateTime, Utc};

use super::verdict;
use crate::contract::{Evidence, Gate, Verdict};
use crate::model::Item;

pub(super) fn ask(item: &Item, now: DateTime<Utc>) -> Verdict {
    let returned = item.not_before.filter(|at| *at > item.scheduled_at);
    let from = returned.unwrap_or(item.scheduled_at);
    let until = Some(from).filter(|from| *from > now);
    let evidence = Evidence::Due { from, returned: returned.is_some() };
    Verdict { until, ..verdict(Gate::Due, until.is_none(), evidence) }
}
