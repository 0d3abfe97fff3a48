//! Time for people: the client's local time, "in 2 d 3 h", lengths.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Timelike, Utc};

use super::style::Style;
use crate::model::ClientId;

/// What a clock of some zone shows. The scheduler knows zones; the caller asks it and passes this in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalTime {
    /// Date and time of day.
    pub local: NaiveDateTime,
    /// The zone's abbreviation then, such as `EST`.
    pub abbreviation: String,
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LocalTime { local, abbreviation } = self;
        write!(f, "{} {:02}:{:02} {abbreviation}", local.date(), local.hour(), local.minute())
    }
}

/// How results look to the one who reads them.
#[derive(Clone, Copy)]
pub struct RenderContext<'a> {
    /// What the stream can show.
    pub style: Style,
    pub now: DateTime<Utc>,
    /// What a client's clock shows at an instant; without a client, in the zone that the command at hand is about.
    pub local: &'a dyn Fn(Option<&ClientId>, DateTime<Utc>) -> LocalTime,
}

impl RenderContext<'_> {
    /// The client's local time.
    pub(super) fn local(&self, client: Option<&ClientId>, instant: DateTime<Utc>) -> LocalTime {
        (self.local)(client, instant)
    }

    /// The client's local time for a column: on a terminal, where room is short, without the year when it is this one.
    pub(super) fn short(&self, client: Option<&ClientId>, instant: DateTime<Utc>) -> String {
        let time = self.local(client, instant);
        if self.style.terminal && time.local.year() == self.local(client, self.now).local.year() {
            let LocalTime { local, abbreviation } = time;
            let (month, day, hour, minute) = (local.month(), local.day(), local.hour(), local.minute());
            format!("{month:02}-{day:02} {hour:02}:{minute:02} {abbreviation}")
        } else {
            time.to_string()
        }
    }

    /// The client's local time, as near as a weekday tells: `09:00 EST`, `Mon 09:00 EST`, or with the date.
    pub(super) fn near(&self, client: Option<&ClientId>, instant: DateTime<Utc>) -> String {
        let time = self.local(client, instant);
        near(&time, &self.local(client, self.now)).unwrap_or_else(|| time.to_string())
    }

    /// The same, with the weekday alone on another day: who needs the hour finds it elsewhere.
    pub(super) fn near_day(&self, client: Option<&ClientId>, instant: DateTime<Utc>) -> String {
        let near = self.near(client, instant);
        let day = near.split(' ').next().filter(|day| day.chars().all(char::is_alphabetic));
        day.map(str::to_owned).unwrap_or(near)
    }

    /// The client's local time, on a terminal followed by how far away it is.
    pub(super) fn when(&self, client: Option<&ClientId>, instant: DateTime<Utc>) -> String {
        let local = self.local(client, instant);
        if self.style.terminal { format!("{local} ({})", relative(instant, self.now)) } else { local.to_string() }
    }

    /// The same of what may be absent, with the word for that.
    pub(super) fn when_or(&self, client: Option<&ClientId>, instant: Option<DateTime<Utc>>, absent: &str) -> String {
        instant.map_or_else(|| absent.to_owned(), |instant| self.when(client, instant))
    }
}

/// `09:00 EST` of today, `Mon 09:00 EST` of the days around; none where a weekday could be another week's.
pub(super) fn near(time: &LocalTime, now: &LocalTime) -> Option<String> {
    let LocalTime { local, abbreviation } = time;
    let days = local.date() - now.local.date();
    let day = if days.is_zero() { String::new() } else { local.format("%a ").to_string() };
    (days.abs() < TimeDelta::days(7)).then(|| format!("{day}{} {abbreviation}", local.format("%H:%M")))
}

/// How far away an instant is: `in 2 d 3 h`, `12 s ago`, `now`.
pub fn relative(instant: DateTime<Utc>, now: DateTime<Utc>) -> String {
    told(instant, now, |length| length)
}

/// The same in its largest unit alone, for a column beside the exact time: `in 2 d`.
pub(super) fn about(instant: DateTime<Utc>, now: DateTime<Utc>) -> String {
    told(instant, now, |length| length.split(' ').take(2).collect::<Vec<_>>().join(" "))
}

fn told(instant: DateTime<Utc>, now: DateTime<Utc>, cut: impl Fn(String) -> String) -> String {
    let away = instant.signed_duration_since(now);
    if away.abs() < TimeDelta::seconds(1) {
        "now".to_owned()
    } else if away > TimeDelta::zero() {
        format!("in {}", cut(span(away)))
    } else {
        format!("{} ago", cut(span(away)))
    }
}

