//! After an unknown outcome the person may still be on the line: nobody else is called at the number until a person
//! settles the call, or its longest time has passed.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::{Bench, Provider, eventually};

const NUMBER: &str = "+12125550101";

/// A bench whose leads named `lost…` end unknown and those named `later…` are accepted, with these lines in its table.
fn bench_with(more: &str) -> Bench {
    let mut bench = Bench::dialling();
    let program = bench.path("place-call");
    bench.open_with(&format!("kind = \"command\"\ncommand = [{program:?}]\n{more}"));
    bench
}

fn add(bench: &Bench, client: &str, lead: &str, phone: &str) {
    bench.run(["add", "-c", client, lead, "--phone", phone]).expect_code(0);
}

fn process(bench: &Bench) -> Value {
    bench.run(["process", "--json"]).expect_code(0).json()
}

fn show(bench: &Bench, id: u64) -> Value {
    bench.run(["show", &id.to_string(), "--json"]).expect_code(0).json()
}

/// The verdict of a gate on an item.
fn gate(bench: &Bench, id: u64, name: &str) -> Value {
    let why = bench.run(["why", &id.to_string(), "--json"]).expect_code(0).json();
    why["gates"].as_array().unwrap().iter().find(|gate| gate["gate"] == name).unwrap().clone()
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap_or_else(|| panic!("{value}")).parse().unwrap()
}

