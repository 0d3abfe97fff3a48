//! Receipts: what was asked when a call began, shown and computed again.

use serde_json::{Value, json};

use crate::support::Sandbox;

const NUMBER: &str = "+13055550100";

/// A client for sales whose calls are simulated, with a fresh copy of the national registry.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure(
        "[defaults]\ndispatch.kind = \"simulate\"\nmax_retries = 0\n[defaults.law]\npurpose = \"sales\"\nnumber_rest = \"0\"\n[clients.acme]\n",
    );
    let import = "dnc import us-national -f - --as-of 2026-11-20 --covers 212,305,850";
    sandbox.run_with_input(import, "").expect_code(0);
    sandbox
}

fn add(sandbox: &Sandbox, lead: &str, phone: &str) {
    sandbox
        .run(["add", "-c", "acme", lead, "--phone", phone, "--consent", "written", "--consent-proof", "form-7781"])
        .expect_code(0);
}

fn differences(run: &crate::support::Run) -> Value {
    run.json()["differences"].clone()
}

#[test]
fn a_receipt_tells_place_purpose_rules_consent_and_lists() {
    let mut sandbox = sandbox();
    for (lead, time) in [("a", "10:00:00"), ("b", "10:05:00"), ("c", "10:20:04")] {
        sandbox.set_now(&format!("2026-11-23T{time}-05:00"));
        add(&sandbox, lead, NUMBER);
        assert_eq!(sandbox.run("process --json").expect_code(0).json()["processed"], 1, "{lead}");
    }
    let told = sandbox.run("receipt 3").expect_code(0).stdout;
    let lines: Vec<&str> = told.lines().collect();
    assert!(
        lines[0].starts_with("attempt 1 of item 3, acme, +13055550100, Mon 2026-11-23 10:20:04 EST: reached "),
        "{told}"
    );
    for (name, text) in [
        ("place", "US-FL, America/New_York: from the number, area code 305 (numbers "),
        ("purpose", "sales, voice ai; rules builtin 2026-11-28 ("),
        ("us-hours", "open: 10:20 is in 08:00-21:00"),
        ("us-fl", "open: 10:20 is in 08:00-20:00; call 3 of 3 in 24 h"),
        ("us-ai-sales", "written consent of 2026-11-23, form-7781"),
        ("do-not-call", "not listed; us-national as of 2026-11-20, 3 days old, covers 212, 305, 850"),
    ] {
        let found = lines.iter().any(|line| {
            line.trim_start()
                .split_once("  ")
                .is_some_and(|(first, rest)| first == name && rest.trim_start().starts_with(text))
        });
        assert!(found, "{name}: {text}\n{told}");
    }
    let shown = sandbox.run("show 3 --json").json()["history"][0].clone();
    assert_eq!(
        (&shown["purpose"], &shown["voice"], &shown["consent"]),
        (&json!("sales"), &json!("ai"), &json!("written"))
    );
    let by_attempt = sandbox.run(["receipt", shown["id"].as_str().unwrap(), "--verify", "--json"]).expect_code(0);
    assert_eq!((&by_attempt.json()["cap_count"], differences(&by_attempt)), (&json!(2), json!([])));
    let all = sandbox.run("receipt 1-3 --verify --json").expect_code(0).json();
    assert_eq!(all.as_array().unwrap().len(), 3);
    sandbox.run("receipt 4").expect_code(3);
    sandbox.run("receipt 01901c2e-7f3a-7c11-8000-0123456789ab").expect_code(3);
}

#[test]
fn what_comes_later_changes_no_receipt() {
    let mut sandbox = sandbox();
    add(&sandbox, "a", NUMBER);
    sandbox.run("process").expect_code(0);
    sandbox.set_now("2026-11-24T15:00:00Z");
    sandbox.run(["dnc", "add", NUMBER]).expect_code(0);
    sandbox.run_with_input("dnc import us-national -f - --as-of 2026-11-23", NUMBER).expect_code(0);
    sandbox.configure(
        "[defaults]\ndispatch.kind = \"simulate\"\ncalling_hours = { start = \"12:00\", end = \"13:00\" }\n[defaults.law]\nvoice = \"human\"\nrules = \"off\"\n[clients.acme]\n",
    );
    let run = sandbox.run("receipt 1 --verify").expect_code(0);
    assert!(run.stdout.contains("computed again from what is stored: the same"), "{run}");
    assert!(run.stdout.contains("us-fl"), "{run}");
}

