//! Learns the best hours of clients, at most once a day.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::ClientId;
use crate::query;
use crate::scheduler::PolicyBook;
use crate::store::{Store, StoreResult};

/// Rates are learned anew when they are this old.
const AGE: TimeDelta = TimeDelta::days(1);

/// Writes the rates of a client, or of all clients, that learn their hours and last did so more than [`AGE`] ago.
pub(super) fn learn_hours(
    store: &mut Store,
    policies: &PolicyBook,
    client: Option<&ClientId>,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    if policies.all().all(|policy| policy.order.best_hours.is_none()) {
        return Ok(());
    }
    let mut clients = match client {
        Some(client) => vec![client.clone()],
        None => store.clients()?,
    };
    clients.retain(|client| policies.of(client).order.best_hours.is_some());
    let mut all = None;
    for client in clients {
        // A time ahead of the clock is of a clock that was set back.
        if store.hours_learned_at(&client)?.is_some_and(|at| at <= now && now - at < AGE) {
            continue;
        }
        let all = match &all {
            Some(all) => all,
            None => all.insert(query::calls_of_all_by_hour(store, policies, now)?),
        };
        let rates = query::learned_rates(store, policies, &client, all, now)?;
        store.write_hour_rates(&client, &rates, now)?;
    }
    Ok(())
}
