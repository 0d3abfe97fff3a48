//! The contract of all dispatchers: a call to start, and how it ended.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::lease::Lease;
use super::start_gate::Closed;
use crate::model::{AttemptId, CallResult, DispatchSettings, Item};

/// One call to start: an attempt that is on disk.
#[derive(Debug)]
pub struct Call {
    /// The attempt, also the idempotency key.
    pub attempt: AttemptId,
    /// 1 for the item's first attempt, and so on.
    pub number: u32,
    /// Whom to call, with the state that the item has now.
    pub item: Item,
    /// When the attempt was put on disk.
    pub started_at: DateTime<Utc>,
    /// How the client's calls are placed.
    pub settings: Arc<DispatchSettings>,
    /// The lock that lives as long as the dispatcher of this attempt.
    pub lease: Lease,
    /// Where a program may leave its result.
    pub result_file: PathBuf,
}

/// The end of one call.
#[derive(Debug)]
pub struct Ended {
    pub attempt: AttemptId,
    pub result: CallResult,
    /// Whether the dispatcher itself is missing or broken, so that trying it for another lead is idle: the breaker opens
    /// at the first such call.
    pub could_not_start: bool,
    /// Whether the breaker counts this call as a failure of the dispatcher though its outcome is not `unavailable`.
    pub counts_for_breaker: bool,
    /// Whether nothing was begun for it, so that it says nothing of its dispatcher.
    pub not_begun: bool,
    /// The instant before which the dispatcher takes no further call of this client.
    pub client_waits_until: Option<DateTime<Utc>>,
    /// How long it took; simulated calls tell a simulated time.
    pub took: Duration,
    /// The attempt's lease, to be removed once the result is on disk.
    pub lease: Lease,
}

impl Ended {
    /// The end of a call that may not be placed any more.
    pub fn not_begun(call: Call, closed: Closed) -> Ended {
        Ended { not_begun: true, ..Ended::of(call, closed.returned()) }
    }

    /// The end of a call that says nothing against its dispatcher, and took no time.
    pub fn of(call: Call, result: CallResult) -> Ended {
        Ended {
            attempt: call.attempt,
            result,
            could_not_start: false,
            counts_for_breaker: false,
            not_begun: false,
            client_waits_until: None,
            took: Duration::ZERO,
            lease: call.lease,
        }
    }
}

/// What places calls. Each end is sent once on the channel that the dispatcher was made with, also when the call could
/// not be started.
pub trait Dispatcher {
    /// Starts one call and returns without waiting for its end.
    fn start(&mut self, call: Call);
}
