//! The do-not-call list: its entries, and which of them closes a number.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::consents;
use super::end_waiting::end_waiting;
use super::entry::{JOIN_CLIENT, SELECT_ENTRY, closing, read};
use crate::model::{
    Actor, CALLER, ClientId, DoNotCallEntry, Item, ItemId, NewDoNotCallEntry, NumberPattern, PhoneNumber, Removal,
};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::change::Changes;
use crate::store::sqlite::intern::{client_row, only_client};

/// At most this many entries are added, and items ended, in one transaction, so that the write lock is held briefly.
const AT_ONCE: usize = 500;

/// At most this many items that an entry ended are kept for the answer; the others are counted.
const MOST_NAMED: usize = 1_000;

/// An entry that was asked for, and what it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    pub entry: DoNotCallEntry,
    /// It stood before, and nothing was added.
    pub existing: bool,
    /// The waiting items that it ended, as they were; at most 1,000.
    pub ended: Vec<Item>,
    /// How many it ended.
    pub ended_count: u64,
}

impl Blocked {
    /// Ends what the entry closes, as far as there is room; true when that is all.
    fn end_waiting(
        &mut self,
        connection: &Connection,
        room: &mut usize,
        by: (&Actor, DateTime<Utc>),
        changes: &mut Changes,
    ) -> StoreResult<bool> {
        let NewDoNotCallEntry { pattern, client, .. } = &self.entry.new;
        let ended = end_waiting(connection, pattern, client.as_ref(), *room, by, changes)?;
        self.ended_count += ended.len() as u64;
        let is_all = ended.len() < *room;
        *room -= ended.len();
        let named = MOST_NAMED.saturating_sub(self.ended.len());
        self.ended.extend(ended.into_iter().take(named));
        Ok(is_all)
    }
}

/// Which entries are meant.
#[derive(Debug, Clone, Default)]
pub struct EntryFilter {
    /// Only those of this source.
    pub source: Option<String>,
    /// Also those that have ended.
    pub ended: bool,
}

/// Notes the number of an item whose person asked for it, for all clients, and ends what waits for it. Who asks again said
/// so before.
pub(crate) fn note(
    connection: &Connection,
    item: &Item,
    (by, at): (&Actor, DateTime<Utc>),
    changes: &mut Changes,
) -> StoreResult<()> {
    let Some(phone) = &item.phone else { return Ok(()) };
    let new = NewDoNotCallEntry {
        pattern: NumberPattern::Number(phone.clone()),
        client: None,
        source: CALLER.to_owned(),
        reason: None,
        until: None,
        said_in: Some(item.id),
    };
    put(connection, &new, (by, at), changes)?;
    consents::withdraw(connection, &new.pattern, None, (by, at))?;
    end_waiting(connection, &new.pattern, None, usize::MAX, (by, at), changes)?;
    Ok(())
}

/// Adds an entry, unless one of the same pattern, client and source stands as long. Gives it back, and whether it stood.
fn put(
    connection: &Connection,
    new: &NewDoNotCallEntry,
    (by, now): (&Actor, DateTime<Utc>),
    changes: &mut Changes,
) -> StoreResult<(DoNotCallEntry, bool)> {
    let client = new.client.as_ref().map(|client| client_row(connection, client)).transpose()?;
    let until = new.until.map(|until| until.timestamp_millis());
    let mut standing = connection.prepare_cached(&format!(
        "{SELECT_ENTRY} INDEXED BY dnc_entries_standing {JOIN_CLIENT}
         WHERE removed_at IS NULL AND pattern = ?1 AND client_id IS NOT DISTINCT FROM ?2 AND source = ?3
         AND (until IS NULL OR until >= ?4) LIMIT 1"
    ))?;
    let pattern = new.pattern.to_string();
    let found = standing.query_row(params![pattern, client, new.source, until], read).optional()?;
    if let Some(entry) = found {
        return Ok((entry, true));
    }
    let mut insert = connection.prepare_cached(
        "INSERT INTO dnc_entries (pattern, client_id, source, reason, since, until, by, item_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id",
    )?;
    let item = new.said_in.map(ItemId::row);
    let id = insert.query_row(
        params![pattern, client, new.source, new.reason, now.timestamp_millis(), until, by.as_str(), item],
        |row| row.get(0),
    )?;
    changes.events.blocked(connection, (id, client), (by, now))?;
    Ok((DoNotCallEntry { id, new: new.clone(), since: now, by: by.as_str().to_owned(), removal: None }, false))
}

impl Store {
    /// Adds entries and ends the waiting items that they close, of every client concerned. Durable when it returns; in
    /// transactions of bounded length, each with its entries before the items that they end.
    ///
    /// # Errors
    /// When the database fails; what was committed stays.
    pub fn block_numbers(
        &mut self,
        new: &[NewDoNotCallEntry],
        by: &Actor,
        now: DateTime<Utc>,
    ) -> StoreResult<Vec<Blocked>> {
        let mut blocked: Vec<Blocked> = Vec::with_capacity(new.len());
        for chunk in new.chunks(AT_ONCE) {
            let mut changes = Changes::told_to(&self.receivers);
            let transaction = self.write()?;
            let mut room = AT_ONCE;
            let mut unfinished = Vec::new();
            for new in chunk {
                let (entry, existing) = put(&transaction, new, (by, now), &mut changes)?;
                consents::withdraw(&transaction, &new.pattern, new.client.as_ref(), (by, now))?;
                let mut new = Blocked { entry, existing, ended: Vec::new(), ended_count: 0 };
                if !new.end_waiting(&transaction, &mut room, (by, now), &mut changes)? {
                    unfinished.push(blocked.len());
                }
                blocked.push(new);
            }
            changes.finish(&transaction)?;
            transaction.commit()?;
            for index in unfinished {
                if let Some(entry) = blocked.get_mut(index) {
                    while !self.end_more(entry, (by, now))? {}
                }
            }
        }
        Ok(blocked)
    }

