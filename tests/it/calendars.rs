//! Calendars of holidays: what closes, what is left out, what opens again, and whom a broken one stops.

use serde_json::{Value, json};

use crate::support::{Run, Sandbox};

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:{}\n{lines}\nEND:VEVENT\n", lines.len())
}

fn calendar(events: &[&str]) -> String {
    let events: String = events.iter().map(|lines| event(lines)).collect();
    format!("BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n")
}

const THANKSGIVING: &str = "SUMMARY:Thanksgiving Day\nDTSTART;VALUE=DATE:20261126\nDTEND;VALUE=DATE:20261127";
const BLACK_FRIDAY: &str =
    "SUMMARY:Black Friday\nDTSTART;VALUE=DATE:20261127\nDESCRIPTION:Observance\\nTo hide observances\\, go to Settings";
const NEW_YEAR: &str = "SUMMARY:New Year\nDTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY";
const LUNCH: &str =
    "SUMMARY:Team lunch\nDTSTART;TZID=America/New_York:20261201T120000\nDTEND;TZID=America/New_York:20261201T130000";
const WEEKLY: &str = "SUMMARY:Day off\nDTSTART;VALUE=DATE:20261201\nRRULE:FREQ=WEEKLY";

/// Two clients with simulated calls; acme's section goes on with these lines.
fn sandbox(acme: &str, events: &[&str]) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure(&format!("[defaults.dispatch]\nkind = \"simulate\"\n[clients.acme]\n{acme}\n[clients.beta]\n"));
    sandbox.write("config/us.ics", calendar(events));
    sandbox
}

fn lines(run: &Run) -> Vec<&str> {
    run.stdout.lines().collect()
}

fn dates(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let rows = sandbox.run(line).expect_code(0).json();
    let told =
        |row: &Value| format!("{} {} {}", row["weekday"].as_str().unwrap(), row["date"].as_str().unwrap(), row["name"]);
    rows.as_array().unwrap().iter().map(told).collect()
}

#[test]
fn holidays_lists_dates_with_names_and_files() {
    let sandbox =
        sandbox("holiday_files = [\"us.ics\"]\nholidays = [\"12-25\"]", &[THANKSGIVING, BLACK_FRIDAY, NEW_YEAR, LUNCH]);
    let run = sandbox.run("holidays -c acme --days 60").expect_code(0);
    assert_eq!(lines(&run)[0].split_whitespace().collect::<Vec<_>>(), ["date", "weekday", "name", "file"]);
    assert!(lines(&run)[1].starts_with("2026-11-26  Thu      Thanksgiving Day  "), "{run}");
    assert!(lines(&run)[1].ends_with("us.ics"), "{run}");
    assert_eq!(lines(&run)[3].split_whitespace().collect::<Vec<_>>(), ["2026-12-25", "Fri", "-", "-"]);
    assert_eq!(
        dates(&sandbox, "holidays -c acme --json"),
        [
            "Thu 2026-11-26 \"Thanksgiving Day\"",
            "Fri 2026-11-27 \"Black Friday\"",
            "Fri 2026-12-25 null",
            "Fri 2027-01-01 \"New Year\"",
        ]
    );
    assert_eq!(dates(&sandbox, "holidays -c acme --from 2030-01-01 --days 1 --json"), ["Tue 2030-01-01 \"New Year\""]);
    let csv = sandbox.run("holidays -c acme --days 10 --format csv").expect_code(0);
    assert!(csv.stdout.starts_with("date,weekday,name,file\r\n2026-11-26,Thu,Thanksgiving Day,"), "{csv}");
    assert_eq!(sandbox.run("holidays -c beta --json").expect_code(0).json(), json!([]));
}

#[test]
fn events_are_left_out_by_name_or_kind_and_dates_are_open_again() {
    let with = |keys: &str| {
        let keys = format!("holiday_files = [\"us.ics\"]\n{keys}");
        dates(&sandbox(&keys, &[THANKSGIVING, BLACK_FRIDAY]), "holidays -c acme --json")
    };
    let (thursday, friday) = ("Thu 2026-11-26 \"Thanksgiving Day\"", "Fri 2026-11-27 \"Black Friday\"");
    assert_eq!(with(""), [thursday, friday]);
    assert_eq!(with("holiday_exclude = [\"*observance*\"]"), [thursday]);
    assert_eq!(with("holiday_exclude = [\"Thanksgiving*\"]"), [friday]);
    assert_eq!(with("workdays = [\"2026-11-26\"]"), [friday]);
}

