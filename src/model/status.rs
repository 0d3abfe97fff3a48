//! The statuses of an item and the one table that says which event leads from one to another.

use std::fmt;
use std::str::FromStr;

use super::did_you_mean;

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// May be called as soon as a turn comes.
    Pending,
    /// Its slot lay in the future when it was written.
    Scheduled,
    /// An attempt is open.
    InProgress,
    /// Waits for its next attempt.
    RetryScheduled,
    Completed,
    /// Given up, or held when nobody knows how the last attempt ended.
    Failed,
    /// Withdrawn by a person.
    Cancelled,
}

impl Status {
    /// Every status, live ones first.
    pub const ALL: [Status; 7] = [
        Status::Pending,
        Status::Scheduled,
        Status::InProgress,
        Status::RetryScheduled,
        Status::Completed,
        Status::Failed,
        Status::Cancelled,
    ];

    /// The word used on the command line, in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Scheduled => "scheduled",
            Status::InProgress => "in_progress",
            Status::RetryScheduled => "retry_scheduled",
            Status::Completed => "completed",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
        }
    }

    /// Whether the item waits to be called.
    pub fn is_waiting(self) -> bool {
        matches!(self, Status::Pending | Status::Scheduled | Status::RetryScheduled)
    }

    /// Whether nothing more happens to the item unless a person asks for it.
    pub fn is_finished(self) -> bool {
        matches!(self, Status::Completed | Status::Failed | Status::Cancelled)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The message for a word that is no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown status `{0}`: expected pending, scheduled, in_progress, retry_scheduled, completed, failed or cancelled{meant}",
    meant = did_you_mean(.0, Status::ALL.map(Status::as_str))
)]
pub struct UnknownStatus(String);

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = text.trim();
        // As Americans write it.
        if word.eq_ignore_ascii_case("canceled") {
            return Ok(Status::Cancelled);
        }
        Status::ALL
            .into_iter()
            .find(|status| word.eq_ignore_ascii_case(status.as_str()))
            .ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

/// What can happen to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A run took it: an attempt is on disk.
    Claimed,
    /// The call reached the lead.
    Completed,
    /// The call did not, and the budget allows another attempt.
    RetryDue,
    /// The call failed for good, or its budget is spent, or its outcome is unknown (then the item is held).
    GaveUp,
    /// The attempt was not a call: the item goes back to the status it had before the claim.
    Returned(Status),
    /// `expires_at` passed while it waited.
    Expired,
    /// Its person asked not to be called again, in another call, while it waited.
    NotToBeCalled,
    /// No plan allows its number, which an older version took.
    InvalidNumber,
    /// A person withdrew it while it waited.
    Cancelled,
    /// The attempt in progress ended without success, and a person had said that no retry may follow.
    RetryWithdrawn,
    /// An unknown outcome turned out to be a call that reached the lead, before another call began.
    FoundCompleted,
    /// An unknown outcome turned out to be a call after which none is worth trying, or none is left.
    FoundFailed,
    /// An unknown outcome turned out to be a call after which another one is due.
    FoundRetryDue,
    /// A person sent it again; the status says whether its slot is now or later.
    SentAgain(Status),
    /// A person was promised another call; the status says whether that is now or later.
    CalledBack(Status),
    /// A person changed it; the status says whether its slot is now or later.
    Edited(Status),
}

/// Why an event does not apply to a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A call is open.
    #[error("it is in progress")]
    InProgress,
    /// Nobody has claimed it.
    #[error("it is not in progress")]
    NotInProgress,
    /// It still waits to be called.
    #[error("it still waits to be called")]
    Waiting,
    #[error("it is completed")]
    Completed,
    #[error("it is finished")]
    Finished,
}

