//! `callq dnc`: entries of the do-not-call list, what they end, and who may remove them.

use serde_json::{Value, json};

use crate::support::Sandbox;

const NUMBER: &str = "+13125550112";

/// A sandbox of two clients whose calls are made up.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults]\ndispatch.kind = \"simulate\"\n[clients.acme]\n[clients.globex]\n");
    sandbox
}

fn add(sandbox: &Sandbox, client: &str, lead: &str, phone: &str) {
    sandbox.run(["add", "-c", client, lead, "--phone", phone]).expect_code(0);
}

fn gate(sandbox: &Sandbox, id: u64, name: &str) -> Value {
    let why = sandbox.run(["why", &id.to_string(), "--json"]).expect_code(0).json();
    why["gates"].as_array().unwrap().iter().find(|gate| gate["gate"] == name).unwrap().clone()
}

#[test]
fn an_entry_ends_what_waits_for_its_number_of_every_client() {
    let mut sandbox = sandbox();
    add(&sandbox, "acme", "lead-3", NUMBER);
    add(&sandbox, "globex", "g-9", "+1 312 555 0112");
    add(&sandbox, "globex", "other", "+13125550113");
    sandbox.set("USER", "ann");
    let run = sandbox.run(["dnc", "add", NUMBER, "--source", "caller", "--reason", "asked by mail"]).expect_code(0);
    assert_eq!(
        run.stdout,
        "+13125550112  all clients  since 2026-11-23  source caller  reason asked by mail\n\
         2 waiting items ended (do_not_call): acme lead-3, globex g-9\n"
    );
    for id in [1, 2] {
        let item = sandbox.run(["show", &id.to_string(), "--json"]).json();
        assert_eq!((&item["status"], &item["last_reason"]), (&json!("failed"), &json!("do_not_call")));
        assert_eq!((&item["changes"][0]["by"], &item["changes"][0]["reason"]), (&json!("ann"), &json!("do_not_call")));
        let refused = sandbox.run(["retry", &id.to_string()]).expect_code(4);
        assert!(refused.stderr.contains("+13125550112 is on the do-not-call list, source caller"), "{refused}");
    }
    assert_eq!(sandbox.status(3), "pending");
    let again = sandbox.run(["dnc", "add", NUMBER, "--source", "caller", "--json"]).expect_code(0).json();
    assert_eq!((&again[0]["existing"], &again[0]["ended_count"]), (&json!(true), &json!(0)));
    assert_eq!(sandbox.run("dnc list --json").json().as_array().unwrap().len(), 1);
    sandbox.run("doctor").expect_code(0);
}

#[test]
fn a_prefix_closes_its_numbers_for_one_client() {
    let sandbox = sandbox();
    add(&sandbox, "acme", "a", "+12125550117");
    add(&sandbox, "globex", "g", "+12125550118");
    let added = sandbox.run("dnc add +1212* -c acme --json").expect_code(0).json();
    assert_eq!(added[0]["ended"], json!([{"id": 1, "client_id": "acme", "lead_id": "a"}]));
    assert_eq!((sandbox.status(1), sandbox.status(2)), ("failed".into(), "pending".into()));
    let warned = sandbox.run("add -c acme later --phone +12125550119").expect_code(0);
    assert!(warned.stderr.contains("warning: +1212* is on the do-not-call list, source manual"), "{warned}");
    let closed = gate(&sandbox, 3, "do_not_call");
    assert_eq!(closed["open"], json!(false));
    assert!(closed["detail"].as_str().unwrap().starts_with("+1212* is on the do-not-call list since"), "{closed}");
    assert_eq!(gate(&sandbox, 2, "do_not_call")["open"], json!(true));
    let run = sandbox.run("process --json").expect_code(0).json();
    assert_eq!(run["processed"], json!(1), "the other client's alone");
    assert_eq!(sandbox.status(3), "failed");
}

#[test]
fn an_entry_ends_by_its_time_or_when_somebody_removes_it() {
    let mut sandbox = sandbox();
    sandbox.run("dnc add +12125550117 --until 2026-12-01").expect_code(0);
    sandbox.run("dnc add +12125550118 --source caller").expect_code(0);
    sandbox.run("dnc check +12125550117").expect_code(4);
    sandbox.set_now("2026-12-02T15:00:00Z");
    sandbox.run("dnc check +12125550117").expect_code(0);
    assert_eq!(sandbox.run("dnc remove +12125550117 --reason over").expect_code(3).stdout, "");
    let refused = sandbox.run("dnc remove +12125550118 --reason mistake").expect_code(4);
    assert!(refused.stderr.contains("asked not to be called") && refused.stderr.contains("--yes"), "{refused}");
    sandbox.run("dnc check +12125550118").expect_code(4);
    let removed = sandbox.run("dnc remove +12125550118 --reason mistake --yes --json").expect_code(0).json();
    assert_eq!((&removed[0]["removed_reason"], &removed[0]["source"]), (&json!("mistake"), &json!("caller")));
    sandbox.run("dnc check +12125550118").expect_code(0);
    assert_eq!(sandbox.run("dnc list --json").json(), json!([]));
    assert_eq!(sandbox.run("dnc list --ended --json").json().as_array().unwrap().len(), 2);
    assert_eq!(sandbox.run("dnc list --ended --source caller --json").json().as_array().unwrap().len(), 1);
}

