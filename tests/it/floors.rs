//! No lead is tried again within a second, whatever the dispatcher and the configuration say: runs that would never end.

use std::fs;
use std::time::Instant;

use callq::clock::{Clock, SystemClock};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::{Fault, Provider, Sandbox, eventually, side_by_side};

const CREATE: &str = "create-phone-call";

/// A sandbox whose calls are placed by a shell script with this body, which may ask for the lead as `$1`. Failed calls are
/// repeated at once, and no run takes longer than some seconds, also where it would never end.
fn sandbox_with(body: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_NOW");
    let program = sandbox.script("place-call", &format!("echo $1 >> starts\n{body}"));
    configure(&mut sandbox, &format!("kind = \"command\"\ncommand = [{program:?}, \"{{lead_id}}\"]"));
    sandbox
}

fn configure(sandbox: &mut Sandbox, dispatch: &str) {
    sandbox.configure(&Sandbox::always_open(dispatch).replace("retry_delays = [60]", "retry_delays = [0]"));
}

fn add(sandbox: &Sandbox, client: &str, lead: &str) -> String {
    sandbox.run(["add", "-c", client, lead, "--json"]).expect_code(0).json()["id"].to_string()
}

fn process(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    sandbox
        .run(["process", "--json", "--max-runtime", "3s"].iter().chain(arguments).collect::<Vec<_>>())
        .expect_code(0)
        .json()
}

/// How often the program was started for a lead.
fn starts(sandbox: &Sandbox, lead: &str) -> usize {
    fs::read_to_string(sandbox.path("starts")).unwrap().lines().filter(|line| *line == lead).count()
}

/// What the report says of clocks, each with its lead.
fn clocks(report: &Value) -> Vec<String> {
    let errors = report["errors"].as_array().unwrap().iter();
    let of_clocks = errors.filter(|error| error["reason"].as_str().unwrap().contains("clock is wrong"));
    let mut leads: Vec<String> = of_clocks.map(|error| error["lead_id"].as_str().unwrap().to_owned()).collect();
    leads.sort_unstable();
    leads
}

/// What the gate `due` says.
fn due_gate(why: &Value) -> &Value {
    why["gates"].as_array().unwrap().iter().find(|gate| gate["gate"] == "due").unwrap()
}

#[test]
fn a_lead_that_is_given_back_waits_a_second_whatever_is_asked_for() {
    side_by_side(["exit 75", r#"echo '{"outcome": "returned", "retry_at": "2020-01-01T00:00:00Z"}'"#], |body| {
        let sandbox = sandbox_with(body);
        let id = add(&sandbox, "acme", "lead");
        let report = process(&sandbox, &[]);
        assert_eq!((&report["processed"], &report["stopped_by"]), (&json!(1), &json!("drained")), "{body}: {report}");
        assert_eq!(clocks(&report).len(), usize::from(body.contains("retry_at")), "{report}");
        let item = sandbox.run(["show", &id, "--json"]).json();
        assert_eq!((&item["status"], &item["retry_count"]), (&json!("pending"), &json!(0)));
    });
}

#[test]
fn a_run_that_goes_on_tries_it_once_a_second() {
    let sandbox = sandbox_with("[ $1 != open ] || { echo '{\"outcome\": \"accepted\"}'; exit; }; exit 75");
    add(&sandbox, "acme", "open");
    add(&sandbox, "other", "full");
    let began = Instant::now();
    process(&sandbox, &["--wait"]);
    let seconds = began.elapsed().as_secs();
    let starts = starts(&sandbox, "full");
    assert!((1..=1 + usize::try_from(seconds).unwrap()).contains(&starts), "{starts} starts in {seconds} s");
}

