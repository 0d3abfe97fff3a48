//! Takes note of attempts: counts, times and reasons.

use std::collections::HashMap;

use super::rate::rate;
use crate::model::{Outcome, Status};
use crate::store::AttemptFacts;

/// At most so many failure reasons are told.
const MOST_REASONS: usize = 20;

/// Attempts by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AttemptTally {
    /// Of every outcome, or of none yet.
    pub total: u64,
    /// Reached.
    pub completed: u64,
    /// Not reached, worth another attempt.
    pub retry: u64,
    /// Never to be reached so.
    pub failed: u64,
    /// Nobody can know.
    pub unknown: u64,
    /// Handed over, result to come.
    pub accepted: u64,
}

impl AttemptTally {
    pub(super) fn note(&mut self, outcome: Option<Outcome>) {
        self.total += 1;
        match outcome {
            Some(Outcome::Completed) => self.completed += 1,
            Some(Outcome::Retry) => self.retry += 1,
            Some(Outcome::Failed) => self.failed += 1,
            Some(Outcome::Unknown) => self.unknown += 1,
            Some(Outcome::Accepted) => self.accepted += 1,
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

/// Whether an outcome ends a call that took place, or may have.
pub(super) fn is_finished_call(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Completed | Outcome::Retry | Outcome::Failed | Outcome::Unknown)
}

/// What is kept of the attempts of a pass: counts, and 8 bytes for each time of which percentiles are wanted.
#[derive(Debug, Default)]
pub(super) struct AttemptNotes {
    pub(super) tally: AttemptTally,
    pub(super) waits_ms: Vec<u64>,
    pub(super) durations_ms: Vec<u64>,
    /// Items that are completed, and failed, by their last attempt.
    pub(super) completed_items: u64,
    pub(super) failed_items: u64,
    /// Items that were retried and are finished, and those of them that are completed, by their last attempt.
    pub(super) retried_items: u64,
    pub(super) completed_after_retry: u64,
    reasons: HashMap<String, u64>,
}

impl AttemptNotes {
    pub(super) fn note(&mut self, attempt: &AttemptFacts<'_>) {
        self.tally.note(attempt.outcome);
        self.waits_ms.extend(attempt.waited_ms);
        if attempt.outcome.is_some_and(is_finished_call) {
            self.durations_ms.extend(attempt.duration_ms);
        }
        if let Some(reason) = attempt.reason.filter(|_| attempt.outcome != Some(Outcome::Completed)) {
            match self.reasons.get_mut(reason) {
                Some(count) => *count += 1,
                None => {
                    self.reasons.insert(reason.to_owned(), 1);
                }
            }
        }
        if attempt.is_last {
            self.note_item(attempt);
        }
    }

    /// Every item has one last attempt, so that it is counted once.
    fn note_item(&mut self, attempt: &AttemptFacts<'_>) {
        let completed = attempt.item_status == Status::Completed;
        self.completed_items += u64::from(completed);
        self.failed_items += u64::from(attempt.item_status == Status::Failed);
        if attempt.item_tries > 1 && attempt.item_status.is_finished() {
            self.retried_items += 1;
            self.completed_after_retry += u64::from(completed);
        }
    }

    /// The reasons of attempts that did not reach their lead: the most frequent first, then by name.
    pub(super) fn failure_reasons(&self) -> Vec<(String, u64)> {
        let mut reasons: Vec<(&String, u64)> = self.reasons.iter().map(|(reason, count)| (reason, *count)).collect();
        reasons.sort_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then_with(|| a.cmp(b)));
        reasons.truncate(MOST_REASONS);
        reasons.into_iter().map(|(reason, count)| (reason.clone(), count)).collect()
    }
}
