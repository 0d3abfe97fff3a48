//! Calls through the provider, by the built program over real HTTP: from `add` to the result, and what the provider refuses.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::support::{Fault, Provider, Sandbox, eventually};

const CREATE: &str = "create-phone-call";
const GET: &str = "get-call";

/// How often the provider was asked for this.
fn count(provider: &Provider, path: &str) -> usize {
    provider.asked().iter().filter(|asked| asked.what.contains(path)).count()
}

fn end(provider: &Provider, call_id: &str, reason: &str) {
    provider.set_call(call_id, &json!({"call_status": "ended", "disconnection_reason": reason, "call_analysis": {}}));
}

fn process(sandbox: &Sandbox) -> Value {
    sandbox.run("process --json").expect_code(0).json()
}

fn blocked(report: &Value) -> &str {
    report["clients"][0]["blocked_by"].as_str().unwrap_or_default()
}

#[test]
fn a_lead_goes_from_add_to_completed() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    sandbox.run("add -c acme lead-17 --phone +12125550117").expect_code(0);
    let report = process(&sandbox);
    assert_eq!((&report["accepted"], &report["settled"]), (&json!(1), &json!(0)));
    assert_eq!(sandbox.status(1), "in_progress");
    let analysis = json!({"call_successful": true, "in_voicemail": false, "call_summary": "They spoke."});
    provider.set_call(
        "call_1",
        &json!({
            "call_status": "ended",
            "disconnection_reason": "agent_hangup",
            "duration_ms": 61_250,
            "call_cost": {"combined_cost": 12.5},
            "call_analysis": analysis,
            "public_log_url": "https://logs.example/1",
            "transcript": "Hello",
        }),
    );
    let report = process(&sandbox);
    assert_eq!((&report["processed"], &report["settled"]), (&json!(0), &json!(1)));
    let shown = sandbox.run("show 1 --json").json();
    assert_eq!((&shown["status"], &shown["last_reason"]), (&json!("completed"), &json!("agent_hangup")));
    let attempt = &shown["history"][0];
    assert_eq!((&attempt["call_id"], &attempt["duration_ms"]), (&json!("call_1"), &json!(61_250)));
    assert_eq!(
        attempt["metadata"],
        json!({
            "call_status": "ended",
            "disconnection_reason": "agent_hangup",
            "duration_ms": 61_250,
            "combined_cost": 12.5,
            "call_successful": true,
            "in_voicemail": false,
            "public_log_url": "https://logs.example/1",
        })
    );
    assert_eq!(provider.paths(), ["get-concurrency", CREATE, "call_1"]);
    process(&sandbox);
    assert_eq!(provider.asked().len(), 3, "nothing open, nothing asked");
}

#[test]
fn each_end_of_a_call_does_with_its_lead_what_the_manual_says() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 8);
    let cases = [
        ("user_hangup", "completed", 0),
        ("dial_busy", "retry_scheduled", 0),
        ("error_asr", "retry_scheduled", 0),
        ("concurrency_limit_reached", "pending", 0),
        ("invalid_destination", "failed", 0),
        ("credit_exhausted", "pending", 0),
        ("manual_stopped", "failed", 0),
        ("of_next_year", "failed, held", 0),
    ];
    sandbox.queue(cases.len());
    assert_eq!(process(&sandbox)["accepted"], cases.len());
    let calls = sandbox.run("show --all --json").json();
    for (item, (reason, ..)) in calls.as_array().unwrap().iter().zip(cases) {
        end(&provider, item["history"][0]["call_id"].as_str().unwrap(), reason);
    }
    let report = process(&sandbox);
    assert_eq!((&report["settled"], &report["held_items"]), (&json!(cases.len()), &json!(1)));
    assert_eq!(report["processed"], 0, "what the account does not allow is not tried again in this run");
    for (id, (reason, status, retries)) in (1..).zip(cases) {
        assert_eq!(sandbox.status(id), status, "{reason}");
        let shown = sandbox.run(["show", &id.to_string(), "--json"]).json();
        assert_eq!(shown["retry_count"], retries, "{reason}");
        assert_eq!(shown["history"][0]["reason"], reason);
    }
    assert_eq!(provider.created(), [1; 8]);
}

