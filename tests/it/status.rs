//! `callq status`, `callq` alone, and `callq why` without an id.

use serde_json::json;
use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, Terminal};

const CONFIG: &str = "
[clients.acme]
dispatch = { kind = \"simulate\" }
[clients.borealis]
timezone = \"America/Chicago\"
dispatch = { kind = \"simulate\" }
[clients.globex]
[clients.kanto]
timezone = \"Asia/Tokyo\"
dispatch = { kind = \"simulate\" }
";

/// Monday, 12:07 in New York.
const NOON: &str = "2026-11-23T17:07:00Z";

/// A client that calls, a paused one, one whose hours are over, and one without a dispatcher.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure(CONFIG);
    sandbox.set("USER", "ann");
    sandbox.set_now("2026-11-23T17:05:00Z");
    sandbox.run("schedule-batch -c acme a1 a2 a3").expect_code(0);
    sandbox.run("process -c acme").expect_code(0);
    for client in ["acme", "borealis", "globex", "kanto"] {
        sandbox.run(["schedule-batch", "-c", client, "b1", "b2"]).expect_code(0);
    }
    sandbox.run("pause -c borealis --until 2026-11-24T12:00:00Z").expect_code(0);
    sandbox.set_now(NOON);
    sandbox
}

#[test]
fn every_client_has_a_line_with_what_holds_it() {
    let sandbox = sandbox();
    assert_data_eq!(
        sandbox.run("status").expect_code(0).text(),
        str![[r#"
Last run 12:05 EST (2 min ago) by ann, 3 called.
client    state                    due  waiting  in progress  today: called  reached  next call
acme      open until 17:00 EST       2        4          0/5              3        1  now
borealis  PAUSED by ann until Tue    2        2          0/5              0        0  Tue 09:00 CST
globex    NO DISPATCHER              2        2          0/5              0        0  –
kanto     opens 09:00 JST            0        2          0/5              0        0  09:00 JST
Done about: acme [..]:[..] EST, borealis Tue 09:[..] CST, kanto 09:[..] JST
--- exit 0

"#]]
    );
    assert_data_eq!(
        sandbox.run("why").expect_code(0).text(),
        str![[r#"
Last run 12:05 EST (2 min ago) by ann, 3 called.
acme: 2 due: 2 can be called now
borealis: 2 due: 2 blocked: paused (next Tue 06:00 CST); next call Tue 09:00 CST
globex: 2 due: 2 blocked: no dispatcher
kanto: 0 due; next call 09:00 JST
--- exit 0

"#]]
    );
}

#[test]
fn json_is_whole_and_the_same_of_why() {
    let sandbox = sandbox();
    let run = sandbox.run("status -c borealis --json").expect_code(0);
    let mut status = run.json();
    let done_at = status["clients"][0]["done_at"].as_str().unwrap().to_owned();
    assert!(done_at.starts_with("2026-11-24T15:"), "soon after the hours begin: {done_at}");
    assert_eq!(sandbox.run("why -c borealis --json").expect_code(0).json(), status);
    assert!(status["last_run"]["run_id"].take().is_string());
    let expected = json!({
        "last_run": {"run_id": null, "started_at": "2026-11-23T17:05:00.000Z", "by": "ann", "processed": 3},
        "held": 0,
        "callbacks_missed": 0,
        "registries": [],
        "clients": [{
            "client_id": "borealis",
            "state": {
                "gate": "paused",
                "until": "2026-11-24T12:00:00.000Z",
                "detail": "client borealis, by ann until Tue 2026-11-24 06:00 CST",
            },
            "due": 2,
            "waiting": 2,
            "in_progress": 0,
            "max_concurrent": 5,
            "called_today": 0,
            "reached_today": 0,
            "next_call_at": "2026-11-24T15:00:00.000Z",
            "done_at": done_at,
            "gates": [{"gate": "paused", "items": 2, "until": "2026-11-24T12:00:00.000Z"}],
        }],
    });
    assert_eq!(status, expected);
}

#[test]
fn a_terminal_of_any_width_has_whole_lines() {
    let sandbox = sandbox();
    let few = "client    state                    due";
    let some = format!("{few}  waiting  in progress  next call");
    let all = format!("{few}  waiting  in progress  today: called  reached  next call");
    for (width, heading) in [(40, few), (80, &some), (120, &all)] {
        let shown = Terminal { now: NOON, ..Terminal::of(width, 24) }.run(&sandbox, &["status"]);
        assert_eq!((shown.code, shown.err.as_str()), (0, ""));
        assert_eq!(shown.out.lines().nth(1), Some(heading), "{}", shown.out);
        let table = shown.out.lines().skip(1).filter(|line| !line.starts_with("Done about: "));
        assert!(table.clone().count() > 4 && table.clone().all(|line| line.chars().count() <= width), "{}", shown.out);
        assert!(shown.out.contains("  PAUSED by ann until Tue  ") && shown.out.contains("  NO DISPATCHER  "));
    }
}

#[test]
fn a_terminal_shows_it_again_and_again_until_ctrl_c() {
    let sandbox = sandbox();
    let terminal = Terminal { waits: 4, now: NOON, ..Terminal::of(100, 50) };
    let shown = terminal.run(&sandbox, &["status", "--watch=1s"]);
    assert_eq!((shown.out.matches("NO DISPATCHER").count(), shown.code), (2, 130), "{}", shown.out);
    let json = terminal.run(&sandbox, &["status", "--watch=1s", "--json"]);
    assert!(json.out.lines().count() == 2 && json.out.lines().all(|line| line.starts_with('{')), "{}", json.out);
}

#[test]
fn what_may_be_called_and_is_not_for_long_is_said() {
    let mut sandbox = sandbox();
    sandbox.set_now("2026-11-23T17:30:00Z");
    let shown = sandbox.run("status").expect_code(0).stdout;
    assert!(shown.contains("\nNo run for 25 min with 4 due: is cron or watch running?\n"), "{shown}");
    sandbox.run("pause").expect_code(0);
    let paused = sandbox.run("status").expect_code(0).stdout;
    assert!(!paused.contains("No run for"), "nobody is missed while everything is paused: {paused}");
}

#[test]
fn callq_alone_says_how_to_begin_and_then_shows_the_status() {
    let empty = Sandbox::new();
    let begin = empty.run("").expect_code(0);
    assert_eq!((begin.stdout.lines().count(), begin.stderr.as_str()), (6, ""));
    assert!(!empty.database().exists());
    empty.run("status").expect_code(empty.run("stats").code);
    empty.run("--json").expect_code(empty.run("stats --json").code);
    let sandbox = sandbox();
    assert_eq!(sandbox.run(""), sandbox.run("status"));
    assert_eq!(sandbox.run("-c kanto --json"), sandbox.run("status -c kanto --json"));
}
