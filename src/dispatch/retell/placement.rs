//! The placing of one call: sent once, looked up when in doubt, and sent again only when the provider has no such call and
//! every gate is still open.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::call_object::CallObject;
use super::http::{Answer, Exchange};
use super::outages::Outages;
use super::requests::Requests;
use super::{request, send_probe};
use crate::clock::Clock;
use crate::dispatch::call::{Call, Ended};
use crate::dispatch::provider::{AccountId, LookUp, Outage};
use crate::dispatch::start_gate::{Closed, StartAnswer, StartGate};
use crate::model::{AttemptId, CallResult, Outcome, PhoneNumber};

/// How long to wait before each look-up of a call in doubt, in seconds. After the last one the call is unknown.
const LOOK_UP_AFTER: [i64; 6] = [1, 2, 5, 10, 30, 60];

/// The provider forgets a key after an hour; the same request is not sent again later than this.
const SEND_AGAIN_WITHIN: TimeDelta = TimeDelta::minutes(50);

/// How long a client waits when the provider says "wait" without a time.
const USUAL_WAIT: TimeDelta = TimeDelta::seconds(30);

/// A call that has waited this long for its turn is not placed: `max_per_minute` counts it in the minute of its claim.
const LONGEST_QUEUE: TimeDelta = TimeDelta::seconds(30);

/// What came of the placing, and what it says of the dispatcher.
#[derive(Debug)]
pub(super) struct Placed {
    result: CallResult,
    /// The account cannot be used at all.
    account_unusable: bool,
    /// It cannot be used because the provider refuses its key.
    pub(super) key_refused: bool,
    counts_for_breaker: bool,
    not_begun: bool,
    client_waits_until: Option<DateTime<Utc>>,
}

impl Placed {
    pub(super) fn of(result: CallResult) -> Placed {
        Placed {
            result,
            account_unusable: false,
            key_refused: false,
            counts_for_breaker: false,
            not_begun: false,
            client_waits_until: None,
        }
    }

    /// The account cannot be used, for this reason.
    pub(super) fn unusable(reason: String) -> Placed {
        Placed { account_unusable: true, ..Placed::of(CallResult::of(Outcome::Unavailable).because(reason)) }
    }

    fn not_begun(closed: Closed) -> Placed {
        Placed { not_begun: true, ..Placed::of(closed.returned()) }
    }

    pub(super) fn end(self, call: Call) -> Ended {
        Ended {
            could_not_start: self.account_unusable,
            counts_for_breaker: self.counts_for_breaker,
            not_begun: self.not_begun,
            client_waits_until: self.client_waits_until,
            ..Ended::of(call, self.result)
        }
    }
}

/// What a call is placed with.
pub(super) struct Placing<'a> {
    pub(super) provider: Requests<'a>,
    pub(super) clock: &'a dyn Clock,
    pub(super) gate: &'a Arc<dyn StartGate>,
    pub(super) outages: &'a Outages,
    pub(super) call: &'a Call,
}

