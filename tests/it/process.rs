//! `callq process` with real programs, real processes and the machine's clock; at any hour, by a policy that is always
//! open.

use std::fs;

use serde_json::Value;

use crate::support::Sandbox;

/// A client that may be called at any time, its dispatcher to be filled in.
const ALWAYS_OPEN: &str = "
[defaults]
timezone = \"UTC\"
active_days = [\"Mon\", \"Tue\", \"Wed\", \"Thu\", \"Fri\", \"Sat\", \"Sun\"]
[defaults.business_hours]
start = \"00:00\"
end = \"24:00\"
priority_hours = []
[defaults.calling_hours]
start = \"00:00\"
end = \"24:00\"
[defaults.law]
purpose = \"service\"
voice = \"human\"
";

/// A sandbox on the machine's clock whose calls are placed by a shell script with this body.
fn sandbox_with(body: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_NOW");
    let program = sandbox.script("dispatch.sh", body);
    configure(
        &mut sandbox,
        &format!("kind = \"command\"\ncommand = [{:?}, \"{{lead_id}}\"]", program.to_str().unwrap()),
    );
    sandbox
}

fn configure(sandbox: &mut Sandbox, dispatch: &str) {
    sandbox.configure(&format!("{ALWAYS_OPEN}\n[defaults.dispatch]\n{dispatch}\n"));
}

fn add(sandbox: &Sandbox, lead: &str) -> u64 {
    sandbox.run(["add", "-c", "acme", lead, "--json"]).expect_code(0).json()["id"].as_u64().unwrap()
}

fn show(sandbox: &Sandbox, id: u64) -> Value {
    sandbox.run(["show", &id.to_string(), "--json"]).expect_code(0).json()
}

#[test]
fn due_leads_are_called_through_the_program_and_what_came_of_it_is_told() {
    let sandbox = sandbox_with("case $1 in reached) exit 0;; busy) exit 11;; gone) exit 20;; crashed) exit 1;; esac");
    let ids = ["reached", "busy", "gone", "crashed"].map(|lead| add(&sandbox, lead));
    let report = sandbox.run("process --json").expect_code(0).json();
    let counts = ["processed", "successful", "retried", "failed", "held", "returned", "accepted"];
    assert_eq!(counts.map(|name| report[name].as_u64().unwrap()), [4, 1, 1, 1, 1, 0, 0]);
    assert_eq!((report["stopped_by"].as_str(), report["simulated"].as_bool()), (Some("drained"), Some(false)));
    assert_eq!(report["clients"][0]["client_id"], "acme");
    assert_eq!(report["errors"][0]["lead_id"], "crashed");
    let seen = ids.map(|id| {
        let item = show(&sandbox, id);
        let attempt = &item["history"][0];
        [&item["status"], &item["held"], &item["last_reason"], &attempt["outcome"], &attempt["number"]]
            .map(ToString::to_string)
            .join(" ")
    });
    assert_eq!(
        seen,
        [
            r#""completed" false null "completed" 1"#,
            r#""retry_scheduled" false "busy" "retry" 1"#,
            r#""failed" false "exit_20" "failed" 1"#,
            r#""failed" true "exit_1" "unknown" 1"#,
        ]
    );
    assert_eq!(sandbox.run("list --held --json").json().as_array().unwrap().len(), 1);
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["processed"], 0);
}

#[test]
fn the_program_is_told_whom_to_call_and_its_json_line_is_the_result() {
    let sandbox = sandbox_with(
        r#"cat > "$CALLQ_LEAD_ID.json"
env | grep ^CALLQ_ | grep -v -e CALLQ_CONFIG | sort > "$CALLQ_LEAD_ID.env"
echo dialling
echo '{"outcome": "completed", "reason": "talked", "call_id": "c-7", "metadata": {"seconds": 12}}'"#,
    );
    let add = ["add", "-c", "acme", "lead-1", "--phone", "+12125550100", "--meta", "name=Ann"];
    sandbox.run(add).expect_code(0);
    sandbox.run("process").expect_code(0);
    let input: Value = serde_json::from_str(&fs::read_to_string(sandbox.path("lead-1.json")).unwrap()).unwrap();
    assert_eq!((&input["item"]["phone"], &input["item"]["metadata"]["name"]), (&"+12125550100".into(), &"Ann".into()));
    let item = show(&sandbox, 1);
    let attempt = &item["history"][0];
    assert_eq!((&attempt["call_id"], &attempt["reason"]), (&"c-7".into(), &"talked".into()));
    assert_eq!(input["attempt_id"], attempt["id"]);
    let variables = fs::read_to_string(sandbox.path("lead-1.env")).unwrap();
    for expected in ["CALLQ_PHONE=+12125550100", "CALLQ_CLIENT_ID=acme", "CALLQ_ATTEMPT=1", "CALLQ_PRIORITY=normal"] {
        assert!(variables.lines().any(|line| line == expected), "{expected} is not in\n{variables}");
    }
}

