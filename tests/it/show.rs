//! `callq show`: one item whole, and several.

use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

fn three() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("USER", "ops");
    sandbox
        .run("add -c acme lead-1 --phone +12125550101 --timezone America/Chicago --key k-1 --meta a=1")
        .expect_code(0);
    sandbox.run("add -c acme lead-2 -p low --expires 2026-12-01").expect_code(0);
    sandbox.run("add -c beta lead-3").expect_code(0);
    sandbox
}

#[test]
fn an_item_is_shown_whole() {
    let mut sandbox = three();
    sandbox.set_now("2026-11-23T16:00:00Z");
    sandbox.run("cancel 1 --reason moved").expect_code(0);
    assert_data_eq!(
        sandbox.run("show 1").text(),
        str![[r#"
item 1: lead-1 of acme
  status     cancelled
  priority   normal
  scheduled  2026-11-23 10:00 EST
  retries    0 of 3
  attempts   0
  phone      +12125550101
  zones      America/Chicago
  key        k-1
  metadata   {"a":"1"}
  created    2026-11-23 10:00 EST by ops
  updated    2026-11-23 11:00 EST

changed               by   what    from     to         reason
2026-11-23 11:00 EST  ops  status  pending  cancelled  moved
--- exit 0

"#]]
    );
}

#[test]
fn the_times_of_a_change_stand_on_the_clients_clock() {
    let sandbox = three();
    sandbox.run(["update", "1", "--at", "tue 14:00", "--expires", "fri 12:00"]).expect_code(0);
    sandbox.run(["callback", "1", "wed 15:30"]).expect_code(0);
    let shown = sandbox.run("show 1").expect_code(0).stdout;
    let changes = shown.split("changed").last().unwrap();
    for line in [
        "scheduled_at  2026-11-23 10:00 EST  2026-11-24 14:00 EST",
        "expires_at    -                     2026-11-27 12:00 EST",
        "callback      -                     2026-11-25 15:30 EST",
    ] {
        assert!(changes.contains(line), "{line} is missing:\n{shown}");
    }
    let logged = sandbox.run("log --changes").expect_code(0).stdout;
    assert!(logged.contains("scheduled_at: 2026-11-23 10:00 EST to 2026-11-24 14:00 EST"), "{logged}");
    assert!(logged.contains("callback: none to 2026-11-25 15:30 EST"), "{logged}");
    let in_json = sandbox.run("show 1 --json").expect_code(0).json();
    assert_eq!(in_json["changes"][1]["to"], "2026-11-24T19:00:00.000Z");
}

#[test]
fn every_attempt_and_every_change_is_shown() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["busy-1"]);
    sandbox.run("update 1 -p high").expect_code(0);
    sandbox.run("update 1 --max-retries 9").expect_code(0);
    let item = sandbox.run("show 1 --json").expect_code(0).json();
    assert_eq!(item["history"].as_array().unwrap().len(), 1);
    assert_eq!((&item["history"][0]["outcome"], &item["history"][0]["reason"]), (&"retry".into(), &"busy".into()));
    let changes = item["changes"].as_array().unwrap();
    let told: Vec<String> = changes
        .iter()
        .map(|change| format!("{} {}: {} -> {}", change["by"], change["what"], change["from"], change["to"]))
        .collect();
    assert_eq!(told, [r#""ops" "priority": "normal" -> "high""#, r#""ops" "max_retries": "3" -> "9""#]);
}

#[test]
fn one_id_gives_an_object_and_several_or_a_selection_an_array() {
    let sandbox = three();
    assert!(sandbox.run("show 1 --json").expect_code(0).json().is_object());
    for line in
        ["show 1 2 --json", "show 1-3 --json", "show 3-9 --json", "show --lead lead-1 --json", "show --all --json"]
    {
        assert!(sandbox.run(line).expect_code(0).json().is_array(), "{line}");
    }
    assert!(sandbox.run_with_input("show - --json", "1\n").expect_code(0).json().is_array());
}

#[test]
fn a_selection_tells_how_many_it_has_and_a_long_one_is_one_document() {
    let sandbox = Sandbox::new();
    let leads: String = (1..=250).map(|number| format!("lead-{number}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f -", leads).expect_code(0);
    let all = sandbox.run("show --all --json").expect_code(0);
    let ids: Vec<u64> = all.json().as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect();
    assert_eq!((ids, all.stderr.as_str()), ((1..=250).collect(), "250 items\n"));
    assert_eq!(sandbox.run("show --lead lead-7 -q --json").expect_code(0).stderr, "");
    assert_eq!(sandbox.run("show --lead lead-7").stderr, "1 item\n");
    assert_eq!(sandbox.run("show 7-8").stderr, "");
    let table = sandbox.run("show 7-8").stdout;
    assert!(table.starts_with("item 7: lead-7") && table.contains("\n\nitem 8: lead-8"), "{table}");
    assert_eq!(sandbox.run("show 1-250 --format csv").stdout.lines().count(), 251);
    sandbox.run("show 3-250 -c other").expect_code(3);
}

#[test]
fn ids_come_as_numbers_ranges_or_on_standard_input() {
    let sandbox = three();
    let ids = |words: &[&str], input: &str| -> Vec<u64> {
        let run =
            sandbox.run_with_input(words.iter().copied().chain(["--json"]).collect::<Vec<_>>(), input).expect_code(0);
        run.json().as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
    };
    assert_eq!(ids(&["show", "3", "1"], ""), [1, 3]);
    assert_eq!(ids(&["show", "1-2", "2-3"], ""), [1, 2, 3]);
    assert_eq!(ids(&["show", "-"], "2 3\n\n1\n"), [1, 2, 3]);
    assert_eq!(ids(&["show", "1", "-"], "2-3\n"), [1, 2, 3]);
    assert_eq!(ids(&["show", "-c", "beta"], ""), [3]);
}

#[test]
fn json_lines_are_an_item_a_line() {
    let sandbox = three();
    let items = sandbox.run("show 1-3 --format jsonl").expect_code(0).json_lines();
    assert_eq!(items.len(), 3);
    assert!(items.iter().all(|item| item["history"].is_array()));
    assert_eq!(sandbox.run("show 2 --format jsonl").json_lines().len(), 1);
}

#[test]
fn what_names_nothing_is_not_found() {
    let sandbox = three();
    assert_data_eq!(
        sandbox.run("show 9").text(),
        str![[r#"
--- standard error
error: no item 9
hint: `callq list --limit 0` shows every item
--- exit 3

"#]]
    );
    sandbox.run("show 1 9").expect_code(3);
    sandbox.run("show 8-9").expect_code(3);
    sandbox.run("show --status failed").expect_code(3);
    sandbox.run("show 3 -c acme").expect_code(3);
    sandbox.run("show --all -c other").expect_code(3);
    assert_data_eq!(
        sandbox.run_with_input("show -", "").text(),
        str![[r#"
--- standard error
error: standard input holds no id
--- exit 3

"#]]
    );
}

#[test]
fn ids_that_are_none_are_usage_errors() {
    let sandbox = three();
    let errors: String = ["show", "show 0", "show 3-1", "show 1 --status failed", "show 1 --all"]
        .iter()
        .map(|line| sandbox.run(line).expect_code(2).stderr)
        .collect();
    assert_data_eq!(
        errors,
        str![[r#"
error: no item is named
hint: give ids, a filter such as --status failed, or --all
error: invalid value '0' for '[ID]...': `0` is not an item id: expected a number, a range such as 12-20, or -
hint: callq show --help
error: invalid value '3-1' for '[ID]...': `3-1` is an empty range: the smaller id comes first
hint: callq show --help
error: give ids or a selection, not both
error: give ids or a selection, not both

"#]]
    );
    assert_data_eq!(
        sandbox.run_with_input("show -", "1\ntwo\n").text(),
        str![[r#"
--- standard error
error: standard input, line 2: no lead or phone number `two`
hint: find it: callq list --search TEXT
--- exit 3

"#]]
    );
}

#[test]
fn the_client_of_the_environment_bounds_selections_and_not_ids() {
    let mut sandbox = three();
    sandbox.set("CALLQ_CLIENT", "beta");
    assert_eq!(sandbox.run("show --all --json").expect_code(0).json().as_array().unwrap().len(), 1);
    sandbox.run("show --lead lead-1").expect_code(3);
    sandbox.run("show 1").expect_code(0);
    sandbox.run("show").expect_code(2);
}
