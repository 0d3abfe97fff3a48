//! After `pause`, `cancel --in-progress`, a signal, `expires` or the end of the hours no call begins any more: neither a
//! program that was claimed before, nor a request, nor its repeat.

use std::fs;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Fault, Provider, Run, Running, Sandbox, eventually, side_by_side, skipped, takes_long_tests};

const CREATE: &str = "create-phone-call";
const LIST: &str = "list-calls";

/// An empty list of calls.
const NO_CALLS: &str = r#"{"items": [], "has_more": false}"#;

/// The attempts for which a call was asked, in order.
fn asked_for(provider: &Provider) -> Vec<String> {
    let creates = provider.asked().into_iter().filter(|asked| asked.what.contains(CREATE));
    let body = |body: &str| serde_json::from_str::<Value>(body).unwrap();
    creates.map(|asked| body(&asked.body)["idempotency_key"].as_str().unwrap().to_owned()).collect()
}

/// A run whose first request is under way; it will be answered by 503 when the test lets go, though its call is placed.
/// The list shows the call at its second reading.
fn in_doubt(provider: &Provider, leads: usize) -> (Sandbox, Running) {
    let sandbox = Sandbox::placing(provider, 5);
    provider.fault(CREATE, [Fault::WaitBut(503)]);
    provider.fault(LIST, [Fault::Says(NO_CALLS)]);
    sandbox.queue(leads);
    let running = sandbox.spawn("process --json");
    provider.await_created(1);
    (sandbox, running)
}

/// The run after its request was answered: it has looked twice for its call and found it, and sent nothing again.
#[track_caller]
fn looks_only(provider: &Provider, running: Running, code: i32) -> Run {
    provider.let_go();
    let run = running.finish().expect_code(code);
    assert_eq!(asked_for(provider).len(), 1, "{run}");
    assert_eq!(provider.paths().iter().filter(|path| *path == LIST).count(), 2, "{run}");
    assert_eq!(provider.created(), [1]);
    run
}

#[test]
fn after_pause_a_request_in_doubt_is_looked_up_and_not_sent_again() {
    side_by_side([&["pause"][..], &["pause", "-c", "acme"]], |arguments| {
        let provider = Provider::start();
        let (sandbox, running) = in_doubt(&provider, 3);
        sandbox.run(arguments).expect_code(0);
        let report = looks_only(&provider, running, 0).json();
        assert_eq!((&report["accepted"], &report["returned"]), (&json!(1), &json!(2)), "{report}");
        let items = sandbox.items();
        let waiting: Vec<_> = items.values().filter(|item| item["status"] == "pending").collect();
        assert_eq!(waiting.len(), 2, "{items:?}");
        assert!(waiting.iter().all(|item| item["retry_count"] == 0 && item["last_reason"] == "paused"), "{items:?}");
    });
}

#[test]
fn after_cancel_a_request_in_doubt_is_not_sent_again_and_one_that_was_not_sent_never_is() {
    let provider = Provider::start();
    let (sandbox, running) = in_doubt(&provider, 3);
    sandbox.run("cancel 1 2 --in-progress").expect_code(0);
    provider.let_go();
    let report = running.finish().expect_code(0).json();
    assert_eq!((&report["accepted"], &report["returned"]), (&json!(2), &json!(1)), "{report}");
    assert_eq!(sandbox.status(2), "cancelled");
    assert_eq!((asked_for(&provider).len(), provider.created()), (2, vec![1, 1]));
}

#[test]
fn after_a_signal_a_request_in_doubt_is_looked_up_and_not_sent_again() {
    side_by_side([(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)], |(signal, code)| {
        let provider = Provider::start();
        let (sandbox, running) = in_doubt(&provider, 2);
        running.signal_taken(signal);
        let report = looks_only(&provider, running, code).json();
        assert_eq!((&report["accepted"], &report["returned"]), (&json!(1), &json!(1)), "{report}");
        assert_eq!(sandbox.items().values().filter(|item| item["status"] == "pending").count(), 1);
    });
}

#[test]
fn what_has_expired_meanwhile_is_not_sent_again() {
    let provider = Provider::start();
    let (sandbox, running) = in_doubt(&provider, 1);
    change(&sandbox, "expires_at = 1");
    looks_only(&provider, running, 0);
}

