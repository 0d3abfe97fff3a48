//! The do-not-call list: numbers and prefixes that are not to be called, and who said so.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::{ClientId, ItemId, PhoneNumber};

/// The source of an entry that a called person asked for.
pub const CALLER: &str = "caller";

/// The most digits of a prefix: one digit at least must follow it in a number of 15.
const LONGEST_PREFIX: usize = 14;

/// What an entry closes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberPattern {
    Number(PhoneNumber),
    /// All numbers that begin with it; it begins with `+`, and `*` is shown behind it.
    Prefix(String),
}

/// The message for a text that ends with `*` and is no prefix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a prefix of numbers: write + and 1 to {LONGEST_PREFIX} digits before the *, such as +1212*", .0.escape_debug())]
pub struct InvalidPrefix(String);

/// Why a text is no pattern of numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// It ends with `*`.
    #[error(transparent)]
    Prefix(#[from] InvalidPrefix),
    /// It does not.
    #[error(transparent)]
    Number(#[from] super::InvalidPhone),
}

impl NumberPattern {
    /// Reads a text that ends with `*`; none when it does not.
    pub fn prefix(text: &str) -> Option<Result<NumberPattern, InvalidPrefix>> {
        let start = text.trim().strip_suffix('*')?;
        let digits = start.strip_prefix('+').unwrap_or_default();
        let is_prefix = (1..=LONGEST_PREFIX).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        Some(if is_prefix { Ok(NumberPattern::Prefix(start.to_owned())) } else { Err(InvalidPrefix(text.to_owned())) })
    }

    /// What all its numbers begin with: the whole number, or the prefix.
    pub fn start(&self) -> &str {
        match self {
            NumberPattern::Number(number) => number.as_str(),
            NumberPattern::Prefix(prefix) => prefix,
        }
    }

    /// Whether a number is one of its.
    pub fn matches(&self, number: &PhoneNumber) -> bool {
        match self {
            NumberPattern::Number(one) => one == number,
            NumberPattern::Prefix(prefix) => number.as_str().starts_with(prefix),
        }
    }
}

impl fmt::Display for NumberPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NumberPattern::Number(number) => number.fmt(f),
            NumberPattern::Prefix(prefix) => write!(f, "{prefix}*"),
        }
    }
}

impl FromStr for NumberPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match NumberPattern::prefix(text) {
            Some(prefix) => Ok(prefix?),
            None => Ok(NumberPattern::Number(text.parse()?)),
        }
    }
}

/// An entry to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDoNotCallEntry {
    /// What it closes.
    pub pattern: NumberPattern,
    /// For this client's calls only; none closes it for all.
    pub client: Option<ClientId>,
    /// Who wanted it, in a word: [`CALLER`] for the called person.
    pub source: String,
    /// Why.
    pub reason: Option<String>,
    /// It ends by itself at this instant.
    pub until: Option<DateTime<Utc>>,
    /// The item in whose call the person said so.
    pub said_in: Option<ItemId>,
}

/// An entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoNotCallEntry {
    /// Its row.
    pub id: i64,
    /// What was added.
    pub new: NewDoNotCallEntry,
    /// Since when it stands.
    pub since: DateTime<Utc>,
    /// Who added it.
    pub by: String,
    /// How somebody ended it.
    pub removal: Option<Removal>,
}

/// How an entry was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
}

impl DoNotCallEntry {
    /// Whether the called person asked for it.
    pub fn is_callers_own(&self) -> bool {
        self.new.source == CALLER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_number_or_a_prefix_with_a_star() {
        for text in ["+12125550117", "+1212*", "+1*", "+12345678901234*"] {
            assert_eq!(text.parse::<NumberPattern>().unwrap().to_string(), text);
        }
        for text in ["+*", "*", "1212*", "+12a*", "+123456789012345*", "+0*", "+1 212*"] {
            assert!(matches!(text.parse::<NumberPattern>(), Err(InvalidPattern::Prefix(_))), "{text}");
        }
        let number: PhoneNumber = "+12125550117".parse().unwrap();
        for (pattern, matches) in [("+12125550117", true), ("+1212*", true), ("+1213*", false), ("+12125550118", false)]
        {
            assert_eq!(pattern.parse::<NumberPattern>().unwrap().matches(&number), matches, "{pattern}");
        }
    }
}
