//! `callq log`: calls and changes in time order, and those that come while it follows.

use rustix::process::Signal;
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::{Running, Sandbox, eventually};

/// A change, two calls and a change after them, on a clock that stands at each for a while.
fn logged() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("USER", "ann");
    sandbox.configure("[defaults.dispatch]\nkind = \"simulate\"\n[clients.tokyo]\ntimezone = \"Asia/Tokyo\"\n");
    sandbox.run("add -c acme one --phone +12125550117").expect_code(0);
    sandbox.run("add -c tokyo two --at 2026-11-24T01:00:00Z").expect_code(0);
    sandbox.run("update 1 -p high").expect_code(0);
    sandbox.set_now("2026-11-23T15:30:00Z");
    sandbox.run("process").expect_code(0);
    sandbox.set_now("2026-11-24T00:00:00Z");
    sandbox.run("cancel 2 --reason moved").expect_code(0);
    let database = rusqlite::Connection::open(sandbox.database()).unwrap();
    let rows =
        "UPDATE attempts SET outcome = 'retry', reason = 'busy', duration_ms = 2000, business_ms = 0, detail = NULL,
                    call_id = NULL, metadata = NULL";
    database.execute_batch(rows).unwrap();
    sandbox
}

#[test]
fn calls_and_changes_stand_in_time_order_on_the_clocks_of_their_clients() {
    assert_data_eq!(
        logged().run("log").text(),
        str![[r#"
time                     client  lead  item  what                                      by
2026-11-23 10:00:00 EST  acme    one      1  priority: normal to high                  ann
2026-11-23 10:30:00 EST  acme    one      1  call 1 to +12125550117: retry, busy, 2 s  ann
2026-11-24 09:00:00 JST  tokyo   two      2  status: scheduled to cancelled (moved)    ann
--- exit 0

"#]]
    );
}

#[test]
fn entries_name_their_kind_and_item_and_have_the_fields_of_show() {
    let sandbox = logged();
    let entries = sandbox.run("log --format jsonl").expect_code(0).json_lines();
    let kinds: Vec<(&str, u64)> =
        entries.iter().map(|entry| (entry["kind"].as_str().unwrap(), entry["id"].as_u64().unwrap())).collect();
    assert_eq!(kinds, [("change", 1), ("call", 1), ("change", 2)]);
    let shown = sandbox.run("show 1 --json").expect_code(0).json();
    assert_eq!(entries[1]["attempt_id"], shown["history"][0]["id"]);
    for (entry, whole, skipped) in [(&entries[0], &shown["changes"][0], ""), (&entries[1], &shown["history"][0], "id")]
    {
        for (name, value) in whole.as_object().unwrap().iter().filter(|(name, _)| *name != skipped) {
            assert_eq!(&entry[name], value, "{name}");
        }
        assert_eq!((&entry["client_id"], &entry["lead_id"]), (&"acme".into(), &"one".into()));
    }
    let csv = sandbox.run("log --format csv").expect_code(0).stdout;
    assert!(csv.contains("2026-11-24T00:00:00.000Z,change,2,tokyo,two,ann,,,,moved,,,,status,scheduled,cancelled\r\n"));
}

#[test]
fn a_selection_leaves_the_rest_out() {
    let sandbox = logged();
    let count = |line: &str| sandbox.run(format!("log --format jsonl {line}")).expect_code(0).json_lines().len();
    for (line, expected) in [
        ("", 3),
        ("--calls", 1),
        ("--changes", 2),
        ("-c acme", 2),
        ("-c tokyo --calls", 0),
        ("--since 2026-11-23T15:30:00Z", 2),
        ("--since 2026-11-23T15:30:00.001Z", 1),
        ("--since 1h", 1),
    ] {
        assert_eq!(count(line), expected, "callq log {line}");
    }
    sandbox.run("log --calls --changes").expect_code(2);
    sandbox.run("log -c nobody").expect_code(3);
    let refused = sandbox.run("log -f --json").expect_code(2);
    assert!(refused.stderr.contains("jsonl"), "{refused}");
}

fn entry(running: &mut Running) -> Value {
    serde_json::from_str(&running.next_line()).unwrap()
}

#[test]
fn it_follows_calls_that_end_and_changes_that_are_made() {
    let sandbox = Sandbox::holding();
    sandbox.run("add -c acme held-up").expect_code(0);
    sandbox.run("update 1 -p high").expect_code(0);
    let mut dialling = sandbox.spawn("process");
    eventually("the call goes on", || sandbox.path("began-held-up").exists());
    let mut log = sandbox.spawn("log -f --format jsonl");
    let first = entry(&mut log);
    assert_eq!((&first["kind"], &first["what"]), (&"change".into(), &"priority".into()), "the call is in progress");
    sandbox.run("add -c globex other --at +2h").expect_code(0);
    sandbox.run("update 2 -p urgent").expect_code(0);
    assert_eq!(entry(&mut log)["id"], 2);
    sandbox.write("go", "");
    dialling.next_line();
    dialling.finish().expect_code(0);
    let call = entry(&mut log);
    assert_eq!((&call["kind"], &call["id"], &call["outcome"]), (&"call".into(), &1.into(), &"completed".into()));
    // A call that begins and ends between two looks.
    sandbox.run("add -c acme quick").expect_code(0);
    sandbox.run("process").expect_code(0);
    let quick = entry(&mut log);
    assert_eq!((&quick["lead_id"], &quick["outcome"]), (&"quick".into(), &"completed".into()));
    log.signal(Signal::INT);
    let ended = log.finish().expect_code(130);
    assert_eq!(ended.stdout, "", "each entry comes once");
}

#[test]
fn a_follower_shows_only_the_last_entries_at_first() {
    let sandbox = Sandbox::dialling();
    sandbox.run("add -c acme one --at +2h").expect_code(0);
    for priority in ["high", "normal"].iter().cycle().take(14) {
        sandbox.run(format!("update 1 -p {priority}")).expect_code(0);
    }
    let mut log = sandbox.spawn("log -f --changes --format jsonl");
    let first: Vec<Value> = (0..10).map(|_| entry(&mut log)).collect();
    assert_eq!((&first[0]["to"], &first[9]["to"]), (&"high".into(), &"normal".into()));
    sandbox.run("cancel 1").expect_code(0);
    assert_eq!(entry(&mut log)["what"], "status");
    log.signal(Signal::TERM);
    log.finish().expect_code(143);
}
