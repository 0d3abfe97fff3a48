//! One page of `callq list`, or the number of its items.

use super::footer::say_of_page;
use super::read_ahead::ahead;
use super::request::Request;
use crate::commands::context::{Context, output_failed};
use crate::commands::not_found::no_item;
use crate::contract::{CountView, ItemView};
use crate::error::CommandError;
use crate::model::ListSort;
use crate::output::ItemWriter;
use crate::query::{LISTING_PAGE, Listed, Listing, NextCall, NextCalls, Take};
use crate::store::{SortKey, Store};

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
    say_of_page(request, shown, more, &hidden, context);
    Ok(())
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