#[test]
fn a_call_that_was_changed_is_noticed() {
    let mut sandbox = sandbox();
    for (lead, time) in [("a", "10:00"), ("b", "11:00")] {
        sandbox.set_now(&format!("2026-11-23T{time}:00-05:00"));
        add(&sandbox, lead, NUMBER);
        sandbox.run("process").expect_code(0);
    }
    sandbox.run("receipt 1,2 --verify").expect_code(0);
    for (change, item, message) in [
        ("UPDATE attempts SET started_at = started_at - 90000000 WHERE item_id = 1", 2, "1 when it began, 0 by what"),
        ("DELETE FROM attempts WHERE item_id = 1", 2, "1 when it began, 0 by what is stored"),
        ("UPDATE attempts SET started_at = started_at - 14400000 WHERE item_id = 1", 1, "us-fl is closed at its time"),
        ("UPDATE attempts SET purpose = 'debt' WHERE item_id = 1", 1, "purpose or voice are others"),
        ("UPDATE texts SET text = text || 'moon 1'", 1, "has another SHA-256 than"),
        ("UPDATE consents SET given_at = given_at + 86400000", 1, "the gate consent is closed"),
    ] {
        let changed = sandbox.copy();
        let connection = rusqlite::Connection::open(changed.database()).unwrap();
        connection.execute_batch(change).unwrap();
        drop(connection);
        let run = changed.run(["receipt", &item.to_string(), "--verify"]).expect_code(1);
        assert!(run.stderr.contains(&format!("the receipt of attempt 1 of item {item} differs: ")), "{change}: {run}");
        assert!(run.stderr.contains(message), "{change}: {run}");
        changed.run(["receipt", &item.to_string()]).expect_code(0);
    }
}

/// Makes random calls, under random laws, at random places, with caps, consents and entries at random instants, until there
/// are this many; then computes the receipt of each again.
fn random_dials_replay(dials: usize) {
    const PLACES: [&str; 8] =
        ["+1212555", "+1305555", "+1850555", "+1310555", "+1512555", "+1416555", "+44207946", "+4930901"];
    const AT_ONCE: usize = 1_000;
    let mut sandbox = sandbox();
    let mut seed = 7_u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let (mut made, mut minutes, mut lead) = (0, 0, 0);
    let now = chrono::DateTime::parse_from_rfc3339("2026-11-23T15:00:00Z").unwrap();
    while made < dials {
        let mut law = String::new();
        for client in ["acme", "globex"] {
            let one = |random: &mut dyn FnMut(u64) -> u64, of: &[&str]| of[random(of.len() as u64) as usize].to_owned();
            law += &format!(
                "[clients.{client}]\ntimezone = \"{}\"\n[clients.{client}.law]\npurpose = \"{}\"\nvoice = \"{}\"\n\
                 caps = [{}]\nnumber_rest = \"{}\"\nregistries = [{}]\nregistry_max_age = \"9000d\"\n",
                one(&mut random, &["America/New_York", "America/Los_Angeles", "Europe/Berlin"]),
                one(&mut random, &["sales", "service", "debt", "health"]),
                one(&mut random, &["ai", "human"]),
                one(&mut random, &["", "\"3/24h\"", "\"2/7d:line:client\"", "\"5/24h\", \"rest/1h\""]),
                one(&mut random, &["0", "1h", "24h"]),
                one(&mut random, &["", "\"us-national\""]),
            );
        }
        sandbox.configure(&format!("[defaults]\ndispatch.kind = \"simulate\"\nmax_retries = 2\n{law}"));
        // What is added is older than the next call.
        minutes += 1;
        sandbox.set_now(&(now + chrono::TimeDelta::minutes(minutes.try_into().unwrap())).to_rfc3339());
        let phone = |random: &mut dyn FnMut(u64) -> u64| {
            let start = PLACES[random(8) as usize];
            format!("{start}{:0width$}", random(2_000) + 1, width = 12 - start.len())
        };
        for client in ["acme", "globex"] {
            let mut lines = String::from("lead_id,phone,consent,timezone\n");
            for _ in 0..100 {
                let kind = ["written", "written", "express", "invited", ""][random(5) as usize];
                let zone = ["", "", "", "America/Denver", "America/Chicago"][random(5) as usize];
                lines += &format!("lead-{lead},{},{kind},{zone}\n", phone(&mut random));
                lead += 1;
            }
            let import = ["import", "-c", client, "-", "--input", "csv", "--again", "--invalid", "skip", "-q"];
            sandbox.run_with_input(import, &lines).expect_code(0);
        }
        let blocked = phone(&mut random);
        if random(3) == 0 {
            sandbox.run(["dnc", "add", &blocked, "-q"]);
        }
        // The order of calls at one instant is not kept, which only a clock that stands still shows: one client at a time.
        for client in ["acme", "globex", "acme", "globex", "acme", "globex"] {
            minutes += 30 + random(300);
            sandbox.set_now(&(now + chrono::TimeDelta::minutes(minutes.try_into().unwrap())).to_rfc3339());
            let run = sandbox.run(["process", "-c", client, "--json"]).expect_code(0).json();
            made += run["processed"].as_u64().unwrap() as usize;
        }
    }
    let calls = sandbox.run("calls --json").expect_code(0).json();
    let ids: Vec<&str> = calls.as_array().unwrap().iter().map(|call| call["attempt_id"].as_str().unwrap()).collect();
    assert!(ids.len() >= dials, "{} calls", ids.len());
    for part in ids.chunks(AT_ONCE) {
        let run = sandbox.run_with_input("receipt - --verify --json", part.join("\n")).expect_code(0);
        assert_eq!(run.json().as_array().unwrap().len(), part.len());
    }
}

#[test]
fn random_dials_replay_to_the_same_answer() {
    random_dials_replay(1_000);
}

#[test]
#[ignore = "takes a minute; random_dials_replay_to_the_same_answer is the same with fewer calls"]
fn ten_thousand_dials_replay_to_the_same_answer() {
    random_dials_replay(10_000);
}
