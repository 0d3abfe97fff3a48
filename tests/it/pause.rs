//! `callq pause` and `callq resume`: both pauses must be off for a call.

use serde_json::json;
use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

/// Two clients with a lead each.
fn two_clients() -> Sandbox {
    let sandbox = Sandbox::simulating();
    sandbox.run("add -c acme a").expect_code(0);
    sandbox.run("add -c beta b").expect_code(0);
    sandbox
}

/// The clients whose leads are called now.
fn called(sandbox: &Sandbox) -> Vec<String> {
    let run = sandbox.run("process --dry-run --format jsonl").expect_code(0);
    run.json_lines().iter().map(|item| item["client_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_pause_holds_back_new_calls_and_resume_lifts_it() {
    let sandbox = two_clients();
    assert_data_eq!(
        sandbox.run("pause -c acme --reason 'training day'").text(),
        str![[r#"
acme: paused since 2026-11-23 15:00 UTC by ops: training day
--- exit 0

"#]]
    );
    assert_eq!(called(&sandbox), ["beta"]);
    let report = sandbox.run("process --json").expect_code(0).json();
    assert_eq!(report["processed"], 1);
    assert_eq!(sandbox.status(1), "pending");
    assert_data_eq!(
        sandbox.run("resume -c acme").text(),
        str![[r#"
acme: resumed 2026-11-23 15:00 UTC (was paused by ops: training day)
--- exit 0

"#]]
    );
    assert_eq!(called(&sandbox), ["acme"]);
}

#[test]
fn a_pause_of_everything_and_a_clients_must_both_be_off() {
    let sandbox = two_clients();
    sandbox.run("pause").expect_code(0);
    sandbox.run("pause -c acme").expect_code(0);
    assert_eq!(called(&sandbox), [""; 0]);
    assert_data_eq!(
        sandbox.run("resume -c acme").text(),
        str![[r#"
acme: resumed 2026-11-23 15:00 UTC (was paused by ops)
--- standard error
everything is still paused; `callq resume` without -c lifts that
--- exit 0

"#]]
    );
    assert_eq!(called(&sandbox), [""; 0]);
    sandbox.run("pause -c acme").expect_code(0);
    assert_data_eq!(
        sandbox.run("resume").text(),
        str![[r#"
everything: resumed 2026-11-23 15:00 UTC (was paused by ops)
acme: resumed 2026-11-23 15:00 UTC (was paused by ops)
--- exit 0

"#]]
    );
    assert_eq!(called(&sandbox), ["acme", "beta"]);
    assert_data_eq!(
        sandbox.run("resume").text(),
        str![[r#"
--- standard error
nothing was paused
--- exit 0

"#]]
    );
}

#[test]
fn a_pause_ends_by_itself() {
    let mut sandbox = two_clients();
    assert_data_eq!(
        sandbox.run("pause --until 17:30").text(),
        str![[r#"
everything: paused since 2026-11-23 15:00 UTC by ops until 2026-11-23 17:30 UTC
--- exit 0

"#]]
    );
    assert_eq!(called(&sandbox), [""; 0]);
    sandbox.set_now("2026-11-23T17:29:59Z");
    assert_eq!(called(&sandbox), [""; 0]);
    sandbox.set_now("2026-11-23T17:30:00Z");
    assert_eq!(called(&sandbox), ["acme", "beta"]);
    assert_data_eq!(
        sandbox.run("resume").text(),
        str![[r#"
--- standard error
nothing was paused
--- exit 0

"#]]
    );
}

#[test]
fn until_must_be_ahead() {
    let sandbox = two_clients();
    assert_data_eq!(
        sandbox.run("pause --until 09:00").text(),
        str![[r#"
--- standard error
error: --until: that time has passed: Mon 2026-11-23 09:00 UTC
--- exit 2

"#]]
    );
    sandbox.run("pause --until soon").expect_code(2);
    assert_eq!(called(&sandbox), ["acme", "beta"]);
}

#[test]
fn a_second_pause_replaces_the_first() {
    let mut sandbox = two_clients();
    sandbox.run("pause -c acme --until 17:30").expect_code(0);
    sandbox.run("pause -c acme").expect_code(0);
    sandbox.set_now("2026-11-23T18:00:00Z");
    assert_eq!(called(&sandbox), ["beta"]);
    assert_eq!(sandbox.run("resume --json").expect_code(0).json().as_array().unwrap().len(), 1);
}

#[test]
fn an_unknown_client_is_not_found_and_leaves_no_trace() {
    let mut sandbox = Sandbox::new();
    sandbox.run("pause -c other").expect_code(3);
    assert!(!sandbox.database().exists());
    sandbox.configure("[clients.other]\n");
    sandbox.run("pause -c other").expect_code(0);
    sandbox.run("resume -c nobody").expect_code(3);
    assert_eq!(sandbox.run("resume -c other --json").expect_code(0).json().as_array().unwrap().len(), 1);
}

#[test]
fn a_queue_can_be_paused_before_the_first_lead() {
    let sandbox = Sandbox::simulating();
    sandbox.run("pause").expect_code(0);
    sandbox.run("add -c acme a").expect_code(0);
    assert_eq!(called(&sandbox), [""; 0]);
}

#[test]
fn a_part_is_paused_by_its_metadata_with_what_is_added_later() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults]\ndispatch.kind = \"simulate\"\n");
    sandbox.set("USER", "ann");
    sandbox.run("add -c acme first -p urgent --meta campaign=spring").expect_code(0);
    sandbox.run("add -c acme other --meta campaign=autumn").expect_code(0);
    let paused = sandbox.run("pause -c acme --meta campaign=spring --json").expect_code(0).json();
    assert_eq!((&paused["client_id"], &paused["meta"]), (&json!("acme"), &json!(["campaign=spring"])));
    sandbox.run("add -c acme later -p urgent --meta campaign=spring").expect_code(0);
    sandbox.run("add -c acme plain").expect_code(0);
    let callable = |sandbox: &Sandbox| -> Vec<u64> {
        let rows = sandbox.run("process --dry-run --json").expect_code(0).json();
        rows.as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
    };
    let why = |sandbox: &Sandbox, id: u64| -> String {
        let answer = sandbox.run(format!("why {id} --json")).expect_code(0).json();
        let gates = answer["gates"].as_array().unwrap().clone();
        let gate = gates.iter().find(|gate| gate["gate"] == "paused").unwrap();
        format!("{} {}", gate["open"], gate["detail"].as_str().unwrap())
    };
    let held = "false items of client acme with campaign=spring, by ann";
    assert_eq!(callable(&sandbox), [2, 4]);
    assert_eq!([1, 2, 3].map(|id| why(&sandbox, id)), [held, "true not paused", held]);
    sandbox.run("process").expect_code(0);
    // A run has looked at them once: they are out of the queue, and their next call is not known.
    assert_eq!([1, 3].map(|id| why(&sandbox, id)), [held, held]);
    assert_eq!(callable(&sandbox), Vec::<u64>::new());
    let answer = sandbox.run("why 1").expect_code(0).stdout;
    assert!(answer.contains("paused: items of client acme with campaign=spring, by ann; no next call"), "{answer}");
    let status = sandbox.run("status --json").expect_code(0).json()["clients"][0].take();
    assert_eq!(status["gates"], json!([{"gate": "paused", "items": 2, "until": null}]));
    assert_eq!((&status["due"], &status["next_call_at"]), (&json!(2), &json!(null)));
    // Other metadata lets one go, and so does the end of the pause.
    sandbox.run("update 3 --meta campaign=winter").expect_code(0);
    assert_eq!(callable(&sandbox), [3]);
    sandbox.run("resume --meta campaign=autumn").expect_code(0);
    assert_eq!(callable(&sandbox), [3]);
    let lifted = sandbox.run("resume --meta campaign=spring --json").expect_code(0).json();
    assert_eq!((lifted.as_array().unwrap().len(), &lifted[0]["meta"]), (1, &json!(["campaign=spring"])));
    assert_eq!(callable(&sandbox), [1, 3]);
}

#[test]
fn pauses_of_parts_stand_beside_others_until_all_are_lifted() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults]\ndispatch.kind = \"simulate\"\n");
    sandbox.run("add -c acme lead --metadata '{\"campaign\": \"spring\", \"vip\": true}'").expect_code(0);
    let is_callable = |sandbox: &Sandbox| sandbox.run("why 1 --json").expect_code(0).json()["callable"].clone();
    sandbox.run("pause --meta campaign=spring --meta vip=true --until 2026-11-23T16:00:00Z").expect_code(0);
    sandbox.run("pause --meta vip=").expect_code(0);
    sandbox.run("process").expect_code(0);
    // The same tests in another order are the same pause.
    assert_eq!(sandbox.run("resume --meta vip=true --meta campaign=spring --json").json().as_array().unwrap().len(), 1);
    assert_eq!(is_callable(&sandbox), false);
    sandbox.run("pause --meta vip= --until 2026-11-23T15:30:00Z").expect_code(0);
    sandbox.run("process").expect_code(0);
    assert_eq!(sandbox.run("why 1 --json").json()["next_call_at"], "2026-11-23T15:30:00.000Z");
    sandbox.set_now("2026-11-23T15:30:00Z");
    assert_eq!(is_callable(&sandbox), true);
    sandbox.run("pause --meta vip=true").expect_code(0);
    sandbox.run("pause -c acme").expect_code(0);
    assert_eq!(sandbox.run("resume --json").expect_code(0).json().as_array().unwrap().len(), 2, "alone it lifts all");
    assert_eq!(is_callable(&sandbox), true);
}
