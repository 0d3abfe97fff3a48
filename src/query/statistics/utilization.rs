//! How much of the business hours was spent calling.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::model::ClientId;
use crate::scheduler::{HoursPolicy, Layer, LegalPlace, PolicyBook, layer};

/// How much of a span lies inside the business hours of a client, its holidays left out, in milliseconds.
pub(crate) fn business_time(hours: &HoursPolicy, from: DateTime<Utc>, until: DateTime<Utc>) -> u64 {
    let home = LegalPlace::without_rules(Vec::new());
    let windows = layer(hours, &home, Layer::Business, from, until);
    let open: i64 = windows.map(|window| (window.end - window.start).num_milliseconds()).sum();
    open.unsigned_abs()
}

/// Call time / (open time × `max_concurrent`), summed over clients, each from its own instant in `since` until `now`.
///
/// `ended_ms` is the call time of all finished calls inside the business hours; of the open ones it is added here.
pub(super) fn utilization(
    policies: &PolicyBook,
    since: &HashMap<ClientId, DateTime<Utc>>,
    ended_ms: u64,
    open_calls: &[(ClientId, DateTime<Utc>)],
    now: DateTime<Utc>,
) -> Option<f64> {
    let going_on = open_calls.iter().filter(|(client, start)| since.get(client).is_some_and(|since| start >= since));
    let called: u64 = going_on.map(|(client, start)| business_time(&policies.of(client).hours, *start, now)).sum();
    let capacity: f64 = since
        .iter()
        .map(|(client, from)| {
            let policy = policies.of(client);
            business_time(&policy.hours, *from, now) as f64 * f64::from(policy.limits.max_concurrent)
        })
        .sum();
    (capacity > 0.0).then(|| ended_ms.saturating_add(called) as f64 / capacity)
}
