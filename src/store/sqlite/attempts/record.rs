//! Writes how attempts ended: compare-and-set on the attempt and on its item.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Actor, AttemptId, CallResult, Event, Item, ItemId, Metadata, Outcome, Promise, Reached, Status};
use crate::store::Store;
use crate::store::error::{StoreError, StoreResult};
use crate::store::sqlite::change::{Cause, Changes};
use crate::store::sqlite::counters::metrics::AttemptCount;
use crate::store::sqlite::lists::do_not_call;
use crate::store::sqlite::queue::blocked::judge_number_anew;
use crate::store::sqlite::read::item::load;
use crate::store::sqlite::read::rows;

/// What the end of an attempt means for its item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    Completed,
    /// Called again.
    RetryAt {
        at: DateTime<Utc>,
        /// When it was due, before hours and caps moved it.
        due: DateTime<Utc>,
    },
    /// Called again at this instant, as was promised to the person.
    Promised {
        at: DateTime<Utc>,
        /// The end of the window.
        until: DateTime<Utc>,
    },
    /// Failed; held when nobody knows how the call ended.
    GaveUp {
        /// Whether a person has to decide.
        held: bool,
    },
    /// Not called: back to the status before the claim, and not claimed again before this instant.
    Returned {
        /// None: as soon as a turn comes.
        not_before: Option<DateTime<Utc>>,
    },
    /// Handed over: the result is due at this instant.
    Accepted {
        /// Without a result by then, the outcome is unknown.
        result_due_at: DateTime<Utc>,
    },
}

/// The end of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    pub attempt: AttemptId,
    pub item: ItemId,
    /// The outcome that it has so far: `None` while its call runs, `accepted` once a dispatcher accepted it.
    pub so_far: Option<Outcome>,
    /// What the dispatcher said.
    pub result: CallResult,
    /// What that means for the item.
    pub resolution: Resolution,
    pub finished_at: DateTime<Utc>,
    /// How long it took, in milliseconds; none when nobody saw it end.
    pub duration_ms: Option<u64>,
    /// How much of that lay inside the client's business hours.
    pub business_ms: u64,
    /// Until when nobody else is called at its number: a call that ended unknown may still be going on.
    pub number_taken_until: Option<DateTime<Utc>>,
}

impl Finish {
    /// The times that are written, the whole and its part inside the business hours: none as long as the result is to
    /// come.
    fn times(&self) -> Option<(u64, u64)> {
        let ended = self.duration_ms.filter(|_| !matches!(self.resolution, Resolution::Accepted { .. }));
        ended.map(|duration| (duration, self.business_ms.min(duration)))
    }

    /// What is counted of the attempt from now on.
    fn count(&self) -> AttemptCount<'_> {
        let (duration_ms, business_ms) = self.times().unzip();
        let CallResult { outcome, ref reason, .. } = self.result;
        AttemptCount { outcome: Some(outcome), reason: reason.as_deref(), waited_ms: None, duration_ms, business_ms }
    }
}

impl Store {
    /// Writes how attempts ended whose runs are gone; durable when it returns. Gives back for each
    /// whether it was written: `false` when another program was quicker.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn settle(&mut self, finished: &[Finish]) -> StoreResult<Vec<bool>> {
        let mut changes = Changes::told_to(&self.receivers);
        let transaction = self.write()?;
        let written = finished
            .iter()
            .map(|finish| record(&transaction, finish, &mut changes))
            .collect::<StoreResult<Vec<bool>>>()?;
        changes.finish(&transaction)?;
        transaction.commit()?;
        Ok(written)
    }
}

/// Writes the end of one attempt, and what its person asked for. Gives back whether it was written: `false` when the attempt
/// has another outcome by now.
pub(crate) fn record(connection: &Connection, finish: &Finish, changes: &mut Changes) -> StoreResult<bool> {
    let is_written = write(connection, finish, changes)?;
    if is_written && finish.result.blocks_number() {
        let by = runner(connection, finish.attempt)?;
        do_not_call::note(connection, &load(connection, finish.item)?, (&by, finish.finished_at), changes)?;
    }
    Ok(is_written)
}

/// Who runs the run that made an attempt.
fn runner(connection: &Connection, attempt: AttemptId) -> StoreResult<Actor> {
    let mut statement = connection.prepare_cached(
        "SELECT started_by FROM runs WHERE id = (SELECT run_id FROM attempts WHERE attempts.id = ?1)",
    )?;
    let name: Option<String> = statement.query_row([attempt.as_bytes()], |row| row.get(0)).optional()?;
    Ok(Actor::named(&name.unwrap_or_default()))
}

