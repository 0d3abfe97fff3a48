//! What others hear: hooks and webhooks, over a receiver of ours.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Mishap, Receiver, SECRET, Sandbox, Shape, eventually};

/// Every type of event, but for the one that needs a promised call.
pub(crate) const ALL: &str = "\"item.added\", \"item.changed\", \"item.cancelled\", \"item.held\", \"call.started\", \
                              \"call.finished\", \"number.blocked\", \"dispatcher.failing\", \"queue.drained\"";

/// A sandbox on the machine's clock whose calls a shell script places, and whose events a receiver hears of.
pub(crate) fn telling(script: &str, events: &str) -> (Sandbox, Receiver) {
    let mut sandbox = Sandbox::dialling();
    let receiver = Receiver::start();
    sandbox.script("dispatch", script);
    sandbox.set("CRM_SECRET", SECRET);
    let calls = Sandbox::always_open("kind = \"command\"\ncommand = [\"./dispatch\"]");
    sandbox.configure(&format!("{calls}{}", receiver.row(events)));
    (sandbox, receiver)
}

/// The same with played calls, on a clock that stands still.
fn telling_at_one_moment(events: &str) -> (Sandbox, Receiver) {
    let mut sandbox = Sandbox::simulating();
    let receiver = Receiver::start();
    sandbox.set("CRM_SECRET", SECRET);
    let config = fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    sandbox.configure(&format!("{config}{}", receiver.row(events)));
    (sandbox, receiver)
}

#[track_caller]
fn waiting(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.run("events list -n 0 --json").expect_code(0).json().as_array().unwrap().clone()
}