    /// Ends more of what an entry closes; true when that is all.
    fn end_more(&mut self, entry: &mut Blocked, (by, now): (&Actor, DateTime<Utc>)) -> StoreResult<bool> {
        let mut changes = Changes::told_to(&self.receivers);
        let transaction = self.write()?;
        let is_all = entry.end_waiting(&transaction, &mut AT_ONCE.clone(), (by, now), &mut changes)?;
        changes.finish(&transaction)?;
        transaction.commit()?;
        Ok(is_all)
    }

    /// Ends the standing entries of some patterns: those for all clients or, with a client, that client's. Gives back those
    /// that it ended, as they are now.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn unblock_numbers(
        &mut self,
        patterns: &[NumberPattern],
        client: Option<&ClientId>,
        removal: &Removal,
    ) -> StoreResult<Vec<DoNotCallEntry>> {
        let transaction = self.write()?;
        let mut removed = Vec::new();
        for entry in entries_of(&transaction, patterns, client, removal.at)? {
            let mut update = transaction.prepare_cached(
                "UPDATE dnc_entries SET removed_at = ?2, removed_by = ?3, removed_reason = ?4
                 WHERE id = ?1 AND removed_at IS NULL",
            )?;
            update.execute(params![entry.id, removal.at.timestamp_millis(), removal.by, removal.reason])?;
            removed.push(DoNotCallEntry { removal: Some(removal.clone()), ..entry });
        }
        transaction.commit()?;
        Ok(removed)
    }

    /// The standing entries of these very patterns: those for all clients or, with a client, that client's.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn entries_of(
        &self,
        patterns: &[NumberPattern],
        client: Option<&ClientId>,
        now: DateTime<Utc>,
    ) -> StoreResult<Vec<DoNotCallEntry>> {
        entries_of(&self.connection, patterns, client, now)
    }

    /// The standing entries that have a number, or all numbers of a prefix, whichever client they are for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn entries_closing(&self, pattern: &NumberPattern, now: DateTime<Utc>) -> StoreResult<Vec<DoNotCallEntry>> {
        closing(&self.connection, pattern.start(), None, now, usize::MAX)
    }

    /// How many entries stand for single numbers and longer prefixes of a prefix.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn entries_inside(&self, prefix: &str, now: DateTime<Utc>) -> StoreResult<u64> {
        // All patterns with a digit behind it; `:` comes after the digits.
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*) FROM dnc_entries INDEXED BY dnc_entries_standing
             WHERE removed_at IS NULL AND pattern >= ?1 || '0' AND pattern < ?1 || ':' AND (until IS NULL OR until > ?2)",
        )?;
        let count: i64 = statement.query_row(params![prefix, now.timestamp_millis()], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The entry that closes a number, if there is one, for the calls of a client at `now`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn entry_for(
        &self,
        phone: Option<&PhoneNumber>,
        client: &ClientId,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<DoNotCallEntry>> {
        let Some(phone) = phone else { return Ok(None) };
        Ok(closing(&self.connection, phone.as_str(), Some(client), now, 1)?.pop())
    }

    /// At most `limit` entries behind an id, in the order of their ids.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn do_not_call_entries(
        &self,
        filter: &EntryFilter,
        after: i64,
        limit: usize,
        now: DateTime<Utc>,
    ) -> StoreResult<Vec<DoNotCallEntry>> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{SELECT_ENTRY} {JOIN_CLIENT}
             WHERE dnc_entries.id > ?1 AND (?2 IS NULL OR source = ?2)
             AND (?3 OR (removed_at IS NULL AND (until IS NULL OR until > ?4)))
             ORDER BY dnc_entries.id LIMIT ?5"
        ))?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found =
            statement.query_map(params![after, filter.source, filter.ended, now.timestamp_millis(), limit], read)?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

fn entries_of(
    connection: &Connection,
    patterns: &[NumberPattern],
    client: Option<&ClientId>,
    now: DateTime<Utc>,
) -> StoreResult<Vec<DoNotCallEntry>> {
    let client = only_client(connection, client)?;
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT_ENTRY} INDEXED BY dnc_entries_standing {JOIN_CLIENT}
         WHERE removed_at IS NULL AND pattern = ?1 AND client_id IS NOT DISTINCT FROM ?2
         AND (until IS NULL OR until > ?3) ORDER BY dnc_entries.id"
    ))?;
    let mut entries = Vec::new();
    for pattern in patterns {
        let found = statement.query_map(params![pattern.to_string(), client, now.timestamp_millis()], read)?;
        entries.extend(found.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(entries)
}
