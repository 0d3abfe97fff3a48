//! The examples: their leads can be read, and the quickstart runs the main job.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use callq::compliance::number;
use callq::intake::{InputRules, Records};
use callq::model::InputFormat;

use crate::support::{SECRET, Sandbox, Shape, eventually, is_installed};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

#[test]
fn the_leads_have_reserved_numbers_and_many_zones() {
    for (name, count) in [("acme-leads.csv", 6), ("globex-leads.csv", 5)] {
        let input = BufReader::new(File::open(example(name)).unwrap());
        let leads: Vec<_> = Records::open(
            Box::new(input),
            None,
            InputRules { format: Some(InputFormat::Csv), ..InputRules::default() },
        )
        .unwrap()
        .map(|entry| entry.unwrap().parsed.unwrap())
        .collect();
        assert_eq!(leads.len(), count, "{name}");
        for lead in &leads {
            let phone = number::read(lead.request.fields.phone.as_deref().unwrap(), None).unwrap();
            // 555-0100 to 555-0199 are kept free for fiction in every area.
            assert_eq!((phone.as_str().len(), &phone.as_str()[5..10]), (12, "55501"), "{phone}");
            assert_eq!(lead.request.fields.timezones.len(), 1, "{}", lead.request.lead);
        }
    }
}

#[test]
fn the_dispatcher_ends_each_call_by_the_last_digit() {
    for (phone, outcome, reason) in [
        ("+12125550101", "completed", "answered"),
        ("+12125550106", "retry", "no_answer"),
        ("+12125550107", "retry", "no_answer"),
        ("+12125550108", "retry", "busy"),
        ("+12125550109", "retry", "voicemail"),
        ("", "failed", "no_phone_number"),
    ] {
        let mut sandbox = Sandbox::new();
        sandbox.set("CALLQ_PHONE", phone);
        sandbox.set("CALLQ_ATTEMPT_ID", "a-1");
        let result = sandbox.run_program(example("place-call"), [""; 0], "{}").expect_code(0).json();
        assert_eq!((&result["outcome"], &result["reason"]), (&outcome.into(), &reason.into()), "{phone}");
        assert_eq!(result["call_id"], "example-a-1");
        assert_eq!(Shape::named("result").faults(&result), [""; 0], "{phone}");
    }
}

#[test]
fn the_quickstart_runs_the_main_job_and_leaves_nothing_behind() {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_NOW");
    sandbox.set("CALLQ_PROGRAM", env!("CARGO_BIN_EXE_callq"));
    let temporary = sandbox.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    sandbox.set("TMPDIR", &temporary);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart.sh");
    let run = sandbox.run_program(script.to_str().unwrap(), [""; 0], "").expect_code(0);
    for expected in
        ["reached", "retry_scheduled", "America/Los_Angeles", "globex", "do_not_call", "law.caps", "Last run"]
    {
        assert!(run.stdout.contains(expected), "{expected} is not in\n{}", run.stdout);
    }
    assert_eq!(std::fs::read_dir(temporary).unwrap().count(), 0);
}

#[test]
fn the_hook_writes_a_log_of_events() {
    let mut sandbox = Sandbox::dialling();
    // Whoever owns the repository: callq starts no program that others may write.
    let hook = sandbox.path("log-events");
    std::fs::copy(example("log-events"), &hook).unwrap();
    let row = "[[hooks]]\nevents = [\"item.added\", \"call.finished\"]\n";
    let config = std::fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    sandbox.configure(&format!("{config}{row}command = [{hook:?}, {:?}]\n", sandbox.path("events.jsonl")));
    sandbox.run("add -c acme lead").expect_code(0);
    sandbox.run("process").expect_code(0);
    let log = std::fs::read_to_string(sandbox.path("events.jsonl")).unwrap();
    let events: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&events[0]["type"], &events[1]["type"]), (&"callq.item.added".into(), &"callq.call.finished".into()));
    assert_eq!(events.len(), 2);
}

#[test]
fn the_receiver_takes_signed_events_once_and_refuses_others() {
    if !is_installed("python3") {
        return;
    }
    let mut sandbox = Sandbox::dialling();
    sandbox.set("CALLQ_WEBHOOK_SECRET", SECRET);
    sandbox.set("OTHER", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let mut receiver = sandbox.spawn_program(example("receive-events.py"), ["0"]);
    let listening = || receiver.stderr().trim().strip_prefix("listening on port ").map(str::to_owned);
    eventually("it listens", || listening().is_some());
    let port = listening().unwrap();
    let config = std::fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    let row = |path: &str, secret: &str| {
        let url = format!("http://127.0.0.1:{port}/{path}");
        format!("[[webhooks]]\nevents = [\"item.added\"]\nurl = {url:?}\nsecret_env = {secret:?}\n")
    };
    sandbox.configure(&format!("{config}{}{}", row("good", "CALLQ_WEBHOOK_SECRET"), row("bad", "OTHER")));
    sandbox.run("add -c acme lead-7").expect_code(0);
    sandbox.run("add -c acme lead-8").expect_code(0);
    let report = sandbox.run("events deliver --json").expect_code(0).json();
    assert_eq!((&report["delivered"], &report["failed"]), (&2.into(), &1.into()));
    for lead in ["lead-7", "lead-8"] {
        let line = receiver.next_line();
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!((words[1], words[3]), ("callq.item.added", lead));
    }
    let left = sandbox.run("events list --json --state failing").expect_code(0).json();
    assert_eq!(left[0]["last_error"], "status 401");
}

#[test]
fn the_leads_are_imported_by_the_program() {
    let sandbox = Sandbox::new();
    for (client, name, count) in [("acme", "acme-leads.csv", 6), ("globex", "globex-leads.csv", 5)] {
        let file = example(name);
        let run = sandbox.run(["schedule-batch", "-c", client, "--json", "-f", file.to_str().unwrap()]).expect_code(0);
        assert_eq!((&run.json()["scheduled"], &run.json()["invalid"]), (&count.into(), &0.into()), "{name}");
    }
    let item = sandbox.run("show 6 --json").expect_code(0).json();
    assert_eq!((&item["phone"], &item["priority"]), (&"+19075550153".into(), &"urgent".into()));
    assert_eq!(item["metadata"], serde_json::json!({"first_name": "Felix", "reason": "flat tyre"}));
}

#[test]
fn the_calendar_closes_its_days() {
    let mut sandbox = Sandbox::new();
    sandbox.configure(&format!("[defaults]\nholiday_files = [{:?}]\n", example("holidays.ics")));
    sandbox.run("config check").expect_code(0);
    for (from, closed) in [
        ("2026-11-25", &["2026-11-26"][..]),
        ("2026-12-22", &["2026-12-24", "2026-12-25"]),
        ("2026-12-30", &["2027-01-01"]),
        ("2027-09-03", &["2027-09-06"]),
        ("2027-11-24", &["2027-11-25"]),
    ] {
        let run = sandbox.run(["hours", "--from", from, "--days", "7", "--format", "csv"]).expect_code(0);
        let open = run.stdout.lines().count() - 1;
        assert_eq!(open, 5 - closed.len(), "{run}");
        assert!(closed.iter().all(|day| !run.stdout.contains(&format!("{day}T14"))), "{run}");
    }
}
