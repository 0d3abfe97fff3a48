//! Consents: who allowed which client to call, what requires one, and how it ends.

use serde_json::{Value, json};

use crate::support::Sandbox;

/// A sandbox whose client must have a written consent, by a rule of its own.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox
        .configure("[defaults]\ndispatch.kind = \"simulate\"\n[defaults.law]\npurpose = \"sales\"\n[clients.acme]\n");
    sandbox
}

fn gate(sandbox: &Sandbox, id: u64, name: &str) -> Value {
    let why = sandbox.run(["why", &id.to_string(), "--json"]).expect_code(0).json();
    why["gates"].as_array().unwrap().iter().find(|gate| gate["gate"] == name).unwrap().clone()
}

#[test]
fn a_row_that_requires_a_consent_fails_a_call_without_one() {
    let sandbox = sandbox();
    // us-registry is asked too, and a written consent lifts it.
    sandbox.run_with_input("dnc import us-national -f - --as-of 2026-11-20", "").expect_code(0);
    sandbox.run("add -c acme lead --phone +12125550117").expect_code(0);
    let closed = gate(&sandbox, 1, "consent");
    assert_eq!(closed["open"], json!(false));
    assert!(closed["detail"].as_str().unwrap().contains("requires a consent, kind"), "{closed}");
    let run = sandbox.run("process").expect_code(0).stdout;
    let said = "1 item failed without a call (no_consent): `callq list --status failed --reason no_consent` shows it\n";
    assert!(run.contains(said), "{run}");
    let item = sandbox.run("show 1 --json").json();
    assert_eq!(
        (&item["status"], &item["last_reason"], &item["attempts"]),
        (&json!("failed"), &json!("no_consent"), &json!(0))
    );
    let line = "consent add +12125550117 -c acme --kind written --at 2026-11-20 --proof form-7781";
    let added = sandbox.run(line).expect_code(0);
    assert_eq!(added.stdout, "+12125550117  client acme  written consent of 2026-11-20, form-7781\n");
    sandbox.run("retry --with-reason no_consent").expect_code(0);
    assert_eq!(gate(&sandbox, 1, "consent")["open"], json!(true));
    assert!(gate(&sandbox, 1, "registry")["detail"].as_str().unwrap().contains("kind written"));
    let run = sandbox.run("process --json").expect_code(0).json();
    assert_eq!((&run["processed"], &run["failed_uncalled"]), (&json!(1), &json!({})));
}

#[test]
fn an_entry_of_the_do_not_call_list_withdraws_consents() {
    let sandbox = sandbox();
    sandbox.run("consent add +12125550117 +12125550118 -c acme --kind express").expect_code(0);
    sandbox.run("dnc add +12125550117").expect_code(0);
    let standing = sandbox.run("consent list --json").json();
    assert_eq!((standing.as_array().unwrap().len(), &standing[0]["number"]), (1, &json!("+12125550118")));
    let all = sandbox.run("consent list -c acme --ended --json").json();
    assert_eq!(all[0]["withdrawn_at"], json!("2026-11-23T15:00:00.000Z"));
    sandbox.run("consent withdraw +12125550118").expect_code(0);
    sandbox.run("consent withdraw +12125550118").expect_code(3);
    assert_eq!(sandbox.run("consent list --json").json(), json!([]));
}

#[test]
fn a_prefix_of_the_do_not_call_list_withdraws_the_consents_of_all_its_numbers() {
    let sandbox = sandbox();
    sandbox.run("consent add +12125550117 +12125550118 +13055550117 -c acme --kind express").expect_code(0);
    sandbox.run("dnc add '+1212*'").expect_code(0);
    let standing = sandbox.run("consent list --json").json();
    assert_eq!((standing.as_array().unwrap().len(), &standing[0]["number"]), (1, &json!("+13055550117")));
}

