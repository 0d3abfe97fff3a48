//! `callq list`: order, filters, sorts, paging, columns and what is made harmless.

use std::collections::BTreeSet;

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

/// With it nothing is said beside the list.
const DISPATCHER: &str = "[defaults.dispatch]\nkind = \"simulate\"\n";

/// The ids that `list` gives with the words of a line.
#[track_caller]
fn ids(sandbox: &Sandbox, line: &str) -> Vec<u64> {
    let run = sandbox.run(format!("list --format jsonl {line}")).expect_code(0);
    run.json_lines().iter().map(|item| item["id"].as_u64().unwrap()).collect()
}

/// One item in each status: 1 completed, 2 waiting for a retry, 3 failed, 4 held, 5 in progress, 6 cancelled, 7 pending,
/// 8 scheduled.
fn every_status() -> Sandbox {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["answered-1", "busy-1", "never-1", "lost-1"]);
    sandbox.run("add -c acme later-1").expect_code(0);
    sandbox.run("process").expect_code(0);
    sandbox.run("add -c acme gone-1").expect_code(0);
    sandbox.run("cancel 6 --reason moved").expect_code(0);
    sandbox.run("add -c acme new-1 -p high --phone +12125550107 --key order-7").expect_code(0);
    sandbox.run("add -c acme new-2 -p urgent --at +2h --meta city=Rome").expect_code(0);
    sandbox
}

