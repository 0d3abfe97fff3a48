//! What `why` tells of an item: every gate's verdict, and the next instant at which all of them can be open.

use chrono::{DateTime, Utc};

use super::gates::{GateVerdict, gates};
use super::next_call::{earliest, slot_of};
use crate::model::Item;
use crate::scheduler::Policy;
use crate::store::{Store, StoreResult};

/// The answer of [`verdict`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The gates, in the order in which a run asks.
    pub gates: Vec<GateVerdict>,
    /// When it can be called.
    pub next: Next,
}

/// When an item can be called, as far as that is known now: by its status, pauses, due time, hours, expiry and the rate
/// limit. When a call ends, or a dispatcher is configured, nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// At this instant; `now` when nothing that has a known end stands in the way.
    At(DateTime<Utc>),
    /// It would have this slot, but expires before.
    ExpiresBefore(DateTime<Utc>),
    /// Never, unless a person changes something: a closed gate says what.
    Never,
}

impl Verdict {
    /// Whether a run would call the item now.
    pub fn is_callable(&self) -> bool {
        self.gates.iter().all(|gate| gate.open)
    }

    /// The next instant at which the item can be called.
    pub fn next_call_at(&self) -> Option<DateTime<Utc>> {
        match self.next {
            Next::At(instant) => Some(instant),
            Next::ExpiresBefore(_) | Next::Never => None,
        }
    }
}

/// Asks all gates about an item at `now`.
///
/// # Errors
/// When the database cannot be read.
pub fn verdict(store: &Store, policy: &Policy, item: &Item, now: DateTime<Utc>) -> StoreResult<Verdict> {
    let gates = gates(store, policy, item, now)?;
    let next = next(policy, item, &gates, now);
    Ok(Verdict { gates, next })
}

fn next(policy: &Policy, item: &Item, gates: &[GateVerdict], now: DateTime<Utc>) -> Next {
    let mut after = earliest(item, now);
    for gate in gates.iter().filter(|gate| !gate.open) {
        match (gate.gate, gate.until) {
            ("status" | "expired" | "paused" | "do_not_call", None) => return Next::Never,
            ("paused" | "rate_limit" | "number_in_use", Some(until)) => after = after.max(until),
            _ => {}
        }
    }
    match slot_of(policy, item, after) {
        None => Next::Never,
        Some(slot) if item.has_expired_at(slot) => Next::ExpiresBefore(slot),
        Some(slot) => Next::At(slot),
    }
}

#[cfg(test)]
mod tests;
