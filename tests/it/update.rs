//! `callq update`: changes of waiting items.

use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

fn waiting() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("USER", "ops");
    sandbox.run("add -c acme lead-1 --meta a=1").expect_code(0);
    sandbox.run("add -c acme lead-2 -p low").expect_code(0);
    sandbox.run("add -c beta lead-3").expect_code(0);
    sandbox
}

#[test]
fn every_field_can_be_changed_and_each_change_is_told() {
    let mut sandbox = waiting();
    sandbox.set_now("2026-11-23T15:30:00Z");
    let line = "update 1 -p high --at 2026-11-24T16:00:00Z --expires 2026-12-01 --max-retries 9 --phone +12125550101 \
                --timezone America/Chicago --meta b=2";
    assert_data_eq!(
        sandbox.run(line).text(),
        str![[r#"
id  client  lead    priority  status     next call             retries  phone         reason
 1  acme    lead-1  high      scheduled  2026-11-24 11:00 EST      0/9  +12125550101  -
--- standard error
1 updated
--- exit 0

"#]]
    );
    let item = sandbox.run("show 1 --json").json();
    assert_eq!(item["metadata"], serde_json::json!({"a": "1", "b": "2"}));
    assert_eq!(item["updated_at"], "2026-11-23T15:30:00.000Z");
    let mut text = String::new();
    for change in item["changes"].as_array().unwrap() {
        text.push_str(&format!("{change}\n"));
    }
    assert_data_eq!(
        text,
        str![[r#"
{"at":"2026-11-23T15:30:00.000Z","by":"ops","what":"status","from":"pending","to":"scheduled","reason":null}
{"at":"2026-11-23T15:30:00.000Z","by":"ops","what":"priority","from":"normal","to":"high","reason":null}
{"at":"2026-11-23T15:30:00.000Z","by":"ops","what":"scheduled_at","from":"2026-11-23T15:00:00.000Z","to":"2026-11-24T16:00:00.000Z","reason":null}
{"at":"2026-11-23T15:30:00.000Z","by":"ops","what":"expires_at","from":null,"to":"2026-12-01T05:00:00.000Z","reason":null}
{"at":"2026-11-23T15:30:00.000Z","by":"ops","what":"max_retries","from":"3","to":"9","reason":null}
{"at":"2026-11-23T15:30:00.000Z","by":"ops","what":"phone","from":null,"to":"+12125550101","reason":null}
{"at":"2026-11-23T15:30:00.000Z","by":"ops","what":"timezones","from":null,"to":"America/Chicago","reason":null}
{"at":"2026-11-23T15:30:00.000Z","by":"ops","what":"metadata","from":"{/"a/":/"1/"}","to":"{/"a/":/"1/",/"b/":/"2/"}","reason":null}

"#]]
    );
}

#[test]
fn a_new_priority_or_zone_moves_the_slot() {
    let sandbox = waiting();
    let update = |line: &str| sandbox.run(format!("update {line} --json")).expect_code(0).json()[0].clone();
    let item = update("1 -p low");
    assert_eq!((&item["scheduled_at"], &item["status"]), (&"2026-11-23T17:00:00.000Z".into(), &"scheduled".into()));
    let item = update("2 -p urgent");
    assert_eq!((&item["scheduled_at"], &item["status"]), (&"2026-11-23T17:00:00.000Z".into(), &"scheduled".into()));
    let item = update("3 --timezone America/Los_Angeles");
    assert_eq!(item["scheduled_at"], "2026-11-23T16:00:00.000Z");
}

#[test]
fn a_call_that_other_hours_put_off_is_told_with_the_way_out() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme lead -p low --at 2026-11-23T22:00:00Z").expect_code(0);
    let update = |flags: &str| sandbox.run(format!("update 1 {flags} --json")).expect_code(0);
    let later = update("-p urgent");
    assert_eq!(later.stderr, "1 updated\n1 moved to a later slot, in other hours: --at now asks for the first one\n");
    assert_eq!(later.json()[0]["scheduled_at"], "2026-11-24T14:00:00.000Z", "tomorrow at nine");
    let now = update("-p urgent --at now");
    assert_eq!((now.stderr.as_str(), &now.json()[0]["status"]), ("1 updated\n", &"pending".into()));
    assert_eq!(update("-p urgent --max-retries 7").stderr, "1 updated\n", "it is where it was");
}

#[test]
fn a_due_item_keeps_its_place_in_the_order() {
    let mut sandbox = waiting();
    sandbox.set_now("2026-11-23T16:00:00Z");
    let item = sandbox.run("update 1 -p urgent --json").expect_code(0).json()[0].clone();
    assert_eq!(item["scheduled_at"], "2026-11-23T15:00:00.000Z");
}

#[test]
fn a_time_outside_of_the_windows_moves_and_it_is_said() {
    let sandbox = waiting();
    assert_data_eq!(
        sandbox.run("update 1-2 --at 2026-11-28T12:00:00Z -q").text(),
        str![[r#"
id  client  lead    priority  status     next call             retries  phone  reason
 1  acme    lead-1  normal    scheduled  2026-11-30 09:00 EST      0/3  -      -
 2  acme    lead-2  low       scheduled  2026-11-30 08:00 EST      0/3  -      -
--- exit 0

"#]]
    );
    assert_data_eq!(
        sandbox.run("update 1 --at 2026-11-29T12:00:00Z").text(),
        str![[r#"
id  client  lead    priority  status     next call             retries  phone  reason
 1  acme    lead-1  normal    scheduled  2026-11-30 09:00 EST      0/3  -      -
--- standard error
1 updated
1 moved to the next slot: --at is outside of the windows
--- exit 0

"#]]
    );
}

#[test]
fn local_times_are_read_in_the_zone_of_each_items_client() {
    let mut sandbox = waiting();
    sandbox.configure("[clients.beta]\ntimezone = \"UTC\"\n");
    sandbox.set_now("2026-03-06T15:00:00Z");
    // 02:30 does not exist in New York that night.
    sandbox.run("update 3 --at 2026-03-08T02:30").expect_code(0);
    assert_data_eq!(
        sandbox.run("update 1 --at 2026-03-08T02:30").text(),
        str![[r#"
--- standard error
error: cannot update item 1: `2026-03-08T02:30` is skipped by a clock change in America/New_York: write 2026-03-08T01:30:00-05:00 or 2026-03-08T03:30:00-04:00; nothing was changed
--- exit 4

"#]]
    );
    let both = sandbox.run("update 1 3 --at 2026-03-09T12:30 --json").expect_code(0).json();
    assert_eq!(both[0]["scheduled_at"], "2026-03-09T16:30:00.000Z");
    assert_eq!(both[1]["scheduled_at"], "2026-03-09T12:30:00.000Z");
}

#[test]
fn metadata_is_replaced_whole_and_meta_field_by_field() {
    let sandbox = waiting();
    let run = sandbox.run(["update", "1", "--json", "--metadata", "{\"x\":1}"]).expect_code(0);
    assert_eq!(run.json()[0]["metadata"], serde_json::json!({"x": 1}));
    let run = sandbox.run("update 1 --json --meta x=2 --meta y=3").expect_code(0);
    assert_eq!(run.json()[0]["metadata"], serde_json::json!({"x": "2", "y": "3"}));
}

#[test]
fn expires_never_takes_the_limit_away() {
    let sandbox = waiting();
    let expires = |line: &str| sandbox.run(line).expect_code(0).json()[0]["expires_at"].clone();
    assert_eq!(expires("update 1 --json --expires 2026-12-01"), "2026-12-01T05:00:00.000Z");
    assert!(expires("update 1 --json --expires never").is_null());
    assert_data_eq!(
        sandbox.run("update 1 --expires 2026-11-01").text(),
        str![[r#"
--- standard error
error: cannot update item 1: it expires at Sun 2026-11-01 00:00 EDT, and its first slot is Mon 2026-11-23 10:00 EST; nothing was changed
--- exit 4

"#]]
    );
}

#[test]
fn an_item_in_progress_or_finished_is_refused_and_nothing_changes() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["answered-1", "later-1"]);
    sandbox.run("add -c acme new-1").expect_code(0);
    assert_data_eq!(
        sandbox.run("update 1 -p high").text(),
        str![[r#"
--- standard error
error: cannot update item 1: it is finished; nothing was changed
--- exit 4

"#]]
    );
    assert_data_eq!(
        sandbox.run("update 3 2 -p high").text(),
        str![[r#"
--- standard error
error: cannot update item 2: it is in progress; nothing was changed
--- exit 4

"#]]
    );
    assert_eq!(sandbox.run("show 3 --json").json()["priority"], "normal");
    sandbox.run("cancel 2 --in-progress").expect_code(0);
}

#[test]
fn a_selection_changes_what_may_be_changed_and_tells_how_many_it_left_out() {
    let sandbox = Sandbox::simulating();
    for lead in ["a", "b", "c"] {
        sandbox.run(format!("add -c acme {lead}")).expect_code(0);
    }
    sandbox.run("cancel 2").expect_code(0);
    assert_data_eq!(
        sandbox.run("update -c acme -p high").text(),
        str![[r#"
id  client  lead  priority  status   next call             retries  phone  reason
 1  acme    a     high      pending  2026-11-23 15:00 UTC      0/3  -      -
 3  acme    c     high      pending  2026-11-23 15:00 UTC      0/3  -      -
--- standard error
2 updated, 1 left out
--- exit 0

"#]]
    );
    sandbox.run("update --status cancelled -p high").expect_code(4);
    sandbox.run("update --status completed -p high").expect_code(3);
    sandbox.run("update -p high").expect_code(2);
    sandbox.run("update --all -p urgent").expect_code(0);
    assert_eq!(sandbox.run("update --with-priority urgent --meta x=1 --json").json().as_array().unwrap().len(), 2);
}

#[test]
fn a_change_after_which_the_item_could_never_be_called_is_refused() {
    let sandbox = waiting();
    assert_data_eq!(
        sandbox.run("update 1 --timezone Asia/Tokyo").text(),
        str![[r#"
--- standard error
error: cannot update item 1: this lead could never be called: the client's hours for normal calls in America/New_York never overlap with `calling_hours` in Asia/Tokyo; nothing was changed
--- exit 4

"#]]
    );
    assert_eq!(sandbox.run("show 1 --json").json()["changes"], serde_json::json!([]));
}

#[test]
fn what_does_not_parse_is_a_usage_error() {
    let sandbox = waiting();
    let errors: String = [
        "update 1",
        "update 1 -p soon",
        "update 1 --at soon",
        "update 1 --expires soon",
        "update 1 --phone 12",
        "update 1 --timezone Mars/Olympus",
        "update 1 --metadata []",
        "update 1 --meta x",
    ]
    .iter()
    .map(|line| sandbox.run(line).expect_code(2).stderr)
    .collect();
    assert_data_eq!(
        errors,
        str![[r#"
error: no change is given
hint: callq update --help
error: invalid value 'soon' for '--priority <PRIORITY>': unknown priority `soon`: expected urgent, high, normal or low
hint: callq update --help
error: --at: `soon` is not a time: expected RFC 3339 (2026-11-23T09:30:00-05:00), `2026-11-23 09:30`, `2026-11-23`, `09:30`, `now`, `+90m`, `tomorrow 09:30` or `mon 14:00`
error: --expires: `soon` is not a time: expected RFC 3339 (2026-11-23T09:30:00-05:00), `2026-11-23 09:30`, `2026-11-23`, `09:30`, `now`, `+90m`, `tomorrow 09:30` or `mon 14:00`
error: --phone: phone number `12` has neither + nor a country code: write +12125550101, or set `country_code` for the client
error: --timezone: unknown time zone `Mars/Olympus`: write an IANA name, such as America/New_York
error: invalid value '[]' for '--metadata <JSON>': metadata is not a JSON object: invalid type: sequence, expected a map at line 1 column 0
hint: callq update --help
error: invalid value 'x' for '--meta <K=V>': `x` is not of the form K=V
hint: callq update --help

"#]]
    );
    sandbox.run("update 9 -p high").expect_code(3);
}

#[test]
fn an_update_that_changes_nothing_leaves_no_trace() {
    let sandbox = waiting();
    sandbox.run("update 1 -p normal").expect_code(0);
    assert_eq!(sandbox.run("show 1 --json").json()["changes"], serde_json::json!([]));
}

#[test]
fn a_waiting_item_keeps_room_for_its_next_call() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["busy-1"]);
    let refused = sandbox.run("update 1 --max-retries 0").expect_code(4);
    assert_data_eq!(
        refused.text(),
        str![[r#"
--- standard error
error: cannot update item 1: its next call is retry 1: allow as many, or `callq cancel` it; nothing was changed
--- exit 4

"#]]
    );
    sandbox.run("update 1 --max-retries 1").expect_code(0);
    sandbox.run("add -c acme busy-1 --if-exists replace --max-retries 0").expect_code(4);
    assert_eq!(sandbox.items()[&1]["max_retries"], 1);
}