impl Placing<'_> {
    pub(super) fn place(&self, phone: &PhoneNumber) -> Placed {
        let Placing { provider, call, .. } = self;
        let sent_at = self.clock.now();
        if sent_at - call.started_at > LONGEST_QUEUE {
            let result = CallResult::of(Outcome::Returned).because("waited too long for its turn");
            return Placed { not_begun: true, ..Placed::of(result) };
        }
        if let Some(Outage::Silent(reason)) = self.outages.of(&AccountId::from(provider.settings)) {
            let result = CallResult::of(Outcome::Returned).because(format!("the provider does not answer: {reason}"));
            return Placed { account_unusable: true, counts_for_breaker: true, ..Placed::of(result) };
        }
        // Before a connection is made for nothing; it is asked again when that stands.
        if let StartAnswer::Closed(closed) = self.gate.ask(call.attempt, call.item.id) {
            return Placed::not_begun(closed);
        }
        let body = request::placement(call, phone, provider.settings);
        // From here on only the provider can say whether the call was placed.
        if let Err(error) = call.lease.mark_started() {
            let result = CallResult::of(Outcome::Returned).because(format!("the lease cannot be written: {error}"));
            return Placed::of(result);
        }
        match self.send(&body) {
            Err(closed) => Placed::not_begun(closed),
            Ok(Exchange::NotSent(reason)) => {
                let reason = format!("the provider was not reached: {reason}");
                let result = CallResult::of(Outcome::Returned).because(reason);
                Placed { counts_for_breaker: true, ..Placed::of(result) }
            }
            Ok(Exchange::Broken(doubt)) => self.resolve(&body, sent_at, doubt),
            Ok(Exchange::Answered(answer)) => match accepted(&answer, self.call.attempt) {
                Some(call_id) => Placed::of(accepted_as(call_id)),
                None if is_final(answer.status) => refused(*provider, &answer, self.clock.now()),
                None => self.resolve(&body, sent_at, provider.refusal(&answer)),
            },
        }
    }

    /// Sends the request that places the call, if every gate is open when its first byte would leave.
    fn send(&self, body: &[u8]) -> Result<Exchange<CallObject>, Closed> {
        let (gate, attempt, item) = (self.gate.clone(), self.call.attempt, self.call.item.id);
        send_probe::guarded(move || gate.ask(attempt, item), || self.provider.place(body))
    }

    /// Finds out what became of a request that may have arrived.
    ///
    /// Each look-up that finds no call is followed by the same request with the same key, by which the provider gives back
    /// the call that it has already, should the first request still be under way. A closed gate ends that, and only
    /// look-ups follow. Only a call that has a name ends the doubt: a refusal of the second request does not speak of the
    /// first.
    fn resolve(&self, body: &[u8], sent_at: DateTime<Utc>, doubt: String) -> Placed {
        let Placing { provider, clock, .. } = self;
        let account_in_doubt = self.outages.doubt(AccountId::from(provider.settings));
        let (mut last, mut answers, mut stopped) = (doubt.clone(), false, None::<Closed>);
        for seconds in LOOK_UP_AFTER {
            clock.sleep_until(clock.now() + TimeDelta::seconds(seconds));
            match provider.look_up(self.call.attempt) {
                LookUp::Found(call_id) => {
                    return Placed::of(accepted_as(call_id).with_detail(format!("looked up after: {doubt}")));
                }
                LookUp::NoAnswer(reason) => {
                    answers = false;
                    last = format!("look-up: {reason}");
                    continue;
                }
                LookUp::NotFound => answers = true,
            }
            if clock.now() - sent_at >= SEND_AGAIN_WITHIN {
                last = "look-up: not found, and too late to send it again".to_owned();
                break;
            }
            if stopped.is_none() {
                match self.send(body) {
                    Err(closed) => stopped = Some(closed),
                    Ok(Exchange::Answered(answer)) => match accepted(&answer, self.call.attempt) {
                        Some(call_id) => {
                            return Placed::of(accepted_as(call_id).with_detail(format!("sent again after: {doubt}")));
                        }
                        None => {
                            answers = is_final(answer.status);
                            last = format!("sent again: {}", provider.refusal(&answer));
                        }
                    },
                    Ok(Exchange::NotSent(reason) | Exchange::Broken(reason)) => {
                        answers = false;
                        last = format!("sent again: {reason}");
                    }
                }
            }
            if let Some(closed) = &stopped {
                last = format!("look-up: not found, and not sent again: {}", closed.detail);
            }
        }
        if !answers {
            account_in_doubt.becomes_silence(last.clone());
        }
        let result = CallResult::of(Outcome::Unknown)
            .because("nobody knows whether the provider placed the call")
            .with_detail(format!("{doubt}; {last}"));
        Placed { account_unusable: !answers, counts_for_breaker: true, ..Placed::of(result) }
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
fn refused(provider: Requests<'_>, answer: &Answer<CallObject>, now: DateTime<Utc>) -> Placed {
    let said = provider.refusal(answer);
    match answer.status {
        400 => Placed {
            counts_for_breaker: true,
            ..Placed::of(CallResult::of(Outcome::Failed).because("rejected").with_detail(said))
        },
        401 => {
            let result = CallResult::of(Outcome::Unavailable).because("the provider refused the key (401)");
            Placed { account_unusable: true, key_refused: true, ..Placed::of(result.with_detail(said)) }
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
