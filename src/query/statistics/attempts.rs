//! Counts of attempts by outcome, their reasons, and the items that they ended.

use std::collections::{BTreeMap, HashMap};

use crate::contract::{AttemptCounts, ReasonCount};
use crate::model::Status;
use crate::store::{AttemptFacts, AttemptTotals, PrunedCalls, QueueFacts};

/// The most failure reasons that `stats` shows.
const MOST_REASONS: usize = 20;

/// The attempts of a client, or of all, by outcome.
pub(super) fn counts(totals: &AttemptTotals) -> AttemptCounts {
    let mut counts = AttemptCounts::default();
    totals.by_outcome.iter().for_each(|(outcome, count)| counts.add(*outcome, *count));
    counts
}

/// The reasons of attempts that did not reach their lead: the most frequent first, then by name.
pub(super) fn failure_reasons(reasons: HashMap<String, u64>) -> Vec<ReasonCount> {
    let reasons = reasons.into_iter().map(|(reason, count)| ReasonCount { reason, count });
    let mut reasons: Vec<ReasonCount> = reasons.collect();
    reasons.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
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

    /// Adds pruned items, by their last attempt.
    pub(super) fn add_pruned(&mut self, calls: &PrunedCalls) {
        self.completed += calls.items_completed;
        self.failed += calls.items_failed;
        self.retried += calls.items_retried;
        self.completed_after_retry += calls.items_completed_after_retry;
    }

    /// Those of all time, from the counts of the queue and of what was pruned.
    pub(super) fn of(queue: &QueueFacts, pruned: &BTreeMap<Status, (u64, u64)>) -> EndedItems {
        let with_status = |wanted: Status| queue.counts.iter().filter(move |((_, status, _), _)| *status == wanted);
        let gone = |status: Status| pruned.get(&status).copied().unwrap_or_default();
        let count = |wanted| with_status(wanted).map(|(_, count)| count).sum::<u64>() + gone(wanted).0;
        let retried = queue.retried.iter().filter(|(status, _)| status.is_finished()).map(|(_, count)| count);
        let after_retry = queue.retried.get(&Status::Completed).copied().unwrap_or(0);
        EndedItems {
            completed: count(Status::Completed),
            failed: count(Status::Failed),
            retried: retried.sum::<u64>() + pruned.values().map(|(_, retried)| retried).sum::<u64>(),
            completed_after_retry: after_retry + gone(Status::Completed).1,
        }
    }
}
