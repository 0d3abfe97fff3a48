//! What places calls: programs, providers and simulations behind one trait.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::model::{AttemptId, CallResult, DispatchSettings, Item};

mod lease;

pub use lease::{Lease, LeaseFolder};

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
    /// The attempt.
    pub attempt: AttemptId,
    /// How it ended.
    pub result: CallResult,
    /// How long it took; simulated calls tell a simulated time.
    pub took: Duration,
    /// The attempt's lease, to be removed once the result is on disk.
    pub lease: Lease,
}

/// What places calls. Each end is sent once on the channel that the dispatcher was made with, also when the call could
/// not be started.
pub trait Dispatcher {
    /// Starts one call and returns without waiting for its end.
    fn start(&mut self, call: Call);
}
