//! May it be called now? The one answer: the claim, `why`, the dry run, listings and the next call ask here.
//!
//! A gate is one file: what it needs of the facts, and its verdict. Gates stand in the order in which a run asks them:
//! those of a client, then those of a group (client, priority, place), then those of a single item.

mod cap;
mod capacity;
mod configuration;
mod consent;
mod demands;
mod dial;
mod dispatcher;
mod do_not_call;
mod due;
mod expired;
mod facts;
mod hours;
mod invalid_number;
mod law;
mod next;
mod number_in_use;
mod number_rest;
mod paused;
mod rate_limit;
mod registry;
mod status;

use chrono::{DateTime, TimeDelta, Utc};

pub(crate) use cap::{CapTally, cap_tallies};
pub(crate) use demands::Demands;
pub(crate) use dial::{dial_record, opening_consent};
pub(crate) use due::earliest;
pub(crate) use facts::{ClientFacts, Facts, RunFacts};
pub(crate) use hours::{business_hours, closed_window, slot_of};
pub(crate) use law::{caps_of, law_in_force, longest_look_back, look_back};
pub(crate) use next::{free_from, may_start, next_call};
pub(crate) use paused::UNTIL_RESUMED;
pub(crate) use registry::waits_for_import;

use crate::contract::{DispatcherState, Evidence, Gate, RegistryState, Verdict};
use crate::model::{Event, Item, ListQuestions, NumberFacts, Pause};
use crate::scheduler::Policy;

/// The verdicts of all gates on an item at `now`, in the order in which a run asks. A run calls the item when all are open.
pub(crate) fn evaluate(facts: &Facts<'_>, policy: &Policy, now: DateTime<Utc>) -> Vec<Verdict> {
    let Facts { item, client, number } = facts;
    let mut verdicts = vec![status::ask(item)];
    verdicts.extend(of_client(client, Some(item), policy, now));
    verdicts.push(due::ask(item, now));
    verdicts.extend(hours::ask(item, policy, now));
    verdicts.extend(of_candidate(item, number, policy, now));
    verdicts
}

