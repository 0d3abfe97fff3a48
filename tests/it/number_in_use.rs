//! After an unknown outcome the person may still be on the line: nobody else is called at the number until a person
//! settles the call, or its longest time has passed.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::{Provider, Sandbox, eventually, side_by_side};

const NUMBER: &str = "+12125550101";

/// A sandbox whose leads named `lost…` end unknown and those named `later…` are accepted, with these lines in its table.
fn sandbox_with(more: &str) -> Sandbox {
    let mut sandbox = Sandbox::dialling();
    let program = sandbox.path("place-call");
    sandbox.open_with(&format!("kind = \"command\"\ncommand = [{program:?}]\n{more}"));
    sandbox
}

fn add(sandbox: &Sandbox, client: &str, lead: &str, phone: &str) {
    sandbox.run(["add", "-c", client, lead, "--phone", phone]).expect_code(0);
}

fn process(sandbox: &Sandbox) -> Value {
    sandbox.run("process --json").expect_code(0).json()
}

fn show(sandbox: &Sandbox, id: u64) -> Value {
    sandbox.run(["show", &id.to_string(), "--json"]).expect_code(0).json()
}

/// The verdict of a gate on an item.
fn gate(sandbox: &Sandbox, id: u64, name: &str) -> Value {
    let why = sandbox.run(["why", &id.to_string(), "--json"]).expect_code(0).json();
    why["gates"].as_array().unwrap().iter().find(|gate| gate["gate"] == name).unwrap().clone()
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap_or_else(|| panic!("{value}")).parse().unwrap()
}

