//! What statistics may be broken down by.

use std::fmt;
use std::str::FromStr;

/// What the rows of a breakdown are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BreakdownKind {
    /// The clients.
    Client,
    /// The priorities.
    Priority,
    /// The hours of each weekday.
    Hour,
    /// The days of the week.
    Weekday,
    /// The dates.
    Day,
    /// The reasons of attempts.
    Reason,
    /// The numbers of attempts: first, second, and so on.
    Attempt,
}

impl BreakdownKind {
    /// Every kind.
    pub const ALL: [BreakdownKind; 7] = [
        BreakdownKind::Client,
        BreakdownKind::Priority,
        BreakdownKind::Hour,
        BreakdownKind::Weekday,
        BreakdownKind::Day,
        BreakdownKind::Reason,
        BreakdownKind::Attempt,
    ];

    /// The word of the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            BreakdownKind::Client => "client",
            BreakdownKind::Priority => "priority",
            BreakdownKind::Hour => "hour",
            BreakdownKind::Weekday => "weekday",
            BreakdownKind::Day => "day",
            BreakdownKind::Reason => "reason",
            BreakdownKind::Attempt => "attempt",
        }
    }
}

impl fmt::Display for BreakdownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The message for a word that is no breakdown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown breakdown `{0}`: expected client, priority, hour, weekday, day, reason or attempt")]
pub struct UnknownBreakdown(String);

impl FromStr for BreakdownKind {
    type Err = UnknownBreakdown;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        BreakdownKind::ALL
            .into_iter()
            .find(|kind| text.trim().eq_ignore_ascii_case(kind.as_str()))
            .ok_or_else(|| UnknownBreakdown(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_parses_back() {
        for kind in BreakdownKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert_eq!("month".parse::<BreakdownKind>(), Err(UnknownBreakdown("month".into())));
    }
}
