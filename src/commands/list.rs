//! `callq list`

use chrono::{DateTime, Utc};

use super::targets;
use super::world::{World, output_failed};
use crate::cli::List;
use crate::engine::{CallOrder, item_next_call};
use crate::error::{CommandError, ErrorKind};
use crate::model::{Item, ItemId, ListSort, Status};
use crate::output::view::ItemView;
use crate::output::{ItemWriter, parse_columns};
use crate::scheduler::PolicyBook;
use crate::store::{Access, Filter, Page, SortKey, Store};

pub(super) fn run(args: &List, world: &mut World<'_>) -> Result<(), CommandError> {
    let columns = args.columns.as_deref().map(parse_columns).transpose();
    let columns = columns.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    let store = world.store(Access::Read)?;
    let client = world.known_client(&args.client, Some(&store))?;
    let filter =
        targets::filter(world, client.as_ref(), &args.filter, &args.priority.priority, args.reason.reason.as_ref())?;
    if let Some(after) = args.after
        && store.item(after)?.is_none()
    {
        return Err(targets::no_item(after));
    }
    let (settings, now) = (world.settings()?, world.now());
    world.show_items(columns.as_deref(), |writer| {
        let left = if args.limit == 0 { usize::MAX } else { args.limit };
        let mut listing = Listing { store: &store, policies: &settings.policies, now, writer, left };
        match sort_key(args.sort) {
            Some(sort) => listing.sorted(&filter, sort, args.reverse, args.after),
            None if args.reverse => listing.backwards(&filter, args.after),
            None => listing.in_call_order(&filter, args.after),
        }
    })
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

/// Items that are read at once.
const PAGE: usize = 1_000;

/// A listing that is being written.
struct Listing<'a, 'w> {
    store: &'a Store,
    policies: &'a PolicyBook,
    now: DateTime<Utc>,
    writer: &'a mut ItemWriter<'w>,
    left: usize,
}

impl Listing<'_, '_> {
    fn write(&mut self, item: &Item) -> Result<(), CommandError> {
        self.write_with(item, item_next_call(self.policies, item, self.now))
    }

    fn write_with(&mut self, item: &Item, next: Option<DateTime<Utc>>) -> Result<(), CommandError> {
        self.left -= 1;
        self.writer.write(&ItemView::new(item, next)).map_err(output_failed)
    }

    /// Waiting items in the order of their calls, then those in progress, then finished ones, newest first.
    fn in_call_order(&mut self, filter: &Filter, after: Option<ItemId>) -> Result<(), CommandError> {
        let last = after.map(|id| self.store.item(id)).transpose()?.flatten();
        let mut skip_to = after.filter(|_| last.as_ref().is_some_and(|item| item.status.is_waiting()));
        if last.as_ref().is_none_or(|item| item.status.is_waiting()) {
            let mut order = CallOrder::new(self.store, self.policies, filter, self.now)?;
            while self.left > 0 {
                let Some((item, next)) = order.next_item()? else { break };
                if skip_to.is_none() {
                    let expires_first = |at: &DateTime<Utc>| item.expires_at.is_none_or(|expires| *at < expires);
                    self.write_with(&item, next.filter(expires_first))?;
                } else if skip_to == Some(item.id) {
                    skip_to = None;
                }
            }
        }
        let in_progress = |status: Status| status == Status::InProgress;
        let rest: [&dyn Fn(Status) -> bool; 2] = [&in_progress, &Status::is_finished];
        for wanted in rest {
            let begun = last.as_ref().filter(|item| wanted(item.status)).map(|item| item.id);
            let is_behind = last.as_ref().is_some_and(|item| item.status.is_finished()) && wanted(Status::InProgress);
            if let Some(filter) = filter.only(wanted)
                && !is_behind
            {
                self.sorted(&filter, SortKey::Id, true, begun)?;
            }
        }
        Ok(())
    }

    /// The order of calls from its end; needs 8 bytes an item.
    fn backwards(&mut self, filter: &Filter, after: Option<ItemId>) -> Result<(), CommandError> {
        let mut ids: Vec<ItemId> = Vec::new();
        if let Some(finished) = filter.only(Status::is_finished) {
            ids.extend(self.store.ids(&finished, SortKey::Id, false)?);
        }
        if let Some(open) = filter.only(|status| status == Status::InProgress) {
            ids.extend(self.store.ids(&open, SortKey::Id, false)?);
        }
        let mut waiting = Vec::new();
        let mut order = CallOrder::new(self.store, self.policies, filter, self.now)?;
        while let Some((item, _)) = order.next_item()? {
            waiting.push(item.id);
        }
        ids.extend(waiting.into_iter().rev());
        let begin = after.and_then(|after| ids.iter().position(|id| *id == after)).map_or(0, |position| position + 1);
        self.by_id(ids.get(begin..).unwrap_or_default())
    }

    fn sorted(
        &mut self,
        filter: &Filter,
        sort: SortKey,
        reverse: bool,
        after: Option<ItemId>,
    ) -> Result<(), CommandError> {
        // Without an index every page would sort everything again.
        if matches!(sort, SortKey::Created | SortKey::Updated) && self.left > PAGE {
            let ids = self.store.ids(filter, sort, reverse)?;
            let begin = after.and_then(|after| ids.iter().position(|id| *id == after)).map_or(0, |at| at + 1);
            return self.by_id(ids.get(begin..).unwrap_or_default());
        }
        let mut after = after;
        while self.left > 0 {
            let limit = self.left.min(PAGE);
            let items = self.store.page(filter, Page { sort, reverse, after, limit })?;
            items.iter().try_for_each(|item| self.write(item))?;
            if items.len() < limit {
                break;
            }
            after = items.last().map(|item| item.id);
        }
        Ok(())
    }

    fn by_id(&mut self, ids: &[ItemId]) -> Result<(), CommandError> {
        for id in ids {
            if self.left == 0 {
                break;
            }
            if let Some(item) = self.store.item(*id)? {
                self.write(&item)?;
            }
        }
        Ok(())
    }
}