fn write(connection: &Connection, finish: &Finish, changes: &mut Changes) -> StoreResult<bool> {
    let known = {
        let mut statement = connection.prepare_cached(
            "SELECT status_before, client_id FROM attempts WHERE id = ?1 AND outcome IS NOT DISTINCT FROM ?2",
        )?;
        let so_far = finish.so_far.map(Outcome::as_str);
        statement
            .query_row(params![finish.attempt.as_bytes(), so_far], |row| {
                Ok((rows::parsed::<Status>(row, 0)?, row.get::<_, i64>(1)?))
            })
            .optional()?
    };
    let Some((status_before, client)) = known else { return Ok(false) };
    let item = load(connection, finish.item)?;
    write_attempt(connection, finish)?;
    judge_number_anew(connection, finish.attempt, finish.result.level())?;
    // Until now it counted as an open one; its wait stays counted.
    let open = AttemptCount { outcome: finish.so_far, ..AttemptCount::default() };
    changes.attempt(client, Some(&open), &finish.count());
    if let Resolution::Accepted { .. } = finish.resolution {
        return Ok(true);
    }
    let event = match finish.resolution {
        Resolution::Completed => Event::Completed,
        Resolution::RetryAt { .. } | Resolution::Promised { .. } | Resolution::Returned { .. } if item.no_retry => {
            Event::RetryWithdrawn
        }
        Resolution::RetryAt { .. } | Resolution::Promised { .. } => Event::RetryDue,
        Resolution::GaveUp { .. } => Event::GaveUp,
        Resolution::Returned { .. } => Event::Returned(status_before),
        Resolution::Accepted { .. } => return Ok(true),
    };
    let status = item.status.after(event).map_err(|_| StoreError::Lost(finish.item.row()))?;
    let held = matches!(finish.resolution, Resolution::GaveUp { held: true });
    let (scheduled_at, asked_at) = match finish.resolution {
        Resolution::RetryAt { at, due } if status.is_waiting() => (at, Some(due).filter(|due| *due != at)),
        Resolution::Promised { at, .. } if status.is_waiting() => (at, None),
        _ => (item.scheduled_at, item.asked_at),
    };
    let promise = match finish.resolution {
        Resolution::Promised { until, .. } => Some(Promise { until, missed_at: None }),
        // What was no call keeps no promise.
        Resolution::Returned { .. } => item.promise,
        _ => None,
    };
    let counted_attempts = item.counted_attempts - 1 + used_by(finish.resolution);
    let not_before = match finish.resolution {
        Resolution::Returned { not_before } => not_before.filter(|_| status.is_waiting()),
        _ => None,
    };
    let after = Item {
        status,
        held,
        scheduled_at,
        asked_at,
        promise,
        not_before,
        counted_attempts,
        max_retries: allowed_retries(&item, counted_attempts, finish.resolution),
        last_reason: last_reason(&item, &finish.result),
        no_retry: false,
        updated_at: finish.finished_at,
        ..item.clone()
    };
    changes.apply(connection, client, &item, &after, Cause::CallEnds(finish.attempt, &finish.result))?;
    Ok(true)
}

/// The retries that an attempt with this resolution uses: what was no call uses none.
pub(crate) fn used_by(resolution: Resolution) -> u32 {
    u32::from(!matches!(resolution, Resolution::Returned { .. }))
}

/// The retries that an item has after a resolution: a promise to its person is kept when the budget is spent.
pub(crate) fn allowed_retries(item: &Item, counted_attempts: u32, resolution: Resolution) -> u32 {
    match resolution {
        Resolution::Promised { .. } => item.max_retries.max(counted_attempts),
        _ => item.max_retries,
    }
}

/// The last reason of an item after a result: a lead that was reached keeps no reason of an earlier attempt, and a
/// dispatcher that is at fault leaves the item as it was.
pub(crate) fn last_reason(item: &Item, result: &CallResult) -> Option<String> {
    match result.outcome {
        Outcome::Completed => result.reason.clone(),
        Outcome::Unavailable => item.last_reason.clone(),
        _ => result.reason.clone().or_else(|| item.last_reason.clone()),
    }
}

fn write_attempt(connection: &Connection, finish: &Finish) -> StoreResult<()> {
    let mut update = connection.prepare_cached(
        "UPDATE attempts SET outcome = ?2, reason = ?3, call_id = coalesce(?4, call_id), detail = coalesce(?5, detail),
             metadata = coalesce(?6, metadata), duration_ms = ?7, finished_at = ?8, result_due_at = ?9, business_ms = ?11,
             number_taken_until = CASE WHEN phone IS NOT NULL THEN ?12 END, reached = ?13
         WHERE id = ?1 AND outcome IS NOT DISTINCT FROM ?10",
    )?;
    let (finished_at, due) = match finish.resolution {
        Resolution::Accepted { result_due_at } => (None, Some(result_due_at.timestamp_millis())),
        _ => (Some(finish.finished_at.timestamp_millis()), None),
    };
    let stored = |millis: u64| i64::try_from(millis).unwrap_or(i64::MAX);
    let (duration, business) = finish.times().map(|(all, inside)| (stored(all), stored(inside))).unzip();
    update.execute(params![
        finish.attempt.as_bytes(),
        finish.result.outcome.as_str(),
        finish.result.reason,
        finish.result.call_id,
        finish.result.detail,
        finish.result.metadata.as_ref().map(Metadata::as_str),
        duration,
        finished_at,
        due,
        finish.so_far.map(Outcome::as_str),
        business,
        finish.number_taken_until.map(|until| until.timestamp_millis()),
        finish.result.level().map(Reached::as_str),
    ])?;
    Ok(())
}
