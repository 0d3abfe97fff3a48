//! `callq report --input retell`: what the provider reports by itself, passed on by a web server.

use std::path::Path;

use callq::clock::{Clock, SystemClock};
use ring::hmac;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Fault, KEY, Provider, Run, Sandbox};

/// The header of a body, signed with a key at an instant in milliseconds.
fn signed_at(key: &str, body: &str, at: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let digest = hmac::sign(&key, format!("{body}{at}").as_bytes());
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v={at},d={hex}")
}

fn signed(key: &str, body: &str) -> String {
    signed_at(key, body, SystemClock.now().timestamp_millis())
}

fn report(sandbox: &Sandbox, signature: &str, body: &str) -> Run {
    sandbox.run_with_input(["report", "--input", "retell", "--signature", signature, "--json"], body)
}

/// A sandbox with one accepted call of item 1, and the body of a webhook that says how it ended.
fn accepted(provider: &Provider) -> Sandbox {
    let sandbox = Sandbox::placing(provider, 1);
    sandbox.queue(1);
    sandbox.run("process").expect_code(0);
    sandbox
}

fn attempt(sandbox: &Sandbox) -> String {
    sandbox.run("show 1 --json").json()["history"][0]["id"].as_str().unwrap().to_owned()
}

fn webhook(sandbox: &Sandbox, event: &str, fields: &Value) -> String {
    let mut call = json!({"call_id": "call_1", "call_status": "ended", "metadata": {"attempt_id": attempt(sandbox)}});
    call.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({"event": event, "call": call}).to_string()
}

#[test]
fn a_signed_report_settles_its_call_and_may_come_again() {
    let provider = Provider::start();
    let sandbox = accepted(&provider);
    let fields = json!({"disconnection_reason": "agent_hangup", "duration_ms": 4_000,
                        "call_analysis": {"in_voicemail": false, "call_successful": true}});
    let body = webhook(&sandbox, "call_analyzed", &fields);
    for _ in 0..2 {
        let run = report(&sandbox, &signed(KEY, &body), &body).expect_code(0);
        assert_eq!((&run.json()[0]["id"], &run.json()[0]["status"]), (&json!(1), &json!("completed")));
    }
    let shown = sandbox.run("show 1 --json").json();
    let attempt = &shown["history"][0];
    assert_eq!((&attempt["reason"], &attempt["duration_ms"]), (&json!("agent_hangup"), &json!(4_000)));
    assert_eq!(attempt["metadata"]["call_successful"], true);
    assert_eq!(shown["changes"].as_array().unwrap().len(), 1);
    provider.set_call("call_1", &json!({"call_status": "ended", "disconnection_reason": "user_hangup"}));
    assert_eq!(sandbox.run("process --json").json()["settled"], 0, "what has its result is not asked about");
    assert_eq!(provider.paths(), ["get-concurrency", "create-phone-call"]);
}

#[test]
fn a_call_that_the_agent_promised_is_made_again_and_what_nobody_can_read_is_held() {
    let promise = |said: &Value| {
        json!({"disconnection_reason": "user_requested_callback",
               "call_analysis": {"in_voicemail": false, "custom_analysis_data": {"callback_at": said}}})
    };
    for (said, status) in [
        (json!("in 2h"), "retry_scheduled"),
        (json!("half past three"), "failed, held"),
        (json!("2020-01-01 10:00"), "failed, held"),
        (Value::Null, "completed"),
    ] {
        let provider = Provider::start();
        let sandbox = accepted(&provider);
        let body = webhook(&sandbox, "call_analyzed", &promise(&said));
        report(&sandbox, &signed(KEY, &body), &body).expect_code(0);
        assert_eq!(sandbox.status(1), status, "{said}");
        let shown = sandbox.run("show 1 --json").json();
        assert_eq!(shown["callback"].is_object(), status == "retry_scheduled", "{said}");
        if status == "retry_scheduled" {
            assert_eq!(
                (&shown["last_reason"], &shown["history"][0]["reached"]),
                (&json!("callback"), &json!("person"))
            );
            report(&sandbox, &signed(KEY, &body), &body).expect_code(0);
            assert_eq!(sandbox.run("show 1 --json").json()["scheduled_at"], shown["scheduled_at"]);
        }
    }
}

