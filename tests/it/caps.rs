//! Caps on the calls to one number: what people see of them, and many processes at once.

use std::fs;

use serde_json::{Value, json};

use crate::support::Sandbox;

const NUMBER: &str = "+13055550100";

/// A sandbox whose calls end as the lead's name says, with these lines in its table of law.
fn sandbox(law: &str) -> Sandbox {
    let mut sandbox = Sandbox::dialling();
    let program = sandbox.path("place-call");
    let config = Sandbox::always_open(&format!("kind = \"command\"\ncommand = [{program:?}]"));
    // The rules of Florida, where the number is, have a cap of their own.
    sandbox.configure(&config.replace("number_rest = \"0\"", &format!("rules = \"off\"\n{law}")));
    sandbox
}

fn add(sandbox: &Sandbox, client: &str, lead: &str) {
    sandbox.run(["add", "-c", client, lead, "--phone", NUMBER]).expect_code(0);
}

fn show(sandbox: &Sandbox, id: u64) -> Value {
    sandbox.run(["show", &id.to_string(), "--json"]).expect_code(0).json()
}

/// The verdict of a gate on an item.
fn gate(sandbox: &Sandbox, id: u64, name: &str) -> Value {
    let why = sandbox.run(["why", &id.to_string(), "--json"]).expect_code(0).json();
    why["gates"].as_array().unwrap().iter().find(|gate| gate["gate"] == name).unwrap().clone()
}

#[test]
fn why_and_show_name_the_cap_that_blocks_an_item() {
    let sandbox = sandbox("number_rest = \"0\"\ncaps = [\"3/24h\", \"1/1h:line:client\"]");
    for (client, lead) in [("acme", "a"), ("globex", "b"), ("initech", "c")] {
        add(&sandbox, client, lead);
    }
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["successful"], 3);
    add(&sandbox, "acme", "d");
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["processed"], 0);
    let item = show(&sandbox, 4);
    assert_eq!((&item["status"], &item["blocked_by"]), (&json!("pending"), &json!("cap")), "{item}");
    let closed = gate(&sandbox, 4, "cap");
    assert_eq!((&closed["open"], &closed["until"]), (&json!(false), &item["next_call_at"]), "{closed}");
    let detail = closed["detail"].as_str().unwrap();
    assert!(detail.starts_with("3 calls to +13055550100 in 24 h: law.caps allows no more before "), "{detail}");
    assert!(
        detail
            .contains("; 1 call of this client to +13055550100 that reached the line in 1 h: law.caps allows no more"),
        "{detail}"
    );
    let said = sandbox.run("why 4").expect_code(0).stdout;
    assert!(said.starts_with("3 calls to +13055550100 in 24 h: law.caps allows no more before "), "{said}");
    assert!(sandbox.run("show 4").stdout.contains("blocked by cap"));
    assert_eq!(gate(&sandbox, 4, "due")["open"], true);
    // Without the caps the next run judges it anew.
    let config = fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    let mut sandbox = sandbox;
    sandbox.configure(&config.replace("caps = [\"3/24h\", \"1/1h:line:client\"]", ""));
    assert_eq!(sandbox.run("process --dry-run --json").json()[0]["id"], 4);
    assert_eq!(sandbox.run("process --json").json()["successful"], 1);
    assert_eq!(show(&sandbox, 4)["blocked_by"], Value::Null);
}

#[test]
fn a_number_rests_for_other_items_of_the_client() {
    let sandbox = sandbox("number_rest = \"2h\"");
    add(&sandbox, "acme", "a");
    add(&sandbox, "acme", "b");
    assert_eq!(sandbox.run("process --json").expect_code(0).json()["successful"], 1);
    assert_eq!(show(&sandbox, 2)["blocked_by"], "number_rest");
    let said = sandbox.run("why 2").expect_code(0).stdout;
    assert!(said.starts_with("number rests: item 1 called it on "), "{said}");
    assert!(said.contains("; law.number_rest lets no other item call it within 2h; next call "), "{said}");
}

