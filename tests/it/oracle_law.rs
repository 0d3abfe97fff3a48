//! Numbers, places, rules and caps against cases that independent programs answered: a small sample of each, and the
//! large sets where they are at hand.
#![cfg(test)]

use std::io::Write as _;

use callq::compliance::{
    self, CallingCode, Cap, Dial, Ladder, LegalHours, PastAttempt, Place, Region, RuleSet, check_caps,
};
use callq::model::{CapLimit, CapScope, Most, PhoneNumber, Purpose, Reached, Voice};
use callq::scheduler::{WeeklyHours, Zone};
use chrono::{DateTime, Utc, Weekday};
use serde_json::{Value, json};

use crate::oracle::large_set_named;

/// Checks each line of the sample, and of the large set where there is one. All lines that fail are shown together.
#[track_caller]
fn check_all(name: &str, sample: &str, least: usize, mut check: impl FnMut(&Value) -> Result<(), String>) {
    assert!(sample.lines().count() >= 10, "the sample of {name} is cut short");
    let large = large_set_named(name).map(|file| std::fs::read_to_string(file).unwrap());
    match &large {
        Some(large) => assert!(large.lines().count() >= least, "{name} is cut short"),
        None => writeln!(std::io::stdout(), "no shared/oracle/{name}: only the own sample is compared").unwrap(),
    }
    let lines = sample.lines().chain(large.as_deref().unwrap_or_default().lines());
    let failed: Vec<String> = lines
        .filter_map(|line| {
            let fault = check(&serde_json::from_str(line).unwrap()).err()?;
            Some(format!("{fault}\n  of {line}"))
        })
        .collect();
    assert!(failed.is_empty(), "{} cases fail:\n{}", failed.len(), failed.join("\n"));
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?} instead of {expected:?}")) }
}

