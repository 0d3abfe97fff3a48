//! What others are told: hooks and webhooks, over a receiver of ours.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Mishap, Receiver, SECRET, Sandbox, eventually};

/// Every type of event, but for the one that needs a promised call.
const ALL: &str = "\"item.added\", \"item.changed\", \"item.cancelled\", \"item.held\", \"call.started\", \
                   \"call.finished\", \"number.blocked\", \"dispatcher.failing\", \"queue.drained\"";

/// A sandbox on the machine's clock whose calls a shell script places, and whose events a receiver hears of.
fn telling(script: &str, events: &str) -> (Sandbox, Receiver) {
    let mut sandbox = Sandbox::dialling();
    let receiver = Receiver::start();
    sandbox.script("dispatch", script);
    sandbox.set("CRM_SECRET", SECRET);
    let calls = Sandbox::always_open("kind = \"command\"\ncommand = [\"./dispatch\"]");
    sandbox.configure(&format!("{calls}{}", receiver.row(events)));
    (sandbox, receiver)
}

fn waiting(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.run("events list -n 0 --json").expect_code(0).json().as_array().unwrap().clone()
}

#[test]
fn a_webhook_is_told_of_a_call_in_its_order() {
    let (sandbox, receiver) = telling("exit 0", ALL);
    sandbox.run("add -c acme lead-7 --phone +12125550117 --meta campaign=spring").expect_code(0);
    sandbox.run("process").expect_code(0);
    let types = ["item.added", "call.started", "call.finished", "queue.drained"].map(|kind| format!("callq.{kind}"));
    assert_eq!(receiver.types(), types);
    let told = receiver.told();
    let data: Vec<&Value> = told.iter().map(|told| &told.event["data"]).collect();
    // Each tells the state of its own moment.
    let statuses: Vec<&Value> = data[..3].iter().map(|data| &data["item"]["status"]).collect();
    assert_eq!(statuses, ["pending", "in_progress", "completed"]);
    assert_eq!((&data[1]["attempt"]["outcome"], &data[2]["attempt"]["outcome"]), (&Value::Null, &json!("completed")));
    assert_eq!((&data[0]["by"], &data[2]["by"], &data[2]["dispatcher"]), (&json!("ops"), &json!("ops"), &json!("command")));
    assert_eq!(data[2]["item"]["metadata"], json!({"campaign": "spring"}));
    assert_eq!((&data[0]["client_id"], &data[3]["client_id"]), (&json!("acme"), &Value::Null));
    assert_eq!(told[2].event["subject"], "item/1");
    assert_eq!(waiting(&sandbox), [json!(null); 0]);
}
