//! Instants as people type them, on the clock of a client's zone.
//!
//! This is the one place that maps local time to UTC, and so the one that meets times which a clock change skips or
//! repeats: it refuses them, with both readings, rather than choose.

use std::iter;

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveTime, Offset, Utc};

use super::hours::MILLIS_A_DAY;
use super::time_words::{Day, joined_half, parse_clock, parse_day, slash_dates, split_at_t, split_zone};
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
/// When the text has none of these forms, or names a local time that a clock change skips or repeats.
pub fn parse_time(text: &str, zone: &Zone, now: DateTime<Utc>) -> Result<DateTime<Utc>, TimeInputError> {
    parse(text, zone, now, Direction::Ahead)
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
mod tests {
    use super::*;

    /// A Sunday, 10:15:30.5 in New York.
    const NOW: &str = "2026-11-22T15:15:30.500Z";

    fn parse_in(zone: &str, text: &str) -> Result<String, TimeInputError> {
        parse_time(text, &zone.parse().unwrap(), NOW.parse().unwrap()).map(model::to_text)
    }

    #[test]
    fn every_form_is_read() {
        for (text, expected) in [
            ("2026-11-23T09:30:00-05:00", "2026-11-23T14:30:00.000Z"),
            ("2026-11-23T09:30:00.1239+05:45", "2026-11-23T03:45:00.123Z"),
            ("2026-11-23T09:30:00Z", "2026-11-23T09:30:00.000Z"),
            (" 2026-11-23 09:30 ", "2026-11-23T14:30:00.000Z"),
            ("2026-11-23  9:30", "2026-11-23T14:30:00.000Z"),
            ("2026-11-23 09:30:15", "2026-11-23T14:30:15.000Z"),
            ("2026-11-23T09:30", "2026-11-23T14:30:00.000Z"),
            ("2026-11-23T09:30:15", "2026-11-23T14:30:15.000Z"),
            ("2026-11-23", "2026-11-23T05:00:00.000Z"),
            ("2026-07-01", "2026-07-01T04:00:00.000Z"),
            ("09:30", "2026-11-22T14:30:00.000Z"),
            ("23:59:59", "2026-11-23T04:59:59.000Z"),
            ("now", "2026-11-22T15:15:30.500Z"),
            ("NOW", "2026-11-22T15:15:30.500Z"),
            ("+90m", "2026-11-22T16:45:30.500Z"),
            ("+0", "2026-11-22T15:15:30.500Z"),
            ("+1d", "2026-11-23T15:15:30.500Z"),
            ("today 09:30", "2026-11-22T14:30:00.000Z"),
            ("today", "2026-11-22T05:00:00.000Z"),
            ("tomorrow 09:30", "2026-11-23T14:30:00.000Z"),
            ("Tomorrow", "2026-11-23T05:00:00.000Z"),
            ("mon 14:00", "2026-11-23T19:00:00.000Z"),
            ("Monday 14:00", "2026-11-23T19:00:00.000Z"),
            ("sat 14:00", "2026-11-28T19:00:00.000Z"),
            ("sun 14:00", "2026-11-22T19:00:00.000Z"),
            ("sun 10:15", "2026-11-29T15:15:00.000Z"),
            ("sunday", "2026-11-29T05:00:00.000Z"),
            ("thu", "2026-11-26T05:00:00.000Z"),
            ("3:30pm", "2026-11-22T20:30:00.000Z"),
            ("3:30 PM", "2026-11-22T20:30:00.000Z"),
            ("3pm", "2026-11-22T20:00:00.000Z"),
            ("12am", "2026-11-22T05:00:00.000Z"),
            ("12:15pm", "2026-11-22T17:15:00.000Z"),
            ("tomorrow 9am", "2026-11-23T14:00:00.000Z"),
            ("2026-11-30 3:30pm", "2026-11-30T20:30:00.000Z"),
            ("in 2h", "2026-11-22T17:15:30.500Z"),
            ("In 1h30m", "2026-11-22T16:45:30.500Z"),
            ("15:30 America/Chicago", "2026-11-22T21:30:00.000Z"),
            ("mon 3pm Europe/Berlin", "2026-11-23T14:00:00.000Z"),
            ("2026-11-30 15:30 UTC", "2026-11-30T15:30:00.000Z"),
            ("2026-11-30 UTC", "2026-11-30T00:00:00.000Z"),
        ] {
            assert_eq!(parse_in("America/New_York", text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn today_is_the_date_of_the_zone() {
        assert_eq!(parse_in("Pacific/Kiritimati", "today").as_deref(), Ok("2026-11-22T10:00:00.000Z"));
        assert_eq!(parse_in("Pacific/Kiritimati", "mon 05:20").as_deref(), Ok("2026-11-22T15:20:00.000Z"));
        assert_eq!(parse_in("Pacific/Kiritimati", "mon 05:10").as_deref(), Ok("2026-11-29T15:10:00.000Z"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "soon",
            "+",
            "+-5m",
            "-90m",
            "+99999999d",
            "24:00",
            "09:60",
            "9",
            "09:30:60",
            "09:30:5",
            "09:30:00:00",
            "2026-11-31",
            "2026-11-23 24:00",
            "2026-11-23 soon",
            "26-11-23",
            "2026-1-3",
            "+2026-11-23",
            "2026-11-23 09:30 EST",
            "2026-11-23T09:30Z",
            "yesterday 09:30",
            "mon 14",
            "13pm",
            "0am",
            "pm",
            "in",
            "in soon",
            "13/13",
            "monda 14:00",
            "T09:30",
            "99999-01-01",
            "１２:００",
            "é",
        ] {
            assert_eq!(parse_in("America/New_York", text), Err(TimeInputError::Shape(text.to_owned())));
        }
    }

    #[test]
    fn a_date_with_slashes_and_an_unknown_zone_name_the_right_form() {
        for (text, message) in [
            ("11/30", "`11/30` is not a date: write 2026-11-30"),
            ("11/30 15:30", "`11/30 15:30` is not a date: write 2026-11-30"),
            ("30/11/2027", "`30/11/2027` is not a date: write 2027-11-30"),
            ("1/2", "`1/2` is not a date: write 2027-01-02 or 2027-02-01"),
            ("11/22", "`11/22` is not a date: write 2026-11-22"),
        ] {
            assert_eq!(parse_in("America/New_York", text).unwrap_err().to_string(), message);
        }
        let error = parse_in("America/New_York", "15:30 America/Chcago").unwrap_err().to_string();
        assert!(error.contains("America/Chicago"), "{error}");
    }

    #[test]
    fn a_time_that_a_clock_change_skips_or_repeats_is_refused_with_both_readings() {
        for (zone, text, message) in [
            (
                "America/New_York",
                "2027-03-14 02:30",
                "`2027-03-14 02:30` is skipped by a clock change in America/New_York: \
                 write 2027-03-14T01:30:00-05:00 or 2027-03-14T03:30:00-04:00",
            ),
            (
                "America/New_York",
                "2027-11-07 01:00",
                "`2027-11-07 01:00` happens twice in America/New_York: \
                 write 2027-11-07T01:00:00-04:00 or 2027-11-07T01:00:00-05:00",
            ),
            (
                "Australia/Lord_Howe",
                "2027-04-04 01:59:59",
                "`2027-04-04 01:59:59` happens twice in Australia/Lord_Howe: \
                 write 2027-04-04T01:59:59+11:00 or 2027-04-04T01:59:59+10:30",
            ),
            (
                "Pacific/Apia",
                "2011-12-30",
                "`2011-12-30` is skipped by a clock change in Pacific/Apia: \
                 write 2011-12-29T00:00:00-10:00 or 2011-12-31T00:00:00+14:00",
            ),
        ] {
            assert_eq!(parse_in(zone, text).unwrap_err().to_string(), message);
        }
        for (text, expected) in [
            ("2027-03-14 01:59:59", "2027-03-14T06:59:59.000Z"),
            ("2027-03-14 03:00", "2027-03-14T07:00:00.000Z"),
            ("2027-11-07 00:59:59", "2027-11-07T04:59:59.000Z"),
            ("2027-11-07 02:00", "2027-11-07T07:00:00.000Z"),
        ] {
            assert_eq!(parse_in("America/New_York", text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_date_begins_at_its_first_instant() {
        for (zone, text, expected) in [
            ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00.000Z"),
            ("America/Havana", "2027-11-07", "2027-11-07T04:00:00.000Z"),
            ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00.000Z"),
        ] {
            assert_eq!(parse_in(zone, text).as_deref(), Ok(expected), "{zone} {text}");
        }
        assert!(matches!(parse_in("Africa/Cairo", "2026-04-24 00:30"), Err(TimeInputError::Skipped { .. })));
    }

    #[test]
    fn times_of_old_and_the_ends_of_the_calendar_do_no_harm() {
        for zone in ["America/New_York", "Africa/Monrovia", "UTC"] {
            for text in
                ["0000-01-01", "0000-01-01 00:00", "1883-11-18 12:03:58", "9999-12-31 23:59:59", "1970-01-01 00:30"]
            {
                let _ = parse_in(zone, text);
                for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
                    for text in [text, "now", "+100000d", "today", "tomorrow 09:30", "mon 14:00", "00:00"] {
                        let _ = parse_time(text, &zone.parse().unwrap(), now);
                    }
                }
            }
        }
    }
}
