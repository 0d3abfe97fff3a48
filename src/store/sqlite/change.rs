//! The one writer of items: every change of an item is written here, with its counters and its history.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Statement, params};

use crate::model::{
    Actor, AttemptId, EventReceivers, Gate, Item, ItemId, ItemKey, LeadPlace, Metadata, PhoneNumber, RegionCode,
};
use crate::store::error::{StoreError, StoreResult};
pub(crate) use crate::store::sqlite::cause::{Cause, Edit};
use crate::store::sqlite::counters::metrics::AttemptCount;
use crate::store::sqlite::counters::sums::{CounterChanges, ItemKind};
use crate::store::sqlite::differences::differences;
use crate::store::sqlite::intern::Places;
use crate::store::sqlite::new_item::NewItem;
use crate::store::sqlite::outbox::append::EventWriter;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::WAITING;

/// The changes of one transaction: writes each item at once, and the sums of the counters at the end.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    counts: CounterChanges,
    places: Places,
    /// The id of the next new item, once it was asked for; written at the end.
    next_item: Option<i64>,
    pub(crate) events: EventWriter,
}

/// The statement that inserts an item. A batch prepares it once.
pub(crate) fn prepare_insert(connection: &Connection) -> rusqlite::Result<Statement<'_>> {
    connection.prepare(
        "INSERT INTO items (id, client_id, lead_id, key, priority, status, zones, scheduled_at, first_slot_at, expires_at,
             max_retries, phone, metadata, created_by, created_at, updated_at, region, asked_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14, ?15, ?16)",
    )
}

impl Changes {
    /// Changes whose events go to these receivers.
    pub(crate) fn told_to(receivers: &EventReceivers) -> Changes {
        Changes { events: EventWriter::to(receivers), ..Changes::default() }
    }

    /// Inserts an item, under a free id of the caller's or else under the next one.
    pub(crate) fn insert(
        &mut self,
        connection: &Connection,
        insert: &mut Statement<'_>,
        client: i64,
        new: &NewItem,
        id: Option<ItemId>,
        (by, at): (&Actor, DateTime<Utc>),
    ) -> StoreResult<ItemId> {
        let next = self.next_item(connection)?;
        let row = id.map_or(next, ItemId::row);
        self.next_item = Some(next.max(row.saturating_add(1)));
        insert.execute(params![
            row,
            client,
            new.lead.as_str(),
            new.key.as_ref().map(ItemKey::as_str),
            new.priority.rank(),
            new.status.as_str(),
            self.places.row(connection, &new.place)?,
            new.scheduled_at.timestamp_millis(),
            new.expires_at.map(|at| at.timestamp_millis()),
            new.max_retries,
            new.phone.as_ref().map(PhoneNumber::as_str),
            new.metadata.as_ref().map(Metadata::as_str),
            by.as_str(),
            at.timestamp_millis(),
            new.region.as_ref().map(RegionCode::as_str),
            new.asked_at.map(|at| at.timestamp_millis()),
        ])?;
        if let Some(until) = new.promised_until {
            let mut promise = connection.prepare_cached("UPDATE items SET callback_until = ?2 WHERE id = ?1")?;
            promise.execute([row, until.timestamp_millis()])?;
        }
        let kind = ItemKind { status: new.status, priority: new.priority, held: false, retried: false };
        self.counts.add(client, kind);
        let id = ItemId::from_row(row).ok_or(StoreError::Lost(row))?;
        self.events.added(connection, client, (id, new), (by, at))?;
        Ok(id)
    }

    /// The id of the next new item: above every one that was ever given.
    fn next_item(&self, connection: &Connection) -> StoreResult<i64> {
        match self.next_item {
            Some(next) => Ok(next),
            None => Ok(connection.query_row("SELECT id FROM next_item", [], |row| row.get(0))?),
        }
    }

