//! callq is killed at each step of the exchange with the provider: no call is placed twice, no lead is lost, and whatever the
//! provider knows is found out.

use std::collections::BTreeMap;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Fault, Provider, Sandbox, eventually};

const CREATE: &str = "create-phone-call";
const LIST: &str = "list-calls";

fn count(provider: &Provider, path: &str) -> usize {
    provider.asked().iter().filter(|asked| asked.what.contains(path)).count()
}

/// Starts a run, and kills it as soon as `is_there`.
fn kill_when(sandbox: &Sandbox, what: &str, is_there: impl Fn() -> bool) {
    let run = sandbox.spawn("process");
    eventually(what, is_there);
    run.signal(Signal::KILL);
    assert_eq!(run.finish().code, 137);
}

fn process(sandbox: &Sandbox) -> Value {
    sandbox.run("process --json").expect_code(0).json()
}

/// The list of calls lags: it does not hold any of them yet.
const LAGS: Fault = Fault::Says(r#"{"items": [], "has_more": false}"#);

/// Changes the database behind callq's back: nobody may dial under another clock than the machine's.
fn tamper(sandbox: &Sandbox, sql: &str) {
    assert_eq!(rusqlite::Connection::open(sandbox.database()).unwrap().execute(sql, []).unwrap(), 1, "{sql}");
}

/// It was two minutes ago that the provider was asked first.
fn two_minutes_pass(sandbox: &Sandbox) {
    tamper(sandbox, "UPDATE attempts SET first_asked_at = first_asked_at - 120000 WHERE first_asked_at IS NOT NULL");
}

/// A sandbox whose only call was asked for by a run that is gone; the provider has it.
fn interrupted(provider: &Provider) -> Sandbox {
    let sandbox = Sandbox::placing(provider, 1);
    sandbox.queue(1);
    provider.fault(CREATE, [Fault::Hang]);
    let run = sandbox.spawn("process");
    provider.await_created(1);
    run.signal(Signal::KILL);
    run.finish();
    sandbox
}

/// How many items are in each status.
fn statuses(sandbox: &Sandbox) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for id in sandbox.items().keys() {
        *counts.entry(sandbox.status(*id)).or_default() += 1;
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
    let sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    provider.fault("get-concurrency", [Fault::Hang]);
    kill_when(&sandbox, "the account is asked about", || count(&provider, "get-concurrency") == 1);
    assert_eq!((sandbox.status(1).as_str(), count(&provider, CREATE)), ("pending", 0));
    assert_eq!(process(&sandbox)["accepted"], 1);
    assert_eq!(provider.created(), [1]);
}

#[test]
fn killed_with_an_answer_to_come_the_call_is_found_and_goes_on() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    provider.fault(CREATE, [Fault::Hang]);
    let run = sandbox.spawn("process");
    provider.await_created(1);
    run.signal(Signal::KILL);
    run.finish();
    let report = process(&sandbox);
    assert_eq!((&report["recovered"], &report["held_items"]), (&json!(1), &json!(0)));
    let shown = sandbox.run("show 1 --json").json();
    assert_eq!((&shown["status"], &shown["history"][0]["call_id"]), (&json!("in_progress"), &json!("call_1")));
    provider.set_call("call_1", &json!({"call_status": "not_connected", "disconnection_reason": "dial_busy"}));
    assert_eq!(process(&sandbox)["settled"], 1);
    assert_eq!((sandbox.status(1).as_str(), count(&provider, CREATE)), ("retry_scheduled", 1));
}

#[test]
fn killed_while_its_request_is_on_its_way_the_lead_is_held_and_not_called_again() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    provider.fault(CREATE, [Fault::DropBefore]);
    // The request is lost. Its run is killed while it finds that out, which is all that is seen of a late one too.
    provider.fault(LIST, [Fault::Hang]);
    kill_when(&sandbox, "the call is looked up", || count(&provider, LIST) == 1);
    let report = process(&sandbox);
    assert_eq!((&report["recovered"], &report["held_items"]), (&json!(0), &json!(0)));
    assert_eq!(report["errors"][0]["reason"], "its call is being looked up: the provider does not list it yet");
    two_minutes_pass(&sandbox);
    let report = process(&sandbox);
    assert_eq!((&report["recovered"], &report["held_items"]), (&json!(1), &json!(1)));
    let shown = sandbox.run("show 1 --json").json();
    let detail = shown["history"][0]["detail"].as_str().unwrap();
    assert!(detail.ends_with("; the provider has no call of it"), "{detail}");
    process(&sandbox);
    assert_eq!((sandbox.status(1).as_str(), count(&provider, CREATE)), ("failed, held", 1), "recovery places no call");
    sandbox.run("retry 1").expect_code(0);
    assert_eq!(process(&sandbox)["accepted"], 1);
    assert_no_call_twice(&provider);
}

