//! What `--status` takes: a status, or a word for several.

use std::str::FromStr;

use super::{Status, did_you_mean};

/// A word of `--status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusChoice {
    One(Status),
    /// Pending, scheduled and retry_scheduled.
    Waiting,
    /// Failed, with an unknown outcome.
    Held,
}

/// The message for a word that `--status` does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown status `{0}`: expected {list}{meant}",
    list = StatusChoice::words().join(", "),
    meant = did_you_mean(.0, StatusChoice::words())
)]
pub struct UnknownStatusChoice(String);

impl StatusChoice {
    const WAITING: &'static str = "waiting";
    const HELD: &'static str = "held";

    /// Every word, for help and completion.
    pub fn words() -> Vec<&'static str> {
        Status::ALL.map(Status::as_str).into_iter().chain([Self::WAITING, Self::HELD]).collect()
    }

    /// The statuses whose items it takes whole.
    pub fn statuses(self) -> Vec<Status> {
        match self {
            StatusChoice::One(status) => vec![status],
            StatusChoice::Waiting => Status::ALL.into_iter().filter(|status| status.is_waiting()).collect(),
            StatusChoice::Held => Vec::new(),
        }
    }
}

impl FromStr for StatusChoice {
    type Err = UnknownStatusChoice;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = text.trim();
        if let Ok(status) = word.parse() {
            return Ok(StatusChoice::One(status));
        }
        match word.to_ascii_lowercase().as_str() {
            Self::WAITING => Ok(StatusChoice::Waiting),
            Self::HELD => Ok(StatusChoice::Held),
            _ => Err(UnknownStatusChoice(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_may_stand_for_several_statuses() {
        let waiting = [Status::Pending, Status::Scheduled, Status::RetryScheduled];
        assert_eq!("Waiting".parse::<StatusChoice>().unwrap().statuses(), waiting);
        assert_eq!("held".parse::<StatusChoice>(), Ok(StatusChoice::Held));
        assert_eq!("canceled".parse::<StatusChoice>(), Ok(StatusChoice::One(Status::Cancelled)));
        let error = "waitng".parse::<StatusChoice>().unwrap_err().to_string();
        assert!(error.contains("waiting, held; did you mean `waiting`?"), "{error}");
    }
}
