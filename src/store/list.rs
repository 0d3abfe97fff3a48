//! Items by key, page by page: never by offset, and never one long read transaction.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params_from_iter};

use super::error::StoreResult;
use super::filter::{Condition, Filter};
use super::item_row::{self, ItemRow, Place};
use super::schema::WAITING;
use super::{Store, rows};
use crate::model::{Item, ItemId};

/// What a listing is sorted by; ties go by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// The earliest instant of the call.
    Scheduled,
    /// When it was added.
    Created,
    /// When it changed last.
    Updated,
    /// The number.
    Id,
}

impl SortKey {
    fn column(self) -> &'static str {
        match self {
            SortKey::Scheduled => "scheduled_at",
            SortKey::Created => "created_at",
            SortKey::Updated => "updated_at",
            SortKey::Id => "items.id",
        }
    }
}

/// A part of a sorted listing.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// What it is sorted by.
    pub sort: SortKey,
    /// Largest first.
    pub reverse: bool,
    /// Only what comes after this item.
    pub after: Option<ItemId>,
    /// At most so many.
    pub limit: usize,
}

/// How a query is ordered.
#[derive(Debug, Clone, Copy)]
struct Order {
    column: &'static str,
    descending: bool,
}

impl Page {
    /// Everything, by id.
    pub const WHOLE: Page = Page { sort: SortKey::Id, reverse: false, after: None, limit: usize::MAX };
}

