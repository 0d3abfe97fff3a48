//! Who promised the call of an item.

use crate::model::{Item, to_text};
use crate::store::{Store, StoreResult};

/// A person, with the note, or the call in which it was promised: `by ann: wants the offer`, `in call 1`.
pub(crate) fn promised_by(store: &Store, item: &Item) -> StoreResult<String> {
    let at = to_text(item.scheduled_at);
    let changes = store.changes(item.id)?;
    let promise = changes.iter().rev().find(|change| change.what == "callback" && change.to.as_ref() == Some(&at));
    if let Some(change) = promise {
        let note = change.reason.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        return Ok(format!("by {}{note}", change.by));
    }
    let last = store.history(item.id)?.pop();
    Ok(match last.filter(|last| last.reason.as_deref() == Some("callback")) {
        Some(last) => format!("in call {}", last.number),
        None => format!("by {}", item.created_by),
    })
}
