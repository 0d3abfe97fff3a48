//! What others see of a run while it goes on.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::report::ClientReport;
use crate::model::{CallResult, ClientId, Item};
use crate::store::Resolution;

/// A call that has ended, or that a dispatcher has accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ObservedCall<'a> {
    pub item: &'a Item,
    pub result: &'a CallResult,
    /// What that means for the item.
    pub resolution: Resolution,
    /// How long it took, in milliseconds, where that is known.
    pub took_ms: Option<u64>,
    pub at: DateTime<Utc>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunProgress<'a> {
    pub at: DateTime<Utc>,
    /// What ended so far, of each client.
    pub clients: &'a BTreeMap<ClientId, ClientReport>,
    /// How many calls are in flight, of each client.
    pub in_flight: &'a HashMap<ClientId, u32>,
}

/// Sees what a run does. It decides nothing.
pub(crate) trait RunObserver {
    fn call_ended(&self, _call: &ObservedCall<'_>) {}

    /// Comes after each turn of the run, at least once a second while calls are in flight.
    fn progress(&self, _progress: &RunProgress<'_>) {}
}

/// Sees nothing.
#[cfg(test)]
pub(crate) struct Unobserved;

#[cfg(test)]
impl RunObserver for Unobserved {}
