//! What the reader of calendars understands, and what it refuses.

use proptest::prelude::*;

use super::*;

/// The dates of one event, given as its lines.
fn event(lines: &str) -> Result<Vec<String>, String> {
    calendar(&format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Feast\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n"))
}

fn calendar(text: &str) -> Result<Vec<String>, String> {
    let calendar = parse_calendar(text.as_bytes()).map_err(|fault| fault.reason.to_string())?;
    Ok(dates(&calendar).into_iter().map(|date| date.to_string()).collect())
}

fn dates(calendar: &Calendar) -> BTreeSet<NaiveDate> {
    calendar.days.iter().flat_map(|days| days.dates.iter().copied()).collect()
}

/// When the events with a time of day are, by the lines of one event.
fn timed(lines: &str) -> Vec<String> {
    let text = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Feast\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n");
    let calendar = parse_calendar(text.as_bytes()).unwrap();
    assert_eq!(calendar.days, [], "{lines}");
    calendar.timed.into_iter().map(|event| format!("{}: {}", event.name, event.when)).collect()
}

/// The dates of one event before the year 2030.
fn soon(lines: &str) -> Vec<String> {
    event(lines).unwrap().into_iter().filter(|date| date.as_str() < "2030").collect()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/calendars").join(name)
}

#[test]
fn an_event_lasts_a_day_or_to_its_end_or_for_its_duration() {
    for (lines, dates) in [
        ("DTSTART;VALUE=DATE:20261126", vec!["2026-11-26"]),
        ("DTSTART:20261126", vec!["2026-11-26"]),
        ("dtstart;value=date:20261126", vec!["2026-11-26"]),
        ("DTSTART;VALUE=DATE:20261126\nDTEND;VALUE=DATE:20261127", vec!["2026-11-26"]),
        ("DTSTART;VALUE=DATE:20261231\nDTEND;VALUE=DATE:20270102", vec!["2026-12-31", "2027-01-01"]),
        ("DTSTART;VALUE=DATE:20280228\nDURATION:P2D", vec!["2028-02-28", "2028-02-29"]),
        ("DTEND;VALUE=DATE:20261225\nDTSTART;VALUE=DATE:20261225\nDTSTAMP:20121017T0100Z", vec!["2026-12-25"]),
        ("DTSTART;VALUE=DATE:20261126\nSTATUS:CONFIRMED\nTRANSP:TRANSPARENT", vec!["2026-11-26"]),
        ("DTSTART:20261126T090000Z\nSTATUS:cancelled", vec![]),
        ("DTSTART;VALUE=DATE:20261126Z\nDTEND;VALUE=DATE:20261127Z", vec!["2026-11-26"]),
        ("DTSTART:20261126\nDURATION:PT24H", vec!["2026-11-26"]),
        ("DTSTART:20261126\nDTEND:20261128T000000", vec!["2026-11-26", "2026-11-27"]),
        ("DTSTART:20261126T000000\nDTEND:20261127T000000", vec!["2026-11-26"]),
        ("DTSTART:20261126T000000Z\nDTEND:20261128T000000Z", vec!["2026-11-26", "2026-11-27"]),
        ("DTSTART:20261126T000000\nDURATION:P1D", vec!["2026-11-26"]),
        (
            "DTSTART;TZID=America/New_York:20261126T000000\nDTEND;TZID=America/New_York:20261127T000000",
            vec!["2026-11-26"],
        ),
        ("DTSTART;TZID=\"Eastern Standard Time\":20261126T000000\nDTEND:20261127T050000Z", vec!["2026-11-26"]),
        (
            "DTSTART;TZID=Europe/Berlin:20261225T000000\nDURATION:PT24H\nRRULE:FREQ=YEARLY;UNTIL=20271224T230000Z",
            vec!["2026-12-25", "2027-12-25"],
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20261225T000000\nDURATION:P1D\nRDATE;TZID=Europe/Berlin:20270106T000000\n\
             EXDATE:20261224T230000Z",
            vec!["2027-01-06"],
        ),
    ] {
        assert_eq!(event(lines).unwrap(), dates, "{lines}");
    }
    assert_eq!(event("DTSTART:20261123\nDURATION:P1W").unwrap().len(), 7);
}

#[test]
fn an_event_with_a_time_of_day_closes_nothing_and_is_named() {
    for (lines, when) in [
        ("DTSTART:20261126T090000Z", "2026-11-26 09:00 UTC"),
        ("DTSTART;TZID=America/New_York:20261126T000000", "2026-11-26 00:00 America/New_York"),
        ("DTSTART:20261126T000000\nDTEND:20261126T235900", "2026-11-26 00:00 to 2026-11-26 23:59"),
        ("DTSTART:20261126T000000\nDTEND:20261126T000000", "2026-11-26 00:00 to 2026-11-26 00:00"),
        ("DTSTART:20261126T000000\nDTEND:20261127T000000Z", "2026-11-26 00:00 to 2026-11-27 00:00 UTC"),
        ("DTSTART:20261201T120000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=TU", "2026-12-01 12:00"),
        ("DTSTART:20261201T120000\nRECURRENCE-ID:20261124T120000", "2026-12-01 12:00"),
    ] {
        assert_eq!(timed(lines), [format!("Feast: {when}")], "{lines}");
    }
    let moved = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20261126\nRRULE:FREQ=YEARLY;COUNT=2\nEND:VEVENT\n\
                 BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20271126\nDTSTART:20271126T090000\nEND:VEVENT\nEND:VCALENDAR\n";
    assert_eq!(calendar(moved).unwrap(), ["2026-11-26"], "an event that has become a timed one closes no day");
}

#[test]
fn the_kinds_of_an_event_are_its_categories_and_the_first_line_of_its_description() {
    let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Tax Day\nDTSTART:20270415\nCATEGORIES:Tax\\, federal,Money\n\
                CATEGORIES:USA\nDESCRIPTION:Observance\\nTo hide observances\\, go to Settings\nEND:VEVENT\nEND:VCALENDAR\n";
    let calendar = parse_calendar(text.as_bytes()).unwrap();
    assert_eq!(calendar.days[0].name, "Tax Day");
    assert_eq!(calendar.days[0].kinds, ["Tax, federal", "Money", "USA", "Observance"]);
}

#[test]
fn a_repetition_gives_the_dates_that_every_part_allows() {
    for (lines, dates) in [
        ("DTSTART:20261225\nRRULE:FREQ=YEARLY;COUNT=2", vec!["2026-12-25", "2027-12-25"]),
        ("DTSTART:20261225\nRRULE:FREQ=YEARLY", vec!["2026-12-25", "2027-12-25", "2028-12-25", "2029-12-25"]),
        ("DTSTART:20240229\nRRULE:FREQ=YEARLY", vec!["2024-02-29", "2028-02-29"]),
        ("DTSTART:20261225\nRRULE:FREQ=YEARLY;INTERVAL=2", vec!["2026-12-25", "2028-12-25"]),
        ("DTSTART:20261225\nRRULE:FREQ=YEARLY;UNTIL=20281224", vec!["2026-12-25", "2027-12-25"]),
        ("DTSTART:20261225\nRRULE:FREQ=YEARLY;UNTIL=20271225T000000Z", vec!["2026-12-25", "2027-12-25"]),
        (
            "DTSTART:20260525\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;COUNT=3",
            vec!["2026-05-25", "2027-05-31", "2028-05-29"],
        ),
        (
            "DTSTART:20261126\nRRULE:FREQ=YEARLY;BYDAY=4TH;BYMONTH=11;COUNT=3",
            vec!["2026-11-26", "2027-11-25", "2028-11-23"],
        ),
        ("DTSTART:20260131\nRRULE:FREQ=YEARLY;BYMONTH=1,2,3;COUNT=3", vec!["2026-01-31", "2026-03-31", "2027-01-31"]),
        (
            "DTSTART:20260228\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1;COUNT=3",
            vec!["2026-02-28", "2027-02-28", "2028-02-29"],
        ),
        ("DTSTART:20260113\nRRULE:FREQ=YEARLY;BYMONTHDAY=13;COUNT=3", vec!["2026-01-13", "2026-02-13", "2026-03-13"]),
        (
            "DTSTART:20260213\nRRULE:FREQ=YEARLY;BYDAY=FR;BYMONTHDAY=13;COUNT=3",
            vec!["2026-02-13", "2026-03-13", "2026-11-13"],
        ),
        // Election day: the first Tuesday after the first Monday of November.
        (
            "DTSTART:20261103\nRRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=2",
            vec!["2026-11-03", "2028-11-07"],
        ),
        (
            "DTSTART:20260525\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=MO;BYSETPOS=-1;COUNT=3",
            vec!["2026-05-25", "2027-05-31", "2028-05-29"],
        ),
        (
            "DTSTART:20260105\nRRULE:FREQ=YEARLY;BYMONTH=1,2;BYDAY=MO;BYSETPOS=1,-1;UNTIL=20270301",
            vec!["2026-01-05", "2026-02-23", "2027-01-04", "2027-02-22"],
        ),
        ("DTSTART:20260518\nRRULE:FREQ=YEARLY;BYDAY=20MO;COUNT=2", vec!["2026-05-18", "2027-05-17"]),
        ("DTSTART:20261231\nRRULE:FREQ=YEARLY;BYDAY=-1TH;COUNT=2", vec!["2026-12-31", "2027-12-30"]),
        (
            "DTSTART:20260102\nRRULE:freq=yearly;bymonth=1;byday=mo;count=3;WKST=SU",
            vec!["2026-01-02", "2026-01-05", "2026-01-12"],
        ),
        ("DTSTART:20261225\nRRULE:FREQ=YEARLY;COUNT=3\nEXDATE;VALUE=DATE:20271225", vec!["2026-12-25", "2028-12-25"]),
        ("DTSTART:20261225\nRDATE:20270101,20270106\nRDATE:20270101", vec!["2026-12-25", "2027-01-01", "2027-01-06"]),
        (
            "DTSTART:20261224\nDURATION:P2D\nRDATE:20271224",
            vec!["2026-12-24", "2026-12-25", "2027-12-24", "2027-12-25"],
        ),
        ("DTSTART:20261225\nRDATE:20271225\nEXDATE:20261225,20271225", vec![]),
    ] {
        assert_eq!(soon(lines), dates, "{lines}");
    }
    let for_ever = event("DTSTART:20260101\nRRULE:FREQ=YEARLY").unwrap();
    assert_eq!(for_ever.last().map(String::as_str), Some("2200-01-01"));
}

#[test]
fn what_is_not_understood_is_refused() {
    for (lines, reason) in [
        ("UID:1", "it has no DTSTART"),
        ("DTSTART:20261126T0900", "`DTSTART:20261126T0900` is not understood"),
        ("DTSTART:20261126T250000", "`DTSTART:20261126T250000` is not understood"),
        ("DTSTART:20261126\nDURATION:PT12H", "`DURATION:PT12H` is not understood"),
        ("DTSTART:20261126\nDURATION:P", "`DURATION:P` is not understood"),
        ("DTSTART:20261126\nDTEND:20261126T120000", "`DTEND:2026-11-26 12:00` is not understood"),
        (
            "DTSTART;TZID=Nowhere:20261126T000000\nDURATION:P1D\nRRULE:FREQ=YEARLY;UNTIL=20301126T050000Z",
            "`RRULE:UNTIL=20301126T050000Z` is not understood",
        ),
        ("DTSTART:20261131", "`DTSTART:20261131` is not understood"),
        ("DTSTART:2026-11-26", "`DTSTART:2026-11-26` is not understood"),
        ("DTSTART 20261126", "`DTSTART:` is not understood"),
        ("DTSTART:20261126\nDTSTART:20261127", "it has more than one DTSTART"),
        ("DTSTART:20261126\nRECURRENCE-ID:", "`RECURRENCE-ID:` is not understood"),
        ("DTSTART:20261126\nDTEND:20261120", "it ends before it begins: DTEND is the first day after it"),
        ("DTSTART:20261126\nDURATION:P0D", "it ends before it begins: DTEND is the first day after it"),
        ("DTSTART:20261126\nDURATION:-P1D", "`DURATION:-P1D` is not understood"),
        ("DTSTART:20261126\nDTEND:20261127\nDURATION:P1D", "`DTEND with DURATION` is not understood"),
        ("DTSTART:20261126\nDURATION:P10000D", "it lasts 10000 days: a holiday of more than 366 is surely a mistake"),
        ("DTSTART:00010101\nDTEND:99991231", "it lasts 3652058 days: a holiday of more than 366 is surely a mistake"),
        ("DTSTART:20261126\nDURATION:P300D\nRRULE:FREQ=YEARLY;BYDAY=MO,TU,WE", "it means more than 100000 dates"),
        ("DTSTART:20261126\nRDATE;VALUE=PERIOD:20270101/P1D", "`RDATE:20270101/P1D` is not understood"),
        ("DTSTART:20261126\nRDATE:20270101T000000Z", "`RDATE:20270101T000000Z` is not understood"),
        ("DTSTART:20261126\nEXDATE:", "`EXDATE:` is not understood"),
        ("DTSTART:20261126\nEXRULE:FREQ=YEARLY", "`EXRULE:FREQ=YEARLY` is not understood"),
        ("DTSTART:20261126\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261126", "`RECURRENCE-ID;RANGE` is not understood"),
        ("DTSTART:20261126\nRRULE:FREQ=YEARLY\nRRULE:FREQ=YEARLY", "it has more than one RRULE"),
    ] {
        assert_eq!(event(lines), Err(reason.to_owned()), "{lines}");
    }
    for part in [
        "FREQ=MONTHLY",
        "FREQ=WEEKLY",
        "FREQ",
        "INTERVAL=0",
        "INTERVAL=-1",
        "COUNT=0",
        "COUNT=x",
        "UNTIL=2026",
        "UNTIL=20261126T",
        "BYMONTH=0",
        "BYMONTH=13",
        "BYMONTH=",
        "BYMONTH=5L",
        "BYMONTHDAY=0",
        "BYMONTHDAY=32",
        "BYDAY=XX",
        "BYDAY=0MO",
        "BYDAY=54MO",
        "BYDAY=é",
        "BYDAY=M",
        "BYSETPOS=0",
        "BYYEARDAY=1",
        "BYWEEKNO=1",
        "BYHOUR=9",
        "RSCALE=HEBREW",
        "WKST=XX",
        "X=Y",
    ] {
        let refused = event(&format!("DTSTART:20261126\nRRULE:{part};FREQ=YEARLY"));
        assert_eq!(refused, Err(format!("`RRULE:{part}` is not understood")), "{part}");
    }
    for rule in ["", "COUNT=2", "FREQ=YEARLY;BYSETPOS=1", "FREQ=YEARLY;COUNT=2;UNTIL=20270101"] {
        let refused = event(&format!("DTSTART:20261126\nRRULE:{rule}"));
        assert_eq!(refused, Err(format!("`RRULE:{rule}` is not understood")), "{rule}");
    }
}

#[test]
fn what_is_no_calendar_is_refused() {
    for text in ["", "hello", "BEGIN:VEVENT\nEND:VEVENT\n", "<html></html>", "BEGIN:VCARD\nEND:VCARD\n", "\n\n"] {
        assert_eq!(calendar(text), Err("is not an iCalendar file: expected BEGIN:VCALENDAR".to_owned()), "{text}");
    }
    for (text, line) in [
        ("BEGIN:VCALENDAR\n", "BEGIN:VCALENDAR"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "END:VCALENDAR"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR\n", "END:VCALENDAR"),
    ] {
        assert_eq!(calendar(text), Err(format!("`{line}` has no counterpart")), "{text}");
    }
    let no_text = parse_calendar(b"BEGIN:VCALENDAR\nX-NAME:\xff\nEND:VCALENDAR\n").unwrap_err();
    assert!(matches!((no_text.line, no_text.reason), (Some(2), Reason::NotUtf8)));
    assert_eq!(calendar(&"BEGIN:VCALENDAR\n".repeat(100_000)), Err("`BEGIN:VCALENDAR` has no counterpart".to_owned()));
}

#[test]
fn line_ends_folds_and_a_byte_order_mark_change_nothing() {
    let text = std::fs::read(fixture("company.ics")).unwrap();
    let calendar = parse_calendar(&text).unwrap();
    let with_crlf = String::from_utf8(text).unwrap().replace('\n', "\r\n");
    assert_eq!(parse_calendar(with_crlf.as_bytes()).unwrap(), calendar);
    assert_eq!(parse_calendar(format!("\u{feff}{with_crlf}").as_bytes()).unwrap(), calendar);
    // Folded after every few bytes, also inside of a character.
    let mut folded = Vec::new();
    for line in
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Día de la Constitución\nDTSTART:20261206\nEND:VEVENT\nEND:VCALENDAR"
            .lines()
    {
        folded.extend(line.as_bytes().chunks(7).collect::<Vec<_>>().join(&b"\r\n\t"[..]));
        folded.extend(b"\r\n");
    }
    assert_eq!(parse_calendar(&folded).unwrap().days[0].name, "Día de la Constitución");
}

#[test]
fn a_file_gives_its_dates() {
    let calendar = read_calendar(&fixture("company.ics")).unwrap();
    let expected = [
        "2025-01-01",
        "2025-11-27",
        "2025-11-28",
        "2026-01-01",
        "2026-05-04",
        "2026-06-30",
        "2026-12-31",
        "2027-01-01",
        "2027-05-07",
        "2027-06-30",
        "2027-11-25",
        "2027-11-26",
        "2028-01-01",
        "2028-05-01",
        "2029-01-01",
    ];
    let found = dates(&calendar).into_iter().map(|date| date.to_string()).filter(|date| date.as_str() < "2030");
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[test]
fn an_error_names_file_line_event_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("us.ics");
    let missing = read_calendar(&file).unwrap_err();
    assert!(missing.to_string().starts_with(&format!("{}: cannot be read: ", file.display())), "{missing}");

    let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\nEND:VEVENT\n\
                BEGIN:VEVENT\nUID:7@x\nSUMMARY:Staff\\nparty\nDTSTART:20261218\nRRULE:FREQ=DAILY\nEND:VEVENT\nEND:VCALENDAR\n";
    std::fs::write(&file, text).unwrap();
    let daily = read_calendar(&file).unwrap_err();
    let expected = "event `Staff party`: `RRULE:FREQ=DAILY` is not understood";
    assert_eq!(daily.to_string(), format!("{}:5: {expected}", file.display()));

    std::fs::write(&file, text.replace("SUMMARY:", "X-SUMMARY:")).unwrap();
    let without_summary = read_calendar(&file).unwrap_err();
    assert_eq!(without_summary.event.as_deref(), Some("7@x"));
}

/// The public calendars of an independent program, where they are at hand.
#[test]
fn public_calendars_give_the_dates_that_another_reader_found() {
    let folders =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared/oracle/calendars"));
    let Some(folder) = folders.into_iter().find(|folder| folder.is_dir()) else { return };
    let list = std::fs::read_to_string(folder.join("holidays.json")).unwrap();
    let list: std::collections::BTreeMap<String, BTreeSet<NaiveDate>> = {
        let list: std::collections::BTreeMap<String, Vec<String>> = serde_json::from_str(&list).unwrap();
        list.into_iter().map(|(name, dates)| (name, dates.iter().map(|date| date.parse().unwrap()).collect())).collect()
    };
    assert_eq!(list.len(), 3);
    for (name, expected) in list {
        let text = std::fs::read(folder.join(format!("{name}.ics"))).unwrap();
        assert_eq!(dates(&parse_calendar(&text).unwrap()), expected, "{name}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(
        lines in proptest::collection::vec(
            prop_oneof![
                Just("BEGIN:VCALENDAR".to_owned()), Just("BEGIN:VEVENT".to_owned()), Just("END:VEVENT".to_owned()),
                Just("DTSTART;VALUE=DATE:20261126".to_owned()), "(DTSTART|DTEND|RDATE|RECURRENCE-ID)[;=:A-Z0-9,]{0,20}",
                "RRULE:FREQ=YEARLY;(BYDAY|BYMONTH|BYMONTHDAY|COUNT|INTERVAL|UNTIL)=[-0-9MOTUA,]{0,12}", "\\PC{0,20}",
            ],
            0..12,
        ),
        bytes in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let body = lines.join("\r\n");
        let _ = parse_calendar(body.as_bytes());
        let _ = event(&format!("DTSTART:20261126\n{body}"));
        let _ = parse_calendar(&bytes);
    }
}