#[test]
fn a_retry_is_called_again_when_due_and_the_last_one_fails_with_its_reason() {
    let mut sandbox = sandbox_with("");
    let program = sandbox.script("busy.sh", "exit 11");
    let program = program.to_str().unwrap();
    configure(
        &mut sandbox,
        &format!("kind = \"command\"\ncommand = [{program:?}]\n[clients.acme]\nretry_delays = [0]"),
    );
    sandbox.run("add -c acme lead --max-retries 2").expect_code(0);
    let report = sandbox.run("process --json").expect_code(0).json();
    assert_eq!([&report["processed"], &report["retried"], &report["failed"]], [3, 2, 1]);
    let item = show(&sandbox, 1);
    assert_eq!((&item["status"], &item["last_reason"]), (&"failed".into(), &"busy".into()));
    assert_eq!([&item["retry_count"], &item["attempts"]], [2, 3]);
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["processed"], 0);
}

#[test]
fn a_lead_of_the_last_minute_is_called_then_and_not_after_closing() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults.dispatch]\nkind = \"simulate\"\n");
    for (id, now, calls) in [(1, "2026-11-23T21:59:00Z", 1), (2, "2026-11-23T22:01:00Z", 0)] {
        sandbox.set_now("2026-11-23T21:59:00Z");
        sandbox.run(["add", "-c", "acme", &format!("lead-{id}")]).expect_code(0);
        sandbox.set_now(now);
        let report = sandbox.run("process --json").expect_code(0).json();
        assert_eq!(report["processed"], calls, "{now}");
        assert_eq!(show(&sandbox, id)["attempts"], calls, "{now}");
    }
}

#[test]
fn a_missing_program_burns_no_retry_of_any_lead() {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_NOW");
    configure(&mut sandbox, "kind = \"command\"\ncommand = [\"/nowhere/place-call\"]");
    (0..10).for_each(|n| _ = add(&sandbox, &format!("lead-{n}")));
    for _ in 0..3 {
        let run = sandbox.run("process").expect_code(7);
        assert!(run.stderr.contains("/nowhere/place-call"), "{}", run.text());
        for item in sandbox.run("list --json").json().as_array().unwrap() {
            assert_eq!((&item["status"], &item["retry_count"]), (&"pending".into(), &0.into()), "{item}");
            assert_eq!(item["last_reason"], Value::Null, "{item}");
        }
    }
    configure(&mut sandbox, "kind = \"command\"\ncommand = [\"true\"]");
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["successful"], 10);
}

#[test]
fn a_lead_that_was_reached_keeps_no_reason_of_an_earlier_attempt() {
    let mut sandbox = sandbox_with("exit 11");
    sandbox.run("add -c acme lead --max-retries 0").expect_code(0);
    sandbox.run("process").expect_code(0);
    assert_eq!(show(&sandbox, 1)["last_reason"], "busy");
    configure(&mut sandbox, "kind = \"command\"\ncommand = [\"true\"]");
    sandbox.run("retry 1").expect_code(0);
    sandbox.run("process").expect_code(0);
    let item = show(&sandbox, 1);
    assert_eq!((&item["status"], &item["last_reason"]), (&"completed".into(), &Value::Null));
    assert_eq!(item["history"][0]["reason"], "busy");
}

#[test]
fn a_broken_program_stops_after_a_few_and_leaves_every_lead_as_it_was() {
    let sandbox = sandbox_with("exit 78");
    (0..30).for_each(|n| _ = add(&sandbox, &format!("lead-{n}")));
    let report = sandbox.run("process --json").expect_code(7);
    let called = report.json()["processed"].as_u64().unwrap();
    assert!((5..=10).contains(&called), "{called} calls before the breaker opened");
    assert_eq!(sandbox.run("list --status pending --json").json().as_array().unwrap().len(), 30);
}