#[test]
fn a_later_time_of_the_dispatcher_counts_and_an_earlier_one_than_the_delay_does_not() {
    let mut sandbox = sandbox_with(r#"echo "{\"outcome\": \"returned\", \"retry_at\": \"$1\"}""#);
    let soon = SystemClock.now() + TimeDelta::seconds(30);
    let soon = soon.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    for (delay, lead, expected) in
        [("0", soon.as_str(), "soon"), ("60", soon.as_str(), "delay"), ("0", "2999-01-01T00:00:00Z", "far")]
    {
        let program = sandbox.path("place-call");
        let dispatch = format!("kind = \"command\"\ncommand = [{program:?}, \"{{lead_id}}\"]");
        sandbox.configure(&Sandbox::always_open(&dispatch).replace("[60]", &format!("[{delay}]")));
        let id = add(&sandbox, expected, lead);
        let report = process(&sandbox, &[]);
        assert_eq!((&report["processed"], clocks(&report)), (&json!(1), vec![]), "{report}");
        let why = sandbox.run(["why", &id, "--json"]).expect_code(0).json();
        let due: DateTime<Utc> = due_gate(&why)["until"].as_str().unwrap().parse().unwrap();
        let asked: DateTime<Utc> = lead.parse().unwrap();
        match expected {
            "delay" => assert!(due > asked + TimeDelta::minutes(20), "{why}"),
            _ => assert_eq!(due, asked, "{why}"),
        }
    }
}

#[test]
fn a_time_in_the_past_is_a_wrong_clock_and_the_retry_delay_counts() {
    let mut sandbox = sandbox_with(r#"echo '{"outcome": "retry", "retry_at": "2020-01-01T00:00:00Z"}'"#);
    let program = sandbox.path("place-call");
    sandbox.open_with(&format!("kind = \"command\"\ncommand = [{program:?}, \"{{lead_id}}\"]"));
    let ids =
        [("acme", "first"), ("acme", "second"), ("other", "third")].map(|(client, lead)| add(&sandbox, client, lead));
    let report = process(&sandbox, &[]);
    assert_eq!((&report["processed"], &report["retried"]), (&json!(3), &json!(3)), "{report}");
    assert_eq!(clocks(&report), ["first", "third"], "of each client one is named");
    let reason = report["errors"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("it asked for the next call at 2020-01-01T00:00:00.000Z, when it was 20"), "{reason}");
    for id in ids {
        let item = sandbox.run(["show", &id, "--json"]).json();
        assert_eq!((&item["status"], &item["attempts"]), (&json!("retry_scheduled"), &json!(1)));
        let at = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        let delay = at(&item["scheduled_at"]) - at(&item["history"][0]["finished_at"]);
        assert_eq!(delay.num_minutes(), 60, "{item}");
    }
}

#[test]
fn a_reported_time_in_the_past_is_named_and_the_retry_delay_counts() {
    let mut sandbox = sandbox_with("echo '{\"outcome\": \"accepted\"}'");
    let program = sandbox.path("place-call");
    sandbox.open_with(&format!("kind = \"command\"\ncommand = [{program:?}, \"{{lead_id}}\"]"));
    let id = add(&sandbox, "acme", "lead");
    process(&sandbox, &[]);
    let line = json!({"id": 1, "outcome": "retry", "retry_at": "2020-01-01T00:00:00Z"}).to_string();
    let run = sandbox.run_with_input("report --input jsonl --json", line).expect_code(0);
    assert!(run.stderr.starts_with("line 1: item 1 (lead): the dispatcher's clock is wrong: "), "{run}");
    let why = sandbox.run(["why", &id, "--json"]).expect_code(0).json();
    assert_eq!(due_gate(&why)["open"], json!(false), "{why}");
}

#[test]
fn a_refusal_for_the_moment_that_names_no_time_to_come_makes_the_client_wait_as_usual() {
    for header in [
        "retry-after: 0\r\n",
        "retry-after: -5\r\n",
        "retry-after: 0.0\r\n",
        "retry-after-ms: 0\r\n",
        "retry-after: Wed, 21 Oct 2015 07:28:00 GMT\r\n",
    ] {
        let provider = Provider::start();
        let mut sandbox = Sandbox::placing(&provider, 1);
        let url = provider.base_url();
        configure(&mut sandbox, &format!("kind = \"retell\"\nbase_url = {url:?}\nfrom_number = \"+12125550000\""));
        provider.fault(CREATE, vec![Fault::Status(429, header, ""); 20]);
        sandbox.queue(2);
        let report = process(&sandbox, &[]);
        let asked = provider.asked().iter().filter(|asked| asked.what.contains(CREATE)).count();
        assert_eq!((asked, &report["returned"], clocks(&report)), (1, &json!(1), vec![]), "{header}: {report}");
    }
}

#[test]
fn without_a_delay_each_budget_ends() {
    for (body, on_unknown, held) in [("exit 10", "hold", false), ("exit 1", "retry", true)] {
        let mut sandbox = sandbox_with(body);
        let program = sandbox.path("place-call");
        let dispatch = format!("kind = \"command\"\ncommand = [{program:?}, \"{{lead_id}}\"]");
        configure(&mut sandbox, &format!("{dispatch}\non_unknown = {on_unknown:?}"));
        let id = add(&sandbox, "acme", "lead");
        let report = process(&sandbox, &[]);
        assert_eq!((starts(&sandbox, "lead"), &report["stopped_by"]), (4, &json!("drained")), "{report}");
        let item = sandbox.run(["show", &id, "--json"]).json();
        assert_eq!((&item["status"], &item["held"]), (&json!("failed"), &json!(held)));
    }
}

#[test]
fn a_lead_whose_dispatcher_is_at_fault_is_tried_once_in_a_run() {
    let mut sandbox = sandbox_with("[ $1 != open ] || { echo '{\"outcome\": \"accepted\"}'; exit; }; exit 69");
    let program = sandbox.path("place-call");
    let dispatch = format!("kind = \"command\"\ncommand = [{program:?}, \"{{lead_id}}\"]");
    configure(&mut sandbox, &format!("{dispatch}\nbreaker = 1000"));
    add(&sandbox, "acme", "open");
    add(&sandbox, "other", "lead");
    process(&sandbox, &["--wait"]);
    assert_eq!(starts(&sandbox, "lead"), 1);
    // The next turn of `watch` comes after its interval and no sooner.
    let began = Instant::now();
    let mut watch = sandbox.spawn("watch --interval 1s --format jsonl");
    (0..3).for_each(|_| _ = watch.next_line());
    let turns = usize::try_from(began.elapsed().as_secs()).unwrap() + 1;
    assert!(starts(&sandbox, "lead") <= 1 + turns + 1, "{} starts", starts(&sandbox, "lead"));
}

#[test]
fn two_watches_do_not_wake_each_other_for_ever_over_a_dispatcher_at_fault() {
    let sandbox = sandbox_with("exit 69");
    add(&sandbox, "acme", "lead");
    let began = Instant::now();
    let watches = [(); 2].map(|()| sandbox.spawn("watch --interval 1h"));
    eventually("both have had their turns", || began.elapsed().as_secs() >= 6 && sandbox.path("starts").exists());
    let turns = watches.len() * (began.elapsed().as_secs() as usize / 5 + 1);
    assert!((1..=turns).contains(&starts(&sandbox, "lead")), "{} starts", starts(&sandbox, "lead"));
}
