//! `callq list`

use chrono::{DateTime, Utc};

use super::targets;
use super::world::{World, output_failed};
use crate::cli::List;
use crate::engine::{CallOrder, NextCalls};
use crate::error::{CommandError, ErrorKind};
use crate::model::{Item, ItemId, ListSort, Status};
use crate::output::view::ItemView;
use crate::output::{ItemWriter, parse_columns, with_commas};
use crate::scheduler::PolicyBook;
use crate::store::{Access, Filter, Page, QueueFacts, SortKey, Store};

pub(super) fn run(args: &List, world: &mut World<'_>) -> Result<(), CommandError> {
    let columns = args.columns.as_deref().map(parse_columns).transpose();
    let columns = columns.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    let client = world.client(&args.client)?;
    let filter =
        targets::filter(world, client.as_ref(), &args.filter, &args.priority.priority, args.reason.reason.as_ref())?;
    let store = world.store(Access::Read)?;
    world.known_client(&args.client, Some(&store))?;
    let find = |id| store.item(id)?.ok_or_else(|| targets::no_item(id));
    let after = args.after.map(find).transpose()?;
    let (settings, now) = (world.settings()?, world.now());
    let facts = if filter.is_counted() { store.queue_facts(client.as_ref())? } else { QueueFacts::default() };
    let left = world.show_items(columns.as_deref(), |writer| {
        let left = if args.limit == 0 { usize::MAX } else { args.limit };
        let (policies, next_calls) = (&settings.policies, NextCalls::new(&settings.policies, now));
        let mut listing = Listing { store: &store, policies, facts: &facts, now, next_calls, writer, left };
        match sort_key(args.sort) {
            Some(sort) => listing.sorted(&filter, sort, args.reverse, after.map(|item| item.id)),
            None if args.reverse => listing.backwards(&filter, after.as_ref()),
            None => listing.in_call_order(&filter, after.as_ref()),
        }?;
        Ok(listing.left)
    })?;
    if left == 0 && !world.global.quiet {
        let limit = args.limit as u64;
        match filter.count_by(&facts) {
            Some(count) if count <= limit => {}
            Some(count) => world.say(format_args!("showing {} of {}", with_commas(limit), with_commas(count))),
            // To count the others would read them all.
            None => world.say(format_args!("showing the first {}; `--limit 0` shows all", with_commas(limit))),
        }
    }
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

/// Items that are read at once.
const PAGE: usize = 1_000;

/// The parts of a listing in the order of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Waiting,
    InProgress,
    Finished,
}

impl Part {
    const ALL: [Part; 3] = [Part::Waiting, Part::InProgress, Part::Finished];

    fn of(status: Status) -> Part {
        match status {
            Status::Pending | Status::Scheduled | Status::RetryScheduled => Part::Waiting,
            Status::InProgress => Part::InProgress,
            Status::Completed | Status::Failed | Status::Cancelled => Part::Finished,
        }
    }
}

/// A listing that is being written.
struct Listing<'a, 'w> {
    store: &'a Store,
    policies: &'a PolicyBook,
    /// How many items of the client, or of all, there are of each kind.
    facts: &'a QueueFacts,
    now: DateTime<Utc>,
    next_calls: NextCalls<'a>,
    writer: &'a mut ItemWriter<'w>,
    left: usize,
}

impl Listing<'_, '_> {
    fn write(&mut self, item: &Item) -> Result<(), CommandError> {
        let next = self.next_calls.of(item);
        self.write_with(item, next)
    }

    fn write_with(&mut self, item: &Item, next: Option<DateTime<Utc>>) -> Result<(), CommandError> {
        self.left -= 1;
        self.writer.write(&ItemView::new(item, next)).map_err(output_failed)
    }

    /// Waiting items in the order of their calls, then those in progress, then finished ones, newest first.
    fn in_call_order(&mut self, filter: &Filter, after: Option<&Item>) -> Result<(), CommandError> {
        let begin = after.map(|item| Part::of(item.status));
        for part in Part::ALL.into_iter().filter(|part| begin.is_none_or(|begin| *part >= begin)) {
            let after = after.filter(|_| begin == Some(part));
            let Some(filter) = filter.only(|status| Part::of(status) == part) else { continue };
            // To find that there is none would take a look at all.
            if filter.count_by(self.facts) == Some(0) {
                continue;
            }
            if part == Part::Waiting {
                self.waiting(&filter, after)?;
            } else {
                self.sorted(&filter, SortKey::Id, true, after.map(|item| item.id))?;
            }
        }
        Ok(())
    }

    fn waiting(&mut self, filter: &Filter, after: Option<&Item>) -> Result<(), CommandError> {
        let mut order = CallOrder::new(self.store, self.policies, filter, self.now)?;
        if let Some(after) = after {
            order = order.after(after);
        }
        while self.left > 0 {
            let Some((item, next)) = order.next_item()? else { break };
            self.write_with(&item, next.filter(|at| !item.has_expired_at(*at)))?;
        }
        Ok(())
    }

    /// The order of calls from its end; needs 8 bytes for each waiting item.
    fn backwards(&mut self, filter: &Filter, after: Option<&Item>) -> Result<(), CommandError> {
        let begin = after.map(|item| Part::of(item.status));
        for part in Part::ALL.into_iter().rev().filter(|part| begin.is_none_or(|begin| *part <= begin)) {
            let after = after.filter(|_| begin == Some(part));
            let Some(filter) = filter.only(|status| Part::of(status) == part) else { continue };
            if part != Part::Waiting {
                self.sorted(&filter, SortKey::Id, false, after.map(|item| item.id))?;
                continue;
            }
            let mut order = CallOrder::new(self.store, self.policies, &filter, self.now)?;
            if let Some(after) = after {
                order = order.before(after);
            }
            let mut ids = Vec::new();
            while let Some((item, _)) = order.next_item()? {
                ids.push(item.id);
            }
            ids.reverse();
            self.by_id(&ids)?;
        }
        Ok(())
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
            let ids = self.store.ids(filter, Page { sort, reverse, after, limit: self.left })?;
            return self.by_id(&ids);
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