#[test]
fn what_may_not_be_called_at_this_hour_is_not_sent_again() {
    let provider = Provider::start();
    let (sandbox, running) = in_doubt(&provider, 1);
    // This client has no hours for an item of low priority, at any time of the day.
    change(&sandbox, "priority = 3");
    looks_only(&provider, running, 0);
}

/// Changes the one item as time would, or another program.
fn change(sandbox: &Sandbox, what: &str) {
    let connection = rusqlite::Connection::open(sandbox.database()).unwrap();
    assert_eq!(connection.execute(&format!("UPDATE items SET {what}"), []).unwrap(), 1);
}

#[test]
fn while_one_request_is_in_doubt_no_other_begins_and_the_claim_makes_none() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 5);
    provider.fault(CREATE, vec![Fault::Status(503, "", ""); 2]);
    sandbox.queue(5);
    let report = sandbox.run("process --json").expect_code(0).json();
    assert_eq!((&report["accepted"], &report["held_items"]), (&json!(5), &json!(0)), "{report}");
    let keys = asked_for(&provider);
    assert_eq!(keys.len(), 7);
    assert!(keys[..3].iter().all(|key| *key == keys[0]), "the first is sent until it is known: {keys:?}");
    assert_eq!(provider.created(), [1; 5]);
}

#[test]
fn an_outage_costs_one_lead_and_the_run_ends_with_7() {
    if !takes_long_tests() {
        return skipped("two minutes of look-ups");
    }
    for list in [None, Some(Fault::Status(503, "", ""))] {
        let provider = Provider::start();
        let sandbox = Sandbox::placing(&provider, 5);
        provider.fault(CREATE, vec![Fault::Status(503, "", ""); 99]);
        list.into_iter().for_each(|fault| provider.fault(LIST, vec![fault; 99]));
        sandbox.queue(20);
        let run = sandbox.run("process --json").expect_code(7);
        let report = run.json();
        assert_eq!((&report["stopped_by"], &report["held_items"]), (&json!("breaker"), &json!(1)), "{run}");
        assert!(run.stderr.contains("1 lead is held"), "{run}");
        let items = sandbox.items();
        assert_eq!(items.values().filter(|item| item["status"] == "pending").count(), 19, "{items:?}");
        assert!(items.values().all(|item| item["held"] == true || item["retry_count"] == 0), "{items:?}");
    }
}

/// A run of many programs; each notes when it began, in ticks of the machine since its start. The first of them
/// stops the run, which has claimed them all and started few.
fn stopped_among_starts(leads: usize) -> (Sandbox, Running) {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_NOW");
    sandbox.script(
        "note",
        "mkdir first 2>/dev/null && kill -STOP $PPID\ncut -d' ' -f22 /proc/$$/stat > began-$CALLQ_ITEM_ID.new\n\
         mv began-$CALLQ_ITEM_ID.new began-$CALLQ_ITEM_ID",
    );
    let config = Sandbox::always_open("kind = \"command\"\ncommand = [\"./note\"]");
    sandbox.configure(&config.replace("max_concurrent = 1", &format!("max_concurrent = {leads}")));
    sandbox.queue(leads);
    let running = sandbox.spawn("process --json");
    eventually("the first call has begun and the run is stopped", || {
        let status = fs::read_to_string(format!("/proc/{}/status", running.id())).unwrap();
        status.lines().any(|line| line.starts_with("State:") && line.contains("stopped"))
    });
    (sandbox, running)
}

/// The tick at which a program starts that is started now.
fn tick(sandbox: &Sandbox) -> u64 {
    let run = sandbox.run_program("sh", ["-c", "exec cut -d' ' -f22 /proc/self/stat"], "");
    run.expect_code(0).stdout.trim().parse().unwrap()
}

/// The ticks at which the programs have begun.
fn begun(sandbox: &Sandbox, leads: usize) -> Vec<u64> {
    let ticks = (1..=leads).filter_map(|id| fs::read_to_string(sandbox.path(format!("began-{id}"))).ok());
    ticks.map(|tick| tick.trim().parse().unwrap()).collect()
}

