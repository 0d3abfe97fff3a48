//! What the gates are asked with.

use chrono::{DateTime, Utc};

use crate::model::{ClientActivity, Item, NumberFacts};

/// All that is known of an item.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub item: &'a Item,
    pub client: ClientFacts<'a>,
    pub number: &'a NumberFacts,
}

/// All that is known of a client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientFacts<'a> {
    /// What the queue knows.
    pub activity: &'a ClientActivity,
    /// What the run knows that asks; none for who only looks.
    pub run: Option<&'a RunFacts>,
}

/// What only a run knows of a client's dispatcher.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RunFacts {
    /// Why the breaker stopped the client.
    pub fault: Option<String>,
    /// The provider takes no call of the client before this instant.
    pub waits_until: Option<DateTime<Utc>>,
    /// An outcome of this run has shown that the dispatcher works.
    pub is_proven: bool,
    /// Calls of the client that this run has in flight.
    pub in_flight: u32,
}