#[test]
fn process_with_wait_stays_until_the_calls_have_their_results_and_places_more_meanwhile() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 1);
    sandbox.place_with(&provider, 1, "poll_interval = \"1s\"");
    sandbox.queue(2);
    let run = sandbox.spawn("process --wait --json");
    for call in 1..=2 {
        provider.await_created(call);
        end(&provider, &format!("call_{call}"), "user_hangup");
    }
    let report = run.finish().expect_code(0).json();
    assert_eq!((&report["accepted"], &report["settled"]), (&json!(2), &json!(2)));
    assert_eq!((sandbox.status(1), sandbox.status(2)), ("completed".into(), "completed".into()));
}

#[test]
fn watch_asks_for_results_by_itself() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 1);
    sandbox.place_with(&provider, 1, "poll_interval = \"1s\"");
    sandbox.queue(1);
    let watch = sandbox.spawn("watch --interval 1h --json");
    provider.await_created(1);
    end(&provider, "call_1", "user_hangup");
    eventually("the call has its result", || sandbox.status(1) == "completed");
    drop(watch);
    assert_eq!(provider.created(), [1]);
}

#[test]
fn however_many_turns_watch_makes_it_asks_no_more_often_than_the_interval() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 1);
    sandbox.place_with(&provider, 1, "poll_interval = \"1h\"");
    sandbox.queue(1);
    let mut watch = sandbox.spawn("watch --json");
    assert!(watch.next_line().contains("\"accepted\":1"));
    for lead in ["a", "b", "c"] {
        sandbox.run(["add", "-c", "acme", lead, "--phone", "+12125550117", "--at", "+1d"]).expect_code(0);
        assert!(watch.next_line().contains("\"processed\":0"), "a turn for each change");
    }
    assert_eq!(count(&provider, GET), 0);
}

#[test]
fn a_run_that_may_call_nobody_asks_nothing() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    process(&Sandbox::placing(&provider, 1));
    sandbox.queue(1);
    sandbox.run("pause -c acme").expect_code(0);
    assert!(blocked(&process(&sandbox)).starts_with("paused"));
    assert_eq!(provider.paths(), [""; 0]);
}

#[test]
fn an_item_without_a_number_is_failed_before_any_request() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    let run = sandbox.run("add -c acme lead").expect_code(0);
    assert!(run.stderr.starts_with("warning: 1 item has no phone number, without which a call"), "{run}");
    sandbox.run("schedule-batch -c acme a b").expect_code(4);
    sandbox.run("add -c acme a").expect_code(0);
    sandbox.run("add -c acme b").expect_code(0);
    let run = sandbox.run("add -c acme lead --if-exists skip").expect_code(0);
    assert_eq!(run.stderr, "", "nothing was written");
    sandbox.run("add -c acme with-number --phone +12125550117 --at +1d").expect_code(0);
    let run = sandbox.run("schedule-batch -c acme with-number --if-exists replace --at +1d");
    assert_eq!(run.expect_code(0).stderr, "", "it keeps its number");
    let why = sandbox.run("why 1").expect_code(0);
    assert!(why.stdout.contains("without a phone number it will be failed as no_phone"), "{why}");
    assert_eq!(process(&sandbox)["failed"], 3);
    let shown = sandbox.run("show 1 --json").json();
    assert_eq!((&shown["status"], &shown["last_reason"]), (&json!("failed"), &json!("no_phone")));
    assert_eq!(count(&provider, CREATE), 0);
}

#[test]
fn the_account_takes_no_more_calls_than_it_says() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 10);
    let config = std::fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    sandbox.configure(&format!("{config}\n[clients.globex]\nmax_concurrent = 5\n"));
    provider.set_concurrency(json!({
        "current_concurrency": 3,
        "concurrency_limit": 10,
        "reserved_inbound_concurrency": 4,
    }));
    sandbox.queue(5);
    sandbox.run("add -c globex other --phone +15559990001").expect_code(0);
    let report = process(&sandbox);
    assert_eq!(report["accepted"], 3, "{report}");
    assert_eq!(blocked(&report), "the provider takes no more calls of this account now");
    assert_eq!((count(&provider, "get-concurrency"), count(&provider, CREATE)), (1, 3));
    provider.fault("get-concurrency", [Fault::Status(500, "", "")]);
    assert_eq!(process(&sandbox)["accepted"], 3, "the limits of the configuration hold when the provider does not say");
}

