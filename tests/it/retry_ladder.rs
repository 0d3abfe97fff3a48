//! Retries by reason: `retry_ladder`, the preset that we recommend, and the picture of both.

use std::fs;

use chrono::{DateTime, Utc};
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

const LADDER: &str = "max_retries = 2\nretry_jitter = 0\nretry_ladder.busy = [10, 90]\n[clients.acme]\n\
                      retry_ladder.no_answer = [1440]\n";

#[test]
fn a_busy_lead_is_called_again_by_the_list_of_busy() {
    let mut sandbox = Sandbox::dialling();
    sandbox.call(&["busy-1"]);
    let config = fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    sandbox.configure(&config.replacen("[defaults]\n", "[defaults]\nretry_ladder.BUSY = [10, 90]\n", 1));
    sandbox.call(&["busy-2"]);
    let instant = |text: &Value| text.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    for (id, minutes) in [(1, 60), (2, 10)] {
        let shown = sandbox.run(format!("show {id} --json")).expect_code(0).json();
        let wait = instant(&shown["scheduled_at"]) - instant(&shown["history"][0]["finished_at"]);
        assert_eq!(wait.num_minutes(), minutes, "{shown:#}");
    }
}

#[test]
fn the_ladder_of_each_reason_is_drawn_from_now() {
    let mut sandbox = Sandbox::new();
    sandbox.configure(&format!("[defaults]\n{LADDER}"));
    sandbox.set_now("2026-11-23T21:00:00Z");
    assert_data_eq!(
        sandbox.run("config explain retry -c acme").text(),
        str![[r#"
reason     call       delay  next call
busy          2      10 min  Mon 2026-11-23 16:10 EST
              3  1 h 30 min  Tue 2026-11-24 09:00 EST
no_answer     2         1 d  Tue 2026-11-24 16:00 EST
              3         1 d  Wed 2026-11-25 16:00 EST
(others)      2       5 min  Mon 2026-11-23 16:05 EST
              3      15 min  Mon 2026-11-23 16:20 EST
--- exit 0

"#]]
    );
    let steps = sandbox.run("config explain retry --json").expect_code(0).json();
    assert_eq!(steps.as_array().unwrap().len(), 4, "the list of acme is its own: {steps}");
    assert_eq!((&steps[1]["delay_minutes"], &steps[1]["call"]), (&90.0.into(), &3.into()));
    sandbox.configure("[defaults]\nmax_retries = 0\n");
    let none = sandbox.run("config explain retry").expect_code(0);
    assert!(none.stderr.contains("No retries: `max_retries` is 0."), "{none}");
    sandbox.run("config explain colours").expect_code(2);
}

#[test]
fn the_preset_spaces_retries_and_passes_its_own_check() {
    let mut sandbox = Sandbox::new();
    let path = sandbox.path("new.toml");
    sandbox.run(format!("config init --preset respectful --config {}", path.display())).expect_code(0);
    sandbox.set("CALLQ_CONFIG", &path);
    for (key, value) in [
        ("max_retries", "5"),
        ("retry_delays", "[120, 240, 1440]"),
        ("retry_multiplier", "1.0"),
        ("retry_ladder.busy", "[10, 30, 120, 1440]"),
        ("retry_ladder.voicemail", "[240, 1440]"),
        ("retry_ladder.declined", "[1440]"),
        ("retry_jitter", "0.1"),
    ] {
        assert_eq!(sandbox.run(format!("config get {key}")).expect_code(0).stdout, format!("{value}\n"), "{key}");
    }
    let checked = sandbox.run("config check").expect_code(0).stdout;
    assert!(checked.contains("`retry_ladder.busy`: call 4, 2 h 40 min after the first, is one too many"), "{checked}");
    assert!(!checked.contains("never ends in the client's hours"), "{checked}");
}

#[test]
fn a_ladder_is_set_by_reason_and_held_against_the_hours() {
    let sandbox = Sandbox::new();
    sandbox.run("config set -c acme retry_ladder.busy 10m,10h").expect_code(0);
    let file = fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    assert!(file.contains("retry_ladder.busy = [10, 600]"), "{file}");
    for words in ["config check --json", "rules check -c acme --json"] {
        let rows = sandbox.run(words).expect_code(0).json();
        let told = "client `acme`: a delay of 10 h in `retry_ladder.busy` never ends in the client's hours: the call \
                    waits until they open";
        assert!(rows.as_array().unwrap().iter().any(|row| row["detail"] == told), "{words}: {rows:#}");
    }
    let wrong = sandbox.run(["config", "set", "retry_ladder.busy", "soon"]);
    assert!(wrong.code == 2 || wrong.code == 5, "{wrong}");
    assert!(wrong.stderr.contains("retry_ladder.busy"), "{wrong}");
    let reason = sandbox.run(["config", "set", "retry_ladder.a b", "5"]);
    assert!(reason.stderr.contains("names no reason: expected busy, no_answer"), "{reason}");
}
