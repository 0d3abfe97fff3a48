//! What statistics are broken down by: a fixed key, or a field of the metadata.

use std::fmt;
use std::str::FromStr;

use super::{BreakdownKey, UnknownWord};

/// A key of a breakdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatsBy {
    Key(BreakdownKey),
    /// A field of the metadata of an item.
    Meta(String),
}

impl fmt::Display for StatsBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StatsBy::Key(key) => key.fmt(f),
            StatsBy::Meta(field) => write!(f, "meta.{field}"),
        }
    }
}

impl FromStr for StatsBy {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("meta.").filter(|field| !field.is_empty()) {
            Some(field) => Ok(StatsBy::Meta(field.to_owned())),
            None => text.parse().map(StatsBy::Key).map_err(|error: UnknownWord| error.or("meta.K")),
        }
    }
}
