//! Random commands, one after the other, on the built program and on a queue in plain memory: after each of them both
//! say the same of every item, and of the figures.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestError, TestRunner};
use serde_json::{Value, json};

use crate::support::queue_model::{LEADS, ModelItem, PRIORITIES, QueueModel, Step, any_step};
use crate::support::{Sandbox, takes_long_tests};

/// How a call ends is read from a file of its lead.
const PLACE_CALL: &str = r#"
read -r outcome < "outcome-$CALLQ_LEAD_ID"
case $outcome in
    completed) exit 0 ;;
    retry) exit 10 ;;
    failed) exit 20 ;;
    unknown) exit 1 ;;
    returned) exit 75 ;;
    unavailable) exit 69 ;;
    accepted) echo '{"outcome": "accepted"}' ;;
esac
"#;

/// Long after all that a sandbox does on the machine's clock.
const MUCH_LATER: &str = "2099-01-01T00:00:00Z";

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::dialling();
    sandbox.script("dispatch", PLACE_CALL);
    let config = Sandbox::always_open("kind = \"command\"\ncommand = [\"./dispatch\"]");
    let config = config.replace("max_concurrent = 1", "max_concurrent = 9");
    sandbox.configure(&config.replace("retry_delays = [60]", "retry_delays = [1440]"));
    sandbox
}

/// The line that does a step, beside what `process` finds in its files.
fn line(step: &Step, ids: &[u64]) -> String {
    let id = |item: &usize| ids.get(*item).copied().unwrap_or(9_999);
    let at = |later: &bool| if *later { "+1d" } else { "now" };
    match step {
        Step::Add { lead, later, priority, max_retries, key, if_exists } => {
            let key = key.map_or_else(String::new, |key| format!(" --key key-{key}"));
            format!(
                "add -c acme {} --again -p {} --at {} --max-retries {max_retries} --if-exists {if_exists}{key}",
                LEADS[*lead],
                PRIORITIES[*priority],
                at(later)
            )
        }
        Step::Batch { leads } => {
            format!(
                "schedule-batch -c acme --again {}",
                leads.iter().map(|lead| LEADS[*lead]).collect::<Vec<_>>().join(" ")
            )
        }
        Step::Cancel { item, in_progress } => {
            format!("cancel {}{}", id(item), if *in_progress { " --in-progress" } else { "" })
        }
        Step::Retry { item } => format!("retry {}", id(item)),
        Step::Update { item, later, priority, max_retries } => {
            let retries = max_retries.map_or_else(String::new, |most| format!(" --max-retries {most}"));
            format!("update {} --at {} -p {}{retries}", id(item), at(later), PRIORITIES[*priority])
        }
        Step::Pause => "pause".to_owned(),
        Step::Resume => "resume".to_owned(),
        Step::Process { .. } => "process".to_owned(),
        Step::Report { item, outcome } => format!("report {} --outcome {outcome}", id(item)),
        Step::Prune => "prune --older-than 1d".to_owned(),
    }
}

fn take(sandbox: &mut Sandbox, step: &Step, ids: &[u64]) -> (String, i32) {
    if let Step::Process { outcomes } = step {
        for (lead, outcome) in LEADS.iter().zip(outcomes) {
            sandbox.write(&format!("outcome-{lead}"), format!("{outcome}\n"));
        }
    }
    let line = line(step, ids);
    let run = match step {
        Step::Prune => {
            sandbox.set_now(MUCH_LATER);
            let run = sandbox.run(&line);
            sandbox.unset("CALLQ_NOW");
            run
        }
        _ => sandbox.run(&line),
    };
    (run.to_string(), run.code)
}

/// An item as `list` shows it, as far as the model knows it.
fn told(item: &ModelItem) -> Value {
    json!({
        "lead_id": LEADS[item.lead],
        "priority": PRIORITIES[item.priority],
        "key": item.key.map(|key| format!("key-{key}")),
        "status": item.status,
        "held": item.held,
        "later": item.later,
        "max_retries": item.max_retries,
        "attempts": item.attempts.len(),
        "retry_count": item.counted_attempts().saturating_sub(1),
        "outcomes": item.attempts,
    })
}

