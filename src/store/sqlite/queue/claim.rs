//! The transaction of a turn: records what finished and writes what a run claims, durably and at once. What may be called,
//! and whose turn it is, the engine decides.

use std::fmt;

use chrono::{DateTime, Utc};
use rusqlite::{Transaction, params};

use crate::model::{
    Actor, AttemptId, ClientId, DialRecord, Event, Gate, Item, ItemId, PhoneNumber, Purpose, RunId, Served,
};
use crate::store::Store;
use crate::store::error::{StoreError, StoreResult};
use crate::store::sqlite::attempts::contexts::Contexts;
use crate::store::sqlite::attempts::record::{Finish, record};
use crate::store::sqlite::attempts::runs::begin_run;
use crate::store::sqlite::change;
use crate::store::sqlite::change::{Cause, Changes};
use crate::store::sqlite::counters::metrics::AttemptCount;
use crate::store::sqlite::file::OpenedFile;
use crate::store::sqlite::intern::client_row;
use crate::store::sqlite::queue::fail_waiting::{FailReason, fail_expired, fail_waiting};
use crate::store::sqlite::queue::groups::ClientState;
use crate::store::sqlite::queue::reader::QueueReader;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewAttempt<'a> {
    pub id: AttemptId,
    /// What places the call, for people.
    pub dispatcher: &'static str,
    /// The run that makes it.
    pub run: RunId,
    /// When the run began.
    pub run_started_at: DateTime<Utc>,
    /// The boot of the machine, by which recovery knows a restart.
    pub boot: Option<&'a str>,
    pub by: &'a Actor,
    pub at: DateTime<Utc>,
    /// What is kept for its receipt.
    pub asked: Option<&'a DialRecord>,
}

/// An item that was claimed: its attempt is on disk once the transaction is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The item as it is now.
    pub item: Item,
    pub attempt: AttemptId,
    /// 1 for the item's first attempt, and so on.
    pub number: u32,
}

/// One turn of a run. Without [`ClaimTransaction::commit`] nothing of it happens.
pub struct ClaimTransaction<'s> {
    transaction: Transaction<'s>,
    file: Option<&'s OpenedFile>,
    changes: Changes,
    /// The run has its row.
    run_is_written: bool,
    contexts: Contexts,
}

impl Store {
    /// Begins a turn: takes the write lock.
    ///
    /// # Errors
    /// When the database fails. [`StoreError::Gone`] when the file was removed or replaced.
    pub fn begin_turn(&mut self) -> StoreResult<ClaimTransaction<'_>> {
        self.check_file()?;
        let Store { connection, file, receivers, .. } = self;
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let (changes, contexts) = (Changes::told_to(receivers), Contexts::default());
        Ok(ClaimTransaction { transaction, file: file.as_ref(), changes, run_is_written: false, contexts })
    }
}