#[test]
fn a_wrong_signature_is_refused_and_changes_nothing() {
    let provider = Provider::start();
    let sandbox = accepted(&provider);
    let body = webhook(&sandbox, "call_ended", &json!({"disconnection_reason": "dial_busy"}));
    let old = SystemClock.now().timestamp_millis() - 360_000;
    for (signature, said) in [
        (signed("key_of_another", &body), "does not belong to this message and key"),
        (signed(KEY, &body.replace("dial_busy", "dial_fail")), "does not belong to this message and key"),
        (signed_at(KEY, &body, old), "more than 5 minutes old"),
        ("v=1".to_owned(), "has not the form"),
    ] {
        let run = report(&sandbox, &signature, &body).expect_code(4);
        assert!(run.stderr.contains(said) && run.stderr.contains("nothing was changed"), "{run}");
    }
    let garbage = "no JSON";
    report(&sandbox, &signed("key_of_another", garbage), garbage).expect_code(4);
    report(&sandbox, &signed(KEY, garbage), garbage).expect_code(2);
    let shown = sandbox.run("show 1 --json").json();
    assert_eq!((&shown["status"], &shown["changes"]), (&json!("in_progress"), &json!([])));
    report(&sandbox, &signed(KEY, &body), &body).expect_code(0);
    assert_eq!(sandbox.status(1), "retry_scheduled");
}

#[test]
fn what_says_nothing_of_the_end_of_one_of_our_calls_changes_nothing() {
    let provider = Provider::start();
    let sandbox = accepted(&provider);
    let now = SystemClock.now().timestamp_millis();
    let answered = json!({"disconnection_reason": "user_hangup", "end_timestamp": now});
    let stranger = json!({"event": "call_ended", "call": {"call_id": "x", "call_status": "ended"}}).to_string();
    for (body, said) in [
        (webhook(&sandbox, "call_started", &json!({"call_status": "ongoing"})), "it does not say how it ended"),
        (webhook(&sandbox, "transcript_updated", &answered), "it does not say how it ended"),
        (webhook(&sandbox, "call_ended", &answered), "it does not say how it ended"),
        (stranger, "callq did not place it"),
    ] {
        let run = report(&sandbox, &signed(KEY, &body), &body).expect_code(0);
        assert_eq!(run.json(), json!([]));
        assert!(run.stderr.contains(said), "{run}");
    }
    assert_eq!(sandbox.status(1), "in_progress");
    let gone = webhook(&sandbox, "call_ended", &json!({"disconnection_reason": "dial_busy"}))
        .replace(&attempt(&sandbox), "01890000-0000-7000-8000-000000000000");
    report(&sandbox, &signed(KEY, &gone), &gone).expect_code(3);
}

#[test]
fn a_report_of_another_call_settles_nothing_and_says_so() {
    let provider = Provider::start();
    let sandbox = accepted(&provider);
    let fields = json!({"call_id": "call_9", "disconnection_reason": "dial_busy"});
    let body = webhook(&sandbox, "call_ended", &fields);
    let run = report(&sandbox, &signed(KEY, &body), &body).expect_code(4);
    assert!(run.stderr.contains("its call is call_1, not call_9"), "{run}");
    assert_eq!(sandbox.status(1), "in_progress");
    // The key that it is signed with is hidden, should it be repeated.
    let body = json!({"event": format!("call_ended {KEY}"), "call": {"call_id": KEY}}).to_string();
    let run = report(&sandbox, &signed(KEY, &body), &body).expect_code(0);
    assert!(run.stderr.contains("[key]") && !run.text().contains(KEY), "{run}");
}

