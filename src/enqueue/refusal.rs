//! Why a request does not become an item.

use crate::compliance::UnknownRegion;
use crate::compliance::zone_words::ZoneWordError;
use crate::model::{self, ItemId, MetadataError, NumberPattern};
use crate::scheduler::{TimeInputError, UnknownZone};
use crate::store::Obstacles;

/// A field that does not hold what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FieldError {
    /// Its name in records; as a flag it has two dashes in front.
    pub field: &'static str,
    /// What is wrong, in lower case.
    pub message: String,
}

impl FieldError {
    /// The error of a record: a column may be named `callback` and hold no promise.
    pub(super) fn or_no_promise(self) -> FieldError {
        if self.field != "callback" {
            return self;
        }
        let message = format!("{}; `--column callback=` takes the column as metadata", self.message);
        FieldError { message, ..self }
    }

    /// Makes the error of a field from what is wrong with it.
    pub(super) fn of<E: ToString>(field: &'static str) -> impl FnOnce(E) -> FieldError {
        move |error| FieldError { field, message: error.to_string() }
    }
}

/// A rule that keeps a request from becoming an item, or a waiting item from becoming what is asked. Instants are local
/// times of the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No slot within the horizon.
    #[error("this lead could never be called: {0}")]
    Never(String),
    /// No slot for the next group of a batch.
    #[error("no group could ever start: {0}")]
    NoGroup(String),
    /// `--strict`, and the instant lies in no window.
    #[error("{wanted} is outside of the windows: the next slot is {slot}")]
    Outside { wanted: String, slot: String },
    #[error("{wanted} is outside of the hours in which a call can be promised: they {nearest}")]
    NotOpen {
        wanted: String,
        /// `end 17:00 EST and open again Tue 09:00 EST`.
        nearest: String,
    },
    #[error("{0} has passed: no call can be promised for it")]
    PromisedPast(String),
    /// The item would not live until its first slot.
    #[error("it expires at {expires}, and its first slot is {slot}")]
    Expires { expires: String, slot: String },
    /// An ended item keeps its expiry.
    #[error("{0}: `callq add` queues the lead anew")]
    QueueAnew(Box<Refusal>),
    /// The lead has several clocks, on which the time is another instant.
    #[error("the lead may be in several zones, and {written} means {readings}: write the zone behind it")]
    SeveralInstants { written: String, readings: String },
    #[error(transparent)]
    Time(#[from] TimeInputError),
    /// Another item has the lead's place in the queue.
    #[error("item {0} of the same lead is live or held")]
    Rival(ItemId),
    #[error("{pattern} is on the do-not-call list, source {source_of_entry}; `callq dnc check` names the entry")]
    Listed { pattern: NumberPattern, source_of_entry: String },
    /// More retries are used than would be allowed.
    #[error("its next call is retry {0}: allow as many, or `callq cancel` it")]
    RetriesUsed(u32),
    /// The configuration of its client is wrong.
    #[error("the configuration of its client is wrong: {0}")]
    Configuration(String),
    /// The status of the item allows no such change.
    #[error(transparent)]
    Status(#[from] model::Refusal),
    /// A zone of the item is not in the zone data of this program.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
    /// A zone is written as an offset or an abbreviation, not as a place.
    #[error(transparent)]
    ZoneWord(#[from] ZoneWordError),
    /// A region of the item is not in the tables of this program.
    #[error(transparent)]
    Region(#[from] UnknownRegion),
    /// The metadata would be too long.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
}

impl Refusal {
    /// What keeps an item from being sent again.
    pub(super) fn of_obstacles(obstacles: Obstacles) -> Result<(), Refusal> {
        match obstacles {
            Obstacles { rival: Some(rival), .. } => Err(Refusal::Rival(rival)),
            Obstacles { do_not_call: Some(entry), .. } => {
                Err(Refusal::Listed { pattern: entry.new.pattern, source_of_entry: entry.new.source })
            }
            Obstacles { .. } => Ok(()),
        }
    }

    /// The fault of a record: the field that people look at first.
    pub(super) fn in_record(self) -> FieldError {
        match self {
            Refusal::NoGroup(_) => FieldError::of("at")(self),
            Refusal::NotOpen { .. } | Refusal::PromisedPast(_) => FieldError::of("callback")(self),
            Refusal::Metadata(_) => FieldError::of("metadata")(self),
            Refusal::Expires { .. } => FieldError::of("expires")(self),
            _ => FieldError::of("timezone")(self),
        }
    }
}
