//! No cap on the calls to a number is reached: its attempts are counted over all items and clients.

use chrono::{DateTime, Utc};

use super::law::caps_of;
use crate::compliance::{Cap, Dial, PastAttempt, closed_caps};
use crate::contract::{ClosedCap, Evidence, Gate, Verdict};
use crate::model::{CapLimit, Item, NumberCall, NumberFacts};
use crate::scheduler::Policy;

pub(super) fn ask(item: &Item, number: &NumberFacts, policy: &Policy, now: DateTime<Utc>) -> Verdict {
    let caps = caps_of(policy, &item.place, &number.lists.consents, now);
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
    // The one that opens last stands first.
    closed.sort_by(|a, b| b.until.cmp(&a.until).then_with(|| a.id.cmp(&b.id)));
    let until = closed.first().map(|closed| closed.until);
    let evidence = Evidence::Caps { number: item.phone.clone(), asked: caps.len(), closed };
    Verdict { until, ..Verdict::of(Gate::Cap, until.is_none(), evidence) }
}

/// What one cap counts of the calls to a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CapTally {
    /// The id of the rule.
    pub id: String,
    pub limit: CapLimit,
    /// How many calls count within its hours.
    pub counted: usize,
}

/// What each cap of a call counts, and how many calls count for at least one of them; `None` when no cap is
/// asked.
pub(crate) fn cap_tallies(
    item: &Item,
    number: &NumberFacts,
    policy: &Policy,
    now: DateTime<Utc>,
) -> (Vec<CapTally>, Option<u32>) {
    let Some(phone) = &item.phone else { return (Vec::new(), None) };
    let (purpose, voice) = (policy.law.purpose, policy.law.voice);
    let dial = Dial { now, number: phone.as_str(), client: item.client.as_str(), purpose, voice };
    let caps = caps_of(policy, &item.place, &number.lists.consents, now).into_iter();
    let caps: Vec<Cap> = caps.filter(|cap| cap.applies_to.fit_dial(purpose, voice)).collect();
    let attempts: Vec<PastAttempt<'_>> = number.calls.iter().map(|call| past_attempt(call, phone.as_str())).collect();
    let tally = |cap: &Cap| CapTally {
        id: cap.id.to_string(),
        limit: cap.limit,
        counted: attempts.iter().filter(|attempt| cap.counts_now(dial, attempt)).count(),
    };
    let counted = attempts.iter().filter(|attempt| caps.iter().any(|cap| cap.counts_now(dial, attempt))).count();
    let counted = (!caps.is_empty()).then(|| u32::try_from(counted).unwrap_or(u32::MAX));
    (caps.iter().map(tally).collect(), counted)
}

/// What is unknown of an attempt counts as the worst.
fn past_attempt<'a>(call: &'a NumberCall, number: &'a str) -> PastAttempt<'a> {
    let NumberCall { client, started_at, reached, purpose, voice, .. } = call;
    let client = client.as_str();
    PastAttempt { at: *started_at, number, client, purpose: *purpose, voice: *voice, reached: *reached }
}