#[test]
fn the_variable_of_the_client_does_not_narrow_the_list() {
    let mut sandbox = sandbox();
    sandbox.set("CALLQ_CLIENT", "acme");
    let added = sandbox.run("dnc add +12125550117 --json").expect_code(0).json();
    assert_eq!(added[0]["client_id"], Value::Null);
    sandbox.run("dnc add +12125550117 -c nobody").expect_code(3);
    let refused = sandbox.run("dnc remove +12125550117 -c acme --reason x").expect_code(3);
    assert!(refused.stderr.contains("no entry +12125550117 is in force for client acme"), "{refused}");
    sandbox.run("dnc remove +12125550117 --reason x").expect_code(0);
}

#[test]
fn numbers_are_read_as_everywhere_also_from_standard_input() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults]\ncountry_code = \"1\"\n");
    let lines = "# of the lawyer\n(212) 555-0117\n\n+44 20 7946 0018\n";
    let added = sandbox.run_with_input("dnc add - --json", lines).expect_code(0).json();
    assert_eq!((&added[0]["number"], &added[1]["number"]), (&json!("+12125550117"), &json!("+442079460018")));
    for (line, input, code, message) in [
        ("dnc add 555-0101", "", 2, "phone number `555-0101`"),
        ("dnc add - ", "+12125550118\n12\n", 2, "standard input, line 2: phone number `12`"),
        ("dnc add -", "\n", 3, "standard input holds no number"),
        ("dnc add 1212*", "", 2, "`1212*` is not a prefix of numbers"),
        ("dnc add +12125550118 --until 2020-01-01", "", 2, "--until: that time has passed"),
        ("dnc check 1212*", "", 2, "`1212*` is not a prefix of numbers"),
        ("dnc add", "", 2, "<NUMBER>"),
    ] {
        let run = sandbox.run_with_input(line, input).expect_code(code);
        assert!(run.stderr.contains(message), "{line}: {run}");
    }
    let check = sandbox.run("dnc check 2125550117 +13125550113 --json").expect_code(4);
    let listed: Vec<Value> = check.json().as_array().unwrap().iter().map(|row| row["listed"].clone()).collect();
    assert_eq!(listed, [json!(true), json!(false)]);
    let export = sandbox.run("dnc export").expect_code(0);
    assert!(export.stdout.starts_with("number,client_id,source,reason,since,until,by,"), "{export}");
    assert_eq!(export.stdout.lines().count(), 3);
}

#[test]
fn a_prefix_is_checked_as_a_whole() {
    let sandbox = sandbox();
    sandbox.run("dnc add +1212* +13125550113").expect_code(0);
    for (prefix, listed) in [("+1212*", true), ("+1212555*", true), ("+1312*", false), ("+1*", false)] {
        let run = sandbox.run(format!("dnc check {prefix} --json")).expect_code(if listed { 4 } else { 0 });
        let row = &run.json()[0];
        assert_eq!((&row["number"], &row["listed"]), (&json!(prefix), &json!(listed)), "{prefix}");
    }
    let part = sandbox.run("dnc check +1*").expect_code(0);
    assert!(part.stderr.contains("2 entries are in force for a part of +1*"), "{part}");
    assert!(!sandbox.run("dnc check +1212*").stderr.contains("a part of"));
}

#[test]
fn a_large_prefix_ends_its_items_in_short_steps() {
    let sandbox = sandbox();
    let rows: String = (0..1_300).map(|n| format!("lead-{n},+1212555{n:04}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f - --input csv", format!("lead_id,phone\n{rows}")).expect_code(0);
    let added = sandbox.run("dnc add +1212* --json").expect_code(0).json();
    assert_eq!((&added[0]["ended_count"], added[0]["ended"].as_array().unwrap().len()), (&json!(1300), 1_000));
    assert_eq!(sandbox.run("list --status failed --limit 0 --json").json().as_array().unwrap().len(), 1_300);
    sandbox.run("doctor").expect_code(0);
}
