//! An item as its row holds it: copied out of the database in one piece, and made a model type by whoever needs it, perhaps
//! in another thread.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};

use super::error::StoreResult;
use super::rows::{instant, item_id, of_text, stored_instant, unreadable, zone_names};
use crate::model::{Item, ItemId, Metadata, Priority};

/// `SELECT` and the columns of an item, in the order in which [`ItemRow::read`] reads them. `index` is nothing, or how the
/// items are to be found (`INDEXED BY …`). The order of the tables is fixed: each row of a selection has one client and one
/// set of zones.
pub(super) fn select_item(index: &str) -> String {
    let columns = columns("name", "names");
    format!(
        "SELECT {columns} FROM items {index} CROSS JOIN clients ON clients.id = client_id
         CROSS JOIN zone_sets ON zone_sets.id = zones"
    )
}

/// The same for the items of one group, of which client and zones are known: their names are the first two parameters.
pub(super) fn select_item_of_group() -> String {
    format!("SELECT {} FROM items INDEXED BY items_queue", columns("?", "?"))
}

/// The row of an item.
pub(super) fn by_id(connection: &Connection, id: ItemId) -> rusqlite::Result<Option<ItemRow>> {
    // A run asks for each item twice: the text is made once.
    static SQL: LazyLock<String> = LazyLock::new(|| format!("{} WHERE items.id = ?1", select_item("")));
    connection.prepare_cached(&SQL)?.query_row([id.row()], ItemRow::read).optional()
}

/// Where an item stands in the order of its group.
pub(super) type Place = (DateTime<Utc>, ItemId);

/// The place of a row of either.
pub(super) fn place(row: &Row<'_>) -> rusqlite::Result<Place> {
    Ok((instant(row, 2)?, item_id(row, 0)?))
}

fn columns(client: &str, zones: &str) -> String {
    format!(
        "items.id, priority, scheduled_at, not_before, expires_at, held, withdrawn, tries, max_retries, attempts, \
         created_at, updated_at, key, {client}, lead_id, status, phone, {zones}, metadata, last_reason, created_by"
    )
}

/// The column of the first text, and how many there are; all columns before it, from the fourth on, are numbers.
const FIRST_TEXT: usize = 12;
const TEXTS: usize = 9;
const FIRST_NUMBER: usize = 3;
const NUMBERS: usize = FIRST_TEXT - FIRST_NUMBER;

/// The row of an item. What its place in an order depends on is read, the rest is not.
#[derive(Debug, Clone)]
pub struct ItemRow {
    /// Its number.
    pub id: ItemId,
    /// How pressing it is.
    pub priority: Priority,
    /// The earliest instant at which it may be called.
    pub scheduled_at: DateTime<Utc>,
    /// Bit by bit, which columns have no value.
    nulls: u32,
    numbers: [i64; NUMBERS],
    /// All texts in one, and where each ends.
    text: Box<[u8]>,
    ends: [u32; TEXTS],
}

impl ItemRow {
    /// Copies a row of [`select_item`].
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<ItemRow> {
        let mut nulls = 0;
        let mut numbers = [0; NUMBERS];
        for (index, number) in (FIRST_NUMBER..).zip(&mut numbers) {
            match row.get_ref(index)?.as_i64_or_null()? {
                Some(found) => *number = found,
                None => nulls |= 1 << index,
            }
        }
        let mut texts = [&[] as &[u8]; TEXTS];
        let (mut ends, mut length) = ([0; TEXTS], 0_usize);
        for ((index, text), end) in (FIRST_TEXT..).zip(&mut texts).zip(&mut ends) {
            match row.get_ref(index)?.as_bytes_or_null()? {
                Some(found) => *text = found,
                None => nulls |= 1 << index,
            }
            length += text.len();
            *end = u32::try_from(length).map_err(|error| unreadable(index, Type::Text, &error.to_string()))?;
        }
        let text = texts.concat().into_boxed_slice();
        Ok(ItemRow {
            id: item_id(row, 0)?,
            priority: Priority::from_rank(row.get(1)?).ok_or_else(|| unreadable(1, Type::Integer, "not a priority"))?,
            scheduled_at: instant(row, 2)?,
            nulls,
            numbers,
            text,
            ends,
        })
    }

    /// The item.
    ///
    /// # Errors
    /// When the row holds what no item has.
    pub fn item(&self) -> StoreResult<Item> {
        let text =
            str::from_utf8(&self.text).map_err(|error| unreadable(FIRST_TEXT, Type::Text, &error.to_string()))?;
        Ok(Item {
            id: self.id,
            priority: self.priority,
            scheduled_at: self.scheduled_at,
            not_before: self.optional_instant(3)?,
            expires_at: self.optional_instant(4)?,
            held: self.number(5)? != 0,
            withdrawn: self.number(6)? != 0,
            tries: self.count(7)?,
            max_retries: self.count(8)?,
            attempts: self.count(9)?,
            created_at: stored_instant(self.number(10)?, 10)?,
            updated_at: stored_instant(self.number(11)?, 11)?,
            key: self.optional(text, 12).map(|key| of_text(key, 12)).transpose()?,
            client: of_text(self.text(text, 13)?, 13)?,
            lead: of_text(self.text(text, 14)?, 14)?,
            status: of_text(self.text(text, 15)?, 15)?,
            phone: self.optional(text, 16).map(|phone| of_text(phone, 16)).transpose()?,
            zones: zone_names(self.text(text, 17)?).map_err(|error| unreadable(17, Type::Text, &error.to_string()))?,
            metadata: self.optional(text, 18).map(|metadata| Metadata::from_stored(metadata.to_owned())),
            last_reason: self.optional(text, 19).map(str::to_owned),
            created_by: self.text(text, 20)?.to_owned(),
        })
    }

    fn is_null(&self, index: usize) -> bool {
        self.nulls & 1 << index != 0
    }

    fn optional_number(&self, index: usize) -> Option<i64> {
        self.numbers.get(index - FIRST_NUMBER).copied().filter(|_| !self.is_null(index))
    }

    fn number(&self, index: usize) -> rusqlite::Result<i64> {
        self.optional_number(index).ok_or_else(|| unreadable(index, Type::Null, "not a number"))
    }

    fn count(&self, index: usize) -> rusqlite::Result<u32> {
        u32::try_from(self.number(index)?).map_err(|error| unreadable(index, Type::Integer, &error.to_string()))
    }

    fn optional_instant(&self, index: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
        self.optional_number(index).map(|millis| stored_instant(millis, index)).transpose()
    }

    fn optional<'t>(&self, text: &'t str, index: usize) -> Option<&'t str> {
        let nth = index - FIRST_TEXT;
        let begin = nth.checked_sub(1).map_or(0, |before| self.ends[before]);
        text.get(begin as usize..self.ends[nth] as usize).filter(|_| !self.is_null(index))
    }

    fn text<'t>(&self, text: &'t str, index: usize) -> rusqlite::Result<&'t str> {
        self.optional(text, index).ok_or_else(|| unreadable(index, Type::Null, "not a text"))
    }
}
