//! For `law.number_rest` no other item of the client called the number. An item's own retries do not wait for it.

use chrono::{DateTime, Utc};

use crate::contract::{Evidence, Gate, Verdict};
use crate::model::{Item, NumberCall, NumberFacts, Reached};
use crate::scheduler::Policy;

pub(super) fn ask(item: &Item, number: &NumberFacts, policy: &Policy, now: DateTime<Utc>) -> Verdict {
    let rest = policy.law.number_rest;
    let others = number.calls.iter().filter(|call| call.item != item.id && call.client == item.client);
    let last = others.filter(|call| took_place(call)).max_by_key(|call| call.started_at);
    let until = last.map(|call| call.started_at + rest).filter(|until| !rest.is_zero() && *until > now);
    let last = last.filter(|_| until.is_some()).cloned();
    Verdict { until, ..Verdict::of(Gate::NumberRest, until.is_none(), Evidence::NumberRest { last, rest }) }
}

/// Whether the network was reached, as far as anybody knows.
fn took_place(call: &NumberCall) -> bool {
    call.reached != Some(Reached::None)
}
