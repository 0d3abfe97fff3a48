//! What the outcome of an attempt means for its item.

use chrono::{DateTime, TimeDelta, Utc};

use crate::gates::{free_from, look_back, slot_of};
use crate::model::{CallResult, DispatchKind, Item, NumberFacts, OnUnknown, Outcome, Promise, to_text};
use crate::scheduler::{Policy, next_retry_at, stable_jitter};
use crate::store::{QueueReader, Resolution};

/// A returned lead is not tried again sooner, even if dispatcher and configuration say so: a dispatcher that
/// refuses at once would get the same lead some hundred times a second.
const LEAST_WAIT: TimeDelta = TimeDelta::seconds(1);

/// An attempt that ended.
#[derive(Clone, Copy)]
pub(super) struct EndedCall<'a> {
    /// Its item, which counts it already.
    pub(super) item: &'a Item,
    pub(super) started_at: DateTime<Utc>,
    pub(super) result: &'a CallResult,
}

/// The resolution for an item whose attempt ended at `now`.
pub(super) fn resolve(policy: &Policy, ended: EndedCall<'_>, queue: QueueReader<'_>, now: DateTime<Utc>) -> Resolution {
    let again = || retry(policy, ended, queue, now);
    let result = ended.result;
    match result.outcome {
        Outcome::Completed => Resolution::Completed,
        Outcome::Failed => Resolution::GaveUp { held: false },
        Outcome::Retry => again().unwrap_or(Resolution::GaveUp { held: false }),
        Outcome::Unknown if result.hold => Resolution::GaveUp { held: true },
        Outcome::Unknown => match policy.dispatch.on_unknown {
            OnUnknown::Hold => Resolution::GaveUp { held: true },
            OnUnknown::Retry => again().unwrap_or(Resolution::GaveUp { held: true }),
        },
        Outcome::Returned => {
            let first_delay = policy.retry.delays.first().copied().unwrap_or_default();
            let floor = now + first_delay.max(LEAST_WAIT);
            Resolution::Returned { not_before: Some(result.retry_at.map_or(floor, |at| at.max(floor))) }
        }
        Outcome::Unavailable => Resolution::Returned { not_before: None },
        Outcome::Accepted => Resolution::Accepted { result_due_at: now + policy.dispatch.call_timeout },
    }
}

/// Until when nobody else is called at the number of a call that ended at `now`: when its outcome is unknown, the person
/// may still be on the line. A program runs for its `timeout` at most; an accepted call, or one that the provider
/// may have placed, for `call_timeout`.
pub(super) fn number_taken_until(
    policy: &Policy,
    dispatcher: &str,
    so_far: Option<Outcome>,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let was_handed_over = so_far == Some(Outcome::Accepted) || DispatchKind::word_places_through_provider(dispatcher);
    let longest = if was_handed_over { policy.dispatch.call_timeout } else { policy.dispatch.timeout };
    (outcome == Outcome::Unknown).then(|| now + longest)
}

/// The next attempt, or none when the budget is spent: in a slot that the caps allow as well, this attempt included. A slot
/// that does not exist leaves the due time where it is.
fn retry(policy: &Policy, ended: EndedCall<'_>, queue: QueueReader<'_>, now: DateTime<Utc>) -> Option<Resolution> {
    let EndedCall { item, result, .. } = ended;
    if let Some(promised) = result.promised_at() {
        return Some(keep_promise(policy, ended, queue, promised.max(now), now));
    }
    if item.counted_attempts > item.max_retries {
        return None;
    }
    // A time in the past comes from a wrong clock, and would make the next call at once.
    let due = match result.retry_at.filter(|at| *at > now) {
        Some(at) => at,
        None => {
            let jitter = stable_jitter(item.id, item.attempts);
            next_retry_at(&policy.retry, now, item.counted_attempts, result.reason.as_deref(), jitter)
        }
    };
    let free = free_from(policy, item, &calls_with(policy, ended, queue, now), due);
    Some(Resolution::RetryAt { at: slot_of(policy, item, free).unwrap_or(due), due })
}

/// The call that was promised for an instant, whatever the budget: there, or in the first slot after it that the hours of
/// `urgent` and the caps allow.
fn keep_promise(
    policy: &Policy,
    ended: EndedCall<'_>,
    queue: QueueReader<'_>,
    promised: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Resolution {
    let facts = calls_with(policy, ended, queue, now);
    let item = Item { promise: Some(Promise::of(promised, Promise::USUAL_WINDOW)), ..ended.item.clone() };
    let free = free_from(policy, &item, &facts, promised);
    let at = slot_of(policy, &item, free).unwrap_or(promised);
    Resolution::Promised { at, until: Promise::of(at, Promise::USUAL_WINDOW).until }
}

/// What to say of a promise that could not be made for its instant; none when it was.
pub(crate) fn moved_promise(policy: &Policy, result: &CallResult, at: DateTime<Utc>) -> Option<String> {
    let promised = result.promised_at().filter(|promised| *promised != at)?;
    let local = |instant| policy.hours.zone.format_local(instant);
    Some(format!("the call promised for {} was moved to {}: nobody may be called before", local(promised), local(at)))
}

/// The calls to the number of an item, with the level of the one that ended. What cannot be read now closes its gate when
/// the next call is claimed.
fn calls_with(policy: &Policy, ended: EndedCall<'_>, queue: QueueReader<'_>, now: DateTime<Utc>) -> NumberFacts {
    let EndedCall { item, started_at, result } = ended;
    let mut facts = queue.number_facts(item, look_back(policy, &item.place), now).unwrap_or_default();
    let own = facts.calls.iter_mut().rfind(|call| call.item == item.id && call.started_at == started_at);
    if let Some(own) = own {
        own.reached = result.level();
    }
    facts
}

/// What to say of a dispatcher that asked for a next call at a time that was past when the call ended; none when it did
/// not.
pub(crate) fn wrong_clock(result: &CallResult, ended_at: DateTime<Utc>) -> Option<String> {
    let asks_again = matches!(result.outcome, Outcome::Retry | Outcome::Returned | Outcome::Unknown);
    let named = result.retry_at.filter(|at| asks_again && *at < ended_at && result.promised_at().is_none())?;
    Some(format!(
        "the dispatcher's clock is wrong: it asked for the next call at {}, when it was {}; the retry delay counts",
        to_text(named),
        to_text(ended_at),
    ))
}