impl ClaimTransaction<'_> {
    /// Writes the end of an attempt; `false` when it has another outcome by now.
    ///
    /// # Errors
    /// When the database fails, here and below.
    pub fn record(&mut self, finish: &Finish) -> StoreResult<bool> {
        record(&self.transaction, finish, &mut self.changes)
    }

    /// Fails waiting items whose time has run out, a bounded number; gives back how many. When any, there may be more.
    pub fn fail_expired(&mut self, by: &Actor, now: DateTime<Utc>) -> StoreResult<usize> {
        fail_expired(&self.transaction, by, now, &mut self.changes)
    }

    /// Puts back into the queue what was held back until now, by a returned attempt or a closed gate.
    pub fn release_returned(&mut self, now: DateTime<Utc>) -> StoreResult<()> {
        change::release(&self.transaction, now)
    }

    /// What the transaction sees.
    pub fn reader(&self) -> QueueReader<'_> {
        QueueReader { connection: &self.transaction }
    }

    /// Fails a waiting item that is not to be called, for a reason and a detail for its history.
    pub fn fail_waiting(
        &mut self,
        item: &Item,
        event: Event,
        (reason, detail): (&str, Option<&str>),
        by: &Actor,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let reason = FailReason { word: reason, detail };
        fail_waiting(&self.transaction, item, (event, reason), by, now, &mut self.changes)
    }

    /// Takes a waiting item out of the queue until an instant, because of a gate under the caps of `law`, so that no turn
    /// looks at it again before.
    pub fn hold_until(&mut self, item: ItemId, until: DateTime<Utc>, gate: Gate, law: i64) -> StoreResult<()> {
        change::hold_until(&self.transaction, item, until, gate, law)
    }

    /// Writes an attempt of a waiting item, which is in progress from now on.
    pub fn claim_one(&mut self, client: &ClientState, item: Item, attempt: &NewAttempt<'_>) -> StoreResult<Claimed> {
        let status = item.status.after(Event::Claimed).map_err(|_| StoreError::Lost(item.id.row()))?;
        let number = item.attempts + 1;
        if !self.run_is_written {
            begin_run(&self.transaction, attempt.run, attempt.by, attempt.run_started_at)?;
            self.run_is_written = true;
        }
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO attempts (id, item_id, client_id, number, run_id, boot_id, dispatcher, phone, status_before,
                 started_at, purpose, voice, context, consent, cap_count)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?;
        let asked = attempt.asked;
        let context = asked.map(|asked| self.contexts.row(&self.transaction, asked, &item.place)).transpose()?;
        insert.execute(params![
            attempt.id.as_bytes(),
            item.id.row(),
            client.client_row,
            number,
            attempt.run.as_bytes(),
            attempt.boot,
            attempt.dispatcher,
            item.phone.as_ref().map(PhoneNumber::as_str),
            item.status.as_str(),
            attempt.at.timestamp_millis(),
            asked.and_then(|asked| asked.context.purpose).map(Purpose::as_str),
            asked.map(|asked| asked.context.voice.as_str()),
            context,
            asked.and_then(|asked| asked.consent),
            asked.and_then(|asked| asked.cap_count),
        ])?;
        // Before the first attempt the slot is the first one.
        let waited = (item.attempts == 0).then(|| (attempt.at - item.scheduled_at).num_milliseconds());
        let waited_ms = waited.map(|waited| u64::try_from(waited).unwrap_or(0));
        self.changes.attempt(client.client_row, None, &AttemptCount { waited_ms, ..AttemptCount::default() });
        let claimed = Item {
            status,
            attempts: number,
            counted_attempts: item.counted_attempts + 1,
            updated_at: attempt.at,
            ..item.clone()
        };
        let cause = Cause::CallBegins(attempt.id, attempt.at);
        self.changes.apply(&self.transaction, client.client_row, &item, &claimed, cause)?;
        Ok(Claimed { item: claimed, attempt: attempt.id, number })
    }

    /// Tells others that a client's dispatcher fails, and why.
    pub fn tell_failing(
        &mut self,
        client: &ClientId,
        run: RunId,
        reason: &str,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let client = client_row(&self.transaction, client)?;
        self.changes.events.failing(&self.transaction, (client, run, reason), (by, now))
    }

    /// Remembers what clients were served, and since when they call.
    pub fn remember_turns<'c>(
        &mut self,
        clients: impl IntoIterator<Item = &'c ClientState>,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let mut remember = self.transaction.prepare_cached(
            "UPDATE clients SET last_turn = ?2, finish_tag = ?4,
                 first_attempt_at = CASE WHEN first_attempt_at <= ?3 THEN first_attempt_at ELSE ?3 END
             WHERE id = ?1 AND last_turn <> ?2",
        )?;
        for client in clients {
            let Served { last_turn, finish_tag } = client.served;
            remember.execute([client.client_row, last_turn, now.timestamp_millis(), finish_tag])?;
        }
        Ok(())
    }

    /// Makes all of it durable.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed. [`StoreError::Gone`] when the file was removed or replaced; then
    /// whatever was changed is lost, and nothing may be called.
    pub fn commit(self) -> StoreResult<()> {
        self.changes.finish(&self.transaction)?;
        self.transaction.commit()?;
        // Only what is on record now is called.
        self.file.map_or(Ok(()), OpenedFile::check)
    }
}

impl fmt::Debug for ClaimTransaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimTransaction").finish_non_exhaustive()
    }
}
