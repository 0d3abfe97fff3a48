//! Warnings by table, and the interval arithmetic against a minute-by-minute definition.

use proptest::prelude::*;

use super::*;
use crate::config::load::resolve_text;
use crate::scheduler::{LegalPlace, why_never};

fn warned(text: &str, queued: Option<&[&str]>) -> Vec<String> {
    let locations = Locations::default();
    let settings = resolve_text(text.to_owned(), Some("c.toml".into()), &locations).unwrap();
    let queued = queued.map(|names| names.iter().map(|name| name.parse().unwrap()).collect());
    let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let never = |hours: &HoursPolicy, priority: Priority| {
        why_never(hours, &LegalPlace::home(hours), priority, now).map(|why| why.to_string())
    };
    warnings(&settings, &locations, queued.as_ref(), &never, now).iter().map(Problem::to_string).collect()
}

#[test]
fn the_sample_has_nothing_strange() {
    assert_eq!(warned(crate::config::SAMPLE, Some(&[])), [""; 0]);
    assert_eq!(warned("", None), [""; 0]);
}

#[test]
fn what_is_surely_wrong_is_told_at_its_line() {
    for (text, expected) in [
        (
            "[defaults]\nactive_days = []\n",
            &["c.toml:2:15: items of priority urgent, high, normal, low can never be called: \
               no weekday is open: `active_days` is empty and no day of `business_hours.days` has hours"][..],
        ),
        (
            "[defaults.business_hours]\nstart = \"10:00\"\nend = \"16:30\"\n",
            &["c.toml:2:9: `business_hours.priority_hours` 9 lie outside of the business hours of every day"],
        ),
        ("[defaults.business_hours]\npriority_hours = []\nstart = \"10:00\"\n", &[]),
        (
            "[clients.acme.business_hours]\nstart = \"16:00\"\nend = \"10:00\"\npriority_hours = [9]\ndays.Sun = []\n",
            &[],
        ),
        (
            "[clients.acme]\n[clients.acme.business_hours.days]\nSat = [\"22:00-23:00\"]\nSun = [\"20:00-23:00\"]\n",
            &["c.toml:3:7: client `acme`: in the business hours Sat 22:00-23:00 \
                 no lead in the client's own zone may be called by `calling_hours`"],
        ),
        (
            "[defaults.calling_hours.days]\nMon = []\nTue = []\n\
             Wed = [\"12:00-13:00\"]\nThu = []\nFri = []\nSat = []\nSun = []\n",
            &[
                "c.toml:6:7: in the business hours Mon 09:00-17:00, Fri 09:00-17:00 \
                 no lead of any zone may be called by `calling_hours`",
                "c.toml:6:7: items of priority high can never be called: the client's hours for \
                 high calls in America/New_York \
                 never overlap with `calling_hours` in America/New_York",
            ],
        ),
        (
            "[defaults]\nretry_delays = [5, 120]\nretry_max_delay = \"1h\"\n",
            &["c.toml:2:16: a delay of 120 minutes in `retry_delays` is longer than `retry_max_delay`, 1h"],
        ),
    ] {
        assert_eq!(warned(text, None), expected, "{text}");
    }
}

#[test]
fn a_section_that_no_item_names_is_told() {
    let text = "[clients.acme]\n[clients.globex]\n";
    assert_eq!(
        warned(text, Some(&["acme", "Globex"])),
        ["c.toml:2:10: no queue item names the client `globex` of this section; did you mean `Globex`?"]
    );
    assert_eq!(warned(text, None), [""; 0]);
}

#[test]
fn a_misspelt_variable_is_told_without_its_value() {
    let variables = [
        ("QUEUE_MAX_CONCURENT", "9"),
        ("QUEUE_URL", "secret"),
        ("QUEUE_MAX_CONCURRENT", "9"),
        ("CALLQ_DATABASE", "q.db"),
        ("CALLQ_D", "q.db"),
        ("CALLQ_ACTOR", "ops"),
        ("CALLQ_DB", "q.db"),
    ];
    let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let found: Vec<_> = strange_variables(&Locations { variables, ..Locations::default() });
    let found: Vec<_> = found.iter().map(Problem::to_string).collect();
    assert_eq!(
        found,
        [
            "the variable `CALLQ_D` is not read; did you mean `CALLQ_DB`?",
            "the variable `CALLQ_DATABASE` is not read",
            "the variable `QUEUE_MAX_CONCURENT` is not read; did you mean `QUEUE_MAX_CONCURRENT`?",
        ]
    );
}

fn week_span() -> impl Strategy<Value = (i32, i32)> {
    (0..7, 0..1440, 1..=1440).prop_map(|(day, start, length)| (day * 1440 + start, day * 1440 + start + length))
}

proptest! {
    #[test]
    fn spans_meet_when_a_minute_of_the_repeating_week_is_in_both(
        span in week_span(),
        other in week_span(),
        slack in 0..1560,
    ) {
        let minutes = |(start, end): (i32, i32)| (start..end).map(|minute| minute.rem_euclid(WEEK));
        let open: std::collections::HashSet<i32> = minutes((other.0 - slack, other.1 + slack)).collect();
        prop_assert_eq!(meets(span, &[other], slack), minutes(span).any(|minute| open.contains(&minute)));
    }
}

#[test]
fn a_share_that_can_have_no_effect_is_told() {
    let retell = "dispatch.kind = \"retell\"\ndispatch.from_number = \"+12125554567\"\n";
    let three = "[clients.acme]\nshare = 3\n";
    let only_limit = |at_once: u32| {
        format!(
            "c.toml:2:9: client `acme`: `share` only divides `process --limit`: no two clients call through Retell, \
             and all {at_once} calls of `max_concurrent` fit into one run"
        )
    };
    let both: &[&str] = &["acme", "globex"];
    for (text, queued, expected) in [
        ("[defaults]\nshare = 1\n[clients.acme]\nshare = 1\n".to_owned(), &["acme"][..], None),
        (
            "[defaults]\nshare = 4\n".to_owned(),
            both,
            Some("c.toml:2:9: `share` is 4 for every client: equal shares change nothing".to_owned()),
        ),
        (three.to_owned(), both, Some(only_limit(10))),
        (format!("{three}{retell}"), both, Some(only_limit(10))),
        (format!("{three}[defaults]\n{retell}"), both, None),
        (format!("{three}max_concurrent = 145\n"), both, Some(only_limit(150))),
        (format!("{three}max_concurrent = 146\n"), both, None),
    ] {
        assert_eq!(warned(&text, Some(queued)), expected.into_iter().collect::<Vec<_>>(), "{text}");
    }
    assert_eq!(warned(three, None), [""; 0], "who shares is not known");
}
