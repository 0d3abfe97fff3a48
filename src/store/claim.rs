//! The claim: records what finished and takes what may be called now, in one durable transaction.

use std::cmp::Ordering;
use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::counts::{CountChanges, ItemKind};
use super::do_not_call;
use super::edit::load;
use super::error::{StoreError, StoreResult};
use super::figures::AttemptCount;
use super::give_up::{give_up, give_up_expired};
use super::number::{self, NumberHolder};
use super::queue::{self, ClientState, Group};
use super::record::{Finish, record};
use super::runs::begin_run;
use super::schema::QUEUED;
use super::{Store, rows};
use crate::model::{Actor, AttemptId, ClientId, Event, Item, ItemId, Priority, RunId};

/// An item that is due, before it is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The item.
    pub id: ItemId,
    /// Its priority.
    pub priority: Priority,
    /// Since when it may be called.
    pub scheduled_at: DateTime<Utc>,
}

/// What a new attempt is written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttempt {
    /// Its id.
    pub id: AttemptId,
    /// What places the call, for people.
    pub dispatcher: &'static str,
}

/// The rules that the claim asks inside its transaction: gates, order, and the lease of each attempt.
pub trait ClaimRules {
    /// The most calls of a client that may start in a minute; 0 is no limit.
    fn most_a_minute(&self, client: &ClientId) -> u32;

    /// How many more calls of a client may start now; 0 when a gate is closed.
    fn slots(&mut self, state: &ClientState) -> u32;

    /// Whether one more call of a client may start, beside those of this turn.
    fn has_room(&mut self, _client: &ClientId) -> bool {
        true
    }

    /// Whether the window of a group is open now.
    fn is_open(&mut self, group: &Group) -> bool;

    /// Which of two due items of one client is called first.
    fn order(&self, client: &ClientId, a: &Candidate, b: &Candidate) -> Ordering;

    /// Whether this run leaves an item alone.
    fn passes_over(&self, item: ItemId) -> bool;

    /// A new attempt for an item, its lease taken.
    ///
    /// # Errors
    /// When the lease cannot be taken; the whole transaction is rolled back.
    fn begin(&mut self, item: &Item) -> StoreResult<NewAttempt>;
}

/// One turn of a run.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// Attempts that ended since the last turn.
    pub finished: &'a [Finish],
    /// Only items of this client.
    pub client: Option<&'a ClientId>,
    /// At most so many items.
    pub limit: usize,
    /// The run.
    pub run: RunId,
    /// When the run began.
    pub run_started_at: DateTime<Utc>,
    /// The boot of the machine, by which recovery knows a restart.
    pub boot: Option<&'a str>,
    /// Who runs it.
    pub by: &'a Actor,
    /// Now.
    pub now: DateTime<Utc>,
}

/// An item that was taken: its attempt is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The item as it is now.
    pub item: Item,
    /// The attempt.
    pub attempt: AttemptId,
    /// 1 for the item's first attempt, and so on.
    pub number: u32,
}

/// What a turn brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// The items that were taken.
    pub claimed: Vec<Claimed>,
    /// How many items left the queue uncalled, expired ones and those whose number is taken: when any, there may be more.
    pub uncalled: usize,
    /// The attempts that ended and were not written: another program was quicker, or the database forgot them.
    pub unknown: Vec<AttemptId>,
}

/// At most so many candidates of a group are read at once.
const READ_AHEAD: usize = 64;

/// At most so many items are held back in one turn, so that the write lock is held briefly.
const HELD_BACK_AT_ONCE: usize = 500;

impl Store {
    /// Records what finished, gives up what has expired, and takes what may be called now; durable when it returns.
    ///
    /// # Errors
    /// When the database or a rule fails; then nothing was changed. [`StoreError::Gone`] when the file was removed or
    /// replaced; then whatever was changed is lost, and nothing may be called.
    pub fn turn(&mut self, claims: &Claims<'_>, rules: &mut dyn ClaimRules) -> StoreResult<Taken> {
        self.check_file()?;
        let transaction = self.write()?;
        let mut counts = CountChanges::default();
        let mut unknown = Vec::new();
        for finish in claims.finished {
            if !record(&transaction, finish, &mut counts)? {
                unknown.push(finish.attempt);
            }
        }
        let expired = give_up_expired(&transaction, claims.by, claims.now, &mut counts)?;
        release_returned(&transaction, claims.now)?;
        // What the database forgot is put on record first: else it would be called again here.
        let may_claim = claims.limit > 0 && unknown.is_empty();
        let (claimed, held_back) =
            if may_claim { claim(&transaction, claims, rules, &mut counts)? } else { (Vec::new(), 0) };
        counts.write(&transaction)?;
        transaction.commit()?;
        // Again: only what is on record now is called.
        self.check_file()?;
        Ok(Taken { claimed, uncalled: expired + held_back, unknown })
    }
}