/// The verdicts of the gates that all items of a client share; `item` adds what the dispatcher
/// will miss, and the pauses of a part.
pub(crate) fn of_client(
    client: &ClientFacts<'_>,
    item: Option<&Item>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Vec<Verdict> {
    vec![
        configuration::ask(policy),
        dispatcher::ask(client, item, policy, now),
        paused::ask(&client.activity.pauses, item),
        capacity::ask(client, policy),
        rate_limit::ask(client, policy),
    ]
}

/// The verdicts that a run asks of one item that is due and whose client and window are open.
pub(crate) fn of_selected(
    item: &Item,
    number: &NumberFacts,
    pauses: &[Pause],
    policy: &Policy,
    now: DateTime<Utc>,
) -> Vec<Verdict> {
    let mut verdicts = vec![paused::ask(pauses, Some(item))];
    verdicts.extend(of_candidate(item, number, policy, now));
    verdicts
}

/// The same but for pauses, which [`of_client`] asks.
pub(crate) fn of_candidate(item: &Item, number: &NumberFacts, policy: &Policy, now: DateTime<Utc>) -> Vec<Verdict> {
    let mut verdicts = vec![expired::ask(item, now)];
    verdicts.extend(invalid_number::ask(item));
    verdicts.extend(lawful(item, number, policy, now));
    verdicts.push(number_in_use::ask(number));
    verdicts
}

/// The verdicts of the lists on the number of an item.
fn of_lists(item: &Item, number: &NumberFacts, policy: &Policy, now: DateTime<Utc>) -> [Verdict; 3] {
    let demands = Demands::of(policy, &item.place, now);
    [
        do_not_call::ask(number),
        registry::ask(item.phone.as_ref(), &demands, &number.lists, policy, now),
        consent::ask(&demands, &number.lists, now),
    ]
}

/// The verdicts of lists, caps and rest on a call: what of the law does not depend on the hour.
pub(crate) fn lawful(item: &Item, number: &NumberFacts, policy: &Policy, now: DateTime<Utc>) -> Vec<Verdict> {
    let mut verdicts = Vec::from(of_lists(item, number, policy, now));
    verdicts.extend([cap::ask(item, number, policy, now), number_rest::ask(item, number, policy, now)]);
    verdicts
}

/// The questions to the store about the number of an item.
pub(crate) fn list_questions(policy: &Policy, item: &Item, now: DateTime<Utc>) -> ListQuestions {
    Demands::of(policy, &item.place, now).questions()
}

/// The first closed gate of a candidate. When it has an end, that is the end of all that are closed and have one, so that
/// the item is looked at once.
pub(crate) fn closed_gate(verdicts: Vec<Verdict>) -> Option<Verdict> {
    let last = verdicts.iter().filter(|verdict| !verdict.open).filter_map(|verdict| verdict.until).max();
    let closed = verdicts.into_iter().find(|verdict| !verdict.open)?;
    Some(Verdict { until: closed.until.and(last), ..closed })
}

/// The first gate that keeps a claimed call from beginning, or its request from being sent again. The claim asked the
/// same a moment or minutes ago. Capacity, rate, due time and who uses the number are not asked again: the attempt itself
/// keeps its place in them.
pub(crate) fn closed_at_start(
    item: &Item,
    pauses: &[Pause],
    number: &NumberFacts,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Option<Verdict> {
    let mut verdicts = vec![configuration::ask(policy), paused::ask(pauses, Some(item)), expired::ask(item, now)];
    verdicts.extend(lawful(item, number, policy, now));
    let closed = verdicts.into_iter().find(|verdict| !verdict.open);
    closed.or_else(|| closed_window(policy, &item.place, item.hours_priority(), now))
}

/// How many more calls of a client may start now by the verdicts of [`of_client`].
///
/// # Errors
/// The first gate that is closed.
pub(crate) fn free_calls(verdicts: Vec<Verdict>) -> Result<u32, Verdict> {
    let mut free = u32::MAX;
    for verdict in verdicts {
        if !verdict.open {
            return Err(verdict);
        }
        free = match verdict.evidence {
            Evidence::Dispatcher(DispatcherState::Probing) => free.min(1),
            Evidence::Capacity { in_progress, most } => free.min(most.saturating_sub(in_progress)),
            Evidence::Rate { started, most: most @ 1.. } => free.min(most.saturating_sub(started)),
            _ => free,
        };
    }
    Ok(free)
}

/// What a run does with an item whose gate is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// It stays where it is, and the run looks at the next one.
    Skip,
    /// It leaves the queue until this instant, so that no turn looks at it again.
    BlockUntil(DateTime<Utc>),
    /// It fails for good.
    Fail {
        event: Event,
        /// The word that becomes its last reason.
        reason: &'static str,
        /// What the history says instead, where that says more.
        detail: Option<String>,
    },
}

/// An item that waits for the copy of a registry is looked at again after this time; an import lets it go sooner.
const IMPORT_ASKED_AGAIN: TimeDelta = TimeDelta::hours(1);

/// What the closed gate of a candidate means for it.
pub(crate) fn consequence(verdict: &Verdict, now: DateTime<Utc>) -> Consequence {
    let fail = |event, reason, detail| Consequence::Fail { event, reason, detail };
    match (verdict.gate, verdict.until) {
        (Gate::DoNotCall, _) => fail(Event::NotToBeCalled, "do_not_call", None),
        (Gate::Registry, _) => match &verdict.evidence {
            Evidence::Registry(RegistryState::Listed { name, .. }) => {
                fail(Event::NotToBeCalled, "do_not_call", Some(format!("registry {name}")))
            }
            _ => Consequence::BlockUntil(now + IMPORT_ASKED_AGAIN),
        },
        (Gate::Paused, until) => Consequence::BlockUntil(until.unwrap_or(UNTIL_RESUMED)),
        (Gate::Consent, _) => fail(Event::NotToBeCalled, "no_consent", None),
        (Gate::InvalidNumber, _) => fail(Event::InvalidNumber, "invalid_number", None),
        // The sweep of expired items comes to it.
        (Gate::Expired, _) | (_, None) => Consequence::Skip,
        (_, Some(until)) => Consequence::BlockUntil(until),
    }
}
