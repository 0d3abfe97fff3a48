//! Dates and times of calendars (RFC 5545, sections 3.3.4 to 3.3.6), each on its own clock.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};

use crate::compliance::zone_words;
use crate::scheduler::Zone;

/// Whose clock reads a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clock {
    /// Everybody's own.
    Floating,
    Utc,
    /// `TZID`, as written.
    Named(String),
}

/// A date, or a date with a time of day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) date: NaiveDate,
    /// None of a plain date.
    pub(super) time: Option<NaiveTime>,
    pub(super) clock: Clock,
}

impl Moment {
    /// Reads `20261126`, `20261126T000000` or `20261126T050000Z`. Outlook writes a `Z` behind plain dates too.
    pub(super) fn parse(text: &str, zone: Option<&str>) -> Option<Moment> {
        let (text, is_utc) = text.trim().strip_suffix('Z').map_or((text.trim(), false), |text| (text, true));
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(plain_time(time)?)),
            None => (text, None),
        };
        let clock = match zone {
            _ if time.is_none() => Clock::Floating,
            _ if is_utc => Clock::Utc,
            Some(zone) => Clock::Named(zone.trim_matches('"').to_owned()),
            None => Clock::Floating,
        };
        Some(Moment { date: plain_date(date)?, time, clock })
    }

    /// The date that begins at this moment on a clock; none when the clock shows no midnight, or is unknown.
    pub(super) fn midnight_on(&self, clock: &Clock) -> Option<NaiveDate> {
        let Some(time) = self.time else { return Some(self.date) };
        let (date, time) = match (&self.clock, clock) {
            (Clock::Utc, Clock::Named(zone)) => self.local(zone)?,
            (own, other) if own == other || *own == Clock::Floating => (self.date, time),
            _ => return None,
        };
        (time == NaiveTime::MIN).then_some(date)
    }

    /// The date on a clock; none when nobody can tell.
    pub(super) fn date_on(&self, clock: &Clock) -> Option<NaiveDate> {
        match (&self.clock, clock) {
            (Clock::Utc, Clock::Named(zone)) => self.local(zone).map(|(date, _)| date),
            _ => Some(self.date),
        }
    }

    fn local(&self, zone: &str) -> Option<(NaiveDate, NaiveTime)> {
        let instant: DateTime<Utc> = Utc.from_utc_datetime(&self.date.and_time(self.time?));
        let local = zone_named(zone)?.local(instant);
        Some((local.date(), local.time()))
    }
}

/// The zone of a `TZID`: an IANA name, or one of Windows.
fn zone_named(name: &str) -> Option<Zone> {
    let of_windows = || match zone_words::read(name, None).ok()??.zones.as_slice() {
        [zone] => Some(zone.clone()),
        _ => None,
    };
    Zone::named(name).or_else(of_windows)
}

/// Reads `20261126`.
pub(super) fn plain_date(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    NaiveDate::parse_from_str(text, "%Y%m%d").ok().filter(|_| shaped)
}

/// Reads `235959`.
fn plain_time(text: &str) -> Option<NaiveTime> {
    let shaped = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    NaiveTime::parse_from_str(text, "%H%M%S").ok().filter(|_| shaped)
}

/// Reads a duration such as `P2D`, `P1W` or `PT24H`, in seconds.
pub(super) fn duration(text: &str) -> Option<i64> {
    let text = text.trim_start_matches('+').strip_prefix('P')?;
    let (days, times) = text.split_once('T').map_or((text, None), |(days, times)| (days, Some(times)));
    if days.is_empty() && times.is_none_or(str::is_empty) {
        return None;
    }
    let units = |text: &str, units: &[(char, i64)]| {
        let (mut total, mut digits) = (0_i64, String::new());
        for letter in text.chars() {
            if letter.is_ascii_digit() {
                digits.push(letter);
                continue;
            }
            let (_, seconds) = units.iter().find(|(unit, _)| *unit == letter)?;
            total = total.checked_add(i64::from(digits.parse::<u32>().ok()?) * seconds)?;
            digits.clear();
        }
        digits.is_empty().then_some(total)
    };
    let days = units(days, &[('W', 604_800), ('D', 86_400)])?;
    days.checked_add(units(times.unwrap_or_default(), &[('H', 3_600), ('M', 60), ('S', 1)])?)
}
