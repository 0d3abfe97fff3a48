//! Counts of attempts by outcome, their reasons, and the items that they ended.

use std::collections::HashMap;

use super::rate::rate;
use crate::model::{Outcome, Status};
use crate::store::{AttemptFacts, AttemptTotals, QueueFacts};

/// At most so many failure reasons are told.
const MOST_REASONS: usize = 20;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AttemptTally {
    /// Of every outcome, or of none yet.
    pub total: u64,
    pub completed: u64,
    /// Not reached, worth another attempt.
    pub retry: u64,
    /// Never to be reached so.
    pub failed: u64,
    pub unknown: u64,
    /// Handed over, result to come.
    pub accepted: u64,
}

impl AttemptTally {
    pub(super) fn of(totals: &AttemptTotals) -> AttemptTally {
        let mut tally = AttemptTally::default();
        totals.by_outcome.iter().for_each(|(outcome, count)| tally.add(*outcome, *count));
        tally
    }

    pub(super) fn add(&mut self, outcome: Option<Outcome>, count: u64) {
        self.total += count;
        match outcome {
            Some(Outcome::Completed) => self.completed += count,
            Some(Outcome::Retry) => self.retry += count,
            Some(Outcome::Failed) => self.failed += count,
            Some(Outcome::Unknown) => self.unknown += count,
            Some(Outcome::Accepted) => self.accepted += count,
            Some(Outcome::Returned | Outcome::Unavailable) | None => {}
        }
    }

    /// Attempts in which a call took place and ended.
    pub fn finished(&self) -> u64 {
        self.completed + self.retry + self.failed + self.unknown
    }

    /// Completed attempts / finished attempts.
    pub fn answer_rate(&self) -> Option<f64> {
        rate(self.completed, self.finished())
    }
}

/// The reasons of attempts that did not reach their lead: the most frequent first, then by name.
pub(super) fn failure_reasons(reasons: HashMap<String, u64>) -> Vec<(String, u64)> {
    let mut reasons: Vec<(String, u64)> = reasons.into_iter().collect();
    reasons.sort_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then_with(|| a.cmp(b)));
    reasons.truncate(MOST_REASONS);
    reasons
}

/// Items that an attempt ended: with `since` those whose last attempt is in the range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct EndedItems {
    pub(super) completed: u64,
    pub(super) failed: u64,
    /// Finished ones that were retried, and those of them that are completed.
    pub(super) retried: u64,
    pub(super) completed_after_retry: u64,
}

impl EndedItems {
    /// Takes note of an attempt: every item has one last attempt, so that it is counted once.
    pub(super) fn note(&mut self, attempt: &AttemptFacts<'_>) {
        if !attempt.is_last {
            return;
        }
        let completed = attempt.item_status == Status::Completed;
        self.completed += u64::from(completed);
        self.failed += u64::from(attempt.item_status == Status::Failed);
        if attempt.item_tries > 1 && attempt.item_status.is_finished() {
            self.retried += 1;
            self.completed_after_retry += u64::from(completed);
        }
    }

    /// Those of all time, from the counts of the queue.
    pub(super) fn of(queue: &QueueFacts) -> EndedItems {
        let with_status = |wanted: Status| queue.counts.iter().filter(move |((_, status, _), _)| *status == wanted);
        let count = |wanted| with_status(wanted).map(|(_, count)| count).sum();
        let retried = queue.retried.iter().filter(|(status, _)| status.is_finished());
        EndedItems {
            completed: count(Status::Completed),
            failed: count(Status::Failed),
            retried: retried.map(|(_, count)| count).sum(),
            completed_after_retry: queue.retried.get(&Status::Completed).copied().unwrap_or(0),
        }
    }
}