fn word<T: std::str::FromStr>(value: &Value) -> Option<T> {
    value.as_str().map(|text| text.parse().unwrap_or_else(|_| panic!("`{text}`")))
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn instant(value: &Value) -> DateTime<Utc> {
    word(value).unwrap()
}

#[test]
fn every_written_number_is_read_or_refused_like_the_independent_program_does() {
    check_all("phones.jsonl", include_str!("../fixtures/law/phones.jsonl"), 300, |case| {
        let written = case["written"].as_str().unwrap();
        let code: Option<CallingCode> = word(&case["country_code"]);
        let read = compliance::number::read(written, code);
        same("the number", &read.as_ref().ok().map(PhoneNumber::as_str), &case["expect"].as_str())?;
        let message = read.err().map(|error| error.to_string()).unwrap_or_default();
        let says = case["says"].as_str().unwrap_or_default();
        if message.contains(says) { Ok(()) } else { Err(format!("`{message}` does not say {says}")) }
    });
}

#[test]
fn every_lead_has_the_place_of_the_independent_program() {
    check_all("zones.jsonl", include_str!("../fixtures/law/zones.jsonl"), 200, |case| {
        let number: Option<PhoneNumber> = word(&case["number"]);
        let region: Option<Result<Region, _>> = case["region"].as_str().map(str::parse);
        let Ok(region) = region.transpose() else {
            return same("a refused region", &Value::Null, &case["expect"]);
        };
        let place = Place::of(number.as_ref(), region, &texts(&case["timezones"]));
        let regions: Vec<&str> = place.regions.iter().map(|region| region.as_str()).collect();
        let found = json!({
            "prefix": place.prefix, "zones": place.zones, "regions": regions, "evidence": place.evidence.as_str()
        });
        same("the place", &found, &case["expect"])
    });
}

/// 08:00–21:00 on every day.
fn default_calling_hours() -> WeeklyHours {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    [Mon, Tue, Wed, Thu, Fri, Sat, Sun]
        .into_iter()
        .fold(WeeklyHours::closed(), |hours, day| hours.with(day, vec!["08:00-21:00".parse().unwrap()]))
}

#[test]
fn every_instant_is_open_or_closed_by_the_rules_of_the_independent_program() {
    let (set, calling, home) = (RuleSet::shipped().unwrap(), default_calling_hours(), Zone::UTC);
    check_all("rules.jsonl", include_str!("../fixtures/law/rules.jsonl"), 300, |case| {
        let (place, at) = (&case["place"], instant(&case["at"]));
        let zones: Vec<Zone> = texts(&place["zones"]).iter().map(|name| name.parse().unwrap()).collect();
        let regions: Vec<Region> = texts(&place["regions"]).iter().map(|code| code.parse().unwrap()).collect();
        let (purpose, voice) = (word::<Purpose>(&case["purpose"]), word::<Voice>(&case["voice"]).unwrap());
        let hours = LegalHours::new(&calling, set.that_hold(&regions, purpose, voice), &zones, &home);
        let expect = &case["expect"];
        same("closed by", &hours.closed_by(at), &texts(&expect["closed_by"]))?;
        same("open", &hours.is_open(at), &expect["open"].as_bool().unwrap())?;
        same("next open", &hours.next_open(at), &word(&expect["next_open"]))
    });
}

fn caps(case: &Value) -> Vec<Cap> {
    let cap = |cap: &Value| Cap {
        id: cap["id"].as_str().unwrap().to_owned().into(),
        applies_to: word(&cap["applies_to"]).unwrap(),
        limit: CapLimit {
            most: match cap["max"].as_u64() {
                Some(most) => Most::Attempts(u32::try_from(most).unwrap().try_into().unwrap()),
                None => Most::Rest,
            },
            hours: cap["hours"].as_u64().unwrap().try_into().unwrap(),
            counts: word::<Reached>(&cap["counts"]).unwrap(),
            scope: word::<CapScope>(&cap["scope"]).unwrap(),
        },
    };
    case["caps"].as_array().unwrap().iter().map(cap).collect()
}

fn check_dial(case: &Value, caps: &[Cap]) -> Result<(), String> {
    let text = |value: &'static str| case[value].as_str().unwrap();
    let attempts: Vec<PastAttempt<'_>> = case["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| PastAttempt {
            at: instant(&attempt["at"]),
            number: attempt["number"].as_str().unwrap(),
            client: attempt["client"].as_str().unwrap(),
            purpose: word(&attempt["purpose"]),
            voice: word(&attempt["voice"]),
            reached: word(&attempt["reached"]),
        })
        .collect();
    let dial = Dial {
        now: instant(&case["now"]),
        number: text("number"),
        client: text("client"),
        purpose: word(&case["purpose"]),
        voice: word(&case["voice"]).unwrap(),
    };
    let verdict = check_caps(dial, &attempts, caps);
    let expect = &case["expect"];
    same("by", &verdict.by, &texts(&expect["by"]))?;
    same("allowed", &verdict.is_allowed(), &expect["allowed"].as_bool().unwrap())?;
    same("until", &verdict.until, &instant(&expect["until"]))
}

fn check_ladder(case: &Value, caps: &[Cap]) -> Result<(), String> {
    let numbers = |value: &Value| value.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect::<Vec<f64>>();
    let ladder = Ladder {
        delays: numbers(&case["delays"]),
        multiplier: case["multiplier"].as_f64().unwrap(),
        max_delay: case["max_delay"].as_f64().unwrap(),
        max_retries: case["max_retries"].as_u64().unwrap().try_into().unwrap(),
    };
    let check = ladder.check(caps);
    let expect = &case["expect"];
    same("plain", &check.plain, &numbers(&expect["plain"]))?;
    same("breaks", &json!(check.breaks), &expect["breaks"])?;
    same("capped", &check.capped, &numbers(&expect["capped"]))
}

#[test]
fn every_question_on_caps_is_answered_like_by_the_independent_program() {
    check_all("caps.jsonl", include_str!("../fixtures/law/caps.jsonl"), 200, |case| {
        match case["kind"].as_str().unwrap() {
            "dial" => check_dial(case, &caps(case)),
            _ => check_ladder(case, &caps(case)),
        }
    });
}