#[test]
fn no_program_starts_after_pause_has_ended() {
    const LEADS: usize = 100;
    let (sandbox, running) = stopped_among_starts(LEADS);
    let pause = sandbox.run("pause").expect_code(0);
    let paused = tick(&sandbox);
    running.signal(Signal::CONT);
    let report = running.finish().expect_code(0).json();
    let begun = begun(&sandbox, LEADS);
    let late = begun.iter().filter(|tick| **tick > paused).count();
    // A run that is stopped between its question and its start hangs there: `pause` says so, and that one may begin.
    let warned = pause.stderr.starts_with("warning: a call that was about to begin may still begin: a run has hung");
    assert!(late <= usize::from(warned), "{late} of {} began after pause: {pause}", begun.len());
    assert_eq!(report["returned"], LEADS - begun.len(), "{report}");
    assert!(begun.len() < LEADS, "the run was stopped in the middle");
    let items = sandbox.items();
    let waiting = items.values().filter(|item| item["status"] == "pending" && item["retry_count"] == 0);
    assert_eq!(waiting.count(), LEADS - begun.len());
    sandbox.assert_sound();
}

#[test]
fn a_claimed_call_that_is_cancelled_before_its_program_starts_never_starts() {
    const LEADS: usize = 100;
    let (sandbox, running) = stopped_among_starts(LEADS);
    sandbox.run("cancel -c acme --all --in-progress").expect_code(0);
    let cancelled = tick(&sandbox);
    running.signal(Signal::CONT);
    running.finish().expect_code(0);
    let begun = begun(&sandbox, LEADS);
    assert!(begun.iter().filter(|tick| **tick > cancelled).count() <= 1, "{begun:?}");
    assert_eq!(sandbox.items().values().filter(|item| item["status"] == "cancelled").count(), LEADS - begun.len());
}

#[test]
fn after_a_signal_claimed_calls_whose_programs_have_not_started_are_given_back() {
    const LEADS: usize = 100;
    let (sandbox, running) = stopped_among_starts(LEADS);
    running.signal(Signal::TERM);
    running.signal(Signal::CONT);
    let report = running.finish().expect_code(143).json();
    let begun = begun(&sandbox, LEADS).len();
    assert_eq!(report["returned"], LEADS - begun, "{report}");
    // Where the signal finds the run is not known; that it goes on to start them all is not so.
    assert!(begun < LEADS, "{report}");
    let items = sandbox.items();
    assert!(items.values().all(|item| item["status"] == "completed" || item["last_reason"] == "signal"), "{items:?}");
}

#[test]
fn pause_ends_at_once_where_no_run_ever_began_a_call() {
    let sandbox = Sandbox::dialling();
    sandbox.run("add -c acme answered").expect_code(0);
    assert_eq!(sandbox.run("pause").expect_code(0).stderr, "");
    assert!(!sandbox.path("queue.db.leases").exists());
}

#[test]
fn in_a_storm_of_pauses_no_program_starts_after_one_has_ended() {
    const LEADS: usize = 40;
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_NOW");
    sandbox.script(
        "note",
        "cut -d' ' -f22 /proc/$$/stat > began-$CALLQ_ATTEMPT_ID.new\n\
         mv began-$CALLQ_ATTEMPT_ID.new began-$CALLQ_ATTEMPT_ID\n\
         i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done\nexit 11",
    );
    let config = Sandbox::always_open("kind = \"command\"\ncommand = [\"./note\"]\nbreaker = 1000");
    let config = config.replace("retry_delays = [60]", "retry_delays = [0]\nmax_retries = 100");
    sandbox.configure(&config.replace("max_concurrent = 1", &format!("max_concurrent = {LEADS}")));
    sandbox.queue(LEADS);
    let notes = || -> Vec<u64> {
        let names = fs::read_dir(sandbox.folder()).unwrap().map(|entry| entry.unwrap().path());
        let notes = names.filter(|path| path.to_str().unwrap().contains("began-") && path.extension().is_none());
        notes.map(|path| fs::read_to_string(path).unwrap().trim().parse().unwrap()).collect()
    };
    for round in 1..=5 {
        let before = notes().len();
        let runs: Vec<Running> = (0..2).map(|_| sandbox.spawn("process -q")).collect();
        eventually("calls begin", || notes().len() > before + round);
        assert_eq!(sandbox.run("pause --json").expect_code(0).stderr, "");
        let paused = tick(&sandbox);
        runs.into_iter().for_each(|run| _ = run.finish().expect_code(0));
        let late = notes().into_iter().filter(|tick| *tick > paused).count();
        assert_eq!(late, 0, "round {round}");
        sandbox.run("resume").expect_code(0);
    }
    sandbox.assert_sound();
}
