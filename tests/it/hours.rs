//! `callq hours`: the windows of any client, lead zones and priority, in every format and as a picture.

use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, Terminal};

const CONFIG: &str = "
[clients.acme]
timezone = \"America/New_York\"
[clients.nightly]
timezone = \"Europe/Berlin\"
active_days = [\"Fri\"]
business_hours = { start = \"20:00\", end = \"02:00\", priority_hours = [] }
calling_hours = { start = \"00:00\", end = \"24:00\" }
[clients.shut]
active_days = []
";

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure(CONFIG);
    // Saturday, 08:00 in New York.
    sandbox.set_now("2026-11-21T13:00:00Z");
    sandbox
}

#[test]
fn the_windows_are_a_table_whose_rows_begin_with_the_weekday() {
    let sandbox = sandbox();
    let run = sandbox.run("hours -c acme --timezone America/Los_Angeles -p low --days 4");
    assert_data_eq!(
        run.text(),
        str![[r#"
day             from       to             length
Mon 2026-11-23  12:00 EST  14:00 EST         2 h
Mon 2026-11-23  17:00 EST  Tue 00:00 EST     7 h
Tue 2026-11-24  12:00 EST  14:00 EST         2 h
Tue 2026-11-24  17:00 EST  Wed 00:00 EST     7 h
next call: Mon 2026-11-23 12:00 EST
--- exit 0

"#]]
    );
    let night = sandbox.run("hours -c nightly");
    assert_data_eq!(
        night.text(),
        str![[r#"
day             from       to             length
Fri 2026-11-27  20:00 CET  Sat 02:00 CET     6 h
next call: Fri 2026-11-27 20:00 CET
--- exit 0

"#]]
    );
}

#[test]
fn json_has_every_field_and_csv_and_json_lines_say_the_same() {
    let sandbox = sandbox();
    let question = ["hours", "-c", "acme", "--timezone", "america/los_angeles", "-p", "high", "--from", "2026-11-23"];
    let ask = |format| {
        sandbox.run(question.into_iter().chain(["--days", "1", "--format", format]).collect::<Vec<_>>()).expect_code(0)
    };
    let answer = json!({
        "client_id": "acme",
        "timezone": "America/New_York",
        "lead_timezones": ["America/Los_Angeles"],
        "priority": "high",
        "from": "2026-11-23T05:00:00.000Z",
        "to": "2026-11-24T05:00:00.000Z",
        "windows": [
            { "start": "2026-11-23T16:00:00.000Z", "end": "2026-11-23T17:00:00.000Z" },
            { "start": "2026-11-23T19:00:00.000Z", "end": "2026-11-23T22:00:00.000Z" },
        ],
        "next_call_at": "2026-11-23T16:00:00.000Z",
        "holidays": [],
    });
    let document = ask("json").json();
    assert_eq!(document, answer);
    let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
    let order =
        ["client_id", "timezone", "lead_timezones", "priority", "from", "to", "windows", "next_call_at", "holidays"];
    assert_eq!(keys, order);
    assert_eq!(ask("jsonl").json_lines(), [answer]);
    assert_eq!(
        ask("csv").stdout,
        "start,end\r\n2026-11-23T16:00:00.000Z,2026-11-23T17:00:00.000Z\r\n\
         2026-11-23T19:00:00.000Z,2026-11-23T22:00:00.000Z\r\n"
    );
}

#[test]
fn without_a_client_it_answers_for_one_without_a_section() {
    let answer = sandbox().run("hours --json").expect_code(0).json();
    assert_eq!((&answer["client_id"], &answer["timezone"]), (&Value::Null, &json!("America/New_York")));
    assert_eq!((&answer["from"], &answer["priority"]), (&json!("2026-11-21T13:00:00.000Z"), &json!("normal")));
    assert_eq!(answer["windows"].as_array().unwrap().len(), 5);
}

#[test]
fn never_is_an_answer_with_its_reason() {
    let run = sandbox().run("hours -c shut");
    assert_data_eq!(
        run.text(),
        str![[r#"
next call: never
--- standard error
this lead could never be called: no weekday is open: `active_days` is empty and no day of `business_hours.days` has hours
--- exit 0

"#]]
    );
    let json = sandbox().run("hours -c shut --json -q");
    assert_eq!((json.json()["next_call_at"].clone(), json.stderr.as_str(), json.code), (Value::Null, "", 0));
}

#[test]
fn no_database_is_needed_and_none_is_made() {
    let mut sandbox = sandbox();
    sandbox.unset("HOME");
    sandbox.run("hours -c acme").expect_code(0);
    assert!(!sandbox.database().exists());
    sandbox.write("queue.db", "this is no database");
    sandbox.run("hours -c acme").expect_code(0);
}

#[test]
fn a_client_that_only_an_item_names_is_known_and_any_other_is_not() {
    let sandbox = sandbox();
    let unknown = sandbox.run("hours -c globex").expect_code(3);
    assert_data_eq!(
        unknown.text(),
        str![[r#"
--- standard error
error: no client globex
hint: a client exists when a section of the configuration or an item names it
--- exit 3

"#]]
    );
    assert!(!sandbox.database().exists());
    sandbox.run("add -c globex lead").expect_code(0);
    let known = sandbox.run("hours -c globex --json").expect_code(0);
    assert_eq!(known.json()["client_id"], "globex");
    sandbox.run("hours -c initech").expect_code(3);
}

#[test]
fn an_unknown_zone_is_a_usage_error_that_names_the_nearest() {
    let run = sandbox().run("hours -c acme --timezone America/New_Yrok");
    assert_data_eq!(
        run.text(),
        str![[r#"
--- standard error
error: --timezone: unknown time zone `America/New_Yrok`: did you mean `America/New_York`?
--- exit 2

"#]]
    );
}

#[test]
fn an_end_before_the_beginning_and_too_long_an_answer_are_usage_errors() {
    let refused = |arguments: &[&str]| {
        let run = sandbox().run(["hours", "-c", "acme"].iter().chain(arguments).collect::<Vec<_>>()).expect_code(2);
        run.stderr.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        refused(&["--from", "2026-11-23", "--to", "2026-11-22"]),
        "error: --to: Sun 2026-11-22 00:00 EST lies before the first instant, Mon 2026-11-23 00:00 EST"
    );
    assert_eq!(
        refused(&["--from", "2026-11-23", "--to", "2036-12-01"]),
        "error: --to: at most 3660 days are shown at once"
    );
    assert!(refused(&["--days", "3661"]).contains("3661"));
    assert!(refused(&["--to", "tomorrow", "--days", "2"]).contains("cannot be used with"));
    assert!(refused(&["--from", "soon"]).starts_with("error: --from: `soon` is not a time"));
    assert!(refused(&["--from", "+9999999d"]).starts_with("error: --from:"));
    let empty = sandbox().run("hours -c acme --from 'mon 10:00' --to 'mon 10:00' --json");
    assert_eq!(empty.expect_code(0).json()["windows"], json!([]));
}

#[test]
fn ten_years_of_windows_are_answered() {
    let answer = sandbox().run("hours -c acme --days 3660 --json").expect_code(0).json();
    assert_eq!(answer["windows"].as_array().unwrap().len(), 2614);
    assert_eq!(answer["to"], "2036-11-28T13:00:00.000Z");
}

#[test]
fn a_week_keeps_its_time_of_day_across_a_clock_change() {
    let answer = sandbox().run("hours -c acme --from 2026-10-26 --json").expect_code(0).json();
    assert_eq!(
        (&answer["from"], &answer["to"]),
        (&json!("2026-10-26T04:00:00.000Z"), &json!("2026-11-02T05:00:00.000Z"))
    );
}

/// What the program shows on a terminal of 80 columns.
fn on_a_terminal(sandbox: &Sandbox, arguments: &[&str], has_color: bool) -> String {
    let terminal = Terminal { has_color, now: "2026-11-21T13:00:00Z", ..Terminal::of(80, 24) };
    let shown = terminal.run(sandbox, arguments);
    assert_eq!(shown.code, 0, "{}", shown.err);
    shown.out
}

#[test]
fn a_terminal_shows_a_week_as_a_picture_that_needs_no_color() {
    let sandbox = sandbox();
    let question = ["hours", "-c", "acme", "--timezone", "America/Los_Angeles"];
    let picture = on_a_terminal(&sandbox, &question, false);
    assert_data_eq!(
        &picture,
        str![[r#"
client acme, normal calls, on the clock of America/New_York;
  lead in America/Los_Angeles
          00    03    06    09    12    15    18    21
Sat 11-21 ......................--------------------------
Sun 11-22 ......................--------------------------
Mon 11-23 ..................OOOO##====######--------------
Tue 11-24 ..................OOOO##====######--------------
Wed 11-25 ..................OOOO##====######--------------
Thu 11-26 ..................OOOO##====######--------------
Fri 11-27 ..................OOOO##====######--------------
  # calls may start, best hours
  = calls may start
  O best hours, but no such call
  o open, but no such call
  - legal for the lead, but closed
  . neither
next call: Mon 2026-11-23 11:00 EST (in 2 d 3 h)

"#]]
    );
    let mut bare = on_a_terminal(&sandbox, &question, true);
    assert!(bare.contains('\u{1b}'));
    for code in ["0", "1", "2", "31", "32", "33"] {
        bare = bare.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(bare, picture);
}

#[test]
fn the_picture_follows_a_clock_change() {
    let mut sandbox = sandbox();
    sandbox.configure(
        "[clients.acme]\nactive_days = [\"Sun\"]\n\
         [clients.acme.business_hours]\nstart = \"00:00\"\nend = \"04:00\"\npriority_hours = []\n\
         [clients.acme.calling_hours]\nstart = \"00:00\"\nend = \"24:00\"\ndays.Sun = [\"00:00-01:30\", \"02:00-24:00\"]\n",
    );
    let rows = |from: &str| {
        let text = on_a_terminal(&sandbox, &["hours", "-c", "acme", "--from", from, "--days", "2"], false);
        text.lines().skip(2).take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    let night = |name: &str, cells: &str| format!("{name} {cells}{}", "-".repeat(48 - cells.len()));
    // From 02:00 to 03:00 there is no time in spring; from 01:00 to 02:00 it is twice in autumn, closed from half past.
    assert_eq!(rows("2027-03-13"), [night("Sat 03-13", ""), night("Sun 03-14", "###O..##")]);
    assert_eq!(rows("2026-10-31"), [night("Sat 10-31", ""), night("Sun 11-01", "###O####")]);
}

/// The policy of a case as a configuration: JSON values of these shapes are TOML as they stand.
fn configuration(policy: &Value) -> String {
    let mut toml = String::from("[defaults]\n");
    for key in ["timezone", "active_days", "holidays"] {
        toml.push_str(&format!("{key} = {}\n", policy[key]));
    }
    for table in ["business_hours", "calling_hours"] {
        toml.push_str(&format!("[defaults.{table}]\n"));
        for (key, value) in policy[table].as_object().unwrap().iter().filter(|(key, _)| *key != "days") {
            toml.push_str(&format!("{key} = {value}\n"));
        }
        for (day, spans) in policy[table]["days"].as_object().unwrap() {
            toml.push_str(&format!("days.{day} = {spans}\n"));
        }
    }
    toml
}

#[test]
fn every_case_of_the_independent_program_is_met_by_the_built_one() {
    let Some(file) = crate::oracle::large_set() else {
        writeln!(std::io::stdout(), "no shared/oracle beside this checkout").unwrap();
        return;
    };
    let mut sandbox = Sandbox::new();
    check_cases(&mut sandbox, &file);
}

#[test]
fn the_sample_checked_by_hand_is_met_by_the_built_program() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/oracle-sample.jsonl");
    check_cases(&mut Sandbox::new(), &sample);
}

fn check_cases(sandbox: &mut Sandbox, file: &Path) {
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        sandbox.configure(&configuration(&case["policy"]));
        let text = |key: &str| case[key].as_str().unwrap().to_owned();
        let mut arguments = ["hours", "--json", "-q"].map(str::to_owned).to_vec();
        for (flag, key) in [("--priority", "priority"), ("--from", "from"), ("--to", "to")] {
            arguments.extend([flag.to_owned(), text(key)]);
        }
        for zone in case["lead_timezones"].as_array().unwrap() {
            arguments.extend(["--timezone".to_owned(), zone.as_str().unwrap().to_owned()]);
        }
        let answer = sandbox.run(&arguments).expect_code(0).json();
        assert_eq!(answer["next_call_at"], case["next"], "the next slot of {line}");
        let pair = |window: &Value| json!([window["start"], window["end"]]);
        let windows: Vec<Value> = answer["windows"].as_array().unwrap().iter().map(pair).collect();
        assert_eq!(Value::Array(windows), case["windows"], "the windows of {line}");
    }
}
