//! `-q` and `-v`, command by command: results stay the same, talk goes away or comes.

use crate::support::{Run, Sandbox};

/// Lines that are run one after the other, with standard input, and whether they say nothing at all when told to be quiet.
const LINES: &[(&str, &str, bool)] = &[
    ("add -c acme answered-1 --at 2026-11-23T15:00:00Z", "", false),
    ("schedule-batch -c acme a b c d", "", false),
    ("schedule-batch -c acme e --dry-run", "", false),
    ("schedule-batch -c acme -f - --invalid skip", "lead_id,priority\nf,\ng,soon\n", false),
    ("list", "", false),
    ("list --limit 1", "", false),
    ("show 1", "", false),
    ("why 1", "", false),
    ("update 2 --at +1h", "", false),
    ("cancel 3", "", false),
    ("retry 3", "", false),
    ("process --dry-run", "", false),
    ("process --limit 1", "", true),
    ("process", "", true),
    ("process -c acme", "", true),
    ("pause -c acme", "", false),
    ("resume", "", false),
    ("resume", "", false),
    ("stats", "", false),
    ("hours -c acme", "", false),
    ("config list", "", false),
    ("config get timezone", "", false),
    ("config set max_retries 4", "", false),
    ("config set max_retries 4", "", false),
    ("config unset max_retries", "", false),
    ("config path", "", false),
    ("config init --config config/new.toml", "", false),
    ("prune --older-than 1d", "", true),
    ("completions bash", "", false),
];

/// A sandbox on a clock that stands still, whose calls are played.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("USER", "ops");
    sandbox.configure("[defaults.dispatch]\nkind = \"simulate\"\n");
    sandbox
}

fn runs(flag: Option<&str>) -> Vec<Run> {
    let sandbox = sandbox();
    let run = |line: &str, input: &str| {
        sandbox
            .run_with_input(flag.into_iter().chain(line.split_whitespace()).collect::<Vec<_>>(), input)
            .expect_code(0)
    };
    LINES.iter().map(|(line, input, _)| run(line, input)).collect()
}

#[test]
fn a_quiet_command_gives_only_its_results() {
    for (((line, _, is_silent), plain), quiet) in LINES.iter().zip(runs(None)).zip(runs(Some("-q"))) {
        assert_eq!(quiet.stderr, "", "callq -q {line}");
        let result = if *is_silent { "" } else { &plain.stdout };
        assert_eq!(quiet.stdout, result, "callq -q {line}");
    }
}

#[test]
fn a_verbose_command_says_what_it_uses_before_all_else() {
    for (((line, ..), plain), verbose) in LINES.iter().zip(runs(None)).zip(runs(Some("-v"))) {
        let file = if line.contains("new.toml") { "config/new.toml (absent)" } else { "[FOLDER]/config/config.toml" };
        let clock = "clock: 2026-11-23T15:00:00.000Z, set by CALLQ_NOW\n";
        let places = format!("{clock}configuration: {file}\ndatabase: [FOLDER]/queue.db\n");
        let known = if line.contains("new.toml") { format!("{clock}configuration: {file}\n") } else { places };
        // A run also writes a line for each call, with the time of day on the client's clock.
        let (calls, said): (Vec<&str>, Vec<&str>) =
            verbose.stderr.split_inclusive('\n').partition(|line| line.starts_with("10:00:00 acme "));
        assert_eq!(said.concat(), format!("{known}{}", plain.stderr), "callq -v {line}");
        let is_run = line.starts_with("process") && !line.contains("--dry-run");
        assert!(calls.is_empty() || is_run, "callq -v {line}: {calls:?}");
        assert_eq!(verbose.stdout, plain.stdout, "callq -v {line}");
    }
}

#[test]
fn errors_are_told_however_quiet() {
    let sandbox = sandbox();
    sandbox.run("add -c acme a").expect_code(0);
    for (line, code) in
        [("show 9", 3), ("list --sort x", 2), ("cancel 9", 3), ("add -c acme a", 4), ("config get x", 2)]
    {
        let words = |flag| [flag].into_iter().chain(line.split_whitespace());
        let (quiet, plain) = (sandbox.run(words("-q").collect::<Vec<_>>()), sandbox.run(line).expect_code(code));
        assert_eq!(quiet, plain, "callq -q {line}");
    }
}
