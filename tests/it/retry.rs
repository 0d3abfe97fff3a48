//! `callq retry`: finished items are sent again, with their history.

use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

#[test]
fn a_failed_item_gets_one_more_attempt_and_keeps_its_history() {
    let sandbox = Sandbox::dialling();
    sandbox.run("add -c acme busy-1 --max-retries 0").expect_code(0);
    sandbox.run("process").expect_code(0);
    assert_eq!(sandbox.status(1), "failed");
    for attempts in 2..5 {
        let item = sandbox.run("retry 1 --json").expect_code(0).json()[0].clone();
        assert_eq!((&item["status"], &item["max_retries"]), (&"pending".into(), &(attempts - 1).into()));
        sandbox.run("process").expect_code(0);
        let item = sandbox.run("show 1 --json").json();
        assert_eq!(item["status"], "failed", "one more, and no other");
        let numbers: Vec<u64> =
            item["history"].as_array().unwrap().iter().map(|attempt| attempt["number"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (1..=attempts).collect::<Vec<u64>>());
    }
}

#[test]
fn a_held_item_is_sent_again() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["lost-1"]);
    assert_eq!(sandbox.status(1), "failed, held");
    let run = sandbox.run("retry 1 --json").expect_code(0);
    assert_eq!((&run.json()[0]["status"], &run.json()[0]["held"]), (&"pending".into(), &false.into()));
    assert_eq!(run.stderr, "1 sent again\n");
    let changes = sandbox.run("show 1 --json").json()["changes"].clone();
    assert_eq!((&changes[0]["from"], &changes[0]["to"]), (&"failed, held".into(), &"pending".into()));
}

#[test]
fn a_cancelled_item_is_sent_again_at_its_next_slot() {
    let mut sandbox = Sandbox::new();
    sandbox.run("add -c acme a").expect_code(0);
    sandbox.run("cancel 1 --reason oops").expect_code(0);
    sandbox.set_now("2026-11-28T15:00:00Z");
    assert_data_eq!(
        sandbox.run("retry 1").text(),
        str![[r#"
id  client  lead  priority  status     next call             retries  phone  reason
 1  acme    a     normal    scheduled  2026-11-30 09:00 EST      0/3  -      -
--- standard error
1 sent again
--- exit 0

"#]]
    );
    assert_eq!(sandbox.status(1), "scheduled");
}

#[test]
fn what_waits_is_in_progress_or_completed_is_refused() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["answered-1", "later-1"]);
    sandbox.run("add -c acme new-1").expect_code(0);
    for line in ["retry 1", "retry 2", "retry 3"] {
        sandbox.run(line).expect_code(4);
    }
    assert_data_eq!(
        sandbox.run("retry 1").text(),
        str![[r#"
--- standard error
error: cannot retry item 1: it is completed; nothing was changed
--- exit 4

"#]]
    );
    sandbox.run("cancel 2 --in-progress").expect_code(0);
}

#[test]
fn a_lead_that_is_queued_anew_is_refused() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["never-1"]);
    sandbox.run("add -c acme never-1").expect_code(0);
    assert_data_eq!(
        sandbox.run("retry 1").text(),
        str![[r#"
--- standard error
error: cannot retry item 1: item 2 of the same lead is live or held; nothing was changed
--- exit 4

"#]]
    );
    sandbox.run("cancel 2").expect_code(0);
    sandbox.run("retry 1").expect_code(0);
}

#[test]
fn of_two_items_of_one_lead_only_one_is_sent_again() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["never-1", "never-1"]);
    sandbox.run("retry 1 2").expect_code(4);
    assert_eq!((sandbox.status(1), sandbox.status(2)), ("failed".into(), "failed".into()));
    let run = sandbox.run("retry --status failed --json").expect_code(0);
    assert_eq!((run.json().as_array().unwrap().len(), run.stderr.as_str()), (1, "1 sent again, 1 left out\n"));
}

#[test]
fn an_expired_item_is_refused() {
    let mut sandbox = Sandbox::simulating();
    sandbox.run("add -c acme a --expires 2026-11-24").expect_code(0);
    sandbox.set_now("2026-11-25T15:00:00Z");
    sandbox.run("process").expect_code(0);
    let item = sandbox.run("show 1 --json").json();
    assert_eq!((&item["status"], &item["last_reason"]), (&"failed".into(), &"expired".into()));
    assert_data_eq!(
        sandbox.run("retry 1").text(),
        str![[r#"
--- standard error
error: cannot retry item 1: it expires at Tue 2026-11-24 00:00 UTC, and its first slot is Wed 2026-11-25 15:00 UTC: `callq add` queues the lead anew; nothing was changed
--- exit 4

"#]]
    );
}

#[test]
fn an_item_that_would_expire_before_its_slot_is_refused() {
    let mut sandbox = Sandbox::new();
    sandbox.run("add -c acme a --expires 2026-11-24T05:00:00Z").expect_code(0);
    sandbox.run("cancel 1").expect_code(0);
    sandbox.set_now("2026-11-24T00:00:00Z");
    let run = sandbox.run("retry 1").expect_code(4);
    assert!(
        run.stderr.contains("it expires at Tue 2026-11-24 00:00 EST, and its first slot is Tue 2026-11-24 09:00 EST"),
        "{run}"
    );
    assert_eq!(sandbox.status(1), "cancelled");
}

#[test]
fn a_selection_is_sent_again() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["never-1", "lost-1", "answered-1"]);
    assert_eq!(sandbox.run("retry --held --json").expect_code(0).json()[0]["id"], 2);
    let run = sandbox.run("retry -c acme").expect_code(0);
    assert_eq!(run.stderr, "1 sent again, 2 left out\n");
    sandbox.run("retry --held").expect_code(3);
    sandbox.run("retry -c acme").expect_code(4);
    sandbox.run("retry").expect_code(2);
    sandbox.run("retry 9").expect_code(3);
}