#[test]
fn a_refused_key_stops_the_clients_that_use_it_and_touches_no_lead() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 2);
    sandbox.set("RETELL_API_KEY", "key_that_is_wrong");
    sandbox.queue(5);
    let run = sandbox.run("process").expect_code(7);
    assert!(run.stderr.contains("the provider refused the key (401)"), "{run}");
    assert!(!run.text().contains("key_that_is_wrong"), "{run}");
    let tried = count(&provider, CREATE);
    assert!((1..=2).contains(&tried), "those under way at once: {tried}");
    for item in sandbox.run("list --json").json().as_array().unwrap() {
        assert_eq!((&item["status"], &item["retry_count"]), (&json!("pending"), &json!(0)));
    }
    sandbox.run("process").expect_code(7);
    assert_eq!(count(&provider, CREATE), tried + 1, "the next run tries one");
    sandbox.set("RETELL_API_KEY", "");
    let run = sandbox.run("process").expect_code(7);
    assert!(run.stderr.contains("the variable `RETELL_API_KEY` is not set"), "{run}");
}

#[test]
fn a_provider_that_is_not_reached_opens_the_breaker_and_touches_no_lead() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 2);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = std::fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    sandbox.configure(&config.replace(&provider.base_url(), &format!("http://{nobody}")));
    sandbox.queue(9);
    let run = sandbox.run("process --json").expect_code(7);
    let report = run.json();
    assert!(blocked(&report).contains("the provider was not reached: "), "{report}");
    assert_eq!(report["stopped_by"], "breaker");
    let processed = report["processed"].as_u64().unwrap();
    assert!((5..=6).contains(&processed) && report["returned"] == processed, "{report}");
    assert!(sandbox.items().values().all(|item| item["status"] == "pending" && item["retry_count"] == 0));
}

#[test]
fn rejected_numbers_are_failed_and_open_the_breaker() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    provider.fault(CREATE, vec![Fault::Status(400, "", r#"{"message": "no"}"#); 9]);
    sandbox.queue(9);
    let report = process(&sandbox);
    assert_eq!((&report["failed"], &report["stopped_by"]), (&json!(5), &json!("breaker")), "{report}");
    assert_eq!(count(&provider, CREATE), 5);
}

#[test]
fn a_rate_limit_holds_its_client_as_long_as_it_says() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    provider.fault(CREATE, [Fault::Status(429, "retry-after: 3600\r\n", "")]);
    sandbox.queue(3);
    let report = process(&sandbox);
    assert_eq!((&report["processed"], &report["returned"]), (&json!(1), &json!(1)));
    assert!(blocked(&report).starts_with("the provider takes no call before "), "{report}");
    assert_eq!(count(&provider, CREATE), 1);
    let items = sandbox.items();
    assert!(items.values().all(|item| item["status"] == "pending" && item["retry_count"] == 0), "{items:?}");
}

#[test]
fn however_the_exchange_breaks_each_lead_has_one_call_and_all_get_their_results() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 8);
    sandbox.place_with(&provider, 8, "request_timeout = \"2s\"");
    let late = Fault::Status(503, "retry-after: 1\r\n", "busy");
    let faults = [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::Truncate,
        Fault::Says("{}"),
        Fault::DoneBut(500),
        Fault::Hang,
        late,
    ];
    provider.fault(CREATE, faults);
    sandbox.queue(8);
    let report = process(&sandbox);
    assert_eq!((&report["accepted"], &report["held_items"]), (&json!(8), &json!(0)), "{report}");
    assert_eq!(provider.created(), [1; 8]);
    for call in 1..=8 {
        end(&provider, &format!("call_{call}"), "user_hangup");
    }
    assert_eq!(process(&sandbox)["settled"], 8);
    assert!(sandbox.items().values().all(|item| item["status"] == "completed" && item["attempts"] == 1));
}

