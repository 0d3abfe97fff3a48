//! Who was called before: a lead or number that was called lately, or a cancelled lead, is not queued again unasked.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::support::{Run, Sandbox};

/// Simulated calls around the clock, with these lines about acme.
fn sandbox(acme: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let open = Sandbox::always_open("kind = \"simulate\"").replace("recall_after = \"0\"\n", "");
    sandbox.configure(&format!("{open}[clients.acme]\n{acme}\n"));
    sandbox
}

fn batch(sandbox: &Sandbox, flags: &str, input: &str) -> Run {
    sandbox.run_with_input(format!("schedule-batch -c acme -f - --input csv {flags}"), input)
}

fn settle(sandbox: &Sandbox, id: u64, outcome: &str) {
    sandbox.write("sql", "");
    let connection = rusqlite::Connection::open(sandbox.database()).unwrap();
    // As a run leaves it, without its attempt: only the item is asked.
    connection
        .execute(
            "UPDATE items SET status = ?2, tries = 1, attempts = 1, last_reason = 'busy' WHERE id = ?1",
            (id as i64, outcome),
        )
        .unwrap();
    let count = "UPDATE item_counts SET n = n + ?2 WHERE client_id = 1 AND status = ?1";
    connection.execute(count, ("pending", -1)).unwrap();
    connection
        .execute(
            "INSERT INTO item_counts (client_id, status, priority, held, retried, n) VALUES (1, ?1, 2, 0, 0, 1)
             ON CONFLICT DO UPDATE SET n = n + 1",
            [outcome],
        )
        .unwrap();
}

/// L1 completed, L2 failed, L3 cancelled, L4 failed without a call, all on Monday.
fn called() -> Sandbox {
    let sandbox = sandbox("");
    let leads = "lead_id,phone\nL1,+12125550101\nL2,+12125550102\nL3,+12125550103\nL4,+12125550104\n";
    batch(&sandbox, "", leads).expect_code(0);
    settle(&sandbox, 1, "completed");
    settle(&sandbox, 2, "failed");
    sandbox.run("cancel 3").expect_code(0);
    settle(&sandbox, 4, "failed");
    rusqlite::Connection::open(sandbox.database())
        .unwrap()
        .execute("UPDATE items SET tries = 0, attempts = 0 WHERE id = 4", ())
        .unwrap();
    sandbox
}

const NEXT_DAY: &str = "lead_id,phone\nL1,+12125550101\nL2,\nL3,\nL4,+12125550104\nL5,+12125550105\nL6,+12125550101\n";

