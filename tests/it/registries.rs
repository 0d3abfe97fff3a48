//! Copies of registries: imported beside the old copy, swapped in whole, asked before a call.

use std::fmt::Write;

use rusqlite::Connection;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Sandbox, eventually};

/// A sandbox whose client sells and asks a registry; the shipped rules are off.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure(
        "[defaults]\ndispatch.kind = \"simulate\"\n[defaults.law]\npurpose = \"sales\"\nrules = \"off\"\n\
         registries = [\"us-national\"]\n",
    );
    sandbox
}

#[track_caller]
fn import(sandbox: &Sandbox, flags: &str, numbers: &str) -> Value {
    let line = format!("dnc import us-national -f - --json {flags}");
    sandbox.run_with_input(line.as_str(), numbers).expect_code(0).json()
}

fn gate(sandbox: &Sandbox, id: u64, name: &str) -> Value {
    let why = sandbox.run(["why", &id.to_string(), "--json"]).expect_code(0).json();
    why["gates"].as_array().unwrap().iter().find(|gate| gate["gate"] == name).unwrap().clone()
}

#[test]
fn a_copy_says_what_it_covers_and_when_it_goes_stale() {
    let mut sandbox = sandbox();
    let file = sandbox.write("registry.txt", "212,5550117\n3055550117\n+18505550117\n3055550117\n");
    let path = file.to_str().unwrap();
    let line = ["dnc", "import", "us-national", "-f", path, "--as-of", "2026-11-20", "--covers", "212,305,850"];
    let run = sandbox.run(line).expect_code(0);
    assert_eq!(run.stdout, "us-national: 3 numbers of 3 area codes, as of 2026-11-20; fresh until 2026-12-21\n");
    let status = sandbox.run("dnc status --json").json();
    assert_eq!((&status[0]["age_days"], &status[0]["stale"]), (&json!(3), &json!(false)));
    assert_eq!(status[0]["covers"], json!(["212", "305", "850"]));
    let check = sandbox.run("dnc check +12125550117 --json").expect_code(4).json();
    assert_eq!((&check[1]["list"], &check[1]["listed"]), (&json!("us-national"), &json!(true)));
    let check = sandbox.run("dnc check +16465550117 --json").expect_code(0).json();
    assert_eq!((&check[1]["covered"], &check[1]["listed"]), (&json!(false), &json!(false)));
    sandbox.set_now("2026-12-21T15:00:00Z");
    assert_eq!(sandbox.run("dnc status --json").json()[0]["stale"], json!(false));
    sandbox.set_now("2026-12-22T15:00:00Z");
    assert_eq!(sandbox.run("dnc status --json").json()[0]["stale"], json!(true));
    import(&sandbox, "--as-of 2026-12-20 --max-age 7d", "2125550117\n3055550117\n");
    let status = sandbox.run("dnc status --json").json();
    assert_eq!(
        (&status[0]["fresh_until"], &status[0]["covers"]),
        (&json!("2026-12-27"), &json!(["212", "305", "850"]))
    );
}

#[test]
fn the_strictest_rule_that_asks_says_how_old_a_copy_may_be() {
    let mut sandbox = sandbox();
    sandbox.configure(
        "[defaults]\ndispatch.kind = \"simulate\"\n[defaults.law]\npurpose = \"sales\"\nrules = \"off\"\n\
         registries = [\"us-national\"]\n\
         [[rules]]\nid = \"weekly\"\njurisdiction = \"*\"\napplies_to = \"sales\"\n\
         requires = \"registry:us-national<=7d\"\ncitation = \"counsel\"\nas_of = \"2026-11-20\"\n",
    );
    let copy = import(&sandbox, "--as-of 2026-11-20", "+12125550117\n");
    assert_eq!(copy["fresh_until"], json!("2026-11-27"));
    assert_eq!(sandbox.run("dnc status --json").json()[0]["fresh_until"], json!("2026-11-27"));
}

#[test]
fn a_copy_that_cannot_be_right_changes_nothing() {
    let sandbox = sandbox();
    import(&sandbox, "--as-of 2026-11-20 --covers 212", "2125550111\n2125550112\n2125550113\n2125550114\n2125550115\n");
    for (flags, numbers, code, message) in [
        ("--as-of 2026-11-21", "2125550111\n2125550112\n", 4, "would fall from 5 to 2 numbers"),
        ("--as-of 2026-11-21", "2125550111\nnobody\n", 4, "standard input, line 2: phone number `nobody`"),
        ("--as-of 2026-11-24", "2125550111\n", 2, "2026-11-24 has not come yet"),
        ("--as-of 2026-11-21 --covers 21", "2125550111\n", 2, "`21` covers nothing"),
    ] {
        let run = sandbox.run_with_input(format!("dnc import us-national -f - {flags}").as_str(), numbers);
        let run = run.expect_code(code);
        assert!(run.stderr.contains(message), "{flags}: {run}");
        let status = sandbox.run("dnc status --json").json();
        assert_eq!((&status[0]["numbers"], &status[0]["as_of"]), (&json!(5), &json!("2026-11-20")));
    }
    import(&sandbox, "--as-of 2026-11-21 --yes", "2125550111\n2125550112\n");
    assert_eq!(kept_numbers(&sandbox), 2, "no numbers of other copies are left");
    sandbox.run("doctor").expect_code(0);
}

