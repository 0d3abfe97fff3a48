//! The words of a time as people type it: a clock of 12 or 24 hours, a zone behind, a date with slashes.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};

use super::hours::TimeOfDay;
use super::zone::{UnknownZone, Zone};

const HALVES: [(&str, u32); 2] = [("am", 0), ("pm", 12)];

/// The text with `pm` joined to the time before it.
pub(super) fn joined_half(text: &str) -> Cow<'_, str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_half = |word: &&str| HALVES.iter().any(|(half, _)| word.eq_ignore_ascii_case(half));
    match words.iter().position(is_half).filter(|place| *place > 0) {
        Some(place) => {
            let joined = [&words[..place].join(" "), &words[place..].join(" ")].map(String::as_str).concat();
            Cow::Owned(joined)
        }
        None => Cow::Borrowed(text),
    }
}

/// The text without the zone behind it. Abbreviations are no zones: EST is five hours off in summer, or Australian.
pub(super) fn split_zone(text: &str) -> Result<(&str, Option<Zone>), UnknownZone> {
    let Some((before, last)) = text.rsplit_once(char::is_whitespace) else { return Ok((text, None)) };
    let is_zone = last == "UTC" || (last.contains('/') && last.starts_with(|first: char| first.is_ascii_alphabetic()));
    if is_zone { last.parse().map(|zone| (before.trim_end(), Some(zone))) } else { Ok((text, None)) }
}

/// What stands behind a time and is no zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoZone {
    /// With a place that it may mean.
    Abbreviation(&'static str),
    Offset,
}

/// Words for the zones of North America and for UTC, each with a place where they hold.
const ABBREVIATIONS: [(&[&str], &str); 6] = [
    (&["EST", "EDT", "ET", "Eastern"], "America/New_York"),
    (&["MST", "MDT", "MT", "Mountain"], "America/Denver"),
    (&["PST", "PDT", "PT", "Pacific"], "America/Los_Angeles"),
    (&["CST", "CDT", "CT", "Central"], "America/Chicago"),
    (&["UTC", "Z", "Zulu"], "UTC"),
    (&["GMT", "BST"], "Europe/London"),
];

/// The text before an abbreviation of a zone, or before an offset, and which it is. The text before may be no time.
pub(super) fn no_zone(text: &str) -> Option<(&str, NoZone)> {
    let before = |end: usize| text.get(..end).map(str::trim_end);
    if let Some((place, sign)) = text.char_indices().rfind(|(_, sign)| matches!(sign, '+' | '-' | '\u{2212}')) {
        let hours = text.get(place + sign.len_utf8()..)?;
        if !hours.is_empty() && hours.bytes().all(|byte| byte.is_ascii_digit() || byte == b':') {
            let time = before(place)?;
            let name = time.get(time.len().checked_sub(3)?..).filter(|name| ["GMT", "UTC"].contains(name));
            return Some((name.map_or(time, |name| time.trim_end_matches(name).trim_end()), NoZone::Offset));
        }
    }
    let start = text.rfind(|sign: char| !sign.is_ascii_alphabetic())? + 1;
    let (word, time) = (text.get(start..)?, before(start)?);
    let known = ABBREVIATIONS.iter().find(|(words, _)| words.iter().any(|known| known.eq_ignore_ascii_case(word)));
    let is_half = HALVES.iter().any(|(half, _)| word.eq_ignore_ascii_case(half));
    let looks_like_one =
        (2..=5).contains(&word.len()) && !is_half && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let place = known.map(|(_, place)| *place).or(looks_like_one.then_some("America/Chicago"))?;
    Some((time, NoZone::Abbreviation(place)))
}

/// The dates that a text with slashes may mean, as they are written here. Without a year, the next of each.
pub(super) fn slash_dates(day: &str, today: NaiveDate) -> Option<Vec<String>> {
    let numbers: Option<Vec<u32>> = day.split('/').map(|part| part.parse().ok()).collect();
    let (first, second, year) = match numbers?[..] {
        [first, second] => (first, second, None),
        [first, second, year @ 1_000..=9_999] => (first, second, i32::try_from(year).ok()),
        _ => return None,
    };
    let date = |month, day| match year {
        Some(year) => NaiveDate::from_ymd_opt(year, month, day),
        None => (today.year()..today.year().saturating_add(9))
            .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
            .find(|date| *date >= today),
    };
    let mut readings: Vec<String> =
        [date(first, second), date(second, first)].into_iter().flatten().map(|date| date.to_string()).collect();
    readings.dedup();
    if readings.is_empty() { None } else { Some(readings) }
}

/// A time of day in any of the forms that people type.
pub fn clock_time(text: &str) -> Option<NaiveTime> {
    parse_clock(&joined_half(text.trim()))
}

/// `HH:MM`, `HH:MM:SS` before 24:00, or `3:30pm`, `3pm`.
pub(super) fn parse_clock(text: &str) -> Option<NaiveTime> {
    let half = HALVES.iter().find_map(|(half, hours)| {
        let (time, end) = text.split_at_checked(text.len().checked_sub(half.len())?)?;
        end.eq_ignore_ascii_case(half).then_some((time, *hours))
    });
    match half {
        Some((time, hours)) => half_day(time, hours),
        None => whole_day(text),
    }
}

/// A time of 12 hours: 12am is midnight.
fn half_day(time: &str, hours: u32) -> Option<NaiveTime> {
    let (hour, rest) = time.split_once(':').map_or((time, "00"), |(hour, rest)| (hour, rest));
    let shaped = (1..=2).contains(&hour.len()) && hour.bytes().all(|byte| byte.is_ascii_digit());
    let hour: u32 = hour.parse().ok().filter(|hour| shaped && (1..=12).contains(hour))?;
    whole_day(&format!("{:02}:{rest}", hour % 12 + hours))
}

fn whole_day(text: &str) -> Option<NaiveTime> {
    let (minute, second) = match text.rmatch_indices(':').next() {
        Some((last, _)) if text.matches(':').count() == 2 => (text.get(..last)?, text.get(last + 1..)?),
        _ => (text, "00"),
    };
    let minutes: TimeOfDay = minute.parse().ok()?;
    let shaped = second.len() == 2 && second.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = second.parse::<u32>().ok().filter(|second| shaped && *second < 60)?;
    NaiveTime::from_num_seconds_from_midnight_opt(u32::from(minutes.minutes()) * 60 + seconds, 0)
}

/// A day as typed.
pub(super) enum Day {
    Date(NaiveDate),
    Weekday(Weekday),
}

pub(super) fn parse_day(text: &str, today: NaiveDate) -> Option<Day> {
    if text.eq_ignore_ascii_case("today") {
        return Some(Day::Date(today));
    }
    if text.eq_ignore_ascii_case("tomorrow") {
        return today.succ_opt().map(Day::Date);
    }
    if let Ok(weekday) = text.parse() {
        return Some(Day::Weekday(weekday));
    }
    let shaped = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    shaped.then_some(Day::Date(date))
}

/// Splits `2026-11-23T09:30` at its `T`, but no word that has one.
pub(super) fn split_at_t(text: &str) -> Option<(&str, &str)> {
    let starts_with_digit = text.starts_with(|first: char| first.is_ascii_digit());
    text.split_once('T').filter(|_| starts_with_digit)
}