/// The leads that a run would call.
fn would_call(bench: &Bench) -> Vec<String> {
    let items = bench.run(["process", "--dry-run", "--json"]).expect_code(0).json();
    items.as_array().unwrap().iter().map(|item| item["lead_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_number_of_an_unknown_call_stays_taken_until_a_person_settles_it() {
    for settle in ["report 1 --outcome completed", "retry 1"] {
        let bench = bench_with("");
        add(&bench, "acme", "lost", NUMBER);
        add(&bench, "globex", "second", NUMBER);
        add(&bench, "acme", "third", NUMBER);
        bench.run(["process", "--limit", "1"]).expect_code(0);
        // Whether a run has looked at an item or not, all say the same.
        for run in [false, true] {
            let report = if run { process(&bench) } else { json!({"processed": 0}) };
            assert_eq!(report["processed"], 0, "{report}");
            assert_eq!(would_call(&bench), Vec::<String>::new());
            for id in [2, 3] {
                let (closed, due) = (gate(&bench, id, "number_in_use"), gate(&bench, id, "due"));
                assert_eq!((&closed["open"], &due["open"]), (&json!(false), &json!(true)), "{due}");
                let detail = closed["detail"].as_str().unwrap();
                assert!(detail.starts_with("item 1 of client acme may still be on the line: its call of "), "{detail}");
                let taken = instant(&closed["until"]) - instant(&show(&bench, 1)["history"][0]["finished_at"]);
                assert_eq!(taken, TimeDelta::minutes(10), "the time of a program");
                let said = bench.run(["why", &id.to_string()]).stdout;
                assert!(said.starts_with("number in use: item 1 of client acme may still be on the line: "), "{said}");
                let why = bench.run(["why", &id.to_string(), "--json"]).json();
                assert_eq!((&why["callable"], &why["next_call_at"]), (&json!(false), &closed["until"]), "{why}");
                if run {
                    assert_eq!(show(&bench, id)["next_call_at"], closed["until"]);
                    assert_eq!(report["next_call_at"], closed["until"]);
                }
            }
        }
        bench.callq_line(settle).expect_code(0);
        for id in [2, 3] {
            assert_eq!(gate(&bench, id, "number_in_use")["open"], json!(true), "{settle}");
        }
        if settle.starts_with("report") {
            assert_eq!(process(&bench)["successful"], 2);
        } else {
            assert_eq!(would_call(&bench).len(), 3);
        }
    }
}

#[test]
fn a_call_that_was_handed_over_keeps_its_number_for_the_time_of_a_call() {
    let bench = bench_with("call_timeout = \"3s\"\ntimeout = \"1h\"");
    add(&bench, "acme", "later", NUMBER);
    process(&bench);
    add(&bench, "globex", "second", NUMBER);
    eventually("the call is overdue", || process(&bench)["recovered"] == 1);
    let (first, closed) = (show(&bench, 1), gate(&bench, 2, "number_in_use"));
    assert_eq!(first["history"][0]["outcome"], "unknown", "{first}");
    // On a busy machine the time has passed by now.
    if closed["open"] == false {
        assert_eq!(instant(&closed["until"]) - instant(&first["history"][0]["finished_at"]), TimeDelta::seconds(3));
    }
    eventually("the number is free", || process(&bench)["successful"] == 1);
    let began = instant(&show(&bench, 2)["history"][0]["started_at"]);
    assert!(began - instant(&first["history"][0]["finished_at"]) >= TimeDelta::seconds(3));
}

#[test]
fn a_call_of_the_provider_keeps_its_number_for_the_time_of_a_call() {
    let provider = Provider::start();
    let bench = Bench::placing(&provider, 1);
    add(&bench, "acme", "first", NUMBER);
    process(&bench);
    let end = json!({"call_status": "ended", "disconnection_reason": "error_user_not_joined", "call_analysis": {}});
    provider.set_call("call_1", &end);
    add(&bench, "acme", "second", NUMBER);
    let report = process(&bench);
    assert_eq!((&report["settled"], &report["held_items"], &report["processed"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(provider.created(), [1]);
    let taken = instant(&gate(&bench, 2, "number_in_use")["until"]);
    assert_eq!(taken - instant(&show(&bench, 1)["history"][0]["finished_at"]), TimeDelta::hours(2));
}

#[test]
fn watch_calls_the_next_one_when_the_number_becomes_free() {
    let bench = bench_with("timeout = \"2s\"");
    add(&bench, "acme", "lost", NUMBER);
    add(&bench, "globex", "second", NUMBER);
    let watch = bench.spawn(["watch", "--interval", "1h"]);
    eventually("the second lead is called", || bench.status(2) == "completed");
    drop(watch);
    let (lost, second) = (show(&bench, 1), show(&bench, 2));
    let wait = instant(&second["history"][0]["started_at"]) - instant(&lost["history"][0]["finished_at"]);
    assert!(wait >= TimeDelta::seconds(2), "{wait}");
    assert_eq!(bench.status(1), "failed, held");
}

#[test]
fn the_items_own_retry_is_not_held_by_it() {
    let mut bench = bench_with("");
    let program = bench.path("place-call");
    let table = format!("kind = \"command\"\ncommand = [{program:?}]\non_unknown = \"retry\"");
    bench.configure(&Bench::always_open(&table).replace("retry_delays = [60]", "retry_delays = [0]"));
    add(&bench, "acme", "lost", NUMBER);
    add(&bench, "globex", "second", NUMBER);
    assert_eq!(process(&bench)["processed"], 4);
    assert_eq!((show(&bench, 1)["attempts"].clone(), bench.status(2)), (json!(4), "pending".to_owned()));
}

#[test]
fn another_number_is_called_at_once() {
    let bench = bench_with("");
    add(&bench, "acme", "lost", NUMBER);
    add(&bench, "globex", "second", NUMBER);
    assert_eq!(process(&bench)["processed"], 1);
    bench.run(["update", "2", "--phone", "+12125550102"]).expect_code(0);
    assert_eq!(process(&bench)["successful"], 1);
}

#[test]
fn a_thousand_leads_of_one_taken_number_starve_no_other() {
    let bench = bench_with("");
    add(&bench, "acme", "lost", NUMBER);
    assert_eq!(process(&bench)["held"], 1);
    let leads: String = (0..1_200).map(|n| format!("lead-{n},{NUMBER}\n")).collect();
    let file = format!("lead_id,phone\n{leads}last,+12125550199\n");
    bench.run_with_input(["schedule-batch", "-c", "acme", "--input", "csv", "-f", "-"], file).expect_code(0);
    let report = process(&bench);
    assert_eq!((&report["processed"], &report["successful"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(bench.status(1_202), "completed");
    assert_eq!(would_call(&bench), Vec::<String>::new());
    bench.callq_line("report 1 --outcome completed").expect_code(0);
    assert_eq!(would_call(&bench).len(), 1_200);
}
