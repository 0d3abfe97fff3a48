//! Every JSON that callq writes has a shape of `tests/fixtures/json/schema.json`, which lists all fields.

use std::collections::BTreeSet;

use callq::cli::Cli;
use clap::{Command, CommandFactory};
use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Run, Sandbox, Shape, schema};

/// What a command gives: its shape, and whether several of them.
#[derive(Clone, Copy)]
enum Gives {
    One(&'static str),
    Many(&'static str),
}

use Gives::{Many, One};

impl Gives {
    fn shape(self) -> &'static str {
        match self {
            One(shape) | Many(shape) => shape,
        }
    }
}

/// Command lines in the order in which they are run, on a sandbox whose calls end as the lead's name says.
const COMMANDS: &[(&str, &str, Gives)] = &[
    ("add -c acme answered-1 --key k --phone +12125550101 --timezone Asia/Tokyo --meta a=1", "", One("added")),
    ("add -c acme answered-1 --key k", "", One("added")),
    ("add -c acme over --key gone", "", One("added")),
    ("schedule-batch -c acme busy-1 never-1 lost-1 lost-2", "", One("batch")),
    ("schedule-batch -c acme -f - --invalid skip", "lead_id,priority\nbusy-1,\nx,soon\n", One("batch")),
    ("schedule-batch -c acme -f -", "", One("batch")),
    ("add -c acme bare --expires 2999-01-01 -p high", "", One("added")),
    ("cancel 2 --reason enough", "", Many("item")),
    ("update 7 -p urgent --at +1h", "", Many("item")),
    ("callback bare +2h --note asked", "", Many("item")),
    ("why 1", "", One("why")),
    ("why answered-1", "", Many("why")),
    ("process --dry-run", "", Many("item")),
    ("process", "", One("run")),
    ("add -c acme later-1", "", One("added")),
    ("process", "", One("run")),
    ("list", "", Many("item")),
    ("list --count", "", One("item_count")),
    ("reschedule --dry-run", "", One("item_count")),
    ("reschedule", "", One("item_count")),
    ("client list", "", Many("client")),
    ("client show acme", "", One("client")),
    ("show 1", "", One("item_whole")),
    ("show 1-8", "", Many("item_whole")),
    ("report 5 --outcome completed --reason talked", "", Many("item")),
    ("report --input jsonl", "{\"id\": 6, \"outcome\": \"failed\"}\n", Many("item")),
    ("retry 4", "", Many("item")),
    ("calls", "", Many("call_row")),
    ("calls --receipt", "", Many("call_with_receipt")),
    ("receipt 1 --verify", "", One("receipt")),
    ("receipt answered-1", "", Many("receipt")),
    ("log", "", Many("log_entry")),
    ("status", "", One("queue_status")),
    ("status -c acme", "", One("queue_status")),
    ("why", "", One("queue_status")),
    ("forecast", "", One("forecast")),
    ("forecast -c acme --finish-by +2d --by hour", "", One("forecast")),
    ("stats", "", One("stats")),
    ("stats -c acme --since 1d --by client", "", One("stats")),
    ("stats --since yesterday --until now", "", One("stats")),
    ("stats --by priority", "", One("stats")),
    ("stats --by hour", "", One("stats")),
    ("stats --by weekday", "", One("stats")),
    ("stats --by day", "", One("stats")),
    ("stats --by reason", "", One("stats")),
    ("stats --by attempt", "", One("stats")),
    ("events list", "", Many("event")),
    ("events retry --all", "", One("event_count")),
    ("events deliver", "", One("delivery")),
    ("events drop --all", "", One("event_count")),
    ("backup copy.db", "", One("backup")),
    ("restore copy.db", "", One("restore")),
    ("prune --older-than 1d --dry-run", "", One("prune")),
    ("prune --older-than 0s", "", One("prune")),
    ("add -c acme over --key gone", "", One("pruned")),
    ("pause --until +1h --reason lunch", "", One("pause")),
    ("pause -c acme", "", One("pause")),
    ("process", "", One("run")),
    ("resume", "", Many("pause")),
    ("dnc add +12125550177 +1213* -c acme --source caller --reason asked --until 2999-01-01", "", Many("dnc_added")),
    ("add -c acme blocked --phone +12145550101", "", One("added")),
    ("dnc add +12145550101", "", Many("dnc_added")),
    ("dnc list", "", Many("dnc_entry")),
    ("dnc export", "", Many("dnc_entry")),
    ("dnc import us-national -f - --as-of 2020-01-01 --covers 212,+44", "2125550177\n", One("registry")),
    ("dnc status", "", Many("registry")),
    ("dnc check +12155550101", "", Many("dnc_check")),
    ("dnc remove +12125550177 -c acme --reason again --yes", "", Many("dnc_entry")),
    (
        "consent add +12125550188 -c acme --kind written --at 2026-11-20 --until 2999-01-01 --proof form",
        "",
        Many("consent"),
    ),
    ("consent list", "", Many("consent")),
    ("consent import -c acme -f -", "phone,consent\n+12125550189,express\n", One("consent_counts")),
    ("consent withdraw +12125550188", "", One("consent_counts")),
    ("hours -c acme --timezone Asia/Tokyo --days 2", "", One("hours")),
    ("hours -p low", "", One("hours")),
    ("number +18505550100", "", One("number")),
    ("rules list --in US-FL", "", Many("rule_whole")),
    ("rules show us-fl", "", One("rule_whole")),
    ("rules for +18505550100 -c acme", "", One("rules_for")),
    ("rules check", "", Many("check")),
    (
        "rules caps --input jsonl",
        "{\"id\": 1, \"kind\": \"ladder\", \"delays\": [5], \"multiplier\": 2, \"max_delay\": 60, \"max_retries\": 1, \"caps\": []}\n",
        One("cap_answer"),
    ),
    ("config set -c acme holidays 01-01", "", One("setting")),
    ("holidays -c acme --days 366", "", Many("holiday")),
    ("config list -c acme", "", Many("setting")),
    ("config get retry_delays", "", One("setting")),
    ("config set -c acme business_hours.days.Sat []", "", One("setting")),
    ("config set -c acme aging=5 retry_delays=5m,1h", "", Many("setting")),
    ("config edit", "", One("path")),
    ("config unset -c acme business_hours.days.Sat", "", One("setting")),
    ("config path", "", One("path")),
    ("config explain retry -c acme", "", Many("ladder_step")),
    ("config check", "", Many("check")),
    ("config init --config config/new.toml", "", One("path")),
    ("doctor", "", Many("check")),
];

/// What a run wrote to standard output, each value apart.
#[track_caller]
fn values(run: &Run, gives: Gives, format: &str) -> Vec<Value> {
    let values = match (gives, format) {
        (One(_), "json") => vec![run.json()],
        (Many(_), "json") => run.json().as_array().unwrap_or_else(|| panic!("no array: {run}")).clone(),
        _ => run.json_lines(),
    };
    let as_many = if matches!(gives, One(_)) { values.len() == 1 } else { !values.is_empty() };
    assert!(as_many, "{run}");
    values
}

/// Every value that the commands give in a format, with its command line and its shape.
fn given(format: &str) -> Vec<(&'static str, &'static str, Value)> {
    let mut sandbox = Sandbox::dialling();
    sandbox.set("EDITOR", "true");
    // Its events wait: there is no secret.
    let config = std::fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    let row = "[[webhooks]]\nevents = [\"item.added\"]\nurl = \"http://127.0.0.1:9\"\nsecret_env = \"NOT_SET\"\n";
    sandbox.configure(&format!("{config}{row}"));
    let mut found = Vec::new();
    for (line, input, gives) in COMMANDS {
        let words = line.split_whitespace().chain(["--format", format]);
        let run = sandbox.run_with_input(words.collect::<Vec<_>>(), input).expect_code(0);
        found.extend(values(&run, *gives, format).into_iter().map(|value| (*line, gives.shape(), value)));
    }
    let mut watch = sandbox.spawn(["watch", "--format", format]);
    let turn = serde_json::from_str(&watch.next_line()).unwrap();
    watch.signal(Signal::TERM);
    watch.finish().expect_code(143);
    found.push(("watch", "run", turn));
    found
}

#[track_caller]
fn assert_shapes(given: &[(&str, &str, Value)]) {
    for (line, shape, value) in given {
        let faults = Shape::named(shape).faults(value);
        assert!(faults.is_empty(), "callq {line}: {}\n{value:#}", faults.join("\n"));
    }
}

#[test]
fn every_command_gives_its_shape_as_one_document() {
    assert_shapes(&given("json"));
}

#[test]
fn every_command_gives_its_shape_line_by_line() {
    assert_shapes(&given("jsonl"));
}

#[test]
fn every_command_is_among_them() {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let run: BTreeSet<&str> = COMMANDS.iter().map(|(line, ..)| *line).chain(["watch"]).collect();
    let untested: Vec<String> = leaves(&root, "").into_iter().filter(|name| !is_run(name, &run)).collect();
    assert_eq!(untested, ["completions"], "a script is no JSON; everything else has its line in COMMANDS");
}

fn is_run(command: &str, lines: &BTreeSet<&str>) -> bool {
    lines.iter().any(|line| *line == command || line.starts_with(&format!("{command} ")))
}

/// The subcommands that do something, with the words before them.
fn leaves(command: &Command, before: &str) -> Vec<String> {
    let shown = command.get_subcommands().filter(|found| !found.is_hide_set());
    let mut names = Vec::new();
    for found in shown {
        let name = format!("{before}{}", found.get_name());
        match found.has_subcommands() {
            true => names.extend(leaves(found, &format!("{name} "))),
            false => names.push(name),
        }
    }
    names
}

#[test]
fn what_went_wrong_has_its_shape() {
    let sandbox = Sandbox::new();
    let shape = Shape::named("error");
    let none = sandbox.run("--json list").expect_code(1);
    assert_eq!(shape.faults(&serde_json::from_str(&none.stderr).unwrap()), [""; 0], "{none}");
    sandbox.run("add -c acme a").expect_code(0);
    for (line, code) in
        [("show 9", 3), ("list --sort x", 2), ("config", 2), ("add -c acme a", 4), ("--config missing.toml list", 5)]
    {
        let run =
            sandbox.run(["--json"].into_iter().chain(line.split_whitespace()).collect::<Vec<_>>()).expect_code(code);
        let error: Value = serde_json::from_str(&run.stderr).unwrap_or_else(|_| panic!("callq {line}: {run}"));
        let faults = shape.faults(&error);
        assert!(faults.is_empty(), "callq {line}: {}\n{run}", faults.join("\n"));
    }
}

#[test]
fn what_a_program_reads_and_answers_has_its_shape() {
    let mut sandbox = Sandbox::new();
    let script = sandbox.script("note", "cat > call.json");
    sandbox.unset("CALLQ_NOW");
    sandbox.call_by(&script);
    sandbox.run("add -c acme a --meta name=Ann --phone +12125550101").expect_code(0);
    sandbox.run("process").expect_code(0);
    let call = serde_json::from_str(&std::fs::read_to_string(sandbox.path("call.json")).unwrap()).unwrap();
    assert_shapes(&[("process", "call", call)]);
}

#[test]
fn a_line_is_reported_when_it_has_its_shape_and_else_refused() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["later-1"]);
    let shape = Shape::named("reported");
    for (line, is_right) in [
        (r#"{"id": 1}"#, false),
        (r#"{"outcome": "completed"}"#, false),
        (r#"{"id": 1, "outcome": "unknown"}"#, false),
        (r#"{"id": "1", "outcome": "completed"}"#, false),
        (r#"{"id": 1, "outcome": "completed", "because": "x"}"#, false),
        (r#"{"id": 1, "outcome": "completed", "metadata": []}"#, false),
        (
            r#"{"id": 1, "call_id": "call-later-1", "outcome": "retry", "reason": "busy", "detail": "d",
                "retry_at": "2999-01-01T00:00:00Z", "metadata": {"a": [1]}}"#,
            true,
        ),
        (r#"{"id": 1, "outcome": "completed", "do_not_call": 1}"#, false),
        (r#"{"id": 1, "outcome": "retry", "reason": "busy", "at": {"at": "2999-01-01", "clock": "lead"}}"#, true),
    ] {
        assert_eq!(shape.faults(&serde_json::from_str(line).unwrap()).is_empty(), is_right, "{line}");
        let run = sandbox.run_with_input("report --input jsonl", line.replace('\n', " ") + "\n");
        assert_eq!(run.code, if is_right { 0 } else { 2 }, "{line}: {run}");
    }
}

/// The value with each of its fields left out in turn, and each given another name, with the field's path. What callers
/// bring themselves, metadata and settings, may look like anything.
fn mutilated(value: &Value, path: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let mut without = fields.clone();
                without.remove(name);
                let mut renamed = without.clone();
                renamed.insert(format!("{name}_"), inner.clone());
                let place = format!("{path}/{name}");
                found.extend([without, renamed].map(|fields| (place.clone(), Value::Object(fields))));
                if !matches!(name.as_str(), "metadata" | "value") {
                    found.extend(mutilated(inner, &place).into_iter().map(|(place, inner)| {
                        let mut fields = fields.clone();
                        fields.insert(name.clone(), inner);
                        (place, Value::Object(fields))
                    }));
                }
            }
        }
        Value::Array(values) => {
            for (index, inner) in values.iter().enumerate().take(1) {
                found.extend(mutilated(inner, &format!("{path}/{index}")).into_iter().map(|(place, inner)| {
                    let mut values = values.clone();
                    values[index] = inner;
                    (place, Value::Array(values))
                }));
            }
        }
        _ => {}
    }
    found
}

#[test]
fn a_field_that_is_missing_renamed_or_new_is_noticed() {
    let mut seen = BTreeSet::new();
    for (line, name, value) in given("json") {
        let shape = Shape::named(name);
        for (place, changed) in mutilated(&value, "") {
            assert!(!shape.faults(&changed).is_empty(), "callq {line}: nobody misses {place}\n{changed:#}");
            seen.insert((name, place));
        }
        let mut more = value.clone();
        more["news"] = 1.into();
        assert!(!shape.faults(&more).is_empty(), "callq {line}: a field that is not listed is not noticed");
    }
    for place in [
        ("item_whole", "/history/0/outcome"),
        ("item_whole", "/changes/0/from"),
        ("run", "/clients/0/blocked_by"),
        ("run", "/errors/0/reason"),
        ("batch", "/errors/0/field"),
        ("stats", "/by_status/pending"),
        ("stats", "/wait_seconds/p95"),
        ("stats", "/failure_reasons/0/count"),
        ("stats", "/by/0/weekday"),
        ("hours", "/windows/0/end"),
        ("why", "/gates/0/until"),
    ] {
        assert!(seen.contains(&(place.0, place.1.to_owned())), "no command shows {place:?}");
    }
}

#[test]
fn a_value_of_another_kind_is_noticed() {
    let item = given("jsonl").into_iter().find(|(_, shape, _)| *shape == "item").unwrap().2;
    let shape = Shape::named("item");
    for (field, wrong) in [
        ("id", Value::from("1")),
        ("id", Value::from(0)),
        ("status", Value::from("asleep")),
        ("held", Value::Null),
        ("created_at", Value::from("2026-11-23T15:00:00+00:00")),
        ("next_call_at", Value::from("")),
        ("phone", Value::from("212 555 0101")),
        ("timezones", Value::Null),
        ("metadata", Value::Array(Vec::new())),
    ] {
        let mut changed = item.clone();
        changed[field] = wrong;
        assert_eq!(shape.faults(&changed).len(), 1, "{field}: {changed:#}");
    }
}

#[test]
fn every_shape_of_the_schema_is_used() {
    let all = schema();
    let text = all.to_string();
    let outermost =
        COMMANDS.iter().map(|(.., gives)| gives.shape()).chain(["error", "call", "result", "reported", "told"]);
    let outermost: BTreeSet<&str> = outermost.collect();
    for name in all["$defs"].as_object().unwrap().keys() {
        let is_part = text.contains(&format!("\"#/$defs/{name}\""));
        assert!(is_part || outermost.contains(name.as_str()), "{name} is used by nothing");
    }
}
