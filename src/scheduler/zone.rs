//! Time zones: chrono's types outside, offsets from jiff's bundled zone data, which is kept current.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use jiff::{Timestamp, tz::TimeZone};

/// An IANA time zone that the bundled data knows.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// The message for a name that is no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone `{name}`{}", suggestion.as_ref().map(|near| format!(": did you mean `{near}`?")).unwrap_or_default())]
pub struct UnknownZone {
    /// The name as given.
    pub name: String,
    /// The nearest known name.
    pub suggestion: Option<String>,
}

impl Zone {
    /// Its IANA name, spelled as in the zone data.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Seconds east of UTC at an instant.
    pub fn offset_at(&self, instant: DateTime<Utc>) -> i32 {
        let timestamp = Timestamp::from_millisecond(instant.timestamp_millis()).unwrap_or(Timestamp::MAX);
        self.0.to_offset(timestamp).seconds()
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        jiff::tz::db().get(text.trim()).map(Zone).map_err(|_| UnknownZone { name: text.to_owned(), suggestion: None })
    }
}
