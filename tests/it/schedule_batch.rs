//! `callq schedule-batch`: formats, duplicates, bad records, groups, and that a batch is one change.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/batches").join(name)
}

/// Queues a text from standard input for client acme, with the words of a line as further arguments.
fn batch(sandbox: &Sandbox, line: &str, input: &str) -> crate::support::Run {
    sandbox.run_with_input(format!("schedule-batch -c acme -f - {line}"), input)
}

/// The leads of the queue, by id.
fn leads(sandbox: &Sandbox) -> Vec<String> {
    let items = sandbox.run("list --json --sort id --limit 0").expect_code(0).json();
    items.as_array().unwrap().iter().map(|item| item["lead_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn leads_are_queued_from_the_arguments() {
    let sandbox = Sandbox::new();
    assert_data_eq!(
        sandbox.run("schedule-batch -c acme lead-1 lead-2 lead-3").text(),
        str![[r#"
3 scheduled (items 1 to 3), 0 skipped as duplicates, 0 invalid
1 group: 2026-11-23 10:00 EST
--- exit 0

"#]]
    );
    assert_eq!(leads(&sandbox), ["lead-1", "lead-2", "lead-3"]);
}

#[test]
fn a_single_group_starts_at_the_slot_of_at() {
    let sandbox = Sandbox::new();
    assert_data_eq!(
        sandbox.run("schedule-batch -c acme a b --at 2026-11-28T12:00:00Z").text(),
        str![[r#"
2 scheduled (items 1 to 2), 0 skipped as duplicates, 0 invalid
1 group: 2026-11-30 09:00 EST
--- exit 0

"#]]
    );
}

#[test]
fn all_four_formats_are_guessed_from_the_name_and_the_first_bytes() {
    for (name, expected) in [
        ("leads.txt", &["lead-1", "lead-2", "lead-3"][..]),
        ("leads.csv", &["lead-1", "lead-2"]),
        ("leads.jsonl", &["lead-1", "2"]),
        ("leads.json", &["lead-1", "lead-2"]),
        ("retell.csv", &["+12125550101", "+12125550102"]),
    ] {
        let sandbox = Sandbox::new();
        let path = fixture(name);
        sandbox.run(["schedule-batch", "-c", "acme", "-f", path.to_str().unwrap()]).expect_code(0);
        assert_eq!(leads(&sandbox), expected, "{name}");
        let piped = Sandbox::new();
        batch(&piped, "", &fs::read_to_string(path).unwrap()).expect_code(0);
        assert_eq!(leads(&piped), expected, "{name}, from standard input");
    }
}

#[test]
fn input_names_the_format() {
    let sandbox = Sandbox::new();
    batch(&sandbox, "--input lines", "lead_id,phone\n").expect_code(0);
    assert_eq!(leads(&sandbox), ["lead_id,phone"]);
}

#[test]
fn every_column_of_a_csv_is_obeyed_and_others_are_metadata() {
    let sandbox = Sandbox::new();
    let path = fixture("leads.csv");
    sandbox.run(["schedule-batch", "-c", "acme", "-f", path.to_str().unwrap()]).expect_code(0);
    let items = sandbox.run("list --json --sort id").json();
    let first = &items[0];
    assert_eq!(first["phone"], "+12125550101");
    assert_eq!(first["timezones"], serde_json::json!(["America/New_York"]));
    assert_eq!(first["priority"], "high");
    assert_eq!(first["scheduled_at"], "2026-11-24T14:30:00.000Z");
    assert_eq!(first["expires_at"], "2026-11-25T15:00:00.000Z");
    assert_eq!(first["max_retries"], 1);
    assert_eq!(first["key"], "k-1");
    assert_eq!(first["metadata"], serde_json::json!({"City": "New York, NY"}));
    let second = &items[1];
    assert!(second["phone"].is_null());
    assert_eq!(second["timezones"], serde_json::json!(["America/Chicago", "America/Denver"]));
    assert_eq!(second["metadata"], serde_json::json!({"City": "two\r\nlines"}));
}

#[test]
fn a_csv_exported_for_retell_imports_as_it_is() {
    let sandbox = Sandbox::new();
    let path = fixture("retell.csv");
    sandbox.run(["schedule-batch", "-c", "acme", "-f", path.to_str().unwrap()]).expect_code(0);
    let items = sandbox.run("list --json --sort id").json();
    assert_eq!(items[0]["phone"], "+12125550101");
    assert_eq!(items[0]["metadata"], serde_json::json!({"first_name": "Ann"}));
    assert!(items[1]["metadata"].is_null());
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_do_not_matter() {
    let sandbox = Sandbox::new();
    batch(&sandbox, "", "\u{feff}LeadId,PHONE NUMBER\r\na,+12125550101\r\n\r\nb,+12125550102").expect_code(0);
    let items = sandbox.run("list --json --sort id").json();
    assert_eq!((&items[0]["lead_id"], &items[0]["phone"]), (&"a".into(), &"+12125550101".into()));
    assert_eq!((&items[1]["lead_id"], &items[1]["phone"]), (&"b".into(), &"+12125550102".into()));
}

#[test]
fn json_fields_may_be_in_camel_case_and_metadata_is_kept() {
    let sandbox = Sandbox::new();
    let record = concat!(
        r#"{"leadId": "a", "phoneNumber": "+12125550101", "scheduledAt": "2026-11-24T09:30:00-05:00", "#,
        r#""expiresAt": "2026-12-01", "maxRetries": 5, "timezones": ["America/Chicago"], "metadata": {"x": 1.50}, "city": "Rome"}"#
    );
    batch(&sandbox, "", record).expect_code(0);
    let item = sandbox.run("show 1 --json").json();
    assert_eq!(item["scheduled_at"], "2026-11-24T14:30:00.000Z");
    assert_eq!(item["expires_at"], "2026-12-01T05:00:00.000Z");
    assert_eq!(item["max_retries"], 5);
    assert_eq!(item["metadata"].to_string(), r#"{"x":1.50,"city":"Rome"}"#);
    let whole = Sandbox::new();
    batch(&whole, "", r#"{"lead_id": "a", "metadata": {"x":  1.50, "y": 1e3}}"#).expect_code(0);
    let run = whole.run("show 1 --format jsonl");
    assert!(run.stdout.contains(r#""metadata":{"x":  1.50, "y": 1e3}"#), "{run}");
}

#[test]
fn arguments_are_the_defaults_of_the_records() {
    let sandbox = Sandbox::new();
    let input = "lead_id,priority,max_retries\na,,\nb,urgent,0\n";
    batch(&sandbox, "-p low --max-retries 9 --expires 2026-12-01", input).expect_code(0);
    let items = sandbox.run("list --json --sort id").json();
    let told = |item: &Value| (item["priority"].clone(), item["max_retries"].clone(), item["expires_at"].clone());
    assert_eq!(told(&items[0]), ("low".into(), 9.into(), "2026-12-01T05:00:00.000Z".into()));
    assert_eq!(told(&items[1]), ("urgent".into(), 0.into(), "2026-12-01T05:00:00.000Z".into()));
}

#[test]
fn one_bad_record_and_nothing_is_queued() {
    let sandbox = Sandbox::new();
    let path = fixture("faults.csv");
    let run = sandbox.run(["schedule-batch", "-c", "acme", "-f", path.to_str().unwrap()]);
    assert_data_eq!(
        run.text(),
        str![[r#"
0 scheduled, 0 skipped as duplicates, 3 invalid
  line 3 (lead-2), priority: unknown priority `soon`: expected urgent, high, normal or low
  line 4 (lead-3): 4 cells where the header has 3
  line 5, lead_id: the record has no lead_id
--- standard error
Reading [..]/tests/fixtures/batches/faults.csv: comma, UTF-8. lead_id ← lead_id, phone ← phone, priority ← priority.
error: line 3, field `priority`: unknown priority `soon`: expected urgent, high, normal or low (3 bad records in all); nothing was queued
hint: --invalid skip leaves bad records out, --rejects FILE keeps them
--- exit 4

"#]]
    );
    assert!(!sandbox.database().exists(), "there was no database, and there is none");
}

#[test]
fn a_bad_record_leaves_the_queue_as_it_was() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a --phone +12125550100").expect_code(0);
    let before = sandbox.run("list --json").stdout;
    batch(&sandbox, "--if-exists replace", "lead_id,phone\na,+12125550101\nb,+1212\n").expect_code(4);
    assert_eq!(sandbox.run("list --json").stdout, before);
    assert_eq!(sandbox.run("show 1 --json").json()["changes"], serde_json::json!([]));
}

#[test]
fn invalid_skip_leaves_bad_records_out() {
    let sandbox = Sandbox::new();
    let path = fixture("faults.csv");
    let run = sandbox.run(["schedule-batch", "-c", "acme", "--invalid", "skip", "-f", path.to_str().unwrap()]);
    assert_data_eq!(
        run.text(),
        str![[r#"
2 scheduled (items 1 to 2), 0 skipped as duplicates, 3 invalid
1 group: 2026-11-23 10:00 EST to 2026-11-23 12:00 EST
  line 3 (lead-2), priority: unknown priority `soon`: expected urgent, high, normal or low
  line 4 (lead-3): 4 cells where the header has 3
  line 5, lead_id: the record has no lead_id
--- standard error
Reading [..]/tests/fixtures/batches/faults.csv: comma, UTF-8. lead_id ← lead_id, phone ← phone, priority ← priority.
2 leads are called by the zones of their numbers or regions
--- exit 0

"#]]
    );
    assert_eq!(leads(&sandbox), ["lead-1", "lead-5"]);
}

#[test]
fn errors_are_named_by_line_lead_field_and_message() {
    let sandbox = Sandbox::new();
    let input = concat!(
        "lead_id,phone,timezone,priority,at,expires,max_retries,metadata\n",
        "a,12345,,,,,,\n",
        "b,,Mars/Olympus,,,,,\n",
        "c,,,soon,,,,\n",
        "d,,,,never,,,\n",
        "e,,,,,2026-11-01,,\n",
        "f,,,,,,many,\n",
        "g,,,,,,,[1]\n",
        "h,,Asia/Tokyo,,,,,\n",
    );
    let run = batch(&sandbox, "--json --invalid skip", input).expect_code(0);
    let errors = run.json()["errors"].clone();
    let mut text = String::new();
    for error in errors.as_array().unwrap() {
        text.push_str(&format!("{error}\n"));
    }
    assert_data_eq!(
        text,
        str![[r#"
{"line":2,"lead_id":"a","field":"phone","message":"phone number `12345` has neither + nor a country code: write +12125550101, or set `country_code` for the client"}
{"line":3,"lead_id":"b","field":"timezone","message":"unknown time zone `Mars/Olympus`: write an IANA name, such as America/New_York"}
{"line":4,"lead_id":"c","field":"priority","message":"unknown priority `soon`: expected urgent, high, normal or low"}
{"line":5,"lead_id":"d","field":"at","message":"`never` is not a time: expected RFC 3339 (2026-11-23T09:30:00-05:00), `2026-11-23 09:30`, `2026-11-23`, `09:30`, `now`, `+90m`, `tomorrow 09:30` or `mon 14:00`"}
{"line":6,"lead_id":"e","field":"expires","message":"it expires at Sun 2026-11-01 00:00 EDT, and its first slot is Mon 2026-11-23 10:00 EST"}
{"line":7,"lead_id":"f","field":"max_retries","message":"`many` is not a number of retries: expected a whole number from 0"}
{"line":8,"lead_id":"g","field":"metadata","message":"`[1]` is not a JSON object"}
{"line":9,"lead_id":"h","field":"timezone","message":"this lead could never be called: the client's hours for normal calls in America/New_York never overlap with `calling_hours` in Asia/Tokyo"}

"#]]
    );
}

#[test]
fn rejects_are_in_the_inputs_own_format_and_can_be_mended_and_sent_again() {
    for (name, fault, mended, written, left) in [
        ("faults.csv", ",soon,", ",high,", "lead_id,phone,priority,error\n", 2),
        ("faults.jsonl", "\"priority\":\"soon\"", "\"priority\":\"high\"", "{", 3),
    ] {
        let sandbox = Sandbox::new();
        let rejects = sandbox.path(format!("rejects-{name}"));
        let send = |from: &Path, to: &Path| {
            let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
            let run = sandbox.run([
                "schedule-batch",
                "--json",
                "-c",
                "acme",
                "--invalid",
                "skip",
                "-f",
                from,
                "--rejects",
                to,
            ]);
            run.expect_code(0).json()
        };
        send(&fixture(name), &rejects);
        let text = fs::read_to_string(&rejects).unwrap();
        assert!(text.starts_with(written) && text.contains(fault), "{text}");
        let again = sandbox.write(&format!("mended-{name}"), text.replace(fault, mended));
        let second = send(&again, &sandbox.path("rest"));
        assert_eq!((&second["scheduled"], &second["skipped"]), (&1.into(), &0.into()), "{second}");
        assert_eq!(second["errors"].as_array().unwrap().len(), left, "{second}");
        assert!(leads(&sandbox).contains(&"lead-2".to_owned()));
    }
}

#[test]
fn rejects_of_a_json_array_are_one() {
    let sandbox = Sandbox::new();
    let rejects = sandbox.path("rejects.json");
    let input = r#"[{"lead_id": "a", "priority": "soon"}, {"lead_id": "b"}, {"lead_id": "c", "max_retries": "x"}]"#;
    batch(&sandbox, &format!("--invalid skip --rejects {}", rejects.display()), input).expect_code(0);
    let rejected: Value = serde_json::from_str(&fs::read_to_string(&rejects).unwrap()).unwrap();
    assert_eq!(rejected.as_array().unwrap().len(), 2);
    assert_eq!(rejected[1]["lead_id"], "c");
    assert_eq!(leads(&sandbox), ["b"]);
}

#[test]
fn rejects_do_not_overwrite_their_input() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("leads.txt", "a\nb\n");
    let file = path.to_str().unwrap();
    let run = sandbox.run(["schedule-batch", "-c", "acme", "-f", file, "--rejects", file]);
    assert_data_eq!(
        run.text(),
        str![[r#"
--- standard error
error: --rejects: [FOLDER]/leads.txt is the input itself
hint: name another file
--- exit 2

"#]]
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "a\nb\n");
}

#[test]
fn a_dry_run_tells_and_leaves_nothing() {
    let sandbox = Sandbox::new();
    assert_data_eq!(
        batch(&sandbox, "--dry-run", "a\nb\nb\n").text(),
        str![[r#"
2 scheduled (items 1 to 2), 1 skipped as duplicates, 0 invalid
1 group: 2026-11-23 10:00 EST
--- standard error
Reading standard input: lines, UTF-8.
dry run: nothing was queued
--- exit 0

"#]]
    );
    assert!(!sandbox.database().exists());
    sandbox.run("add -c acme a").expect_code(0);
    let run = batch(&sandbox, "--dry-run --json", "a\nb\nc\n").expect_code(0).json();
    assert_eq!((&run["scheduled"], &run["skipped"]), (&2.into(), &1.into()));
    assert_eq!(leads(&sandbox), ["a"]);
    sandbox.run("list -c other").expect_code(3);
    batch(&sandbox, "--dry-run", "a\n\u{1}\n").expect_code(4);
}

#[test]
fn wrong_arguments_leave_no_database() {
    let sandbox = Sandbox::new();
    sandbox.run("schedule-batch lead").expect_code(2);
    sandbox.run("schedule-batch -c acme lead --at soon").expect_code(2);
    sandbox.run("schedule-batch -c acme lead --batch-size 0").expect_code(2);
    sandbox.run("schedule-batch -c acme lead --batch-interval 1w").expect_code(2);
    sandbox.run("schedule-batch -c acme lead --input xml").expect_code(2);
    sandbox.run("schedule-batch -c acme lead -f leads.txt").expect_code(2);
    sandbox.run("schedule-batch -c acme -f missing.txt").expect_code(1);
    sandbox.run("schedule-batch -c acme -f .").expect_code(1);
    assert!(!sandbox.database().exists());
}

#[test]
fn a_long_list_is_imported_in_flat_memory_and_without_a_bar_in_a_pipe() {
    let sandbox = Sandbox::new();
    let mut csv = String::from("lead_id,phone,timezone,city\n");
    for number in 0..100_000 {
        csv.push_str(&format!("lead-{number},+1212{:07},America/New_York,\"City, {number}\"\n", 2_000_000 + number));
    }
    let path = sandbox.write("leads.csv", csv);
    // The shell tells the most memory that its one child has ever had.
    let script = sandbox.script(
        "measured",
        "\"$@\" & child=$!\nmost=0\nwhile [ -r /proc/$child/status ]; do\n\
         now=$(sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\) kB/\\1/p' /proc/$child/status 2>/dev/null)\n\
         [ -n \"$now\" ] && most=$now\nsleep 0.02\ndone\nwait $child; code=$?\necho \"$most\" >&3\nexit $code",
    );
    let callq = env!("CARGO_BIN_EXE_callq");
    let (database, file, peak) = (sandbox.database(), path.to_str().unwrap().to_owned(), sandbox.path("peak"));
    let line = format!(
        "exec 3>{peak:?}; exec {script:?} {callq:?} --db {database:?} schedule-batch --json -c acme -f {file:?}"
    );
    let run = sandbox.run_program("sh", ["-c", &line], "").expect_code(0);
    assert_eq!(run.json()["scheduled"], 100_000);
    assert_eq!(run.stderr, "", "programs read in the report how the input was read");
    let peak: u64 = fs::read_to_string(peak).unwrap().trim().parse().unwrap();
    assert!(peak > 1_000 && peak < 96 * 1024, "{peak} KiB");
}

#[test]
fn a_progress_bar_is_drawn_on_a_terminal_only() {
    let mut sandbox = Sandbox::new();
    sandbox.set("TERM", "xterm");
    let list: String = (0..20_000).map(|number| format!("lead-{number}\n")).collect();
    sandbox.write("leads.txt", list);
    let probe = sandbox.run_program("sh", ["-c", "script --version"], "");
    if !probe.stdout.contains("util-linux") {
        return;
    }
    let callq = env!("CARGO_BIN_EXE_callq");
    let command = format!("{callq} --db {} schedule-batch -c acme -f leads.txt", sandbox.database().display());
    let run = sandbox.run_program("script", ["-qec", &command, "/dev/null"], "").expect_code(0);
    assert!(run.stdout.contains("000 leads") && run.stdout.contains(" %, "), "{:?}", run.stdout);
    assert!(run.stdout.contains("20,000 scheduled"), "{:?}", run.stdout);
}