#[test]
fn a_workday_has_the_hours_of_its_weekday_or_of_the_first_active_day() {
    let sandbox = sandbox(
        "workdays = [\"2026-11-28\", \"2026-11-26\"]\nholidays = [\"2026-11-26\"]\nbusiness_hours.days.Mon = [\"10:00-12:00\"]",
        &[],
    );
    let hours = sandbox.run("hours -c acme --from 2026-11-26 --days 4").expect_code(0);
    let rows: Vec<&str> = lines(&hours).into_iter().skip(1).take(3).map(|row| &row[..31]).collect();
    assert_eq!(
        rows,
        ["Thu 2026-11-26  09:00 EST  17:0", "Fri 2026-11-27  09:00 EST  17:0", "Sat 2026-11-28  10:00 EST  12:0",],
        "{hours}"
    );
}

#[test]
fn check_and_set_warn_of_calendars_that_run_out_and_of_what_is_skipped() {
    let warned = |keys: &str, events: &[&str]| {
        let sandbox = sandbox(&format!("holiday_files = [\"us.ics\"]\n{keys}"), events);
        let run = sandbox.run("config check --json").expect_code(0).json();
        let rows = run.as_array().unwrap().iter().filter(|row| row["verdict"] == "warning");
        let of_calendar = rows.filter_map(|row| row["detail"].as_str().unwrap().rsplit_once("us.ics"));
        of_calendar.map(|(_, said)| said.to_owned()).collect::<Vec<_>>()
    };
    let far = "SUMMARY:Far\nDTSTART;VALUE=DATE:20270301";
    assert_eq!(warned("", &[NEW_YEAR]), [""; 0]);
    assert_eq!(warned("", &[far]), [""; 0]);
    assert_eq!(warned("", &[]), [" has no event: it closes no day"]);
    assert_eq!(
        warned("", &["SUMMARY:Old\nDTSTART;VALUE=DATE:20251225"]),
        [" names no day within the next 366 days; its last day is 2025-12-25: get a newer one"]
    );
    assert_eq!(
        warned("", &["SUMMARY:Far off\nDTSTART;VALUE=DATE:20290101"]),
        [" names no day within the next 366 days; its last day is 2029-01-01: get a newer one"]
    );
    assert_eq!(
        warned("", &[THANKSGIVING]),
        [" runs out: its last day is 2026-11-26, less than 90 days away: get a newer one"]
    );
    assert_eq!(
        warned("", &[far, LUNCH]),
        [
            ":8: event `Team lunch` (2026-12-01 12:00 America/New_York to 2026-12-01 13:00 America/New_York) is skipped: it \
         has a time of day, and only whole days close the client"
        ]
    );

    let sandbox = sandbox("holidays = []", &[THANKSGIVING, LUNCH]);
    let set = sandbox.run("config set -c acme holiday_files us.ics").expect_code(0);
    assert!(set.stderr.contains("warning: `holiday_files`: ") && set.stderr.contains("runs out"), "{set}");
    assert!(set.stderr.contains("event `Team lunch`"), "{set}");
    let set = sandbox.run("config set -c acme holiday_exclude Thanksgivin").expect_code(0);
    assert!(set.stderr.contains("`holiday_exclude`: \"Thanksgivin\" names no event of the calendars"), "{set}");
    let doctor = sandbox.run("doctor").expect_code(0);
    assert!(doctor.stdout.contains("runs out: its last day is 2026-11-26"), "{doctor}");
}

#[test]
fn why_hours_and_process_name_the_holiday() {
    let mut sandbox = sandbox("holiday_files = [\"us.ics\"]", &[THANKSGIVING]);
    sandbox.run("add -c acme lead-1").expect_code(0);
    sandbox.set_now("2026-11-26T15:00:00Z");
    let why = sandbox.run("why 1 --json").expect_code(0).json();
    let gates = why["gates"].as_array().unwrap();
    let holiday = gates.iter().find(|gate| gate["gate"] == "holiday").unwrap();
    assert_eq!(holiday["detail"], "client acme has a holiday until Fri 2026-11-27 00:00 EST: Thanksgiving Day");
    let why = sandbox.run("why 1").expect_code(0);
    assert!(lines(&why)[0].contains("has a holiday until Fri 00:00 EST: Thanksgiving Day"), "{why}");
    let hours = sandbox.run("hours -c acme --days 2").expect_code(0);
    assert!(hours.stdout.contains("\nholiday: Thu 2026-11-26 Thanksgiving Day\n"), "{hours}");
    let holidays = sandbox.run("hours -c acme --days 2 --json").expect_code(0).json();
    assert_eq!(holidays["holidays"][0]["name"], "Thanksgiving Day");
    let run = sandbox.run("process --json").expect_code(0).json();
    assert_eq!(run["clients"][0]["blocked_by"], "window closed: holiday (Thanksgiving Day)");
}

