//! How one attempt ended, and what a dispatcher says about it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::{Metadata, Reached, WrittenTime, did_you_mean};

/// How one attempt ended. A call that still runs has no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The lead was reached.
    Completed,
    /// Not reached; worth another attempt.
    Retry,
    /// This lead can never be reached so.
    Failed,
    /// Nobody can know whether the call took place.
    Unknown,
    /// Not called at all; try later. Uses no retry.
    Returned,
    /// The dispatcher itself is at fault; not called. Uses no retry, counts for the breaker.
    Unavailable,
    /// Handed over; the result comes later.
    Accepted,
}

impl Outcome {
    pub const ALL: [Outcome; 7] = [
        Outcome::Completed,
        Outcome::Retry,
        Outcome::Failed,
        Outcome::Unknown,
        Outcome::Returned,
        Outcome::Unavailable,
        Outcome::Accepted,
    ];

    /// Whether it ends a call that took place, or may have.
    pub fn is_finished_call(self) -> bool {
        match self {
            Outcome::Completed | Outcome::Retry | Outcome::Failed | Outcome::Unknown => true,
            Outcome::Returned | Outcome::Unavailable | Outcome::Accepted => false,
        }
    }

    /// Whether it says something of the hour: what was no call, or tried a number that does not exist, does not.
    pub fn tells_of_its_hour(self) -> bool {
        self.is_finished_call() && self != Outcome::Failed
    }

    /// Whether the attempt is over and did not reach its lead.
    pub fn is_failure(self) -> bool {
        !matches!(self, Outcome::Completed | Outcome::Accepted)
    }

    /// The word used in JSON, in the configuration and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Completed => "completed",
            Outcome::Retry => "retry",
            Outcome::Failed => "failed",
            Outcome::Unknown => "unknown",
            Outcome::Returned => "returned",
            Outcome::Unavailable => "unavailable",
            Outcome::Accepted => "accepted",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The message for a word that is no outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown outcome `{0}`: expected completed, retry, failed, unknown, returned, unavailable or accepted{meant}",
    meant = did_you_mean(.0, Outcome::ALL.map(Outcome::as_str))
)]
pub struct UnknownOutcome(String);

impl FromStr for Outcome {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Outcome::ALL.into_iter().find(|outcome| text == outcome.as_str()).ok_or_else(|| UnknownOutcome(text.to_owned()))
    }
}

/// What a dispatcher says of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallResult {
    pub outcome: Outcome,
    /// One word or sentence for people and statistics, such as `no_answer`.
    pub reason: Option<String>,
    /// The provider's name for the call.
    pub call_id: Option<String>,
    /// The instant before which the dispatcher asks not to be called again.
    pub retry_at: Option<DateTime<Utc>>,
    /// The same as it was written, as long as nobody has read it; see [`WrittenTime`].
    pub written_time: Option<Box<WrittenTime>>,
    /// What else the dispatcher said, kept with the attempt.
    pub metadata: Option<Metadata>,
    /// The end of the dispatcher's standard error, or the fault that was seen.
    pub detail: Option<String>,
    /// The person asked not to be called again: the number is not dialled any more.
    pub do_not_call: bool,
    /// An unknown outcome waits for a person, even where the client's policy retries them.
    pub hold: bool,
    /// How far the call came, as the dispatcher says; see [`CallResult::level`].
    pub reached: Option<Reached>,
}

impl CallResult {
    /// A result with its outcome alone.
    pub fn of(outcome: Outcome) -> CallResult {
        CallResult {
            outcome,
            reason: None,
            call_id: None,
            retry_at: None,
            written_time: None,
            metadata: None,
            detail: None,
            do_not_call: false,
            hold: false,
            reached: None,
        }
    }

    /// The same result with a reason.
    #[must_use]
    pub fn because(self, reason: impl Into<String>) -> CallResult {
        CallResult { reason: Some(reason.into()), ..self }
    }

    /// The same result with a detail.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<String>) -> CallResult {
        CallResult { detail: Some(detail.into()), ..self }
    }
}
