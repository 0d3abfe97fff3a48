//! An item in each status, and each command that may touch it: one table, held against the table of state changes.

use callq::model::{Event, Status};
use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

/// The items of the sandbox by id: their name in the table, and their lead.
const ITEMS: [(&str, &str); 8] = [
    ("completed", "answered-1"),
    ("failed", "never-1"),
    ("held", "lost-1"),
    ("retry_scheduled", "busy-1"),
    ("in_progress", "later-1"),
    ("cancelled", "gone-1"),
    ("pending", "waits-1"),
    ("scheduled", "waits-2"),
];

/// What may be done to an item, with its event in the table of state changes where there is one.
const COMMANDS: [(&str, Option<Event>); 12] = [
    ("update {id} --at now", Some(Event::Edited(Status::Pending))),
    ("update {id} -p high", None),
    ("cancel {id}", Some(Event::Cancelled)),
    ("cancel {id} --in-progress", None),
    ("retry {id}", Some(Event::SentAgain(Status::Pending))),
    ("report {id} --outcome completed", None),
    ("report {id} --outcome retry", None),
    ("report {id} --outcome failed", None),
    ("add -c acme {lead}", None),
    ("add -c acme {lead} --if-exists replace", None),
    ("process", None),
    ("prune --older-than 0s", None),
];

/// One item in each status.
fn one_of_each() -> Sandbox {
    let mut sandbox = Sandbox::dialling();
    sandbox.call(&["answered-1", "never-1", "lost-1", "busy-1", "later-1"]);
    sandbox.run("add -c acme gone-1").expect_code(0);
    sandbox.run("cancel 6").expect_code(0);
    sandbox.run("add -c acme waits-1").expect_code(0);
    sandbox.run("add -c acme waits-2 --at +1d").expect_code(0);
    let script = sandbox.path("place-call");
    let open = Sandbox::always_open(&format!("kind = \"command\"\ncommand = [{script:?}]"));
    sandbox.configure(&open.replace("max_concurrent = 1", "max_concurrent = 9"));
    sandbox
}

/// The statuses of all items; one that is gone has none.
fn statuses(sandbox: &Sandbox) -> Vec<String> {
    let items = sandbox.items();
    let word = |id: u64| match items.get(&id) {
        Some(item) if item["held"] == true => "held".to_owned(),
        Some(item) => item["status"].as_str().unwrap().to_owned(),
        None => "gone".to_owned(),
    };
    (1..=ITEMS.len() as u64).map(word).collect()
}

