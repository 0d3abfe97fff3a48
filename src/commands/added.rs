//! Shows what became of the lead of `callq add`, or why it is not queued.

use chrono::{DateTime, Utc};

use super::context::Context;
use crate::cli::Add;
use crate::contract::{AddedView, ItemView, PrunedView, RecalledView};
use crate::error::{CommandError, ErrorKind};
use crate::model::{IfExists, Item, ItemId, ItemKey};
use crate::query::item_next_call;
use crate::store::{Added, Store};

/// Shows the item with its next call, which is searched only if `planned` does not tell that of a new or replaced one.
pub(super) fn show(
    args: &Add,
    context: &mut Context<'_>,
    store: &Store,
    added: Added,
    planned: Option<DateTime<Utc>>,
    recalled: Option<RecalledView>,
) -> Result<(), CommandError> {
    let (id, existing) = match added {
        Added::New(id) | Added::Replaced(id) => (id, false),
        Added::Existing(id) => (id, true),
        Added::DuplicateLead(present) if args.if_exists == IfExists::Skip => (present.id, true),
        // Only with `--if-exists skip`: else the command has queued or refused it.
        Added::Past(past) => (past.item, true),
        Added::DuplicateLead(present) => return Err(duplicate(&present)),
        Added::Irreplaceable(why) => return Err(CommandError::message(ErrorKind::Refused, why)),
        Added::KeyOfAnotherLead { item, lead } => {
            let key = args.key.as_ref().map(ToString::to_string).unwrap_or_default();
            let message = format!("key {key} names item {item} of another lead, {lead}");
            return Err(CommandError::message(ErrorKind::Refused, message));
        }
    };
    let Some(item) = store.item(id)? else { return show_pruned(args, context, id) };
    let next_call_at = match planned.filter(|_| !existing) {
        Some(known) => Some(known),
        None => item_next_call(&context.settings()?.policies, &item, context.now()),
    };
    context.show(&AddedView { item: ItemView::new(&item, next_call_at, context.now()), existing, recalled })
}

/// Shows what is left of an item that was pruned: the key under which it was found.
fn show_pruned(args: &Add, context: &mut Context<'_>, id: ItemId) -> Result<(), CommandError> {
    let client = context.required_client(&args.client)?;
    let key = args.key.as_ref().map(ItemKey::as_str).unwrap_or_default();
    let view = PrunedView { id: id.get(), key, client_id: client.as_str(), lead_id: args.lead.as_str() };
    context.show(&view)
}

fn duplicate(present: &Item) -> CommandError {
    let state = if present.held { "held".to_owned() } else { present.status.to_string() };
    let message =
        format!("lead {} of client {} is queued already: item {} is {state}", present.lead, present.client, present.id);
    let hint = if present.held {
        format!("`callq retry {0}` calls it again, `callq report {0}` tells how the call ended", present.id)
    } else if present.status.is_waiting() {
        "--if-exists skip leaves it, --if-exists replace changes it".to_owned()
    } else {
        "its call is in progress: wait for the outcome".to_owned()
    };
    CommandError::message(ErrorKind::Refused, message).with_hint(hint)
}
