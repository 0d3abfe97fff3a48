//! Puts calls on record again that the database forgot, because an older copy of it was put back.

use chrono::TimeDelta;
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{AttemptId, CallResult, Item, ItemId, Outcome, PhoneNumber, StartedCall, Status};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::attempts::runs::begin_run;
use crate::store::sqlite::change::{self, Cause, Changes, Edit, note};
use crate::store::sqlite::counters::metrics::AttemptCount;
use crate::store::sqlite::differences::shown_status;
use crate::store::sqlite::intern::client_row;
use crate::store::sqlite::new_item::NewItem;
use crate::store::sqlite::read::item::load;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::{OPEN, TAKES_LEAD};

/// The reason of an attempt that the database forgot. As long as its outcome is unknown and its item held, a person has
/// to settle it.
pub(crate) const FORGOTTEN: &str = "forgotten";

/// What is on record of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptState {
    Missing,
    /// Its outcome is to come.
    Open,
    /// The database forgot it: it waits for a person, or for the end of its call.
    Forgotten(ItemId),
    /// It has an outcome, or was accepted.
    Settled,
}

/// What became of a forgotten call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restored {
    /// It was on record already.
    Known,
    /// It is on record again, as an attempt of this item.
    OnRecord(ItemId),
    /// This item of its lead is being called. No retry follows, and it is put on record when that call has ended.
    Waits(ItemId),
}

/// A forgotten call, and how it is put on record.
#[derive(Debug, Clone, Copy)]
pub struct Restoration<'a> {
    /// The call, as its lease names it.
    pub call: &'a StartedCall,
    /// Whether it goes on; else nobody knows how it ended.
    pub goes_on: bool,
    /// What else is known of it, in words.
    pub detail: &'a str,
    /// The retries of an item that has to be added again.
    pub max_retries: u32,
    /// How long its number stays taken when nobody knows how it ended.
    pub number_taken_for: TimeDelta,
    /// Who, when and why.
    pub edit: Edit<'a>,
}

impl Store {
    /// What is on record of an attempt.
    pub fn attempt_state(&self, attempt: AttemptId) -> StoreResult<AttemptState> {
        let mut statement = self.connection.prepare_cached(
            "SELECT item_id, outcome, attempts.reason, items.held
             FROM attempts CROSS JOIN items ON items.id = item_id WHERE attempts.id = ?1",
        )?;
        let state = statement.query_row([attempt.as_bytes()], |row| {
            let is_forgotten = row.get::<_, Option<String>>(2)?.as_deref() == Some(FORGOTTEN);
            let (item, held) = (rows::item_id(row, 0)?, row.get::<_, bool>(3)?);
            Ok(match rows::optional::<Outcome>(row, 1)? {
                None if is_forgotten => AttemptState::Forgotten(item),
                None => AttemptState::Open,
                Some(Outcome::Unknown) if is_forgotten && held => AttemptState::Forgotten(item),
                Some(_) => AttemptState::Settled,
            })
        });
        Ok(state.optional()?.unwrap_or(AttemptState::Missing))
    }

    /// Puts a forgotten call on record again, and holds its item, or the one that its lead has by now; where there is
    /// none, adds it again. Durable when it returns.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn restore(&mut self, restoration: &Restoration<'_>) -> StoreResult<Restored> {
        let mut changes = Changes::told_to(&self.receivers);
        let transaction = self.write()?;
        let restored = put_back(&transaction, restoration, &mut changes)?;
        changes.finish(&transaction)?;
        transaction.commit()?;
        Ok(restored)
    }
}

pub(crate) fn put_back(
    connection: &Connection,
    restoration: &Restoration<'_>,
    changes: &mut Changes,
) -> StoreResult<Restored> {
    let Restoration { call, edit, goes_on, .. } = *restoration;
    let mut known = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM attempts WHERE id = ?1)")?;
    if known.query_row([call.attempt.as_bytes()], |row| row.get(0))? {
        return Ok(Restored::Known);
    }
    let client = client_row(connection, &call.client)?;
    let present = present_item(connection, call, client)?.map(|id| load(connection, id)).transpose()?;
    if let Some(item) = present.as_ref().filter(|item| item.status == Status::InProgress) {
        if !item.no_retry {
            let new = Item { no_retry: true, ..item.clone() };
            changes.edit(connection, client, item, &new, &edit)?;
        }
        return Ok(Restored::Waits(item.id));
    }
    begin_run(connection, call.run, edit.by, call.started_at)?;
    let before = present.as_ref().map(shown_status);
    let item = match present {
        Some(item) => item,
        None => add_again(connection, restoration, client, changes)?,
    };
    let new = Item {
        status: if goes_on { Status::InProgress } else { Status::Failed },
        held: !goes_on,
        not_before: None,
        attempts: item.attempts + 1,
        counted_attempts: item.counted_attempts + 1,
        max_retries: item.max_retries.max(item.counted_attempts),
        last_reason: Some(FORGOTTEN.to_owned()),
        updated_at: edit.at,
        ..item.clone()
    };
    write_attempt(connection, restoration, &item, client)?;
    count_attempt(connection, restoration, &new, client, changes)?;
    let cause = Cause::CallFound(goes_on.then_some(call.attempt), call.started_at);
    changes.apply(connection, client, &item, &new, cause)?;
    if !goes_on {
        let result = CallResult::of(Outcome::Unknown).because(FORGOTTEN);
        changes.events.settled(connection, (client, &new), call.attempt, &result, &edit)?;
    }
    let moved = if item.id == call.item { String::new() } else { format!("; it was item {}", call.item) };
    let why = format!("the database forgot attempt {}: an older copy was put back{moved}", call.attempt);
    let edit = Edit { reason: Some(&why), ..edit };
    note(connection, item.id, &edit, "status", before.as_deref(), Some(&shown_status(&new)))?;
    Ok(Restored::OnRecord(item.id))
}

