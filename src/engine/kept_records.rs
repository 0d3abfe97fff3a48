//! What a prune keeps, and which records it would delete too early.

use chrono::{DateTime, Months, Utc};

use super::prune::Cutoffs;
use crate::gates;
use crate::model::{ClientId, Purpose};
use crate::scheduler::PolicyBook;
use crate::store::{Prune, Store, StoreResult};

/// Sellers keep the records of their calls for five years: 16 CFR 310.5.
pub(crate) const YEARS_KEPT: u32 = 5;

/// The calls that a prune would delete and that clients with `purpose = "sales"` have to keep.
pub(crate) fn young_records(
    store: &Store,
    prune: &Prune<'_>,
    policies: &PolicyBook,
    now: DateTime<Utc>,
) -> StoreResult<Vec<(ClientId, u64)>> {
    if !policies.all().any(|policy| policy.law.purpose == Some(Purpose::Sales)) {
        return Ok(Vec::new());
    }
    let sells = |client: &ClientId| policies.of(client).law.purpose == Some(Purpose::Sales);
    let kept_since = now.checked_sub_months(Months::new(12 * YEARS_KEPT)).unwrap_or_default();
    let young = store.count_young(prune, kept_since)?;
    Ok(young.into_iter().filter(|(client, _)| sells(client)).collect())
}

/// The items that changed last before `before` and stay, since their client asks who was called lately.
pub(crate) fn recalled(store: &Store, prune: Prune<'_>, cutoffs: &Cutoffs, before: DateTime<Utc>) -> StoreResult<u64> {
    if cutoffs.usual >= before && cutoffs.of_clients.iter().all(|(_, cutoff)| *cutoff >= before) {
        return Ok(0);
    }
    let all = Prune { before, of_clients: &[], ..prune };
    Ok(store.count_prunable(&all)?.items.saturating_sub(store.count_prunable(&prune)?.items))
}

/// The instant since which a call may still count for a cap of some client and place.
pub(crate) fn counted_since(store: &Store, policies: &PolicyBook, now: DateTime<Utc>) -> StoreResult<DateTime<Utc>> {
    let places = store.places()?;
    let look_back = gates::longest_look_back(policies, places.values().map(|place| &**place));
    Ok(now.checked_sub_signed(look_back).unwrap_or(DateTime::<Utc>::MIN_UTC))
}
