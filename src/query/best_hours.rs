//! The hours of the week that clients learn from their own calls, and what they add to the order.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::lead_clocks::LeadClocks;
use crate::model::{ClientId, HourCalls, HourRate, HoursOfWeek, LeadPlace, Outcome, Priority};
use crate::scheduler::{GroupHours, LegalPlace, Policy, PolicyBook, hour_of_week, hour_rates};
use crate::store::{AttemptDetail, QueueReader, Store, StoreResult};

/// The newest calls from which a client learns, and those of all clients together.
const MOST_CALLS: u32 = 20_000;
/// Older calls do not count.
const OLDEST: TimeDelta = TimeDelta::days(365);

/// What the hour adds to the score of items, group by group; each is worked out once.
pub(crate) struct BestHours {
    now: DateTime<Utc>,
    rates: RefCell<HashMap<ClientId, Option<Arc<HoursOfWeek<HourRate>>>>>,
    groups: RefCell<HashMap<(ClientId, LeadPlace, Priority), Option<GroupHours>>>,
}

impl BestHours {
    /// The hours as they stand at `now`.
    pub(crate) fn new(now: DateTime<Utc>) -> BestHours {
        BestHours { now, rates: RefCell::default(), groups: RefCell::default() }
    }

    /// The hours of a group; none where the client learns none, or has learned none yet.
    pub(crate) fn of(
        &self,
        reader: QueueReader<'_>,
        policy: &Policy,
        client: &ClientId,
        place: &LeadPlace,
        priority: Priority,
    ) -> StoreResult<Option<GroupHours>> {
        if policy.order.best_hours.is_none() {
            return Ok(None);
        }
        let key = (client.clone(), place.clone(), priority);
        if let Some(known) = self.groups.borrow().get(&key) {
            return Ok(known.clone());
        }
        let rates = match self.rates.borrow_mut().entry(client.clone()) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(free) => free.insert(reader.hour_rates(client)?.map(Arc::new)).clone(),
        };
        let hours = rates.and_then(|rates| group_hours(&rates, policy, place, priority, self.now));
        self.groups.borrow_mut().insert(key, hours.clone());
        Ok(hours)
    }
}

fn group_hours(
    rates: &Arc<HoursOfWeek<HourRate>>,
    policy: &Policy,
    place: &LeadPlace,
    priority: Priority,
    now: DateTime<Utc>,
) -> Option<GroupHours> {
    // A group whose zone nobody knows is closed.
    let place = LegalPlace::of(&policy.hours, place).ok()?;
    GroupHours::new(rates, policy, &place, priority, now)
}

/// The newest calls of a client by the hour of the week on the lead's clock.
fn calls_by_hour(
    store: &Store,
    policies: &PolicyBook,
    client: &ClientId,
    most: u32,
    now: DateTime<Utc>,
) -> StoreResult<HoursOfWeek<HourCalls>> {
    let home = &policies.of(client).hours.zone;
    let mut hours = HoursOfWeek::all(HourCalls::default());
    let mut clocks = LeadClocks::default();
    let newest = store.start_of_newest(client, most)?;
    let since = newest.map_or(now - OLDEST, |newest| newest.max(now - OLDEST));
    store.visit_attempts(Some(client), Some(since), AttemptDetail::Nothing, &mut |attempt| {
        if let Some(outcome) = attempt.outcome.filter(|outcome| outcome.tells_of_its_hour()) {
            let zone = clocks.of(attempt.zones).unwrap_or(home);
            hours.note(hour_of_week(zone, attempt.started_at), outcome == Outcome::Completed);
        }
        Ok(())
    })?;
    Ok(hours)
}

/// The newest calls of all clients by the hour of the week, of each client as many as of the others at most.
pub(crate) fn calls_of_all_by_hour(
    store: &Store,
    policies: &PolicyBook,
    now: DateTime<Utc>,
) -> StoreResult<HoursOfWeek<HourCalls>> {
    let clients = store.clients()?;
    let each = MOST_CALLS / u32::try_from(clients.len().max(1)).unwrap_or(MOST_CALLS);
    let mut all = HoursOfWeek::all(HourCalls::default());
    for client in &clients {
        all.add(&calls_by_hour(store, policies, client, each.max(1), now)?);
    }
    Ok(all)
}

/// The rates of a client, from its newest calls and those of all clients.
pub(crate) fn learned_rates(
    store: &Store,
    policies: &PolicyBook,
    client: &ClientId,
    all: &HoursOfWeek<HourCalls>,
    now: DateTime<Utc>,
) -> StoreResult<HoursOfWeek<HourRate>> {
    Ok(hour_rates(all, Some(&calls_by_hour(store, policies, client, MOST_CALLS, now)?)))
}
