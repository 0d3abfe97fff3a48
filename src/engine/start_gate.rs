//! Whether a claimed call may still be placed, asked of the database just before it begins, and before its request is
//! sent again.
//!
//! The claim has asked the same a moment or minutes ago. Capacity, rate and uniqueness are not asked again: the attempt
//! itself keeps its place in them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::contract::Evidence;
use crate::dispatch::{Closed, LeaseFolder, StartAnswer, StartGate};
use crate::gates;
use crate::interrupt::StopSign;
use crate::model::{AttemptId, Item, ItemId, Pause, to_text};
use crate::scheduler::PolicyBook;
use crate::store::{Access, StartFacts, StartQuestions, Store, StoreResult};

/// Asks the database, by a connection of its own, what the dispatchers' threads need to know.
pub(crate) struct DatabaseGate {
    pub path: PathBuf,
    pub leases: LeaseFolder,
    pub policies: PolicyBook,
    pub clock: Arc<dyn Clock>,
    /// Shows that a signal has come.
    pub sign: StopSign,
    /// The connection, opened when the first call begins.
    pub store: Mutex<Option<Store>>,
}

impl StartGate for DatabaseGate {
    fn ask(&self, attempt: AttemptId, item: ItemId) -> StartAnswer {
        // First the permit: a command that stops calls from now on waits until this one has begun.
        let permit = match self.leases.permit() {
            Ok(permit) => permit,
            Err(error) => return StartAnswer::Closed(closed("leases_unusable", error.to_string())),
        };
        if let Some(signal) = self.sign.signal() {
            return StartAnswer::Closed(closed(
                "signal",
                format!("signal {signal} ended the run before the call began"),
            ));
        }
        let now = self.clock.now();
        match self.facts(attempt, item, now) {
            Err(error) => StartAnswer::Closed(closed("database_unusable", error.to_string())),
            Ok(None) => StartAnswer::Closed(closed("settled", "the attempt was settled before its call began")),
            Ok(Some(facts)) => match self.closed_gate(&facts, now) {
                Some(closed) => StartAnswer::Closed(closed),
                None => StartAnswer::Open(permit),
            },
        }
    }
}

impl DatabaseGate {
    fn facts(&self, attempt: AttemptId, item: ItemId, now: DateTime<Utc>) -> StoreResult<Option<StartFacts>> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if store.is_none() {
            *store = Some(Store::open(&self.path, Access::Read)?);
        }
        store.as_ref().map_or(Ok(None), |store| {
            let policy = |item: &Item| self.policies.of(&item.client);
            let questions = |item: &Item| gates::list_questions(policy(item), item, now);
            let look_back = |item: &Item| gates::look_back(policy(item), &item.place);
            store.start_facts(attempt, item, &StartQuestions { look_back: &look_back, lists: &questions }, now)
        })
    }

    /// What keeps the call from beginning by now.
    fn closed_gate(&self, facts: &StartFacts, now: DateTime<Utc>) -> Option<Closed> {
        let StartFacts { item, pauses, number } = facts;
        if item.no_retry {
            return Some(closed("withdrawn", "the item was cancelled before its call began"));
        }
        let verdict = gates::closed_at_start(item, pauses, number, self.policies.of(&item.client), now)?;
        let detail = match &verdict.evidence {
            Evidence::Pauses(pauses) => Pause::widest(pauses).map(Pause::in_short).unwrap_or_default(),
            Evidence::Expiry(Some(at)) => format!("expired at {}", to_text(*at)),
            Evidence::DoNotCall(Some(entry)) if entry.is_callers_own() => {
                "its person asked not to be called".to_owned()
            }
            Evidence::DoNotCall(_) => "its number is on the do-not-call list".to_owned(),
            Evidence::Registry(_) => "no copy of a registry frees its number".to_owned(),
            Evidence::Consent(_) => "a consent that a rule requires is missing".to_owned(),
            Evidence::Caps { .. } => "a cap on the calls to its number is reached".to_owned(),
            Evidence::NumberRest { .. } => "another item of the client called its number".to_owned(),
            _ => "the window closed before the call began".to_owned(),
        };
        Some(closed(verdict.gate.as_str(), detail))
    }
}

fn closed(reason: &'static str, detail: impl Into<String>) -> Closed {
    Closed { reason, detail: detail.into() }
}
