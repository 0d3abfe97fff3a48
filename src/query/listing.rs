//! The items of a listing in its order, read page by page.

use chrono::{DateTime, Utc};

use super::call_order::CallOrder;
use crate::model::{Item, ItemId, Status};
use crate::scheduler::PolicyBook;
use crate::store::{Filter, ItemRow, Page, SortKey, Store, StoreError};

/// Items that are read at once.
pub(crate) const LISTING_PAGE: usize = 1_000;

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

/// An item of a listing.
pub(crate) struct Listed {
    pub(crate) row: ItemRow,
    /// Its next call, where the order told it already.
    pub(crate) next: NextCall,
}

/// What is known of the next call of an item.
pub(crate) enum NextCall {
    /// It was needed for the order.
    Known(Option<DateTime<Utc>>),
    /// It is still to be searched.
    Unsearched,
}

/// What takes the items of a listing, one by one; its failure ends the reading.
pub(crate) type Take<'t, E> = &'t mut dyn FnMut(Listed) -> Result<(), E>;

/// A listing that is being read.
pub(crate) struct Listing<'a, E> {
    pub(crate) store: &'a Store,
    pub(crate) policies: &'a PolicyBook,
    pub(crate) now: DateTime<Utc>,
    /// How many items may still come.
    pub(crate) left: usize,
    pub(crate) take: Take<'a, E>,
}

impl<E: From<StoreError>> Listing<'_, E> {
    /// Reads a selection, by a key or in the order of calls, and gives back how many items more it could have been.
    pub(crate) fn read(
        mut self,
        filter: &Filter,
        sort: Option<SortKey>,
        reverse: bool,
        after: Option<&Item>,
    ) -> Result<usize, E> {
        match sort {
            Some(sort) => self.sorted(filter, sort, reverse, after.map(|item| item.id)),
            None if reverse => self.backwards(filter, after),
            None => self.in_call_order(filter, after),
        }?;
        Ok(self.left)
    }

    fn give(&mut self, row: ItemRow, next: NextCall) -> Result<(), E> {
        self.left -= 1;
        (self.take)(Listed { row, next })
    }

    /// Waiting items in the order of their calls, then those in progress, then finished ones, newest first.
    fn in_call_order(&mut self, filter: &Filter, after: Option<&Item>) -> Result<(), E> {
        let begin = after.map(|item| Part::of(item.status));
        for part in Part::ALL.into_iter().filter(|part| begin.is_none_or(|begin| *part >= begin)) {
            if self.left == 0 {
                break;
            }
            let after = after.filter(|_| begin == Some(part));
            let Some(filter) = filter.only(|status| Part::of(status) == part) else { continue };
            // Without the counters, callq would read all items to find no match.
            if self.store.count_by_counters(&filter)? == Some(0) {
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

    fn waiting(&mut self, filter: &Filter, after: Option<&Item>) -> Result<(), E> {
        let mut order = CallOrder::new(self.store, self.policies, filter, self.now)?.at_most(self.left);
        if let Some(after) = after {
            order = order.after(after)?;
        }
        while let Some((row, next)) = order.next_item()? {
            self.give(row, NextCall::Known(next))?;
        }
        Ok(())
    }

    /// The order of calls from its end; needs 8 bytes for each waiting item.
    fn backwards(&mut self, filter: &Filter, after: Option<&Item>) -> Result<(), E> {
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
                order = order.before(after)?;
            }
            let mut ids = Vec::new();
            while let Some((row, _)) = order.next_item()? {
                ids.push(row.id);
            }
            ids.reverse();
            self.by_id(&ids)?;
        }
        Ok(())
    }

    fn sorted(&mut self, filter: &Filter, sort: SortKey, reverse: bool, after: Option<ItemId>) -> Result<(), E> {
        // Without an index every page would sort everything again.
        if matches!(sort, SortKey::Created | SortKey::Updated) && self.left > LISTING_PAGE {
            let ids = self.store.ids(filter, Page { sort, reverse, after, limit: self.left })?;
            return self.by_id(&ids);
        }
        let mut after = after;
        while self.left > 0 {
            let limit = self.left.min(LISTING_PAGE);
            let rows = self.store.page_rows(filter, Page { sort, reverse, after, limit })?;
            let is_last = rows.len() < limit;
            after = rows.last().map(|row| row.id);
            rows.into_iter().try_for_each(|row| self.give(row, NextCall::Unsearched))?;
            if is_last {
                break;
            }
        }
        Ok(())
    }

    fn by_id(&mut self, ids: &[ItemId]) -> Result<(), E> {
        for id in ids {
            if self.left == 0 {
                break;
            }
            if let Some(row) = self.store.item_row(*id)? {
                self.give(row, NextCall::Unsearched)?;
            }
        }
        Ok(())
    }
}