/// The leads that a run would call.
fn would_call(sandbox: &Sandbox) -> Vec<String> {
    let items = sandbox.run("process --dry-run --json").expect_code(0).json();
    items.as_array().unwrap().iter().map(|item| item["lead_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_number_of_an_unknown_call_stays_taken_until_a_person_settles_it() {
    side_by_side(["report 1 --outcome completed", "retry 1"], |settle| {
        let sandbox = sandbox_with("");
        add(&sandbox, "acme", "lost", NUMBER);
        add(&sandbox, "globex", "second", NUMBER);
        add(&sandbox, "acme", "third", NUMBER);
        sandbox.run("process --limit 1").expect_code(0);
        // Whether a run has looked at an item or not, all say the same.
        for run in [false, true] {
            let report = if run { process(&sandbox) } else { json!({"processed": 0}) };
            assert_eq!(report["processed"], 0, "{report}");
            assert_eq!(would_call(&sandbox), Vec::<String>::new());
            for id in [2, 3] {
                let (closed, due) = (gate(&sandbox, id, "number_in_use"), gate(&sandbox, id, "due"));
                assert_eq!((&closed["open"], &due["open"]), (&json!(false), &json!(true)), "{due}");
                let detail = closed["detail"].as_str().unwrap();
                assert!(detail.starts_with("item 1 of client acme may still be on the line: its call of "), "{detail}");
                let taken = instant(&closed["until"]) - instant(&show(&sandbox, 1)["history"][0]["finished_at"]);
                assert_eq!(taken, TimeDelta::minutes(10), "the time of a program");
                let said = sandbox.run(["why", &id.to_string()]).stdout;
                assert!(said.starts_with("number in use: item 1 of client acme may still be on the line: "), "{said}");
                let why = sandbox.run(["why", &id.to_string(), "--json"]).json();
                assert_eq!((&why["callable"], &why["next_call_at"]), (&json!(false), &closed["until"]), "{why}");
                if run {
                    assert_eq!(show(&sandbox, id)["next_call_at"], closed["until"]);
                    assert_eq!(report["next_call_at"], closed["until"]);
                }
            }
        }
        sandbox.run(settle).expect_code(0);
        for id in [2, 3] {
            assert_eq!(gate(&sandbox, id, "number_in_use")["open"], json!(true), "{settle}");
        }
        if settle.starts_with("report") {
            assert_eq!(process(&sandbox)["successful"], 2);
        } else {
            assert_eq!(would_call(&sandbox).len(), 3);
        }
    });
}

#[test]
fn a_call_that_was_handed_over_keeps_its_number_for_the_time_of_a_call() {
    let sandbox = sandbox_with("call_timeout = \"3s\"\ntimeout = \"1h\"");
    add(&sandbox, "acme", "later", NUMBER);
    process(&sandbox);
    add(&sandbox, "globex", "second", NUMBER);
    eventually("the call is overdue", || process(&sandbox)["recovered"] == 1);
    let (first, closed) = (show(&sandbox, 1), gate(&sandbox, 2, "number_in_use"));
    assert_eq!(first["history"][0]["outcome"], "unknown", "{first}");
    // On a busy machine the time has passed by now.
    if closed["open"] == false {
        assert_eq!(instant(&closed["until"]) - instant(&first["history"][0]["finished_at"]), TimeDelta::seconds(3));
    }
    eventually("the number is free", || process(&sandbox)["successful"] == 1);
    let began = instant(&show(&sandbox, 2)["history"][0]["started_at"]);
    assert!(began - instant(&first["history"][0]["finished_at"]) >= TimeDelta::seconds(3));
}

#[test]
fn a_call_of_the_provider_keeps_its_number_for_the_time_of_a_call() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    add(&sandbox, "acme", "first", NUMBER);
    process(&sandbox);
    let end = json!({"call_status": "ended", "disconnection_reason": "error_user_not_joined", "call_analysis": {}});
    provider.set_call("call_1", &end);
    add(&sandbox, "acme", "second", NUMBER);
    let report = process(&sandbox);
    assert_eq!((&report["settled"], &report["held_items"], &report["processed"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(provider.created(), [1]);
    let taken = instant(&gate(&sandbox, 2, "number_in_use")["until"]);
    assert_eq!(taken - instant(&show(&sandbox, 1)["history"][0]["finished_at"]), TimeDelta::hours(2));
}

#[test]
fn watch_calls_the_next_one_when_the_number_becomes_free() {
    let sandbox = sandbox_with("timeout = \"2s\"");
    add(&sandbox, "acme", "lost", NUMBER);
    add(&sandbox, "globex", "second", NUMBER);
    let watch = sandbox.spawn("watch --interval 1h");
    eventually("the second lead is called", || sandbox.status(2) == "completed");
    drop(watch);
    let (lost, second) = (show(&sandbox, 1), show(&sandbox, 2));
    let wait = instant(&second["history"][0]["started_at"]) - instant(&lost["history"][0]["finished_at"]);
    assert!(wait >= TimeDelta::seconds(2), "{wait}");
    assert_eq!(sandbox.status(1), "failed, held");
}

#[test]
fn the_items_own_retry_is_not_held_by_it() {
    let mut sandbox = sandbox_with("");
    let program = sandbox.path("place-call");
    let table = format!("kind = \"command\"\ncommand = [{program:?}]\non_unknown = \"retry\"");
    sandbox.configure(&Sandbox::always_open(&table).replace("retry_delays = [60]", "retry_delays = [0]"));
    add(&sandbox, "acme", "lost", NUMBER);
    add(&sandbox, "globex", "second", NUMBER);
    assert_eq!(process(&sandbox)["processed"], 4);
    assert_eq!((show(&sandbox, 1)["attempts"].clone(), sandbox.status(2)), (json!(4), "pending".to_owned()));
}

#[test]
fn another_number_is_called_at_once() {
    let sandbox = sandbox_with("");
    add(&sandbox, "acme", "lost", NUMBER);
    add(&sandbox, "globex", "second", NUMBER);
    assert_eq!(process(&sandbox)["processed"], 1);
    sandbox.run("update 2 --phone +12125550102").expect_code(0);
    assert_eq!(process(&sandbox)["successful"], 1);
}

#[test]
fn a_thousand_leads_of_one_taken_number_starve_no_other() {
    let sandbox = sandbox_with("");
    add(&sandbox, "acme", "lost", NUMBER);
    assert_eq!(process(&sandbox)["held"], 1);
    let leads: String = (0..1_200).map(|n| format!("lead-{n},{NUMBER}\n")).collect();
    let file = format!("lead_id,phone\n{leads}last,+12125550199\n");
    sandbox.run_with_input("schedule-batch -c acme --input csv -f -", file).expect_code(0);
    let report = process(&sandbox);
    assert_eq!((&report["processed"], &report["successful"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(sandbox.status(1_202), "completed");
    assert_eq!(would_call(&sandbox), Vec::<String>::new());
    sandbox.run("report 1 --outcome completed").expect_code(0);
    assert_eq!(would_call(&sandbox).len(), 1_200);
}