fn listed(item: &Value) -> Value {
    let mut seen: serde_json::Map<String, Value> =
        ["lead_id", "priority", "key", "status", "held", "max_retries", "attempts", "retry_count"]
            .iter()
            .map(|name| ((*name).to_owned(), item[*name].clone()))
            .collect();
    let at = |name: &str| item[name].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    let later = at("scheduled_at") - at("updated_at") > chrono::TimeDelta::hours(12);
    seen.insert("later".to_owned(), later.into());
    let history = item["history"].as_array().unwrap();
    seen.insert("outcomes".to_owned(), history.iter().map(|attempt| attempt["outcome"].clone()).collect());
    Value::Object(seen)
}

fn count<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, u64> {
    let mut counts = BTreeMap::new();
    words.for_each(|word| *counts.entry(word).or_default() += 1);
    counts
}

/// The figures that the model knows: of the items that are there, and of the calls of all, pruned ones too.
fn figures(items: &[&ModelItem], all: &[ModelItem]) -> Value {
    let attempts: Vec<&str> = all.iter().flat_map(|item| item.attempts.iter().copied()).collect();
    let of_all = |words: &[&'static str], counts: BTreeMap<&str, u64>| -> Value {
        words.iter().map(|word| ((*word).to_owned(), json!(counts.get(word).unwrap_or(&0)))).collect()
    };
    let statuses = ["pending", "scheduled", "in_progress", "retry_scheduled", "completed", "failed", "cancelled"];
    let mut told = of_all(&["completed", "retry", "failed", "unknown", "accepted"], count(attempts.iter().copied()));
    told["total"] = json!(attempts.len());
    json!({
        "total_items": items.len(),
        "by_status": of_all(&statuses, count(items.iter().map(|item| item.status))),
        "by_priority": of_all(&PRIORITIES, count(items.iter().map(|item| PRIORITIES[item.priority]))),
        "in_progress": items.iter().filter(|item| item.status == "in_progress").count(),
        "attempts": told,
    })
}

/// Compares every item and the figures.
fn compare(sandbox: &Sandbox, model: &QueueModel, ids: &mut Vec<u64>) -> Result<(), TestCaseError> {
    let seen = sandbox.items();
    ids.extend(seen.keys().copied().filter(|id| ids.last().is_none_or(|last| last < id)).collect::<Vec<_>>());
    let there: Vec<&ModelItem> = model.items.iter().filter(|item| !item.pruned).collect();
    prop_assert_eq!(ids.len(), model.items.len(), "as many items were queued");
    prop_assert_eq!(seen.len(), there.len(), "as many items are there");
    for (id, item) in ids.iter().zip(&model.items).filter(|(_, item)| !item.pruned) {
        prop_assert_eq!(listed(&seen[id]), told(item), "item {}", id);
    }
    let stats = sandbox.run("stats --json").expect_code(0).json();
    let expected = figures(&there, &model.items);
    for (name, figure) in expected.as_object().unwrap() {
        prop_assert_eq!(&stats[name], figure, "{} of {}", name, stats);
    }
    Ok(())
}

fn run(steps: &[Step]) -> Result<(), TestCaseError> {
    let (mut sandbox, mut model, mut ids) = (sandbox(), QueueModel::default(), Vec::new());
    let first = Step::Add { lead: 0, later: false, priority: 2, max_retries: 1, key: None, if_exists: "error" };
    let mut lines = String::new();
    for step in std::iter::once(&first).chain(steps) {
        let code = model.take(step);
        let (said, seen) = take(&mut sandbox, step, &ids);
        lines = format!("{lines}{}\n", line(step, &ids));
        prop_assert_eq!(seen, code, "{}{}", lines, said);
        compare(&sandbox, &model, &mut ids).map_err(|error| TestCaseError::fail(format!("{lines}{said}{error}")))?;
    }
    sandbox.run("doctor").expect_code(0);
    Ok(())
}

#[test]
fn the_queue_does_what_its_model_does() {
    let (cases, steps) = if takes_long_tests() { (400, 60) } else { (10, 25) };
    let persistence = Some(Box::new(FileFailurePersistence::Off) as Box<_>);
    let config = Config { cases, failure_persistence: persistence, max_shrink_iters: 200, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let result = runner.run(&prop::collection::vec(any_step(), steps / 2..steps), |steps| run(&steps));
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        Err(abort) => panic!("{abort}"),
    }
}
