//! `callq calls`: one row a call, its filters, its formats, and a history that is longer than a page.

use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

/// Three calls of three items of two clients, two of them at 10:00 in New York.
fn played() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("USER", "ann");
    sandbox.configure("[defaults.dispatch]\nkind = \"simulate\"\n[clients.tokyo]\ntimezone = \"Asia/Tokyo\"\n");
    sandbox.run("add -c acme answered-1 --phone +12125550117").expect_code(0);
    sandbox.run("process").expect_code(0);
    sandbox.set_now("2026-11-23T15:00:01Z");
    sandbox.run("add -c acme =busy --phone +12125550118").expect_code(0);
    sandbox.run("process").expect_code(0);
    sandbox.set("USER", "bob");
    sandbox.set_now("2026-11-24T00:30:00Z");
    sandbox.run("add -c tokyo third --phone +12125550117").expect_code(0);
    sandbox.run("process").expect_code(0);
    // The simulation decides how calls end; the tests here decide what is shown of them.
    let database = rusqlite::Connection::open(sandbox.database()).unwrap();
    let set = "UPDATE attempts SET finished_at = started_at + 1000, detail = NULL, metadata = NULL, ";
    let rows = "outcome = 'completed', reason = 'talked', duration_ms = 65000, call_id = 'call-1' WHERE item_id = 1;";
    let busy = "outcome = 'retry', reason = 'busy', duration_ms = 2000, call_id = NULL WHERE item_id = 2;";
    let open =
        "outcome = NULL, finished_at = NULL, reason = NULL, duration_ms = NULL, call_id = NULL WHERE item_id = 3;";
    let open = format!("UPDATE attempts SET detail = NULL, metadata = NULL, business_ms = NULL, {open}");
    database.execute_batch(&format!("{set}business_ms = 0, {rows}{set}business_ms = 0, {busy}{open}")).unwrap();
    sandbox
}

