//! callq is killed at each step of the exchange with the provider: no call is placed twice, no lead is lost, and whatever the
//! provider knows is found out.

use std::collections::BTreeMap;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Bench, Fault, Provider, eventually};

const CREATE: &str = "create-phone-call";
const LIST: &str = "list-calls";

fn count(provider: &Provider, path: &str) -> usize {
    provider.asked().iter().filter(|asked| asked.what.contains(path)).count()
}

/// Starts a run, and kills it as soon as `is_there`.
fn kill_when(bench: &Bench, what: &str, is_there: impl Fn() -> bool) {
    let run = bench.spawn(["process"]);
    eventually(what, is_there);
    run.signal(Signal::KILL);
    assert_eq!(run.finish().code, 137);
}

fn process(bench: &Bench) -> Value {
    bench.run(["process", "--json"]).expect_code(0).json()
}

/// How many items are in each status.
fn statuses(bench: &Bench) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for id in bench.items().keys() {
        *counts.entry(bench.status(*id)).or_default() += 1;
    }
    counts
}

/// Asserts that the provider made at most one call of each attempt.
fn assert_no_call_twice(provider: &Provider) {
    assert!(provider.created().iter().all(|calls| *calls == 1), "{:?}", provider.created());
}

#[test]
fn killed_before_the_provider_is_asked_for_a_call_nothing_was_begun() {
    let provider = Provider::start();
    let bench = Bench::placing(&provider, 1);
    bench.queue(1);
    provider.fault("get-concurrency", [Fault::Hang]);
    kill_when(&bench, "the account is asked about", || count(&provider, "get-concurrency") == 1);
    assert_eq!((bench.status(1).as_str(), count(&provider, CREATE)), ("pending", 0));
    assert_eq!(process(&bench)["accepted"], 1);
    assert_eq!(provider.created(), [1]);
}

#[test]
fn killed_with_an_answer_to_come_the_call_is_found_and_goes_on() {
    let provider = Provider::start();
    let bench = Bench::placing(&provider, 1);
    bench.queue(1);
    provider.fault(CREATE, [Fault::Hang]);
    let run = bench.spawn(["process"]);
    provider.await_created(1);
    run.signal(Signal::KILL);
    run.finish();
    let report = process(&bench);
    assert_eq!((&report["recovered"], &report["held_items"]), (&json!(1), &json!(0)));
    let shown = bench.run(["show", "1", "--json"]).json();
    assert_eq!((&shown["status"], &shown["history"][0]["call_id"]), (&json!("in_progress"), &json!("call_1")));
    provider.set_call("call_1", &json!({"call_status": "not_connected", "disconnection_reason": "dial_busy"}));
    assert_eq!(process(&bench)["settled"], 1);
    assert_eq!((bench.status(1).as_str(), count(&provider, CREATE)), ("retry_scheduled", 1));
}

#[test]
fn killed_while_its_request_is_on_its_way_the_lead_is_held_and_not_called_again() {
    let provider = Provider::start();
    let bench = Bench::placing(&provider, 1);
    bench.queue(1);
    provider.fault(CREATE, [Fault::DropBefore]);
    // The request is lost. Its run is killed while it finds that out, which is all that is seen of a late one too.
    provider.fault(LIST, [Fault::Hang]);
    kill_when(&bench, "the call is looked up", || count(&provider, LIST) == 1);
    let report = process(&bench);
    assert_eq!((&report["recovered"], &report["held_items"]), (&json!(1), &json!(1)));
    let shown = bench.run(["show", "1", "--json"]).json();
    let detail = shown["history"][0]["detail"].as_str().unwrap();
    assert!(detail.ends_with("; the provider has no call of it"), "{detail}");
    process(&bench);
    assert_eq!((bench.status(1).as_str(), count(&provider, CREATE)), ("failed, held", 1), "recovery places no call");
    bench.run(["retry", "1"]).expect_code(0);
    assert_eq!(process(&bench)["accepted"], 1);
    assert_no_call_twice(&provider);
}

