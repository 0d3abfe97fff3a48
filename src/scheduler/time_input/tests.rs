//! Instants as people type them: each form, and what is refused.

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
        "2026-11-23 SOON EST",
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
    for (text, time, place) in [
        ("15:30 CST", "15:30", "America/Chicago"),
        ("2026-11-23 09:30 EST", "2026-11-23 09:30", "America/New_York"),
        ("2026-11-23T09:30Z", "2026-11-23T09:30", "UTC"),
        ("mon 14:00 pst", "mon 14:00", "America/Los_Angeles"),
        ("3:30 pm Eastern", "3:30 pm", "America/New_York"),
        ("15:30CET", "15:30", "America/Chicago"),
        ("15:30 utc", "15:30", "UTC"),
    ] {
        let message =
            format!("`{text}`: an abbreviation is not a place: name one behind the time, such as `{time} {place}`");
        assert_eq!(parse_in("America/New_York", text).unwrap_err().to_string(), message);
    }
    for (text, time) in [
        ("15:30 -05:00", "15:30"),
        ("15:30 GMT-5", "15:30"),
        ("tomorrow 15:30 UTC +1", "tomorrow 15:30"),
        ("2026-11-23 15:30-0500", "2026-11-23 15:30"),
    ] {
        let message = parse_in("America/New_York", text).unwrap_err().to_string();
        let start = format!(
            "`{text}`: an offset is not a zone: name a place behind the time, such as `{time} America/Chicago`"
        );
        assert!(message.starts_with(&start), "{message}");
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
        for text in ["0000-01-01", "0000-01-01 00:00", "1883-11-18 12:03:58", "9999-12-31 23:59:59", "1970-01-01 00:30"]
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