    /// Writes `after` over `before`, an item of a client, counts it and notes it in the history.
    ///
    /// # Errors
    /// [`StoreError::Lost`] when the row is not as `before` and the cause say.
    pub(crate) fn apply(
        &mut self,
        connection: &Connection,
        client: i64,
        before: &Item,
        after: &Item,
        cause: Cause<'_>,
    ) -> StoreResult<()> {
        let place = match before.place == after.place {
            true => None,
            false => Some(self.places.row(connection, &after.place)?),
        };
        let millis = |at: DateTime<Utc>| at.timestamp_millis();
        let bytes = |attempt: AttemptId| Some(*attempt.as_bytes());
        // Whether the open attempt changes, from and to what; and the start of a call.
        let (is_call, open_before, open_after, started_at) = match cause {
            Cause::Edit(_) => (false, None, None, None),
            Cause::CallBegins(attempt, at) => (true, None, bytes(attempt), Some(millis(at))),
            Cause::CallEnds(attempt, _) => (true, bytes(attempt), None, None),
            Cause::CallFound(attempt, at) => (true, None, attempt.and_then(bytes), Some(millis(at))),
        };
        // What is over keeps no promise, nor what is due behind its window.
        let promise = after.promise.filter(|promise| !after.status.is_finished() && promise.until > after.scheduled_at);
        let mut update = connection.prepare_cached(
            "UPDATE items SET priority = ?3, status = ?4, held = ?5, scheduled_at = ?6, not_before = ?7, expires_at = ?8,
                 max_retries = ?9, withdrawn = ?10, phone = ?11, zones = coalesce(?12, zones), metadata = ?13,
                 last_reason = ?14, updated_at = ?15, key = ?16, attempts = ?17, tries = ?18, blocked_by = ?23,
                 blocked_law = CASE WHEN ?23 IS NOT NULL THEN coalesce(blocked_law, 0) END, region = ?24,
                 callback_until = ?25, callback_missed_at = ?26, asked_at = ?27,
                 first_slot_at = CASE WHEN attempts = 0 THEN ?6 ELSE first_slot_at END,
                 open_attempt = CASE WHEN ?19 THEN ?21 ELSE open_attempt END,
                 first_attempt_at = CASE WHEN ?22 IS NULL OR first_attempt_at <= ?22 THEN first_attempt_at ELSE ?22 END
             WHERE id = ?1 AND status = ?2 AND (NOT ?19 OR open_attempt IS NOT DISTINCT FROM ?20)",
        )?;
        let written = update.execute(params![
            before.id.row(),
            before.status.as_str(),
            after.priority.rank(),
            after.status.as_str(),
            after.held,
            millis(after.scheduled_at),
            after.not_before.map(millis),
            after.expires_at.map(millis),
            after.max_retries,
            after.no_retry,
            after.phone.as_ref().map(PhoneNumber::as_str),
            place,
            after.metadata.as_ref().map(Metadata::as_str),
            after.last_reason,
            millis(after.updated_at),
            after.key.as_ref().map(ItemKey::as_str),
            after.attempts,
            after.counted_attempts,
            is_call,
            open_before,
            open_after,
            started_at,
            after.blocked_by.filter(|_| after.not_before.is_some()).map(Gate::as_str),
            after.region.as_ref().map(RegionCode::as_str),
            promise.map(|promise| millis(promise.until)),
            promise.and_then(|promise| promise.missed_at).map(millis),
            after.asked_at.map(millis),
        ])?;
        if written != 1 {
            return Err(StoreError::Lost(before.id.row()));
        }
        let mut changed = Vec::new();
        if let Cause::Edit(edit) = cause {
            for (what, from, to) in differences(before, after) {
                note(connection, before.id, edit, what, from.as_deref(), to.as_deref())?;
                changed.push(what);
            }
        }
        self.events.changed(connection, client, (before, after), cause, &changed)?;
        self.counts.remove(client, ItemKind::of(before));
        self.counts.add(client, ItemKind::of(after));
        Ok(())
    }

    /// Writes what a person or a rule makes of an item.
    pub(crate) fn edit(
        &mut self,
        connection: &Connection,
        client: i64,
        before: &Item,
        after: &Item,
        edit: &Edit<'_>,
    ) -> StoreResult<()> {
        // Other gates may be open for another number, at another place, or with other metadata.
        let differs = before.phone != after.phone || before.place != after.place || before.metadata != after.metadata;
        let is_judged_anew = after.blocked_by.is_some() && differs;
        let not_before = after.not_before.filter(|_| !is_judged_anew);
        let after = Item { not_before, updated_at: edit.at, ..after.clone() };
        self.apply(connection, client, before, &after, Cause::Edit(edit))
    }

