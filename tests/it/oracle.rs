//! The scheduler against cases that were answered apart from it: a small sample of our own, checked by hand, and the
//! large set of an independent program where it is at hand.
#![cfg(test)]

use std::io::Write as _;
use std::path::{Path, PathBuf};

use callq::model::Priority;
use callq::scheduler::{
    self, ClientRules, DaySpan, Holidays, HoursPolicy, LegalPlace, PrimeHours, WeeklyHours, Window, Zone,
};
use chrono::{DateTime, NaiveDate, Utc, Weekday};
use serde_json::Value;

const WEEK: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Mon),
    ("Tue", Weekday::Tue),
    ("Wed", Weekday::Wed),
    ("Thu", Weekday::Thu),
    ("Fri", Weekday::Fri),
    ("Sat", Weekday::Sat),
    ("Sun", Weekday::Sun),
];

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().unwrap().iter().map(text)
}

fn instant(value: &Value) -> DateTime<Utc> {
    text(value).parse().unwrap()
}

/// Reads hours of the configuration's shape; a weekday without an entry in `days` has `start`–`end` when it is active.
fn weekly_hours(hours: &Value, is_active: impl Fn(&str) -> bool) -> WeeklyHours {
    WEEK.iter().fold(WeeklyHours::closed(), |week, (name, day)| {
        let spans: Vec<DaySpan> = match hours["days"].get(name) {
            Some(spans) => texts(spans).map(|span| span.parse().unwrap()).collect(),
            None if is_active(name) => {
                vec![
                    DaySpan::new(text(&hours["start"]).parse().unwrap(), text(&hours["end"]).parse().unwrap()).unwrap(),
                ]
            }
            None => Vec::new(),
        };
        week.with(*day, spans)
    })
}

fn holidays(list: &Value) -> Holidays {
    let mut holidays = Holidays::default();
    for text in texts(list) {
        match text.parse::<NaiveDate>() {
            Ok(date) => holidays.add_date(date),
            Err(_) => {
                let (month, day) = text.split_once('-').unwrap();
                holidays.add_yearly(month.parse().unwrap(), day.parse().unwrap());
            }
        }
    }
    holidays
}

fn hours_policy(policy: &Value) -> HoursPolicy {
    let business = &policy["business_hours"];
    let prime = business["priority_hours"].as_array().unwrap().iter().map(|hour| hour.as_u64().unwrap() as u8);
    HoursPolicy {
        rules: ClientRules::default(),
        zone: text(&policy["timezone"]).parse().unwrap(),
        business: weekly_hours(business, |day| texts(&policy["active_days"]).any(|active| active == day)),
        prime: PrimeHours::new(prime).unwrap(),
        calling: weekly_hours(&policy["calling_hours"], |_| true),
        holidays: holidays(&policy["holidays"]),
    }
}

/// Answers one line and compares.
fn check(line: &str) {
    let case: Value = serde_json::from_str(line).unwrap();
    let policy = hours_policy(&case["policy"]);
    let zones: Vec<Zone> = texts(&case["lead_timezones"]).map(|name| name.parse().unwrap()).collect();
    let place = LegalPlace::without_rules(zones);
    let priority: Priority = text(&case["priority"]).parse().unwrap();
    let (from, to) = (instant(&case["from"]), instant(&case["to"]));

    let next = (!case["next"].is_null()).then(|| instant(&case["next"]));
    assert_eq!(scheduler::next_slot(&policy, &place, priority, from), next, "the next slot of {line}");
    assert_eq!(scheduler::why_never(&policy, &place, priority, from).is_some(), next.is_none(), "why never, of {line}");

    let expected: Vec<Window> = case["windows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|window| Window { start: instant(&window[0]), end: instant(&window[1]) })
        .collect();
    let windows: Vec<Window> = scheduler::windows(&policy, &place, priority, from, to).collect();
    assert_eq!(windows, expected, "the windows of {line}");
}

/// The large set, in `shared/oracle` beside this package or beside a folder above it.
pub(crate) fn large_set() -> Option<PathBuf> {
    large_set_named("cases.jsonl")
}

/// A file of the large sets.
pub(crate) fn large_set_named(name: &str) -> Option<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/oracle").join(name))
        .find(|file| file.is_file())
}

#[test]
fn the_sample_checked_by_hand_is_met() {
    let sample = include_str!("../fixtures/oracle-sample.jsonl");
    assert!(sample.lines().count() >= 12);
    sample.lines().for_each(check);
}

#[test]
fn every_case_of_the_independent_program_is_met() {
    let Some(file) = large_set() else {
        writeln!(std::io::stdout(), "no shared/oracle beside this checkout: only the own sample is compared").unwrap();
        return;
    };
    let cases = std::fs::read_to_string(&file).unwrap();
    assert!(cases.lines().count() >= 500, "{} is cut short", file.display());
    cases.lines().for_each(check);
}