#[test]
fn each_attempt_says_how_far_it_came() {
    let sandbox = sandbox("number_rest = \"0\"");
    sandbox.script(
        "place-call",
        r#"case "$CALLQ_LEAD_ID" in
            busy) exit 11 ;;
            never) exit 20 ;;
            lost) exit 1 ;;
            line) echo '{"outcome": "failed", "reached": "line"}' ;;
            moon) echo '{"outcome": "failed", "reached": "moon"}' ;;
            later) echo '{"outcome": "accepted"}' ;;
            back) exit 75 ;;
        esac"#,
    );
    let leads = ["answered", "busy", "never", "lost", "line", "moon", "back", "later"];
    leads.iter().for_each(|lead| _ = sandbox.run(["add", "-c", "acme", lead]).expect_code(0));
    sandbox.run("process").expect_code(0);
    let reached = |id: u64| show(&sandbox, id)["history"][0]["reached"].clone();
    let found: Vec<Value> = (1..=8).map(reached).collect();
    let unknown = Value::Null;
    let expected = [
        json!("person"),
        json!("network"),
        json!("network"),
        unknown.clone(),
        json!("line"),
        json!("network"),
        json!("none"),
        unknown,
    ];
    assert_eq!(found, expected);
    let moon = show(&sandbox, 6)["history"][0]["detail"].as_str().unwrap().to_owned();
    assert!(moon.contains("field `reached` was left out: unknown level `moon`"), "{moon}");
    sandbox.run("report 4 --outcome busy").expect_code(0);
    let line = "{\"id\": 8, \"outcome\": \"failed\", \"reached\": \"person\"}";
    sandbox.run_with_input("report --input jsonl", line).expect_code(0);
    assert_eq!((reached(4), reached(8)), (json!("network"), json!("person")));
}

#[test]
fn fifty_processes_never_make_a_fourth_call_to_one_number() {
    let sandbox = sandbox("number_rest = \"0\"\ncaps = [\"3/24h\"]");
    for n in 0..50 {
        add(&sandbox, &format!("client-{n}"), "lead");
    }
    let runs: Vec<_> = (0..50).map(|_| sandbox.spawn("process --json")).collect();
    let runs: Vec<Value> = runs.into_iter().map(|run| run.finish().expect_code(0).json()).collect();
    let called: u64 = runs.iter().map(|run| run["processed"].as_u64().unwrap()).sum();
    assert_eq!(called + sandbox.run("process --json").json()["processed"].as_u64().unwrap(), 3);
    let items = sandbox.run("list --limit 0 --json").json();
    let count = |field: &str, value: &str| items.as_array().unwrap().iter().filter(|item| item[field] == value).count();
    assert_eq!((count("status", "completed"), count("blocked_by", "cap")), (3, 47));
}

#[test]
fn prune_keeps_calls_that_count_for_a_cap() {
    let mut sandbox = sandbox("number_rest = \"0\"\ncaps = [\"1/24h\"]");
    add(&sandbox, "acme", "a");
    sandbox.run("add -c acme without-number").expect_code(0);
    sandbox.run("process").expect_code(0);
    let report = sandbox.run("prune --older-than 0 --json").expect_code(0).json();
    assert_eq!((&report["items"], &report["kept"]), (&json!(1), &json!(1)), "{report}");
    let said = sandbox.run("prune --older-than 0 --dry-run").expect_code(0).stdout;
    assert_eq!(said, "would delete 0 finished items with 0 attempts\nkept 1 item: their calls still count for a cap\n");
    let rule_of_florida = sandbox.run("prune --older-than 0 --dry-run --json");
    assert_eq!(rule_of_florida.expect_code(0).json()["kept"], 1);
    let config = fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    sandbox.configure(&config.replace("caps = [\"1/24h\"]", ""));
    assert_eq!(sandbox.run("prune --older-than 0 --json").expect_code(0).json()["items"], 1);
}
