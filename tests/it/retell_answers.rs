//! The provider is not believed blindly: what it says of another call settles nothing, what it sends without end takes no
//! memory, and the key stays hidden though it repeats it.

use std::fs;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Fault, KEY, Provider, Sandbox, eventually, side_by_side};

const CREATE: &str = "create-phone-call";
const GET: &str = "get-call";
const LIST: &str = "list-calls";

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn count(provider: &Provider, path: &str) -> usize {
    provider.asked().iter().filter(|asked| asked.what.contains(path)).count()
}

fn process(sandbox: &Sandbox) -> Value {
    sandbox.run("process --json").expect_code(0).json()
}

fn show(sandbox: &Sandbox) -> Value {
    sandbox.run("show 1 --json").expect_code(0).json()
}

/// A sandbox with this number of accepted calls, one of each item.
fn accepted(provider: &Provider, count: usize) -> Sandbox {
    let sandbox = Sandbox::placing(provider, 20);
    sandbox.queue(count);
    assert_eq!(process(&sandbox)["accepted"], count);
    sandbox
}

const BUSY: &str = r#""call_status": "not_connected", "disconnection_reason": "dial_busy""#;

#[test]
fn a_result_of_another_call_settles_nothing_and_is_named() {
    let provider = Provider::start();
    let sandbox = accepted(&provider, 1);
    let attempt = show(&sandbox)["history"][0]["id"].as_str().unwrap().to_owned();
    let other = "0193a5b8-7b4c-7000-8000-000000000001";
    for (account, problem) in [
        (format!(r#"{{"call_id": "call_9", {BUSY}}}"#), "asked for call call_1, the provider answered about another"),
        (
            format!(r#"{{"call_id": "call_9", "metadata": {{"attempt_id": "{attempt}"}}, {BUSY}}}"#),
            "the provider answered about another",
        ),
        (
            format!(r#"{{"call_id": "call_1", "metadata": {{"attempt_id": "{other}"}}, {BUSY}}}"#),
            "says that call call_1 belongs to another attempt",
        ),
        (format!(r#"{{"call_id": "call_1", "metadata": {{}}, {BUSY}}}"#), "belongs to another attempt"),
        (format!(r#"{{"call_id": 5, {BUSY}}}"#), "cannot be read"),
    ] {
        provider.fault(GET, [Fault::Says(leaked(account.clone()))]);
        let report = process(&sandbox);
        assert_eq!((&report["settled"], sandbox.status(1).as_str()), (&json!(0), "in_progress"), "{account}");
        assert!(report["errors"].to_string().contains(problem), "{account}\n{report}");
    }
    // Without metadata the name of the call is enough.
    provider.fault(GET, [Fault::Says(leaked(format!(r#"{{"call_id": "call_1", {BUSY}}}"#)))]);
    assert_eq!(process(&sandbox)["settled"], 1);
    assert_eq!(sandbox.status(1), "retry_scheduled");
}

#[test]
fn a_listed_call_without_metadata_counts_only_when_its_account_shows_our_attempt() {
    // It is ours, as its account shows.
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    provider.fault(CREATE, [Fault::DropAfter]);
    provider.fault(LIST, [Fault::Says(r#"{"items": [{"call_id": "call_1"}]}"#)]);
    assert_eq!(process(&sandbox)["accepted"], 1);
    assert_eq!(provider.paths()[1..], [CREATE, LIST, "call_1"]);
    assert_eq!(show(&sandbox)["history"][0]["call_id"], "call_1");

    // It is a stranger's: its account says nothing of us, or there is none.
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    provider.fault(CREATE, [Fault::DropBefore]);
    provider.fault(LIST, [Fault::Says(r#"{"items": [{"call_id": "call_9"}, {"call_id": "call_8"}]}"#)]);
    provider.fault(GET, [Fault::Says(r#"{"call_id": "call_9", "metadata": null}"#)]);
    assert_eq!(process(&sandbox)["accepted"], 1);
    assert_eq!(provider.paths()[1..], [CREATE, LIST, "call_9", "call_8", LIST, CREATE], "asked for again");
    assert_eq!((&show(&sandbox)["history"][0]["call_id"], provider.created()), (&json!("call_1"), vec![1]));
}

#[test]
fn a_placement_without_a_name_that_can_be_used_is_in_doubt_and_looked_up() {
    let other = r#"{"call_id": "call_9", "metadata": {"attempt_id": "0193a5b8-7b4c-7000-8000-000000000001"}}"#;
    side_by_side(
        [
            format!(r#"{{"call_id": "{}"}}"#, "c".repeat(257)),
            format!(r#"{{"call_id": "{}"}}"#, "c".repeat(20_000_000)),
            r#"{"call_id": ""}"#.to_owned(),
            other.to_owned(),
            format!("[{}1]", "1,".repeat(15_000_000)),
        ],
        |answer| {
            let provider = Provider::start();
            let sandbox = Sandbox::placing(&provider, 1);
            sandbox.queue(1);
            let begin = answer[..40.min(answer.len())].to_owned();
            provider.fault(CREATE, [Fault::Says(leaked(answer))]);
            assert_eq!(process(&sandbox)["accepted"], 1, "{begin}");
            let attempt = &show(&sandbox)["history"][0];
            assert_eq!((&attempt["call_id"], provider.created()), (&json!("call_1"), vec![1]), "{begin}");
            assert!(attempt["detail"].as_str().unwrap().starts_with("looked up after: "), "{attempt}");
            assert!(fs::metadata(sandbox.database()).unwrap().len() < 1_000_000, "{begin}");
        },
    );
}

/// The most memory that a process has had, in MB.
fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() / 1_000
}

#[test]
fn eight_answers_of_30_mb_at_once_take_little_memory() {
    let provider = Provider::start();
    let mut sandbox = accepted(&provider, 8);
    sandbox.place_with(&provider, 20, "poll_interval = \"1h\"");
    sandbox.queue(9);
    provider.fault(CREATE, [Fault::Hang]);
    let ones = format!("[{}1]", "1,".repeat(15_000_000));
    let bodies = [
        ones.clone(),
        format!(r#"{{"call_id": "call_2", "call_analysis": {ones}}}"#),
        format!(r#"{{"call_id": "call_3", "metadata": {{"attempt_id": {ones}}}}}"#),
        format!(r#"{{"call_id": "call_4", "disconnection_reason": "{}"}}"#, "a".repeat(30_000_000)),
        format!(r#"{{"call_id": "{}"}}"#, "b".repeat(30_000_000)),
        "[".repeat(30_000_000),
        format!(r#"{{"call_id": "call_7", "{}": 1}}"#, "c".repeat(30_000_000)),
        format!(r#"{{"call_id": "call_8", "duration_ms": {}}}"#, "1".repeat(30_000_000)),
    ];
    for (call, body) in (1..).zip(bodies) {
        provider.fault(&format!("{GET}/call_{call}"), [Fault::Says(leaked(body))]);
    }
    let run = sandbox.spawn("process");
    // The ninth call is never answered, so that the run lasts.
    eventually("all have been asked about", || count(&provider, GET) >= 8);
    eventually("all have been answered", || provider.under_way() <= 1);
    eventually("the others are being placed", || count(&provider, CREATE) >= 9);
    assert!(peak(run.id()) < 50, "{} MB", peak(run.id()));
    run.signal(Signal::KILL);
}

#[test]
fn a_reason_without_end_is_cut_and_ends_its_call() {
    let provider = Provider::start();
    let sandbox = accepted(&provider, 1);
    let reason = "x".repeat(5_000_000);
    provider.set_call("call_1", &json!({"call_status": "ended", "disconnection_reason": reason, "call_analysis": {}}));
    assert_eq!(process(&sandbox)["settled"], 1);
    assert_eq!(sandbox.status(1), "failed, held");
    assert_eq!(show(&sandbox)["history"][0]["reason"].as_str().unwrap().len(), 2_048);
    assert!(fs::metadata(sandbox.database()).unwrap().len() < 1_000_000);
}

#[test]
fn the_key_is_hidden_wherever_the_provider_repeats_it() {
    let provider = Provider::start();
    let sandbox = Sandbox::placing(&provider, 1);
    sandbox.queue(1);
    // In the name of the call, when it is placed and asked about.
    provider.end_calls(&json!({"call_id": format!("call_{KEY}")}));
    assert_eq!(process(&sandbox)["accepted"], 1);
    let escaped: String = KEY.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let percent: String = KEY.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let account = format!(
        r#"{{"call_id": "call_{KEY}", "call_status": "ended {escaped}", "disconnection_reason": "{KEY}",
            "public_log_url": "https://logs.example/{percent}?{}", "metadata": {{"attempt_id": "{KEY}"}}}}"#,
        KEY.to_uppercase()
    );
    let ended = account.replace(&format!("ended {escaped}"), "ended");
    let ours = show(&sandbox)["history"][0]["id"].as_str().unwrap().to_owned();
    let said = format!(r#"{{"message": "no {escaped} here, {KEY}"}}"#);
    provider.fault(GET, [Fault::Says(leaked(account)), Fault::Status(404, "", leaked(said))]);
    let mut shown = String::new();
    for _ in 0..2 {
        shown.push_str(&sandbox.run("process --json").expect_code(0).text());
    }
    provider.fault(GET, [Fault::Says(leaked(ended.replace(&format!("\"{KEY}\"}}"), &format!("\"{ours}\"}}"))))]);
    assert_eq!(process(&sandbox)["settled"], 1);
    shown.push_str(&show(&sandbox).to_string());
    shown.push_str(&String::from_utf8_lossy(&fs::read(sandbox.database()).unwrap()));
    shown.push_str(&String::from_utf8_lossy(&fs::read(sandbox.path("queue.db-wal")).unwrap_or_default()));
    let shown = shown.to_lowercase();
    assert!(!shown.contains(KEY) && !shown.contains(&percent.to_lowercase()));
    let attempt = &show(&sandbox)["history"][0];
    assert_eq!((&attempt["call_id"], &attempt["reason"]), (&json!("call_[key]"), &json!("[key]")));
    assert_eq!(attempt["metadata"]["public_log_url"], "https://logs.example/[key]?[key]");
}
