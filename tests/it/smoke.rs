//! Each verb once by the built program, which says what a run inside of the test's own process says: most other tests
//! trust that.

use std::collections::BTreeSet;

use clap::CommandFactory;
use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

/// A line for each verb, and its exit code.
const LINES: [(&str, i32); 37] = [
    ("add -c acme lead --phone '+1 212 555 0100'", 0),
    ("schedule-batch -c acme -f leads.csv", 0),
    ("list --json", 0),
    ("show 1", 0),
    ("update 1 -p high", 0),
    ("cancel 1", 0),
    ("retry 2", 4),
    ("callback ann +1h", 0),
    ("reschedule", 0),
    ("process", 0),
    ("watch --interval 0s", 2),
    ("report 1 --outcome completed", 3),
    ("pause -c acme", 0),
    ("resume -c acme", 0),
    ("status", 0),
    ("stats", 0),
    ("forecast", 0),
    ("hours -c acme", 0),
    ("number +12125550117", 0),
    ("rules caps --input jsonl", 0),
    ("holidays -c acme", 0),
    ("dnc add +12125550117", 0),
    ("consent list", 0),
    ("calls", 0),
    ("receipt 1", 3),
    ("log", 0),
    ("events list", 0),
    ("backup copy.db", 0),
    ("restore no.db", 1),
    ("why 1", 0),
    ("client list", 0),
    ("config list", 0),
    ("doctor", 0),
    ("prune --older-than 1d", 0),
    ("completions bash", 0),
    ("complete --current=a -- callq", 0),
    ("manual nonsense", 2),
];

/// Two waiting leads, and a file of more.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::simulating();
    sandbox.write("leads.csv", "lead_id,priority\nann,high\neve,normal\n");
    sandbox.run_built("add -c acme ann").expect_code(0);
    sandbox.run_built("add -c acme bob").expect_code(0);
    sandbox
}

#[test]
fn the_built_program_does_each_verb_as_the_tests_own_process_does() {
    let template = sandbox();
    for (line, code) in LINES {
        let (built, inside) = (template.copy(), template.copy());
        let run = built.run_built(line).expect_code(code);
        assert_eq!(run, inside.run(line), "callq {line}");
        assert_eq!(built.run_built("list --json"), inside.run("list --json"), "after callq {line}");
    }
}

#[test]
fn no_verb_is_left_out() {
    let verbs: BTreeSet<String> =
        callq::cli::Cli::command().get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    let tried = LINES.map(|(line, _)| line.split(' ').next().unwrap().to_owned());
    assert_eq!(verbs, BTreeSet::from(tried));
}

#[test]
fn a_run_inside_reads_files_and_standard_input_of_its_own_sandbox() {
    let sandbox = sandbox();
    let line = "schedule-batch -c acme -f - --invalid skip --rejects rejects.csv";
    let batch = sandbox.run_with_input(line, "lead_id\n\u{7}\n");
    assert_data_eq!(
        batch.text(),
        str![[r#"
0 scheduled, 0 skipped as duplicates, 1 invalid
  line 2, lead_id: lead id `/u{7}` holds a control character
--- standard error
Reading standard input: comma, UTF-8. lead_id ← lead_id; no column holds a phone number.
--- exit 0

"#]]
    );
    assert!(sandbox.path("rejects.csv").exists(), "a relative path");
    assert_ne!(std::env::current_dir().unwrap(), sandbox.folder());
}
