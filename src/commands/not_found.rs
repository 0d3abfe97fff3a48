//! What is said of names and selections that no item has.

use crate::error::{CommandError, ErrorKind};
use crate::model::ItemId;
use crate::store::{Filter, Page, Store};

/// The fewest digits of a number that may be a phone number: a whole number is always read as an item id.
const LIKE_A_PHONE: u64 = 1_000_000;

/// The error of an id that names nothing.
pub(super) fn no_item(id: ItemId) -> CommandError {
    let hint = if id.get() < LIKE_A_PHONE {
        "`callq list --limit 0` shows every item".to_owned()
    } else {
        format!("a whole number is an item id: write phone:{id} or lead:{id}")
    };
    CommandError::message(ErrorKind::NotFound, format!("no item {id}")).with_hint(hint)
}

/// The same, with the lead of that name where there is one.
pub(super) fn no_such_item(id: ItemId, store: &Store) -> CommandError {
    let lead = Filter { lead: id.to_string().parse().ok(), ..Filter::default() };
    match store.page(&lead, Page { limit: 1, ..Page::WHOLE }) {
        Ok(found) if !found.is_empty() => no_item(id).with_hint(format!("lead {id} has items: write lead:{id}")),
        // The message says that no item has the id, even if the lead cannot be looked up.
        _ => no_item(id),
    }
}

/// The error of a selection that has no item.
pub(super) fn matches_nothing() -> CommandError {
    CommandError::message(ErrorKind::NotFound, "no items match").with_hint("try the same filters with `callq list`")
}
