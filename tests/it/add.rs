//! `callq add`: the slot of a lead by its hours, what is refused, and requests that are repeated.

use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

/// Runs `add -c acme` with the words of a line at an instant.
fn add_at(now: &str, line: &str) -> String {
    let mut sandbox = Sandbox::new();
    sandbox.set_now(now);
    sandbox.run(format!("add -c acme {line}")).text()
}

/// The slot of a lead added at an instant, in UTC.
#[track_caller]
fn slot(now: &str, line: &str) -> String {
    let mut sandbox = Sandbox::new();
    sandbox.set_now(now);
    let run = sandbox.run(format!("add --json -c acme {line}")).expect_code(0);
    run.json()["scheduled_at"].as_str().unwrap().to_owned()
}

#[test]
fn prints_the_id_the_slot_in_the_clients_zone_and_how_long_until_then() {
    assert_data_eq!(
        add_at("2026-11-21T15:00:00Z", "lead-1"),
        str![[r#"
1  2026-11-23 09:00 EST  in 1 d 23 h
--- exit 0

"#]]
    );
}

#[test]
fn a_lead_inside_of_the_hours_may_be_called_now() {
    assert_data_eq!(
        add_at("2026-11-23T21:59:00Z", "lead-1"),
        str![[r#"
1  2026-11-23 16:59 EST  now
--- exit 0

"#]]
    );
}

#[test]
fn the_last_minute_of_the_day_is_open_and_the_next_one_is_tomorrow() {
    assert_eq!(slot("2026-11-23T21:59:00Z", "lead"), "2026-11-23T21:59:00.000Z");
    assert_eq!(slot("2026-11-23T21:59:59.999Z", "lead"), "2026-11-23T21:59:59.999Z");
    assert_eq!(slot("2026-11-23T22:00:00Z", "lead"), "2026-11-24T14:00:00.000Z");
    assert_eq!(slot("2026-11-23T22:01:00Z", "lead"), "2026-11-24T14:00:00.000Z");
}

#[test]
fn urgent_on_a_saturday_waits_for_the_opening_on_monday() {
    assert_eq!(slot("2026-11-21T15:00:00Z", "lead -p urgent"), "2026-11-23T14:00:00.000Z");
}

#[test]
fn high_gets_a_priority_hour() {
    assert_eq!(slot("2026-11-23T15:30:00Z", "lead -p high"), "2026-11-23T15:30:00.000Z", "10:30 is one");
    assert_eq!(slot("2026-11-23T17:10:00Z", "lead -p high"), "2026-11-23T19:00:00.000Z", "12:10 is none, 14:00 is");
    assert_eq!(slot("2026-11-23T17:10:00Z", "lead -p urgent"), "2026-11-23T17:10:00.000Z");
}

#[test]
fn low_gets_an_hour_outside_of_the_priority_hours_that_is_legal() {
    assert_eq!(slot("2026-11-23T15:30:00Z", "lead -p low"), "2026-11-23T17:00:00.000Z", "noon");
    assert_eq!(slot("2026-11-23T19:00:00Z", "lead -p low"), "2026-11-23T22:00:00.000Z", "after closing time");
    assert_eq!(slot("2026-11-24T01:59:00Z", "lead -p low"), "2026-11-24T01:59:00.000Z", "20:59");
    assert_eq!(slot("2026-11-24T02:00:00Z", "lead -p low"), "2026-11-24T13:00:00.000Z", "21:00 is too late");
}

#[test]
fn a_lead_in_the_west_is_called_when_both_clocks_allow_it() {
    let west = "lead --timezone America/Los_Angeles";
    assert_eq!(slot("2026-11-23T13:00:00Z", west), "2026-11-23T16:00:00.000Z", "08:00 there is 11:00 here");
    assert_eq!(slot("2026-11-23T21:59:00Z", west), "2026-11-23T21:59:00.000Z");
    assert_eq!(slot("2026-11-23T22:00:00Z", west), "2026-11-24T16:00:00.000Z", "14:00 there, but closed here");
}

#[test]
fn two_zones_mean_open_in_both() {
    let either = "lead --timezone Europe/London --timezone America/Los_Angeles";
    assert_eq!(slot("2026-11-23T13:00:00Z", either), "2026-11-23T16:00:00.000Z");
    assert_eq!(slot("2026-11-23T21:00:00Z", either), "2026-11-24T16:00:00.000Z", "21:00 in London");
}

#[test]
fn a_time_outside_of_the_windows_moves_and_it_is_said() {
    assert_data_eq!(
        add_at("2026-11-23T15:00:00Z", "lead --at 2026-11-28T12:00:00Z"),
        str![[r#"
1  2026-11-30 09:00 EST  in 6 d 23 h
--- standard error
Sat 2026-11-28 07:00 EST is outside of the windows: moved to the next slot
--- exit 0

"#]]
    );
}

#[test]
fn a_time_inside_of_the_windows_stays() {
    assert_data_eq!(
        add_at("2026-11-23T15:00:00Z", "lead --at 16:30"),
        str![[r#"
1  2026-11-23 16:30 EST  in 6 h 30 min
--- exit 0

"#]]
    );
}

#[test]
fn strict_refuses_instead_of_moving() {
    assert_data_eq!(
        add_at("2026-11-23T15:00:00Z", "lead --strict --at 2026-11-28T12:00:00Z"),
        str![[r#"
--- standard error
error: Sat 2026-11-28 07:00 EST is outside of the windows: the next slot is Mon 2026-11-30 09:00 EST
--- exit 4

"#]]
    );
    assert_eq!(slot("2026-11-23T15:00:00Z", "lead --strict --at 16:30"), "2026-11-23T21:30:00.000Z");
}

#[test]
fn a_lead_that_can_never_be_called_is_refused_by_the_rule() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[clients.acme]\nactive_days = []\n[clients.beta.business_hours]\npriority_hours = [20]\n");
    assert_data_eq!(
        sandbox.run("add -c acme lead").text(),
        str![[r#"
--- standard error
error: this lead could never be called: no weekday is open: `active_days` is empty and no day of `business_hours.days` has hours
--- exit 4

"#]]
    );
    assert_data_eq!(
        sandbox.run("add -c beta -p high lead").text(),
        str![[r#"
--- standard error
error: this lead could never be called: `priority_hours` lie outside of the business hours, so that `high` is never open
--- exit 4

"#]]
    );
    assert_data_eq!(
        sandbox.run("add -c other lead --timezone Asia/Tokyo --timezone America/New_York").text(),
        str![[r#"
--- standard error
error: this lead could never be called: the client's hours for normal calls in America/New_York never overlap with `calling_hours` in America/New_York and Asia/Tokyo
--- exit 4

"#]]
    );
    assert!(!sandbox.database().exists(), "a refused lead leaves no trace");
}

#[test]
fn a_local_time_that_a_clock_change_skips_is_refused_with_both_readings() {
    assert_data_eq!(
        add_at("2026-03-07T15:00:00Z", "lead --at 2026-03-08T02:30"),
        str![[r#"
--- standard error
error: --at: `2026-03-08T02:30` is skipped by a clock change in America/New_York: write 2026-03-08T01:30:00-05:00 or 2026-03-08T03:30:00-04:00
--- exit 2

"#]]
    );
}

#[test]
fn a_lead_that_would_expire_before_its_slot_is_refused() {
    assert_data_eq!(
        add_at("2026-11-21T15:00:00Z", "lead --expires 2026-11-23T14:00:00Z"),
        str![[r#"
--- standard error
error: it expires at Mon 2026-11-23 09:00 EST, and its first slot is Mon 2026-11-23 09:00 EST
--- exit 4

"#]]
    );
    assert_eq!(slot("2026-11-21T15:00:00Z", "lead --expires 2026-11-23T14:00:00.001Z"), "2026-11-23T14:00:00.000Z");
}

#[test]
fn a_phone_number_is_normalised() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[clients.acme]\ncountry_code = \"1\"\n");
    let phone = |lead: &str, number: &str| {
        let run = sandbox.run(["add", "--json", "-c", "acme", lead, "--phone", number]).expect_code(0);
        run.json()["phone"].as_str().unwrap().to_owned()
    };
    assert_eq!(phone("a", "+1 (212) 555.0100"), "+12125550100");
    assert_eq!(phone("b", "(212) 555-0100"), "+12125550100");
    assert_data_eq!(
        sandbox.run("add -c beta c --phone '212 555 0100'").text(),
        str![[r#"
--- standard error
error: --phone: phone number `212 555 0100` has neither + nor a country code: write +12125550101, or set `country_code` for the client
--- exit 2

"#]]
    );
    assert_data_eq!(
        sandbox.run("add -c beta c --phone '+1 212 CALL-ME'").text(),
        str![[r#"
--- standard error
error: --phone: phone number `+1 212 CALL-ME` holds `C`: write digits, with blanks, dots, dashes or parentheses between them
--- exit 2

"#]]
    );
    assert_eq!(sandbox.run("list --json -c acme").json().as_array().unwrap().len(), 2);
}

#[test]
fn metadata_is_kept_byte_for_byte() {
    let sandbox = Sandbox::new();
    let metadata = "{\"b\": 1.50,  \"a\":{\"x\":[1e3,\"é\\u00e9\"]}}";
    let run = sandbox.run(["add", "--format", "jsonl", "-c", "acme", "lead", "--metadata", metadata]).expect_code(0);
    assert!(run.stdout.contains(&format!("\"metadata\":{metadata},")), "{run}");
    let shown = sandbox.run("show 1 --format jsonl");
    assert!(shown.stdout.contains(&format!("\"metadata\":{metadata},")), "{shown}");
}

#[test]
fn meta_puts_text_fields_over_the_metadata() {
    let sandbox = Sandbox::new();
    let run = sandbox
        .run(["add", "--json", "-c", "acme", "lead", "--metadata", "{\"a\":1}", "--meta", "b=x=y", "--meta", "a=2"])
        .expect_code(0);
    assert_eq!(run.json()["metadata"], serde_json::json!({"a": "2", "b": "x=y"}));
}

#[test]
fn what_does_not_parse_is_a_usage_error_and_leaves_no_trace() {
    let sandbox = Sandbox::new();
    let errors: String = [
        "add lead",
        "add -c acme",
        "add -c acme lead -p soon",
        "add -c acme lead --at yesterday-ish",
        "add -c acme lead --expires 99:00",
        "add -c acme lead --timezone Mars/Olympus",
        "add -c acme lead --max-retries -1",
        "add -c acme lead --metadata [1]",
        "add -c acme lead --meta novalue",
        "add -c acme lead --if-exists maybe",
        "add -c acme lead --phone 2125550100",
        "add -c acme lead --colour red",
    ]
    .iter()
    .map(|line| sandbox.run(line).expect_code(2).stderr)
    .collect();
    assert_data_eq!(
        errors,
        str![[r#"
error: no client is named
hint: give -c NAME or set CALLQ_CLIENT
error: the following required arguments were not provided: <LEAD>
hint: callq add --help
error: invalid value 'soon' for '--priority <PRIORITY>': unknown priority `soon`: expected urgent, high, normal or low
hint: callq add --help
error: --at: `yesterday-ish` is not a time: expected RFC 3339 (2026-11-23T09:30:00-05:00), `2026-11-23 09:30`, `2026-11-23`, `09:30`, `now`, `+90m`, `tomorrow 09:30` or `mon 14:00`
error: --expires: `99:00` is not a time: expected RFC 3339 (2026-11-23T09:30:00-05:00), `2026-11-23 09:30`, `2026-11-23`, `09:30`, `now`, `+90m`, `tomorrow 09:30` or `mon 14:00`
error: --timezone: unknown time zone `Mars/Olympus`: write an IANA name, such as America/New_York
error: invalid value '-1' for '--max-retries <N>': `-1` is not a whole number from 0 to 4294967295
hint: callq add --help
error: invalid value '[1]' for '--metadata <JSON>': metadata is not a JSON object: invalid type: sequence, expected a map at line 1 column 0
hint: callq add --help
error: invalid value 'novalue' for '--meta <K=V>': `novalue` is not of the form K=V
hint: callq add --help
error: invalid value 'maybe' for '--if-exists <WHAT>': unknown choice `maybe`: expected error, skip, replace
hint: callq add --help
error: --phone: phone number `2125550100` has neither + nor a country code: write +12125550101, or set `country_code` for the client
error: unexpected argument '--colour' found
hint: a similar argument exists: '--color'

"#]]
    );
    assert!(!sandbox.database().exists());
}

#[test]
fn a_lead_id_has_no_control_characters_and_256_bytes_at_most() {
    let sandbox = Sandbox::new();
    sandbox.run(["add", "-c", "acme", &"é".repeat(128)]).expect_code(0);
    sandbox.run(["add", "-c", "acme", &"é".repeat(129)]).expect_code(2);
    assert_data_eq!(
        sandbox.run(["add", "-c", "acme", "a\u{1b}[31mb"]).text(),
        str![[r#"
--- standard error
error: invalid value 'ab' for '<LEAD>': lead id `a/u{1b}[31mb` holds a control character
hint: callq add --help
--- exit 2

"#]]
    );
    sandbox.run("add -c acme ''").expect_code(2);
}

#[test]
fn the_client_may_come_from_the_environment() {
    let mut sandbox = Sandbox::new();
    sandbox.set("CALLQ_CLIENT", "acme");
    assert_eq!(sandbox.run("add --json lead").expect_code(0).json()["client_id"], "acme");
    assert_eq!(sandbox.run("add --json -c beta lead").expect_code(0).json()["client_id"], "beta");
}

#[test]
fn retries_default_to_the_clients_number() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[clients.acme]\nmax_retries = 7\n");
    assert_eq!(sandbox.run("add --json -c acme a").json()["max_retries"], 7);
    assert_eq!(sandbox.run("add --json -c acme b --max-retries 0").json()["max_retries"], 0);
    assert_eq!(sandbox.run("add --json -c beta a").json()["max_retries"], 3);
}