#[test]
fn a_request_that_arrives_after_the_kill_makes_one_call_and_no_other_follows() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    provider.fault(CREATE, [Fault::Late]);
    kill_when(&sandbox, "the request is sent", || count(&provider, CREATE) == 1);
    process(&sandbox);
    provider.await_created(1);
    process(&sandbox);
    assert_eq!(count(&provider, CREATE), 1);
    assert!(["in_progress", "failed, held"].contains(&sandbox.status(1).as_str()), "{}", sandbox.status(1));
}

#[test]
fn killed_with_an_answer_that_is_not_on_record_the_call_is_found() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    provider.fault(CREATE, [Fault::Wait]);
    let run = sandbox.spawn("process");
    provider.await_created(1);
    // Another program writes: what the provider answers cannot be recorded.
    let other = rusqlite::Connection::open(sandbox.database()).unwrap();
    eventually("the other program has its turn", || other.execute_batch("BEGIN IMMEDIATE").is_ok());
    provider.let_go();
    run.signal(Signal::KILL);
    run.finish();
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(process(&sandbox)["recovered"], 1);
    assert_eq!((sandbox.status(1).as_str(), provider.created()), ("in_progress", vec![1]));
}

#[test]
fn killed_while_it_asks_for_results_nothing_is_lost() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    process(&sandbox);
    provider.set_call("call_1", &json!({"call_status": "not_connected", "disconnection_reason": "dial_busy"}));
    provider.fault("get-call", [Fault::Hang]);
    kill_when(&sandbox, "the result is asked for", || count(&provider, "get-call") == 1);
    assert_eq!(sandbox.status(1), "in_progress");
    assert_eq!(process(&sandbox)["settled"], 1);
    assert_eq!((sandbox.status(1).as_str(), provider.created()), ("retry_scheduled", vec![1]));
}

#[test]
fn of_many_calls_those_that_were_sent_are_found_and_the_others_cost_nothing() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 20);
    sandbox.queue_accounts(&provider, 20, 15);
    sandbox.queue(5);
    // One of each account is placed at once; the others wait for their turn.
    provider.fault(CREATE, vec![Fault::Hang; 16]);
    let run = sandbox.spawn("process");
    provider.await_created(16);
    run.signal(Signal::KILL);
    run.finish();
    let report = process(&sandbox);
    assert_eq!((&report["recovered"], &report["held_items"]), (&json!(20), &json!(0)));
    assert_eq!(statuses(&sandbox), BTreeMap::from([("in_progress".to_owned(), 16), ("pending".to_owned(), 4)]));
    assert!(sandbox.items().values().all(|item| item["retry_count"] == 0));
    assert_eq!(provider.created(), [1; 16]);
}

#[test]
fn a_provider_that_gives_no_answer_after_a_crash_settles_nothing_and_is_asked_three_times_a_run() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 10);
    sandbox.queue_accounts(&provider, 10, 10);
    provider.fault(CREATE, vec![Fault::Hang; 10]);
    let run = sandbox.spawn("process");
    provider.await_created(10);
    run.signal(Signal::KILL);
    run.finish();
    // They were placed at once by as many accounts; now it is one.
    sandbox.place_with(&provider, 10, "");
    provider.fault(LIST, vec![Fault::Status(503, "", ""); 3]);
    let report = process(&sandbox);
    assert_eq!((&report["recovered"], &report["held_items"]), (&json!(0), &json!(0)));
    assert_eq!(report["errors"].as_array().unwrap().len(), 10);
    assert_eq!(count(&provider, LIST), 3);
    assert_eq!(process(&sandbox)["recovered"], 10);
    assert_eq!(statuses(&sandbox), BTreeMap::from([("in_progress".to_owned(), 10)]));
    assert_eq!(provider.created(), [1; 10]);
}

