//! The client started fewer calls in the last 60 s than `max_per_minute`.

use chrono::TimeDelta;

use super::facts::ClientFacts;
use crate::contract::{Evidence, Gate, Verdict};
use crate::scheduler::Policy;

pub(super) fn ask(client: &ClientFacts<'_>, policy: &Policy) -> Verdict {
    let (started, most) = (client.activity.started_last_minute, policy.limits.max_per_minute);
    let open = most == 0 || started < most;
    let until = client.activity.oldest_start.filter(|_| !open).map(|start| start + TimeDelta::seconds(60));
    Verdict { until, ..Verdict::of(Gate::RateLimit, open, Evidence::Rate { started, most }) }
}