#[test]
fn the_list_of_the_next_day_calls_nobody_twice() {
    let mut sandbox = called();
    sandbox.set_now("2026-11-24T15:00:00Z");
    let run = batch(&sandbox, "", NEXT_DAY).expect_code(0);
    assert_data_eq!(
        run.text(),
        str![[r#"
2 scheduled (items 5 to 6), 0 skipped as duplicates, 0 invalid
1 group: 2026-11-24 15:00 UTC
--- standard error
3 finished in the last 30 days: skipped; --again queues them
1 was cancelled: skipped; --again queues it
--- exit 0

"#]]
    );
    let leads = |sandbox: &Sandbox| -> Vec<Value> {
        let waiting = sandbox.run("list --status pending --sort id --json").json();
        waiting.as_array().unwrap().iter().map(|item| item["lead_id"].clone()).collect()
    };
    assert_eq!(leads(&sandbox), ["L4", "L5"], "L4 was never called, L6 has the number of L1");
    let again = batch(&sandbox, "--again --json", NEXT_DAY).expect_code(0);
    let counts =
        ["scheduled", "skipped", "skipped_finished", "skipped_cancelled"].map(|field| again.json()[field].clone());
    assert_eq!(counts, [4, 2, 0, 0].map(|count| json!(count)));
    assert!(!again.stderr.contains("--again"), "{again}");

    // A month later the finished ones are queued, and the cancelled one is still known.
    let mut sandbox = called();
    sandbox.set_now("2026-12-23T15:00:01Z");
    let later = batch(&sandbox, "--json", NEXT_DAY).expect_code(0).json();
    let counts = ["scheduled", "skipped", "skipped_finished", "skipped_cancelled"].map(|field| later[field].clone());
    assert_eq!(counts, [5, 1, 0, 1].map(|count| json!(count)));
    assert_eq!(later["errors"], json!([]));
}

#[test]
fn if_exists_decides_before_and_error_refuses_the_batch() {
    let mut sandbox = called();
    sandbox.set_now("2026-11-24T15:00:00Z");
    let run = batch(&sandbox, "--if-exists error", "lead_id\nL1\n").expect_code(4);
    assert!(run.stderr.contains("line 2 (L1), lead_id: ") || run.stderr.contains("called lately: item 1"), "{run}");
    let run = batch(&sandbox, "--if-exists error", "lead_id\nL3\n").expect_code(4);
    assert!(run.stderr.contains("the lead was cancelled: item 3"), "{run}");
    let run = batch(&sandbox, "--if-exists replace --json", "lead_id\nL1\nL3\n").expect_code(0).json();
    assert_eq!((&run["skipped_finished"], &run["skipped_cancelled"]), (&json!(1), &json!(1)));
    // A used key decides first.
    sandbox.run("add -c acme L9 --key k").expect_code(0);
    sandbox.run("cancel 5").expect_code(0);
    assert_eq!(sandbox.run("add -c acme L9 --key k --json").expect_code(0).json()["existing"], true);
    // Another client knows nothing of it.
    sandbox.run("add -c beta L3").expect_code(0);
}

#[test]
fn add_queues_a_finished_lead_with_a_warning_and_refuses_a_cancelled_one() {
    let mut sandbox = called();
    sandbox.set_now("2026-11-24T15:00:00Z");
    let run = sandbox.run("add -c acme L1 --json").expect_code(0);
    assert_eq!(
        run.json()["recalled"],
        json!({"id": 1, "lead_id": "L1", "outcome": "completed", "reason": "busy", "finished_at": "2026-11-23T15:00:00.000Z"})
    );
    assert_eq!(run.json()["status"], "pending");
    let warning =
        "warning: lead L1 was called lately: item 1 completed (busy) on Mon 2026-11-23 15:00 UTC; it is queued again\n";
    assert_eq!(run.stderr, warning);
    let run = sandbox.run("add -c acme L7 --phone +12125550102").expect_code(0);
    assert!(run.stderr.contains("the number of lead L7, as lead L2, was called lately: item 2 failed"), "{run}");
    assert_data_eq!(
        sandbox.run("add -c acme L3").text(),
        str![[r#"
--- standard error
error: lead L3 was cancelled on Mon 2026-11-23 15:00 UTC: item 3
hint: --again queues it anew, `callq retry 3` requeues the cancelled item
--- exit 4

"#]]
    );
    for (line, status) in
        [("add -c acme L3 --if-exists skip --json", "cancelled"), ("add -c acme L2 --if-exists skip --json", "failed")]
    {
        let skipped = sandbox.run(line).expect_code(0).json();
        assert_eq!(
            (&skipped["existing"], &skipped["status"], &skipped["recalled"]),
            (&json!(true), &json!(status), &Value::Null)
        );
    }
    let again = sandbox.run("add -c acme L3 --again --json").expect_code(0);
    assert_eq!((&again.json()["recalled"], again.stderr.as_str()), (&Value::Null, ""));
}

#[test]
fn nothing_is_recalled_where_it_is_off_or_longer_ago() {
    for (keys, code) in
        [("recall_after = \"0\"", ""), ("recall_after = \"12h\"", ""), ("recall_after = \"2d\"", "warning")]
    {
        let mut sandbox = called();
        let open = Sandbox::always_open("kind = \"simulate\"").replace("recall_after = \"0\"\n", "");
        sandbox.configure(&format!("{open}[clients.acme]\n{keys}\n"));
        sandbox.set_now("2026-11-24T15:00:00Z");
        let run = sandbox.run("add -c acme L1").expect_code(0);
        assert!(run.stderr.starts_with(code) && run.stderr.is_empty() == code.is_empty(), "{keys}: {run}");
        sandbox.run("add -c acme L3").expect_code(4);
    }
}

#[test]
fn prune_keeps_who_was_called_lately() {
    let mut sandbox = called();
    sandbox.set_now("2026-11-24T15:00:00Z");
    let kept = sandbox.run("prune --older-than 1h --json").expect_code(0);
    assert_eq!(kept.json()["items"], 0);
    assert!(kept.stderr.contains("4 items are kept: `recall_after` asks who was called lately"), "{kept}");
    let open = Sandbox::always_open("kind = \"simulate\"").replace("recall_after = \"0\"\n", "");
    sandbox.configure(&format!("{open}[clients.acme]\nrecall_after = \"2h\"\n"));
    let pruned = sandbox.run("prune --older-than 1h --dry-run --json").expect_code(0);
    assert_eq!((&pruned.json()["items"], pruned.stderr.as_str()), (&json!(4), ""), "each client has its own");
    assert_eq!(sandbox.run("prune --older-than 1h --json").expect_code(0).json()["items"], 4);
    sandbox.run("add -c acme L3").expect_code(0);
}
