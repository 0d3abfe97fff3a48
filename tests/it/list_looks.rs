//! How `callq list` looks: on terminals of every width, and what it tells of a list that was cut.

use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, Terminal, has_real_terminals, on_a_real_terminal};

#[test]
fn a_list_that_was_cut_says_so_and_a_whole_one_does_not() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults.dispatch]\nkind = \"simulate\"\n");
    let leads: String = (1..=1_234).map(|number| format!("lead-{number}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f -", leads).expect_code(0);
    sandbox.run("add -c beta lead -p low").expect_code(0);
    let told = |line: &str| sandbox.run(format!("list {line}")).expect_code(0).stderr;
    assert_eq!(told(""), "showing 50 of 1,235\n");
    assert_eq!(told("--json -c acme"), "showing 50 of 1,234\n");
    assert_eq!(told("--sort id --reverse --after 900 --limit 2"), "showing 2 of 1,235\n");
    assert_eq!(told("-c acme -p normal --status pending,failed --limit 7"), "showing 7 of 1,234\n");
    // To count what matches a text would read everything.
    assert_eq!(told("--search lead-1 --limit 5"), "showing the first 5; `--limit 0` shows all\n");
    for whole in ["-q", "--limit 0", "-c beta", "-p low --limit 1", "--search lead-123", "--limit 1235"] {
        assert_eq!(told(whole), "", "{whole}");
    }
}

#[test]
fn a_narrow_terminal_keeps_what_says_most() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme lead-1 --phone +12125550101 --at 2026-11-24T16:00:00Z").expect_code(0);
    let header = |columns| {
        let shown = Terminal::of(columns, 24).run(&sandbox, &["list"]);
        assert_eq!(shown.code, 0, "{}", shown.err);
        assert!(shown.out.lines().all(|line| line.chars().count() <= columns), "{}", shown.out);
        shown.out.lines().next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(header(200), "id client lead priority status next call when retries phone reason");
    assert_eq!(header(80), "id client lead priority status next call when retries");
    assert_eq!(header(60), "id lead priority status next call when");
    assert_eq!(header(40), "id lead status when");
}

#[test]
fn long_values_are_cut_on_a_terminal_and_never_in_a_pipe() {
    let sandbox = Sandbox::new();
    let lead = format!("東京{}", "x".repeat(200));
    sandbox.run(["add", "-c", "acme", &lead, "--meta", &format!("note={}", "y".repeat(300))]).expect_code(0);
    let words = ["list", "--columns", "id,lead,metadata"];
    for columns in [40, 80, 200] {
        let shown = Terminal::of(columns, 24).run(&sandbox, &words);
        assert_eq!(shown.code, 0, "{}", shown.err);
        let row = shown.out.lines().nth(1).unwrap();
        assert!(row.chars().count() <= columns && row.matches('…').count() == 2 && row.contains("東京"), "{row}");
    }
    let piped = sandbox.run(words).expect_code(0).stdout;
    assert!(piped.contains(&lead) && piped.contains(&"y".repeat(300)), "{piped}");
}

#[test]
fn a_real_terminal_is_colored_unless_its_user_wants_none() {
    let mut sandbox = Sandbox::simulating();
    sandbox.run("add -c acme lead-1").expect_code(0);
    if !has_real_terminals() {
        return;
    }
    let seen = |sandbox: &Sandbox, words: &str| on_a_real_terminal(sandbox, 80, words);
    let commands = ["list", "show 1", "stats", "stats --by hour", "process", "why 1", "doctor", "list --nonsense"];
    sandbox.set("TERM", "xterm");
    for words in ["list", "show 1", "stats"] {
        assert!(seen(&sandbox, words).contains("\u{1b}[1m"), "{words}");
    }
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        sandbox.set(name, value);
        for words in commands {
            let text = seen(&sandbox, words);
            assert!(!text.is_empty() && !text.contains('\u{1b}'), "{name}, {words}: {text:?}");
        }
        sandbox.unset(name);
        sandbox.set("TERM", "xterm");
    }
}

#[test]
fn letters_of_any_width_keep_the_columns_straight() {
    let sandbox = Sandbox::new();
    // What a terminal gives each of them: marks take no column of their own, wide letters take two.
    let leads = [
        ("plain", 5),
        ("東京タワー", 10),
        ("e\u{301}e\u{301}", 2),
        ("नमस्ते", 4),
        ("สวัสดี", 4),
        ("\u{1f468}", 2),
        ("ﾊﾟ", 2),
    ];
    for (lead, _) in leads {
        sandbox.run(["add", "-c", "acme", lead]).expect_code(0);
    }
    let words = ["list", "--sort", "id", "--columns", "lead,status"];
    let terminal = Terminal::of(40, 24).run(&sandbox, &words);
    assert_eq!(terminal.code, 0, "{}", terminal.err);
    for text in [terminal.out, sandbox.run(words).expect_code(0).stdout] {
        for ((lead, width), line) in leads.iter().zip(text.lines().skip(1)) {
            let gap = line.strip_prefix(lead).unwrap().find("pending").unwrap();
            assert_eq!(width + gap, 12, "{lead}: {text}");
        }
    }
}

#[test]
fn a_table_has_the_clients_local_time() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults.dispatch]\nkind = \"simulate\"\n");
    sandbox.run("add -c acme lead-1 --phone +12125550101").expect_code(0);
    sandbox.run("add -c acme lead-2 -p high --at 2026-11-24T16:00:00Z").expect_code(0);
    sandbox.run("add -c beta lead-1 -p low").expect_code(0);
    assert_data_eq!(
        sandbox.run("list").text(),
        str![[r#"
id  client  lead    priority  status     next call             retries  phone         reason
 1  acme    lead-1  normal    pending    2026-11-23 10:00 EST      0/3  +12125550101  -
 3  beta    lead-1  low       scheduled  2026-11-23 12:00 EST      0/3  -             -
 2  acme    lead-2  high      scheduled  2026-11-24 11:00 EST      0/3  -             -
--- exit 0

"#]]
    );
    assert_data_eq!(
        sandbox.run("list -c beta --columns id,lead_id,scheduled_at").text(),
        str![[r#"
id  lead    scheduled
 3  lead-1  2026-11-23 12:00 EST
--- exit 0

"#]]
    );
}