#[test]
fn a_broken_calendar_stops_its_client_and_no_other() {
    let mut sandbox = sandbox("holiday_files = [\"us.ics\"]", &[THANKSGIVING]);
    sandbox.run("add -c acme lead-1").expect_code(0);
    sandbox.run("add -c beta lead-2").expect_code(0);
    sandbox.write("config/us.ics", calendar(&[WEEKLY]));
    let fault = "event `Day off`: `RRULE:FREQ=WEEKLY` is not understood";

    let dry = sandbox.run("process --dry-run --json").expect_code(0);
    assert_eq!(dry.json().as_array().unwrap().len(), 1, "{dry}");
    assert!(dry.stderr.contains(fault), "{dry}");
    let run = sandbox.run("process --json").expect_code(5);
    let report = run.json();
    assert_eq!(report["processed"], 1);
    let acme = &report["clients"][0];
    assert_eq!((acme["client_id"].as_str(), acme["processed"].as_u64()), (Some("acme"), Some(0)));
    assert!(acme["blocked_by"].as_str().unwrap().starts_with("configuration: "), "{acme}");
    assert!(acme["blocked_by"].as_str().unwrap().contains(fault), "{acme}");
    assert!(run.stderr.contains("nobody of client acme was called: ") && run.stderr.contains(fault), "{run}");
    assert_eq!(sandbox.run("list --json").json()[0]["status"], "pending", "the lead of acme is as it was");

    let why = sandbox.run("why 1 --json").expect_code(0).json();
    let closed: Vec<&Value> = why["gates"].as_array().unwrap().iter().filter(|gate| gate["open"] == false).collect();
    assert_eq!((closed.len(), closed[0]["gate"].as_str()), (1, Some("configuration")), "{why:#}");
    assert_eq!(why["next_call_at"], Value::Null);
    let sentence = sandbox.run("why 1").expect_code(0);
    assert!(lines(&sentence)[0].starts_with("wrong configuration: "), "{sentence}");
    assert_eq!(sandbox.run("list -c acme --json").json()[0]["next_call_at"], Value::Null);
    assert_eq!(sandbox.run("show 1 --json").json()["next_call_at"], Value::Null);

    for line in [
        "add -c acme lead-3",
        "schedule-batch -c acme lead-3",
        "hours -c acme",
        "holidays -c acme",
        "config list -c acme",
    ] {
        let refused = sandbox.run(line).expect_code(5);
        assert!(refused.stderr.contains(fault), "{line}: {refused}");
    }
    assert!(sandbox.run("update 1 -p high").expect_code(4).stderr.contains(fault));
    sandbox.run("add -c beta lead-3").expect_code(0);
    sandbox.run("config check").expect_code(5);
    sandbox.run("config set -c beta max_retries 1").expect_code(5);
    let doctor = sandbox.run("doctor").expect_code(1);
    assert!(doctor.stdout.contains("client acme is not called: "), "{doctor}");
    sandbox.run("cancel 1").expect_code(0);
    // Named although nothing of it is due, but not in a run of another client.
    sandbox.run("process").expect_code(5);
    sandbox.run("process -c beta").expect_code(0);

    sandbox.configure("[defaults]\nholiday_files = [\"us.ics\"]\n");
    let all = sandbox.run("process").expect_code(5);
    assert!(all.stderr.contains(fault) && all.stdout.is_empty(), "{all}");
}

#[test]
fn a_wrong_section_stops_its_client_and_no_other() {
    for wrong in ["timezone = \"Mars/Base\"", "max_concurent = 3", "business_hours.start = \"17:00\""] {
        let mut sandbox = Sandbox::new();
        let text = "[defaults.dispatch]\nkind = \"simulate\"\n";
        sandbox.configure(text);
        sandbox.run("add -c acme lead-1").expect_code(0);
        sandbox.run("add -c beta lead-2").expect_code(0);
        sandbox.configure(&format!("{text}[clients.acme]\n{wrong}\n"));
        let report = sandbox.run("process --json").expect_code(5).json();
        assert_eq!(report["processed"], 1, "{wrong}");
        let blocked = report["clients"][0]["blocked_by"].as_str().unwrap();
        assert!(blocked.contains("config.toml:4:"), "{wrong}: {blocked}");
    }
}
