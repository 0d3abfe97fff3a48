//! `callq stats` again and again, and its pictures on a terminal.

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Running, Sandbox, Terminal};

/// Thirty leads that have been called, a third of them in Los Angeles.
fn called() -> Sandbox {
    let mut sandbox = Sandbox::simulating();
    let leads: String = (0..30)
        .map(|number| {
            let zone = if number % 3 == 0 { "America/Los_Angeles" } else { "" };
            format!("lead-{number},{zone}\n")
        })
        .collect();
    sandbox.run_with_input("schedule-batch -c acme -f -", format!("lead_id,timezone\n{leads}")).expect_code(0);
    sandbox.set_now("2026-11-23T20:00:00Z");
    sandbox.run("process").expect_code(0);
    sandbox
}

fn stopped(mut running: Running, pages: usize) -> String {
    let mut read = String::new();
    while read.matches("attempts an hour").count() + read.matches("\"total_items\"").count() < pages {
        read.push_str(&running.next_line());
    }
    running.signal(Signal::INT);
    let end = running.finish().expect_code(130);
    assert_eq!(end.stderr.matches("ended by signal 2").count(), 1, "{end}");
    read
}

#[test]
fn without_a_terminal_pages_follow_one_another_until_ctrl_c() {
    let sandbox = called();
    let once = sandbox.run("stats").expect_code(0).stdout;
    let twice = stopped(sandbox.spawn("stats --watch=1s"), 2);
    let up_to = |text: &str| text.split("  attempts an hour").next().unwrap().to_owned();
    assert!(twice.starts_with(&up_to(&once)) && !twice.contains('\u{1b}'), "{twice}");
    assert!(twice.contains(&format!("\n\n{}", up_to(&once))), "an empty line, and the same again: {twice}");

    let lines = stopped(sandbox.spawn("stats --watch=1s --json"), 2);
    for line in lines.lines() {
        assert_eq!(serde_json::from_str::<Value>(line).unwrap()["total_items"], 30, "{line}");
    }
    sandbox.run("stats --watch=0s").expect_code(2);
}

#[test]
fn on_a_terminal_a_page_takes_the_place_of_the_one_before() {
    let sandbox = called();
    let shown = Terminal { waits: 4, ..Terminal::of(100, 50) }.run(&sandbox, &["stats", "--watch=1s"]);
    assert_eq!(shown.out.matches("\u{1b}[H").count(), 2, "a wait is half a second: {}", shown.out);
    assert_eq!(shown.out.matches("\u{1b}[2J").count(), 1, "the screen is emptied once: {}", shown.out);
    assert!(shown.out.ends_with("\u{1b}[J\u{1b}[?7h\n"), "the prompt comes below: {}", shown.out);
    assert_eq!(shown.code, 130, "{}", shown.err);

    let dumb = Terminal { waits: 4, is_dumb: true, ..Terminal::of(100, 50) }.run(&sandbox, &["stats", "--watch=1s"]);
    assert!(!dumb.out.contains('\u{1b}') && dumb.out.matches("all clients").count() == 2, "{}", dumb.out);
    let json = Terminal { waits: 4, ..Terminal::of(100, 50) }.run(&sandbox, &["stats", "--watch=1s", "--json"]);
    assert!(json.out.lines().count() == 2 && json.out.lines().all(|line| line.starts_with('{')), "{}", json.out);
}

#[test]
fn a_database_that_goes_away_ends_it() {
    let sandbox = called();
    let mut running = sandbox.spawn("stats --watch=1s --json");
    running.next_line();
    std::fs::remove_file(sandbox.database()).unwrap();
    let end = running.finish().expect_code(1);
    assert!(end.stderr.contains("queue.db"), "{end}");
}

