//! Outputs that were added lately, on terminals, with wide letters and in a pipe: what fits stands in its
//! columns, and a pipe gets no escape codes, and with `NO_COLOR` nothing has a color.

use crate::support::{Sandbox, Terminal};

/// What is shown as a table.
const TABLES: [&str; 9] = [
    "status",
    "calls",
    "list --callbacks",
    "events list",
    "client list",
    "consent list",
    "holidays",
    "stats --by day",
    "log",
];

/// What is shown as lines of words, which a terminal may break.
const WORDS: [&str; 9] = [
    "why",
    "dnc list",
    "forecast",
    "client show 東京商会",
    "rules list",
    "rules show us-federal",
    "rules for +12125550117",
    "dnc status +12125550117",
    "receipt 1",
];

/// A queue with wide letters in every name.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::simulating();
    sandbox.set_now("2026-11-23T15:00:00Z");
    for (lead, phone) in [("山田太郎様のご自宅", "+12125550117"), ("plain", "+13055550123")] {
        sandbox.run(["add", "-c", "東京商会", lead, "--phone", phone]).expect_code(0);
        sandbox.run(["add", "-c", "acme", &format!("{lead}-2"), "--at", "2026-11-24T16:00:00Z"]).expect_code(0);
    }
    sandbox.run("process -q").expect_code(0);
    sandbox.run(["callback", "plain-2", "2026-11-24 15:30"]).expect_code(0);
    sandbox.run(["dnc", "add", "+12125550199", "--reason", "お電話はご遠慮ください"]).expect_code(0);
    sandbox.run("consent add +12125550117 -c acme --kind written --at 2026-11-20 --proof 同意書-7781").expect_code(0);
    sandbox
}

/// The columns that a line takes: two for a wide letter.
fn width(line: &str) -> usize {
    line.chars().map(|letter| if ('\u{2e80}'..='\u{ffdc}').contains(&letter) { 2 } else { 1 }).sum()
}

#[test]
fn tables_fit_terminals_of_80_and_120_columns() {
    let sandbox = sandbox();
    let mut wide = Vec::new();
    for command in TABLES {
        let words: Vec<&str> = command.split(' ').collect();
        for columns in [80, 120] {
            let terminal = Terminal { now: "2026-11-23T15:00:00Z", ..Terminal::of(columns, 24) };
            let shown = terminal.run(&sandbox, &words);
            assert_eq!(shown.code, 0, "{command}: {}", shown.err);
            let lines = shown.out.lines().filter(|line| width(line) > columns);
            wide.extend(lines.map(|line| format!("{command} at {columns}: {line}")));
        }
    }
    assert!(wide.is_empty(), "\n{}", wide.join("\n"));
}

#[test]
fn rows_fit_a_terminal_of_40_columns() {
    let sandbox = sandbox();
    for command in ["calls", "log", "client list", "events list", "list --callbacks", "holidays", "why 1"] {
        let words: Vec<&str> = command.split(' ').collect();
        let terminal = Terminal { now: "2026-11-23T15:00:00Z", ..Terminal::of(40, 24) };
        let shown = terminal.run(&sandbox, &words);
        // A sentence above the table is broken by the terminal.
        let rows = shown.out.lines().skip(usize::from(command == "why 1"));
        let wide: Vec<&str> = rows.filter(|line| width(line) > 40).collect();
        assert!(wide.is_empty(), "{command}: {wide:#?}");
    }
}

#[test]
fn a_pipe_has_no_escape_codes_and_no_color_no_color() {
    let mut sandbox = sandbox();
    for command in TABLES.into_iter().chain(WORDS) {
        let piped = sandbox.run(command);
        assert!(!piped.stdout.contains('\u{1b}') && !piped.stderr.contains('\u{1b}'), "{command}: {piped}");
    }
    sandbox.set("NO_COLOR", "1");
    for command in TABLES.into_iter().chain(WORDS) {
        let words: Vec<&str> = command.split(' ').collect();
        let shown = Terminal::of(80, 24).run(&sandbox, &words);
        assert!(!shown.out.contains("\u{1b}[3") && !shown.out.contains("\u{1b}[9"), "{command}: {}", shown.out);
    }
}
