//! The four priorities, from the most to the least pressing.

use std::fmt;
use std::str::FromStr;

use super::did_you_mean;

/// How pressing a call is. The order of the variants is the order of dialling: `Urgent < High < Normal < Low`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Priority {
    /// Strictly before every other waiting item of the client; business hours.
    Urgent,
    /// The best hours: business hours that are priority hours too.
    High,
    #[default]
    Normal,
    /// Open days outside of the best hours.
    Low,
}

impl Priority {
    /// Every priority, most pressing first.
    pub const ALL: [Priority; 4] = [Priority::Urgent, Priority::High, Priority::Normal, Priority::Low];

    /// The word used on the command line, in JSON and in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Priority::Urgent => "urgent",
            Priority::High => "high",
            Priority::Normal => "normal",
            Priority::Low => "low",
        }
    }

    /// 0 for urgent to 3 for low: the number that the database stores.
    pub fn rank(self) -> u8 {
        self as u8
    }

    /// The priority of a stored rank.
    pub fn from_rank(rank: i64) -> Option<Priority> {
        usize::try_from(rank).ok().and_then(|index| Priority::ALL.get(index).copied())
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The message for a word that is no priority.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown priority `{0}`: expected urgent, high, normal or low{meant}",
    meant = did_you_mean(.0, Priority::ALL.map(Priority::as_str))
)]
pub struct UnknownPriority(String);

impl FromStr for Priority {
    type Err = UnknownPriority;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Priority::ALL
            .into_iter()
            .find(|priority| text.trim().eq_ignore_ascii_case(priority.as_str()))
            .ok_or_else(|| UnknownPriority(text.to_owned()))
    }
}