    /// Writes the place that a new table tells. Neither counters nor history know of it.
    pub(crate) fn set_place(
        &mut self,
        connection: &Connection,
        item: &Item,
        place: &Arc<LeadPlace>,
    ) -> StoreResult<()> {
        if item.place != *place {
            let row = self.places.row(connection, place)?;
            // What blocked it may be a rule of the old place.
            let mut update = connection.prepare_cached(
                "UPDATE items SET zones = ?2, not_before = CASE WHEN blocked_by IS NULL THEN not_before END,
                     blocked_by = NULL, blocked_law = NULL WHERE id = ?1",
            )?;
            update.execute([item.id.row(), row])?;
        }
        Ok(())
    }

    /// Counts an attempt as it is now instead of as it was.
    pub(crate) fn attempt(&mut self, client: i64, before: Option<&AttemptCount<'_>>, after: &AttemptCount<'_>) {
        if let Some(before) = before {
            self.counts.remove_attempt(client, before);
        }
        self.counts.add_attempt(client, after);
    }

    /// Counts an attempt out.
    pub(crate) fn remove_attempt(&mut self, client: i64, attempt: &AttemptCount<'_>) {
        self.counts.remove_attempt(client, attempt);
    }

    /// Deletes an item, whose attempts are counted out already; they and its history go with it.
    pub(crate) fn delete(
        &mut self,
        connection: &Connection,
        client: i64,
        item: ItemId,
        kind: ItemKind,
    ) -> StoreResult<()> {
        connection.prepare_cached("DELETE FROM items WHERE id = ?1")?.execute([item.row()])?;
        self.counts.remove(client, kind);
        Ok(())
    }

    pub(crate) fn finish(self, connection: &Connection) -> StoreResult<()> {
        if let Some(next) = self.next_item {
            connection.prepare_cached("UPDATE next_item SET id = ?1")?.execute([next])?;
        }
        self.events.finish(connection)?;
        self.counts.write(connection)
    }
}

/// Takes a waiting item out of the queue until an instant, because of a gate under the caps of `law`. Neither counters nor
/// history know of it.
pub(crate) fn hold_until(
    connection: &Connection,
    item: ItemId,
    until: DateTime<Utc>,
    gate: Gate,
    law: i64,
) -> StoreResult<()> {
    let mut hold = connection.prepare_cached(
        "UPDATE items SET not_before = ?2, blocked_by = ?3, blocked_law = ?4 WHERE id = ?1 AND not_before IS NULL",
    )?;
    hold.execute(params![item.row(), until.timestamp_millis(), gate.as_str(), law])?;
    Ok(())
}

/// Puts back into the queue what was held back until `now`. Mostly no item is held back, and a change that looks for its own rows
/// sets up a table for them first.
pub(crate) fn release(connection: &Connection, now: DateTime<Utc>) -> StoreResult<()> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM items WHERE not_before IS NOT NULL AND not_before <= ?1")?;
    let ids = statement.query_map([now.timestamp_millis()], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    let mut release = connection
        .prepare_cached("UPDATE items SET not_before = NULL, blocked_by = NULL, blocked_law = NULL WHERE id = ?1")?;
    for id in ids {
        release.execute([id])?;
    }
    Ok(())
}

