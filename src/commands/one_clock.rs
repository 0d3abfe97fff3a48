//! What `doctor` and `config check` say of hours that are learned in vain.

use crate::query;
use crate::scheduler::PolicyBook;
use crate::store::{Store, StoreResult};

/// What to say of clients whose waiting leads all share one clock.
pub(super) fn one_clock(store: &Store, policies: &PolicyBook) -> StoreResult<Option<String>> {
    let of_one = query::one_clock(store, policies)?;
    let said: Vec<String> = of_one.iter().map(|(client, zone)| format!("{client} ({zone})")).collect();
    Ok((!said.is_empty())
        .then(|| format!("`best_hours` changes nothing where all waiting leads share one clock: {}", said.join(", "))))
}
