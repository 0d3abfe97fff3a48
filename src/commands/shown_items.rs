//! Shows the items that a command changed.

use std::borrow::Cow;

use super::context::{Context, output_failed};
use crate::contract::ItemView;
use crate::error::CommandError;
use crate::model::{Item, ItemId};
use crate::query::NextCalls;
use crate::store::{Store, StoreResult};

/// On a terminal more items than these are counted, not shown.
const ENOUGH_ITEMS: usize = 20;

/// Shows the items of these ids, unless a person has to read too many.
pub(super) fn show_items(context: &mut Context<'_>, store: &Store, ids: &[ItemId]) -> Result<(), CommandError> {
    let items = ids.iter().filter_map(|id| store.item(*id).transpose());
    show_few(context, ids.len(), items.map(|item| item.map(Cow::Owned)))
}

/// Shows items, unless a person has to read too many.
pub(super) fn show_few<'i>(
    context: &mut Context<'_>,
    count: usize,
    items: impl Iterator<Item = StoreResult<Cow<'i, Item>>>,
) -> Result<(), CommandError> {
    if count > ENOUGH_ITEMS && context.is_for_a_person() {
        return Ok(());
    }
    let (settings, now) = (context.settings()?, context.now());
    let mut next_calls = NextCalls::new(&settings.policies, now);
    context.show_items(None, |writer| {
        for item in items {
            let item = item?;
            writer.write(&ItemView::new(&item, next_calls.of(&item), now)).map_err(output_failed)?;
        }
        Ok(())
    })?;
    Ok(())
}