/// Puts back into the queue what was held back until now, by a returned attempt or since its number was taken. Mostly
/// there is none, and a change that looks for its own rows sets up a table for them first.
fn release_returned(connection: &Connection, now: DateTime<Utc>) -> StoreResult<()> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM items WHERE not_before IS NOT NULL AND not_before <= ?1")?;
    let ids = statement.query_map([now.timestamp_millis()], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    let mut release = connection.prepare_cached("UPDATE items SET not_before = NULL WHERE id = ?1")?;
    for id in ids {
        release.execute([id])?;
    }
    Ok(())
}

/// The due items of one open group, read ahead a few at a time in the order of the queue.
struct GroupReader {
    group: Group,
    buffer: VecDeque<Candidate>,
    position: (i64, i64),
    exhausted: bool,
}

impl GroupReader {
    fn new(group: Group) -> GroupReader {
        GroupReader { group, buffer: VecDeque::new(), position: (i64::MIN, 0), exhausted: false }
    }

    fn peek(&mut self, connection: &Connection, now: DateTime<Utc>, wanted: usize) -> StoreResult<Option<Candidate>> {
        if self.buffer.is_empty() && !self.exhausted {
            let limit = wanted.clamp(1, READ_AHEAD);
            let mut statement = connection.prepare_cached(&format!(
                "SELECT items.id, scheduled_at FROM items INDEXED BY items_queue
                 WHERE {QUEUED} AND client_id = ?1 AND priority = ?2 AND zones = ?3 AND scheduled_at <= ?4
                     AND (scheduled_at, items.id) > (?5, ?6)
                 ORDER BY scheduled_at, items.id LIMIT ?7"
            ))?;
            let priority = self.group.priority;
            let found = statement.query_map(
                params![
                    self.group.client_row,
                    priority.rank(),
                    self.group.zones_row,
                    now.timestamp_millis(),
                    self.position.0,
                    self.position.1,
                    i64::try_from(limit).unwrap_or(i64::MAX),
                ],
                |row| Ok(Candidate { id: rows::item_id(row, 0)?, priority, scheduled_at: rows::instant(row, 1)? }),
            )?;
            self.buffer = found.collect::<Result<_, _>>()?;
            self.exhausted = self.buffer.len() < limit;
            if let Some(last) = self.buffer.back() {
                self.position = (last.scheduled_at.timestamp_millis(), last.id.row());
            }
        }
        Ok(self.buffer.front().copied())
    }
}

/// A client with free slots and at least one open group.
struct Turn {
    state: ClientState,
    slots: usize,
    readers: Vec<GroupReader>,
}

impl Turn {
    /// Takes the client's next due item, by the order of the rules; none when it has no more.
    fn next(
        &mut self,
        connection: &Connection,
        now: DateTime<Utc>,
        rules: &dyn ClaimRules,
    ) -> StoreResult<Option<Candidate>> {
        let mut best: Option<(usize, Candidate)> = None;
        for (index, reader) in self.readers.iter_mut().enumerate() {
            while let Some(candidate) = reader.peek(connection, now, self.slots)? {
                if rules.passes_over(candidate.id) {
                    reader.buffer.pop_front();
                    continue;
                }
                let first =
                    best.is_none_or(|(_, best)| rules.order(&self.state.client, &candidate, &best) == Ordering::Less);
                if first {
                    best = Some((index, candidate));
                }
                break;
            }
        }
        Ok(best.map(|(index, candidate)| {
            self.readers[index].buffer.pop_front();
            candidate
        }))
    }
}

