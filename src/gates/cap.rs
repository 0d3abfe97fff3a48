//! No cap on the calls to a number is reached: its attempts are counted over all items and clients.

use chrono::{DateTime, Utc};

use super::law::caps_of;
use crate::compliance::{Dial, PastAttempt, closed_caps};
use crate::contract::{ClosedCap, Evidence, Gate, Verdict};
use crate::model::{Item, NumberCall, NumberFacts};
use crate::scheduler::Policy;

pub(super) fn ask(item: &Item, number: &NumberFacts, policy: &Policy, now: DateTime<Utc>) -> Verdict {
    let caps = caps_of(policy, item, &number.lists.consents, now);
    let mut closed = Vec::new();
    if let Some(phone) = item.phone.as_ref().filter(|_| !caps.is_empty()) {
        let (purpose, voice) = (policy.law.purpose, policy.law.voice);
        let dial = Dial { now, number: phone.as_str(), client: item.client.as_str(), purpose, voice };
        let past = |call| past_attempt(call, phone.as_str());
        let attempts: Vec<PastAttempt<'_>> = number.calls.iter().map(past).collect();
        closed = closed_caps(dial, &attempts, &caps)
            .into_iter()
            .map(|closed| ClosedCap {
                id: closed.cap.id.to_string(),
                limit: closed.cap.limit,
                counted: closed.counted,
                until: closed.until,
            })
            .collect();
    }
    // The one that opens last is told first.
    closed.sort_by(|a, b| b.until.cmp(&a.until).then_with(|| a.id.cmp(&b.id)));
    let until = closed.first().map(|closed| closed.until);
    let evidence = Evidence::Caps { number: item.phone.clone(), asked: caps.len(), closed };
    Verdict { until, ..Verdict::of(Gate::Cap, until.is_none(), evidence) }
}

/// What is not kept of an attempt counts as the worst.
fn past_attempt<'a>(call: &'a NumberCall, number: &'a str) -> PastAttempt<'a> {
    let NumberCall { client, started_at, reached, .. } = call;
    PastAttempt { at: *started_at, number, client: client.as_str(), purpose: None, voice: None, reached: *reached }
}
