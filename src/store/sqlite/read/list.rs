//! Items by key, page by page, and how many there are.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params_from_iter};

use crate::model::{ClientId, Item, ItemId};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::read::filter::{Condition, Filter};
use crate::store::sqlite::read::item::{item, select_item};
use crate::store::sqlite::read::pager::{self, Pager};
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::WAITING;

/// What a listing is sorted by; ties go by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// The earliest instant of the call.
    Scheduled,
    /// When it was added.
    Created,
    /// When it changed last.
    Updated,
    Id,
}

impl SortKey {
    fn column(self) -> &'static str {
        match self {
            SortKey::Scheduled => "scheduled_at",
            SortKey::Created => "created_at",
            SortKey::Updated => "updated_at",
            SortKey::Id => pager::ID,
        }
    }
}

/// A part of a sorted listing.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// What it is sorted by.
    pub sort: SortKey,
    pub reverse: bool,
    /// Only what comes after this item.
    pub after: Option<ItemId>,
    pub limit: usize,
}

impl Page {
    pub const WHOLE: Page = Page { sort: SortKey::Id, reverse: false, after: None, limit: usize::MAX };
}

impl Store {
    /// One page of a selection.
    pub fn page(&self, filter: &Filter, page: Page) -> StoreResult<Vec<Item>> {
        let after = self.position(page)?;
        page_pager(filter, page).read(&self.connection, after, page.limit, item)
    }

    /// The ids of the same page: for sorts that no index serves, 8 bytes an item instead of a sort of whole rows.
    pub fn ids(&self, filter: &Filter, page: Page) -> StoreResult<Vec<ItemId>> {
        let select = "SELECT items.id AS id FROM items".to_owned();
        let pager = Pager { select, ..page_pager(filter, page) };
        pager.read(&self.connection, self.position(page)?, page.limit, |row| rows::item_id(row, "id"))
    }

    /// The key and the id of the item that a page comes after.
    pub(crate) fn position(&self, page: Page) -> StoreResult<Option<(i64, ItemId)>> {
        let Some(after) = page.after else { return Ok(None) };
        let sql = format!("SELECT {} FROM items WHERE id = ?1", page.sort.column());
        let key = self.connection.prepare_cached(&sql)?.query_row([after.row()], |row| row.get(0)).optional()?;
        Ok(key.map(|key: i64| (key, after)))
    }

    /// The waiting items that are due first, of every client, up to `limit`.
    pub fn first_waiting(&self, limit: usize) -> StoreResult<Vec<Item>> {
        let mut condition = Condition::default();
        condition.and(WAITING, []);
        let select = select_item("INDEXED BY items_waiting");
        let pager = Pager { select, condition, key: SortKey::Scheduled.column(), descending: false };
        pager.read(&self.connection, None, limit, item)
    }

    /// Items that wait until later than `now` although an earlier time was asked for, of a client or of all: up to `limit` of
    /// those after `past`, by their slot. It looks at every item that waits until later.
    pub fn moved_items(
        &self,
        client: Option<&ClientId>,
        past: Option<&Item>,
        limit: usize,
        now: DateTime<Utc>,
    ) -> StoreResult<Vec<Item>> {
        let mut condition = Condition::default();
        condition.and(WAITING, []);
        condition.and(
            "scheduled_at > ? AND asked_at < scheduled_at AND callback_until IS NULL",
            [now.timestamp_millis().into()],
        );
        if let Some(client) = client {
            condition.and("name = ?", [client.as_str().to_owned().into()]);
        }
        let select = select_item("INDEXED BY items_waiting");
        let pager = Pager { select, condition, key: SortKey::Scheduled.column(), descending: false };
        let past = past.map(|item| (item.scheduled_at.timestamp_millis(), item.id));
        pager.read(&self.connection, past, limit, item)
    }

    /// The waiting items that are held back, up to `limit`, by the instant at which they are let go.
    pub fn returned_items(&self, filter: &Filter, limit: usize) -> StoreResult<Vec<Item>> {
        returned_pager(filter).read(&self.connection, None, limit, item)
    }

    /// How many items a selection has.
    pub fn count(&self, filter: &Filter) -> StoreResult<u64> {
        if let Some(count) = self.count_by_counters(filter)? {
            return Ok(count);
        }
        self.count_items(filter.condition())
    }

    pub(crate) fn count_items(&self, condition: Condition) -> StoreResult<u64> {
        let sql = format!("SELECT count(*) FROM items WHERE {}", condition.sql());
        let count: i64 = self.connection.query_row(&sql, params_from_iter(condition.values), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// How many items a selection has, where the counters know.
    pub fn count_by_counters(&self, filter: &Filter) -> StoreResult<Option<u64>> {
        let Some(condition) = filter.counted() else { return Ok(None) };
        let sql = format!("SELECT coalesce(sum(n), 0) FROM item_counts WHERE {}", condition.sql());
        let mut statement = self.connection.prepare_cached(&sql)?;
        let count: i64 = statement.query_row(params_from_iter(condition.values), |row| row.get(0))?;
        Ok(Some(count.unsigned_abs()))
    }
}

/// Reads a sorted selection.
pub(crate) fn page_pager(filter: &Filter, page: Page) -> Pager {
    let (select, condition) = (select_item(""), filter.condition());
    Pager { select, condition, key: page.sort.column(), descending: page.reverse }
}

/// Reads what is held back.
pub(crate) fn returned_pager(filter: &Filter) -> Pager {
    let mut condition = filter.condition();
    condition.and("not_before IS NOT NULL", []);
    Pager { select: select_item("INDEXED BY items_returned"), condition, key: "not_before", descending: false }
}