/// The leads of the calls that a line selects.
#[track_caller]
fn leads(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let rows = sandbox.run(format!("calls --format jsonl {line}")).expect_code(0).json_lines();
    rows.iter().map(|row| row["lead_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_call_is_a_row_on_the_clock_of_its_client() {
    assert_data_eq!(
        played().run("calls").text(),
        str![[r#"
started                  client  lead        phone         attempt  outcome    reason       took  call id  by
2026-11-23 10:00:00 EST  acme    answered-1  +12125550117        1  completed  talked  1 min 5 s  call-1   ann
2026-11-23 10:00:01 EST  acme    =busy       +12125550118        1  retry      busy          2 s  -        ann
2026-11-24 09:30:00 JST  tokyo   third       +12125550117        1  -          -               -  -        bob
--- exit 0

"#]]
    );
}

#[test]
fn csv_has_utc_and_every_field_and_nothing_that_a_spreadsheet_runs() {
    let csv = played().run("calls --format csv -c acme").expect_code(0).stdout;
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "started_at,finished_at,id,client_id,lead_id,phone,number,outcome,reason,duration_ms,call_id,attempt_id,run_id,by,\
         detail,metadata,reached"
    );
    for (line, start) in [
        (
            1,
            "2026-11-23T15:00:00.000Z,2026-11-23T15:00:01.000Z,1,acme,answered-1,+12125550117,1,completed,talked,65000,call-1,",
        ),
        (2, "2026-11-23T15:00:01.000Z,2026-11-23T15:00:02.000Z,2,acme,'=busy,+12125550118,1,retry,busy,2000,,"),
    ] {
        assert!(lines[line].starts_with(start), "{csv}");
    }
    assert_eq!(lines.len(), 4, "{csv}");
}

#[test]
fn json_names_the_item_and_the_attempt() {
    let sandbox = played();
    let rows = sandbox.run("calls --json --lead answered-1").expect_code(0).json();
    let shown = sandbox.run("show 1 --json").expect_code(0).json();
    let (row, attempt) = (&rows[0], &shown["history"][0]);
    assert_eq!((&row["id"], &row["attempt_id"]), (&1.into(), &attempt["id"]));
    for field in ["number", "started_at", "finished_at", "outcome", "reason", "call_id", "duration_ms", "run_id"] {
        assert_eq!(row[field], attempt[field], "{field}");
    }
    assert_eq!(sandbox.run("calls --json --lead nobody").expect_code(0).stdout, "[]\n");
}

#[test]
fn filters_select_and_times_are_half_open() {
    let sandbox = played();
    for (line, expected) in [
        ("", &["answered-1", "=busy", "third"][..]),
        ("-c acme", &["answered-1", "=busy"]),
        ("--outcome retry,failed", &["=busy"]),
        ("--outcome completed", &["answered-1"]),
        ("--reason busy --reason talked", &["answered-1", "=busy"]),
        ("--reason talk", &[]),
        ("--phone +12125550117", &["answered-1", "third"]),
        ("--phone +12125550117 -c tokyo", &["third"]),
        ("--phone +1(212)555-0118", &["=busy"]),
        ("--lead third", &["third"]),
        ("--since 2026-11-23T15:00:00Z", &["answered-1", "=busy", "third"]),
        ("--since 2026-11-23T15:00:00.001Z", &["=busy", "third"]),
        ("--until 2026-11-23T15:00:00Z", &[]),
        ("--until 2026-11-23T15:00:00.001Z", &["answered-1"]),
        ("--since 1h", &["third"]),
        ("--since today", &["answered-1", "=busy", "third"]),
        ("--since monday --until today", &[]),
        ("-c tokyo --since today", &["third"]),
        ("-c acme --since yesterday --until today", &[]),
        ("-n 1", &["third"]),
        ("-n 2 -c acme", &["answered-1", "=busy"]),
        ("-n 9", &["answered-1", "=busy", "third"]),
        ("-n 0", &[]),
    ] {
        assert_eq!(leads(&sandbox, line), expected, "callq calls {line}");
    }
    for (line, code) in [("-c nobody", 3), ("--phone x", 2), ("--outcome busy", 2), ("--since soon", 2), ("-n -1", 2)] {
        sandbox.run(format!("calls {line}")).expect_code(code);
    }
}

#[test]
fn a_history_of_many_pages_is_whole_in_its_order_and_memory_stays_flat() {
    let sandbox = played();
    let database = rusqlite::Connection::open(sandbox.database()).unwrap();
    let more = "WITH RECURSIVE number (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM number WHERE n < 20000)
         INSERT INTO attempts (id, item_id, client_id, number, run_id, dispatcher, status_before, started_at, finished_at,
             outcome, reason, detail)
         SELECT unhex(printf('%012x7000800000000000%04x', 1800000000000 + n / 3, n % 65536)), 1, client_id, n, run_id,
             'command', 'pending', 1800000000000 + n / 3, 1800000000000 + n, 'retry', 'busy',
             printf('%.*c', 2000, 'x') FROM number CROSS JOIN attempts WHERE item_id = 1 AND number = 1";
    database.execute_batch(more).unwrap();
    for line in ["calls --format jsonl", "calls --format jsonl -c acme", "calls --format jsonl --lead answered-1"] {
        let calls = sandbox.run(line).expect_code(0).json_lines();
        let numbers: Vec<u64> =
            calls.iter().filter(|call| call["id"] == 1).map(|call| call["number"].as_u64().unwrap()).collect();
        assert!(numbers.iter().copied().eq(1..=20_000), "{line}");
    }
    // 40 MB of details pass through a program that may have 48 MB in all, its code and the pages of the database included.
    let limited = "ulimit -v 48000; exec \"$0\" --db queue.db calls --format jsonl";
    let run = sandbox.run_program("sh", ["-c", limited, env!("CARGO_BIN_EXE_callq")], "").expect_code(0);
    assert_eq!(run.stdout.lines().count(), 20_002);
}

#[test]
fn a_call_comes_with_its_receipt() {
    let sandbox = Sandbox::simulating();
    sandbox.run("add -c acme lead --phone +12125550101").expect_code(0);
    sandbox.run("process").expect_code(0);
    let calls = sandbox.run("calls --receipt --json").expect_code(0).json();
    let receipt = sandbox.run("receipt 1 --json").expect_code(0).json();
    assert_eq!((calls.as_array().unwrap().len(), &calls[0]["receipt"]), (1, &receipt));
    assert_eq!(calls[0]["attempt_id"], receipt["attempt_id"]);
    let shown = sandbox.run("calls --lead lead --receipt").expect_code(0).stdout;
    assert_eq!(shown, sandbox.run("receipt 1").expect_code(0).stdout);
}