impl Status {
    /// The status that follows when `event` happens: the single table of state changes.
    ///
    /// # Errors
    /// The reason why the event does not apply to this status.
    pub fn after(self, event: Event) -> Result<Status, Refusal> {
        use Status::{Cancelled, Completed, Failed, InProgress, Pending, RetryScheduled, Scheduled};
        match (self, event) {
            (Pending | Scheduled | RetryScheduled, Event::Claimed) => Ok(InProgress),
            (Pending | Scheduled | RetryScheduled, Event::Expired | Event::NotToBeCalled | Event::InvalidNumber) => {
                Ok(Failed)
            }
            (Pending | Scheduled | RetryScheduled, Event::Cancelled) => Ok(Cancelled),
            (Pending | Scheduled, Event::Edited(status)) => Ok(status),
            (RetryScheduled, Event::Edited(_)) => Ok(RetryScheduled),
            (InProgress, Event::Completed) => Ok(Completed),
            (InProgress, Event::RetryDue) => Ok(RetryScheduled),
            (InProgress, Event::GaveUp) => Ok(Failed),
            (InProgress, Event::Returned(status)) => Ok(status),
            (InProgress, Event::RetryWithdrawn) => Ok(Cancelled),
            (Failed | Cancelled, Event::SentAgain(status)) => Ok(status),
            (Completed | Failed | Cancelled, Event::CalledBack(status)) => Ok(status),
            (Pending | Scheduled | RetryScheduled | Failed, Event::FoundCompleted) => Ok(Completed),
            (Pending | Scheduled | RetryScheduled | Failed, Event::FoundFailed) => Ok(Failed),
            (Pending | Scheduled | RetryScheduled, Event::FoundRetryDue) => Ok(self),
            (Failed, Event::FoundRetryDue) => Ok(RetryScheduled),
            (
                InProgress,
                Event::Claimed
                | Event::Expired
                | Event::NotToBeCalled
                | Event::InvalidNumber
                | Event::Cancelled
                | Event::SentAgain(_)
                | Event::CalledBack(_)
                | Event::Edited(_)
                | Event::FoundCompleted
                | Event::FoundFailed
                | Event::FoundRetryDue,
            ) => Err(Refusal::InProgress),
            (
                Pending | Scheduled | RetryScheduled,
                Event::Completed | Event::RetryDue | Event::GaveUp | Event::Returned(_) | Event::RetryWithdrawn,
            ) => Err(Refusal::NotInProgress),
            (Pending | Scheduled | RetryScheduled, Event::SentAgain(_) | Event::CalledBack(_)) => Err(Refusal::Waiting),
            (Completed, Event::SentAgain(_)) => Err(Refusal::Completed),
            (Completed | Cancelled, Event::FoundCompleted | Event::FoundFailed | Event::FoundRetryDue) => {
                Err(Refusal::Finished)
            }
            (
                Completed | Failed | Cancelled,
                Event::Claimed
                | Event::Completed
                | Event::RetryDue
                | Event::GaveUp
                | Event::Returned(_)
                | Event::Expired
                | Event::NotToBeCalled
                | Event::InvalidNumber
                | Event::Cancelled
                | Event::RetryWithdrawn
                | Event::Edited(_),
            ) => Err(Refusal::Finished),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_item_ends_only_through_its_open_attempt_a_person_or_its_expiry() {
        for status in Status::ALL {
            assert_eq!(status.after(Event::Claimed).is_ok(), status.is_waiting(), "{status}");
            assert_eq!(status.after(Event::Completed).is_ok(), status == Status::InProgress, "{status}");
            assert_eq!(status.after(Event::Cancelled).is_ok(), status.is_waiting(), "{status}");
            assert_eq!(status.after(Event::Edited(Status::Pending)).is_ok(), status.is_waiting(), "{status}");
            let again = status.after(Event::SentAgain(Status::Scheduled));
            assert_eq!(again.is_ok(), matches!(status, Status::Failed | Status::Cancelled), "{status}");
            let called_back = status.after(Event::CalledBack(Status::Scheduled));
            assert_eq!(called_back.is_ok(), status.is_finished(), "{status}");
        }
    }

    #[test]
    fn an_edit_keeps_a_retry_a_retry() {
        assert_eq!(Status::RetryScheduled.after(Event::Edited(Status::Pending)), Ok(Status::RetryScheduled));
    }

    #[test]
    fn every_word_parses_back() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert_eq!("gone".parse::<Status>(), Err(UnknownStatus("gone".into())));
    }
}
