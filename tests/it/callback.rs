//! `callq callback`: calls that people were promised.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

/// Monday 10:00 in New York, where client acme works from 09:00 to 17:00.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("USER", "ann");
    sandbox.configure(
        "[defaults.dispatch]\nkind = \"simulate\"\n[defaults.law]\npurpose = \"service\"\nvoice = \"human\"\n",
    );
    sandbox
}

fn show(sandbox: &Sandbox, id: u64) -> Value {
    sandbox.run(format!("show {id} --json")).expect_code(0).json()
}

/// The leads that a run would call now, in its order.
fn next_leads(sandbox: &Sandbox) -> Vec<String> {
    let rows = sandbox.run("process --dry-run --json").expect_code(0).json();
    rows.as_array().unwrap().iter().map(|row| row["lead_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_promise_is_kept_with_its_window_and_the_story_is_told() {
    let sandbox = sandbox();
    sandbox.run("add -c acme lead-17 -p low").expect_code(0);
    let run = sandbox.run(["callback", "lead-17", "15:30", "--note", "wants the offer"]);
    assert_data_eq!(
        run.text(),
        str![[r#"
id  client  lead     priority  status              next call             retries  phone  reason
 1  acme    lead-17  low       callback 15:30 EST  2026-11-23 15:30 EST      0/3  -      -
--- standard error
1 promised
promised for Mon 2026-11-23 15:30 EST, in a window up to Mon 2026-11-23 16:00 EST
--- exit 0

"#]]
    );
    let item = show(&sandbox, 1);
    let callback = json!({"at": "2026-11-23T20:30:00.000Z", "until": "2026-11-23T21:00:00.000Z", "missed": false});
    assert_eq!(
        (&item["callback"], &item["status"], &item["priority"]),
        (&callback, &json!("scheduled"), &json!("low"))
    );
    let change = item["changes"].as_array().unwrap().iter().find(|change| change["what"] == "callback").unwrap();
    let noted = (&change["by"], &change["to"], &change["reason"]);
    assert_eq!(noted, (&json!("ann"), &json!("2026-11-23T20:30:00.000Z"), &json!("wants the offer")));
    let why = sandbox.run("why 1").expect_code(0).stdout;
    let story = "promised for 15:30 EST by ann: wants the offer; next call 15:30 EST (in 5 h 30 min)\n";
    assert!(why.starts_with(story), "{why}");
    // Another time ends the promise.
    sandbox.run("update 1 --at 16:00 -p normal").expect_code(0);
    assert_eq!(show(&sandbox, 1)["callback"], Value::Null);
}

#[test]
fn a_time_outside_of_the_hours_is_refused_with_the_nearest_ones_unless_it_may_move() {
    let sandbox = sandbox();
    sandbox.run("add -c acme a").expect_code(0);
    assert_data_eq!(
        sandbox.run("callback a 22:00").text(),
        str![[r#"
--- standard error
error: cannot promise a call of item 1: Mon 2026-11-23 22:00 EST is outside of the hours in which a call can be promised: they end Mon 2026-11-23 17:00 EST and open Tue 2026-11-24 09:00 EST; nothing was changed
hint: --move promises it for the next open time
--- exit 4

"#]]
    );
    assert_eq!(show(&sandbox, 1)["callback"], Value::Null);
    let moved = sandbox.run("callback a 22:00 --move --window 1h").expect_code(0);
    let told = "Mon 2026-11-23 22:00 EST is outside of the hours: promised for Tue 2026-11-24 09:00 EST, in a window up to \
                Tue 2026-11-24 10:00 EST";
    assert!(moved.stderr.contains(told), "{moved}");
    assert_eq!(show(&sandbox, 1)["callback"]["until"], "2026-11-24T15:00:00.000Z");
}

#[test]
fn what_cannot_be_promised_is_refused() {
    let sandbox = sandbox();
    sandbox.run("add -c acme a --phone +12125550117").expect_code(0);
    let unknown = sandbox.run("callback nobody 15:30").expect_code(3);
    assert!(unknown.stderr.contains("callq add -c CLIENT LEAD --phone NUMBER --callback T"), "{unknown}");
    sandbox.run("callback 9 15:30").expect_code(3);
    let slashes = sandbox.run("callback a 11/30").expect_code(2);
    assert!(slashes.stderr.contains("write 2026-11-30"), "{slashes}");
    sandbox.run("callback a soon").expect_code(2);
    sandbox.run("callback a 15:30 --window 0s").expect_code(2);
    let past = sandbox.run("callback a 09:00").expect_code(4);
    assert!(past.stderr.contains("2026-11-23 09:00 EST has passed"), "{past}");
    let expires = sandbox.run("update 1 --expires 14:00").expect_code(0);
    assert_eq!(expires.code, 0);
    let expires = sandbox.run("callback a 15:30").expect_code(4);
    assert!(expires.stderr.contains("it expires at Mon 2026-11-23 14:00 EST"), "{expires}");
    sandbox.run("update 1 --expires never").expect_code(0);
    sandbox.run("dnc add +12125550117").expect_code(0);
    let blocked = sandbox.run("callback a 15:30").expect_code(4);
    assert!(blocked.stderr.contains("is on the do-not-call list"), "{blocked}");
    assert_eq!(show(&sandbox, 1)["status"], "failed");
}

#[test]
fn a_promise_is_for_every_item_but_one_in_progress() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["busy-1", "never-1", "lost-1", "answered-1", "later-1"]);
    sandbox.run("cancel 1").expect_code(0);
    for (id, before) in [(1, "cancelled"), (2, "failed"), (3, "failed, held"), (4, "completed")] {
        assert_eq!(sandbox.status(id), before);
        let item = sandbox.run(["callback", &id.to_string(), "in 2h", "--json"]).expect_code(0).json()[0].clone();
        assert_eq!((&item["status"], &item["held"]), (&json!("scheduled"), &json!(false)), "{before}");
        assert!(item["callback"].is_object(), "{item:#}");
    }
    let open = sandbox.run(["callback", "later-1", "in 2h"]).expect_code(4);
    assert!(open.stderr.contains("it is in progress"), "{open}");
    let listed = sandbox.run("list --callbacks --json").expect_code(0).json();
    assert_eq!(listed.as_array().unwrap().len(), 4);
}

#[test]
fn the_time_is_read_on_the_clock_that_is_named() {
    let sandbox = sandbox();
    sandbox.run("add -c acme chicago --timezone America/Chicago").expect_code(0);
    sandbox.run("add -c acme both --timezone America/Chicago --timezone America/Denver").expect_code(0);
    let at = |words: &[&str]| {
        sandbox.run(words.iter().copied().chain(["--json"]).collect::<Vec<_>>()).expect_code(0).json()[0]["callback"]["at"].clone()
    };
    assert_eq!(at(&["callback", "chicago", "3:30pm"]), "2026-11-23T20:30:00.000Z");
    assert_eq!(at(&["callback", "chicago", "15:30", "--clock", "lead"]), "2026-11-23T21:30:00.000Z");
    assert_eq!(at(&["callback", "chicago", "mon 14:00 America/Chicago"]), "2026-11-23T20:00:00.000Z");
    assert_eq!(at(&["callback", "chicago", "2026-11-30 15:30"]), "2026-11-30T20:30:00.000Z");
    assert_eq!(at(&["callback", "both", "in 2h", "--clock", "lead"]), "2026-11-23T17:00:00.000Z");
    let both = sandbox.run("callback both 14:30 --clock lead").expect_code(4);
    let readings = "14:30 means Mon 2026-11-23 15:30 EST on the clock of America/Chicago or Mon 2026-11-23 16:30 EST on the clock \
                    of America/Denver: write the zone behind it";
    assert!(both.stderr.contains(readings), "{both}");
}

#[test]
fn a_lead_is_queued_with_its_promise() {
    let sandbox = sandbox();
    let added = sandbox.run("add -c acme a -p low --callback 15:30 --json").expect_code(0).json();
    assert_eq!(added["callback"]["at"], "2026-11-23T20:30:00.000Z");
    let refused = sandbox.run("add -c acme b --callback 22:00").expect_code(4);
    assert!(refused.stderr.contains("hint: promise it for one of these times"), "{refused}");
    assert!(
        refused.stderr.contains("they end Mon 2026-11-23 17:00 EST and open Tue 2026-11-24 09:00 EST"),
        "{refused}"
    );
    let past = sandbox.run("add -c acme b --callback 09:00");
    assert!(past.code != 0 && past.stderr.contains("has passed"), "{past}");
    sandbox.run("add -c acme b --callback 15:30 --at 15:30").expect_code(2);
    let why = sandbox.run("why 1").expect_code(0).stdout;
    assert!(why.starts_with("promised for 15:30 EST by ann; "), "{why}");
    let again = sandbox.run("add -c acme a --callback 16:00 --if-exists replace --json").expect_code(0).json();
    assert_eq!(again["callback"]["at"], "2026-11-23T21:00:00.000Z");
}

#[test]
fn a_promised_lead_stands_first_from_its_time_on_and_is_missed_after_its_window() {
    let mut sandbox = sandbox();
    for lead in ["urgent -p urgent", "high -p high", "promised -p low"] {
        sandbox.run(format!("add -c acme {lead}")).expect_code(0);
    }
    sandbox.run("callback promised 15:30").expect_code(0);
    sandbox.set_now("2026-11-23T20:29:59Z");
    assert_eq!(next_leads(&sandbox), ["urgent", "high"]);
    let listed = |sandbox: &Sandbox| {
        let rows = sandbox.run("list --json").expect_code(0).json();
        rows.as_array().unwrap().iter().map(|row| row["lead_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&sandbox), ["urgent", "high", "promised"]);
    sandbox.set_now("2026-11-23T20:30:00Z");
    assert_eq!(next_leads(&sandbox), ["promised", "urgent", "high"]);
    assert_eq!(listed(&sandbox), ["promised", "urgent", "high"]);
    let status = sandbox.run("status --json").expect_code(0).json();
    assert_eq!((&status["callbacks_missed"], &status["clients"][0]["due"]), (&json!(0), &json!(3)));
    let due = sandbox.run("list --due --count").expect_code(0).stdout;
    assert_eq!(due.trim(), "3");

    sandbox.set_now("2026-11-23T21:00:00Z");
    assert_eq!(next_leads(&sandbox), ["promised", "urgent", "high"]);
    let status = sandbox.run("status").expect_code(0).stdout;
    assert!(status.contains("1 promised call missed: callq list --callbacks"), "{status}");
    let missed = sandbox.run("list --callbacks").expect_code(0).stdout;
    assert!(missed.contains("callback 15:30 EST missed"), "{missed}");
    assert_eq!(show(&sandbox, 3)["callback"]["missed"], true);
    let why = sandbox.run("why 3").expect_code(0).stdout;
    assert!(why.starts_with("missed: was promised for 15:30 EST by ann; can be called now\n"), "{why}");
    let doctor = sandbox.run("doctor").stdout;
    assert!(doctor.contains("1 promised call was missed: callq list --callbacks"), "{doctor}");
    sandbox.run("process").expect_code(0);
    assert_eq!(sandbox.run("status --json").expect_code(0).json()["callbacks_missed"], 0);
    assert_eq!(show(&sandbox, 3)["callback"], Value::Null);
}

#[test]
fn a_person_reports_what_was_promised() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["later-1"]);
    let item = sandbox.run(["report", "1", "--outcome", "callback", "--at", "in 2h", "--json"]).expect_code(0).json();
    let item = item.as_array().map_or(&item, |items| &items[0]).clone();
    assert_eq!((&item["status"], &item["last_reason"]), (&json!("retry_scheduled"), &json!("callback")));
    assert!(item["callback"].is_object(), "{item:#}");
    let attempt = &show(&sandbox, 1)["history"][0];
    assert_eq!((&attempt["outcome"], &attempt["reached"]), (&json!("retry"), &json!("person")));
    let why = sandbox.run("why 1").expect_code(0).stdout;
    assert!(why.contains(" in call 1; "), "{why}");
    sandbox.call(&["later-2"]);
    let past = sandbox.run(["report", "2", "--outcome", "callback", "--at", "2020-01-01"]).expect_code(2);
    assert!(past.stderr.contains("for a time that has passed, Wed 2020-01-01 00:00 "), "{past}");
    sandbox.run(["report", "2", "--outcome", "callback", "--at", "soon"]).expect_code(2);
    sandbox.run("report 2 --outcome callback").expect_code(0);
    assert_eq!(sandbox.status(2), "failed, held");
    sandbox.call(&["later-3"]);
    sandbox.run(["report", "3", "--outcome", "busy", "--at", "in 2h"]).expect_code(0);
    assert_eq!((sandbox.status(3), show(&sandbox, 3)["callback"].clone()), ("retry_scheduled".into(), Value::Null));
}

#[test]
fn update_refuses_a_time_that_would_move() {
    let sandbox = sandbox();
    sandbox.run("add -c acme a").expect_code(0);
    let refused = sandbox.run("update 1 --at 22:00 --strict").expect_code(4);
    assert!(refused.stderr.contains("2026-11-23 22:00 EST is outside of the windows"), "{refused}");
    sandbox.run("update 1 --at 15:30 --strict").expect_code(0);
    sandbox.run("update 1 --strict").expect_code(2);
}
