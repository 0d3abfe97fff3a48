//! Changes that people make: to items by id or by selection, with who, when, what and why.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction, params_from_iter};

use crate::model::{DoNotCallEntry, Item, ItemId};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::change::{Changes, Edit, free_number};
use crate::store::sqlite::intern::client_row;
use crate::store::sqlite::lists::entry::entry_of_item;
use crate::store::sqlite::read::filter::Filter;
use crate::store::sqlite::read::item::load;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::TAKES_LEAD;

/// Which items a change means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Targets {
    /// Ranges of ids, each inclusive and each meaning every item that exists in it. A single id must exist.
    Ids(Vec<(ItemId, ItemId)>),
    Selection(Box<Filter>),
}

/// What else decides what may become of an item that ended.
#[derive(Debug, Clone, Default)]
pub struct Obstacles {
    /// The live item of the same lead.
    pub rival: Option<ItemId>,
    /// The entry of the do-not-call list that closes its number.
    pub do_not_call: Option<DoNotCallEntry>,
}

/// What a verb decides about one item.
#[derive(Debug)]
pub enum Decision<R> {
    /// Write this in its place.
    Write(Box<Item>),
    /// Leave it as it is, and go on.
    LeaveOut(R),
    /// Leave everything as it was.
    Abort(R),
}

/// What became of a change.
#[derive(Debug)]
pub enum Edited<R> {
    /// These items were changed, those left out.
    Done {
        /// Changed, in the order of their ids.
        changed: Vec<ItemId>,
        /// Left out, with the reason of each.
        left_out: Vec<(ItemId, R)>,
    },
    /// Nothing was changed, because of this item.
    Aborted(ItemId, R),
    /// Nothing was changed: no item has this id.
    NoItem(ItemId),
}

impl Targets {
    /// The filter that finds them.
    pub fn filter(&self) -> Filter {
        match self {
            Targets::Ids(ranges) => Filter { ids: ranges.clone(), ..Filter::default() },
            Targets::Selection(filter) => filter.as_ref().clone(),
        }
    }
}

impl Store {
    /// Offers each meant item to `decide`, with what keeps it from being sent again if it is not live, and writes what it
    /// says: all in one transaction, durable when it returns.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn edit<R>(
        &mut self,
        targets: &Targets,
        edit: &Edit<'_>,
        decide: impl FnMut(&Item, Obstacles) -> Decision<R>,
    ) -> StoreResult<Edited<R>> {
        let changes = Changes::told_to(&self.receivers);
        let transaction = self.write()?;
        let edited = edited(&transaction, targets, edit, changes, decide)?;
        if matches!(edited, Edited::Done { .. }) {
            transaction.commit()?;
        }
        Ok(edited)
    }

    /// The same, but nothing is changed: for a look at what it would do.
    ///
    /// # Errors
    /// When the database fails.
    pub fn rehearse<R>(
        &mut self,
        targets: &Targets,
        edit: &Edit<'_>,
        decide: impl FnMut(&Item, Obstacles) -> Decision<R>,
    ) -> StoreResult<Edited<R>> {
        // Dropped, a transaction is rolled back.
        edited(&self.write()?, targets, edit, Changes::default(), decide)
    }

    /// Makes sure that every single id names an item; gives back the first that does not.
    pub fn missing_id(&self, targets: &Targets) -> StoreResult<Option<ItemId>> {
        missing_id(&self.connection, targets)
    }
}

fn edited<R>(
    transaction: &Transaction<'_>,
    targets: &Targets,
    edit: &Edit<'_>,
    mut changes: Changes,
    mut decide: impl FnMut(&Item, Obstacles) -> Decision<R>,
) -> StoreResult<Edited<R>> {
    let ids = match meant(transaction, targets)? {
        Ok(ids) => ids,
        Err(missing) => return Ok(Edited::NoItem(missing)),
    };
    let (mut changed, mut left_out) = (Vec::new(), Vec::new());
    for id in ids {
        let item = load(transaction, id)?;
        match decide(&item, obstacles(transaction, &item, edit.at)?) {
            Decision::Write(new) => {
                let client = client_row(transaction, &item.client)?;
                changes.edit(transaction, client, &item, &new, edit)?;
                // Who sends it again has decided that its unknown call is over.
                if item.status.is_finished() && new.status.is_waiting() {
                    free_number(transaction, id, None)?;
                }
                changed.push(id);
            }
            Decision::LeaveOut(reason) => left_out.push((id, reason)),
            Decision::Abort(reason) => return Ok(Edited::Aborted(id, reason)),
        }
    }
    changes.finish(transaction)?;
    Ok(Edited::Done { changed, left_out })
}

fn missing_id(connection: &Connection, targets: &Targets) -> StoreResult<Option<ItemId>> {
    let Targets::Ids(ranges) = targets else { return Ok(None) };
    let mut any = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM items WHERE id BETWEEN ?1 AND ?2)")?;
    for (first, last) in ranges {
        if !any.query_row([first.row(), last.row()], |row| row.get::<_, bool>(0))? {
            return Ok(Some(*first));
        }
    }
    Ok(None)
}

/// The ids of the meant items, in order, or the first id that names none.
fn meant(transaction: &Transaction<'_>, targets: &Targets) -> StoreResult<Result<Vec<ItemId>, ItemId>> {
    if let Some(missing) = missing_id(transaction, targets)? {
        return Ok(Err(missing));
    }
    let condition = targets.filter().condition();
    let mut statement =
        transaction.prepare(&format!("SELECT items.id FROM items WHERE {} ORDER BY items.id", condition.sql()))?;
    let ids = statement.query_map(params_from_iter(condition.values), |row| rows::item_id(row, 0))?;
    Ok(Ok(ids.collect::<Result<_, _>>()?))
}

fn obstacles(connection: &Connection, item: &Item, now: DateTime<Utc>) -> StoreResult<Obstacles> {
    if !item.status.is_finished() {
        return Ok(Obstacles::default());
    }
    Ok(Obstacles { rival: rival(connection, item)?, do_not_call: entry_of_item(connection, item, now)? })
}

/// The item that takes the lead's one place, when `item` itself does not.
fn rival(connection: &Connection, item: &Item) -> StoreResult<Option<ItemId>> {
    if !item.status.is_finished() || item.held {
        return Ok(None);
    }
    let mut statement = connection.prepare_cached(&format!(
        "SELECT items.id FROM items WHERE client_id = (SELECT id FROM clients WHERE name = ?1)
         AND lead_id = ?2 AND {TAKES_LEAD}"
    ))?;
    let found =
        statement.query_row([item.client.as_str(), item.lead.as_str()], |row| rows::item_id(row, 0)).optional()?;
    Ok(found)
}
