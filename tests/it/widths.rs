//! What people read, on terminals of 40, 80 and 120 columns, with wide letters and in a pipe: rows stand in their columns,
//! sentences are broken between words, a pipe gets whole lines without escape codes, and with `NO_COLOR` nothing has a
//! color.

use crate::support::{Sandbox, Shown, Terminal, has_real_terminals, on_a_real_terminal};

/// What is shown as a table with one row of titles, and nothing above it.
const TABLES: [&str; 13] = [
    "list",
    "list --callbacks",
    "calls",
    "log",
    "events list",
    "client list",
    "holidays -c 東京商会",
    "rules list",
    "dnc check +12125550199 +12125550117",
    "dnc status",
    "config list",
    "config list -c 東京商会",
    "config explain retry -c 東京商会",
];

/// A table whose columns a person has chosen: where they have no room, a row takes several lines.
const CHOSEN: &str = "list --columns id,lead,client,phone,next_call_at,created_at,meta.city";

/// What is shown as lines of words, or as words above and below a table.
const WORDS: [&str; 53] = [
    "status",
    "status -c 東京商会",
    "why",
    "why 1",
    "why 6",
    "why +12125550117",
    "show 1",
    "show 2",
    "show 5",
    "stats",
    "stats -c 東京商会",
    "stats --by day",
    "stats --by hour",
    "stats --by zone",
    "stats --by number",
    "stats --by meta.city",
    "forecast",
    "forecast -c 東京商会",
    "hours",
    "hours -c 東京商会",
    "number +442079460018",
    "receipt 1",
    "receipt 2",
    "rules show us-federal",
    "rules show us-ca-ai",
    "rules for +12125550117",
    "rules for --region US-CA",
    "rules check",
    "dnc list",
    "consent list",
    "config check",
    "config get law.caps",
    "config explain retry -c acme",
    "doctor",
    "list --held",
    "list --lead plain",
    "list --lead nobody",
    "process --dry-run",
    "process",
    "cancel 3 --dry-run",
    "cancel --all --dry-run",
    "retry 1",
    "update 3 --at 3:30pm",
    "update 3 --priority urgent",
    "reschedule --dry-run",
    "prune --older-than 0s --dry-run",
    "pause -c 東京商会 --until tomorrow",
    "pause --reason おやすみなさい",
    "resume",
    "add -c 東京商会 御社の担当者様 --phone +13055550124",
    "callback 4 13:45",
    "report 1 --outcome failed",
    "events deliver",
];

/// Questions before a change, and how to select what they are about.
const QUESTIONS: [&str; 4] = ["cancel -c 東京商会", "cancel --all", "retry --status failed", "prune --older-than 0s"];

const NOW: &str = "2026-11-23T15:00:00Z";

/// A queue with wide letters, combining marks and a picture in its names.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::simulating();
    let config = std::fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    let hook = "[[hooks]]\nevents = [\"item.added\", \"call.finished\"]\ncommand = [\"/bin/false\"]\n";
    sandbox.configure(&format!(
        "{config}\n[clients.\"東京商会\"]\ntimezone = \"Asia/Tokyo\"\nholidays = [\"2026-11-27\", \"12-25\"]\n{hook}"
    ));
    sandbox.set_now(NOW);
    for (lead, phone, city) in [
        ("山田太郎様のご自宅", "+12125550117", "東京都"),
        ("cafe\u{301} Zoe\u{308}", "+13055550123", "Orle\u{301}ans"),
        ("\u{1f4de} office", "+12065550143", "Ünïcödé"),
    ] {
        sandbox
            .run(["add", "-c", "東京商会", lead, "--phone", phone, "--meta", &format!("city={city}")])
            .expect_code(0);
        sandbox.run(["add", "-c", "acme", &format!("{lead}-2"), "--at", "2026-11-24T16:00:00Z"]).expect_code(0);
    }
    sandbox.run(["add", "-c", "Zoe\u{301} & Söhne", "plain", "--phone", "+16175550145"]).expect_code(0);
    sandbox.run("process -q").expect_code(0);
    sandbox.run(["callback", "\u{1f4de} office-2", "2026-11-24 15:30"]).expect_code(0);
    sandbox.run(["dnc", "add", "+12125550199", "--reason", "お電話はご遠慮ください"]).expect_code(0);
    sandbox.run("consent add +12125550117 -c acme --kind written --at 2026-11-20 --proof 同意書-7781").expect_code(0);
    sandbox.run_with_input("dnc import us-national -f - --as-of 2026-09-01", "+12125550198\n").expect_code(0);
    sandbox
}

fn at(sandbox: &Sandbox, columns: usize, command: &str) -> Shown {
    let words: Vec<&str> = command.split(' ').collect();
    Terminal { now: NOW, typed: "n\n", ..Terminal::of(columns, 24) }.run(sandbox, &words)
}

/// The columns that a letter takes on a terminal.
fn width_of(letter: char) -> usize {
    match letter {
        '\u{300}'..='\u{36f}' => 0,
        '\u{2e80}'..='\u{ffdc}' | '\u{1f300}'..='\u{1f6ff}' => 2,
        _ => 1,
    }
}

fn width(line: &str) -> usize {
    line.chars().map(width_of).sum()
}

/// Whether nothing could break a line: it is one word, or one command in backquotes.
fn is_one_word(line: &str) -> bool {
    let line = line.trim();
    !line.contains(' ') || (line.matches('`').count() == 2 && line.starts_with('`'))
}

