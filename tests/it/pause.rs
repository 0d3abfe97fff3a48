//! `callq pause` and `callq resume`: both pauses must be off for a call.

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
acme: resumed 2026-11-23 15:00 UTC by ops: training day
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
acme: resumed 2026-11-23 15:00 UTC by ops
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
everything: resumed 2026-11-23 15:00 UTC by ops
acme: resumed 2026-11-23 15:00 UTC by ops
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
error: --until: that time has passed
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
