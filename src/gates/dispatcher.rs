//! The client has a dispatcher, and that works as far as the run knows.

use chrono::{DateTime, Utc};

use super::facts::ClientFacts;
use crate::contract::{DispatcherState, Evidence, Gate, Verdict};
use crate::model::{DispatchKind, Item};
use crate::scheduler::Policy;

pub(super) fn ask(client: &ClientFacts<'_>, item: Option<&Item>, policy: &Policy, now: DateTime<Utc>) -> Verdict {
    let said = |open, state| Verdict::of(Gate::Dispatcher, open, Evidence::Dispatcher(state));
    if let Some(run) = client.run {
        if let Some(fault) = &run.fault {
            return said(false, DispatcherState::AtFault(fault.clone()));
        }
        if let Some(until) = run.waits_until.filter(|until| *until > now) {
            return Verdict { until: Some(until), ..said(false, DispatcherState::Waits) };
        }
    }
    let kind = policy.dispatch.kind;
    if kind == DispatchKind::None {
        return said(false, DispatcherState::Missing);
    }
    // After a run whose dispatcher was at fault, one call of the next run finds out whether it works again. Who only looks
    // sees the fault.
    if let Some(fault) = &client.activity.last_fault {
        match client.run {
            None => return said(false, DispatcherState::Failed(fault.clone())),
            Some(run) if !run.is_proven => return said(run.in_flight == 0, DispatcherState::Probing),
            Some(_) => {}
        }
    }
    let needs_number = kind.needs_number() && item.is_some_and(|item| item.phone.is_none());
    said(true, if needs_number { DispatcherState::NeedsNumber(kind) } else { DispatcherState::Ready(kind) })
}
