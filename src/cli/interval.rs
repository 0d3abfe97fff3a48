//! How often something is done again.

use chrono::TimeDelta;

use crate::model::parse_duration;

/// Reads an interval, which is longer than nothing.
pub(super) fn interval(text: &str) -> Result<TimeDelta, String> {
    match parse_duration(text) {
        Ok(interval) if interval > TimeDelta::zero() => Ok(interval),
        Ok(_) => Err("an interval is longer than 0".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
