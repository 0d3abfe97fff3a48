//! `callq cancel`: waiting items, items in progress, selections.

use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, Terminal};

fn queue(leads: &[&str]) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("USER", "ops");
    for lead in leads {
        sandbox.run(format!("add -c acme {lead}")).expect_code(0);
    }
    sandbox
}

#[test]
fn a_waiting_item_is_cancelled_with_the_reason() {
    let sandbox = queue(&["a"]);
    assert_data_eq!(
        sandbox.run("cancel 1 --reason 'moved away'").text(),
        str![[r#"
id  client  lead  priority  status     next call  retries  phone  reason
 1  acme    a     normal    cancelled  -              0/3  -      -
--- standard error
1 cancelled
--- exit 0

"#]]
    );
    let item = sandbox.run("show 1 --json").json();
    // The reason is that of the change, not of a call.
    assert_eq!((&item["status"], &item["last_reason"]), (&"cancelled".into(), &serde_json::Value::Null));
    assert!(item["next_call_at"].is_null());
    assert_eq!(
        item["changes"],
        serde_json::json!([{
            "at": "2026-11-23T15:00:00.000Z", "by": "ops", "what": "status", "from": "pending", "to": "cancelled",
            "reason": "moved away"
        }])
    );
}

#[test]
fn with_ids_all_must_be_allowed() {
    let sandbox = queue(&["a", "b", "c"]);
    sandbox.run("cancel 2").expect_code(0);
    assert_data_eq!(
        sandbox.run("cancel 1-3").text(),
        str![[r#"
--- standard error
error: cannot cancel item 2: it is finished; nothing was changed
--- exit 4

"#]]
    );
    assert_data_eq!(
        sandbox.run("cancel 1 9").text(),
        str![[r#"
--- standard error
error: no item 9
hint: `callq list --limit 0` shows every item
--- exit 3

"#]]
    );
    assert_eq!((sandbox.status(1), sandbox.status(3)), ("pending".into(), "pending".into()));
    assert_data_eq!(
        sandbox.run_with_input("cancel -", "1\n3\n").text(),
        str![[r#"
id  client  lead  priority  status     next call  retries  phone  reason
 1  acme    a     normal    cancelled  -              0/3  -      -
 3  acme    c     normal    cancelled  -              0/3  -      -
--- standard error
2 cancelled
--- exit 0

"#]]
    );
}

#[test]
fn a_selection_leaves_out_what_may_not_be_cancelled_and_tells() {
    let sandbox = queue(&["a", "b", "c"]);
    sandbox.run("cancel 2").expect_code(0);
    assert_data_eq!(
        sandbox.run("cancel -c acme").text(),
        str![[r#"
id  client  lead  priority  status     next call  retries  phone  reason
 1  acme    a     normal    cancelled  -              0/3  -      -
 3  acme    c     normal    cancelled  -              0/3  -      -
--- standard error
2 cancelled, 1 left out
--- exit 0

"#]]
    );
    assert_data_eq!(
        sandbox.run("cancel -c acme").text(),
        str![[r#"
--- standard error
error: cannot cancel item 1: it is finished (and 2 more); nothing was changed
--- exit 4

"#]]
    );
    assert_data_eq!(
        sandbox.run("cancel --status completed").text(),
        str![[r#"
--- standard error
error: no items match
hint: try the same filters with `callq list`
--- exit 3

"#]]
    );
}

#[test]
fn everything_needs_all() {
    let mut sandbox = queue(&["a", "b"]);
    assert_data_eq!(
        sandbox.run("cancel").text(),
        str![[r#"
--- standard error
error: no item is named
hint: give ids, a filter such as --status failed, or --all
--- exit 2

"#]]
    );
    sandbox.set("CALLQ_CLIENT", "acme");
    sandbox.run("cancel").expect_code(2);
    sandbox.unset("CALLQ_CLIENT");
    assert_eq!(sandbox.status(1), "pending");
    assert_eq!(sandbox.run("cancel --all --yes --json").expect_code(0).json().as_array().unwrap().len(), 2);
}

#[test]
fn the_client_of_the_environment_bounds_a_selection() {
    let mut sandbox = queue(&["a"]);
    sandbox.run("add -c beta b").expect_code(0);
    sandbox.set("CALLQ_CLIENT", "beta");
    sandbox.run("cancel --status pending").expect_code(0);
    assert_eq!((sandbox.status(1), sandbox.status(2)), ("pending".into(), "cancelled".into()));
}

#[test]
fn an_item_in_progress_is_refused() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["later-1"]);
    sandbox.run("add -c acme new-1").expect_code(0);
    assert_data_eq!(
        sandbox.run("cancel 1").text(),
        str![[r#"
--- standard error
error: cannot cancel item 1: it is in progress; --in-progress lets its call end and no retry follow; nothing was changed
--- exit 4

"#]]
    );
    assert_data_eq!(
        sandbox.run("cancel --all").text(),
        str![[r#"
--- standard error
error: cannot cancel item 1: it is in progress; --in-progress lets its call end and no retry follow; nothing was changed
--- exit 4

"#]]
    );
    assert_eq!(sandbox.status(2), "pending", "a selection that meets one in progress changes nothing");
}

#[test]
fn in_progress_lets_the_call_end_and_no_retry_follows() {
    let sandbox = Sandbox::dialling();
    sandbox.script("place-call", "touch started; while [ ! -e end ]; do sleep 0.02; done; exit 11");
    sandbox.run("add -c acme busy-1").expect_code(0);
    let running = sandbox.spawn("process");
    while !sandbox.path("started").exists() {
        std::thread::yield_now();
    }
    let run = sandbox.run("cancel 1 --in-progress --reason enough");
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (0, "1 cancelled\n1 of them in progress: the call goes on, no retry follows\n")
    );
    assert_eq!(sandbox.status(1), "in_progress");
    sandbox.write("end", "");
    assert_eq!(running.finish().code, 0);
    let item = sandbox.run("show 1 --json").json();
    assert_eq!(item["status"], "cancelled");
    assert_eq!((&item["history"][0]["outcome"], &item["history"][0]["reason"]), (&"retry".into(), &"busy".into()));
    assert_eq!(item["changes"][0]["reason"], "enough");
}

#[test]
fn in_progress_does_not_undo_a_call_that_succeeds() {
    let sandbox = Sandbox::dialling();
    sandbox.script("place-call", "touch started; while [ ! -e end ]; do sleep 0.02; done");
    sandbox.run("add -c acme answered-1").expect_code(0);
    let running = sandbox.spawn("process");
    while !sandbox.path("started").exists() {
        std::thread::yield_now();
    }
    sandbox.run("cancel 1 --in-progress").expect_code(0);
    sandbox.write("end", "");
    assert_eq!(running.finish().code, 0);
    assert_eq!(sandbox.status(1), "completed");
}

#[test]
fn a_cancelled_item_is_never_called() {
    let sandbox = Sandbox::simulating();
    sandbox.run("add -c acme a").expect_code(0);
    sandbox.run("cancel 1").expect_code(0);
    let report = sandbox.run("process --json").expect_code(0).json();
    assert_eq!(report["processed"], 0);
    assert_eq!(sandbox.status(1), "cancelled");
}

#[test]
fn a_finished_or_held_item_is_refused() {
    let sandbox = Sandbox::dialling();
    sandbox.call(&["answered-1", "lost-1"]);
    assert_data_eq!(
        sandbox.run("cancel 1").text(),
        str![[r#"
--- standard error
error: cannot cancel item 1: it is finished; nothing was changed
--- exit 4

"#]]
    );
    assert_data_eq!(
        sandbox.run("cancel 2").text(),
        str![[r#"
--- standard error
error: cannot cancel item 2: it is finished; nothing was changed
--- exit 4

"#]]
    );
}

#[test]
fn an_item_of_another_client_is_refused() {
    let sandbox = queue(&["a"]);
    sandbox.run("add -c beta b").expect_code(0);
    assert_data_eq!(
        sandbox.run("cancel 1 -c beta").text(),
        str![[r#"
--- standard error
error: cannot cancel item 1: it belongs to client acme; nothing was changed
--- exit 4

"#]]
    );
    sandbox.run("cancel 1 -c other").expect_code(3);
}

#[test]
fn a_missing_database_is_named_and_not_made() {
    let sandbox = Sandbox::new();
    for line in ["cancel 1", "retry 1", "update 1 -p low", "show 1", "resume"] {
        sandbox.run(line).expect_code(1);
    }
    assert!(!sandbox.database().exists());
}

#[test]
fn a_terminal_is_not_flooded_with_what_was_changed_and_a_pipe_gets_it_whole() {
    let sandbox = Sandbox::new();
    let leads: String = (1..=1_200).map(|number| format!("lead-{number}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f -", leads).expect_code(0);
    let shown = Terminal { typed: "y\n", ..Terminal::of(80, 24) }.run(&sandbox, &["cancel", "--all"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    let asked = "cancel 1,200 items of all clients (lead-1, lead-2, lead-3, …)? [y/N] ";
    assert_eq!((shown.out.as_str(), shown.err), ("", format!("{asked}1,200 cancelled\n")));
    let few = Terminal::of(80, 24).run(&sandbox, &["retry", "1-20"]);
    assert_eq!((few.out.lines().count(), few.err.as_str()), (21, "20 sent again\n"), "a header and twenty");
    sandbox.run("cancel 1-20").expect_code(0);
    let piped = sandbox.run("retry --all").expect_code(0);
    assert_eq!((piped.stdout.lines().count(), piped.stderr.as_str()), (1_201, "1,200 sent again\n"));
    let json = Terminal::of(80, 24).run(&sandbox, &["update", "-p", "high", "1-1200", "--json"]).out;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap().as_array().unwrap().len(), 1_200);
}

#[test]
fn a_terminal_is_asked_before_a_selection_is_changed() {
    let sandbox = queue(&["a", "b"]);
    let ask = |typed: &'static str, words: &[&str]| {
        let shown = Terminal { typed, ..Terminal::of(80, 24) }.run(&sandbox, words);
        assert_eq!(shown.code, 0, "{}", shown.err);
        shown.err
    };
    for no in ["n\n", "", "\n", "yesterday\n"] {
        assert_eq!(ask(no, &["cancel", "--all"]), "cancel 2 items of all clients (a, b)? [y/N] nothing was changed\n");
    }
    assert_eq!(sandbox.status(1), "pending");
    assert_eq!(
        ask("y\n", &["cancel", "-c", "acme", "--lead", "a"]),
        "cancel 1 item of client acme (a)? [y/N] 1 cancelled\n"
    );
    assert_eq!(
        ask("Yes\n", &["retry", "--status", "cancelled"]),
        "retry 1 item of all clients (a)? [y/N] 1 sent again\n"
    );
    assert_eq!(ask("", &["update", "-p", "high", "--all", "--yes"]), "2 updated\n");
    assert_eq!(ask("", &["cancel", "1", "2"]), "2 cancelled\n", "ids are meant");
}