/// Counts the attempt as `doctor` does.
fn count_attempt(
    connection: &Connection,
    restoration: &Restoration<'_>,
    item: &Item,
    client: i64,
    changes: &mut Changes,
) -> StoreResult<()> {
    let Restoration { call, goes_on, .. } = *restoration;
    let mut slot = connection.prepare_cached("SELECT first_slot_at FROM items WHERE id = ?1")?;
    let slot: i64 = slot.query_row([item.id.row()], |row| row.get(0))?;
    let waited = u64::try_from(call.started_at.timestamp_millis() - slot).unwrap_or(0);
    let (outcome, reason) = if goes_on { (None, None) } else { (Some(Outcome::Unknown), Some(FORGOTTEN)) };
    let waited_ms = (item.attempts == 1).then_some(waited);
    changes.attempt(client, None, &AttemptCount { outcome, reason, waited_ms, ..AttemptCount::default() });
    Ok(())
}

/// The item that the call belongs to: the live or held one of its lead, else its own, if that is the lead's.
fn present_item(connection: &Connection, call: &StartedCall, client: i64) -> StoreResult<Option<ItemId>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT items.id FROM items WHERE client_id = ?1 AND lead_id = ?2 AND (items.id = ?3 OR {TAKES_LEAD})
         ORDER BY {TAKES_LEAD} DESC LIMIT 1"
    ))?;
    let found = statement.query_row(params![client, call.lead.as_str(), call.item.row()], |row| rows::item_id(row, 0));
    Ok(found.optional()?)
}

/// Adds the item again, under its own id unless another item has that.
fn add_again(
    connection: &Connection,
    restoration: &Restoration<'_>,
    client: i64,
    changes: &mut Changes,
) -> StoreResult<Item> {
    let Restoration { call, edit, max_retries, .. } = *restoration;
    let is_taken: bool =
        connection
            .query_row("SELECT EXISTS (SELECT 1 FROM items WHERE id = ?1)", [call.item.row()], |row| row.get(0))?;
    let new = NewItem {
        lead: call.lead.clone(),
        key: None,
        priority: call.priority,
        status: Status::Pending,
        scheduled_at: call.started_at,
        asked_at: None,
        expires_at: None,
        max_retries,
        phone: call.phone.clone(),
        region: call.region.clone(),
        place: call.place.clone(),
        metadata: None,
        consent: None,
        promised_until: None,
    };
    let mut insert = change::prepare_insert(connection)?;
    let own_id = (!is_taken).then_some(call.item);
    let id = changes.insert(connection, &mut insert, client, &new, own_id, (edit.by, edit.at))?;
    load(connection, id)
}

fn write_attempt(connection: &Connection, restoration: &Restoration<'_>, item: &Item, client: i64) -> StoreResult<()> {
    let Restoration { call, detail, number_taken_for, edit, goes_on, .. } = *restoration;
    let phone = call.phone.as_ref().map(PhoneNumber::as_str);
    // A number has one open call; another one to it keeps the number taken as well.
    let mut rival = connection.prepare_cached(&format!(
        "SELECT EXISTS (SELECT 1 FROM attempts WHERE phone = ?1 AND {OPEN} AND phone IS NOT NULL)"
    ))?;
    let is_dialled = goes_on && rival.query_row([phone], |row| row.get(0))?;
    let status_before = if item.status.is_waiting() { item.status } else { Status::Pending };
    let ended = |millis: i64| (!goes_on).then_some(millis);
    let mut insert = connection.prepare_cached(
        "INSERT INTO attempts (id, item_id, client_id, number, run_id, dispatcher, phone, status_before, started_at,
             finished_at, outcome, reason, detail, number_taken_until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    insert.execute(params![
        call.attempt.as_bytes(),
        item.id.row(),
        client,
        item.attempts + 1,
        call.run.as_bytes(),
        call.dispatcher,
        phone.filter(|_| !is_dialled),
        status_before.as_str(),
        call.started_at.timestamp_millis(),
        ended(edit.at.timestamp_millis()),
        (!goes_on).then_some(Outcome::Unknown.as_str()),
        FORGOTTEN,
        detail,
        ended((edit.at + number_taken_for).timestamp_millis()).filter(|_| phone.is_some()),
    ])?;
    let mut first = connection.prepare_cached(
        "UPDATE clients SET first_attempt_at = CASE WHEN first_attempt_at <= ?2 THEN first_attempt_at ELSE ?2 END
         WHERE id = ?1",
    )?;
    first.execute(params![client, call.started_at.timestamp_millis()])?;
    Ok(())
}
