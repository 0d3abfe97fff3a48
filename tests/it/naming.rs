//! Items by lead and phone number, filters by metadata, and what a change says before and behind it.

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, Terminal};

/// Acme's L1 (1, finished) and again L1 (2, waiting), beta's L1 (3), acme's L2 (4) and L3 (5) at one number.
fn leads() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("USER", "ops");
    sandbox.configure("[defaults]\ncountry_code = \"1\"\ndispatch.kind = \"simulate\"\n");
    sandbox.run("add -c acme L1 --meta campaign=spring").expect_code(0);
    sandbox.run("cancel 1").expect_code(0);
    sandbox.run("add -c acme L1 --meta campaign=autumn --again").expect_code(0);
    sandbox.run("add -c beta L1").expect_code(0);
    sandbox.run("add -c acme L2 --phone +12125550101 --metadata '{\"vip\":true,\"n\":3}'").expect_code(0);
    sandbox.run("add -c acme L3 --phone +12125550101").expect_code(0);
    sandbox
}

fn ids(sandbox: &Sandbox, words: &str) -> Vec<u64> {
    let run = sandbox.run(format!("{words} --json")).expect_code(0);
    run.json().as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
}

#[test]
fn a_lead_or_a_number_names_all_of_its_items_where_items_are_shown() {
    let sandbox = leads();
    for (words, expected) in [
        ("show L1", &[1, 2, 3][..]),
        ("show lead:L1 -c acme", &[1, 2]),
        ("-c beta show L1", &[3]),
        ("show '(212) 555-0101'", &[4, 5]),
        ("show 212.555.0101 L1 -c acme", &[1, 2, 4, 5]),
        ("show phone:2125550101", &[4, 5]),
        ("show +12125550101", &[4, 5]),
        ("show 4,5", &[4, 5]),
        ("show 4-", &[4, 5]),
        ("show L2", &[4]),
        ("why L1", &[1, 2, 3]),
        ("why 4-", &[4, 5]),
        ("why '+1 212 555 0101'", &[4, 5]),
        ("list L2 L3", &[4, 5]),
    ] {
        assert_eq!(ids(&sandbox, words), expected, "{words}");
    }
    let lines = sandbox.run_with_input("show - --json", "1 2\n(212) 555-0101\nlead:L1\n").expect_code(0).json();
    assert_eq!(lines.as_array().unwrap().len(), 5);
    assert!(sandbox.run("why 4 --json").json().is_object());
    let table = sandbox.run("why L2 L3").expect_code(0).stdout;
    assert!(table.contains("\n\n") && table.contains("gate"), "{table}");
}

