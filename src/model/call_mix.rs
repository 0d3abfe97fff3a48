//! How calls end and how long they take, as a dialler sees them: `simulate` plays it, and a forecast starts from it where
//! nothing was learned.

use super::Outcome;

/// One way in which a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MixedEnding {
    pub outcome: Outcome,
    pub reason: Option<&'static str>,
    /// Of 100 attempts to a number that exists.
    pub share: u64,
    /// How long the call takes at least and at most, in seconds, evenly spread.
    pub seconds: (u64, u64),
    /// It takes the shorter of two such times: most talks are short.
    pub mostly_short: bool,
}

/// One in this many numbers does not exist; all attempts of an item agree on it.
pub const NUMBERS_PER_INVALID: u64 = 33;

/// What an attempt to a number that does not exist comes to.
pub const INVALID_NUMBER: MixedEnding = MixedEnding {
    outcome: Outcome::Failed,
    reason: Some("invalid_number"),
    share: 0,
    seconds: (1, 3),
    mostly_short: false,
};

/// What attempts to other numbers come to. The shares add up to 100.
pub const CALL_MIX: [MixedEnding; 4] = [
    MixedEnding { outcome: Outcome::Completed, reason: None, share: 45, seconds: (20, 300), mostly_short: true },
    retried("no_answer", 30, (20, 40)),
    retried("voicemail", 15, (15, 45)),
    retried("busy", 10, (2, 6)),
];

const fn retried(reason: &'static str, share: u64, seconds: (u64, u64)) -> MixedEnding {
    MixedEnding { outcome: Outcome::Retry, reason: Some(reason), share, seconds, mostly_short: false }
}
