//! `callq why`: the sentence, every gate's verdict, and the next instant. That it agrees with what a run does is shown
//! beside the rules, in `src/query/why/tests.rs`.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::support::{Run, Sandbox};

const CONFIG: &str = "
[clients.acme]
dispatch = { kind = \"simulate\" }
[clients.shut]
active_days = []
dispatch = { kind = \"simulate\" }
[clients.loose]
";

/// Saturday, 08:00 in New York.
const SATURDAY: &str = "2026-11-21T13:00:00Z";
/// Monday, 10:00 in New York.
const MONDAY: &str = "2026-11-23T15:00:00Z";

fn sandbox(now: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure(CONFIG);
    sandbox.set("USER", "ops");
    sandbox.set_now(now);
    sandbox
}

fn add(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let run = sandbox.run(["add", "--json"].iter().chain(arguments).collect::<Vec<_>>()).expect_code(0);
    run.json()["id"].to_string()
}

fn why(sandbox: &Sandbox, id: &str) -> Run {
    sandbox.run(["why", id]).expect_code(0)
}

fn sentence(sandbox: &Sandbox, id: &str) -> String {
    why(sandbox, id).stdout.lines().next().unwrap().to_owned()
}

/// What JSON says: whether it is callable, the next instant, and the gates that are closed.
fn verdict(sandbox: &Sandbox, id: &str) -> (bool, Value, Vec<String>) {
    let answer = sandbox.run(["why", id, "--json"]).expect_code(0).json();
    let gates = answer["gates"].as_array().unwrap();
    let closed = gates.iter().filter(|gate| gate["open"] == false);
    let closed = closed.map(|gate| gate["gate"].as_str().unwrap().to_owned()).collect();
    (answer["callable"].as_bool().unwrap(), answer["next_call_at"].clone(), closed)
}

#[test]
fn a_closed_window_is_told_in_one_sentence_and_gate_by_gate() {
    let sandbox = sandbox(SATURDAY);
    let id = add(&sandbox, &["-c", "acme", "lead", "--timezone", "America/Los_Angeles", "-p", "high"]);
    assert_data_eq!(
        why(&sandbox, &id).text(),
        str![[r#"
window closed: client acme opens Mon 09:00 EST; client acme has priority hours from 09:00 EST; lead's zone America/Los_Angeles opens 11:00 EST; next call Mon 11:00 EST (in 2 d 3 h)
gate            verdict  until                 detail
status          open     -                     scheduled: waits to be called
configuration   open     -                     can be read
dispatcher      open     -                     calls are placed by `simulate`
paused          open     -                     not paused
capacity        open     -                     0 of 5 calls in progress
rate_limit      open     -                     no limit
due             CLOSED   2026-11-23 11:00 EST  scheduled for Mon 2026-11-23 11:00 EST
place           open     -                     no region is known: calling_hours alone hold, by America/Los_Angeles
business_hours  CLOSED   2026-11-23 09:00 EST  client acme opens Mon 2026-11-23 09:00 EST
priority_hours  CLOSED   2026-11-21 09:00 EST  client acme has priority hours from Sat 2026-11-21 09:00 EST
holiday         open     -                     client acme has no holiday
calling_hours   CLOSED   2026-11-21 11:00 EST  lead's zone America/Los_Angeles opens Sat 2026-11-21 11:00 EST
expired         open     -                     does not expire
do_not_call     open     -                     not on the do-not-call list
registry        open     -                     no registry is asked
consent         open     -                     no rule requires a consent
cap             open     -                     no caps hold for it
number_rest     open     -                     no other item of the client called the number within 1d
number_in_use   open     -                     no open call to this number
--- exit 0

"#]]
    );
}

#[test]
fn json_has_every_field_and_csv_a_row_a_gate() {
    let sandbox = sandbox(SATURDAY);
    let id = add(&sandbox, &["-c", "acme", "lead"]);
    let answer = sandbox.run(["why", &id, "--json"]).expect_code(0).json();
    let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "callable", "next_call_at", "gates"]);
    let names: Vec<&str> =
        answer["gates"].as_array().unwrap().iter().map(|gate| gate["gate"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "status",
            "configuration",
            "dispatcher",
            "paused",
            "capacity",
            "rate_limit",
            "due",
            "place",
            "business_hours",
            "holiday",
            "calling_hours",
            "expired",
            "do_not_call",
            "registry",
            "consent",
            "cap",
            "number_rest",
            "number_in_use",
        ]
    );
    assert_eq!(
        answer["gates"][8],
        json!({
            "gate": "business_hours",
            "open": false,
            "detail": "client acme opens Mon 2026-11-23 09:00 EST",
            "until": "2026-11-23T14:00:00.000Z",
            "evidence": {"timezone": "America/New_York", "holiday": false, "holiday_name": null},
        })
    );
    let csv = sandbox.run(["why", &id, "--format", "csv"]).expect_code(0).stdout;
    assert!(csv.starts_with("gate,open,detail,until,id\r\nstatus,true,scheduled: waits to be called,,1\r\n"), "{csv}");
}

#[test]
fn an_item_that_can_be_called_says_so() {
    let sandbox = sandbox(MONDAY);
    let id = add(&sandbox, &["-c", "acme", "lead"]);
    assert_eq!(sentence(&sandbox, &id), "can be called now");
    assert_eq!(verdict(&sandbox, &id), (true, json!("2026-11-23T15:00:00.000Z"), vec![]));
}

#[test]
fn a_later_time_is_what_holds_it() {
    let sandbox = sandbox(MONDAY);
    let id = add(&sandbox, &["-c", "acme", "lead", "--at", "wed 10:00"]);
    assert_eq!(
        sentence(&sandbox, &id),
        "not due: scheduled for Wed 2026-11-25 10:00 EST; next call Wed 10:00 EST (in 2 d)"
    );
    assert_eq!(verdict(&sandbox, &id), (false, json!("2026-11-25T15:00:00.000Z"), vec!["due".to_owned()]));
}

#[test]
fn a_pause_says_whose_it_is_and_until_when() {
    let sandbox = sandbox(MONDAY);
    let id = add(&sandbox, &["-c", "acme", "lead"]);
    sandbox.run("pause -c acme --until 'tomorrow 08:00' --reason training").expect_code(0);
    assert_eq!(
        sentence(&sandbox, &id),
        "paused: client acme, by ops until Tue 2026-11-24 08:00 EST (training); next call Tue 09:00 EST (in 23 h)"
    );
    assert_eq!(verdict(&sandbox, &id), (false, json!("2026-11-24T14:00:00.000Z"), vec!["paused".to_owned()]));
    sandbox.run("pause").expect_code(0);
    assert_eq!(
        sentence(&sandbox, &id),
        "paused: client acme, by ops until Tue 2026-11-24 08:00 EST (training), and everything, by ops; no next call"
    );
    assert_eq!(verdict(&sandbox, &id), (false, Value::Null, vec!["paused".to_owned()]));
}

#[test]
fn a_client_without_a_dispatcher_is_told_so() {
    let mut sandbox = sandbox(MONDAY);
    let id = add(&sandbox, &["-c", "loose", "lead"]);
    assert_eq!(
        sentence(&sandbox, &id),
        "no dispatcher: `dispatch.kind` is none: `callq config set` it, and `dispatch.command`; next call as soon as \
         that changes"
    );
    sandbox.set_now(SATURDAY);
    let id = add(&sandbox, &["-c", "loose", "other"]);
    assert_eq!(
        sentence(&sandbox, &id),
        "window closed: client loose opens Mon 09:00 EST; next call Mon 09:00 EST (in 2 d 1 h); no dispatcher: \
         `dispatch.kind` is none: `callq config set` it, and `dispatch.command`"
    );
}

/// On the machine's clock, with a dispatcher that hands calls over: they stay open without a process.
fn sandbox_with_open_calls(limits: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_NOW");
    let program = sandbox.script("accept", "echo '{\"outcome\": \"accepted\"}'");
    sandbox.configure(&format!(
        "[defaults]\ntimezone = \"UTC\"\n{limits}\n\
         active_days = [\"Mon\", \"Tue\", \"Wed\", \"Thu\", \"Fri\", \"Sat\", \"Sun\"]\n\
         business_hours = {{ start = \"00:00\", end = \"24:00\", priority_hours = [] }}\n\
         calling_hours = {{ start = \"00:00\", end = \"24:00\" }}\n\
         law = {{ purpose = \"service\", voice = \"human\" }}\n\
         dispatch = {{ kind = \"command\", command = [{:?}] }}\n",
        program.to_str().unwrap()
    ));
    let id = add(&sandbox, &["-c", "acme", "first", "--phone", "+12125550101"]);
    sandbox.run("process").expect_code(0);
    assert_eq!(sentence(&sandbox, &id), "in progress: a call is open");
    sandbox
}

#[test]
fn a_client_at_its_capacity_waits_for_a_call_to_end() {
    let sandbox = sandbox_with_open_calls("max_concurrent = 1");
    let id = add(&sandbox, &["-c", "acme", "second"]);
    assert_eq!(sentence(&sandbox, &id), "at capacity: 1 of 1 calls in progress; next call as soon as that changes");
    assert_eq!(verdict(&sandbox, &id).2, ["capacity"]);
}

#[test]
fn a_client_at_its_rate_waits_for_the_minute_to_pass() {
    let sandbox = sandbox_with_open_calls("max_per_minute = 1");
    let id = add(&sandbox, &["-c", "acme", "second"]);
    let sentence = sentence(&sandbox, &id);
    assert!(sentence.starts_with("rate limit: 1 of 1 calls started in the last 60 s; next call "), "{sentence}");
    assert_eq!(verdict(&sandbox, &id).2, ["rate_limit"]);
}

#[test]
fn a_number_that_another_client_is_calling_is_in_use() {
    let sandbox = sandbox_with_open_calls("");
    let id = add(&sandbox, &["-c", "globex", "second", "--phone", "+1 (212) 555-0101"]);
    assert_eq!(
        sentence(&sandbox, &id),
        "number in use: item 1 of client acme is calling it; next call as soon as that changes"
    );
    assert_eq!(verdict(&sandbox, &id).2, ["number_in_use"]);
}

#[test]
fn what_is_finished_has_no_next_call() {
    let sandbox = sandbox(MONDAY);
    let id = add(&sandbox, &["-c", "acme", "lead"]);
    sandbox.run(["cancel", &id]).expect_code(0);
    assert_eq!(sentence(&sandbox, &id), "cancelled: `callq retry` sends it again");
    assert_eq!(verdict(&sandbox, &id), (false, Value::Null, vec!["status".to_owned()]));
}

#[test]
fn an_expiry_before_the_next_slot_is_told() {
    let mut sandbox = sandbox(MONDAY);
    let id = add(&sandbox, &["-c", "acme", "lead", "--expires", "mon 20:00"]);
    sandbox.set_now("2026-11-23T23:00:00Z");
    assert_eq!(
        sentence(&sandbox, &id),
        "window closed: client acme opens Tue 09:00 EST; no next call: it expires 20:00 EST, before its slot Tue 09:00 EST"
    );
    assert_eq!(verdict(&sandbox, &id), (false, Value::Null, vec!["business_hours".to_owned()]));
    sandbox.set_now("2026-11-24T15:00:00Z");
    assert_eq!(sentence(&sandbox, &id), "expired: since Mon 2026-11-23 20:00 EST; no next call");
}

#[test]
fn hours_that_never_open_name_the_rule() {
    let mut sandbox = sandbox(MONDAY);
    sandbox.configure("[clients.shut]\ndispatch = { kind = \"simulate\" }\n");
    let id = add(&sandbox, &["-c", "shut", "lead"]);
    sandbox.configure(CONFIG);
    assert_eq!(
        sentence(&sandbox, &id),
        "the window never opens: no weekday is open: `active_days` is empty and no day of `business_hours.days` \
         has hours; no next call"
    );
    assert_eq!(verdict(&sandbox, &id), (false, Value::Null, vec!["business_hours".to_owned(), "slot".to_owned()]));
}

#[test]
fn an_unknown_item_is_exit_3() {
    let sandbox = sandbox(MONDAY);
    add(&sandbox, &["-c", "acme", "lead"]);
    assert_data_eq!(
        sandbox.run("why 42").text(),
        str![[r#"
--- standard error
error: no item 42
hint: `callq list --limit 0` shows every item
--- exit 3

"#]]
    );
}

#[test]
fn a_missing_database_is_told_and_not_made() {
    let sandbox = sandbox(MONDAY);
    sandbox.run("why 1").expect_code(1);
    assert!(!sandbox.database().exists());
}

#[test]
fn each_gate_has_typed_evidence_beside_its_sentence() {
    let mut sandbox = Sandbox::new();
    sandbox.set("USER", "ops");
    sandbox.run("add -c acme lead --phone +13055550112 --region us-fl").expect_code(0);
    sandbox.run("pause -c acme --reason lunch").expect_code(0);
    let answer = sandbox.run("why 1 --json").expect_code(0).json();
    let evidence = |gate: &str| {
        let gates = answer["gates"].as_array().unwrap();
        gates.iter().find(|found| found["gate"] == gate).unwrap()["evidence"].clone()
    };
    assert_eq!(evidence("status"), serde_json::json!({"status": "pending", "held": false}));
    assert_eq!(
        evidence("dispatcher"),
        serde_json::json!({"state": "missing", "kind": null, "reason": null, "at": null})
    );
    assert_eq!(evidence("paused")["pauses"][0]["reason"], "lunch");
    assert_eq!(evidence("capacity"), serde_json::json!({"in_progress": 0, "max_concurrent": 5}));
    assert_eq!(evidence("cap")["phone"], "+13055550112");
    assert!(answer["gates"].as_array().unwrap().iter().all(|gate| gate["evidence"].is_object()), "{answer}");
}

#[test]
fn a_dispatcher_that_placed_no_call_closes_until_a_run_finds_it_working() {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_NOW");
    sandbox.configure(&Sandbox::always_open("kind = \"command\"\ncommand = [\"sh\", \"-c\", \"exit 69\"]"));
    sandbox.run("add -c acme lead").expect_code(0);
    assert!(verdict(&sandbox, "1").0);
    sandbox.run("process").expect_code(0);
    sandbox.run("add -c acme other").expect_code(0);
    let told = sandbox.run("why 2 --json").expect_code(0).json();
    let gate = told["gates"].as_array().unwrap().iter().find(|gate| gate["gate"] == "dispatcher").unwrap();
    let item = sandbox.run("show 1 --json").expect_code(0).json();
    let failed_at = &item["history"][0]["finished_at"];
    let evidence = json!({"state": "failed", "kind": null, "reason": "exit_69", "at": failed_at});
    assert_eq!((&gate["open"], &gate["evidence"]), (&json!(false), &evidence));
    let words = sentence(&sandbox, "2");
    assert!(words.starts_with("dispatcher failed: it placed no call at "), "{words}");
    assert!(words.ends_with(" UTC: exit_69; the next run tries it again"), "{words}");
    let status = sandbox.run("status").expect_code(0).stdout;
    assert!(status.contains("DISPATCHER FAILED"), "{status}");
    // The next run asks it, and so says the dry run.
    assert_eq!(sandbox.run("process --dry-run --format json").expect_code(0).json().as_array().unwrap().len(), 2);
    sandbox.configure(&Sandbox::always_open("kind = \"command\"\ncommand = [\"true\"]"));
    sandbox.run("process --limit 1").expect_code(0);
    assert!(verdict(&sandbox, "2").0);
}