#[test]
fn a_missing_database_is_named_and_not_made() {
    let sandbox = Sandbox::new();
    assert_data_eq!(
        sandbox.run("list").text(),
        str![[r#"
--- standard error
error: no database at [FOLDER]/queue.db
hint: `callq add` makes it; --db, CALLQ_DB or `database` in the configuration name another
--- exit 1

"#]]
    );
    assert!(!sandbox.database().exists());
}

#[test]
fn all_statuses_are_listed_waiting_ones_first_then_in_progress_then_the_newest() {
    let sandbox = every_status();
    assert_eq!(ids(&sandbox, ""), [7, 2, 8, 5, 6, 4, 3, 1]);
    assert_eq!(ids(&sandbox, "--reverse"), [1, 3, 4, 6, 5, 8, 2, 7]);
}

#[test]
fn the_order_is_that_of_the_calls() {
    let mut sandbox = Sandbox::simulating();
    let adds = [
        ("2026-11-23T06:00:00Z", "low"),
        ("2026-11-23T07:00:00Z", "normal"),
        ("2026-11-23T08:00:00Z", "high"),
        ("2026-11-23T09:00:00Z", "urgent"),
        ("2026-11-23T10:00:00Z", "normal"),
        ("2026-11-23T11:00:00Z", "urgent"),
        ("2026-11-23T11:30:00Z", "high"),
        ("2026-11-23T11:59:00Z", "normal"),
        ("2026-11-23T12:00:00Z", "normal"),
        ("2026-11-23T12:00:00Z", "high"),
    ];
    sandbox.configure(concat!(
        "[defaults]\ntimezone = \"UTC\"\nactive_days = [\"Mon\"]\nmax_retries = 0\n",
        "[defaults.business_hours]\nstart = \"00:00\"\nend = \"24:00\"\n",
        // Nothing is prime but midday, so that all but `high` may be called from 06:00 on and `low` at other hours.
        "priority_hours = [8, 9, 10, 11, 12, 13]\n",
        "[defaults.calling_hours]\nstart = \"00:00\"\nend = \"24:00\"\n",
        "[defaults.dispatch]\nkind = \"simulate\"\n"
    ));
    for (index, (now, priority)) in adds.iter().enumerate() {
        sandbox.set_now(now);
        sandbox.run(format!("add -c acme lead-{index} -p {priority}")).expect_code(0);
    }
    let mut called = Vec::new();
    for now in ["2026-11-23T12:30:00Z", "2026-11-23T23:00:00Z"] {
        sandbox.set_now(now);
        let callable: Vec<u64> = ids(&sandbox, "--due")
            .into_iter()
            .filter(|id| !called.contains(id))
            .filter(|id| sandbox.run(format!("show {id} --json")).json()["next_call_at"] == rfc(now))
            .collect();
        for expected in callable {
            sandbox.run("process --limit 1").expect_code(0);
            let started = ids(&sandbox, "--limit 0").into_iter().filter(|id| {
                let item = sandbox.run(format!("show {id} --json")).json();
                item["attempts"].as_u64() > Some(0) && !called.contains(id)
            });
            assert_eq!(started.collect::<Vec<u64>>(), [expected], "at {now}, after {called:?}");
            called.push(expected);
        }
    }
    assert_eq!(called, [4, 6, 3, 2, 7, 10, 5, 8, 9, 1]);
}

fn rfc(now: &str) -> Value {
    now.replace('Z', ".000Z").into()
}

#[test]
fn each_filter_selects() {
    let sandbox = every_status();
    for (line, expected) in [
        ("--status pending", &[7][..]),
        ("--status scheduled", &[8]),
        ("--status in_progress", &[5]),
        ("--status retry_scheduled", &[2]),
        ("--status completed", &[1]),
        ("--status failed", &[4, 3]),
        ("--status cancelled", &[6]),
        ("--status completed,cancelled", &[6, 1]),
        ("--status pending,scheduled,retry_scheduled", &[7, 2, 8]),
        ("--status pending --status failed", &[7, 4, 3]),
        ("--status waiting", &[7, 2, 8]),
        ("--status held", &[4]),
        ("--status held,pending", &[7, 4]),
        ("--status held,in_progress", &[5, 4]),
        ("1-8 --status failed", &[4, 3]),
        ("--with-reason busy", &[2]),
        ("--priority urgent", &[8]),
        ("--priority urgent,high", &[7, 8]),
        ("-p high", &[7]),
        ("--lead new-1", &[7]),
        ("--lead new", &[]),
        ("--search NEW", &[7, 8]),
        ("--search 5550107", &[7]),
        ("--search order-7", &[7]),
        ("--search rome", &[8]),
        ("--search moved", &[]),
        ("--search %", &[]),
        ("--search _", &[4, 3]),
        ("--due", &[7]),
        ("--held", &[4]),
        ("--reason busy", &[2]),
        ("--reason bus", &[]),
        ("--from +1h30m", &[8]),
        ("--from +30m --to +90m", &[2]),
        ("--to now --status pending", &[7]),
        ("--held --status completed", &[]),
        ("-c acme --status pending", &[7]),
    ] {
        assert_eq!(ids(&sandbox, line), expected, "{line}");
    }
}

#[test]
fn a_filter_that_is_no_word_of_ours_is_a_usage_error() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a").expect_code(0);
    let errors: String = [
        "list --status done",
        "list --priority soon",
        "list --sort name",
        "list --from soon",
        "list --limit -1",
        "list --after x",
        "list --columns id,colour",
    ]
    .iter()
    .map(|line| sandbox.run(line).expect_code(2).stderr)
    .collect();
    assert_data_eq!(
        errors,
        str![[r#"
error: invalid value 'done' for '--status <S,…>': unknown status `done`: expected pending, scheduled, in_progress, retry_scheduled, completed, failed, cancelled, waiting, held
hint: callq list --help
error: invalid value 'soon' for '--priority <P,…>': unknown priority `soon`: expected urgent, high, normal or low
hint: callq list --help
error: invalid value 'name' for '--sort <KEY>': unknown sort `name`: expected order, scheduled, created, updated, id
hint: callq list --help
error: --from: `soon` is not a time: expected RFC 3339 (2026-11-23T09:30:00-05:00), `2026-11-23 09:30`, `2026-11-23`, `09:30`, `now`, `+90m`, `tomorrow 09:30` or `mon 14:00`
error: invalid value '-1' for '--limit <N>': `-1` is not a whole number from 0 up
hint: callq list --help
error: invalid value 'x' for '--after <ID>': `x` is not an item id: expected a whole number from 1 up
hint: callq list --help
error: unknown column `colour`: expected id, key, client_id, lead_id, priority, status, held, scheduled_at, next_call_at, expires_at, retry_count, max_retries, attempts, phone, timezones, metadata, last_reason, created_at, created_by, updated_at, region, callback or meta.K

"#]]
    );
}

#[test]
fn an_unknown_client_or_item_is_not_found() {
    let mut sandbox = Sandbox::new();
    sandbox.configure(DISPATCHER);
    sandbox.run("add -c acme a").expect_code(0);
    assert_data_eq!(
        sandbox.run("list -c other").text(),
        str![[r#"
--- standard error
error: no client other
hint: a client exists when a section of the configuration or an item names it
--- exit 3

"#]]
    );
    assert_data_eq!(
        sandbox.run("list --after 9").text(),
        str![[r#"
--- standard error
error: no item 9
hint: `callq list --limit 0` shows every item
--- exit 3

"#]]
    );
    sandbox.configure("[clients.other]\n");
    assert_data_eq!(
        sandbox.run("list -c other").text(),
        str![[r#"
--- exit 0

"#]]
    );
    assert_eq!(sandbox.run("list -c other --json").expect_code(0).stdout, "[]\n");
}

/// Twelve items of two clients, some with equal times, created and changed in different orders.
fn crowd() -> Sandbox {
    let mut sandbox = Sandbox::new();
    for number in 0..12 {
        sandbox.set_now(&format!("2026-11-23T15:{:02}:00Z", number / 3));
        let client = if number % 2 == 0 { "acme" } else { "beta" };
        let priority = ["normal", "urgent", "low", "high"][number % 4];
        sandbox.run(format!("add -c {client} lead-{number} -p {priority}")).expect_code(0);
    }
    sandbox.set_now("2026-11-23T16:00:00Z");
    sandbox.run("update 3 5 7 --meta changed=yes").expect_code(0);
    sandbox.run("cancel 4 9").expect_code(0);
    sandbox
}

#[test]
fn each_sort_is_by_its_key_and_reverse_is_the_other_way_round() {
    let sandbox = crowd();
    for (sort, field) in
        [("scheduled", "scheduled_at"), ("created", "created_at"), ("updated", "updated_at"), ("id", "id")]
    {
        let items = sandbox.run(format!("list --json --limit 0 --sort {sort}")).expect_code(0).json();
        let key = |item: &Value| (item[field].to_string().len(), item[field].to_string(), item["id"].as_u64());
        let keys: Vec<_> = items.as_array().unwrap().iter().map(key).collect();
        assert_eq!(keys.len(), 12);
        assert!(keys.is_sorted(), "{sort}: {keys:?}");
        let mut backwards = ids(&sandbox, &format!("--limit 0 --reverse --sort {sort}"));
        backwards.reverse();
        assert_eq!(backwards, ids(&sandbox, &format!("--limit 0 --sort {sort}")), "{sort}");
    }
    let mut backwards = ids(&sandbox, "--limit 0 --reverse");
    backwards.reverse();
    assert_eq!(backwards, ids(&sandbox, "--limit 0"));
}

#[test]
fn after_pages_through_everything_exactly_once() {
    let sandbox = crowd();
    for sort in ["order", "scheduled", "created", "updated", "id"] {
        for direction in ["", "--reverse"] {
            for filter in ["", "-c acme", "--status pending,scheduled", "--status cancelled,scheduled"] {
                let line = format!("--sort {sort} {direction} {filter}");
                let whole = ids(&sandbox, &format!("{line} --limit 0"));
                let mut paged = ids(&sandbox, &format!("{line} --limit 3"));
                while let Some(last) = paged.last().copied() {
                    let page = ids(&sandbox, &format!("{line} --limit 3 --after {last}"));
                    if page.is_empty() {
                        break;
                    }
                    assert!(page.len() <= 3);
                    paged.extend(page);
                    assert!(paged.len() <= whole.len(), "{line}: {paged:?}");
                }
                assert_eq!(paged, whole, "{line}");
            }
        }
    }
}

#[test]
fn after_an_item_that_the_filter_leaves_out_the_rest_goes_on() {
    let sandbox = crowd();
    for sort in ["order", "scheduled", "created", "updated", "id"] {
        for direction in ["", "--reverse"] {
            let whole = ids(&sandbox, &format!("--limit 0 --sort {sort} {direction}"));
            for (place, id) in whole.iter().enumerate() {
                let beta: BTreeSet<u64> = ids(&sandbox, "-c beta").into_iter().collect();
                let rest: Vec<u64> = whole[place + 1..].iter().copied().filter(|id| beta.contains(id)).collect();
                let found = ids(&sandbox, &format!("--limit 0 --sort {sort} {direction} -c beta --after {id}"));
                assert_eq!(found, rest, "--sort {sort} {direction} -c beta --after {id}");
            }
        }
    }
}

#[test]
fn fifty_are_listed_unless_limit_says_otherwise() {
    let sandbox = Sandbox::new();
    let input: String = (1..=2_500).map(|number| format!("lead-{number}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f -", input).expect_code(0);
    assert_eq!(ids(&sandbox, "").len(), 50);
    assert_eq!(ids(&sandbox, "--limit 7"), [1, 2, 3, 4, 5, 6, 7]);
    let all: Vec<u64> = (1..=2_500).collect();
    for sort in ["order", "scheduled", "created", "updated", "id"] {
        assert_eq!(ids(&sandbox, &format!("--limit 0 --sort {sort}")), all, "{sort}");
        let rest = ids(&sandbox, &format!("--limit 0 --sort {sort} --after 1200"));
        assert_eq!(rest, all[1_200..], "{sort}");
    }
}

#[test]
fn csv_runs_no_formula_and_keeps_phone_numbers() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme =1+1 --phone +12125550101 --key @SUM(A1)").expect_code(0);
    sandbox.run("add -c acme -- -2+3").expect_code(0);
    sandbox.run(["add", "-c", "acme", "say \"hi\", you"]).expect_code(0);
    assert_data_eq!(
        sandbox.run("list --format csv --sort id --columns id,lead_id,phone,key").text(),
        str![[r#"
id,lead_id,phone,key
1,'=1+1,+12125550101,'@SUM(A1)
2,'-2+3,,
3,"say ""hi"", you",,
--- exit 0

"#]]
    );
    assert_data_eq!(
        sandbox.run("list --format csv --lead x").text(),
        str![[r#"
id,key,client_id,lead_id,priority,status,held,scheduled_at,next_call_at,expires_at,retry_count,max_retries,attempts,phone,timezones,metadata,last_reason,created_at,created_by,updated_at,region,callback
--- exit 0

"#]]
    );
}

#[test]
fn control_characters_are_escaped_in_tables() {
    let sandbox = Sandbox::new();
    let metadata = "{\"a\": \"\u{9b}31m\u{202e}\"}";
    sandbox.run(["add", "-c", "acme", "a", "--metadata", metadata]).expect_code(0);
    sandbox.run(["cancel", "1", "--reason", "\u{1b}[2Jgone\nfor good"]).expect_code(0);
    assert!(sandbox.run("show 1").stdout.contains("\\u{1b}[2Jgone\\nfor good"));
    for line in ["list --columns id,last_reason,metadata,meta.a", "show 1"] {
        let run = sandbox.run(line).expect_code(0);
        assert!(run.stdout.contains("\\u{9b}31m\\u{202e}"), "{run}");
        let harmful = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
        assert!(!run.stdout.contains(harmful), "{:?}", run.stdout);
    }
}

#[test]
fn an_item_that_never_can_be_called_is_listed_last_among_the_waiting() {
    let mut sandbox = Sandbox::new();
    sandbox.run("add -c shut a -p urgent").expect_code(0);
    sandbox.run("add -c acme b --at 2026-12-24T15:00:00Z").expect_code(0);
    sandbox.configure(&format!("{DISPATCHER}[clients.shut]\nactive_days = []\n"));
    assert_eq!(ids(&sandbox, ""), [2, 1]);
    assert!(sandbox.run("list --json -c shut").json()[0]["next_call_at"].is_null());
    assert_data_eq!(
        sandbox.run("list").text(),
        str![[r#"
id  client  lead  priority  status     next call             retries  phone  reason
 2  acme    b     normal    scheduled  2026-12-24 10:00 EST      0/3  -      -
 1  shut    a     urgent    pending    -                         0/3  -      -
--- exit 0

"#]]
    );
}
