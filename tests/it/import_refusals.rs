//! `callq import` of records that say that their person does not want to be called.

use crate::support::{Run, Sandbox};

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox
        .configure("[defaults]\ncountry_code = \"1\"\ndispatch.kind = \"simulate\"\n[clients.acme]\n[clients.beta]\n");
    sandbox
}

/// Writes a file and imports it for client acme, with further arguments behind it.
fn import(sandbox: &Sandbox, name: &str, text: &str, line: &str) -> Run {
    sandbox.write(name, text);
    sandbox.run(format!("import -c acme {name} {line}"))
}

#[test]
fn a_record_that_says_no_is_not_queued() {
    let sandbox = sandbox();
    let text =
        "Lead ID,Phone,Do Not Call,Email Opt Out\nL1,+12125550101,0,0\nL2,+12125550102,1,0\nL3,+12125550103,TRUE,0\n";
    let run = import(&sandbox, "crm.csv", text, "").expect_code(0);
    assert!(run.stdout.contains("1 scheduled (item 1), 0 skipped as duplicates, 0 invalid\n"), "{run}");
    assert!(run.stdout.contains("2 records say not to call: skipped\n"), "{run}");
    assert!(run.stderr.contains("do_not_call ← Do Not Call; metadata: Email Opt Out."), "{run}");
}

#[test]
fn to_dnc_adds_the_numbers_of_records_that_say_no() {
    let sandbox = sandbox();
    let text = "lead_id,phone,dnc\nL1,+12125550101,\nL2,(212) 555-0102,yes\nL3,+12125550102,x\n";
    sandbox.run(["add", "-c", "acme", "waits", "--phone", "+12125550102"]).expect_code(0);
    sandbox.run(["add", "-c", "beta", "other", "--phone", "+12125550102"]).expect_code(0);
    let dry = import(&sandbox, "crm.csv", text, "--to-dnc --dry-run").expect_code(0);
    assert!(dry.stdout.contains("2 records say not to call: skipped\n") && !dry.stdout.contains("joined"), "{dry}");
    let run = import(&sandbox, "crm.csv", text, "--to-dnc").expect_code(0);
    assert!(run.stdout.contains("1 number joined the do-not-call list\n"), "{run}");
    let item = sandbox.run("show 1 --json").json();
    assert_eq!((&item["status"], &item["last_reason"]), (&"failed".into(), &"do_not_call".into()));
    assert_eq!(sandbox.run("show 2 --json").json()["status"], "pending", "the list is the client's own");
    let again = import(&sandbox, "crm.csv", text, "--to-dnc --json").expect_code(0).json();
    assert_eq!((&again["said_no"], &again["added_to_dnc"]), (&2.into(), &0.into()));
    // A database is made for the list alone, too.
    std::fs::remove_file(sandbox.database()).unwrap();
    import(&sandbox, "no.csv", "lead_id,phone,dnc\nL2,2125550102,yes\n", "--to-dnc").expect_code(0);
    let list = sandbox.run("dnc list --json").expect_code(0).json();
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    let run = import(&sandbox, "none.csv", "lead_id,phone,dnc\nL2,,yes\n", "--to-dnc").expect_code(4);
    assert!(run.stderr.contains("the record says not to call, and has no number for the do-not-call list"), "{run}");
}
