//! Instants that people look back to.

use chrono::{DateTime, Utc};

use super::time_input::{Direction, TimeInputError, parse};
use super::zone::Zone;
use crate::model;

/// Parses an instant to look back to: a duration ago (`7d`), `yesterday`, or any form of [`super::parse_time`], where a
/// weekday is the last one, today included.
///
/// # Errors
/// As for [`super::parse_time`].
pub fn parse_past_time(text: &str, zone: &Zone, now: DateTime<Utc>) -> Result<DateTime<Utc>, TimeInputError> {
    match model::parse_duration(text).ok().and_then(|ago| now.checked_sub_signed(ago)) {
        Some(instant) => Ok(model::truncate_to_millis(instant)),
        None => parse(text, zone, now, Direction::Back),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_back_a_weekday_is_the_last_one() {
        // A Sunday, 10:15:30.5 in New York.
        let now = "2026-11-22T15:15:30.500Z".parse().unwrap();
        for (text, expected) in [
            ("7d", "2026-11-15T15:15:30.500Z"),
            ("90m", "2026-11-22T13:45:30.500Z"),
            ("today", "2026-11-22T05:00:00.000Z"),
            ("yesterday", "2026-11-21T05:00:00.000Z"),
            ("Yesterday 14:00", "2026-11-21T19:00:00.000Z"),
            ("monday", "2026-11-16T05:00:00.000Z"),
            ("sat", "2026-11-21T05:00:00.000Z"),
            ("sunday", "2026-11-22T05:00:00.000Z"),
            ("sun 10:15", "2026-11-22T15:15:00.000Z"),
            ("sun 10:16", "2026-11-15T15:16:00.000Z"),
            ("2026-11-01", "2026-11-01T04:00:00.000Z"),
            ("09:30", "2026-11-22T14:30:00.000Z"),
        ] {
            let zone = "America/New_York".parse().unwrap();
            let parsed = parse_past_time(text, &zone, now).map(model::to_text);
            assert_eq!(parsed.as_deref(), Ok(expected), "{text}");
        }
    }
}