fn kept_numbers(sandbox: &Sandbox) -> i64 {
    let count = "SELECT count(*) FROM registry_numbers";
    Connection::open(sandbox.database()).unwrap().query_row(count, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_number_is_called_when_a_fresh_copy_covers_it_and_does_not_list_it() {
    let mut sandbox = sandbox();
    for (lead, number) in [("free", "+12125550118"), ("listed", "+12125550117"), ("elsewhere", "+16465550117")] {
        sandbox.run(["add", "-c", "acme", lead, "--phone", number]).expect_code(0);
    }
    let blocked = |sandbox: &Sandbox| {
        let run = sandbox.run("process --json").expect_code(0).json();
        (run["processed"].clone(), run["clients"][0]["blocked_by"].clone())
    };
    let told = "us-national has no copy: callq dnc import us-national -f FILE --as-of DATE";
    assert_eq!(blocked(&sandbox), (json!(0), json!(told)));
    let items = sandbox.run("list --json").json();
    assert!(items.as_array().unwrap().iter().all(|item| item["blocked_by"] == "registry"), "{items}");
    import(&sandbox, "--as-of 2026-11-20 --covers 212", "2125550117\n");
    let items = sandbox.run("list --json").json();
    assert!(items.as_array().unwrap().iter().all(|item| item["blocked_by"] == Value::Null), "{items}");
    assert_eq!(blocked(&sandbox).0, json!(1));
    let listed = sandbox.run("show 2 --json").json();
    assert_eq!((&listed["status"], &listed["last_reason"]), (&json!("failed"), &json!("do_not_call")));
    assert_eq!(listed["changes"][0]["reason"], json!("registry us-national"));
    let closed = gate(&sandbox, 3, "registry");
    assert!(closed["detail"].as_str().unwrap().starts_with("the copy of us-national does not cover"), "{closed}");
    sandbox.run("add -c acme later --phone +12125550119").expect_code(0);
    sandbox.set_now("2026-12-22T15:00:00Z");
    let why = sandbox.run("why 4").expect_code(0);
    assert!(why.stdout.contains("us-national is 32 days old (as of 2026-11-20)"), "{why}");
    let dry = sandbox.run("process --dry-run").expect_code(0);
    assert!(dry.stderr.contains("acme: blocked: us-national is 32 days old (as of 2026-11-20)"), "{dry}");
}

#[test]
fn without_a_purpose_no_registry_is_asked() {
    let mut sandbox = sandbox();
    sandbox.configure("[defaults]\ndispatch.kind = \"simulate\"\nlaw.registries = [\"us-national\"]\n");
    sandbox.run("add -c acme lead --phone +12125550117").expect_code(0);
    assert_eq!(gate(&sandbox, 1, "registry")["open"], json!(true));
    assert_eq!(sandbox.run("process --json").json()["processed"], json!(1));
}

/// This number of numbers, not sorted, in a file.
fn many(count: u64) -> String {
    let mut text = String::new();
    for n in 0..count {
        // 7,919 and 8,000,000 share no factor: each number comes once.
        writeln!(text, "212{}", 2_000_000 + n * 7_919 % 8_000_000).unwrap();
    }
    text
}

#[test]
fn an_import_that_is_killed_at_any_step_leaves_the_old_copy() {
    let sandbox = sandbox();
    import(&sandbox, "--as-of 2026-11-20 --covers 212", "2125550117\n");
    sandbox.write("many.txt", many(200_000));
    let loaded = || -> i64 {
        let sql = "SELECT coalesce(max(numbers), 0) FROM registries WHERE state = 'loading'";
        Connection::open(sandbox.database()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    for most in [1, 20_000, 120_000] {
        let run = sandbox.spawn("dnc import us-national -f many.txt --as-of 2026-11-21");
        eventually("some are loaded", || loaded() >= most);
        run.signal(Signal::KILL);
        assert!([137, 0].contains(&run.finish().code));
        let status = sandbox.run("dnc status --json").json();
        if status[0]["as_of"] == "2026-11-21" {
            // The import was quicker than the test.
            assert_eq!(status[0]["numbers"], json!(200_000));
            import(&sandbox, "--as-of 2026-11-20 --yes", "2125550117\n");
        }
        let status = sandbox.run("dnc status --json").json();
        assert_eq!((&status[0]["numbers"], &status[0]["as_of"]), (&json!(1), &json!("2026-11-20")));
        sandbox.run("dnc check +12125550117").expect_code(4);
    }
    let whole = sandbox.run("dnc import us-national -f many.txt --as-of 2026-11-21 --json").expect_code(0).json();
    assert_eq!(whole["numbers"], json!(200_000));
    assert_eq!(kept_numbers(&sandbox), 200_000, "what the killed ones left is gone");
    sandbox.run("doctor").expect_code(0);
}

#[test]
fn an_import_lets_other_programs_write() {
    let sandbox = sandbox();
    sandbox.write("many.txt", many(300_000));
    let run = sandbox.spawn("dnc import us-national -f many.txt --as-of 2026-11-20 --covers 212");
    let begun = || {
        Connection::open(sandbox.database())
            .is_ok_and(|connection| connection.prepare("SELECT 1 FROM registries").is_ok())
    };
    eventually("it has begun", || sandbox.database().exists() && begun());
    let mut connection = Connection::open(sandbox.database()).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
    for _ in 0..10 {
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
        transaction.commit().unwrap();
    }
    run.finish().expect_code(0);
}

#[test]
fn doctor_names_a_registry_without_a_fresh_copy() {
    let mut sandbox = sandbox();
    sandbox.run("add -c acme lead").expect_code(0);
    let doctor = |sandbox: &Sandbox| sandbox.run("doctor --format csv").expect_code(0).stdout;
    assert!(doctor(&sandbox).contains("registries,warning,\"us-national has no copy"), "{}", doctor(&sandbox));
    import(&sandbox, "--as-of 2026-11-20", "+12125550117\n");
    assert!(doctor(&sandbox).contains("registries,ok,"), "{}", doctor(&sandbox));
    sandbox.set_now("2026-12-22T15:00:00Z");
    assert!(doctor(&sandbox).contains("the copy of us-national as of 2026-11-20 is too old"));
}
