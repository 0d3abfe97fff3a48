//! The items of the groups of a selection, page by page.

use chrono::{DateTime, Utc};

use crate::model::ItemId;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::export::ItemRow;
use crate::store::sqlite::queue::groups::Group;
use crate::store::sqlite::read::filter::Filter;

/// Reads the queued items of groups by `scheduled_at` and id.
pub(crate) struct GroupItems<'a> {
    store: &'a Store,
    selection: Filter,
    /// The same for groups of promised items, which are of any priority.
    of_promised: Filter,
}

/// The last item that was read of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastRead {
    pub(crate) scheduled_at: DateTime<Utc>,
    pub(crate) id: ItemId,
}

impl LastRead {
    /// The last one, when `rows` were read after `before`.
    pub(crate) fn of(rows: &[ItemRow], before: Option<LastRead>) -> Option<LastRead> {
        rows.last().map(|last| LastRead { scheduled_at: last.scheduled_at, id: last.id }).or(before)
    }
}

impl<'a> GroupItems<'a> {
    /// Those of a selection.
    pub(crate) fn new(store: &'a Store, filter: &Filter) -> GroupItems<'a> {
        let selection = filter.within_group();
        let of_promised = Filter { priorities: filter.priorities.clone(), ..selection.clone() };
        GroupItems { store, selection, of_promised }
    }

    /// Up to `limit` items of a group, after the last one that was read.
    pub(crate) fn read(&self, group: &Group, last: Option<LastRead>, limit: usize) -> StoreResult<Vec<ItemRow>> {
        let after = last.map(|last| (last.scheduled_at.timestamp_millis(), last.id));
        let selection = if group.promised { &self.of_promised } else { &self.selection };
        group.pager(selection.condition()).read(&self.store.connection, after, limit, ItemRow::read)
    }
}