/// The lines that are wider than the terminal although they could be broken.
fn wide_lines(sandbox: &Sandbox, commands: &[&str], columns: usize) -> Vec<String> {
    let mut wide = Vec::new();
    for command in commands {
        let shown = at(&sandbox.copy(), columns, command);
        assert!(matches!(shown.code, 0 | 3 | 4 | 5), "{command}: {}", shown.err);
        let lines = shown.out.lines().chain(shown.err.lines());
        let lines = lines.filter(|line| width(line) > columns && !is_one_word(line));
        wide.extend(lines.map(|line| format!("{command} at {columns}: {line}")));
    }
    wide
}

#[test]
fn nothing_is_wider_than_a_terminal() {
    let sandbox = sandbox();
    let commands = [&TABLES[..], &WORDS, &QUESTIONS, &[CHOSEN]].concat();
    let wide: Vec<String> =
        [40, 80, 120].into_iter().flat_map(|columns| wide_lines(&sandbox, &commands, columns)).collect();
    assert!(wide.is_empty(), "\n{}", wide.join("\n"));
}

/// The display columns of a line that hold nothing.
fn blanks(line: &str, columns: usize) -> Vec<bool> {
    let mut blanks: Vec<bool> = line.chars().flat_map(|letter| vec![letter == ' '; width_of(letter)]).collect();
    blanks.resize(columns, true);
    blanks
}

/// The gaps of two columns or more that all lines share, without the one behind the last column.
fn shared_gaps(lines: &[&str]) -> usize {
    let columns = lines.iter().map(|line| width(line)).max().unwrap_or_default();
    let shared = lines.iter().fold(vec![true; columns], |shared, line| {
        shared.iter().zip(blanks(line, columns)).map(|(before, blank)| *before && blank).collect()
    });
    let runs: Vec<usize> = shared.split(|blank| !blank).map(<[bool]>::len).collect();
    runs.iter().take(runs.len().saturating_sub(1)).filter(|run| **run >= 2).count()
}

#[test]
fn every_column_stands_in_the_same_place_in_every_row() {
    let (sandbox, mut crooked) = (sandbox(), Vec::new());
    for command in TABLES.into_iter().chain([CHOSEN]) {
        for columns in [40, 80, 120].into_iter().filter(|columns| command != CHOSEN || *columns > 40) {
            let shown = at(&sandbox, columns, command);
            assert!(matches!(shown.code, 0 | 4), "{command}: {}", shown.err);
            let lines: Vec<&str> = shown.out.lines().take_while(|line| !line.starts_with("next call: ")).collect();
            let lines: Vec<&str> = lines.into_iter().filter(|line| !line.starts_with("holiday: ")).collect();
            let titles =
                lines.first().map_or(0, |line| line.trim().split("  ").filter(|title| !title.is_empty()).count());
            if lines.len() < 2 || titles < 2 || shared_gaps(&lines) < titles - 1 {
                crooked.push(format!("{command} at {columns}:\n{}", shown.out));
            }
        }
    }
    assert!(crooked.is_empty(), "\n{}", crooked.join("\n"));
}

#[test]
fn a_terminal_breaks_a_sentence_between_words_and_a_pipe_gets_it_whole() {
    let mut sandbox = sandbox();
    let later = "2026-11-26T15:00:00Z";
    sandbox.run("add -c acme late").expect_code(0);
    sandbox.set_now(later);
    let sentence = "No run for 3 d with 5 due: is cron or watch running?\n";
    assert!(sandbox.run("status").stdout.contains(sentence), "{}", sandbox.run("status"));
    let words = ["status"];
    let shown = Terminal { now: later, ..Terminal::of(40, 24) }.run(&sandbox, &words);
    assert!(shown.out.contains("No run for 3 d with 5 due: is cron or\n  watch running?\n"), "{}", shown.out);
    let page = Terminal { now: later, ..Terminal::of(40, 24) }.run(&sandbox, &["status", "--watch"]).out;
    assert!(page.contains("is cron or\u{1b}[K\n  watch running?\u{1b}[K\n"), "{page:?}");
    let hint = "hint: a whole number is an item id:\n  write phone:2125550101 or lead:2125550101\n";
    assert!(Terminal::of(45, 24).run(&sandbox, &["why", "2125550101"]).err.ends_with(hint));
    assert_eq!(sandbox.run("why 2125550101").stderr.lines().count(), 2);
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
        let shown = at(&sandbox, 80, command);
        assert!(!shown.out.contains("\u{1b}[3") && !shown.out.contains("\u{1b}[9"), "{command}: {}", shown.out);
    }
}

#[test]
fn a_live_line_of_a_run_takes_one_row() {
    if !has_real_terminals() {
        return;
    }
    let mut sandbox = Sandbox::simulating();
    sandbox.set("TERM", "xterm");
    for client in ["東京商会", "a client whose name is long enough to fill it"] {
        sandbox.run(["add", "-c", client, "lead"]).expect_code(0);
    }
    let seen = on_a_real_terminal(&sandbox, 40, "process");
    let drawn = seen.split("SIMULATED").next().unwrap();
    // Between two movements of the cursor.
    let rows: Vec<&str> = drawn.split(['\r', '\n']).flat_map(|row| row.split("\u{1b}[2K")).collect();
    assert!(rows.iter().any(|row| row.contains("東京商会  1 in progress")), "{seen:?}");
    // Each begins with a picture that turns round.
    let rows = rows
        .iter()
        .flat_map(|row| row.split(|letter| letter == '\u{1b}' || ('\u{2800}'..='\u{28ff}').contains(&letter)));
    let wide: Vec<&str> = rows.filter(|row| width(row) > 40).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}
