//! `callq show`

use super::context::{Context, output_failed};
use super::names::Several;
use super::not_found::{matches_nothing, no_item, no_such_item};
use super::targets::{Selection, ranges};
use crate::cli::{Client, IdArgument, Show};
use crate::contract::ItemDetailView;
use crate::error::CommandError;
use crate::model::{ClientId, Item};
use crate::output::counted;
use crate::query::item_next_call;
use crate::store::{Access, Filter, Page, SortKey, Store, Targets};

pub(super) fn run(args: &Show, context: &mut Context<'_>) -> Result<(), CommandError> {
    let meaning = Selection::of(&args.ids, &args.client, &args.filters, args.all);
    let named = meaning.named(context)?;
    let store = context.store(Access::Read)?;
    let client = meaning.known_client(context, &store)?;
    let targets = meaning.targets(named, context, &store, Several::All)?;
    let filter = checked(&store, &targets, client.as_ref())?;
    let (settings, now) = (context.settings()?, context.now());
    let next = |item: &Item| item_next_call(&settings.policies, item, now);
    if meaning.is_one_id() {
        let item = store.page(&filter, FIRST_PAGE)?.pop().ok_or_else(matches_nothing)?;
        let (history, changes) = (store.history(item.id)?, store.changes(item.id)?);
        return context.show(&ItemDetailView::new(&item, next(&item), &history, &changes, now));
    }
    let shown = context.show_each(|writer| {
        let mut shown = 0_u64;
        each_item(&store, &filter, &mut |item| {
            let (history, changes) = (store.history(item.id)?, store.changes(item.id)?);
            writer.write(&ItemDetailView::new(item, next(item), &history, &changes, now)).map_err(output_failed)?;
            shown += 1;
            Ok(true)
        })?;
        if shown == 0 { Err(matches_nothing()) } else { Ok(shown) }
    })?;
    if matches!(targets, Targets::Selection(_)) {
        context.say(format_args!("{}", counted(shown, "item")));
    }
    Ok(())
}

/// Items that are read at once: memory does not grow with their number.
const FIRST_PAGE: Page = Page { sort: SortKey::Id, reverse: false, after: None, limit: 100 };

/// Hands each item of a selection to `visit`, until that wants no more.
pub(super) fn each_item(
    store: &Store,
    filter: &Filter,
    visit: &mut dyn FnMut(&Item) -> Result<bool, CommandError>,
) -> Result<(), CommandError> {
    let mut page = FIRST_PAGE;
    loop {
        let items = store.page(filter, page)?;
        for item in &items {
            if !visit(item)? {
                return Ok(());
            }
        }
        if items.len() < page.limit {
            return Ok(());
        }
        page.after = items.last().map(|item| item.id);
    }
}

/// The filter of targets. Refuses ids that name no item, or one of another client than the one that is named; a selection
/// with a client has none.
fn checked(store: &Store, targets: &Targets, client: Option<&ClientId>) -> Result<Filter, CommandError> {
    if let Some(id) = store.missing_id(targets)? {
        return Err(no_such_item(id, store));
    }
    let filter = targets.filter();
    if let Some(client) = client.filter(|_| filter.client.is_none()) {
        each_item(store, &filter, &mut |item| match item.client == *client {
            true => Ok(true),
            false => Err(no_item(item.id).with_hint(format!("it belongs to client {}", item.client))),
        })?;
    }
    Ok(filter)
}

/// The filter of names that mean all of their items. `CALLQ_CLIENT` bounds leads and numbers, not ids.
pub(super) fn of_names(
    names: &[(String, IdArgument)],
    client: &Client,
    context: &Context<'_>,
    store: &Store,
) -> Result<Filter, CommandError> {
    let named = client.client.as_ref();
    named.map_or(Ok(()), |named| context.check_client(named, Some(store)))?;
    let targets = Targets::Ids(ranges(names, client, context, store, Several::All)?);
    checked(store, &targets, named)
}
