//! Writes results that come from outside of a run: of accepted calls, and of calls with an unknown outcome.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{
    AttemptId, CallReport, CallResult, Event, Item, ItemId, Metadata, Outcome, Promise, Reached, ReportTarget, Status,
};
use crate::store::Store;
use crate::store::error::{StoreError, StoreResult};
use crate::store::sqlite::attempts::record::{Finish, Resolution, allowed_retries, last_reason, record, used_by};
use crate::store::sqlite::change::{Changes, Edit, free_number, note};
use crate::store::sqlite::counters::metrics::AttemptCount;
use crate::store::sqlite::intern::client_row;
use crate::store::sqlite::lists::do_not_call;
use crate::store::sqlite::queue::blocked::judge_number_anew;
use crate::store::sqlite::queue::reader::QueueReader;
use crate::store::sqlite::read::item::load;
use crate::store::sqlite::read::rows;

/// What became of one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reported {
    /// The attempt of this item has this result now.
    Settled(ItemId),
    /// The attempt of this item had this very result before.
    Same(ItemId),
    /// It contradicts what is known of the item, or its call is not over.
    Refused(ItemId, String),
    /// No attempt is meant.
    NoSuch,
}

impl Reported {
    fn is_fault(&self) -> bool {
        matches!(self, Reported::Refused(..) | Reported::NoSuch)
    }
}

/// What a result means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResultEffect {
    pub resolution: Resolution,
    /// How much of the call so far lay inside the client's business hours, in milliseconds.
    pub business_ms: u64,
    /// Until when nobody else is called at the number of an accepted call.
    pub number_taken_until: Option<DateTime<Utc>>,
}

/// Says what a result means for an item whose call started at an instant.
type Conclude<'a> = dyn FnMut(&Item, &CallResult, DateTime<Utc>, QueueReader<'_>) -> ResultEffect + 'a;

/// An attempt as far as a report asks for it.
struct Known {
    attempt: AttemptId,
    item: ItemId,
    number: u32,
    outcome: Option<Outcome>,
    reason: Option<String>,
    call_id: Option<String>,
    started_at: DateTime<Utc>,
    duration_ms: Option<u64>,
    business_ms: Option<u64>,
}

impl Known {
    /// What is counted of it with an outcome; its wait stays counted.
    fn count<'a>(&self, outcome: Option<Outcome>, reason: Option<&'a str>) -> AttemptCount<'a> {
        let Known { duration_ms, business_ms, .. } = *self;
        AttemptCount { outcome, reason, waited_ms: None, duration_ms, business_ms }
    }
}

impl Store {
    /// The attempt that a report means, if there is one.
    pub fn reported_attempt(&self, target: &ReportTarget) -> StoreResult<Option<AttemptId>> {
        Ok(find(&self.connection, target)?.map(|known| known.attempt))
    }

    /// The item that a report means, if there is one.
    pub fn reported_item(&self, target: &ReportTarget) -> StoreResult<Option<Item>> {
        let Some(known) = find(&self.connection, target)? else { return Ok(None) };
        Ok(Some(load(&self.connection, known.item)?))
    }

    /// Records all results or no result; durable when it returns. `conclude` says what a result means for an item.
    /// One that contradicts what is on record is kept as a note of its item, and all are refused.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn report(
        &mut self,
        reports: &[CallReport],
        edit: &Edit<'_>,
        conclude: &mut Conclude<'_>,
    ) -> StoreResult<Vec<Reported>> {
        let changes = Changes::told_to(&self.receivers);
        let transaction = self.write()?;
        let mut writer = ReportWriter { connection: &transaction, edit, conclude, changes };
        let answers = reports.iter().map(|report| writer.take_in(report)).collect::<StoreResult<Vec<_>>>()?;
        let changes = writer.changes;
        if !answers.iter().any(Reported::is_fault) {
            changes.finish(&transaction)?;
            transaction.commit()?;
            return Ok(answers);
        }
        transaction.rollback()?;
        self.note_refusals(reports, &answers, edit)?;
        Ok(answers)
    }

    /// Keeps refused results as notes, each once.
    fn note_refusals(&mut self, reports: &[CallReport], answers: &[Reported], edit: &Edit<'_>) -> StoreResult<()> {
        let transaction = self.write()?;
        for (report, answer) in reports.iter().zip(answers) {
            let Reported::Refused(item, why) = answer else { continue };
            let said = shown(report.result.outcome, report.result.reason.as_deref());
            // A script that reports the same again and again must not fill the disk.
            if !is_noted(&transaction, *item, &said)? {
                let why = Edit { reason: Some(why), ..*edit };
                note(&transaction, *item, &why, REFUSED, None, Some(&said))?;
            }
        }
        Ok(transaction.commit()?)
    }
}

