//! `callq forecast`: what it prints, what it refuses, and that it changes nothing.

use serde_json::{Value, json};

use crate::support::Sandbox;

const CONFIG: &str = "
[clients.acme]
dispatch = { kind = \"simulate\" }
[clients.globex]
timezone = \"Asia/Tokyo\"
[clients.borealis]
dispatch = { kind = \"simulate\" }
";

/// Forty leads of acme, Monday at ten.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure(CONFIG);
    let leads: String = (1..=40).map(|lead| format!("lead-{lead}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f - --input lines", leads).expect_code(0);
    sandbox
}

fn forecast(sandbox: &Sandbox, words: &str) -> Value {
    sandbox.run(format!("forecast {words} --json")).expect_code(0).json()
}

#[test]
fn people_read_when_it_is_done_and_what_holds_it_back() {
    let sandbox = sandbox();
    let shown = sandbox.run("forecast -c acme --finish-by +6h").expect_code(0);
    assert_eq!(shown.stderr, "");
    let lines: Vec<&str> = shown.stdout.lines().collect();
    assert_eq!(lines[0], "acme: 40 leads wait, nobody new; 20 runs, seed 1; 8 of 10 runs lie in (..)");
    assert!(
        lines[1].starts_with("assumed, since 0 calls tell too little: 43.6 % completed, a call holds a line for 1 min")
    );
    assert!(lines[2].starts_with("done              Mon 2026-11-23 1"), "{}", lines[2]);
    assert!(lines[3].starts_with("calls             ") && lines[3].contains(" completed, "), "{}", lines[3]);
    assert!(lines[4].starts_with("a new lead waits  urgent 0 s, high "), "{}", lines[4]);
    assert!(shown.stdout.contains("\nby 16:00 EST      max_concurrent "), "{shown}");
    assert!(shown.stdout.contains("\nday             open  calls"), "{shown}");
    assert!(shown.stdout.contains("\nMon 2026-11-23   7 h"), "{shown}");
    let hours = sandbox.run("forecast -c acme --by hour").expect_code(0).stdout;
    assert!(hours.contains("\nMon 2026-11-23 10:00 EST  ") && hours.contains('█'), "{hours}");
    let csv = sandbox.run("forecast -c acme --format csv").expect_code(0).stdout;
    assert!(csv.starts_with("start,open_seconds,calls_p10,"), "{csv}");
    assert!(csv.contains("\r\n2026-11-23,25200,"), "{csv}");
}

#[test]
fn json_is_whole_and_the_same_seed_gives_the_same_bytes() {
    let sandbox = sandbox();
    let words = "forecast -c acme --runs 1 --json";
    let once = sandbox.run(words).expect_code(0).stdout;
    assert_eq!(sandbox.run(words).expect_code(0).stdout, once);
    assert_ne!(sandbox.run("forecast -c acme --runs 1 --seed 2 --json").expect_code(0).stdout, once);
    let view = forecast(&sandbox, "-c acme");
    assert_eq!((&view["waiting"], &view["runs"], &view["plan"]), (&json!(40), &json!(20), &Value::Null));
    assert_eq!((&view["done"]["share"], &view["items"]["left"]["p90"]), (&json!(1.0), &json!(0)));
    let [low, middle, high] = ["p10", "p50", "p90"].map(|part| view["done"][part].as_str().unwrap().to_owned());
    assert!(low <= middle && middle <= high && low.as_str() > "2026-11-23T15:00:00.000Z", "{view}");
    let once: Value = serde_json::from_str(&once).unwrap();
    let count = |name: &str| once["items"][name]["p50"].as_u64().unwrap();
    assert_eq!(count("completed") + count("failed") + count("expired") + count("left"), 40, "{once}");
}

#[test]
fn what_if_takes_keys_as_config_set_does_and_new_leads() {
    let sandbox = sandbox();
    let calls = |words: &str| {
        let until = "-c acme --until 2026-11-23T15:10:00Z";
        forecast(&sandbox, &format!("{until} {words}"))["calls"]["p50"].as_u64().unwrap()
    };
    let usual = calls("");
    assert!(calls("--what-if max_concurrent=1") * 2 < usual);
    assert_eq!(calls("--what-if max_per_minute=1"), 10);
    assert_eq!(calls("--what-if business_hours=11:00-17:00 --what-if aging=0"), 0);
    let view = forecast(&sandbox, "-c acme --what-if leads=30 --until +1d");
    assert!(view["calls"]["p50"].as_u64().unwrap() > usual && view["waiting"] == 40, "{view}");
    assert_eq!(sandbox.run("config get max_concurrent -c acme").expect_code(0).stdout, "5\n", "nothing is written");
    for (words, code, message) in [
        ("--what-if max_lines=3", 2, "max_lines"),
        ("--what-if max_concurrent", 2, "KEY=VALUE"),
        ("--what-if dispatch.breaker=3", 2, "`dispatch.breaker` changes no forecast"),
        ("--what-if leads=many", 2, "leads: write a whole number"),
        ("--what-if max_concurrent=none", 5, "max_concurrent"),
        ("--until 2020-01-01", 2, "--until: that time is past: Wed 2020-01-01 00:00 EST"),
        ("--what-if leads=1 --what-if leads=2", 2, "`leads` is named twice"),
        ("--finish-by someday", 2, "--finish-by: "),
        ("--confidence 2 --finish-by +1h", 2, "up to 1"),
        ("--runs 0", 2, "--runs"),
        ("--by week", 2, "week"),
    ] {
        let refused = sandbox.run(format!("forecast -c acme {words}")).expect_code(code);
        assert!(refused.stderr.contains(message) && refused.stdout.is_empty(), "{words}: {refused}");
    }
    let refused = sandbox.run("forecast --finish-by +1h").expect_code(2);
    assert!(refused.stderr.contains("--finish-by: a plan is for one client"), "{refused}");
    sandbox.run("forecast -c nobody").expect_code(3);
}

#[test]
fn a_plan_names_the_lines_or_the_gate_that_no_lines_pass() {
    let sandbox = sandbox();
    let lines = |words: &str| forecast(&sandbox, &format!("-c acme {words}"))["plan"].clone();
    let plan = lines("--finish-by +6h --confidence 0.5");
    assert!(plan["max_concurrent"].as_u64().is_some_and(|lines| (1..5).contains(&lines)), "{plan}");
    assert!(plan["share"].as_f64().unwrap() >= 0.5 && plan["held_back_by"].is_null(), "{plan}");
    let held = lines("--finish-by +20m --what-if max_per_minute=1");
    assert_eq!((&held["max_concurrent"], &held["held_back_by"]), (&Value::Null, &json!("max_per_minute")), "{held}");
    let shown = sandbox.run("forecast -c acme --finish-by +20m --what-if max_per_minute=1").expect_code(0).stdout;
    assert!(shown.contains("\nby 10:20 EST      no number of lines: max_per_minute\n"), "{shown}");
}

#[test]
fn nothing_waiting_no_dispatcher_and_a_pause_are_answers_too() {
    let sandbox = sandbox();
    let nothing = forecast(&sandbox, "-c borealis");
    assert_eq!((&nothing["waiting"], &nothing["done"]["p50"]), (&json!(0), &json!("2026-11-23T15:00:00.000Z")));
    assert_eq!(nothing["new_lead_wait_seconds"]["normal"], 0.0);
    sandbox.run("add -c globex one").expect_code(0);
    let undialled = forecast(&sandbox, "-c globex");
    assert_eq!(undialled["notes"], json!(["globex calls nobody now: it has no dispatcher; this is what it would do"]));
    assert_eq!(undialled["days"][0]["day"], "2026-11-24", "by the clock of Tokyo: {undialled}");
    let all = forecast(&sandbox, "");
    assert_eq!((&all["client_id"], &all["waiting"]), (&Value::Null, &json!(41)));
    sandbox.run("pause -c acme --until 2026-11-23T20:00:00Z").expect_code(0);
    let paused = forecast(&sandbox, "-c acme");
    assert!(paused["done"]["p10"].as_str().unwrap() > "2026-11-23T20:00:00.000Z", "{paused}");
    sandbox.run("pause -c acme").expect_code(0);
    let paused = forecast(&sandbox, "-c acme");
    assert_eq!(
        paused["notes"],
        json!(["acme calls nobody now: it is paused without an end; this is what it would do"])
    );
}

#[test]
fn it_learns_from_the_calls_that_were_made() {
    let mut sandbox = sandbox();
    sandbox.run("process -c acme").expect_code(0);
    sandbox.set_now("2026-11-23T15:30:00Z");
    sandbox.run("process -c acme").expect_code(0);
    let learned = forecast(&sandbox, "-c acme")["learned"].clone();
    assert!(learned["attempts"].as_u64().unwrap() >= 50 && learned["assumed"] == false, "{learned}");
    let seconds = learned["line_seconds"].as_f64().unwrap();
    assert!((30.0..120.0).contains(&seconds), "the simulated time counts: {learned}");
    let shown = sandbox.run("forecast -c acme").expect_code(0).stdout;
    assert!(shown.lines().nth(1).unwrap().starts_with("learned from "), "{shown}");
}
