//! What the provider says of accepted calls, and of how many more it takes.

use callq::clock::Clock;
use callq::dispatch::{AcceptedCall, PollRound, Provider as _, ProviderAccount, Settlement};
use callq::model::{AttemptId, Outcome};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Fault, Office, Provider};

const GET: &str = "get-call";

/// An office that has placed this number of calls, `call_1` and on, and these as they wait for their results.
fn accepted(provider: &Provider, count: usize) -> (Office, Vec<AcceptedCall>) {
    let mut office = Office::new(provider.base_url());
    let account = ProviderAccount::from(office.settings.clone());
    let calls = (0..count)
        .map(|_| {
            let ended = office.place();
            let call_id = ended.result.call_id.unwrap();
            AcceptedCall { attempt: ended.attempt, call_id, account: account.clone() }
        })
        .collect();
    (office, calls)
}

fn polls(provider: &Provider) -> usize {
    provider.asked().iter().filter(|asked| asked.what.contains(GET)).count()
}

/// The settled calls by their names.
fn settled(round: PollRound) -> Vec<(String, Settlement)> {
    let mut settled: Vec<_> = round
        .settled
        .into_iter()
        .map(|(_, settlement)| (settlement.result.call_id.clone().unwrap(), settlement))
        .collect();
    settled.sort_by(|a, b| a.0.cmp(&b.0));
    settled
}

#[test]
fn calls_are_settled_when_they_have_ended() {
    let provider = Provider::start();
    let (office, calls) = accepted(&provider, 4);
    let round = office.client.poll(&calls);
    assert!(round.settled.is_empty() && round.problems.is_empty(), "registered: {round:?}");

    provider.set_call("call_1", &json!({"call_status": "ongoing"}));
    provider.set_call("call_2", &json!({"call_status": "not_connected", "disconnection_reason": "dial_busy"}));
    provider.set_call(
        "call_3",
        &json!({
            "call_status": "ended",
            "disconnection_reason": "user_hangup",
            "duration_ms": 4_000,
            "call_analysis": {"in_voicemail": true, "call_successful": false},
            "transcript": "Please leave a message.",
        }),
    );
    provider.set_call("call_4", &json!({"call_status": "error", "disconnection_reason": "something_new"}));
    let settled = settled(office.client.poll(&calls));
    let told: Vec<_> = settled
        .iter()
        .map(|(name, settlement)| {
            let reason = settlement.result.reason.as_deref().unwrap();
            (name.as_str(), settlement.result.outcome, reason, settlement.duration_ms)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("call_2", Outcome::Retry, "dial_busy", None),
            ("call_3", Outcome::Retry, "voicemail", Some(4_000)),
            ("call_4", Outcome::Unknown, "something_new", None),
        ]
    );
    let kept: Value = serde_json::from_str(settled[1].1.result.metadata.as_ref().unwrap().as_str()).unwrap();
    assert_eq!((&kept["disconnection_reason"], &kept["in_voicemail"]), (&json!("user_hangup"), &json!(true)));
    assert_eq!(kept.get("transcript"), None);
}

#[test]
fn an_answered_call_waits_a_little_for_its_analysis() {
    let provider = Provider::start();
    let (office, calls) = accepted(&provider, 1);
    let end = office.clock.now().timestamp_millis();
    provider.set_call(
        "call_1",
        &json!({"call_status": "ended", "disconnection_reason": "agent_hangup", "end_timestamp": end}),
    );
    assert!(office.client.poll(&calls).settled.is_empty());
    office.clock.advance(TimeDelta::seconds(15));
    assert_eq!(settled(office.client.poll(&calls))[0].1.result.outcome, Outcome::Completed);
}

#[test]
fn a_hundred_calls_are_polled_by_a_hundred_requests_over_few_kept_connections() {
    let provider = Provider::start();
    let (office, calls) = accepted(&provider, 100);
    let before = provider.load().0;
    for round in 1..=3 {
        assert!(office.client.poll(&calls).problems.is_empty());
        assert_eq!(polls(&provider), 100 * round);
    }
    let (connections, at_once) = provider.load();
    assert!(connections <= 8 && at_once <= 8, "{before}, {connections} connections, {at_once} requests at once");
    office.client.poll(&[]);
    assert_eq!(polls(&provider), 300, "none to ask about, nothing asked");
}