/// What a note of a refused result says that it is.
const REFUSED: &str = "refused_report";

fn is_noted(connection: &Connection, item: ItemId, said: &str) -> StoreResult<bool> {
    let mut statement = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM changes WHERE item_id = ?1 AND what = ?2 AND new_value = ?3)")?;
    Ok(statement.query_row(params![item.row(), REFUSED, said], |row| row.get(0))?)
}

/// Takes results in inside of one transaction.
struct ReportWriter<'a> {
    connection: &'a Connection,
    edit: &'a Edit<'a>,
    conclude: &'a mut Conclude<'a>,
    changes: Changes,
}

impl ReportWriter<'_> {
    fn take_in(&mut self, report: &CallReport) -> StoreResult<Reported> {
        let Some(known) = find(self.connection, &report.target)? else {
            return Ok(Reported::NoSuch);
        };
        let result = &report.result;
        let refused = |why: String| Ok(Reported::Refused(known.item, why));
        if let (Some(known_id), Some(named)) = (&known.call_id, &result.call_id)
            && known_id != named
        {
            return refused(format!("its call is {known_id}, not {named}"));
        }
        let item = load(self.connection, known.item)?;
        let was = shown(known.outcome.unwrap_or(Outcome::Accepted), known.reason.as_deref());
        match known.outcome {
            None => return refused("its call is not over: the dispatcher still runs".to_owned()),
            Some(Outcome::Accepted) => self.settle_accepted(&known, &item, report)?,
            Some(Outcome::Unknown) if result.outcome == Outcome::Unknown => return self.same(&item, result),
            Some(Outcome::Unknown) => {
                if item.attempts != known.number {
                    return refused(format!("attempt {} has begun since then", item.attempts));
                }
                if let Err(why) = self.settle_unknown(&known, &item, result)? {
                    return refused(why);
                }
            }
            Some(outcome) if outcome == result.outcome && says_nothing_new(&known, result) => {
                return self.same(&item, result);
            }
            Some(_) => return refused(format!("its result is {was} already")),
        }
        let now = shown(result.outcome, result.reason.as_deref());
        note(self.connection, known.item, self.edit, "outcome", Some(&was), Some(&now))?;
        Ok(Reported::Settled(known.item))
    }

    /// A result that is known. That nobody shall call again may be new.
    fn same(&mut self, item: &Item, result: &CallResult) -> StoreResult<Reported> {
        self.note_do_not_call(item, result)?;
        Ok(Reported::Same(item.id))
    }

    /// Ends the attempt of an item that is in progress.
    fn settle_accepted(&mut self, known: &Known, item: &Item, report: &CallReport) -> StoreResult<()> {
        let meaning =
            (self.conclude)(item, &report.result, known.started_at, QueueReader { connection: self.connection });
        // Without a reported length it is the time in progress; the call itself may have been shorter.
        let in_progress = || u64::try_from((self.edit.at - known.started_at).num_milliseconds()).unwrap_or(0);
        let finish = Finish {
            attempt: known.attempt,
            item: known.item,
            so_far: Some(Outcome::Accepted),
            result: report.result.clone(),
            resolution: meaning.resolution,
            finished_at: self.edit.at,
            duration_ms: Some(report.duration_ms.unwrap_or_else(in_progress)),
            business_ms: meaning.business_ms,
            number_taken_until: meaning.number_taken_until,
        };
        match record(self.connection, &finish, &mut self.changes)? {
            true => Ok(()),
            false => Err(StoreError::Lost(known.item.row())),
        }
    }

    /// Gives an attempt whose outcome was unknown its result. Its item is held, or waits for a call that has not begun.
    fn settle_unknown(&mut self, known: &Known, item: &Item, result: &CallResult) -> StoreResult<Result<(), String>> {
        let resolution =
            (self.conclude)(item, result, known.started_at, QueueReader { connection: self.connection }).resolution;
        let event = match resolution {
            Resolution::Completed => Event::FoundCompleted,
            Resolution::RetryAt { .. } | Resolution::Promised { .. } | Resolution::Returned { .. } => {
                Event::FoundRetryDue
            }
            Resolution::GaveUp { .. } | Resolution::Accepted { .. } => Event::FoundFailed,
        };
        let status = match item.status.after(event) {
            Ok(status) => status,
            Err(refusal) => return Ok(Err(refusal.to_string())),
        };
        let (scheduled_at, asked_at) = match resolution {
            Resolution::RetryAt { at, due } if item.status == Status::Failed => {
                (at, Some(due).filter(|due| *due != at))
            }
            // The person has said when: that comes before any due retry.
            Resolution::Promised { at, .. } => (at, None),
            Resolution::Returned { not_before } if item.status == Status::Failed => {
                (not_before.unwrap_or(self.edit.at), None)
            }
            _ => (item.scheduled_at, item.asked_at),
        };
        let counted_attempts = (item.counted_attempts + used_by(resolution)).saturating_sub(1);
        let (promise, not_before) = match resolution {
            Resolution::Promised { until, .. } => (Some(Promise { until, missed_at: None }), None),
            _ => (item.promise, item.not_before.filter(|_| status.is_waiting())),
        };
        let max_retries = allowed_retries(item, counted_attempts, resolution);
        let last_reason = last_reason(item, result);
        let new = Item {
            status,
            held: false,
            scheduled_at,
            asked_at,
            promise,
            not_before,
            counted_attempts,
            max_retries,
            last_reason,
            ..item.clone()
        };
        let mut update = self.connection.prepare_cached(
            "UPDATE attempts SET outcome = ?2, reason = ?3, call_id = coalesce(?4, call_id),
                 detail = coalesce(?5, detail), metadata = coalesce(?6, metadata), reached = ?7
             WHERE id = ?1 AND outcome = 'unknown'",
        )?;
        let written = update.execute(params![
            known.attempt.as_bytes(),
            result.outcome.as_str(),
            result.reason,
            result.call_id,
            result.detail,
            result.metadata.as_ref().map(Metadata::as_str),
            result.level().map(Reached::as_str),
        ])?;
        if written != 1 {
            return Err(StoreError::Lost(known.item.row()));
        }
        free_number(self.connection, known.item, Some(known.attempt))?;
        let client = client_row(self.connection, &item.client)?;
        let was = known.count(known.outcome, known.reason.as_deref());
        self.changes.attempt(client, Some(&was), &known.count(Some(result.outcome), result.reason.as_deref()));
        self.changes.edit(self.connection, client, item, &new, self.edit)?;
        let told = (client, &Item { updated_at: self.edit.at, ..new });
        self.changes.events.settled(self.connection, told, known.attempt, result, self.edit)?;
        judge_number_anew(self.connection, known.attempt, result.level())?;
        self.note_do_not_call(item, result)?;
        Ok(Ok(()))
    }

    /// Puts the number of an item on the do-not-call list when its person asked for it.
    fn note_do_not_call(&mut self, item: &Item, result: &CallResult) -> StoreResult<()> {
        if !result.blocks_number() {
            return Ok(());
        }
        do_not_call::note(self.connection, item, (self.edit.by, self.edit.at), &mut self.changes)
    }
}