#[test]
fn a_call_that_the_list_holds_late_is_found_and_never_held() {
    let provider = Provider::start();
    let sandbox = interrupted(&provider);
    sandbox.run("add -c globex same-number --phone +12122000001").expect_code(0);
    provider.fault(LIST, [LAGS, LAGS, LAGS]);
    for _ in 0..3 {
        let report = process(&sandbox);
        assert_eq!((&report["recovered"], &report["held_items"]), (&json!(0), &json!(0)));
        assert_eq!(sandbox.status(1), "in_progress");
        let shown = sandbox.run("show 1 --json").json();
        assert_eq!(shown["history"][0]["outcome"], json!(null));
        assert_eq!(std::fs::read_dir(sandbox.path("queue.db.leases")).unwrap().count(), 1);
    }
    let why = sandbox.run("why 1").expect_code(0).stdout;
    assert!(why.contains("callq asks the provider whether it has the call"), "{why}");
    assert_eq!(process(&sandbox)["recovered"], 1);
    let shown = sandbox.run("show 1 --json").json();
    assert_eq!((&shown["status"], &shown["history"][0]["call_id"]), (&json!("in_progress"), &json!("call_1")));
    assert_eq!((count(&provider, CREATE), provider.created()), (1, vec![1]), "its number stays taken");
    assert_eq!(std::fs::read_dir(sandbox.path("queue.db.leases")).unwrap().count(), 0);
}

#[test]
fn runs_at_once_settle_a_call_that_is_found_once() {
    let provider = Provider::start();
    let sandbox = interrupted(&provider);
    let runs: Vec<_> = (0..4).map(|_| sandbox.spawn("process --json")).collect();
    let recovered = runs.into_iter().map(|run| run.finish().expect_code(0).json()["recovered"].as_u64().unwrap());
    assert_eq!(recovered.sum::<u64>(), 1);
    assert_eq!((sandbox.status(1).as_str(), provider.created()), ("in_progress", vec![1]));
    sandbox.run("doctor").expect_code(0);
}

#[test]
fn silence_settles_nothing_until_the_call_would_be_overdue() {
    let provider = Provider::start();
    let sandbox = interrupted(&provider);
    provider.fault(LIST, [Fault::Status(503, "", ""), Fault::DropBefore, Fault::Says("not a list")]);
    for reason in ["answered 503", "", "it cannot be read"] {
        let report = process(&sandbox);
        assert_eq!((&report["recovered"], &report["held_items"]), (&json!(0), &json!(0)));
        let said = report["errors"][0]["reason"].as_str().unwrap();
        assert!(
            said.starts_with("its call is being looked up: the provider gives no answer (") && said.contains(reason)
        );
    }
    tamper(&sandbox, "UPDATE attempts SET started_at = started_at - 7200000");
    provider.fault(LIST, [Fault::Status(503, "", "")]);
    assert_eq!(process(&sandbox)["held_items"], 1);
    assert_eq!((sandbox.status(1).as_str(), count(&provider, CREATE)), ("failed, held", 1));
}

#[test]
fn a_person_settles_a_call_that_is_being_looked_up() {
    let provider = Provider::start();
    let sandbox = interrupted(&provider);
    provider.fault(LIST, [LAGS, LAGS]);
    process(&sandbox);
    sandbox.run("report 1 --outcome completed --reason heard").expect_code(0);
    assert_eq!(sandbox.status(1), "completed");
    let asked = count(&provider, LIST);
    process(&sandbox);
    assert_eq!((sandbox.status(1).as_str(), count(&provider, LIST)), ("completed", asked));
}

#[test]
fn watch_looks_a_call_up_again_by_itself() {
    let provider = Provider::start();
    let sandbox = interrupted(&provider);
    provider.fault(LIST, [LAGS, LAGS]);
    let watch = sandbox.spawn("watch --interval 1h");
    eventually("the call is found", || sandbox.run("show 1 --json").json()["history"][0]["call_id"] == json!("call_1"));
    watch.signal(Signal::TERM);
    watch.finish().expect_code(143);
    assert_eq!(count(&provider, LIST), 3);
}

#[test]
fn a_run_that_goes_on_looks_a_call_up_again() {
    let provider = Provider::start();
    let mut sandbox = interrupted(&provider);
    // Another client's call goes on meanwhile.
    let script = sandbox.script("hold", "until [ -e go ]; do sleep 0.02; done");
    let placing = std::fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    let other = format!("[clients.globex.dispatch]\nkind = \"command\"\ncommand = [{script:?}]\n");
    sandbox.configure(&format!("{placing}\n{other}"));
    sandbox.run("add -c globex other").expect_code(0);
    provider.fault(LIST, [LAGS]);
    let run = sandbox.spawn("process --json");
    eventually("the call is found", || sandbox.run("show 1 --json").json()["history"][0]["call_id"] == json!("call_1"));
    sandbox.write("go", "");
    let report = run.finish().expect_code(0).json();
    assert_eq!((&report["recovered"], &report["processed"], &report["errors"]), (&json!(1), &json!(1), &json!([])));
}
