//! Brings an older copy of a queue up to what was called since: nobody whom the queue has called may be called again.

use chrono::{DateTime, Utc};

use super::error::EngineError;
use super::resolve::number_taken_until;
use crate::dispatch::{Adoption, LeaseFolder};
use crate::model::{Actor, CallRecord, CallResult, Outcome, StartedCall};
use crate::scheduler::PolicyBook;
use crate::store::{
    AttemptState, CallFilter, CallPosition, Edit, FORGOTTEN, Finish, Resolution, Restoration, Store, StoreError,
    StoreResult,
};

/// Calls that are read, and put on record, at once.
const PAGE: usize = 1_000;

/// Why a call is on record again.
const WHY: &str = "an older copy of the database was put back";

/// What a copy is brought up with.
pub(crate) struct CopyUpdate<'a> {
    /// The queue as it is; the copy is an earlier state of it.
    pub present: &'a Store,
    pub copy: &'a mut Store,
    pub policies: &'a PolicyBook,
    pub by: &'a Actor,
    pub now: DateTime<Utc>,
}

impl CopyUpdate<'_> {
    /// Puts every call that the copy does not know on record in it as unknown, and holds its item. Gives those calls back.
    ///
    /// # Errors
    /// When a database fails.
    pub(crate) fn carry_calls(&mut self) -> Result<Vec<CallRecord>, EngineError> {
        self.end_open_calls()?;
        let (mut forgotten, mut after) = (Vec::new(), None);
        loop {
            let page = self.present.calls(&CallFilter::default(), after, PAGE)?;
            after = page.last().map(CallPosition::of);
            let is_last = page.len() < PAGE;
            let mut unknown = Vec::new();
            for call in page {
                if was_placed(call.attempt.outcome)
                    && self.copy.attempt_state(call.attempt.id)? == AttemptState::Missing
                    && let Some(started) = self.present.as_started(&call)?
                {
                    unknown.push((started, detail(&call)));
                    forgotten.push(call);
                }
            }
            self.put_on_record(&unknown)?;
            if is_last {
                break;
            }
        }
        self.copy.remember_from(self.present)?;
        Ok(forgotten)
    }

    fn put_on_record(&mut self, calls: &[(StartedCall, String)]) -> StoreResult<()> {
        let edit = Edit { by: self.by, at: self.now, reason: Some(WHY) };
        let restoration = |(call, detail)| {
            let call: &StartedCall = call;
            let policy = self.policies.of(&call.client);
            Restoration {
                call,
                goes_on: false,
                detail,
                max_retries: policy.retry.max_retries,
                number_taken_for: policy.dispatch.call_timeout,
                edit,
            }
        };
        let restorations: Vec<Restoration<'_>> =
            calls.iter().map(|(call, detail)| restoration((call, detail.as_str()))).collect();
        self.copy.restore_all(&restorations)?;
        Ok(())
    }

    /// Ends the calls that were in progress when the copy was made, unless they still are. Their items are held, but for a
    /// call that was never placed.
    fn end_open_calls(&mut self) -> Result<(), EngineError> {
        let mut finishes = Vec::new();
        for attempt in self.copy.unfinished_calls()? {
            let Some(found) = self.copy.unfinished(attempt)? else { continue };
            let known = self.present.call(attempt)?;
            let outcome = known.as_ref().map(|call| call.attempt.outcome);
            if let Some(None | Some(Outcome::Accepted)) = outcome {
                continue;
            }
            let not_placed = outcome.flatten().filter(|_| !was_placed(outcome.flatten()));
            let detail = known.as_ref().map_or_else(|| "the queue knew nothing of this call".to_owned(), detail);
            let policy = self.policies.of(&found.item.client);
            let (result, resolution) = match not_placed {
                Some(outcome) => (CallResult::of(outcome), Resolution::Returned { not_before: None }),
                None => (CallResult::of(Outcome::Unknown).because(FORGOTTEN), Resolution::GaveUp { held: true }),
            };
            finishes.push(Finish {
                attempt,
                item: found.item.id,
                so_far: found.so_far,
                number_taken_until: number_taken_until(
                    policy,
                    &found.dispatcher,
                    found.so_far,
                    result.outcome,
                    self.now,
                ),
                result: result.with_detail(detail),
                resolution,
                finished_at: self.now,
                duration_ms: None,
                business_ms: 0,
            });
        }
        self.copy.settle(&finishes)?;
        Ok(())
    }
}

/// Whether somebody may have been called: what was given back was not.
fn was_placed(outcome: Option<Outcome>) -> bool {
    !matches!(outcome, Some(Outcome::Returned | Outcome::Unavailable))
}

/// What the queue knew of a call, for the person who settles it.
fn detail(call: &CallRecord) -> String {
    let outcome = call.attempt.outcome.map_or("none yet", Outcome::as_str);
    let more: String =
        [&call.attempt.reason, &call.attempt.call_id].into_iter().flatten().map(|word| format!(", {word}")).collect();
    format!("the copy that was put back did not know this call; its outcome was {outcome}{more}")
}

/// How many calls go on by now, as their leases tell.
///
/// # Errors
/// When a lease cannot be read.
pub(crate) fn held_leases(leases: &LeaseFolder) -> StoreResult<usize> {
    let failed = |source| StoreError::Io { action: "look at the leases in", path: leases.path().to_owned(), source };
    let mut held = 0;
    for attempt in leases.attempts().map_err(failed)? {
        held += usize::from(matches!(leases.try_adopt(attempt).map_err(failed)?, Adoption::Held));
    }
    Ok(held)
}
