//! What a program is given: arguments, environment, standard input, its process group and its signals.

use std::fs;

use serde_json::{Value, json};

use super::*;
use crate::dispatch::command::launch::set_environment;
use crate::model::Environment;

fn written(sandbox: &mut Sandbox, script: &str) -> String {
    let file = sandbox.path().join("written");
    let script = format!("{{ {script}; }} >{}", file.display());
    assert_eq!(said(&sandbox.sh(&script)), (Outcome::Completed, None));
    fs::read_to_string(file).unwrap()
}

#[test]
fn the_call_stands_on_standard_input_as_one_line() {
    let mut sandbox = Sandbox::new();
    let text = written(&mut sandbox, "cat");
    assert_eq!(text.lines().count(), 1);
    assert!(text.ends_with('\n'));
    assert!(text.contains("\"metadata\":{\"a\": 1.50,  \"b\": \"x\"}"), "{text}");
    let expected = json!({
        "attempt_id": "01010101-0101-0101-0101-010101010101",
        "attempt": 2,
        "item": {
            "id": 42, "key": "order-7", "client_id": "acme", "lead_id": "lead \"é\"", "priority": "high",
            "status": "in_progress", "held": false, "scheduled_at": "2026-11-21T10:13:20.000Z", "next_call_at": null, "blocked_by": null,
            "expires_at": null, "retry_count": 1, "max_retries": 3, "attempts": 2, "phone": "+12125554567",
            "timezones": ["America/New_York"], "region": null, "zones": ["America/New_York"], "regions": [],
            "evidence": "given",
            "metadata": serde_json::from_str::<Value>(r#"{"a": 1.50, "b": "x"}"#).unwrap(),
            "last_reason": "busy", "created_at": "2026-11-21T10:13:20.000Z", "created_by": "ann",
            "updated_at": "2026-11-21T10:13:20.000Z",
            "callback": null,
        },
        "client_id": "acme",
        "deadline": "2026-11-21T10:40:00.123Z",
    });
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
}

#[test]
fn the_environment_is_the_callers_with_the_call() {
    let mut sandbox = Sandbox::new();
    let text = written(&mut sandbox, "env");
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(&format!("{name}=")).map(str::to_owned));
    let result_file = sandbox.leases.result_file(AttemptId::from_bytes([1; 16]));
    for (name, expected) in [
        ("CALLQ_ATTEMPT_ID", "01010101-0101-0101-0101-010101010101"),
        ("CALLQ_ITEM_ID", "42"),
        ("CALLQ_CLIENT_ID", "acme"),
        ("CALLQ_LEAD_ID", "lead \"é\""),
        ("CALLQ_PHONE", "+12125554567"),
        ("CALLQ_PRIORITY", "high"),
        ("CALLQ_ATTEMPT", "2"),
        ("CALLQ_RESULT_FILE", result_file.to_str().unwrap()),
    ] {
        assert_eq!(value(name).as_deref(), Some(expected), "{name}");
    }
    assert!(value("PATH").is_some());
}

#[test]
fn nothing_is_inherited_but_the_environment_of_the_run_without_its_secrets() {
    let mut sandbox = Sandbox::new();
    let mut command = Command::new("env");
    let variables = [("RETELL_API_KEY", "secret"), ("OTHER_KEY", "secret"), ("EMPTY", ""), ("PATH", "/usr/bin:/bin")];
    let environment: Environment = variables.into_iter().collect();
    set_environment(&mut command, &sandbox.call(&["true"]), &environment.without(&["OTHER_KEY".to_owned()]));
    let seen = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let inherited: Vec<_> = seen.lines().filter(|line| !line.starts_with("CALLQ_")).collect();
    assert_eq!(inherited, ["EMPTY=", "PATH=/usr/bin:/bin"]);
}

#[test]
fn a_lead_without_a_number_has_no_variable_for_it() {
    let mut sandbox = Sandbox::new();
    let mut call = sandbox.call(&["sh", "-c", "test -z \"${CALLQ_PHONE+set}\""]);
    call.item.phone = None;
    assert_eq!(said(&sandbox.run(call)), (Outcome::Completed, None));
}

#[test]
fn the_program_leads_a_group_of_its_own_in_the_callers_folder_with_default_signals() {
    let mut sandbox = Sandbox::new();
    let text =
        written(&mut sandbox, "ps -o pgid= -p $$; echo $$; pwd; grep -E '^Sig(Blk|Ign)' /proc/self/status || true");
    let mut lines = text.lines().map(str::trim);
    let group = lines.next().unwrap();
    assert_eq!(Some(group), lines.next());
    assert_eq!(lines.next(), std::env::current_dir().unwrap().to_str());
    // Our own process ignores SIGPIPE, which the program must not. The C library keeps signals 32 and 33 to itself.
    for line in lines {
        let (_, set) = line.split_once(":\t").unwrap();
        assert_eq!(u64::from_str_radix(set, 16).unwrap() & 0x7fff_ffff, 0, "{line}");
    }
}

#[test]
fn placeholders_are_whole_arguments() {
    let mut sandbox = Sandbox::new();
    let file = sandbox.path().join("written");
    let script = format!("printf '%s\\n' \"$@\" >{}", file.display());
    let call = sandbox.call(&[
        "sh",
        "-c",
        &script,
        "sh",
        "{phone}",
        "{lead_id}",
        "{client_id}",
        "{item_id}",
        "{attempt_id}",
        "{attempt}",
        "{priority}",
        "{key}",
        "tel:{phone}",
        "{unknown}",
        "$HOME",
        "-x",
    ]);
    assert_eq!(said(&sandbox.run(call)), (Outcome::Completed, None));
    let attempt = "01010101-0101-0101-0101-010101010101";
    let expected = [
        "+12125554567",
        "lead \"é\"",
        "acme",
        "42",
        attempt,
        "2",
        "high",
        "order-7",
        "tel:{phone}",
        "{unknown}",
        "$HOME",
        "-x",
    ];
    assert_eq!(fs::read_to_string(file).unwrap().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn the_lead_is_at_fault_when_its_data_cannot_be_an_argument() {
    let mut sandbox = Sandbox::new();
    let touched = sandbox.path().join("touched");
    let script = format!("touch {}", touched.display());
    let mut no_phone = sandbox.call(&["sh", "-c", &script, "sh", "{phone}"]);
    no_phone.item.phone = None;
    let mut no_key = sandbox.call(&["sh", "-c", &script, "sh", "{key}"]);
    no_key.item.key = None;
    let mut option = sandbox.call(&["sh", "-c", &script, "sh", "{lead_id}"]);
    option.item.lead = "--help".parse().unwrap();
    for (call, reason) in [
        (no_phone, "no value for {phone}"),
        (no_key, "no value for {key}"),
        (option, "value of {lead_id} begins with -"),
    ] {
        sandbox.start(call);
        let ended = sandbox.end();
        assert_eq!(said(&ended.result), (Outcome::Failed, Some(reason)));
        assert!(!ended.could_not_start);
    }
    assert!(!touched.exists());
}

#[test]
fn the_program_itself_is_never_taken_from_the_lead() {
    let mut sandbox = Sandbox::new();
    let mut call = sandbox.call(&["{lead_id}"]);
    call.item.lead = "true".parse().unwrap();
    assert_eq!(sandbox.run(call).outcome, Outcome::Unavailable);
}