#[test]
fn a_hundred_accepted_calls_are_polled_by_a_hundred_requests_of_few_threads() {
    let provider = Provider::start();
    provider.set_concurrency(json!({"current_concurrency": 0, "concurrency_limit": 100}));
    let sandbox = Sandbox::placing(&provider, 100);
    sandbox.queue(100);
    assert_eq!(process(&sandbox)["accepted"], 100);
    assert_eq!(process(&sandbox)["settled"], 0);
    assert_eq!((count(&provider, GET), count(&provider, CREATE)), (100, 100));
    let (_, at_once) = provider.load();
    assert!(at_once <= 16, "{at_once} requests at once");
    assert_eq!(provider.created(), [1; 100]);
}

#[test]
fn a_call_without_an_account_stays_accepted_and_is_named() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    process(&sandbox);
    provider.fault(GET, [Fault::Status(404, "", r#"{"message": "no such call"}"#), Fault::DropBefore]);
    for said in ["answered 404: no such call", ""] {
        let report = process(&sandbox);
        let reason = report["errors"][0]["reason"].as_str().unwrap();
        assert!(reason.starts_with("how its call ended cannot be asked: ") && reason.contains(said), "{report}");
        assert_eq!(sandbox.status(1), "in_progress");
    }
    end(&provider, "call_1", "user_hangup");
    assert_eq!(process(&sandbox)["settled"], 1);
}

#[test]
fn an_overdue_call_is_asked_about_before_it_is_given_up() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 2);
    sandbox.place_with(&provider, 2, "call_timeout = \"1s\"");
    sandbox.queue(2);
    process(&sandbox);
    let ended = sandbox.run("show 1 --json").json()["history"][0]["call_id"].as_str().unwrap().to_owned();
    end(&provider, &ended, "user_hangup");
    eventually("both are overdue and settled", || {
        process(&sandbox);
        sandbox.status(2) != "in_progress"
    });
    assert_eq!((sandbox.status(1), sandbox.status(2)), ("completed".into(), "failed, held".into()));
}

#[test]
fn under_a_clock_that_is_only_supposed_nobody_is_asked() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    process(&sandbox);
    end(&provider, "call_1", "user_hangup");
    sandbox.set_now("2999-01-01T00:00:00Z");
    assert_eq!((process(&sandbox)["settled"].as_u64(), count(&provider, GET)), (Some(0), 0));
    assert_eq!(sandbox.status(1), "in_progress");
}

#[test]
fn doctor_tells_of_a_key_that_is_missing_or_open_to_others() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    let told = |sandbox: &Sandbox| {
        let checks = sandbox.run("doctor --json").expect_code(0).json();
        let check = checks.as_array().unwrap().iter().find(|check| check["check"] == "keys").unwrap().clone();
        format!("{}: {}", check["verdict"].as_str().unwrap(), check["detail"].as_str().unwrap())
    };
    assert_eq!(told(&sandbox), "ok: every client that calls through `retell` has a key");
    sandbox.unset("RETELL_API_KEY");
    let text = told(&sandbox);
    assert!(text.starts_with("warning: no key: the variable `RETELL_API_KEY` is not set"), "{text}");
    let file = sandbox.write("retell.key", "key_of_a_file\n");
    sandbox.place_with(&provider, 1, &format!("api_key_file = {file:?}"));
    for (mode, verdict) in [(0o644, "warning"), (0o600, "ok")] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        assert!(told(&sandbox).starts_with(verdict), "{mode:o}: {}", told(&sandbox));
    }
    assert!(provider.paths().is_empty(), "nobody is asked");
}

#[test]
fn the_key_is_written_nowhere() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 2);
    let secret = "key_0123456789abcdef";
    let echo = r#"{"message": "bad key key_0123456789abcdef"}"#;
    provider.fault(CREATE, [Fault::Status(422, "", echo)]);
    sandbox.queue(2);
    let script = sandbox.script("tell", &format!("env > {:?}", sandbox.path("environment")));
    let text = sandbox.run("-v process --json").text();
    sandbox.call_by(&script);
    sandbox.run("add -c globex by-program --phone +15558880000").expect_code(0);
    let told = sandbox.run("process").text() + &sandbox.run("config list").text() + &text;
    assert!(!told.contains(secret), "{told}");
    let mut files = vec![sandbox.folder().to_owned()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{}", path.display());
        }
    }
    assert!(sandbox.path("environment").exists());
}
