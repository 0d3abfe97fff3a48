//! One page of `callq list`, or the number of its items.

use super::read_ahead::ahead;
use crate::commands::context::{Context, output_failed};
use crate::commands::not_found::no_item;
use crate::contract::{CountView, ItemView};
use crate::error::CommandError;
use crate::model::{ItemId, ListSort};
use crate::output::{ItemWriter, ListColumn, with_commas};
use crate::query::{LISTING_PAGE, Listed, Listing, NextCall, NextCalls, Take};
use crate::store::{Filter, SortKey, Store};

/// What a listing shows.
pub(super) struct Request {
    pub(super) filter: Filter,
    pub(super) columns: Option<Vec<ListColumn>>,
    pub(super) sort: ListSort,
    pub(super) reverse: bool,
    /// 0 for all.
    pub(super) limit: usize,
    pub(super) after: Option<ItemId>,
}

/// Which page of a listing is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Only,
    /// The first of many, one over the other.
    First,
    Next,
}

/// Shows how many items there are.
pub(super) fn count(request: &Request, store: &Store, context: &mut Context<'_>) -> Result<(), CommandError> {
    context.show_timeless(&CountView { count: store.count(&request.filter)? })
}

/// Shows one page.
pub(super) fn page(
    request: &Request,
    store: &mut Store,
    page: Page,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let Request { filter, limit, .. } = request;
    let after = request.after.map(|id| store.item(id)?.ok_or_else(|| no_item(id))).transpose()?;
    let (settings, now) = (context.settings()?, context.now());
    let (most, policies) = (if *limit == 0 { usize::MAX } else { *limit }, &settings.policies);
    let quiet = context.global.quiet;
    let mut shown = 0_u64;
    let feed = |writer: &mut ItemWriter<'_>| {
        let mut next_calls = NextCalls::new(policies, now);
        let write = |listed: Listed| {
            let item = listed.row.item()?;
            let next = match listed.next {
                NextCall::Known(next) => next.filter(|at| !item.has_expired_at(*at)),
                NextCall::Unsearched => next_calls.of(&item),
            };
            shown += 1;
            writer.write(&ItemView::new(&item, next, now)).map_err(output_failed)
        };
        let sort = sort_key(request.sort);
        let read = |store: &Store, take: Take<'_, CommandError>| {
            let listing = Listing { store, policies, now, left: most, take };
            let left = listing.read(filter, sort, request.reverse, after.as_ref())?;
            // All are shown, or the number of all, where it is known.
            Ok(if left > 0 || quiet { None } else { Some(store.count_by_counters(filter)?) })
        };
        if most <= LISTING_PAGE {
            store.at_one_instant(|store| read(store, &mut { write }))
        } else {
            // Page by page: a reading of minutes would keep the log from being shortened. Exclusive, the store may move to
            // the other thread.
            ahead(move |take| read(&*store, take), write)
        }
    };
    let columns = request.columns.as_deref();
    let (more, hidden) = match page {
        Page::Only => context.show_items(columns, feed)?,
        Page::First | Page::Next => return context.show_items_over(columns, page == Page::First, feed).map(drop),
    };
    if shown == 0 && context.is_for_a_person() {
        context.say(format_args!("{}", nothing(filter)));
    }
    let limit = *limit as u64;
    match more {
        None => {}
        Some(Some(count)) if count <= limit => {}
        Some(Some(count)) => context.say(format_args!("showing {} of {}", with_commas(limit), with_commas(count))),
        // To count the others would read them all.
        Some(None) => context.say(format_args!("showing the first {}; `--limit 0` shows all", with_commas(limit))),
    }
    if !hidden.is_empty() {
        context.say(format_args!("hidden at this width: {}; --columns names others", hidden.join(", ")));
    }
    Ok(())
}

/// What is said of an empty listing: only a plain filter is repeated in words.
fn nothing(filter: &Filter) -> String {
    let client = filter.client.as_ref().map(|client| format!(" of client {client}")).unwrap_or_default();
    let plain = Filter { client: filter.client.clone(), ..Filter::default() };
    let kinds = [
        (plain.clone(), "items"),
        (Filter { held: true, ..plain.clone() }, "held items"),
        (Filter { due_at: filter.due_at, ..plain }, "due items"),
    ];
    match kinds.iter().find(|(kind, _)| kind == filter) {
        Some((_, what)) => format!("No {what}{client}."),
        None => "No items match.".to_owned(),
    }
}

/// The key of a sort; none for the order of calls, which no key tells.
fn sort_key(sort: ListSort) -> Option<SortKey> {
    match sort {
        ListSort::Order => None,
        ListSort::Scheduled => Some(SortKey::Scheduled),
        ListSort::Created => Some(SortKey::Created),
        ListSort::Updated => Some(SortKey::Updated),
        ListSort::Id => Some(SortKey::Id),
    }
}
