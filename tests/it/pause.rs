//! `callq pause` and `callq resume`: both pauses must be off for a call.

use snapbox::{assert_data_eq, str};

use crate::support::Bench;

/// Two clients with a lead each.
fn two_clients() -> Bench {
    let bench = Bench::simulating();
    bench.callq_line("add -c acme a").expect_code(0);
    bench.callq_line("add -c beta b").expect_code(0);
    bench
}

/// The clients whose leads are called now.
fn called(bench: &Bench) -> Vec<String> {
    let run = bench.callq_line("process --dry-run --format jsonl").expect_code(0);
    run.json_lines().iter().map(|item| item["client_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_pause_holds_back_new_calls_and_resume_lifts_it() {
    let bench = two_clients();
    assert_data_eq!(
        bench.run(["pause", "-c", "acme", "--reason", "training day"]).text(),
        str![[r#"
acme: paused since 2026-11-23 15:00 UTC by ops: training day
--- exit 0

"#]]
    );
    assert_eq!(called(&bench), ["beta"]);
    let report = bench.callq_line("process --json").expect_code(0).json();
    assert_eq!(report["processed"], 1);
    assert_eq!(bench.status(1), "pending");
    assert_data_eq!(
        bench.callq_line("resume -c acme").text(),
        str![[r#"
acme: resumed 2026-11-23 15:00 UTC by ops: training day
--- exit 0

"#]]
    );
    assert_eq!(called(&bench), ["acme"]);
}

#[test]
fn a_pause_of_everything_and_a_clients_must_both_be_off() {
    let bench = two_clients();
    bench.callq_line("pause").expect_code(0);
    bench.callq_line("pause -c acme").expect_code(0);
    assert_eq!(called(&bench), [""; 0]);
    assert_data_eq!(
        bench.callq_line("resume -c acme").text(),
        str![[r#"
acme: resumed 2026-11-23 15:00 UTC by ops
--- standard error
everything is still paused; `callq resume` without -c lifts that
--- exit 0

"#]]
    );
    assert_eq!(called(&bench), [""; 0]);
    bench.callq_line("pause -c acme").expect_code(0);
    assert_data_eq!(
        bench.callq_line("resume").text(),
        str![[r#"
everything: resumed 2026-11-23 15:00 UTC by ops
acme: resumed 2026-11-23 15:00 UTC by ops
--- exit 0

"#]]
    );
    assert_eq!(called(&bench), ["acme", "beta"]);
    assert_data_eq!(
        bench.callq_line("resume").text(),
        str![[r#"
--- standard error
nothing was paused
--- exit 0

"#]]
    );
}

#[test]
fn a_pause_ends_by_itself() {
    let mut bench = two_clients();
    assert_data_eq!(
        bench.callq_line("pause --until 17:30").text(),
        str![[r#"
everything: paused since 2026-11-23 15:00 UTC by ops until 2026-11-23 17:30 UTC
--- exit 0

"#]]
    );
    assert_eq!(called(&bench), [""; 0]);
    bench.set_now("2026-11-23T17:29:59Z");
    assert_eq!(called(&bench), [""; 0]);
    bench.set_now("2026-11-23T17:30:00Z");
    assert_eq!(called(&bench), ["acme", "beta"]);
    assert_data_eq!(
        bench.callq_line("resume").text(),
        str![[r#"
--- standard error
nothing was paused
--- exit 0

"#]]
    );
}

#[test]
fn until_must_be_ahead() {
    let bench = two_clients();
    assert_data_eq!(
        bench.callq_line("pause --until 09:00").text(),
        str![[r#"
--- standard error
error: --until: that time has passed
--- exit 2

"#]]
    );
    bench.callq_line("pause --until soon").expect_code(2);
    assert_eq!(called(&bench), ["acme", "beta"]);
}

#[test]
fn a_second_pause_replaces_the_first() {
    let mut bench = two_clients();
    bench.callq_line("pause -c acme --until 17:30").expect_code(0);
    bench.callq_line("pause -c acme").expect_code(0);
    bench.set_now("2026-11-23T18:00:00Z");
    assert_eq!(called(&bench), ["beta"]);
    assert_eq!(bench.callq_line("resume --json").expect_code(0).json().as_array().unwrap().len(), 1);
}

#[test]
fn an_unknown_client_is_not_found_and_leaves_no_trace() {
    let mut bench = Bench::new();
    bench.callq_line("pause -c other").expect_code(3);
    assert!(!bench.database().exists());
    bench.configure("[clients.other]\n");
    bench.callq_line("pause -c other").expect_code(0);
    bench.callq_line("resume -c nobody").expect_code(3);
    assert_eq!(bench.callq_line("resume -c other --json").expect_code(0).json().as_array().unwrap().len(), 1);
}

#[test]
fn a_queue_can_be_paused_before_the_first_lead() {
    let bench = Bench::simulating();
    bench.callq_line("pause").expect_code(0);
    bench.callq_line("add -c acme a").expect_code(0);
    assert_eq!(called(&bench), [""; 0]);
}