#[test]
fn a_request_that_arrives_after_the_kill_makes_one_call_and_no_other_follows() {
    let provider = Provider::start();
    let bench = Bench::placing(&provider, 1);
    bench.queue(1);
    provider.fault(CREATE, [Fault::Late]);
    kill_when(&bench, "the request is sent", || count(&provider, CREATE) == 1);
    process(&bench);
    provider.await_created(1);
    process(&bench);
    assert_eq!(count(&provider, CREATE), 1);
    assert!(["in_progress", "failed, held"].contains(&bench.status(1).as_str()), "{}", bench.status(1));
}

#[test]
fn killed_with_an_answer_that_is_not_on_record_the_call_is_found() {
    let provider = Provider::start();
    let bench = Bench::placing(&provider, 1);
    bench.queue(1);
    provider.fault(CREATE, [Fault::Wait]);
    let run = bench.spawn(["process"]);
    provider.await_created(1);
    // Another program writes: what the provider answers cannot be recorded.
    let other = rusqlite::Connection::open(bench.database()).unwrap();
    eventually("the other program has its turn", || other.execute_batch("BEGIN IMMEDIATE").is_ok());
    provider.let_go();
    run.signal(Signal::KILL);
    run.finish();
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(process(&bench)["recovered"], 1);
    assert_eq!((bench.status(1).as_str(), provider.created()), ("in_progress", vec![1]));
}

#[test]
fn killed_while_it_asks_for_results_nothing_is_lost() {
    let provider = Provider::start();
    let bench = Bench::placing(&provider, 1);
    bench.queue(1);
    process(&bench);
    provider.set_call("call_1", &json!({"call_status": "not_connected", "disconnection_reason": "dial_busy"}));
    provider.fault("get-call", [Fault::Hang]);
    kill_when(&bench, "the result is asked for", || count(&provider, "get-call") == 1);
    assert_eq!(bench.status(1), "in_progress");
    assert_eq!(process(&bench)["settled"], 1);
    assert_eq!((bench.status(1).as_str(), provider.created()), ("retry_scheduled", vec![1]));
}

#[test]
fn of_many_calls_those_that_were_sent_are_found_and_the_others_cost_nothing() {
    let provider = Provider::start();
    let mut bench = Bench::placing(&provider, 20);
    bench.queue_accounts(&provider, 20, 15);
    bench.queue(5);
    // One of each account is placed at once; the others wait for their turn.
    provider.fault(CREATE, vec![Fault::Hang; 16]);
    let run = bench.spawn(["process"]);
    provider.await_created(16);
    run.signal(Signal::KILL);
    run.finish();
    let report = process(&bench);
    assert_eq!((&report["recovered"], &report["held_items"]), (&json!(20), &json!(0)));
    assert_eq!(statuses(&bench), BTreeMap::from([("in_progress".to_owned(), 16), ("pending".to_owned(), 4)]));
    assert!(bench.items().values().all(|item| item["retry_count"] == 0));
    assert_eq!(provider.created(), [1; 16]);
}

#[test]
fn a_provider_that_gives_no_answer_after_a_crash_holds_the_leads_and_is_not_asked_for_ever() {
    let provider = Provider::start();
    let mut bench = Bench::placing(&provider, 10);
    bench.queue_accounts(&provider, 10, 10);
    provider.fault(CREATE, vec![Fault::Hang; 10]);
    let run = bench.spawn(["process"]);
    provider.await_created(10);
    run.signal(Signal::KILL);
    run.finish();
    // They were placed at once by as many accounts; now it is one.
    bench.place_with(&provider, 10, "");
    provider.fault(LIST, vec![Fault::Status(503, "", ""); 10]);
    let report = process(&bench);
    assert_eq!((&report["recovered"], &report["held_items"]), (&json!(10), &json!(10)));
    assert_eq!(count(&provider, LIST), 3);
    process(&bench);
    assert_eq!(provider.created(), [1; 10]);
}
