//! Instants as people type them, on the clock of a client's zone.
//!
//! This is the one place that maps local time to UTC, and so the one that meets times which a clock change skips or
//! repeats: it refuses them, with both readings, rather than choose.

use std::collections::BTreeMap;
use std::{iter, slice};

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveTime, Offset, Utc};

use super::hours::MILLIS_A_DAY;
use super::time_words::{
    Day, NoZone, joined_half, no_zone, parse_clock, parse_day, slash_dates, split_at_t, split_zone,
};
use super::zone::{UnknownZone, Zone};
use crate::model;

/// Why a text is no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeInputError {
    /// None of the accepted forms.
    #[error(
        "`{0}` is not a time: expected RFC 3339 (2026-11-23T09:30:00-05:00), `2026-11-23 09:30`, `2026-11-23`, `09:30`, \
         `now`, `+90m`, `tomorrow 09:30` or `mon 14:00`"
    )]
    Shape(String),
    /// A date with slashes, which countries read in two ways.
    #[error("`{text}` is not a date: write {}", .readings.join(" or "))]
    Slashes {
        /// The text as given.
        text: String,
        readings: Vec<String>,
    },
    /// The word behind the time is no zone.
    #[error("`{text}`: {fault}")]
    Zone {
        /// The text as given.
        text: String,
        fault: UnknownZone,
    },
    /// The word behind the time is an abbreviation.
    #[error("`{text}`: an abbreviation is not a place: name one behind the time, such as `{time} {place}`")]
    Abbreviation {
        /// The text as given.
        text: String,
        time: String,
        place: &'static str,
    },
    /// An offset stands behind a time that is no RFC 3339.
    #[error(
        "`{text}`: an offset is not a zone: name a place behind the time, such as `{time} America/Chicago`, or write RFC 3339 \
         (2026-11-23T09:30:00-05:00)"
    )]
    Offset {
        /// The text as given.
        text: String,
        time: String,
    },
    /// The clock of the zone never shows it.
    #[error("`{text}` is skipped by a clock change in {zone}: write {}", either(readings))]
    Skipped {
        /// The text as given.
        text: String,
        zone: Zone,
        /// Reckoned back from after the change, and on from before it; earlier first.
        readings: [DateTime<FixedOffset>; 2],
    },
    /// The clock of the zone shows it twice.
    #[error("`{text}` happens twice in {zone}: write {}", either(readings))]
    Repeated {
        /// The text as given.
        text: String,
        zone: Zone,
        /// Before and after the change.
        readings: [DateTime<FixedOffset>; 2],
    },
}

impl TimeInputError {
    /// Whether the text may well be an instant in another zone.
    pub fn is_of_its_zone(&self) -> bool {
        matches!(self, TimeInputError::Skipped { .. } | TimeInputError::Repeated { .. })
    }
}

fn either([first, second]: &[DateTime<FixedOffset>; 2]) -> String {
    format!("{} or {}", first.to_rfc3339(), second.to_rfc3339())
}

/// Parses an instant in whole milliseconds: RFC 3339 with any offset, `now`, `+90m`, or local time in `zone`: a day
/// (`2026-11-23`, `today`, `tomorrow`, `mon`, `monday`), a time (`09:30`, `09:30:15`), or a day, a space or a `T`, and
/// a time. A time may also be `3:30pm` or `3pm`, and a duration `in 2h`; a zone behind all of it holds instead of `zone`.
///
/// A time alone is today's, even when it is past; a weekday is the next one, today if that is still ahead; a day alone
/// is its first instant, which is not midnight where a clock change skips that.
///
/// # Errors
/// When the text has no such form, or names a local time that a clock change skips or repeats.
pub fn parse_time(text: &str, zone: &Zone, now: DateTime<Utc>) -> Result<DateTime<Utc>, TimeInputError> {
    let parsed = parse(text, zone, now, Direction::Ahead);
    match (&parsed, no_zone(text.trim())) {
        (Err(TimeInputError::Shape(_)), Some((time, no_zone))) if parse(time, zone, now, Direction::Ahead).is_ok() => {
            let (text, time) = (text.to_owned(), time.to_owned());
            Err(match no_zone {
                NoZone::Abbreviation(place) => TimeInputError::Abbreviation { text, time, place },
                NoZone::Offset => TimeInputError::Offset { text, time },
            })
        }
        _ => parsed,
    }
}

/// What a text means on the clocks of a lead: each instant with the first clock on which it means that. A lead without
/// zones has the clock of its client.
///
/// # Errors
/// When the text is no instant on one of them.
pub fn readings<'z>(
    text: &str,
    lead: &'z [Zone],
    home: &'z Zone,
    now: DateTime<Utc>,
) -> Result<BTreeMap<DateTime<Utc>, &'z Zone>, TimeInputError> {
    let mut readings = BTreeMap::new();
    for zone in if lead.is_empty() { slice::from_ref(home) } else { lead } {
        readings.entry(parse_time(text, zone, now)?).or_insert(zone);
    }
    Ok(readings)
}

/// Where a weekday is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ahead,
    Back,
}

