//! Instants as callq keeps them: whole milliseconds, UTC.

use chrono::{DateTime, Utc};

/// RFC 3339 in UTC with milliseconds and `Z`: how JSON and CSV show an instant.
pub const INSTANT_FORMAT: &str = "%Y-%m-%dT%H:%M:%S%.3fZ";

/// The instant of a stored number of milliseconds since 1970.
pub fn from_millis(millis: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(millis)
}

/// The same instant without what a millisecond cannot hold.
pub fn truncate_to_millis(instant: DateTime<Utc>) -> DateTime<Utc> {
    from_millis(instant.timestamp_millis()).unwrap_or(instant)
}

/// The instant as JSON and CSV show it.
pub fn to_text(instant: DateTime<Utc>) -> String {
    instant.format(INSTANT_FORMAT).to_string()
}