#[test]
fn hours_are_a_map_of_the_week_by_the_clock_of_the_lead() {
    let sandbox = called();
    let rows = sandbox.run("stats --by hour --json").expect_code(0).json()["by"].clone();
    let row = |row: &Value| format!("{} {} {}", row["weekday"], row["key"], row["finished"]);
    let rows: Vec<String> = rows.as_array().unwrap().iter().map(row).collect();
    assert_eq!(rows[0], r#""Mon" "12" 10"#, "noon in Los Angeles");
    assert_eq!(rows[1], r#""Mon" "20" 20"#, "the client's clock shows UTC");
    let shown = Terminal::of(80, 24).run(&sandbox, &["stats", "--by", "hour"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert_eq!(shown.err, "");
    let map: Vec<&str> = shown.out.lines().skip_while(|line| !line.contains("Mon        Tue")).collect();
    assert!(map[1].starts_with("12 ··") && map[1].ends_with(" 10"), "{map:?}");
    assert!(map[9].starts_with("20 ··") && map[9].ends_with(" 20"), "{map:?}");
    assert_eq!(map[map.len() - 2..], ["· fewer than 30 calls: no rate", "no hour surely differs from the others yet"]);
}

#[test]
fn every_breakdown_has_each_attempt_in_one_row_also_since_a_time() {
    let sandbox = called();
    for by in ["client", "priority", "hour", "weekday", "day", "reason", "attempt"] {
        for since in [&[][..], &["--since", "7d"], &["--since", "2026-11-23 00:00"], &["--since", "19:59"]] {
            let words = [&["stats", "--by", by, "--json"][..], since].concat();
            let stats = sandbox.run(&words).expect_code(0).json();
            let rows = stats["by"].as_array().unwrap();
            let attempts: u64 = rows.iter().map(|row| row["attempts"].as_u64().unwrap()).sum();
            assert_eq!((attempts, &stats["attempts"]["total"]), (30, &30.into()), "{words:?}");
            let table =
                sandbox.run(words.iter().filter(|word| **word != "--json").collect::<Vec<_>>()).expect_code(0).stdout;
            assert!(table.contains("by ") && !table.contains('\u{1b}') && !table.contains('█'), "{table}");
        }
    }
    let later = sandbox.run("stats --by hour --json --since now").expect_code(0).json();
    assert_eq!(later["attempts"]["total"], 30, "an attempt of this instant counts");
}

#[test]
fn a_part_is_half_open_and_its_words_look_back() {
    let sandbox = called();
    let total = |line: &str| {
        sandbox.run(format!("stats --json {line}")).expect_code(0).json()["attempts"]["total"].as_u64().unwrap()
    };
    let all = total("");
    assert!(all > 0);
    for (line, expected) in [
        ("--since 2026-11-23T20:00:00Z", all),
        ("--since 2026-11-23T20:00:00Z --until 2026-11-23T20:00:00.001Z", all),
        ("--until 2026-11-23T20:00:00Z", 0),
        ("--since yesterday --until today", 0),
        ("--since monday", all),
        ("--since today --until now -c acme", 0),
        ("--until tomorrow --by day", all),
    ] {
        assert_eq!(total(line), expected, "callq stats {line}");
    }
    for (line, message) in [
        (
            "--since today --until yesterday",
            "--until: that time is not after --since: Sun 2026-11-22 00:00 UTC, and --since is Mon 2026-11-23 00:00 UTC",
        ),
        ("--since tomorrow", "--since: that time is still to come: Tue 2026-11-24 00:00 UTC"),
        (
            "--by meta.",
            "unknown breakdown `meta.`: expected client, priority, hour, weekday, day, reason, attempt, zone, \
            number, meta.K",
        ),
    ] {
        let refused = sandbox.run(format!("stats {line}")).expect_code(2);
        assert!(refused.stderr.contains(message), "{line}: {refused}");
    }
}

#[test]
fn metrics_are_as_promtool_wants_them() {
    let sandbox = called();
    let all = sandbox.run("stats --format openmetrics").expect_code(0).stdout;
    assert!(all.contains("# TYPE callq_attempts_total counter\ncallq_attempts_total{outcome=\"completed\"} "), "{all}");
    assert!(all.contains("\ncallq_items{status=\"completed\"} ") && all.ends_with('\n'), "{all}");
    let of_client = sandbox.run("stats -c acme --format openmetrics").expect_code(0).stdout;
    assert!(of_client.contains("\ncallq_items{client=\"acme\",status=\"pending\"} "), "{of_client}");
    for line in ["list", "calls", "log", "process", "config list", "stats --watch", "why 1"] {
        sandbox.run(format!("{line} --format openmetrics")).expect_code(2);
    }
    if crate::support::is_installed("promtool") {
        for metrics in [all, of_client] {
            sandbox.run_program("promtool", ["check", "metrics"], metrics).expect_code(0);
        }
    }
}

#[test]
fn calls_are_broken_down_by_metadata_zone_and_number() {
    let sandbox = Sandbox::simulating();
    for (lead, campaign, phone) in [("a", "spring", "+12125550101"), ("b", "spring", "+12125550102")] {
        sandbox.run(format!("add -c acme {lead} --meta campaign={campaign} --phone {phone}")).expect_code(0);
    }
    sandbox.run("add -c acme c --timezone Europe/Berlin").expect_code(0);
    sandbox.run("process").expect_code(0);
    let rows = |by: &str| -> Vec<(String, u64, u64)> {
        let figures = sandbox.run(format!("stats --by {by} --json")).expect_code(0).json();
        let row = |row: &serde_json::Value| {
            let count = |name: &str| row[name].as_u64().unwrap();
            (row["key"].as_str().unwrap().to_owned(), count("items"), count("attempts"))
        };
        figures["by"].as_array().unwrap().iter().map(row).collect()
    };
    let named = |rows: &[(&str, u64, u64)]| -> Vec<(String, u64, u64)> {
        rows.iter().map(|(key, items, attempts)| ((*key).to_owned(), *items, *attempts)).collect()
    };
    assert_eq!(rows("meta.campaign"), named(&[("spring", 2, 2), ("(none)", 1, 1)]));
    assert_eq!(rows("zone"), named(&[("America/New_York", 2, 2), ("Europe/Berlin", 1, 1)]));
    assert_eq!(rows("number"), named(&[("(none)", 1, 1), ("+12125550101", 1, 1), ("+12125550102", 1, 1)]));
    let csv = sandbox.run("stats --by zone --format csv").expect_code(0).stdout;
    assert!(
        csv.starts_with("key,weekday,items,attempts,finished,completed,answer_rate\r\nAmerica/New_York,,2,2,"),
        "{csv}"
    );
    assert!(sandbox.run("stats --format csv").expect_code(0).stdout.starts_with("figure,value\r\n"));
    for wrong in ["meta.", "colour"] {
        sandbox.run(format!("stats --by {wrong}")).expect_code(2);
    }
}
