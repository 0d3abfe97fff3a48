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
Done about: acme [..] EST, borealis Tue [..] CST, kanto [..] JST
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
        "events": {"waiting": 0, "failing": 0, "dead": 0, "oldest_at": null},
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
        let table = shown.out.lines().skip_while(|line| !line.starts_with("client "));
        let table = table.take_while(|line| !line.starts_with("Done about: "));
        assert_eq!(table.clone().next(), Some(heading), "{}", shown.out);
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

#[test]
fn listings_say_when_nobody_is_called() {
    let mut sandbox = sandbox();
    let said = |sandbox: &Sandbox, line: &str| sandbox.run(line).expect_code(0).stderr;
    for line in ["list", "stats", "process --dry-run"] {
        assert_eq!(said(&sandbox, line), "", "acme can call: callq {line}");
        assert_eq!(
            said(&sandbox, &format!("{line} -c borealis")),
            "Client borealis is paused by ann until Tue 2026-11-24 06:00 CST: callq resume -c borealis\n"
        );
        assert_eq!(
            said(&sandbox, &format!("{line} -c globex")),
            "Client globex has no dispatcher: callq config set -c globex dispatch.kind KIND\n"
        );
        assert_eq!(said(&sandbox, &format!("{line} -c globex --json")), "");
        assert_eq!(said(&sandbox, &format!("{line} -c globex -q")), "");
    }
    sandbox.run("pause -c acme").expect_code(0);
    sandbox.run("pause -c kanto").expect_code(0);
    let all = "Every client with waiting items is paused or has no dispatcher: callq status\n";
    assert_eq!(said(&sandbox, "list"), all);
    sandbox.run(["pause", "--reason", "fire drill"]).expect_code(0);
    assert_eq!(said(&sandbox, "list"), "Everything is paused by ann (fire drill): callq resume\n");
    sandbox.run("resume").expect_code(0);
    sandbox.configure("");
    let none = "No client with waiting items has a dispatcher: callq config set dispatch.kind KIND\n";
    assert_eq!(said(&sandbox, "stats"), none);
}

#[test]
fn registries_that_rules_of_a_lead_ask_are_named() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults]\ndispatch.kind = \"simulate\"\n[clients.acme]\nlaw.purpose = \"sales\"\n");
    let registries = |sandbox: &Sandbox| sandbox.run("status --json").expect_code(0).json()["registries"].take();
    sandbox.run("add -c globex g-1 --phone +13055550112").expect_code(0);
    sandbox.run("add -c acme florida --phone +13055550112").expect_code(0);
    assert_eq!(registries(&sandbox), json!([{"name": "us-national", "as_of": null, "stale": true}]));
    let shown = sandbox.run("status").expect_code(0).stdout;
    assert!(shown.contains("us-national has no copy: callq dnc import us-national -f FILE --as-of DATE\n"), "{shown}");
    assert!(sandbox.run("doctor --format csv").stdout.contains("registries,warning,\"us-national has no copy"));
}

#[test]
fn the_state_is_written_as_metrics() {
    let sandbox = sandbox();
    let metrics = sandbox.run("status --format openmetrics").expect_code(0).stdout;
    for sample in [
        "callq_last_run_timestamp_seconds 1795453500",
        "callq_client_due_items{client=\"acme\"} 2",
        "callq_client_paused{client=\"borealis\"} 1",
        "callq_client_without_dispatcher{client=\"globex\"} 1",
        "callq_client_blocked_items{client=\"globex\",gate=\"dispatcher\"} 2",
        "# TYPE callq_unknown_outcome_items gauge\ncallq_unknown_outcome_items 0",
    ] {
        assert!(metrics.contains(&format!("{sample}\n")), "{sample} in {metrics}");
    }
    let names = |text: &str| -> Vec<String> {
        let help = |line: &str| line.strip_prefix("# HELP ").and_then(|rest| rest.split(' ').next().map(str::to_owned));
        text.lines().filter_map(help).collect()
    };
    let others = names(&sandbox.run("stats --format openmetrics").expect_code(0).stdout);
    assert!(names(&metrics).iter().all(|name| !others.contains(name)), "both may lie in one folder");
    sandbox.run("status --watch --format openmetrics").expect_code(2);
    sandbox.run("why --format openmetrics").expect_code(2);
    if crate::support::is_installed("promtool") {
        sandbox.run_program("promtool", ["check", "metrics"], metrics).expect_code(0);
    }
}

#[test]
fn the_actor_is_named_by_its_variable() {
    let mut sandbox = sandbox();
    sandbox.set("SUDO_USER", "bob");
    sandbox.run("pause -c kanto").expect_code(0);
    sandbox.set("CALLQ_ACTOR", "night shift");
    sandbox.run("pause -c acme").expect_code(0);
    sandbox.run("cancel --lead b1 -c kanto").expect_code(0);
    let shown = sandbox.run("status").expect_code(0).stdout;
    assert!(shown.contains("PAUSED by night shift") && shown.contains("PAUSED by bob"), "{shown}");
    let changes = sandbox.run("show b1 -c kanto --json").expect_code(0).json()[0]["changes"].take();
    assert_eq!(changes[0]["by"], "night shift");
}
