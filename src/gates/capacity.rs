//! The client has fewer calls in progress than `max_concurrent`. Nobody knows when a call ends.

use super::facts::ClientFacts;
use crate::contract::{Evidence, Gate, Verdict};
use crate::scheduler::Policy;

pub(super) fn ask(client: &ClientFacts<'_>, policy: &Policy) -> Verdict {
    let (in_progress, most) = (client.activity.open_attempts, policy.limits.max_concurrent);
    Verdict::of(Gate::Capacity, in_progress < most, Evidence::Capacity { in_progress, most })
}