#[track_caller]
fn rows(sandbox: &Sandbox, table: &str) -> i64 {
    let connection = rusqlite::Connection::open(sandbox.database()).unwrap();
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

fn prefixed(types: &[&str]) -> Vec<String> {
    types.iter().map(|kind| format!("callq.{kind}")).collect()
}

#[test]
fn a_webhook_is_told_of_a_call_in_its_order() {
    let (sandbox, receiver) = telling("exit 0", ALL);
    sandbox.run("add -c acme lead-7 --phone +12125550117 --meta campaign=spring").expect_code(0);
    sandbox.run("process").expect_code(0);
    assert_eq!(receiver.types(), prefixed(&["item.added", "call.started", "call.finished", "queue.drained"]));
    let told = receiver.told();
    for told in &told {
        assert_eq!(Shape::named("told").faults(&told.event), [""; 0], "{}", told.event);
    }
    let data: Vec<&Value> = told.iter().map(|told| &told.event["data"]).collect();
    // Each tells the state of its own moment.
    let statuses: Vec<&Value> = data[..3].iter().map(|data| &data["item"]["status"]).collect();
    assert_eq!(statuses, ["pending", "in_progress", "completed"]);
    let outcomes: Vec<&Value> = data[1..3].iter().map(|data| &data["attempt"]["outcome"]).collect();
    assert_eq!(outcomes, [&Value::Null, &json!("completed")]);
    assert_eq!((&data[0]["by"], &data[2]["by"]), (&json!("ops"), &json!("ops")));
    assert_eq!(data[2]["dispatcher"], "command");
    assert_eq!(data[2]["item"]["metadata"], json!({"campaign": "spring"}));
    assert_eq!((&data[0]["client_id"], &data[3]["client_id"]), (&json!("acme"), &Value::Null));
    assert_eq!(told[2].event["subject"], "item/1");
    assert_eq!(waiting(&sandbox), [json!(null); 0]);
}

#[test]
fn every_change_has_its_event_and_a_receiver_hears_of_its_clients_only() {
    let (mut sandbox, receiver) = telling("exit 1", ALL);
    let row = receiver.row(ALL);
    let config = fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    sandbox.configure(&config.replace(&row, &format!("{row}clients = [\"acme\"]\n")));
    sandbox.run("add -c globex other").expect_code(0);
    sandbox.run("add -c acme one --phone +12125550117").expect_code(0);
    sandbox.run("add -c acme two --phone +12125550118").expect_code(0);
    sandbox.run("update two -p urgent --at +1h").expect_code(0);
    sandbox.run("cancel two --reason enough").expect_code(0);
    sandbox.run("dnc add +12125550117").expect_code(0);
    let told = ["item.added", "item.added", "item.changed", "item.cancelled", "number.blocked", "item.changed"];
    sandbox.run("events deliver").expect_code(0);
    assert_eq!(receiver.types(), prefixed(&told));
    let data: Vec<Value> = receiver.told().into_iter().map(|told| told.event["data"].clone()).collect();
    assert_eq!(data[2]["changed"], json!(["status", "priority", "scheduled_at"]));
    assert_eq!((&data[3]["reason"], &data[3]["item"]["status"]), (&json!("enough"), &json!("cancelled")));
    assert_eq!((&data[4]["entry"]["number"], &data[4]["item"]), (&json!("+12125550117"), &Value::Null));
    assert_eq!((&data[5]["reason"], &data[5]["item"]["status"]), (&json!("do_not_call"), &json!("failed")));
    // Nobody knows how this call ended; then a person does.
    sandbox.run("add -c acme three").expect_code(0);
    sandbox.run("process -c acme").expect_code(0);
    sandbox.run("report 4 --outcome completed --reason talked").expect_code(0);
    sandbox.run("events deliver").expect_code(0);
    let more =
        ["item.added", "call.started", "call.finished", "item.held", "queue.drained", "item.changed", "call.finished"];
    let types = receiver.types();
    assert_eq!(types[6..], prefixed(&more));
    let told = receiver.told();
    let outcome = |index: usize| told[index].event["data"]["attempt"]["outcome"].clone();
    assert_eq!((outcome(8), outcome(12)), (json!("unknown"), json!("completed")));
    assert_eq!(told[10].event["subject"], "client/acme");
}

#[test]
fn a_promised_call_that_is_missed_is_told_once() {
    let (mut sandbox, receiver) = telling_at_one_moment("\"callback.missed\"");
    sandbox.run("add -c acme lead-7").expect_code(0);
    sandbox.run("callback lead-7 +1h").expect_code(0);
    sandbox.run("pause").expect_code(0);
    sandbox.set_now("2026-11-23T16:29:00Z");
    sandbox.run("process").expect_code(0);
    assert_eq!(receiver.types(), prefixed(&[]));
    sandbox.set_now("2026-11-23T16:30:00Z");
    for _ in 0..2 {
        sandbox.run("process").expect_code(0);
        sandbox.run("events deliver").expect_code(0);
        assert_eq!(receiver.types(), prefixed(&["callback.missed"]));
    }
    let told = &receiver.told()[0].event;
    assert_eq!(told["subject"], "item/1");
    assert_eq!(told["data"]["item"]["callback"]["missed"], true, "{told:#}");
    assert_eq!(Shape::named("told").faults(told), [""; 0], "{told}");
}

#[test]
fn a_client_whose_dispatcher_fails_is_told_once_a_run() {
    let (sandbox, receiver) = telling("exit 69", "\"dispatcher.failing\", \"queue.drained\"");
    for lead in ["a", "b"] {
        sandbox.run(["add", "-c", "acme", lead]).expect_code(0);
    }
    let config = fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    fs::write(sandbox.path("config/config.toml"), config.replace("kind =", "breaker = 1\nkind =")).unwrap();
    sandbox.run("process").expect_code(7);
    assert_eq!(receiver.types(), prefixed(&["dispatcher.failing"]));
    let data = receiver.told()[0].event["data"].clone();
    assert_eq!(data["client_id"], "acme");
    assert!(data["reason"].is_string() && data["run_id"].is_string(), "{data}");
}

#[test]
fn nothing_is_written_where_nothing_is_wanted() {
    let sandbox = Sandbox::dialling();
    sandbox.run("add -c acme a --phone +12125550117").expect_code(0);
    sandbox.run("process").expect_code(0);
    sandbox.run("dnc add +12125550118").expect_code(0);
    assert_eq!((rows(&sandbox, "outbox"), rows(&sandbox, "event_receivers")), (0, 0));
    let (sandbox, receiver) = telling("exit 0", "\"item.held\"");
    sandbox.run("add -c acme a --phone +12125550117").expect_code(0);
    sandbox.run("process").expect_code(0);
    assert_eq!((rows(&sandbox, "outbox"), receiver.told().len()), (0, 0));
}

#[test]
fn an_import_tells_of_every_lead_and_a_dry_run_of_none() {
    let (sandbox, receiver) = telling("exit 0", "\"item.added\"");
    let leads: String = (0..300).map(|n| format!("lead-{n}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f -", &leads).expect_code(0);
    assert_eq!(waiting(&sandbox).len(), 300);
    let report = sandbox.run("events deliver --json").expect_code(0).json();
    assert_eq!(report, json!({"delivered": 300, "failed": 0, "waiting": 0, "dead": 0}));
    let leads: Vec<String> =
        receiver.told().iter().map(|told| told.event["data"]["lead_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(leads, (0..300).map(|n| format!("lead-{n}")).collect::<Vec<_>>());
    sandbox.run_with_input("schedule-batch -c acme -f - --dry-run", "new\n").expect_code(0);
    assert_eq!(waiting(&sandbox).len(), 0);
}

#[test]
fn whatever_a_receiver_does_calls_go_on_and_it_is_told_in_the_end() {
    let mishaps = [
        Mishap::DropBefore,
        Mishap::DropAfter,
        Mishap::Nonsense,
        Mishap::Status(500, ""),
        Mishap::Status(302, "location: http://127.0.0.1:1/\r\n"),
        Mishap::Status(429, "retry-after: 1\r\n"),
        Mishap::Status(400, ""),
    ];
    for mishap in mishaps {
        let (sandbox, receiver) = telling_at_one_moment("\"call.finished\"");
        receiver.mishaps([mishap.clone()]);
        sandbox.run("add -c acme a").expect_code(0);
        let report = sandbox.run("process --json").expect_code(0).json();
        assert_eq!((&report["processed"], &report["stopped_by"]), (&json!(1), &json!("drained")), "{mishap:?}");
        let failing = waiting(&sandbox);
        assert_eq!((&failing[0]["state"], &failing[0]["failures"]), (&json!("failing"), &json!(1)), "{mishap:?}");
        let first: Vec<String> = receiver.told().into_iter().map(|told| told.id).collect();
        // Not before its time, and at once when a person says so.
        let report = sandbox.run("events deliver --json").expect_code(0).json();
        assert_eq!((&report["delivered"], &report["failed"]), (&json!(0), &json!(0)), "{mishap:?}");
        sandbox.run("events retry --state failing").expect_code(0);
        sandbox.run("events deliver").expect_code(0);
        assert_eq!(receiver.types(), prefixed(&["call.finished"]), "{mishap:?}");
        assert!(first.iter().all(|id| receiver.told().last().unwrap().id == *id), "the id stays: {mishap:?}");
        assert_eq!(waiting(&sandbox).len(), 0, "{mishap:?}");
    }
}

#[test]
fn a_receiver_that_hangs_holds_up_the_end_of_a_run_for_ten_seconds_at_most() {
    let (sandbox, receiver) = telling("exit 0", "\"call.finished\"");
    receiver.mishaps([Mishap::Hang, Mishap::Hang, Mishap::Hang]);
    for lead in ["a", "b", "c"] {
        sandbox.run(["add", "-c", "acme", lead]).expect_code(0);
    }
    let begun = std::time::Instant::now();
    let report = sandbox.run("process --json").expect_code(0).json();
    assert_eq!(report["successful"], 3);
    let duration = report["duration_ms"].as_u64().unwrap();
    assert!(duration < 9_000, "the calls waited for a receiver: {duration} ms");
    // On a busy machine the processes themselves take their time.
    assert!(begun.elapsed().as_secs() < 25, "{:?}", begun.elapsed());
    assert_eq!(waiting(&sandbox).len(), 3);
}

#[test]
fn an_answer_that_never_ends_is_taken_by_its_status() {
    let (sandbox, receiver) = telling("exit 0", "\"call.finished\"");
    receiver.mishaps([Mishap::Endless]);
    sandbox.run("add -c acme a").expect_code(0);
    sandbox.run("process").expect_code(0);
    assert_eq!((receiver.told().len(), waiting(&sandbox).len()), (1, 0));
}

#[test]
fn a_receiver_that_wants_no_more_gets_no_more() {
    let (sandbox, receiver) = telling("exit 0", "\"item.added\"");
    receiver.mishaps([Mishap::Status(410, "")]);
    for lead in ["a", "b"] {
        sandbox.run(["add", "-c", "acme", lead]).expect_code(0);
    }
    sandbox.run("events deliver").expect_code(0);
    let states: Vec<Value> = waiting(&sandbox).iter().map(|event| event["state"].clone()).collect();
    assert_eq!((receiver.told().len(), states), (1, vec![json!("waiting"), json!("dead")]));
    let doctor = sandbox.run("doctor").expect_code(0).stdout;
    assert!(doctor.contains("1 dead, never delivered"), "{doctor}");
    assert!(sandbox.run("status").stdout.contains("Events that were never delivered: 1"));
    assert_eq!(sandbox.run("status --json").json()["events"]["dead"], 1);
    sandbox.run("events drop --state dead").expect_code(0);
    sandbox.run("events drop 99").expect_code(3);
    assert_eq!(waiting(&sandbox).len(), 1);
}

#[test]
fn one_refused_event_holds_up_its_own_item_only() {
    let (sandbox, receiver) = telling("exit 0", "\"item.added\", \"item.changed\"");
    receiver.mishaps([Mishap::Status(422, "")]);
    for lead in ["a", "b"] {
        sandbox.run(["add", "-c", "acme", lead]).expect_code(0);
    }
    sandbox.run("update 1-2 -p urgent").expect_code(0);
    sandbox.run("events deliver").expect_code(0);
    let told: Vec<String> = receiver.told().iter().map(|told| told.event["subject"].to_string()).collect();
    assert_eq!(told, ["\"item/1\"", "\"item/2\"", "\"item/2\""]);
    sandbox.run("events retry --all").expect_code(0);
    sandbox.run("events deliver").expect_code(0);
    let told: Vec<String> = receiver.told().iter().map(|told| told.event["type"].to_string()).collect();
    assert_eq!(told[3..], ["\"callq.item.added\"", "\"callq.item.changed\""]);
}

#[test]
fn after_three_days_an_event_is_dead() {
    let (mut sandbox, receiver) = telling("exit 0", "\"item.added\"");
    let at = |text: &str, sandbox: &mut Sandbox| {
        sandbox.set_now(text);
        sandbox.run("events deliver").expect_code(0);
        waiting(sandbox).iter().map(|event| event["state"].clone()).collect::<Vec<_>>()
    };
    sandbox.set_now("2026-11-23T15:00:00Z");
    sandbox.run("add -c acme a").expect_code(0);
    receiver.mishaps(vec![Mishap::Status(503, ""); 3]);
    assert_eq!(at("2026-11-23T15:00:01Z", &mut sandbox), ["failing"]);
    assert_eq!(at("2026-11-23T15:00:05Z", &mut sandbox), ["failing"]);
    assert_eq!(receiver.told().len(), 1, "not before its time");
    assert_eq!(at("2026-11-26T15:00:00Z", &mut sandbox), ["failing"]);
    assert_eq!(at("2026-11-26T16:00:00Z", &mut sandbox), ["dead"]);
    assert_eq!(at("2026-12-26T16:00:00Z", &mut sandbox), ["dead"]);
    sandbox.run("events retry 1").expect_code(0);
    assert_eq!(at("2026-12-26T16:00:00Z", &mut sandbox), [Value::Null; 0]);
}

#[test]
fn a_secret_is_never_shown_and_one_that_is_missing_is_said() {
    let (mut sandbox, receiver) = telling("env > env.log; exit 0", "\"call.finished\"");
    let hook = sandbox.script("hook", "env > hook-env.log; cat > hook.json");
    let config = fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    sandbox.configure(&format!("{config}[[hooks]]\nevents = [\"call.finished\"]\ncommand = [{hook:?}]\n"));
    let mut said = String::new();
    sandbox.run("add -c acme a").expect_code(0);
    for line in ["process -v", "config list", "config check", "doctor", "events list --json", "show 1 --json"] {
        said += &sandbox.run(line).expect_code(0).text();
    }
    assert!(said.contains("webhooks.1.secret_env") && said.contains("hooks.1.command"), "{said}");
    let database = fs::read(sandbox.database()).unwrap();
    let mut seen = said + &String::from_utf8_lossy(&database);
    for file in ["env.log", "hook-env.log", "hook.json"] {
        seen += &fs::read_to_string(sandbox.path(file)).unwrap();
    }
    for hidden in [SECRET, &SECRET[6..], "t0ken"] {
        let shown = seen.matches(hidden).count();
        assert_eq!(shown, 0, "{hidden}");
    }
    assert_eq!(receiver.told().len(), 1);
    sandbox.set("CRM_SECRET", "whsec_tooshort");
    let fault = "no secret: the variable `CRM_SECRET` must hold whsec_ and the base64 of 24 to 64 bytes";
    assert!(sandbox.run("config check").expect_code(0).stdout.contains(fault));
    sandbox.unset("CRM_SECRET");
    let fault = "no secret: the variable `CRM_SECRET` is not set";
    assert!(sandbox.run("config check").expect_code(0).stdout.contains(fault));
    sandbox.run("add -c acme b").expect_code(0);
    let run = sandbox.run("process").expect_code(0);
    assert!(run.stderr.contains(fault), "{run}");
    // What this process lacks another one may have: the receiver is not at fault.
    assert_eq!(waiting(&sandbox).iter().map(|event| event["state"].clone()).collect::<Vec<_>>(), ["waiting"]);
}

#[test]
fn a_hook_reads_each_event_and_one_that_fails_is_started_again() {
    let mut sandbox = Sandbox::dialling();
    let hook = sandbox.script("hook", "[ -e works ] || { echo not yet >&2; exit 75; }\ncat >> events.jsonl");
    let config = fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    let row = format!("[[hooks]]\nevents = [\"call.finished\"]\ncommand = [{hook:?}]\n");
    sandbox.configure(&format!("{config}{row}"));
    sandbox.run("add -c acme a").expect_code(0);
    sandbox.run("process").expect_code(0);
    let failing = waiting(&sandbox);
    assert_eq!(failing[0]["last_error"], "exit status 75, try later: not yet");
    sandbox.write("works", "");
    sandbox.run("events retry 1").expect_code(0);
    sandbox.run("events deliver").expect_code(0);
    let lines = fs::read_to_string(sandbox.path("events.jsonl")).unwrap();
    let event: Value = serde_json::from_str(lines.trim_end()).unwrap();
    assert_eq!((&event["type"], lines.lines().count()), (&json!("callq.call.finished"), 1));
    // A program that others may write is not started.
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let check = sandbox.run("config check").expect_code(0).stdout;
    assert!(check.contains("may be written by others"), "{check}");
    sandbox.run("add -c acme b").expect_code(0);
    sandbox.run("process").expect_code(0);
    assert!(waiting(&sandbox)[0]["last_error"].as_str().unwrap().contains("may be written by others"));
}

#[test]
fn an_item_that_was_pruned_is_told_by_what_the_event_kept() {
    let (sandbox, receiver) = telling("exit 0", "\"item.cancelled\"");
    sandbox.run("add -c acme gone").expect_code(0);
    sandbox.run("cancel 1").expect_code(0);
    sandbox.run("prune --older-than 0s").expect_code(0);
    sandbox.run("events deliver").expect_code(0);
    let data = receiver.told()[0].event["data"].clone();
    assert_eq!((&data["item_id"], &data["lead_id"], &data["item"]), (&json!(1), &json!("gone"), &Value::Null));
}

#[test]
fn watch_delivers_too_and_its_own_notes_wake_nobody() {
    let (sandbox, receiver) = telling("exit 0", ALL);
    let mut watch = sandbox.spawn("watch --json");
    watch.next_line();
    sandbox.run("add -c acme a").expect_code(0);
    eventually("the last event is there", || receiver.types().last().is_some_and(|kind| kind.ends_with("drained")));
    eventually("all are noted", || waiting(&sandbox).is_empty());
    watch.signal(rustix::process::Signal::TERM);
    let mut turns = 0;
    while !watch.next_line().is_empty() {
        turns += 1;
    }
    // The add, perhaps once more after the calls, and nothing for each note.
    assert!(turns <= 4, "{turns}");
    watch.finish().expect_code(143);
}