#[test]
fn nobody_reports_of_the_calls_of_another_account() {
    let provider = Provider::start();
    let mut sandbox = accepted(&provider);
    sandbox.set("OTHER_KEY", "key_of_globex");
    let config = std::fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    sandbox.configure(&format!("{config}\n[clients.globex.dispatch]\napi_key_env = \"OTHER_KEY\"\n"));
    let body = webhook(&sandbox, "call_ended", &json!({"disconnection_reason": "invalid_destination"}));
    let run = report(&sandbox, &signed("key_of_globex", &body), &body).expect_code(4);
    assert!(run.stderr.contains("not signed with the key of client acme"), "{run}");
    assert_eq!(sandbox.status(1), "in_progress");
    report(&sandbox, &signed(KEY, &body), &body).expect_code(0);
    assert_eq!(sandbox.status(1), "failed");
}

#[test]
fn a_report_of_a_call_whose_run_was_killed_settles_it() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    provider.fault("create-phone-call", [Fault::Hang]);
    let run = sandbox.spawn("process");
    provider.await_created(1);
    let body = webhook(&sandbox, "call_ended", &json!({"disconnection_reason": "dial_busy"}));
    let refused = report(&sandbox, &signed(KEY, &body), &body).expect_code(4);
    assert!(refused.stderr.contains("its call is not over"), "while the run is alive: {refused}");
    run.signal(Signal::KILL);
    run.finish();
    report(&sandbox, &signed(KEY, &body), &body).expect_code(0);
    assert_eq!((sandbox.status(1).as_str(), provider.created()), ("retry_scheduled", vec![1]));
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["recovered"], 0);
}

#[test]
fn the_example_passes_a_webhook_on_and_answers_by_what_came_of_it() {
    let provider = Provider::start();
    let mut sandbox = accepted(&provider);
    let (callq, path) = (Path::new(env!("CARGO_BIN_EXE_callq")), std::env::var("PATH").unwrap());
    sandbox.set("PATH", format!("{}:{path}", callq.parent().unwrap().display()));
    let database = sandbox.database();
    sandbox.set("CALLQ_DB", database);
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/retell-webhook.sh");
    let ended = webhook(&sandbox, "call_ended", &json!({"disconnection_reason": "dial_busy"}));
    let unknown = ended.replace(&attempt(&sandbox), "01890000-0000-7000-8000-000000000000");
    let other = ended.replace("dial_busy", "invalid_destination");
    for (body, key, code, status) in [
        (ended.as_str(), "key_of_another", "403", "in_progress"),
        ("no JSON", KEY, "400", "in_progress"),
        (&unknown, KEY, "404", "in_progress"),
        (&ended, KEY, "204", "retry_scheduled"),
        (&ended, KEY, "204", "retry_scheduled"),
        (&other, KEY, "403", "retry_scheduled"),
    ] {
        sandbox.set("CONTENT_LENGTH", body.len().to_string());
        sandbox.set("HTTP_X_RETELL_SIGNATURE", signed(key, body));
        // What comes behind the body is none of its business.
        let run = sandbox.run_program(&example, [""; 0], format!("{body}\nmore")).expect_code(0);
        assert!(run.stdout.starts_with(&format!("Status: {code} ")), "{body}\n{run}");
        assert_eq!(sandbox.status(1), status, "{body}");
    }
}

#[test]
fn misuse_is_told() {
    let mut sandbox = Sandbox::new();
    sandbox.run("add -c acme lead").expect_code(0);
    for arguments in [
        &["report", "--input", "retell"][..],
        &["report", "--input", "jsonl", "--signature", "v=1,d=2"],
        &["report", "1", "--outcome", "failed", "--signature", "v=1,d=2"],
    ] {
        sandbox.run(arguments).expect_code(2);
    }
    let run = report(&sandbox, "v=1,d=2", "{}").expect_code(5);
    assert!(run.stderr.contains("no client calls through `retell`"), "{run}");
    let provider = Provider::start();
    sandbox.place_with(&provider, 1, "");
    let run = report(&sandbox, "v=1,d=2", "{}").expect_code(5);
    assert!(run.stderr.contains("the variable `RETELL_API_KEY` is not set"), "{run}");
}