/// Takes due items in turns: one of each client, starting with the one that has waited longest for its turn. Gives back
/// also how many it held back, since their number is taken.
fn claim(
    connection: &Connection,
    claims: &Claims<'_>,
    rules: &mut dyn ClaimRules,
    counts: &mut CountChanges,
) -> StoreResult<(Vec<Claimed>, usize)> {
    let mut turns = open_turns(connection, claims, rules)?;
    turns.sort_by_key(|turn| (turn.state.last_turn, turn.state.client_row));
    let mut claimed: Vec<Claimed> = Vec::new();
    let mut held_back = 0;
    let mut turn_number = turns.iter().map(|turn| turn.state.last_turn).max().unwrap_or(0);
    let mut going = !turns.is_empty();
    while going {
        going = false;
        for turn in &mut turns {
            if turn.slots == 0 || claimed.len() >= claims.limit || !rules.has_room(&turn.state.client) {
                continue;
            }
            let taken = loop {
                let Some(candidate) = turn.next(connection, claims.now, rules)? else { break None };
                let item = load(connection, candidate.id)?;
                // The sweep may not have come to it yet.
                if item.has_expired_at(claims.now) {
                    continue;
                }
                if do_not_call::holds(connection, &item)? {
                    give_up(connection, &item, Event::NotToBeCalled, claims.by, claims.now, counts)?;
                    continue;
                }
                match number::holder(connection, &item, claims.now)? {
                    None => break Some(item),
                    Some(NumberHolder { until: Some(until), .. }) => {
                        number::hold_back(connection, item.id, until)?;
                        held_back += 1;
                        if held_back >= HELD_BACK_AT_ONCE {
                            break None;
                        }
                    }
                    Some(NumberHolder { until: None, .. }) => {}
                }
            };
            let Some(item) = taken else {
                turn.slots = 0;
                continue;
            };
            if claimed.is_empty() {
                begin_run(connection, claims.run, claims.by, claims.run_started_at)?;
            }
            claimed.push(take(connection, claims, rules, &turn.state, item, counts)?);
            turn.slots -= 1;
            turn_number += 1;
            turn.state.last_turn = turn_number;
            going = true;
        }
    }
    let mut remember = connection.prepare_cached(
        "UPDATE clients SET last_turn = ?2, first_attempt_at = min(ifnull(first_attempt_at, ?3), ?3)
         WHERE id = ?1 AND last_turn <> ?2",
    )?;
    for turn in &turns {
        remember.execute([turn.state.client_row, turn.state.last_turn, claims.now.timestamp_millis()])?;
    }
    Ok((claimed, held_back))
}

/// The clients that may call now, with the groups of theirs that are due and open.
fn open_turns(connection: &Connection, claims: &Claims<'_>, rules: &mut dyn ClaimRules) -> StoreResult<Vec<Turn>> {
    let mut turns: Vec<Turn> = Vec::new();
    let mut closed: Option<i64> = None;
    for group in queue::groups(connection, claims.client, &[])? {
        if group.head > claims.now || closed == Some(group.client_row) {
            continue;
        }
        if turns.last().is_none_or(|turn| turn.state.client_row != group.client_row) {
            let most = rules.most_a_minute(&group.client);
            let state = queue::client_state(connection, group.client_row, &group.client, most, claims.now)?;
            let slots = rules.slots(&state) as usize;
            if slots == 0 {
                closed = Some(group.client_row);
                continue;
            }
            turns.push(Turn { state, slots, readers: Vec::new() });
        }
        if rules.is_open(&group)
            && let Some(turn) = turns.last_mut()
        {
            turn.readers.push(GroupReader::new(group));
        }
    }
    turns.retain(|turn| !turn.readers.is_empty());
    Ok(turns)
}

/// Writes the attempt and the item in progress.
fn take(
    connection: &Connection,
    claims: &Claims<'_>,
    rules: &mut dyn ClaimRules,
    state: &ClientState,
    item: Item,
    counts: &mut CountChanges,
) -> StoreResult<Claimed> {
    let status = item.status.after(Event::Claimed).map_err(|_| StoreError::Lost(item.id.row()))?;
    let attempt = rules.begin(&item)?;
    let number = item.attempts + 1;
    let mut insert = connection.prepare_cached(
        "INSERT INTO attempts (id, item_id, client_id, number, run_id, boot_id, dispatcher, phone, status_before,
             started_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    insert.execute(params![
        attempt.id.as_bytes(),
        item.id.row(),
        state.client_row,
        number,
        claims.run.as_bytes(),
        claims.boot,
        attempt.dispatcher,
        item.phone.as_ref().map(crate::model::PhoneNumber::as_str),
        item.status.as_str(),
        claims.now.timestamp_millis(),
    ])?;
    let mut update = connection.prepare_cached(
        "UPDATE items SET status = ?4, open_attempt = ?3, attempts = attempts + 1, tries = tries + 1, updated_at = ?5,
             first_attempt_at = coalesce(first_attempt_at, ?5)
         WHERE id = ?1 AND status = ?2 AND open_attempt IS NULL",
    )?;
    let written = update.execute(params![
        item.id.row(),
        item.status.as_str(),
        attempt.id.as_bytes(),
        status.as_str(),
        claims.now.timestamp_millis(),
    ])?;
    if written != 1 {
        return Err(StoreError::Lost(item.id.row()));
    }
    // Before the first attempt the slot is the first one.
    let waited = (item.attempts == 0).then(|| (claims.now - item.scheduled_at).num_milliseconds());
    let waited_ms = waited.map(|waited| u64::try_from(waited).unwrap_or(0));
    counts.add_attempt(state.client_row, &AttemptCount { waited_ms, ..AttemptCount::default() });
    counts.remove(state.client_row, ItemKind::of(&item));
    let item = Item { status, attempts: number, tries: item.tries + 1, updated_at: claims.now, ..item };
    counts.add(state.client_row, ItemKind::of(&item));
    Ok(Claimed { item, attempt: attempt.id, number })
}

#[cfg(test)]
mod tests;
