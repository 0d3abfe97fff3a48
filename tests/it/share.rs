//! Shares: how a limit that clients share is divided among them.

use crate::support::Sandbox;

const LEADS: usize = 20;

/// Acme with this share, and globex, each with the same leads.
fn sandbox_with(share: &str) -> Sandbox {
    let mut sandbox = Sandbox::simulating();
    let dispatch = format!(
        "kind = \"simulate\"\n[clients.acme]\nmax_concurrent = 10\nshare = {share}\n[clients.globex]\nmax_concurrent = 10"
    );
    sandbox.open_with(&dispatch);
    for client in ["acme", "globex"] {
        let leads: String = (0..LEADS).map(|n| format!("{client}-{n}\n")).collect();
        sandbox.run_with_input(["schedule-batch", "-c", client, "-"], format!("lead_id\n{leads}")).expect_code(0);
    }
    sandbox
}

/// The calls of acme and of globex that a run reports.
fn calls(sandbox: &Sandbox, line: &str) -> [u64; 2] {
    let report = sandbox.run(line).expect_code(0).json();
    let of = |client: &str| {
        let clients = report["clients"].as_array().unwrap();
        clients.iter().find(|row| row["client_id"] == client).map_or(0, |row| row["processed"].as_u64().unwrap())
    };
    ["acme", "globex"].map(of)
}

/// The clients whose items a run would call, in its order.
fn named(sandbox: &Sandbox, limit: usize) -> Vec<String> {
    let rows = sandbox.run(format!("process --dry-run --json --limit {limit}")).expect_code(0).json();
    rows.as_array().unwrap().iter().map(|row| row["client_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_limit_of_a_run_is_divided_by_shares() {
    let sandbox = sandbox_with("3");
    assert_eq!(named(&sandbox, 8), ["acme", "globex", "acme", "acme", "globex", "acme", "acme", "acme"]);
    assert_eq!(calls(&sandbox, "process --json --limit 8"), [6, 2]);
    // The next runs go on where this one ended, also one by one.
    let one_by_one = (0..4).map(|_| calls(&sandbox, "process --json --limit 1"));
    assert_eq!(one_by_one.fold([0, 0], |sum, [a, b]| [sum[0] + a, sum[1] + b]), [3, 1]);
}

#[test]
fn an_idle_client_saves_nothing_up() {
    let sandbox = sandbox_with("3");
    assert_eq!(calls(&sandbox, "process -c acme --json --limit 10"), [10, 0]);
    assert_eq!(named(&sandbox, 6), ["globex", "acme", "acme", "globex", "acme", "acme"]);
}

#[test]
fn equal_shares_take_turns() {
    let sandbox = sandbox_with("1");
    assert_eq!(calls(&sandbox, "process --json --limit 5"), [3, 2]);
    assert_eq!(named(&sandbox, 4), ["globex", "acme", "globex", "acme"]);
}

#[test]
fn a_share_is_set_shown_and_checked() {
    let sandbox = sandbox_with("1");
    sandbox.run("config set -c acme share 3").expect_code(0);
    assert_eq!(sandbox.run("config get -c acme share").expect_code(0).stdout, "3\n");
    assert_eq!(sandbox.run("config get -c globex share").expect_code(0).stdout, "1\n");
    for size in ["0", "101", "-1", "1.5", "two"] {
        let refused = sandbox.run(["config", "set", "-c", "acme", "share", "--", size]).expect_code(5);
        assert!(refused.stderr.contains("expected a whole number from 1 to 100"), "{refused}");
    }
    let check = sandbox.run("config check").expect_code(0);
    assert!(check.stdout.contains("client `acme`: `share` only divides `process --limit`"), "{check}");
}
