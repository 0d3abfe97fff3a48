//! Whether a claimed call may still be placed, asked of the database just before it begins, and before its request is
//! sent again.
//!
//! The claim has asked the same a moment or minutes ago. Capacity, rate and uniqueness are not asked again: the attempt
//! itself keeps its place in them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::rules::pause_sentence;
use super::zones::lead_zones;
use crate::clock::Clock;
use crate::dispatch::{Closed, LeaseFolder, StartAnswer, StartGate};
use crate::interrupt::StopSign;
use crate::model::{AttemptId, ItemId, to_text};
use crate::scheduler::{PolicyBook, is_open};
use crate::store::{Access, StartFacts, Store, StoreResult};

/// Asks the database, by a connection of its own, what the dispatchers' threads need to know.
pub struct DatabaseGate {
    /// The database.
    pub path: PathBuf,
    /// Its leases.
    pub leases: LeaseFolder,
    /// Every client's policy.
    pub policies: PolicyBook,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Shows that a signal has come.
    pub sign: StopSign,
    /// The connection, opened when the first call begins.
    pub store: Mutex<Option<Store>>,
}

impl StartGate for DatabaseGate {
    fn ask(&self, attempt: AttemptId, item: ItemId) -> StartAnswer {
        // First the permit: whoever stops calls from now on waits until this one has begun.
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
        store.as_ref().map_or(Ok(None), |store| store.start_facts(attempt, item, now))
    }

    /// The first gate that is closed by now.
    fn closed_gate(&self, facts: &StartFacts, now: DateTime<Utc>) -> Option<Closed> {
        let StartFacts { item, pause, not_to_be_called } = facts;
        if item.withdrawn {
            return Some(closed("withdrawn", "the item was cancelled before its call began"));
        }
        if let Some(pause) = pause {
            return Some(closed("paused", pause_sentence(pause)));
        }
        if let Some(at) = item.expires_at.filter(|_| item.has_expired_at(now)) {
            return Some(closed("expired", format!("expired at {}", to_text(at))));
        }
        if *not_to_be_called {
            return Some(closed("do_not_call", "its person asked not to be called"));
        }
        let hours = &self.policies.of(&item.client).hours;
        let is_open = lead_zones(&item.zones).is_ok_and(|zones| is_open(hours, &zones, item.priority, now));
        (!is_open).then(|| closed("window_closed", "the window closed before the call began"))
    }
}

fn closed(reason: &'static str, detail: impl Into<String>) -> Closed {
    Closed { reason, detail: detail.into() }
}
