//! Changes that people make: to items by id or by selection, with who, when, what and why.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction, params, params_from_iter};

use super::counts::{CountChanges, ItemKind};
use super::error::{StoreError, StoreResult};
use super::filter::Filter;
use super::intern::{ZoneSets, client_row};
use super::item_row;
use super::number;
use super::schema::TAKES_LEAD;
use super::{Store, rows};
use crate::model::{Actor, Item, ItemId, ItemKey, Metadata, PhoneNumber, Status, ZoneName, to_text};

/// Who changes something, when and why.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'a> {
    /// Who.
    pub by: &'a Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, in the words of who does it.
    pub reason: Option<&'a str>,
}

/// Which items a change means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Targets {
    /// Ranges of ids, each inclusive and each meaning every item that exists in it. A single id must exist.
    Ids(Vec<(ItemId, ItemId)>),
    /// A selection.
    Selection(Filter),
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
            Targets::Selection(filter) => filter.clone(),
        }
    }
}

impl Store {
    /// Offers each meant item to `decide`, with the live item of the same lead if the item itself is not live, and
    /// writes what it says: all in one transaction, durable when it returns.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn edit<R>(
        &mut self,
        targets: &Targets,
        edit: &Edit<'_>,
        mut decide: impl FnMut(&Item, Option<ItemId>) -> Decision<R>,
    ) -> StoreResult<Edited<R>> {
        let transaction = self.write()?;
        let ids = match meant(&transaction, targets)? {
            Ok(ids) => ids,
            Err(missing) => return Ok(Edited::NoItem(missing)),
        };
        let (mut changed, mut left_out) = (Vec::new(), Vec::new());
        let (mut zone_sets, mut counts) = (ZoneSets::default(), CountChanges::default());
        for id in ids {
            let item = load(&transaction, id)?;
            match decide(&item, rival(&transaction, &item)?) {
                Decision::Write(new) => {
                    write_edit(&transaction, edit, &item, &new, &mut zone_sets, &mut counts)?;
                    // Who sends it again has decided that its unknown call is over.
                    if item.status.is_finished() && new.status.is_waiting() {
                        number::free(&transaction, id, None)?;
                    }
                    changed.push(id);
                }
                Decision::LeaveOut(reason) => left_out.push((id, reason)),
                Decision::Abort(reason) => return Ok(Edited::Aborted(id, reason)),
            }
        }
        counts.write(&transaction)?;
        transaction.commit()?;
        Ok(Edited::Done { changed, left_out })
    }

    /// Makes sure that every single id names an item; gives back the first that does not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn missing_id(&self, targets: &Targets) -> StoreResult<Option<ItemId>> {
        missing_id(&self.connection, targets)
    }
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

/// Loads an item that is known to exist.
pub(super) fn load(connection: &Connection, id: ItemId) -> StoreResult<Item> {
    item_row::by_id(connection, id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?.item()
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

/// Writes `new` over `old`, with one change row for each field that differs, and counts it.
pub(super) fn write_edit(
    connection: &Connection,
    edit: &Edit<'_>,
    old: &Item,
    new: &Item,
    zone_sets: &mut ZoneSets,
    counts: &mut CountChanges,
) -> StoreResult<()> {
    let zones = zone_sets.row(connection, &new.zones)?;
    // The new number may be free.
    let waits_for_old_number = old.phone != new.phone && number::is_held_back(connection, old)?;
    let not_before = new.not_before.filter(|_| !waits_for_old_number);
    let mut update = connection.prepare_cached(
        "UPDATE items SET priority = ?3, status = ?4, held = ?5, scheduled_at = ?6, not_before = ?7, expires_at = ?8,
             max_retries = ?9, withdrawn = ?10, phone = ?11, zones = ?12, metadata = ?13, last_reason = ?14,
             updated_at = ?15, key = ?16, tries = ?17,
             first_slot_at = CASE WHEN attempts = 0 THEN ?6 ELSE first_slot_at END
         WHERE id = ?1 AND status = ?2",
    )?;
    let written = update.execute(params![
        old.id.row(),
        old.status.as_str(),
        new.priority.rank(),
        new.status.as_str(),
        new.held,
        new.scheduled_at.timestamp_millis(),
        not_before.map(|at| at.timestamp_millis()),
        new.expires_at.map(|at| at.timestamp_millis()),
        new.max_retries,
        new.withdrawn,
        new.phone.as_ref().map(PhoneNumber::as_str),
        zones,
        new.metadata.as_ref().map(Metadata::as_str),
        new.last_reason,
        edit.at.timestamp_millis(),
        new.key.as_ref().map(ItemKey::as_str),
        new.tries,
    ])?;
    if written != 1 {
        return Err(StoreError::Lost(old.id.row()));
    }
    for (what, from, to) in differences(old, new) {
        note(connection, old.id, edit, what, from.as_deref(), to.as_deref(), edit.reason)?;
    }
    let client = client_row(connection, &old.client)?;
    counts.remove(client, ItemKind::of(old));
    counts.add(client, ItemKind::of(new));
    Ok(())
}

/// Writes one row of the changes of an item.
pub(super) fn note(
    connection: &Connection,
    item: ItemId,
    edit: &Edit<'_>,
    what: &str,
    from: Option<&str>,
    to: Option<&str>,
    reason: Option<&str>,
) -> StoreResult<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO changes (item_id, at, by, what, old_value, new_value, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    insert.execute(params![item.row(), edit.at.timestamp_millis(), edit.by.as_str(), what, from, to, reason])?;
    Ok(())
}

/// The fields that differ, each with its old and its new value as text.
fn differences(old: &Item, new: &Item) -> Vec<(&'static str, Option<String>, Option<String>)> {
    let zones = |item: &Item| -> Option<String> {
        let names: Vec<&str> = item.zones.iter().map(ZoneName::as_str).collect();
        (!names.is_empty()).then(|| names.join(" "))
    };
    let texts = |item: &Item| -> [(&'static str, Option<String>); 10] {
        [
            ("status", Some(shown_status(item))),
            ("priority", Some(item.priority.to_string())),
            ("scheduled_at", Some(to_text(item.scheduled_at))),
            ("expires_at", item.expires_at.map(to_text)),
            ("max_retries", Some(item.max_retries.to_string())),
            ("phone", item.phone.as_ref().map(ToString::to_string)),
            ("timezones", zones(item)),
            ("metadata", item.metadata.as_ref().map(ToString::to_string)),
            ("key", item.key.as_ref().map(ToString::to_string)),
            ("retry_allowed", item.withdrawn.then(|| "no".to_owned())),
        ]
    };
    texts(old)
        .into_iter()
        .zip(texts(new))
        .filter(|((_, from), (_, to))| from != to)
        .map(|((what, from), (_, to))| (what, from, to))
        .collect()
}

pub(super) fn shown_status(item: &Item) -> String {
    match item.status {
        Status::Failed if item.held => "failed, held".to_owned(),
        status => status.to_string(),
    }
}
