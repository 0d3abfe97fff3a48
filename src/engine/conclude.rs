//! What the outcome of an attempt means for its item.

use chrono::{DateTime, Utc};

use super::next_call::slot_of;
use crate::model::{CallResult, Item, OnUnknown, Outcome};
use crate::scheduler::{Policy, next_retry_at, stable_jitter};
use crate::store::Conclusion;

/// The conclusion for an item whose open attempt ended with `result` at `now`. `item` counts that attempt already.
pub(super) fn conclude(policy: &Policy, item: &Item, result: &CallResult, now: DateTime<Utc>) -> Conclusion {
    match result.outcome {
        Outcome::Completed => Conclusion::Completed,
        Outcome::Failed => Conclusion::GaveUp { held: false },
        Outcome::Retry => retry(policy, item, result, now).unwrap_or(Conclusion::GaveUp { held: false }),
        Outcome::Unknown if result.hold => Conclusion::GaveUp { held: true },
        Outcome::Unknown => match policy.dispatch.on_unknown {
            OnUnknown::Hold => Conclusion::GaveUp { held: true },
            OnUnknown::Retry => retry(policy, item, result, now).unwrap_or(Conclusion::GaveUp { held: true }),
        },
        Outcome::Returned => {
            let first_delay = policy.retry.delays.first().copied().unwrap_or_default();
            let not_before = result.retry_at.unwrap_or(now + first_delay).max(now);
            Conclusion::GivenBack { not_before: Some(not_before) }
        }
        Outcome::Unavailable => Conclusion::GivenBack { not_before: None },
        Outcome::Accepted => Conclusion::Accepted { result_due_at: now + policy.dispatch.call_timeout },
    }
}

/// The next attempt, or none when the budget is spent. A slot that does not exist leaves the due time where it is.
fn retry(policy: &Policy, item: &Item, result: &CallResult, now: DateTime<Utc>) -> Option<Conclusion> {
    if item.tries > item.max_retries {
        return None;
    }
    let due = match result.retry_at {
        Some(at) => at.max(now),
        None => next_retry_at(&policy.retry, now, item.tries, stable_jitter(item.id, item.attempts)),
    };
    Some(Conclusion::RetryAt(slot_of(policy, item, due).unwrap_or(due)))
}
