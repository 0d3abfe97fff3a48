//! `callq show`

use super::targets::{Meaning, no_item};
use super::world::World;
use crate::cli::Show;
use crate::engine::item_next_call;
use crate::error::{CommandError, ErrorKind};
use crate::model::{Attempt, Change, Item, ItemId};
use crate::output::view::{ItemDetailView, List};
use crate::store::{Access, Page, Store};

pub(super) fn run(args: &Show, world: &mut World<'_>) -> Result<(), CommandError> {
    let meaning = Meaning {
        ids: &args.ids,
        client: &args.client,
        filter: &args.filter,
        priorities: &args.priority.priority,
        reason: args.reason.reason.as_ref(),
        all: args.all,
    };
    let targets = meaning.targets(world)?;
    let store = world.store(Access::Read)?;
    let client = meaning.known_client(world, &store)?;
    if let Some(id) = store.missing_id(&targets)? {
        return Err(no_item(id));
    }
    let ids = store.ids(&targets.filter(), Page::WHOLE)?;
    let items = ids.iter().map(|id| whole(&store, *id)).collect::<Result<Vec<_>, _>>()?;
    let (settings, now) = (world.settings()?, world.now());
    let mut views = Vec::new();
    for (item, history, changes) in items.iter().flatten() {
        if client.as_ref().is_some_and(|client| *client != item.client) {
            return Err(no_item(item.id).with_hint(format!("it belongs to client {}", item.client)));
        }
        let next = item_next_call(&settings.policies, item, now);
        views.push(ItemDetailView::new(item, next, history, changes));
    }
    match (meaning.is_one_id(), views.pop()) {
        (_, None) => Err(CommandError::message(ErrorKind::NotFound, "the selection matches no item")),
        (true, Some(view)) => world.show(&view),
        (false, Some(last)) => {
            views.push(last);
            world.show(&List { rows: views })
        }
    }
}

/// An item with its history and its changes.
type Whole = (Item, Vec<Attempt>, Vec<Change>);

fn whole(store: &Store, id: ItemId) -> Result<Option<Whole>, CommandError> {
    let Some(item) = store.item(id)? else { return Ok(None) };
    Ok(Some((item, store.history(id)?, store.changes(id)?)))
}
