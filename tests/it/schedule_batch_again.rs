//! `callq schedule-batch` of leads and keys that are known, and its groups.

use snapbox::{assert_data_eq, str};

use crate::support::{Run, Sandbox};

/// Queues a text from standard input for client acme, with the words of a line as further arguments.
fn batch(sandbox: &Sandbox, line: &str, input: &str) -> Run {
    let words = format!("schedule-batch -c acme -f - {line}");
    sandbox.run_with_input(words, input)
}

/// The leads of the queue, by id.
fn leads(sandbox: &Sandbox) -> Vec<String> {
    let items = sandbox.run("list --json --sort id --limit 0").expect_code(0).json();
    items.as_array().unwrap().iter().map(|item| item["lead_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn duplicates_are_skipped_and_counted() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a").expect_code(0);
    assert_data_eq!(
        batch(&sandbox, "", "a\nb\nb\nc\n").text(),
        str![[r#"
2 scheduled (items 2 to 3), 2 skipped as duplicates, 0 invalid
1 group: 2026-11-23 10:00 EST
--- standard error
Reading standard input: lines, UTF-8.
--- exit 0

"#]]
    );
    assert_eq!(leads(&sandbox), ["a", "b", "c"]);
    assert_data_eq!(
        batch(&sandbox, "", "a\nb\nb\nc\n").text(),
        str![[r#"
0 scheduled, 4 skipped as duplicates, 0 invalid
--- standard error
Reading standard input: lines, UTF-8.
--- exit 0

"#]]
    );
    sandbox.run("add -c beta a").expect_code(0);
}

#[test]
fn a_held_lead_is_a_duplicate_and_a_finished_one_is_none() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["lost-1", "never-1", "later-1"]);
    let run = batch(&sandbox, "--json", "lost-1\nnever-1\nlater-1\n").expect_code(0).json();
    assert_eq!((&run["scheduled"], &run["skipped"]), (&1.into(), &2.into()));
    let replaced = batch(&sandbox, "--json --if-exists replace --invalid skip", "lost-1\nnever-1\nlater-1\n");
    let view = replaced.expect_code(0).json();
    assert_eq!((&view["scheduled"], &view["invalid"]), (&1.into(), &2.into()));
    batch(&sandbox, "--if-exists replace", "lost-1\n").expect_code(4);
    sandbox.run("cancel 3 --in-progress").expect_code(0);
}

#[test]
fn a_file_without_lead_ids_names_a_lead_by_its_number_however_that_is_written() {
    let sandbox = Sandbox::new();
    let first =
        batch(&sandbox, "--json", "phone number,name\n+1 212 555 0101,Ann\n+1-212-555-0102,Bob\n").expect_code(0);
    assert_eq!(first.json()["scheduled"], 2);
    let again = batch(&sandbox, "--json", "phone number,name\n+12125550101,Ann\n(+1) 212.555.0103,Cy\n").expect_code(0);
    assert_eq!((&again.json()["scheduled"], &again.json()["skipped"]), (&1.into(), &1.into()));
    assert_eq!(leads(&sandbox), ["+12125550101", "+12125550102", "+12125550103"]);
}

#[test]
fn a_key_that_was_used_before_is_a_duplicate() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a --key k-1").expect_code(0);
    sandbox.run("cancel 1").expect_code(0);
    let input = "lead_id,key\na,k-1\nb,k-2\nc,k-2\n";
    assert_data_eq!(
        batch(&sandbox, "--invalid skip", input).text(),
        str![[r#"
1 scheduled (item 2), 1 skipped as duplicates, 1 invalid
1 group: 2026-11-23 10:00 EST
  line 4 (c), key: the key names item 2 of another lead, b
--- standard error
Reading standard input: comma, UTF-8. lead_id ← lead_id, key ← key; no column holds a phone number.
--- exit 0

"#]]
    );
    assert_data_eq!(
        batch(&sandbox, "", "lead_id,key\na,k-1\nb,k-2\n").text(),
        str![[r#"
0 scheduled, 2 skipped as duplicates, 0 invalid
--- standard error
Reading standard input: comma, UTF-8. lead_id ← lead_id, key ← key; no column holds a phone number.
--- exit 0

"#]]
    );
    assert_eq!(leads(&sandbox), ["a", "b"]);
}

#[test]
fn if_exists_error_makes_a_duplicate_a_bad_record() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a").expect_code(0);
    assert_data_eq!(
        batch(&sandbox, "--if-exists error", "b\na\n").text(),
        str![[r#"
0 scheduled, 0 skipped as duplicates, 1 invalid
  line 2 (a), lead_id: the lead is queued already: item 1 is pending
--- standard error
Reading standard input: lines, UTF-8.
error: line 2, field `lead_id`: the lead is queued already: item 1 is pending; nothing was queued
hint: --invalid skip leaves bad records out, --rejects FILE keeps them
--- exit 4

"#]]
    );
    assert_eq!(leads(&sandbox), ["a"]);
}

#[test]
fn if_exists_replace_changes_items_in_place() {
    let sandbox = Sandbox::new();
    batch(&sandbox, "", "a\nb\n").expect_code(0);
    let run = batch(&sandbox, "--json --if-exists replace -p low", "b\nc\n").expect_code(0).json();
    assert_eq!(
        (&run["scheduled"], &run["first_id"], &run["last_id"]),
        (&2.into(), &2.into(), &3.into()),
        "no number is lost to a lead that is there"
    );
    assert_eq!(leads(&sandbox), ["a", "b", "c"]);
    assert_eq!(sandbox.run("show 2 --json").json()["priority"], "low");
}

#[test]
fn if_exists_replace_changes_only_what_the_record_and_the_flags_give() {
    let sandbox = Sandbox::new();
    let whole = "lead_id,phone,timezone,priority,at,max_retries,city\n\
                 a,+12125550101,America/Chicago,low,2026-11-24 14:00,7,Rome\nb,,,,,,\n";
    batch(&sandbox, "", whole).expect_code(0);
    let item = |id: u32| sandbox.run(format!("show {id} --json")).json();
    let (before, other) = (item(1), item(2));
    batch(&sandbox, "--if-exists replace", "a\nb\n").expect_code(0);
    assert_eq!((item(1), item(2)), (before.clone(), other));
    let run = batch(&sandbox, "--json --if-exists replace", "lead_id,phone\na,+12125550102\n").expect_code(0).json();
    assert_eq!(run["first_call_at"], before["scheduled_at"], "where it was");
    let after = item(1);
    let fields = after.as_object().unwrap().iter();
    let differing: Vec<&String> =
        fields.filter(|(name, value)| before[*name] != **value).map(|(name, _)| name).collect();
    assert_eq!(differing, ["phone", "changes"]);
    batch(&sandbox, "--if-exists replace --at +3d", "a\n").expect_code(0);
    assert_eq!(item(1)["scheduled_at"], "2026-11-26T17:00:00.000Z", "a low one at noon, by the flag");
}

#[test]
fn the_times_are_told_by_the_clock_of_the_client() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[clients.acme]\ntimezone = \"Europe/Berlin\"\n");
    sandbox.set_now("2026-11-23T08:00:00Z");
    let told = batch(&sandbox, "--batch-size 1 --batch-interval 1h", "a\nb\n").expect_code(0).stdout;
    assert!(told.ends_with("2 groups: 2026-11-23 09:00 CET to 2026-11-23 10:00 CET\n"), "{told}");
}

#[test]
fn groups_spread_over_the_windows() {
    let mut sandbox = Sandbox::new();
    sandbox.set_now("2026-11-23T05:00:00Z");
    let input: String = (1..=1_000).map(|number| format!("lead-{number}\n")).collect();
    let run = batch(&sandbox, "--json --batch-size 50 --batch-interval 15m", &input).expect_code(0).json();
    assert_eq!((&run["scheduled"], &run["groups"]), (&1_000.into(), &20.into()));
    assert_eq!(run["first_call_at"], "2026-11-23T14:00:00.000Z", "09:00");
    assert_eq!(run["last_call_at"], "2026-11-23T18:45:00.000Z", "19 quarters of an hour later");
    let starts = starts(&sandbox);
    let quarter = chrono::TimeDelta::minutes(15);
    let first: chrono::DateTime<chrono::Utc> = "2026-11-23T14:00:00Z".parse().unwrap();
    let expected: Vec<(String, usize)> =
        (0..20).map(|group| ((first + quarter * group).format("%Y-%m-%dT%H:%M:%S.000Z").to_string(), 50)).collect();
    assert_eq!(starts, expected);
}

/// How many items have each slot.
fn starts(sandbox: &Sandbox) -> Vec<(String, usize)> {
    let mut starts: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for item in sandbox.run("list --format jsonl --limit 0").expect_code(0).json_lines() {
        *starts.entry(item["scheduled_at"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    starts.into_iter().collect()
}

#[test]
fn groups_go_on_on_the_next_day() {
    let mut sandbox = Sandbox::new();
    sandbox.set_now("2026-11-27T20:00:00Z");
    let input: String = (1..=10).map(|number| format!("lead-{number}\n")).collect();
    batch(&sandbox, "--batch-size 2 --batch-interval 45m", &input).expect_code(0);
    assert_eq!(
        starts(&sandbox),
        [
            ("2026-11-27T20:00:00.000Z".to_owned(), 2),
            ("2026-11-27T20:45:00.000Z".to_owned(), 2),
            ("2026-11-27T21:30:00.000Z".to_owned(), 2),
            ("2026-11-30T14:00:00.000Z".to_owned(), 2),
            ("2026-11-30T14:45:00.000Z".to_owned(), 2),
        ]
    );
}

#[test]
fn bad_and_skipped_records_take_no_place_in_a_group() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme b").expect_code(0);
    let input = "lead_id,priority\na,\nb,\nx,soon\nc,\nb,\n";
    let run = batch(&sandbox, "--json --invalid skip --batch-size 2 --batch-interval 1h", input).expect_code(0).json();
    assert_eq!((&run["groups"], &run["scheduled"]), (&1.into(), &2.into()));
    assert_eq!(run["last_call_at"], "2026-11-23T15:00:00.000Z");
}

#[test]
fn a_huge_interval_is_an_answer_and_no_crash() {
    let sandbox = Sandbox::new();
    let input: String = (1..=40).map(|number| format!("lead-{number}\n")).collect();
    let run = batch(&sandbox, "--batch-size 1 --batch-interval 36600d", &input);
    assert!(matches!(run.code, 0 | 4), "{run}");
}

#[test]
fn nothing_to_queue_is_no_failure() {
    let sandbox = Sandbox::new();
    assert_data_eq!(
        batch(&sandbox, "", "# nobody\n\n").text(),
        str![[r#"
0 scheduled, 0 skipped as duplicates, 0 invalid
--- standard error
Reading standard input: lines, UTF-8.
warning: standard input holds no lead: nothing was queued
--- exit 0

"#]]
    );
    assert!(!sandbox.database().exists());
}
