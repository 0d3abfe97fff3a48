//! Says where learned hours cannot change the order.

use std::collections::BTreeMap;

use crate::model::ClientId;
use crate::scheduler::PolicyBook;
use crate::store::{Store, StoreResult};

/// What to say of clients that learn their hours while all their waiting leads share one clock: a group is not overtaken
/// where every group has the same hour.
pub(super) fn one_clock(store: &Store, policies: &PolicyBook) -> StoreResult<Option<String>> {
    if policies.all().all(|policy| policy.order.best_hours.is_none()) {
        return Ok(None);
    }
    let mut clocks: BTreeMap<ClientId, Option<String>> = BTreeMap::new();
    for group in store.groups(None, &[])? {
        let policy = policies.of(&group.client);
        if policy.order.best_hours.is_none() {
            continue;
        }
        let zone = group.place.zones.first().map_or(policy.hours.zone.name(), |zone| zone.as_str()).to_owned();
        let known = clocks.entry(group.client).or_insert_with(|| Some(zone.clone()));
        if known.as_ref() != Some(&zone) {
            *known = None;
        }
    }
    let of_one = clocks.into_iter().filter_map(|(client, zone)| Some((client, zone?)));
    let said: Vec<String> = of_one.map(|(client, zone)| format!("{client} ({zone})")).collect();
    Ok((!said.is_empty())
        .then(|| format!("`best_hours` changes nothing where all waiting leads share one clock: {}", said.join(", "))))
}