pub(super) fn parse(
    text: &str,
    zone: &Zone,
    now: DateTime<Utc>,
    direction: Direction,
) -> Result<DateTime<Utc>, TimeInputError> {
    let input = joined_half(text.trim());
    let (input, named) = split_zone(&input).map_err(|fault| TimeInputError::Zone { text: text.to_owned(), fault })?;
    let zone = named.as_ref().unwrap_or(zone);
    let shape = || TimeInputError::Shape(text.to_owned());
    if input.eq_ignore_ascii_case("now") {
        return Ok(model::truncate_to_millis(now));
    }
    let ahead = input.get(..3).filter(|start| start.eq_ignore_ascii_case("in ")).and(input.get(3..));
    if let Some(duration) = input.strip_prefix('+').or(ahead) {
        let later = model::parse_duration(duration).ok().and_then(|duration| now.checked_add_signed(duration));
        return later.map(model::truncate_to_millis).ok_or_else(shape);
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(input) {
        return Ok(model::truncate_to_millis(instant.to_utc()));
    }
    let today = zone.local(now).date();
    let (day, time) = match input.split_once(char::is_whitespace).or_else(|| split_at_t(input)) {
        Some((day, time)) => (day, Some(time.trim_start())),
        None if parse_clock(input).is_some() || input.contains(':') => ("today", Some(input)),
        None => (input, None),
    };
    if let Some(readings) = slash_dates(day, today) {
        return Err(TimeInputError::Slashes { text: text.to_owned(), readings });
    }
    let time = time.map(|time| parse_clock(time).ok_or_else(shape)).transpose()?;
    let at = |date: NaiveDate| match time {
        Some(time) => instant_of(date, time, zone, text),
        None => start_of(date, zone, text),
    };
    if direction == Direction::Back && day.eq_ignore_ascii_case("yesterday") {
        return today.pred_opt().ok_or_else(shape).and_then(at);
    }
    match parse_day(day, today).ok_or_else(shape)? {
        Day::Date(date) => at(date),
        Day::Weekday(weekday) if direction == Direction::Back => {
            let earlier = |days| today.checked_sub_days(Days::new(days)).ok_or_else(shape).and_then(at);
            match today.weekday().days_since(weekday) {
                0 => earlier(0).and_then(|instant| if instant > now { earlier(7) } else { Ok(instant) }),
                days => earlier(days.into()),
            }
        }
        Day::Weekday(weekday) => {
            let later = |days| today.checked_add_days(Days::new(days)).ok_or_else(shape).and_then(at);
            match weekday.days_since(today.weekday()) {
                0 => later(0).and_then(|instant| if instant < now { later(7) } else { Ok(instant) }),
                days => later(days.into()),
            }
        }
    }
}

/// A stretch of constant offset: its ends as instants and the offset, all in milliseconds.
#[derive(Clone, Copy)]
struct Piece {
    start: i64,
    until: i64,
    offset: i64,
}

/// The stretches in which a zone's clock could show a local date, in order; no clock is further than 26 hours from UTC.
fn pieces(zone: &Zone, midnight: i64) -> Vec<Piece> {
    const FURTHEST: i64 = 26 * 3_600_000;
    let piece = |start: i64| {
        let stretch = zone.stretch_at(start);
        Piece { start, until: stretch.until, offset: stretch.offset }
    };
    let end = midnight + MILLIS_A_DAY + FURTHEST;
    iter::successors(Some(piece(midnight - FURTHEST)), |last| (last.until < end).then(|| piece(last.until))).collect()
}

/// The one instant at which the clock of a zone shows a time of a date.
fn instant_of(date: NaiveDate, time: NaiveTime, zone: &Zone, text: &str) -> Result<DateTime<Utc>, TimeInputError> {
    let local = date.and_time(time).and_utc().timestamp_millis();
    let pieces = pieces(zone, midnight(date));
    let instants: Vec<i64> = pieces
        .iter()
        .map(|piece| (local - piece.offset, piece))
        .filter(|(instant, piece)| (piece.start..piece.until).contains(instant))
        .map(|(instant, _)| instant)
        .collect();
    match instants[..] {
        [only] => model::from_millis(only).ok_or_else(|| TimeInputError::Shape(text.to_owned())),
        [first, second, ..] => Err(TimeInputError::Repeated {
            text: text.to_owned(),
            zone: zone.clone(),
            readings: [first, second].map(|instant| reading(zone, instant)),
        }),
        [] => Err(skipped(local, &pieces, zone, text)),
    }
}

/// The first instant of a date.
fn start_of(date: NaiveDate, zone: &Zone, text: &str) -> Result<DateTime<Utc>, TimeInputError> {
    let midnight = midnight(date);
    let pieces = pieces(zone, midnight);
    pieces
        .iter()
        .map(|piece| (piece.start.max(midnight - piece.offset), piece))
        .find(|(instant, piece)| *instant < piece.until && *instant + piece.offset < midnight + MILLIS_A_DAY)
        .and_then(|(instant, _)| model::from_millis(instant))
        .ok_or_else(|| skipped(midnight, &pieces, zone, text))
}

fn midnight(date: NaiveDate) -> i64 {
    date.and_time(NaiveTime::MIN).and_utc().timestamp_millis()
}

/// The error for a local time that lies between what the clock shows before and after a change.
fn skipped(local: i64, pieces: &[Piece], zone: &Zone, text: &str) -> TimeInputError {
    let change = pieces
        .windows(2)
        .find(|pair| pair[0].until + pair[0].offset <= local && local < pair[1].start + pair[1].offset);
    match change {
        Some(pair) => TimeInputError::Skipped {
            text: text.to_owned(),
            zone: zone.clone(),
            readings: [local - pair[1].offset, local - pair[0].offset].map(|instant| reading(zone, instant)),
        },
        None => TimeInputError::Shape(text.to_owned()),
    }
}

/// An instant with the offset that its zone has then; in UTC when that offset has seconds, which RFC 3339 cannot write.
fn reading(zone: &Zone, instant: i64) -> DateTime<FixedOffset> {
    let instant = model::from_millis(instant).unwrap_or_default();
    let offset = Some(zone.offset_at(instant)).filter(|offset| offset % 60 == 0).and_then(FixedOffset::east_opt);
    instant.with_timezone(&offset.unwrap_or(Utc.fix()))
}

#[cfg(test)]
mod tests;