#[test]
fn a_change_means_the_item_that_waits_and_no_other_clients() {
    let sandbox = leads();
    sandbox.run("-c acme update L1 -p high").expect_code(0);
    assert_eq!(sandbox.run("show 2 --json").json()["priority"], "high");
    sandbox.run("cancel L2 --note 'wrong number'").expect_code(0);
    assert_eq!(sandbox.run("show 4 --json").json()["changes"][0]["reason"], "wrong number");
    assert_eq!(ids(&sandbox, "retry L2"), [4]);
    assert_data_eq!(
        sandbox.run("cancel L1").text(),
        str![[r#"
--- standard error
error: `L1` names items of several clients: item 1 (L1 of acme, cancelled), item 2 (L1 of acme, pending), item 3 (L1 of beta, pending)
hint: name the item by its id, or the client with -c
--- exit 4

"#]]
    );
    let several = sandbox.run("cancel 212-555-0101").expect_code(4).stderr;
    assert!(several.contains("names several waiting items: item 4 (L2 of acme, pending), item 5"), "{several}");
    // What is finished alone is the newest.
    sandbox.run("cancel 2").expect_code(0);
    assert_eq!(ids(&sandbox, "retry L1 -c acme"), [2]);
}

#[test]
fn the_client_of_the_environment_bounds_names_and_not_ids() {
    let mut sandbox = leads();
    sandbox.set("CALLQ_CLIENT", "beta");
    assert_eq!(ids(&sandbox, "show L1"), [3]);
    assert_eq!(ids(&sandbox, "show 1 L1"), [1, 3]);
    assert_eq!(ids(&sandbox, "cancel L1"), [3]);
    sandbox.run("why L2").expect_code(3);
}

#[test]
fn a_name_that_nothing_has_says_what_to_try() {
    let mut sandbox = leads();
    for (words, code, message, hint) in [
        ("show L9", 3, "no lead or phone number `L9`", "find it: callq list --search TEXT"),
        ("list acme", 3, "no lead or phone number `acme`", "acme is a client: name it with -c acme"),
        (
            "show 2125550101",
            3,
            "no item 2125550101",
            "a whole number is an item id: write phone:2125550101 or lead:2125550101",
        ),
        ("why lead:4", 3, "no lead `4`", "find it: callq list --search TEXT"),
        ("cancel L2 -c beta", 3, "no lead or phone number `L2` of client beta", "find it: callq list --search TEXT"),
        ("show 1 -c beta", 3, "no item 1", "it belongs to client acme"),
        ("show phone:12", 2, "phone: ", ""),
    ] {
        let run = sandbox.run(format!("{words} --json")).expect_code(code);
        let error = &serde_json::from_str::<Value>(&run.stderr).unwrap()["error"];
        let (said, way_out) = (error["message"].as_str().unwrap(), error["hint"].as_str().unwrap_or_default());
        assert!(said.starts_with(message) && way_out == hint, "{words}: {error}");
    }
    sandbox.run("add -c acme 1001").expect_code(0);
    let digits = sandbox.run("cancel 1001").expect_code(3).stderr;
    assert_eq!(digits, "error: no item 1001\nhint: lead 1001 has items: write lead:1001\n");
    sandbox.configure("");
    let unread = sandbox.run("show '(212) 555-0101'").expect_code(3).stderr;
    assert!(unread.contains("country"), "{unread}");
}

#[test]
fn a_result_is_reported_by_lead_or_number() {
    let sandbox = Sandbox::dialling();
    sandbox.run("add -c acme later-1 --phone +12125550101").expect_code(0);
    sandbox.run("process").expect_code(0);
    sandbox.run("report '+1 212 555 0101' --outcome completed").expect_code(0);
    sandbox.run("add -c acme later-2").expect_code(0);
    sandbox.run("process").expect_code(0);
    sandbox.run("report later-2 -c acme --outcome failed").expect_code(0);
    assert_eq!((sandbox.status(1), sandbox.status(2)), ("completed".into(), "failed".into()));
    let none = sandbox.run("report nobody --outcome completed").expect_code(3).stderr;
    assert_eq!(none, "error: no call nobody; nothing was changed\n");
}

#[test]
fn metadata_filters_compare_text_and_take_any_key() {
    let sandbox = leads();
    for (filter, expected) in [
        ("--meta campaign=spring", &[1][..]),
        ("--meta campaign=", &[2, 1]),
        ("--meta campaign=spring --meta campaign=autumn", &[]),
        ("--meta campaign!=spring -c acme --status waiting", &[2, 4, 5]),
        ("--meta campaign!= -c beta", &[3]),
        ("--meta vip=true", &[4]),
        ("--meta n=3", &[4]),
        ("--meta vip=1", &[]),
    ] {
        assert_eq!(ids(&sandbox, &format!("list {filter}")), expected, "{filter}");
    }
    assert_eq!(ids(&sandbox, "update -p low --with-meta vip=true --with-phone '(212) 555-0101'"), [4]);
    assert_eq!(ids(&sandbox, "cancel --meta campaign=autumn"), [2]);
    let csv = sandbox.run("list 1 4 --columns id,meta.campaign,meta.n --format csv").expect_code(0).stdout;
    assert_eq!(csv, "id,meta.campaign,meta.n\r\n4,,3\r\n1,spring,\r\n");
    sandbox.run("list --meta campaign").expect_code(2);
}

#[test]
fn a_dry_run_shows_what_would_change_and_changes_nothing() {
    let sandbox = leads();
    let before = sandbox.run("show --all --json").stdout;
    assert_data_eq!(
        sandbox.run("cancel L3 --dry-run").text(),
        str![[r#"
id  client  lead  priority  status     next call  retries  phone         reason
 5  acme    L3    normal    cancelled  -              0/3  +12125550101  -
--- standard error
1 would be cancelled
--- exit 0

"#]]
    );
    let lower = sandbox.run("update -c acme -p low --dry-run").expect_code(0).stderr;
    assert!(lower.starts_with("3 would be updated, 1 left out\n"), "{lower}");
    let refused = sandbox.run("retry 1 --dry-run").expect_code(4).stderr;
    assert!(refused.contains("item 2 of the same lead is live"), "{refused}");
    assert_eq!(sandbox.run("show --all --json").stdout, before);
    // Nobody is asked about what changes nothing.
    let shown = Terminal::of(200, 24).run(&sandbox, &["cancel", "--all", "--dry-run"]);
    assert_eq!(shown.err, "4 would be cancelled, 1 left out\n");
}

#[test]
fn a_list_can_be_counted_and_named_empty() {
    let sandbox = leads();
    assert_eq!(sandbox.run("list --count").expect_code(0).stdout, "5\n");
    assert_eq!(sandbox.run("list --count --meta campaign= --json").expect_code(0).json()["count"], 2);
    assert_eq!(sandbox.run("list -n 1 --sort id").stderr, "showing 1 of 5\n");
    let told = |words: &[&str]| Terminal::of(200, 24).run(&sandbox, words).err;
    assert_eq!(told(&["list", "--held"]), "No held items.\n");
    sandbox.run("cancel 3").expect_code(0);
    assert_eq!(told(&["list", "--due", "-c", "beta"]), "No due items of client beta.\n");
    assert_eq!(told(&["list", "--lead", "nobody"]), "No items match.\n");
    assert_eq!(sandbox.run("list --held").stderr, "", "a pipe is told nothing");
    for (words, sentence) in [
        ("calls", "No calls.\n"),
        ("calls --receipt", "No calls.\n"),
        ("log --calls", "No calls or changes.\n"),
        ("dnc list", "No do-not-call entries.\n"),
        ("consent list", "No consents.\n"),
        ("events list", "No events wait.\n"),
    ] {
        let shown = Terminal::of(200, 24).run(&sandbox, &words.split(' ').collect::<Vec<_>>());
        assert_eq!((shown.out.as_str(), shown.err.as_str()), ("", sentence), "{words}");
        assert_eq!(sandbox.run(words).stderr, "", "{words} in a pipe");
    }
    let narrow = Terminal::of(60, 24).run(&sandbox, &["list"]);
    let hidden = narrow.err.strip_prefix("hidden at this width: ").unwrap();
    assert!(hidden.ends_with("phone, reason;\n  --columns names others\n"), "{hidden}");
    let watched = Terminal { waits: 2, ..Terminal::of(80, 24) }.run(&sandbox, &["list", "--watch"]);
    assert!(watched.out.contains("L3") && watched.out.contains("\u{1b}[H"), "{:?}", watched.out);
}

#[test]
fn the_clients_are_listed_with_their_items() {
    let mut sandbox = leads();
    sandbox.configure("[clients.gamma]\n[clients.acme]\n");
    assert_data_eq!(
        sandbox.run("client list").text(),
        str![[r#"
client  configured  waiting  in progress  held  finished
acme    yes               3            0     0         1
beta    no                1            0     0         0
gamma   yes               0            0     0         0
--- exit 0

"#]]
    );
    assert_eq!(Sandbox::new().run("client list --json").expect_code(0).json(), serde_json::json!([]));
}

#[test]
fn several_keys_are_set_at_once_in_the_forms_that_people_write() {
    let sandbox = Sandbox::new();
    sandbox
        .run("config set -c acme timezone=America/Chicago business_hours=9am-17:30 active_days=Mon-Sat retry_delays=5m,1h")
        .expect_code(0);
    let value = |key: &str| sandbox.run(format!("config get -c acme {key}")).expect_code(0).stdout;
    assert_eq!((value("business_hours.start"), value("business_hours.end")), ("09:00\n".into(), "17:30\n".into()));
    assert_eq!(value("retry_delays"), "[5, 60]\n");
    assert!(value("active_days").contains("\"Sat\""));
    sandbox.run("config set country_code +49").expect_code(0);
    assert_eq!(sandbox.run("config get country_code").stdout, "49\n");
    // All or none.
    sandbox.run("config set -c acme aging=1 max_retries=many").expect_code(5);
    assert_eq!(value("aging"), "10.0\n");
    sandbox.run("config set aging").expect_code(2);
    sandbox.run("config set aging=1 5").expect_code(2);
    let program = sandbox.run(["config", "set", "dispatch.command", "/opt/call.sh --fast"]).expect_code(5).stderr;
    assert!(program.contains("[\"/opt/call.sh\", \"--fast\"]"), "{program}");
    let changed = sandbox.run("config list --changed").expect_code(0).stdout;
    assert!(changed.contains("country_code") && !changed.contains("max_concurrent"), "{changed}");
}

#[test]
fn the_editor_gets_a_copy_that_is_checked_before_it_counts() {
    let mut sandbox = Sandbox::new();
    let file = sandbox.configure("[defaults]\naging = 1\n");
    sandbox.run("config edit").expect_code(2);
    let text = || std::fs::read_to_string(&file).unwrap();
    for (name, script, code, expected) in [
        ("good", "echo 'max_retries = 7' >> \"$1\"", 0, "[defaults]\naging = 1\nmax_retries = 7\n"),
        ("same", "true", 0, "[defaults]\naging = 1\nmax_retries = 7\n"),
        ("fails", "exit 3", 1, "[defaults]\naging = 1\nmax_retries = 7\n"),
        ("bad", "echo 'colour = 1' >> \"$1\"", 5, "[defaults]\naging = 1\nmax_retries = 7\n"),
        // The text that was wrong is taken up again.
        (
            "mend",
            "grep -q colour \"$1\" && sed -i -e s/colour/max_per_minute/ \"$1\"",
            0,
            "[defaults]\naging = 1\nmax_retries = 7\nmax_per_minute = 1\n",
        ),
    ] {
        let script = sandbox.script(name, script);
        sandbox.set("EDITOR", &script);
        sandbox.run("config edit").expect_code(code);
        assert_eq!(text(), expected, "{name}");
    }
    sandbox.set("VISUAL", "/no/such/editor -w");
    let missing = sandbox.run("config edit").expect_code(1).stderr;
    assert!(missing.contains("`/no/such/editor`"), "{missing}");
}

#[test]
fn what_people_type_first_works_or_names_the_right_form() {
    let mut sandbox = leads();
    for (words, hint) in [
        ("ls", "hint: callq list\n"),
        ("init", "hint: callq config init\n"),
        ("pause acme", "hint: name a client with -c: callq pause -c acme\n"),
        ("resume acme", "hint: name a client with -c: callq resume -c acme\n"),
        ("stats acme", "hint: name a client with -c: callq stats -c acme\n"),
        ("-c acme doctor", "hint: leave out -c: callq doctor\n"),
        ("add -c acme L9 --at 11/30", "error: --at: `11/30` is not a date: write 2026-11-30\n"),
    ] {
        let run = sandbox.run(words).expect_code(2);
        assert!(run.stderr.ends_with(hint), "{words}: {run}");
    }
    for (words, hint) in [
        ("list failed", "hint: failed is a status: --status failed\n"),
        ("show held", "hint: held items: --held\n"),
        ("retry all", "hint: every item: --all; `callq list` lists all without it\n"),
        ("why beta", "hint: beta is a client: name it with -c beta\n"),
        ("why 2125550101", "hint: a whole number is an item id: write phone:2125550101 or lead:2125550101\n"),
    ] {
        let run = sandbox.run(words).expect_code(3);
        assert!(run.stderr.ends_with(hint), "{words}: {run}");
    }
    assert_eq!(ids(&sandbox, "-c beta list"), [3]);
    assert_eq!(ids(&sandbox, "cancel 4,5"), [4, 5]);
    for (at, expected) in [
        ("3:30pm", "2026-11-23T20:30:00.000Z"),
        ("in 2h", "2026-11-23T17:00:00.000Z"),
        ("mon 14:00", "2026-11-23T19:00:00.000Z"),
        ("15:30 America/Chicago", "2026-11-23T21:30:00.000Z"),
    ] {
        let added = sandbox.run(["add", "-c", "acme", at, "--at", at, "--json"]).expect_code(0).json();
        assert_eq!(added["scheduled_at"], expected, "{at}");
    }
    // A verb of its own section, behind a client of the environment.
    sandbox.set("CALLQ_CLIENT", "beta");
    assert_eq!(ids(&sandbox, "-c acme list --status canceled"), [5, 4, 1]);
}

#[test]
fn a_batch_sets_a_field_of_all_its_records() {
    let sandbox = Sandbox::new();
    let records = "lead_id,campaign,city\na,old,Rome\nb,,\n";
    sandbox.run_with_input("schedule-batch -c acme -f - --meta campaign=spring", records).expect_code(0);
    let csv = sandbox.run("list --sort id --columns lead,meta.campaign,meta.city --format csv").expect_code(0).stdout;
    assert_eq!(csv, "lead_id,meta.campaign,meta.city\r\na,spring,Rome\r\nb,spring,\r\n");
}

#[test]
fn thousands_of_ids_are_one_selection() {
    let sandbox = Sandbox::new();
    let leads: String = (1..=5_000).map(|lead| format!("L{lead}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f -", leads).expect_code(0);
    // Ranges that meet nowhere, and single ones.
    let odd: String = (1..=5_000).step_by(2).map(|id| format!("{id}\n")).collect();
    let ranges: String = (0..1_250).map(|n| format!("{}-{}\n", 4 * n + 1, 4 * n + 2)).collect();
    for (ids, count) in [(&odd, 2_500), (&ranges, 2_500)] {
        let listed = sandbox.run_with_input("list - --count", ids.as_str()).expect_code(0);
        assert_eq!(listed.stdout.trim(), count.to_string());
        let shown = sandbox.run_with_input("show - --json", ids.as_str()).expect_code(0).json();
        assert_eq!(shown.as_array().unwrap().len(), count);
    }
    let cancelled = sandbox.run_with_input("cancel - --yes --json", odd.as_str()).expect_code(0);
    assert_eq!(cancelled.json().as_array().map(Vec::len), Some(2_500), "{cancelled}");
}
