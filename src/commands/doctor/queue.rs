//! What the queue waits for as `doctor` finds it: receivers of events, registries, slots, runs and promised calls.

use super::findings::Findings;
use crate::commands::context::Context;
use crate::commands::one_clock::one_clock;
use crate::commands::reschedule;
use crate::commands::runs::run_warnings;
use crate::output::span;
use crate::query::{RegistryAges, event_status};
use crate::store::{Store, StoreResult};

/// The events that wait for hooks and webhooks. Without a receiver and an event it says nothing.
pub(super) fn events(store: &Store, context: &Context<'_>, findings: &mut Findings) -> StoreResult<()> {
    let status = event_status(store)?;
    let way_out = "`callq events list` says why, `callq events retry` tries again";
    if status.dead > 0 {
        findings.warning("events", format!("{} dead, never delivered: {way_out}", status.dead));
    }
    let late = status.waits_since(context.now());
    if let Some(since) = late {
        let length = span(context.now() - since);
        findings.warning("events", format!("{} to be delivered, the oldest for {length}: {way_out}", status.waiting));
    }
    let receivers = context.settings().map_or(0, |settings| settings.receivers.all().len());
    if receivers > 0 && status.dead == 0 && late.is_none() {
        findings.ok("events", format!("receivers: {receivers}; events to be delivered: {}", status.waiting));
    }
    Ok(())
}

pub(super) fn missed_callbacks(store: &Store, context: &Context<'_>, findings: &mut Findings) -> StoreResult<()> {
    let count = store.missed_callbacks(None, context.now())?;
    let calls = if count == 1 { "promised call was" } else { "promised calls were" };
    if count > 0 {
        findings.warning("callbacks", format!("{count} {calls} missed: callq list --callbacks"));
    }
    Ok(())
}

/// Whether a run comes, and whether the dispatchers of the last ones could be started.
pub(super) fn runs(store: &Store, context: &Context<'_>, findings: &mut Findings) -> StoreResult<()> {
    let Ok(settings) = context.settings() else { return Ok(()) };
    for warning in run_warnings(store, &settings.policies, context.now())? {
        findings.warning("runs", warning);
    }
    Ok(())
}

/// The copies of the registries that the configuration asks: without a fresh one the calls of its clients wait.
pub(super) fn registries(store: &Store, context: &Context<'_>, findings: &mut Findings) -> StoreResult<()> {
    let Ok(settings) = context.settings() else { return Ok(()) };
    let ages = RegistryAges::of(store, &settings.policies, context.now())?;
    for name in ages.asked() {
        let import = format!("callq dnc import {name} -f FILE --as-of DATE");
        match store.registry(name)? {
            None => findings.warning("registries", format!("{name} has no copy, and calls wait for it: {import}")),
            Some(copy) if ages.is_stale(&copy) => {
                let old = format!("the copy of {name} as of {} is too old, and calls wait for it", copy.as_of);
                findings.warning("registries", format!("{old}: {import}"));
            }
            Some(copy) => {
                let until = ages.fresh_until(&copy);
                findings.ok("registries", format!("{name} as of {}, fresh until {until}", copy.as_of));
            }
        }
    }
    Ok(())
}

/// Items that wait for longer than the hours of today ask for.
pub(super) fn later_slots(store: &Store, context: &Context<'_>, findings: &mut Findings) -> StoreResult<()> {
    let Ok(settings) = context.settings() else { return Ok(()) };
    if let Some(words) = reschedule::later_slots(store, &settings, None, context)? {
        findings.warning("slots", words);
    }
    if let Some(words) = one_clock(store, &settings.policies)? {
        findings.warning("order", words);
    }
    Ok(())
}
