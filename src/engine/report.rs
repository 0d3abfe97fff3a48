//! What a run did.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use super::error::EngineError;
use crate::contract::{CallError, Counts, Verdict};
use crate::model::{ClientId, Item, ItemId, RunId};
use crate::store::Resolution;

/// What a run did for one client.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ClientReport {
    pub counts: Counts,
    /// What kept due items from being called when the run ended.
    pub blocked_by: Option<Verdict>,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoppedBy {
    /// Nothing more was due and allowed.
    Drained,
    /// `--limit` was reached.
    Limit,
    /// `--max-runtime` was reached.
    Runtime,
    Signal(u8),
    /// The dispatcher of a client failed again and again, and nothing else was left.
    Breaker,
}

impl StoppedBy {
    /// The word used in JSON and in the database.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            StoppedBy::Drained => "drained",
            StoppedBy::Limit => "limit",
            StoppedBy::Runtime => "runtime",
            StoppedBy::Signal(_) => "signal",
            StoppedBy::Breaker => "breaker",
        }
    }
}

/// What a run did.
#[derive(Debug)]
pub(crate) struct RunReport {
    pub run: RunId,
    pub totals: Counts,
    /// Attempts of earlier runs that it settled: their dispatcher was gone, or their result overdue.
    pub recovered: u64,
    /// Accepted calls, of this run and of earlier ones, whose end the provider told.
    pub settled: u64,
    /// Outcomes that could not be recorded: in no other count. Their attempts stay open.
    pub not_recorded: u64,
    /// Items that failed without a call since they are not to be called, by reason.
    pub failed_uncalled: BTreeMap<&'static str, u64>,
    /// Items, of the client or of all, that are held and wait for a person.
    pub held_items: u64,
    /// Items whose calls the database forgot: an older copy of it was put back. Each waits for a person.
    pub forgotten_items: Vec<ItemId>,
    /// Leases of calls that the database forgot, and that do not say whom they called.
    pub nameless_leases: Vec<PathBuf>,
    /// Clients that had due items, by name.
    pub clients: BTreeMap<ClientId, ClientReport>,
    /// At most [`RunReport::MOST_PROBLEMS`] attempts that a person may want to look at.
    pub problems: Vec<CallError>,
    pub stopped_by: StoppedBy,
    /// How long it took.
    pub duration: TimeDelta,
    /// The next instant at which something can be called.
    pub next_call_at: Option<DateTime<Utc>>,
    /// When time alone, without another program's doing, brings something to call that this run could not; for `watch`.
    pub wake_at: Option<DateTime<Utc>>,
    /// Whether calls were only played.
    pub simulated: bool,
    /// Whether a breaker opened and no attempt had another outcome than "unavailable".
    pub only_unavailable: bool,
    /// Whether an item is as it was since its dispatcher is at fault, and would be tried again by the next run.
    pub any_unavailable: bool,
    /// Whether there were due items, and every client that has some lacks a dispatcher.
    pub nothing_configured: bool,
    /// What ended the run before its time; the calls in flight were finished first.
    pub failure: Option<EngineError>,
}

impl RunReport {
    /// The most problems that a report lists: a run of a million calls keeps its memory.
    pub(crate) const MOST_PROBLEMS: usize = 100;

    /// Counts an attempt that ended so.
    pub(super) fn note(&mut self, client: &ClientId, resolution: Resolution) {
        for counts in [&mut self.totals, &mut self.clients.entry(client.clone()).or_default().counts] {
            counts.processed += 1;
            *part(counts, resolution) += 1;
        }
    }

    /// Counts items that failed without a call.
    pub(super) fn note_uncalled(&mut self, failed: &BTreeMap<&'static str, u64>) {
        for (reason, count) in failed {
            *self.failed_uncalled.entry(reason).or_default() += count;
        }
    }

    /// Takes back what was noted of an attempt whose outcome cannot be recorded.
    pub(super) fn forget(&mut self, client: Option<&ClientId>, resolution: Resolution) {
        let of_client = client.and_then(|client| self.clients.get_mut(client)).map(|report| &mut report.counts);
        for counts in [Some(&mut self.totals), of_client].into_iter().flatten() {
            counts.processed = counts.processed.saturating_sub(1);
            let part = part(counts, resolution);
            *part = part.saturating_sub(1);
        }
    }

    /// Whether a problem was named for this reason, of the item or of any.
    pub(super) fn names(&self, item: Option<ItemId>, reason: &str) -> bool {
        let mut problems = self.problems.iter();
        problems.any(|known| known.reason.as_deref() == Some(reason) && item.is_none_or(|item| known.id == item.get()))
    }

    /// Names an attempt of an item that a person may want to look at, as long as there is room.
    pub(super) fn name_problem(&mut self, item: &Item, reason: String) {
        if self.problems.len() < RunReport::MOST_PROBLEMS {
            let (id, lead_id) = (item.id.get(), item.lead.to_string());
            self.problems.push(CallError { id, lead_id, reason: Some(reason) });
        }
    }
}

fn part(counts: &mut Counts, resolution: Resolution) -> &mut u64 {
    match resolution {
        Resolution::Completed => &mut counts.successful,
        Resolution::RetryAt { .. } | Resolution::Promised { .. } => &mut counts.retried,
        Resolution::GaveUp { held: false } => &mut counts.failed,
        Resolution::GaveUp { held: true } => &mut counts.held,
        Resolution::Returned { .. } => &mut counts.returned,
        Resolution::Accepted { .. } => &mut counts.accepted,
    }
}
