//! What a run did.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use super::error::EngineError;
use crate::contract::Verdict;
use crate::model::{ClientId, Item, ItemId, LeadId, RunId};
use crate::store::Resolution;

/// Attempts of a run, by what came of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub processed: u64,
    pub successful: u64,
    pub failed: u64,
    /// To be called again.
    pub retried: u64,
    /// Handed over; the result comes later.
    pub accepted: u64,
    /// Given up until a person decides, since the outcome is unknown.
    pub held: u64,
    /// Not called: given back as they were.
    pub returned: u64,
}

impl Counts {
    pub(super) fn note(&mut self, conclusion: Resolution) {
        self.processed += 1;
        *self.part(conclusion) += 1;
    }

    /// Takes back what was noted of an attempt whose outcome cannot be recorded.
    pub(super) fn forget(&mut self, conclusion: Resolution) {
        self.processed = self.processed.saturating_sub(1);
        let part = self.part(conclusion);
        *part = part.saturating_sub(1);
    }

    fn part(&mut self, conclusion: Resolution) -> &mut u64 {
        match conclusion {
            Resolution::Completed => &mut self.successful,
            Resolution::RetryAt(_) => &mut self.retried,
            Resolution::GaveUp { held: false } => &mut self.failed,
            Resolution::GaveUp { held: true } => &mut self.held,
            Resolution::Returned { .. } => &mut self.returned,
            Resolution::Accepted { .. } => &mut self.accepted,
        }
    }
}

/// What a run did for one client.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientReport {
    pub counts: Counts,
    /// What kept due items from being called when the run ended.
    pub blocked_by: Option<Verdict>,
}

/// An attempt that a person may want to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub item: ItemId,
    pub lead: LeadId,
    pub reason: String,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoppedBy {
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
    pub fn as_str(self) -> &'static str {
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
pub struct RunReport {
    pub run: RunId,
    pub totals: Counts,
    /// Attempts of earlier runs that it settled: their dispatcher was gone, or their result overdue.
    pub recovered: u64,
    /// Accepted calls, of this run and of earlier ones, of which the provider told how they ended.
    pub settled: u64,
    /// Outcomes that could not be recorded: in no other count. Their attempts stay open.
    pub not_recorded: u64,
    /// Items, of the client or of all, that are held and wait for a person.
    pub held_items: u64,
    /// Items whose calls the database forgot: an older copy of it was put back. Each waits for a person.
    pub forgotten_items: Vec<ItemId>,
    /// Leases of calls that the database forgot, and that do not say whom they called.
    pub nameless_leases: Vec<PathBuf>,
    /// Clients that had due items, by name.
    pub clients: BTreeMap<ClientId, ClientReport>,
    /// At most [`RunReport::MOST_PROBLEMS`] attempts that a person may want to look at.
    pub problems: Vec<Problem>,
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
    pub const MOST_PROBLEMS: usize = 100;

    /// Names an attempt of an item that a person may want to look at, as long as there is room.
    pub(super) fn name_problem(&mut self, item: &Item, reason: String) {
        if self.problems.len() < RunReport::MOST_PROBLEMS {
            self.problems.push(Problem { item: item.id, lead: item.lead.clone(), reason });
        }
    }
}
