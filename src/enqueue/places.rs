//! The places of items that are queued already, by the tables of this program.

use std::sync::Arc;

use crate::compliance::{Place, numbers_version};
use crate::model::{Item, LeadPlace};
use crate::store::{Store, StoreResult};

/// The name under which the store keeps the version of the tables.
const NUMBERS: &str = "numbers";

/// Whether live items have the places that the tables of this program tell.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn are_places_current(store: &Store) -> StoreResult<bool> {
    Ok(store.data_table_version(NUMBERS)?.as_deref() == Some(numbers_version()))
}

/// Derives the places of live items again: after an upgrade, and with a new table of numbers.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn derive_places(store: &mut Store) -> StoreResult<()> {
    store.derive_places((NUMBERS, numbers_version()), place_of)
}

/// The place of a present item by what it knows. A region that this program does not know is ignored.
fn place_of(item: &Item) -> Arc<LeadPlace> {
    let region = item.region.as_ref().and_then(|region| region.as_str().parse().ok());
    let zones: Vec<&str> = item.timezones().iter().map(|zone| zone.as_str()).collect();
    Arc::new(Place::of(item.phone.as_ref(), region, &zones).to_lead_place())
}
