//! Who asks not to be called again is not called again, by nobody.

use serde_json::{Value, json};

use crate::support::{Provider, Sandbox};

const PHONE: &str = "+12125550117";

fn process(sandbox: &Sandbox) -> Value {
    sandbox.run("process --json").expect_code(0).json()
}

#[test]
fn a_number_whose_person_asked_for_it_is_dialled_for_no_client_any_more() {
    let provider = Provider::start();
    let mut sandbox = Sandbox::placing(&provider, 1);
    sandbox.set("USER", "ops");
    let add = |client: &str, lead: &str, phone: &str| {
        sandbox.run(["add", "-c", client, lead, "--phone", phone]).expect_code(0);
    };
    add("acme", "first", PHONE);
    process(&sandbox);
    // Both wait while the first is called; the number of one of them is in use.
    add("acme", "again", PHONE);
    add("globex", "theirs", PHONE);
    provider.set_call("call_1", &json!({"call_status": "ended", "disconnection_reason": "user_requested_dnc"}));
    add("acme", "other", "+12125550118");
    let report = process(&sandbox);
    assert_eq!((&report["settled"], &report["accepted"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(provider.created(), [1, 1], "the first call, and the other lead's");
    for id in [2, 3] {
        let item = sandbox.run(["show", &id.to_string(), "--json"]).json();
        assert_eq!(
            (&item["status"], &item["last_reason"], &item["attempts"]),
            (&json!("failed"), &json!("do_not_call"), &json!(0))
        );
        assert_eq!((&item["changes"][0]["to"], &item["changes"][0]["by"]), (&json!("failed"), &json!("ops")));
    }
    let shown = sandbox.run("show 1 --json").json();
    assert_eq!((&shown["status"], &shown["last_reason"]), (&json!("completed"), &json!("user_requested_dnc")));
    // It outlives its item, and holds for what is added, changed or sent again later.
    sandbox.run("prune --older-than 0s --status completed").expect_code(0);
    let refused = sandbox.run("retry 2").expect_code(4);
    assert!(refused.stderr.contains("is on the do-not-call list"), "{refused}");
    let warned = sandbox.run(["add", "-c", "acme", "new", "--phone", PHONE]).expect_code(0);
    assert!(warned.stderr.contains("+12125550117 is on the do-not-call list, source caller"), "{warned}");
    let why = sandbox.run("why 5 --json").json();
    let gate = why["gates"].as_array().unwrap().iter().find(|gate| gate["gate"] == "do_not_call").unwrap();
    assert_eq!((&why["callable"], &gate["open"]), (&json!(false), &json!(false)));
    assert!(gate["detail"].as_str().unwrap().ends_with("in a call of item 1"), "{gate}");
    let run = sandbox.run("why 5").expect_code(0);
    assert!(run.stdout.contains("not to be called: its person asked for it on"), "{run}");
    provider
        .set_call("call_2", &json!({"call_status": "not_connected", "disconnection_reason": "invalid_destination"}));
    process(&sandbox);
    assert_eq!((sandbox.status(2), sandbox.status(5)), ("failed".into(), "failed".into()));
    assert_eq!(provider.created(), [1, 1]);
    sandbox.run("doctor").expect_code(0);
}
