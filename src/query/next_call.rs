//! The next instant at which an item, or anything at all, can be called.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::gates::{earliest, may_start, slot_of};
use crate::model::{ClientId, Item, LeadPlace, Pause, Priority};
use crate::scheduler::{LegalPlace, Policy, PolicyBook, SlotFinder, next_slot};
use crate::store::{Filter, Group, Store, StoreResult};

/// The most items held back by returned attempts that are read for the next call: the first one nearly always
/// decides.
const MOST_RETURNED: usize = 100;

/// How many of the items that are due first are read before the groups of all clients.
const FIRST_WAITING: usize = 16;

/// The next instant at which an item can be called, by the present policy; `None` when it does not wait, or expires before.
pub(crate) fn item_next_call(policies: &PolicyBook, item: &Item, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    NextCalls::new(policies, now).of(item)
}

/// The next calls of many items in any order. Items that share policy, priority and zones share one search.
pub(crate) struct NextCalls<'a> {
    policies: &'a PolicyBook,
    now: DateTime<Utc>,
    /// By the policy, which most clients share.
    finders: HashMap<*const Policy, Vec<SharedWindow>>,
}

/// Items that share policy, priority and place. A zone of newer zone data is unknown here: such items are never called.
struct SharedWindow {
    priority: Priority,
    place: LeadPlace,
    finder: Option<SlotFinder>,
}

impl<'a> NextCalls<'a> {
    /// The calls from `now` on.
    pub(crate) fn new(policies: &'a PolicyBook, now: DateTime<Utc>) -> NextCalls<'a> {
        NextCalls { policies, now, finders: HashMap::new() }
    }

    /// The next instant at which an item can be called; `None` when it does not wait, or expires before.
    pub(crate) fn of(&mut self, item: &Item) -> Option<DateTime<Utc>> {
        if !item.status.is_waiting() {
            return None;
        }
        let due = earliest(item, self.now);
        let slot = self.finder(&item.client, item.hours_priority(), &item.place)?.next(due);
        slot.filter(|slot| !item.has_expired_at(*slot))
    }

    /// Finds the slots of a client's items of one priority and place; `None` when they are never called, or their
    /// hours are unknown.
    pub(super) fn finder(
        &mut self,
        client: &ClientId,
        priority: Priority,
        place: &LeadPlace,
    ) -> Option<&mut SlotFinder> {
        let policy = self.policies.of(client);
        if policy.fault.is_some() {
            return None;
        }
        let known = self.finders.entry(Arc::as_ptr(policy)).or_default();
        let found = known.iter().position(|alike| alike.priority == priority && alike.place == *place);
        let index = found.unwrap_or_else(|| {
            let legal = LegalPlace::of(&policy.hours, place).ok();
            let finder = legal.map(|legal| SlotFinder::new(policy.clone(), legal, priority));
            known.push(SharedWindow { priority, place: place.clone(), finder });
            known.len() - 1
        });
        known.get_mut(index)?.finder.as_mut()
    }
}

/// The next instant at which a call of a client, or of any, can start: by hours, pauses and due times, not by free
/// slots. A client without a dispatcher never calls.
pub(crate) fn next_call_at(
    store: &Store,
    policies: &PolicyBook,
    client: Option<&ClientId>,
    now: DateTime<Utc>,
) -> StoreResult<Option<DateTime<Utc>>> {
    let pauses = store.pauses(now)?;
    if client.is_none() {
        let first = store.first_waiting(FIRST_WAITING)?;
        let slots = first.iter().filter_map(|item| item_slot(policies.of(&item.client), item, &pauses, now));
        let earliest = slots.min();
        // No slot comes before its item is due. One that comes before every other item is due is the earliest.
        let is_all = first.len() < FIRST_WAITING;
        if is_all || first.last().is_some_and(|last| earliest.is_some_and(|earliest| earliest <= last.scheduled_at)) {
            return Ok(earliest);
        }
    }
    let mut groups = store.groups(client, &[])?;
    groups.sort_by_key(|group| group.head);
    let mut earliest: Option<DateTime<Utc>> = None;
    let mut known: BTreeMap<ClientId, Arc<Policy>> = BTreeMap::new();
    for group in groups {
        if earliest.is_some_and(|earliest| group.head >= earliest || earliest <= now) {
            break;
        }
        let policy = known.entry(group.client.clone()).or_insert_with(|| policies.of(&group.client).clone());
        let slot = group_slot(policy, &group, &pauses, now);
        earliest = [earliest, slot].into_iter().flatten().min();
    }
    let of_client = Filter { client: client.cloned(), ..Filter::default() };
    for item in store.returned_items(&of_client, MOST_RETURNED)? {
        if earliest.is_some_and(|earliest| item.not_before >= Some(earliest)) {
            break;
        }
        let slot = item_slot(policies.of(&item.client), &item, &pauses, now);
        earliest = [earliest, slot].into_iter().flatten().min();
    }
    Ok(earliest)
}

/// The first slot after `now` of the groups of the clients that `is_asked` names, of one client or of all. A group whose
/// first item has reached its slot is left out: a run calls that item, or it waits for something else than time.
pub(crate) fn next_slot_after(
    store: &Store,
    policies: &PolicyBook,
    client: Option<&ClientId>,
    is_asked: &dyn Fn(&ClientId) -> bool,
    now: DateTime<Utc>,
) -> StoreResult<Option<DateTime<Utc>>> {
    let pauses = store.pauses(now)?;
    let groups = store.groups(client, &[])?.into_iter().filter(|group| is_asked(&group.client));
    let slots = groups.filter_map(|group| group_slot(policies.of(&group.client), &group, &pauses, now));
    Ok(slots.filter(|slot| *slot > now).min())
}

/// The slot of an item, after the present pauses.
fn item_slot(policy: &Policy, item: &Item, pauses: &[Pause], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let after = may_start(policy, |pause| pause.holds(item), pauses, earliest(item, now), now)?;
    slot_of(policy, item, after).filter(|slot| !item.has_expired_at(*slot))
}

fn group_slot(policy: &Policy, group: &Group, pauses: &[Pause], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let after = may_start(policy, |pause| pause.holds_all_of(&group.client), pauses, group.head, now)?;
    next_slot(&policy.hours, &LegalPlace::of(&policy.hours, &group.place).ok()?, group.priority, after)
}

/// The clients, of one or all, that have items due at `now`.
pub(crate) fn due_now(store: &Store, client: Option<&ClientId>, now: DateTime<Utc>) -> StoreResult<Vec<ClientId>> {
    let mut due: Vec<ClientId> =
        store.groups(client, &[])?.into_iter().filter(|group| group.head <= now).map(|group| group.client).collect();
    due.dedup();
    Ok(due)
}
