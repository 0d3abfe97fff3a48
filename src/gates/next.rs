//! When an item can be called next, as far as that is known now.

use chrono::{DateTime, Utc};

use super::due::earliest;
use super::hours::slot_of;
use super::registry::waits_for_import;
use super::{cap, number_rest};
use crate::contract::{Gate, NextCall, Verdict};
use crate::model::{DispatchKind, Item, NumberFacts, Pause};
use crate::scheduler::Policy;

/// The next call of an item by the verdicts of [`super::evaluate`].
pub(crate) fn next_call(policy: &Policy, item: &Item, verdicts: &[Verdict], now: DateTime<Utc>) -> NextCall {
    // What a gate holds back is called as soon as that gate says, which may be sooner than it said when a run asked it.
    let is_blocked = item.blocked_by.is_some();
    let mut after = if is_blocked { now.max(item.scheduled_at) } else { earliest(item, now) };
    for closed in verdicts.iter().filter(|verdict| !verdict.open) {
        if waits_for_import(closed) {
            // Nobody knows when somebody imports a copy.
            continue;
        }
        match (closed.gate, closed.until) {
            (
                Gate::Status
                | Gate::Configuration
                | Gate::Expired
                | Gate::Paused
                | Gate::DoNotCall
                | Gate::Registry
                | Gate::Consent
                | Gate::InvalidNumber,
                None,
            ) => {
                return NextCall::Never;
            }
            // The slot search asks these itself, for every instant.
            (
                Gate::BusinessHours
                | Gate::Workday
                | Gate::PriorityHours
                | Gate::QuietHours
                | Gate::Holiday
                | Gate::CallingHours
                | Gate::Law
                | Gate::Place
                | Gate::Slot
                | Gate::Due,
                _,
            ) => {}
            (_, Some(until)) => after = after.max(until),
            (_, None) => {}
        }
    }
    match slot_of(policy, item, after) {
        None => NextCall::Never,
        Some(slot) if item.has_expired_at(slot) => NextCall::ExpiresBefore(slot),
        Some(slot) => NextCall::At(slot),
    }
}

/// The first instant from `due` on at which neither a cap nor the rest of its number keeps an item from being called, when
/// nobody else calls the number. They only open as time goes on.
pub(crate) fn free_from(policy: &Policy, item: &Item, number: &NumberFacts, due: DateTime<Utc>) -> DateTime<Utc> {
    let asked = [cap::ask(item, number, policy, due), number_rest::ask(item, number, policy, due)];
    asked.iter().filter_map(|verdict| verdict.until).fold(due, Ord::max)
}

/// From when on a call may start that is due at an instant and that some pauses hold; none without a dispatcher, with a wrong
/// configuration, or under a pause without an end.
pub(crate) fn may_start(
    policy: &Policy,
    holds: impl Fn(&Pause) -> bool,
    pauses: &[Pause],
    due: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if policy.dispatch.kind == DispatchKind::None || policy.fault.is_some() {
        return None;
    }
    let holding = pauses.iter().filter(|pause| holds(pause));
    let ends = holding.map(|pause| pause.until).try_fold(now, |latest, until| until.map(|until| until.max(latest)));
    Some(ends?.max(due))
}
