//! `callq add` of a lead or a key that is known: requests that are repeated, duplicates, replacements.

use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

#[test]
fn a_key_makes_a_request_repeatable() {
    let sandbox = Sandbox::new();
    let first = sandbox.run("add --json -c acme lead --key k-1 -p low").expect_code(0).json();
    assert_eq!((&first["id"], &first["existing"], &first["key"]), (&1.into(), &false.into(), &"k-1".into()));
    let second = sandbox.run("add --json -c acme lead --key k-1 -p urgent").expect_code(0).json();
    assert_eq!((&second["id"], &second["existing"], &second["priority"]), (&1.into(), &true.into(), &"low".into()));
    assert_eq!(second["updated_at"], first["updated_at"]);
    assert_data_eq!(
        sandbox.run("add -c acme lead --key k-1").text(),
        str![[r#"
1  2026-11-23 12:00 EST  in 2 h  existing
--- exit 0

"#]]
    );
    assert_data_eq!(
        sandbox.run("add -c acme other --key k-1").text(),
        str![[r#"
--- standard error
error: key k-1 names item 1 of another lead, lead
--- exit 4

"#]]
    );
    sandbox.run("add -c beta lead --key k-1").expect_code(0);
    assert_eq!(sandbox.run("list --json").json().as_array().unwrap().len(), 2);
}

#[test]
fn a_key_is_known_after_its_item_has_ended() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme lead --key k-1").expect_code(0);
    sandbox.run("cancel 1").expect_code(0);
    let again = sandbox.run("add --json -c acme lead --key k-1").expect_code(0).json();
    assert_eq!((&again["id"], &again["existing"], &again["status"]), (&1.into(), &true.into(), &"cancelled".into()));
    assert_data_eq!(
        sandbox.run("add -c acme lead --key k-1").text(),
        str![[r#"
1  cancelled  existing
--- exit 0

"#]]
    );
    let new = sandbox.run("add --json -c acme lead --key k-2 --again").expect_code(0).json();
    assert_eq!((&new["id"], &new["existing"]), (&2.into(), &false.into()));
}

#[test]
fn a_known_key_is_success_even_when_the_request_has_aged() {
    let mut sandbox = Sandbox::new();
    let request = "add --json -c acme lead --key k-1 --strict --at 2026-11-23T16:00:00Z --expires 2026-11-24T00:00:00Z";
    sandbox.run(request).expect_code(0);
    sandbox.set_now("2026-12-05T12:00:00Z");
    let again = sandbox.run(request).expect_code(0).json();
    assert_eq!((&again["id"], &again["existing"]), (&1.into(), &true.into()));
}

#[test]
fn a_lead_that_is_queued_is_a_duplicate() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme lead").expect_code(0);
    assert_data_eq!(
        sandbox.run("add -c acme lead").text(),
        str![[r#"
--- standard error
error: lead lead of client acme is queued already: item 1 is pending
hint: --if-exists skip leaves it, --if-exists replace changes it
--- exit 4

"#]]
    );
    sandbox.run("add -c beta lead").expect_code(0);
}

#[test]
fn if_exists_skip_leaves_the_item_as_it_is() {
    let sandbox = Sandbox::new();
    let first = sandbox.run("add --json -c acme lead -p low").expect_code(0).json();
    let second = sandbox.run("add --json -c acme lead -p urgent --if-exists skip").expect_code(0).json();
    assert_eq!((&second["id"], &second["existing"], &second["priority"]), (&1.into(), &true.into(), &"low".into()));
    assert_eq!(second["scheduled_at"], first["scheduled_at"]);
}

#[test]
fn if_exists_replace_changes_the_item_in_place() {
    let mut sandbox = Sandbox::new();
    sandbox.set("USER", "ops");
    sandbox.run("add -c acme lead -p low --meta a=1").expect_code(0);
    let replaced =
        sandbox.run("add --json -c acme lead -p high --phone +12125550100 --if-exists replace").expect_code(0).json();
    assert_eq!((&replaced["id"], &replaced["existing"]), (&1.into(), &false.into()));
    assert_eq!((&replaced["priority"], &replaced["phone"]), (&"high".into(), &"+12125550100".into()));
    let changes = sandbox.run("show 1 --json").json()["changes"].clone();
    let told: Vec<&str> = changes.as_array().unwrap().iter().map(|change| change["what"].as_str().unwrap()).collect();
    assert_eq!(told, ["priority", "scheduled_at", "phone"]);
}

#[test]
fn if_exists_replace_changes_only_what_is_given() {
    let sandbox = Sandbox::new();
    let first = "add --json -c acme lead -p low --phone +12125550100 --timezone America/Chicago --max-retries 7 \
                 --meta a=1 --meta b=2 --at 2026-11-24T19:00:00Z --expires 2026-12-24 --key k";
    let before = sandbox.run(first).expect_code(0).json();
    let replace =
        |flags: &str| sandbox.run(format!("add --json -c acme lead --if-exists replace {flags}")).expect_code(0).json();
    let differing = |after: &serde_json::Value| -> Vec<String> {
        let fields = after.as_object().unwrap().iter();
        fields.filter(|(name, value)| before[*name] != **value).map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(differing(&replace("")), [""; 0]);
    let after = replace("--meta b=3 --max-retries 2");
    assert_eq!(differing(&after), ["max_retries", "metadata"]);
    assert_eq!(after["metadata"], serde_json::json!({"a": "1", "b": "3"}), "a field is one of several");
    let after = replace("--metadata {} --max-retries 7 -p urgent --key k2");
    assert_eq!(
        differing(&after),
        ["key", "priority", "scheduled_at", "next_call_at", "metadata"],
        "it has other hours"
    );
    assert_eq!(replace("--key k2 -p low")["priority"], "urgent", "a request that is repeated changes nothing");
}

#[test]
fn a_replacement_that_no_rule_allows_changes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme lead --at 2026-11-24T19:00:00Z").expect_code(0);
    let strict = sandbox.run("add -c acme lead --if-exists replace --strict --at 2026-11-24T03:00:00Z");
    assert!(strict.stderr.contains("is outside of the windows: the next slot is"), "{strict}");
    strict.expect_code(4);
    let late = sandbox.run("add -c acme lead --if-exists replace --expires 2026-11-24T18:00:00Z");
    assert!(
        late.stderr.contains("it expires at Tue 2026-11-24 13:00 EST, and its first slot is Tue 2026-11-24 14:00 EST"),
        "{late}"
    );
    late.expect_code(4);
    assert_eq!(sandbox.run("show 1 --json").json()["changes"], serde_json::json!([]));
}

#[test]
fn an_item_in_progress_or_held_is_not_replaced() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["later-1"]);
    assert_data_eq!(
        sandbox.run("add -c acme later-1 --if-exists replace").text(),
        str![[r#"
--- standard error
error: lead later-1 of client acme is queued already: item 1 is in_progress
hint: its call is in progress: wait for the outcome
--- exit 4

"#]]
    );
    sandbox.run("cancel 1 --in-progress").expect_code(0);
    let held = Sandbox::dialling();
    held.call(&["lost-1"]);
    assert_data_eq!(
        held.run("add -c acme lost-1 --if-exists replace").text(),
        str![[r#"
--- standard error
error: lead lost-1 of client acme is queued already: item 1 is held
hint: `callq retry 1` calls it again, `callq report 1` tells how the call ended
--- exit 4

"#]]
    );
    assert_data_eq!(
        held.run("add -c acme lost-1").text(),
        str![[r#"
--- standard error
error: lead lost-1 of client acme is queued already: item 1 is held
hint: `callq retry 1` calls it again, `callq report 1` tells how the call ended
--- exit 4

"#]]
    );
}

#[test]
fn a_finished_lead_may_be_queued_again() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["answered-1"]);
    let again = sandbox.run("add --json -c acme answered-1").expect_code(0).json();
    assert_eq!(again["id"], 2);
}