/// Notes the promises whose window has passed uncalled, each once; gives back their items. Neither counters nor history know
/// of it.
pub(crate) fn note_missed(connection: &Connection, now: DateTime<Utc>) -> StoreResult<Vec<ItemId>> {
    let sql = format!(
        "SELECT id FROM items INDEXED BY items_callback WHERE callback_until IS NOT NULL AND callback_until <= ?1
             AND callback_missed_at IS NULL AND {WAITING}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let missed = statement.query_map([now.timestamp_millis()], |row| rows::item_id(row, 0))?;
    let missed = missed.collect::<Result<Vec<ItemId>, _>>()?;
    let mut note = connection.prepare_cached("UPDATE items SET callback_missed_at = ?2 WHERE id = ?1")?;
    for item in &missed {
        note.execute([item.row(), now.timestamp_millis()])?;
    }
    Ok(missed)
}

/// What is held back under other caps than those of law ?1.
pub(crate) const OTHER_LAW: &str = "blocked_by IS NOT NULL AND (blocked_law < ?1 OR blocked_law > ?1)";

/// Puts back into the queue what a gate holds back under other caps than those of `law`.
pub(crate) fn release_other_law(connection: &Connection, law: i64) -> StoreResult<()> {
    let sql = format!(
        "UPDATE items INDEXED BY items_blocked_law SET not_before = NULL, blocked_by = NULL, blocked_law = NULL
         WHERE {OTHER_LAW}"
    );
    connection.execute(&sql, [law])?;
    Ok(())
}

/// Puts back into the queue what a gate holds back for the number of an attempt, all or only by one gate.
pub(crate) fn release_number(connection: &Connection, attempt: AttemptId, only: Option<Gate>) -> StoreResult<()> {
    let mut release = connection.prepare_cached(
        "UPDATE items INDEXED BY items_blocked SET not_before = NULL, blocked_by = NULL, blocked_law = NULL
         WHERE blocked_by IS NOT NULL AND phone = (SELECT phone FROM attempts WHERE id = ?1)
             AND (?2 IS NULL OR blocked_by = ?2)",
    )?;
    release.execute(params![attempt.as_bytes(), only.map(Gate::as_str)])?;
    Ok(())
}

/// Puts back into the queue what a gate holds back for a number.
pub(crate) fn release_phone(connection: &Connection, phone: &PhoneNumber, gate: Gate) -> StoreResult<()> {
    let mut release = connection.prepare_cached(
        "UPDATE items INDEXED BY items_blocked SET not_before = NULL, blocked_by = NULL, blocked_law = NULL
         WHERE blocked_by IS NOT NULL AND phone = ?1 AND blocked_by = ?2",
    )?;
    release.execute([phone.as_str(), gate.as_str()])?;
    Ok(())
}

/// Puts back into the queue what a pause of a part holds back, of a client or of all.
pub(crate) fn release_paused(connection: &Connection, client: Option<i64>) -> StoreResult<()> {
    let mut release = connection.prepare_cached(
        "UPDATE items INDEXED BY items_blocked SET not_before = NULL, blocked_by = NULL, blocked_law = NULL
         WHERE blocked_by IS NOT NULL AND blocked_by = ?2 AND (?1 IS NULL OR client_id = ?1)",
    )?;
    release.execute(params![client, Gate::Paused.as_str()])?;
    Ok(())
}

/// Puts an item back into the queue if a gate still holds it back.
pub(crate) fn let_go(connection: &Connection, item: ItemId, gate: Gate) -> StoreResult<()> {
    let mut release = connection.prepare_cached(
        "UPDATE items SET not_before = NULL, blocked_by = NULL, blocked_law = NULL WHERE id = ?1 AND blocked_by = ?2",
    )?;
    release.execute(params![item.row(), gate.as_str()])?;
    Ok(())
}

/// Frees the number of one attempt of an item, or of all, since a person has settled them: who waits for it may be called.
pub(crate) fn free_number(connection: &Connection, item: ItemId, attempt: Option<AttemptId>) -> StoreResult<()> {
    let only = attempt.map(|attempt| attempt.as_bytes().to_vec());
    let mut taken = connection.prepare_cached(
        "SELECT phone, number_taken_until FROM attempts
         WHERE item_id = ?1 AND (?2 IS NULL OR id = ?2) AND number_taken_until IS NOT NULL",
    )?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let taken = taken.query_map(params![item.row(), only], read)?.collect::<Result<Vec<(String, i64)>, _>>()?;
    if taken.is_empty() {
        return Ok(());
    }
    let mut clear = connection.prepare_cached(
        "UPDATE attempts SET number_taken_until = NULL WHERE item_id = ?1 AND (?2 IS NULL OR id = ?2)",
    )?;
    clear.execute(params![item.row(), only])?;
    let mut release = connection.prepare_cached(
        "UPDATE items INDEXED BY items_returned SET not_before = NULL, blocked_by = NULL, blocked_law = NULL
         WHERE not_before IS NOT NULL AND not_before = ?1 AND phone = ?2",
    )?;
    for (phone, until) in taken {
        release.execute(params![until, phone])?;
    }
    Ok(())
}

/// Writes one row of the history of an item.
pub(crate) fn note(
    connection: &Connection,
    item: ItemId,
    edit: &Edit<'_>,
    what: &str,
    from: Option<&str>,
    to: Option<&str>,
) -> StoreResult<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO changes (item_id, at, by, what, old_value, new_value, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    insert.execute(params![item.row(), edit.at.timestamp_millis(), edit.by.as_str(), what, from, to, edit.reason])?;
    Ok(())
}
