//! How single values become JSON: instants, words, names, raw metadata. Nothing here allocates on the common path,
//! since `list --limit 0` passes millions of items through it.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::model::{self, ClientId, Metadata, Outcome, Priority, RegionCode, Status, ZoneName};

/// An instant as RFC 3339 in UTC with milliseconds and `Z`, 24 bytes.
///
/// The same text as [`model::to_text`], which interprets its format string on every call and takes ten times as long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InstantText([u8; 24]);

impl InstantText {
    /// The text of an instant; none for a year that has not four digits.
    fn of(instant: DateTime<Utc>) -> Option<InstantText> {
        // Taken apart once: each question to a `DateTime` adds its offset anew.
        let instant = instant.naive_utc();
        let (date, time) = (instant.date(), instant.time());
        let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9_999)?;
        // A leap second is 1,000 and more milliseconds of second 59 in chrono; none comes out of the database.
        let millis = (time.nanosecond() / 1_000_000).min(999);
        let (month, day) = (date.month(), date.day());
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        let digit = |number: u32, place: u32| b'0' + (number / place % 10) as u8;
        Some(InstantText([
            digit(year, 1_000),
            digit(year, 100),
            digit(year, 10),
            digit(year, 1),
            b'-',
            digit(month, 10),
            digit(month, 1),
            b'-',
            digit(day, 10),
            digit(day, 1),
            b'T',
            digit(hour, 10),
            digit(hour, 1),
            b':',
            digit(minute, 10),
            digit(minute, 1),
            b':',
            digit(second, 10),
            digit(second, 1),
            b'.',
            digit(millis, 100),
            digit(millis, 10),
            digit(millis, 1),
            b'Z',
        ]))
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Calls `with` with the instant as JSON and CSV show it.
pub(crate) fn with_instant<T>(instant: DateTime<Utc>, with: impl FnOnce(&str) -> T) -> T {
    match InstantText::of(instant) {
        Some(text) => with(text.as_str()),
        None => with(&model::to_text(instant)),
    }
}

/// The instant as JSON and CSV show it: RFC 3339 in UTC with milliseconds and `Z`.
pub(crate) fn instant_text(instant: DateTime<Utc>) -> String {
    with_instant(instant, str::to_owned)
}

pub(super) fn instant<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    with_instant(*instant, |text| serializer.serialize_str(text))
}

pub(super) fn optional_instant<S: Serializer>(
    instant: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match instant {
        Some(instant) => with_instant(*instant, |text| serializer.serialize_str(text)),
        None => serializer.serialize_none(),
    }
}

pub(super) fn date<S: Serializer>(date: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

pub(super) fn optional_date<S: Serializer>(date: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
    date.map(|date| date.to_string()).serialize(serializer)
}

pub(super) fn client<S: Serializer>(client: &ClientId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(client.as_str())
}

pub(super) fn optional_client<S: Serializer>(client: &Option<ClientId>, serializer: S) -> Result<S::Ok, S::Error> {
    client.as_ref().map(ClientId::as_str).serialize(serializer)
}

pub(super) fn priority<S: Serializer>(priority: &Priority, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(priority.as_str())
}

pub(super) fn status<S: Serializer>(status: &Status, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(status.as_str())
}

pub(super) fn optional_outcome<S: Serializer>(outcome: &Option<Outcome>, serializer: S) -> Result<S::Ok, S::Error> {
    outcome.map(Outcome::as_str).serialize(serializer)
}

pub(super) fn zones<S: Serializer>(zones: &[ZoneName], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(zones.iter().map(ZoneName::as_str))
}

pub(super) fn regions<S: Serializer>(regions: &[RegionCode], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(regions.iter().map(RegionCode::as_str))
}

/// Writes metadata as the JSON that it is.
pub(super) fn optional_metadata<S: Serializer>(metadata: &Option<&Metadata>, serializer: S) -> Result<S::Ok, S::Error> {
    let Some(metadata) = metadata else { return serializer.serialize_none() };
    let text = on_one_line(metadata.as_str());
    let raw: &RawValue = serde_json::from_str(&text).map_err(S::Error::custom)?;
    raw.serialize(serializer)
}

/// The same JSON on one line, as JSON Lines asks for. A line end can only stand between the tokens of valid JSON, so
/// that a space may take its place.
pub(crate) fn on_one_line(json: &str) -> Cow<'_, str> {
    if json.bytes().any(|byte| matches!(byte, b'\n' | b'\r')) {
        Cow::Owned(json.replace(['\n', '\r'], " "))
    } else {
        Cow::Borrowed(json)
    }
}

/// Writes counts by status as an object, in the order given.
pub(super) fn by_status<S: Serializer>(counts: &[(Status, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(counts.len()))?;
    for (status, count) in counts {
        map.serialize_entry(status.as_str(), count)?;
    }
    map.end()
}

/// Writes counts by priority as an object, in the order given.
pub(super) fn by_priority<S: Serializer>(counts: &[(Priority, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(counts.len()))?;
    for (priority, count) in counts {
        map.serialize_entry(priority.as_str(), count)?;
    }
    map.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_instant_reads_as_the_model_writes_it() {
        for millis in [0, 1, 999, -1, 951_782_400_000, 1_795_344_645_007, 4_102_444_799_999, 253_402_300_799_999] {
            let instant = model::from_millis(millis).unwrap();
            assert_eq!(instant_text(instant), model::to_text(instant));
        }
        let far = model::from_millis(253_402_300_800_000).unwrap();
        assert_eq!(instant_text(far), model::to_text(far));
    }

    #[test]
    fn metadata_is_put_on_one_line() {
        assert_eq!(on_one_line("{\"a\":\r\n 1}"), "{\"a\":   1}");
        assert!(matches!(on_one_line(r#"{"a":"\n"}"#), Cow::Borrowed(_)));
    }
}
