//! The placing of one call: sent once, looked up when in doubt, and sent again only when the provider has no such call.

use chrono::{DateTime, TimeDelta, Utc};

use super::call_object::CallObject;
use super::http::{Answer, Exchange};
use super::provider::{LookUp, Provider};
use super::request;
use crate::clock::Clock;
use crate::dispatch::call::Call;
use crate::model::{AttemptId, CallResult, Outcome, PhoneNumber};

/// How long to wait before each look-up of a call in doubt, in seconds. After the last one the call is unknown.
const LOOK_UP_AFTER: [i64; 6] = [1, 2, 5, 10, 30, 60];

/// The provider forgets a key after an hour; the same request is not sent again later than this.
const SEND_AGAIN_WITHIN: TimeDelta = TimeDelta::minutes(50);

/// How long a client waits that was told to wait without being told how long.
const USUAL_WAIT: TimeDelta = TimeDelta::seconds(30);

/// A call that has waited so long for its turn is not placed: its window may have closed meanwhile.
const LONGEST_QUEUE: TimeDelta = TimeDelta::seconds(30);

/// What came of the placing, and what it says of the dispatcher.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) result: CallResult,
    /// The account cannot be used at all.
    pub(super) account_refused: bool,
    pub(super) counts_for_breaker: bool,
    pub(super) client_waits_until: Option<DateTime<Utc>>,
}

impl Placed {
    pub(super) fn of(result: CallResult) -> Placed {
        Placed { result, account_refused: false, counts_for_breaker: false, client_waits_until: None }
    }
}

/// Places a call.
pub(super) fn place(provider: Provider<'_>, clock: &dyn Clock, call: &Call, phone: &PhoneNumber) -> Placed {
    let sent_at = clock.now();
    if sent_at - call.started_at > LONGEST_QUEUE {
        let result = CallResult::of(Outcome::Returned).because("waited too long for its turn");
        return Placed::of(result);
    }
    let body = request::placement(call, phone, provider.settings);
    // From here on only the provider can say whether the call was placed.
    if let Err(error) = call.lease.mark_started() {
        let result = CallResult::of(Outcome::Returned).because(format!("the lease cannot be written: {error}"));
        return Placed::of(result);
    }
    match provider.place(&body) {
        Exchange::NotSent(reason) => {
            let result = CallResult::of(Outcome::Returned).because(format!("the provider was not reached: {reason}"));
            Placed { counts_for_breaker: true, ..Placed::of(result) }
        }
        Exchange::Broken(doubt) => Placed::of(resolve(provider, clock, call, &body, sent_at, doubt)),
        Exchange::Answered(answer) => match accepted(&answer, call.attempt) {
            Some(call_id) => Placed::of(accepted_as(call_id)),
            None if is_final(answer.status) => refused(provider, &answer, clock.now()),
            None => {
                let doubt = provider.refusal(&answer);
                Placed::of(resolve(provider, clock, call, &body, sent_at, doubt))
            }
        },
    }
}

/// Whether an answer to the first request says for certain that no call was placed.
fn is_final(status: u16) -> bool {
    (300..500).contains(&status)
}

/// The name of the call that was placed; none when the answer does not name one, or speaks of another attempt.
fn accepted(answer: &Answer<CallObject>, attempt: AttemptId) -> Option<String> {
    let call = answer.body.as_ref().filter(|call| call.may_be_of(attempt))?;
    call.name().map(str::to_owned)
}

fn accepted_as(call_id: String) -> CallResult {
    CallResult { call_id: Some(call_id), ..CallResult::of(Outcome::Accepted) }
}

/// What a refusal of the first request means.
fn refused(provider: Provider<'_>, answer: &Answer<CallObject>, now: DateTime<Utc>) -> Placed {
    let said = provider.refusal(answer);
    match answer.status {
        400 => Placed {
            counts_for_breaker: true,
            ..Placed::of(CallResult::of(Outcome::Failed).because("rejected").with_detail(said))
        },
        401 => {
            let result = CallResult::of(Outcome::Unavailable).because("the provider refused the key (401)");
            Placed { account_refused: true, ..Placed::of(result.with_detail(said)) }
        }
        429 => {
            let until = answer.retry_at(now).unwrap_or(now + USUAL_WAIT);
            let result = CallResult::of(Outcome::Returned).because("rate limited by the provider").with_detail(said);
            Placed { client_waits_until: Some(until), ..Placed::of(CallResult { retry_at: Some(until), ..result }) }
        }
        status => {
            let reason = format!("the provider answered {status}");
            Placed::of(CallResult::of(Outcome::Unavailable).because(reason).with_detail(said))
        }
    }
}

/// Finds out what became of a request that may have arrived.
///
/// Each look-up that finds no call is followed by the same request with the same key, by which the provider gives back
/// the call that it has already, should the first request still be under way. Only a call that has a name ends the doubt:
/// a refusal of the second request does not speak of the first.
fn resolve(
    provider: Provider<'_>,
    clock: &dyn Clock,
    call: &Call,
    body: &[u8],
    sent_at: DateTime<Utc>,
    doubt: String,
) -> CallResult {
    let mut last = doubt.clone();
    for seconds in LOOK_UP_AFTER {
        clock.sleep_until(clock.now() + TimeDelta::seconds(seconds));
        match provider.look_up(call.attempt) {
            LookUp::Found(call_id) => return accepted_as(call_id).with_detail(format!("looked up after: {doubt}")),
            LookUp::NoAnswer(reason) => last = format!("look-up: {reason}"),
            LookUp::NotFound if clock.now() - sent_at >= SEND_AGAIN_WITHIN => {
                last = "look-up: not found, and too late to send it again".to_owned();
                break;
            }
            LookUp::NotFound => match provider.place(body) {
                Exchange::Answered(answer) => match accepted(&answer, call.attempt) {
                    Some(call_id) => return accepted_as(call_id).with_detail(format!("sent again after: {doubt}")),
                    None => last = format!("sent again: {}", provider.refusal(&answer)),
                },
                Exchange::NotSent(reason) | Exchange::Broken(reason) => last = format!("sent again: {reason}"),
            },
        }
    }
    CallResult::of(Outcome::Unknown)
        .because("nobody knows whether the provider placed the call")
        .with_detail(format!("{doubt}; {last}"))
}