/// Whether a report of the outcome that is known says nothing new.
fn says_nothing_new(known: &Known, result: &CallResult) -> bool {
    result.reason.is_none() || result.reason == known.reason
}

fn shown(outcome: Outcome, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("{outcome}, {reason}"),
        None => outcome.to_string(),
    }
}

const SELECT_KNOWN: &str = "SELECT id, item_id, number, outcome, reason, call_id, started_at, duration_ms, \
     business_ms FROM attempts ";

fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    Ok(Known {
        attempt: AttemptId::from_bytes(row.get(0)?),
        item: rows::item_id(row, 1)?,
        number: row.get(2)?,
        outcome: rows::optional(row, 3)?,
        reason: row.get(4)?,
        call_id: row.get(5)?,
        started_at: rows::instant(row, 6)?,
        duration_ms: row.get::<_, Option<i64>>(7)?.map(i64::unsigned_abs),
        business_ms: row.get::<_, Option<i64>>(8)?.map(i64::unsigned_abs),
    })
}

/// The attempt that is meant: of an item its last one, of several calls with one name the newest.
fn find(connection: &Connection, target: &ReportTarget) -> StoreResult<Option<Known>> {
    let ask = |condition: &str, value: &dyn rusqlite::ToSql| -> StoreResult<Option<Known>> {
        let mut statement = connection.prepare_cached(&format!("{SELECT_KNOWN} WHERE {condition} LIMIT 1"))?;
        Ok(statement.query_row([value], known).optional()?)
    };
    match target {
        ReportTarget::Item(item) => ask("item_id = ?1 ORDER BY number DESC", &item.row()),
        ReportTarget::Attempt(attempt) => ask("id = ?1", &attempt.as_bytes()),
        ReportTarget::Call(call) => ask("call_id = ?1 ORDER BY started_at DESC", call),
    }
}