#[test]
fn a_relationship_ends_after_18_months_unless_said() {
    let sandbox = sandbox();
    sandbox.run("consent add +12125550117 -c acme --kind relationship --at 2026-11-01T12:00:00Z").expect_code(0);
    let line = "consent add +12125550118 -c acme --kind relationship --at 2026-11-01 --until 2026-12-01T12:00:00Z";
    sandbox.run(line).expect_code(0);
    let list = sandbox.run("consent list --json").json();
    assert_eq!(list[0]["until"], json!("2028-05-01T12:00:00.000Z"));
    assert_eq!(list[1]["until"], json!("2026-12-01T12:00:00.000Z"));
}

#[test]
fn a_consent_ends_behind_its_beginning() {
    let sandbox = sandbox();
    let add = |line: &str| sandbox.run(format!("{line} --consent-until 2026-11-22")).expect_code(2);
    let refused = add("add -c acme early --phone +12125550119 --consent written");
    let message = "--consent-until: it ends at Sun 2026-11-22 00:00 EST, but is given at Mon 2026-11-23 10:00 EST";
    assert!(refused.stderr.contains(message), "{refused}");
    let line = "consent add +12125550119 -c acme --kind written --until";
    for (until, code) in [("2026-11-22", 2), ("2026-11-23T15:00:00Z", 2), ("2026-11-23T15:00:00.001Z", 0)] {
        sandbox.run(format!("{line} {until}")).expect_code(code);
    }
}

#[test]
fn a_request_brings_its_consent() {
    let sandbox = sandbox();
    let line = "add -c acme a --phone +12125550117 --consent written --consent-at 2026-11-20 --consent-proof f-1";
    sandbox.run(line).expect_code(0);
    let csv = "lead_id,phone,consent,consent_until\nb,+12125550118,express,2027-01-01\nc,+12125550119,,\n";
    sandbox.run_with_input("schedule-batch -c acme -f - --input csv", csv).expect_code(0);
    let list = sandbox.run("consent list --json").json();
    let kinds: Vec<(&Value, &Value)> =
        list.as_array().unwrap().iter().map(|row| (&row["number"], &row["kind"])).collect();
    assert_eq!(kinds, [(&json!("+12125550117"), &json!("written")), (&json!("+12125550118"), &json!("express"))]);
    for (line, message) in [
        ("add -c acme d --consent written", "--phone"),
        ("add -c acme d --phone +12125550120 --consent-proof x", "--consent"),
        ("add -c acme d --phone +12125550120 --consent soon", "`soon`"),
        ("consent add +12125550120 --kind written", "--client"),
    ] {
        let run = sandbox.run(line).expect_code(2);
        assert!(run.stderr.contains(message), "{line}: {run}");
    }
}

#[test]
fn a_file_of_consents_is_taken_whole_or_not_at_all() {
    let sandbox = sandbox();
    let good = "phone,consent,consent_at,consent_proof\n+12125550117,written,2026-11-20,f-1\n+12125550118,express,,\n";
    let counts = sandbox.run_with_input("consent import -c acme -f - --json", good).expect_code(0).json();
    assert_eq!(counts, json!({"added": 2, "existing": 0, "withdrawn": 0}));
    for (bad, message) in [
        ("phone,consent\n+12125550119,written\n12,written\n", "line 3"),
        ("phone,consent\n+12125550119,written\n+12125550120,\n", "line 3: the record has no phone with a consent"),
        ("phone,consent\n+12125550119,maybe\n", "field `consent`"),
        ("phone,kind\n+12125550119,written\n", "line 1: no column has the header `consent`; nothing was changed"),
        (
            "phone,consent,consent_at,consent_until\n+12125550119,written,2026-11-01,2026-10-01\n",
            "line 2, field `consent_until`: it ends at Thu 2026-10-01 00:00 EDT, but is given at Sun 2026-11-01 00:00 EDT",
        ),
    ] {
        let run = sandbox.run_with_input("consent import -c acme -f -", bad).expect_code(4);
        assert!(run.stderr.contains(message), "{run}");
    }
    assert_eq!(sandbox.run("consent list --json").json().as_array().unwrap().len(), 2);
    sandbox.run_with_input("consent import -c nobody -f -", good).expect_code(3);
}
