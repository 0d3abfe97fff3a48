//! `expires_at` has not come: no attempt starts at or after it.

use chrono::{DateTime, Utc};

use crate::contract::{Evidence, Gate, Verdict};
use crate::model::Item;

pub(super) fn ask(item: &Item, now: DateTime<Utc>) -> Verdict {
    let open = !item.has_expired_at(now);
    let until = item.expires_at.filter(|_| open);
    Verdict { until, ..Verdict::of(Gate::Expired, open, Evidence::Expiry(item.expires_at)) }
}