#[test]
fn without_a_dispatcher_the_run_says_how_to_get_one() {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_NOW");
    configure(&mut sandbox, "kind = \"none\"");
    assert_eq!(sandbox.run("process -q").expect_code(0).text(), "--- exit 0\n");
    add(&sandbox, "lead");
    let run = sandbox.run("process").expect_code(5);
    assert!(run.stderr.contains("dispatch.kind"), "{}", run.text());
    assert_eq!(sandbox.run("list --status pending --json").json().as_array().unwrap().len(), 1);
}

#[test]
fn a_limit_ends_the_run() {
    let sandbox = sandbox_with("exit 0");
    (0..5).for_each(|n| _ = add(&sandbox, &format!("lead-{n}")));
    let report = sandbox.run("process --limit 3 --json").expect_code(0).json();
    assert_eq!((&report["processed"], &report["stopped_by"]), (&3.into(), &"limit".into()));
    let none = sandbox.run("process --max-runtime 0 --json").expect_code(0).json();
    assert_eq!((&none["processed"], &none["stopped_by"]), (&0.into(), &"runtime".into()));
}

#[test]
fn a_dry_run_lists_what_would_be_called_and_calls_nobody() {
    let mut sandbox = sandbox_with("touch called");
    sandbox.run("add -c acme low -p urgent").expect_code(0);
    sandbox.run("add -c acme later --at +2h").expect_code(0);
    sandbox.run("add -c globex paused").expect_code(0);
    sandbox.run("pause -c globex").expect_code(0);
    sandbox.set("CALLQ_NOW", "2030-01-01T00:00:00Z");
    let before = sandbox.run("list --json").text();
    let listed = sandbox.run("process --dry-run --json").expect_code(0).json();
    let leads: Vec<&str> = listed.as_array().unwrap().iter().map(|item| item["lead_id"].as_str().unwrap()).collect();
    assert_eq!(leads, ["low", "later"], "under CALLQ_NOW too");
    assert_eq!(sandbox.run("list --json").text(), before);
    sandbox.unset("CALLQ_NOW");
    assert_eq!(sandbox.run("process --dry-run --format jsonl").json_lines().len(), 1);
    assert!(!sandbox.path("called").exists());
}

#[test]
fn a_set_clock_refuses_real_calls_and_plays_simulated_ones() {
    let mut sandbox = sandbox_with("touch called");
    add(&sandbox, "lead");
    sandbox.set("CALLQ_NOW", "2030-01-01T00:00:00Z");
    let run = sandbox.run("process").expect_code(4);
    assert!(run.stderr.contains("CALLQ_NOW"), "{}", run.text());
    assert!(!sandbox.path("called").exists());
    configure(&mut sandbox, "kind = \"simulate\"");
    let run = sandbox.run("process").expect_code(0);
    assert!(run.stdout.contains("SIMULATED"), "{}", run.text());
}

#[test]
fn under_cron_a_good_run_is_silent() {
    let mut sandbox = sandbox_with("exit 0");
    sandbox.unset("HOME");
    add(&sandbox, "lead");
    assert_eq!(sandbox.run("process -q").expect_code(0).text(), "--- exit 0\n");
    assert_eq!(sandbox.run("process -q").expect_code(0).text(), "--- exit 0\n");
    assert_eq!(sandbox.run("list --status completed --json").json().as_array().unwrap().len(), 1);
}

#[test]
fn a_closed_output_stops_printing_not_dialling() {
    let sandbox = sandbox_with("exit 0");
    (0..3).for_each(|n| _ = add(&sandbox, &format!("lead-{n}")));
    let line = format!("{} --db {:?} process | true", env!("CARGO_BIN_EXE_callq"), sandbox.database());
    sandbox.run_program("sh", ["-c", &line], "").expect_code(0);
    assert_eq!(sandbox.run("list --status completed --json").json().as_array().unwrap().len(), 3);
}

#[test]
fn an_unknown_client_is_an_error_and_one_client_runs_alone() {
    let sandbox = sandbox_with("exit 0");
    add(&sandbox, "lead");
    sandbox.run("add -c globex lead").expect_code(0);
    sandbox.run("process -c nobody").expect_code(3);
    assert_eq!(sandbox.run("process -c globex --json").expect_code(0).json()["processed"], 1);
}