#[test]
fn a_call_that_gets_no_account_stays_accepted_and_holds_up_no_other() {
    let provider = Provider::start();
    let (office, calls) = accepted(&provider, 6);
    for call in &calls {
        let fields = json!({"call_status": "not_connected", "disconnection_reason": "dial_no_answer"});
        provider.set_call(&call.call_id, &fields);
    }
    let faults = [
        ("call_1", Fault::Status(404, "", "")),
        ("call_2", Fault::Status(500, "", "")),
        ("call_3", Fault::DropAfter),
        ("call_4", Fault::Says("no JSON")),
    ];
    for (call_id, fault) in faults {
        provider.fault(&format!("{GET}/{call_id}"), [fault]);
    }
    let round = office.client.poll(&calls);
    let mut problems: Vec<AttemptId> = round.problems.iter().map(|(attempt, _)| *attempt).collect();
    problems.sort();
    assert_eq!(problems, calls[..4].iter().map(|call| call.attempt).collect::<Vec<_>>());
    let names: Vec<String> = settled(round).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["call_5", "call_6"]);
    assert_eq!(settled(office.client.poll(&calls)).len(), 6, "the next round finds them");
}

#[test]
fn a_provider_that_is_down_or_refuses_is_left_alone_for_the_round() {
    for (fault, again_in) in [
        (Fault::DropBefore, None),
        (Fault::Status(401, "", ""), None),
        (Fault::Status(429, "retry-after: 20\r\n", ""), Some(20)),
    ] {
        let provider = Provider::start();
        let (office, calls) = accepted(&provider, 60);
        provider.fault(GET, vec![fault.clone(); 60]);
        let round = office.client.poll(&calls);
        assert_eq!((round.settled.len(), round.problems.len()), (0, 60));
        // Those under way when it was noticed, at most.
        assert!(polls(&provider) <= 3 + 8, "{fault:?}: {}", polls(&provider));
        let again = again_in.map(|seconds| Office::START + TimeDelta::seconds(seconds));
        assert_eq!(round.ask_again_at, again, "{fault:?}");
    }
}

#[test]
fn accounts_do_not_hold_up_each_other() {
    let (down, up) = (Provider::start(), Provider::start());
    let (office, mut calls) = accepted(&down, 10);
    let (_other, theirs) = accepted(&up, 1);
    down.fault(GET, vec![Fault::Status(401, "", ""); 10]);
    up.set_call("call_1", &json!({"call_status": "not_connected", "disconnection_reason": "dial_failed"}));
    calls.extend(theirs);
    let round = office.client.poll(&calls);
    assert_eq!((round.settled.len(), round.problems.len()), (1, 10));
    let keyless = Office::with_key(up.base_url(), "");
    let round = keyless.client.poll(&calls);
    assert!(round.settled.is_empty() && round.problems.iter().all(|(_, reason)| reason.starts_with("no key: ")));
}

#[test]
fn the_free_calls_are_what_is_neither_used_nor_kept_for_callers() {
    let provider = Provider::start();
    let office = Office::new(provider.base_url());
    let free = || office.client.capacity(&ProviderAccount::from(office.settings.clone()));
    for (current, limit, reserved, expected) in
        [(0, 20, json!(0), 20), (3, 20, json!(5), 12), (18, 20, json!(5), 0), (1, 20, Value::Null, 19)]
    {
        provider.set_concurrency(json!({
            "current_concurrency": current,
            "concurrency_limit": limit,
            "reserved_inbound_concurrency": reserved,
        }));
        assert_eq!(free(), Ok(expected), "{current} of {limit}");
    }
    provider.set_concurrency(json!({"concurrency_limit": "many"}));
    assert!(free().is_err());
    provider.fault("get-concurrency", [Fault::Status(500, "", ""), Fault::DropBefore]);
    assert_eq!(free(), Err("answered 500".to_owned()));
    assert!(free().is_err());
    assert!(provider.paths().iter().all(|path| path == "get-concurrency"));
}
