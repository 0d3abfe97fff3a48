//! `callq reschedule`: items keep the time that was asked for, and move to the slots that wider hours give.

use serde_json::json;

use crate::support::Sandbox;

/// Saturday, 10:00 in New York: a client that works from Monday to Friday has its first slot on Monday at nine.
const SATURDAY: &str = "2026-11-21T15:00:00Z";

fn scheduled(sandbox: &Sandbox, id: u64) -> String {
    sandbox.run(format!("show {id} --json")).expect_code(0).json()["scheduled_at"].as_str().unwrap().to_owned()
}

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults]\ndispatch.kind = \"simulate\"\n[clients.acme]\n");
    sandbox.set_now(SATURDAY);
    sandbox
}

const MONDAY: &str = "2026-11-23T14:00:00.000Z";

#[test]
fn wider_hours_move_what_waits_for_longer_than_was_asked() {
    let sandbox = sandbox();
    sandbox.run("add -c acme now").expect_code(0);
    sandbox.run("add -c acme sunday --at 2026-11-22T18:00:00Z").expect_code(0);
    sandbox.run("add -c acme monday --at 2026-11-23T16:00:00Z").expect_code(0);
    sandbox.run_with_input("import -c acme -f -", "imported\n").expect_code(0);
    sandbox.run_with_input("import -c acme -f - --batch-size 1 --batch-interval 1h", "one\ntwo\n").expect_code(0);
    sandbox.run("add -c globex other").expect_code(0);
    assert_eq!([1, 2, 4, 7].map(|id| scheduled(&sandbox, id)), [MONDAY; 4]);
    assert_eq!(sandbox.run("reschedule --json").expect_code(0).json(), json!({"count": 0}));
    let said = "3 waiting items have later slots than today's hours give: callq reschedule";
    let days = r#"active_days=["Mon", "Sat", "Sun"]"#;
    let set = sandbox.run(["config", "set", "-c", "acme", days]).expect_code(0);
    assert_eq!(set.stderr, format!("{said} -c acme\n"));
    assert!(sandbox.run("doctor --format csv").stdout.contains(&format!("slots,warning,{said}")));
    assert!(sandbox.run("config check --format csv").stdout.contains(&format!("queue,warning,{said}")));
    assert_eq!(sandbox.run("reschedule --dry-run").expect_code(0).stderr, "3 items would be called sooner\n");
    assert_eq!(scheduled(&sandbox, 1), MONDAY);
    assert_eq!(sandbox.run("reschedule -c globex --json").expect_code(0).json(), json!({"count": 0}));
    assert_eq!(sandbox.run("reschedule").expect_code(0).stderr, "3 items are called sooner now\n");
    let moved = [1, 2, 4].map(|id| scheduled(&sandbox, id));
    assert_eq!(moved, ["2026-11-21T15:00:00.000Z", "2026-11-22T18:00:00.000Z", "2026-11-21T15:00:00.000Z"]);
    assert_eq!(scheduled(&sandbox, 3), "2026-11-23T16:00:00.000Z");
    // A pace is kept: its groups are what was asked for.
    assert_eq!([5, 6].map(|id| scheduled(&sandbox, id)), [MONDAY, "2026-11-23T15:00:00.000Z"]);
    let item = sandbox.run("show 1 --json").expect_code(0).json();
    assert_eq!((&item["status"], &item["changes"][0]["reason"]), (&json!("pending"), &json!("the hours changed")));
    assert!(!sandbox.run("doctor --format csv").stdout.contains("slots,"));
}

#[test]
fn a_retry_is_moved_to_its_due_time_and_no_earlier_than_its_caps_allow() {
    let mut sandbox = sandbox();
    // Two minutes before the client closes for the weekend: retries are due when it is closed.
    sandbox.set_now("2026-11-20T21:58:00Z");
    sandbox.configure(
        "[defaults]\ndispatch.kind = \"simulate\"\nretry_jitter = 0.0\nlaw.rules = \"off\"\nlaw.caps = [\"1/20h\"]\n",
    );
    for number in 0..8 {
        sandbox.run(format!("add -c acme plain-{number}")).expect_code(0);
        sandbox.run(format!("add -c acme phone-{number} --phone +1212555020{number}")).expect_code(0);
    }
    sandbox.run("process").expect_code(0);
    let retries = |sandbox: &Sandbox, lead: &str| -> Vec<String> {
        let items = sandbox.run("list --status retry_scheduled --json").expect_code(0).json();
        let found = items.as_array().unwrap().iter().filter(|item| item["lead_id"].as_str().unwrap().starts_with(lead));
        found.map(|item| item["scheduled_at"].as_str().unwrap().to_owned()).collect()
    };
    for lead in ["plain", "phone"] {
        assert!(!retries(&sandbox, lead).is_empty() && retries(&sandbox, lead).iter().all(|slot| slot == MONDAY));
    }
    sandbox.set_now(SATURDAY);
    sandbox.run(["config", "set", r#"active_days=["Mon", "Sat"]"#]).expect_code(0);
    sandbox.run("reschedule").expect_code(0);
    assert!(retries(&sandbox, "plain").iter().all(|slot| slot == "2026-11-21T15:00:00.000Z"));
    // 20 hours after its call a number may be called again.
    assert!(retries(&sandbox, "phone").iter().all(|slot| slot == "2026-11-21T17:58:00.000Z"));
}

#[test]
fn an_item_of_an_older_version_is_left_where_it_is() {
    let sandbox = sandbox();
    sandbox.run("add -c acme old").expect_code(0);
    let connection = rusqlite::Connection::open(sandbox.database()).unwrap();
    connection.execute("UPDATE items SET asked_at = NULL", []).unwrap();
    drop(connection);
    sandbox.run(["config", "set", "-c", "acme", r#"active_days=["Sat"]"#]).expect_code(0);
    assert_eq!(sandbox.run("reschedule --json").expect_code(0).json(), json!({"count": 0}));
    assert_eq!(scheduled(&sandbox, 1), MONDAY);
}

#[test]
fn a_promised_call_is_not_moved() {
    let sandbox = sandbox();
    sandbox.run("add -c acme lead-7").expect_code(0);
    sandbox.run(["callback", "lead-7", "mon 15:30"]).expect_code(0);
    sandbox.run(["config", "set", "-c", "acme", r#"active_days=["Mon", "Sat", "Sun"]"#]).expect_code(0);
    assert_eq!(sandbox.run("reschedule --json").expect_code(0).json(), json!({"count": 0}));
    assert_eq!(scheduled(&sandbox, 1), "2026-11-23T20:30:00.000Z");
}