impl Store {
    /// One page of a selection.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn page(&self, filter: &Filter, page: Page) -> StoreResult<Vec<Item>> {
        self.page_rows(filter, page)?.iter().map(ItemRow::item).collect()
    }

    /// The rows of one page of a selection.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn page_rows(&self, filter: &Filter, page: Page) -> StoreResult<Vec<ItemRow>> {
        let column = page.sort.column();
        let after = match page.after {
            None => None,
            Some(after) => {
                let mut key = self.connection.prepare_cached(&format!("SELECT {column} FROM items WHERE id = ?1"))?;
                key.query_row([after.row()], |row| row.get(0)).optional()?.map(|key: i64| (key, after))
            }
        };
        let order = Order { column, descending: page.reverse };
        self.after_position(filter.condition(), order, after, page.limit)
    }

    /// The ids of the same page: for sorts that no index serves, 8 bytes an item instead of a sort of whole rows.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn ids(&self, filter: &Filter, page: Page) -> StoreResult<Vec<ItemId>> {
        let (rest, values) = rest_of_query(filter, page);
        let mut statement = self.connection.prepare(&format!("SELECT items.id FROM items {rest}"))?;
        let ids = statement.query_map(params_from_iter(values), |row| rows::item_id(row, 0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// The waiting items that are due first, of every client, at most so many.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn first_waiting(&self, limit: usize) -> StoreResult<Vec<Item>> {
        let select = item_row::select_item("INDEXED BY items_waiting");
        let sql = format!("{select} WHERE {WAITING} ORDER BY scheduled_at, items.id");
        let rows = self.item_rows(&sql, Vec::new(), None, limit)?;
        rows.iter().map(ItemRow::item).collect()
    }

    /// The waiting items that a returned attempt holds back, at most so many, those first that are let go first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn returned_items(&self, filter: &Filter, limit: usize) -> StoreResult<Vec<Item>> {
        self.returned_rows(filter, limit)?.iter().map(ItemRow::item).collect()
    }

    /// The rows of the same items.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn returned_rows(&self, filter: &Filter, limit: usize) -> StoreResult<Vec<ItemRow>> {
        if !self.any_returned()? {
            return Ok(Vec::new());
        }
        let mut condition = filter.condition();
        condition.and("not_before IS NOT NULL", []);
        let select = item_row::select_item("INDEXED BY items_returned");
        let sql = format!("{select} WHERE {} ORDER BY not_before, items.id", condition.sql());
        self.item_rows(&sql, condition.values, None, limit)
    }

    /// How many items a selection has.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn count(&self, filter: &Filter) -> StoreResult<u64> {
        if let Some(count) = self.kept_count(filter)? {
            return Ok(count);
        }
        let condition = filter.condition();
        let sql = format!("SELECT count(*) FROM items WHERE {}", condition.sql());
        let count: i64 = self.connection.query_row(&sql, params_from_iter(condition.values), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// How many items a selection has, where the kept counts tell.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn kept_count(&self, filter: &Filter) -> StoreResult<Option<u64>> {
        let Some(condition) = filter.counted() else { return Ok(None) };
        let sql = format!("SELECT coalesce(sum(n), 0) FROM item_counts WHERE {}", condition.sql());
        let mut statement = self.connection.prepare_cached(&sql)?;
        let count: i64 = statement.query_row(params_from_iter(condition.values), |row| row.get(0))?;
        Ok(Some(count.unsigned_abs()))
    }

    /// Items in order after a position. What shares the position's key is asked for apart: with a comparison of (key, id)
    /// SQLite would walk through all that shares the key from its beginning, each time.
    fn after_position(
        &self,
        condition: Condition,
        order: Order,
        after: Option<(i64, ItemId)>,
        limit: usize,
    ) -> StoreResult<Vec<ItemRow>> {
        let Some((key, id)) = after else { return self.ordered(condition, order, limit) };
        let beyond = if order.descending { "<" } else { ">" };
        let column = order.column;
        let mut same = condition.clone();
        if column == SortKey::Id.column() {
            same.and(&format!("items.id {beyond} ?"), [id.row().into()]);
            return self.ordered(same, order, limit);
        }
        same.and(&format!("{column} = ? AND items.id {beyond} ?"), [key.into(), id.row().into()]);
        let mut items = self.ordered(same, order, limit)?;
        if items.len() < limit {
            let mut rest = condition;
            rest.and(&format!("{column} {beyond} ?"), [key.into()]);
            items.extend(self.ordered(rest, order, limit - items.len())?);
        }
        Ok(items)
    }

    fn ordered(&self, condition: Condition, order: Order, limit: usize) -> StoreResult<Vec<ItemRow>> {
        let direction = if order.descending { "DESC" } else { "ASC" };
        let column = order.column;
        let order = format!("ORDER BY {column} {direction}, items.id {direction} {}", at_most(limit));
        let sql = format!("{} WHERE {} {order}", item_row::select_item(""), condition.sql());
        self.item_rows(&sql, condition.values, None, limit)
    }

    /// The first rows of a query that come after a place, at most so many; what comes before it is passed over. Where nothing has to be sorted it is enough to stop
    /// reading, and one statement serves for every limit.
    pub(super) fn item_rows(
        &self,
        sql: &str,
        values: Vec<Value>,
        past: Option<Place>,
        limit: usize,
    ) -> StoreResult<Vec<ItemRow>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params_from_iter(values), |row| {
            let is_read = past.is_some_and(|past| item_row::place(row).is_ok_and(|place| place <= past));
            if is_read { Ok(None) } else { ItemRow::read(row).map(Some) }
        })?;
        Ok(rows.filter_map(Result::transpose).take(limit).collect::<Result<_, _>>()?)
    }
}

/// A limit in the text of a query, so that the planner knows it.
fn at_most(limit: usize) -> String {
    format!("LIMIT {}", i64::try_from(limit).unwrap_or(i64::MAX))
}

/// What follows `FROM items` in the query of a page, and its parameters.
fn rest_of_query(filter: &Filter, page: Page) -> (String, Vec<Value>) {
    let mut condition = filter.condition();
    let column = page.sort.column();
    let (beyond, direction) = if page.reverse { ("<", "DESC") } else { (">", "ASC") };
    if let Some(after) = page.after {
        let key = format!("(SELECT {column} FROM items WHERE items.id = ?)");
        condition.and(&format!("({column}, items.id) {beyond} ({key}, ?)"), [after.row().into(), after.row().into()]);
    }
    let order = format!("ORDER BY {column} {direction}, items.id {direction} {}", at_most(page.limit));
    (format!("WHERE {} {order}", condition.sql()), condition.values)
}