/// A length in its two largest units, cut off below: `2 d 3 h`, `1 h 30 min`, `5 min`, `12 s`, `350 ms`. The sign does
/// not count.
pub fn span(length: TimeDelta) -> String {
    let millis = length.num_milliseconds().unsigned_abs();
    if millis < 1_000 {
        return format!("{millis} ms");
    }
    let seconds = millis / 1_000;
    // Seconds matter below ten minutes; above, "12 min" says enough.
    let (size, unit, smaller, smaller_unit) = match seconds {
        0..60 => (1, "s", 0, ""),
        60..600 => (60, "min", 1, "s"),
        600..3_600 => (60, "min", 0, ""),
        3_600..86_400 => (3_600, "h", 60, "min"),
        _ => (86_400, "d", 3_600, "h"),
    };
    let rest = (seconds % size).checked_div(smaller).unwrap_or(0);
    if rest == 0 {
        format!("{} {unit}", seconds / size)
    } else {
        format!("{} {unit} {rest} {smaller_unit}", seconds / size)
    }
}

/// A length in milliseconds, as calls have it.
pub(super) fn span_of_millis(millis: u64) -> String {
    span(TimeDelta::milliseconds(i64::try_from(millis).unwrap_or(i64::MAX)))
}

/// A length in seconds, as statistics have it.
pub(super) fn span_of_seconds(seconds: f64) -> String {
    // A float that no duration holds is cut to the nearest one that does.
    span(TimeDelta::try_milliseconds((seconds * 1_000.0) as i64).unwrap_or(TimeDelta::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::sample;

    const SECOND: i64 = 1_000;
    const HOUR: i64 = 3_600 * SECOND;
    const DAY: i64 = 24 * HOUR;

    #[test]
    fn a_length_is_told_in_its_two_largest_units() {
        let cases = [
            (0, "0 ms"),
            (350, "350 ms"),
            (12 * SECOND, "12 s"),
            (59_999, "59 s"),
            (60 * SECOND, "1 min"),
            (90 * SECOND, "1 min 30 s"),
            (5 * 60 * SECOND, "5 min"),
            (12 * 60 * SECOND + 30 * SECOND, "12 min"),
            (HOUR, "1 h"),
            (HOUR + 30 * 60 * SECOND, "1 h 30 min"),
            (2 * DAY + 3 * HOUR + 59 * 60 * SECOND, "2 d 3 h"),
            (400 * DAY, "400 d"),
            (-12 * SECOND, "12 s"),
        ];
        for (millis, expected) in cases {
            assert_eq!(span(TimeDelta::milliseconds(millis)), expected);
        }
        assert_eq!(span_of_seconds(90.4), "1 min 30 s");
        assert_eq!(span_of_seconds(f64::INFINITY), span(TimeDelta::MAX));
    }

    #[test]
    fn a_column_leaves_out_this_year_on_a_terminal_only() {
        let look = sample::terminal(80);
        assert_eq!(look.short(None, sample::at("2026-11-23T14:30:00Z")), "11-23 09:30 EST");
        assert_eq!(look.short(None, sample::at("2027-01-01T04:59:00Z")), "12-31 23:59 EST");
        assert_eq!(look.short(None, sample::at("2027-01-01T05:00:00Z")), "2027-01-01 00:00 EST");
        assert_eq!(sample::look().short(None, sample::at("2026-11-23T14:30:00Z")), "2026-11-23 09:30 EST");
    }

    #[test]
    fn an_instant_is_told_from_now() {
        let now = DateTime::<Utc>::from_timestamp_millis(1_795_300_000_000).unwrap();
        let at = |millis| relative(now + TimeDelta::milliseconds(millis), now);
        assert_eq!(at(0), "now");
        assert_eq!(at(-999), "now");
        assert_eq!(at(2 * DAY + 3 * HOUR), "in 2 d 3 h");
        assert_eq!(at(-12 * SECOND), "12 s ago");
        assert_eq!(about(now + TimeDelta::milliseconds(2 * DAY + 3 * HOUR), now), "in 2 d");
        assert_eq!(about(now - TimeDelta::milliseconds(90 * SECOND), now), "1 min ago");
        assert_eq!(relative(DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC).get(..3), Some("in "));
    }
}
