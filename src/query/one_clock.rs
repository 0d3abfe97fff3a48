//! Where learned hours cannot change the order.

use std::collections::BTreeMap;

use crate::model::ClientId;
use crate::scheduler::PolicyBook;
use crate::store::{Store, StoreResult};

/// The clients that learn their hours while all their waiting leads share one clock, each with its zone: a group is not
/// overtaken where every group has the same hour.
pub(crate) fn one_clock(store: &Store, policies: &PolicyBook) -> StoreResult<Vec<(ClientId, String)>> {
    if policies.all().all(|policy| policy.order.best_hours.is_none()) {
        return Ok(Vec::new());
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
    Ok(clocks.into_iter().filter_map(|(client, zone)| Some((client, zone?))).collect())
}