#[test]
fn each_command_does_to_each_status_what_the_table_says() {
    let template = one_of_each();
    assert_eq!(statuses(&template), ITEMS.map(|(name, _)| name));
    let mut table = String::new();
    for (command, event) in COMMANDS {
        table.push_str(&format!("{command}\n"));
        for (index, (name, lead)) in ITEMS.into_iter().enumerate() {
            let sandbox = template.copy();
            let line = command.replace("{id}", &(index + 1).to_string()).replace("{lead}", lead);
            let run = sandbox.run(&line);
            let after = statuses(&sandbox);
            if command.contains('{') {
                let others = |words: &[String]| [&words[..index], &words[index + 1..]].concat();
                assert_eq!(others(&after), others(&statuses(&template)), "{line} changed another item: {run}");
            }
            assert!(matches!(run.code, 0 | 3 | 4), "{line} of {name}: {run}");
            assert!(run.code == 0 || after[index] == name, "{line} of {name} is refused and does something: {run}");
            if let Some(event) = event {
                let status: Status = if name == "held" { Status::Failed } else { name.parse().unwrap() };
                let expected = status.after(event).ok().map(|status| status.as_str().to_owned());
                let seen = (run.code == 0).then(|| after[index].clone());
                assert_eq!(seen, expected, "{line} of {name}: {run}");
            }
            table.push_str(&format!("    {name:<15}  {}  {}\n", run.code, after[index]));
        }
    }
    assert_data_eq!(
        table,
        str![[r#"
update {id} --at now
    completed        4  completed
    failed           4  failed
    held             4  held
    retry_scheduled  0  retry_scheduled
    in_progress      4  in_progress
    cancelled        4  cancelled
    pending          0  pending
    scheduled        0  pending
update {id} -p high
    completed        4  completed
    failed           4  failed
    held             4  held
    retry_scheduled  0  retry_scheduled
    in_progress      4  in_progress
    cancelled        4  cancelled
    pending          0  pending
    scheduled        0  scheduled
cancel {id}
    completed        4  completed
    failed           4  failed
    held             4  held
    retry_scheduled  0  cancelled
    in_progress      4  in_progress
    cancelled        4  cancelled
    pending          0  cancelled
    scheduled        0  cancelled
cancel {id} --in-progress
    completed        4  completed
    failed           4  failed
    held             4  held
    retry_scheduled  0  cancelled
    in_progress      0  in_progress
    cancelled        4  cancelled
    pending          0  cancelled
    scheduled        0  cancelled
retry {id}
    completed        4  completed
    failed           0  pending
    held             0  pending
    retry_scheduled  4  retry_scheduled
    in_progress      4  in_progress
    cancelled        0  pending
    pending          4  pending
    scheduled        4  scheduled
report {id} --outcome completed
    completed        0  completed
    failed           4  failed
    held             0  completed
    retry_scheduled  4  retry_scheduled
    in_progress      0  completed
    cancelled        3  cancelled
    pending          3  pending
    scheduled        3  scheduled
report {id} --outcome retry
    completed        4  completed
    failed           4  failed
    held             0  retry_scheduled
    retry_scheduled  0  retry_scheduled
    in_progress      0  retry_scheduled
    cancelled        3  cancelled
    pending          3  pending
    scheduled        3  scheduled
report {id} --outcome failed
    completed        4  completed
    failed           0  failed
    held             0  failed
    retry_scheduled  4  retry_scheduled
    in_progress      0  failed
    cancelled        3  cancelled
    pending          3  pending
    scheduled        3  scheduled
add -c acme {lead}
    completed        0  completed
    failed           0  failed
    held             4  held
    retry_scheduled  4  retry_scheduled
    in_progress      4  in_progress
    cancelled        4  cancelled
    pending          4  pending
    scheduled        4  scheduled
add -c acme {lead} --if-exists replace
    completed        0  completed
    failed           0  failed
    held             4  held
    retry_scheduled  0  retry_scheduled
    in_progress      4  in_progress
    cancelled        4  cancelled
    pending          0  pending
    scheduled        0  scheduled
process
    completed        0  completed
    failed           0  failed
    held             0  held
    retry_scheduled  0  retry_scheduled
    in_progress      0  in_progress
    cancelled        0  cancelled
    pending          0  completed
    scheduled        0  scheduled
prune --older-than 0s
    completed        0  gone
    failed           0  gone
    held             0  held
    retry_scheduled  0  retry_scheduled
    in_progress      0  in_progress
    cancelled        0  gone
    pending          0  pending
    scheduled        0  scheduled

"#]]
    );
}

#[test]
fn an_item_whose_call_goes_on_is_left_alone() {
    let sandbox = Sandbox::holding();
    sandbox.run("add -c acme ann").expect_code(0);
    let run = sandbox.spawn("process");
    sandbox.wait_until_calling("ann");
    let refused =
        COMMANDS.iter().filter(|(command, _)| !command.starts_with("prune") && !command.starts_with("process"));
    for (command, _) in refused.filter(|(command, _)| !command.ends_with("--in-progress")) {
        let run = sandbox.run(command.replace("{id}", "1").replace("{lead}", "ann")).expect_code(4);
        assert!(run.stderr.starts_with("error: "), "{run}");
    }
    sandbox.run("process").expect_code(0);
    sandbox.run("prune --older-than 0s").expect_code(0);
    assert_eq!(sandbox.status(1), "in_progress");
    sandbox.write("go", "");
    run.finish().expect_code(0);
    assert_eq!(sandbox.status(1), "completed");
    assert_eq!(sandbox.items()[&1]["attempts"], 1);
}
