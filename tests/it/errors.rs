//! Misuse of every command: exit 2, one error on standard error, nothing on standard output, no database made.

use serde_json::Value;

use crate::support::Sandbox;

const MISUSES: &[&[&str]] = &[
    &["--nonsense"],
    &["nonsense"],
    &["lst"],
    &["--format", "xml", "list"],
    &["--color", "sometimes", "list"],
    &["-q", "-v", "list"],
    // add
    &["add"],
    &["add", "lead"],
    &["add", "-c", "acme"],
    &["add", "-c", "", "lead"],
    &["add", "-c", "a\nb", "lead"],
    &["add", "-c", "acme", ""],
    &["add", "-c", "acme", "a\tb"],
    &["add", "-c", "acme", "a\u{7f}b"],
    &["add", "-c", "acme", LONG],
    &["add", "-c", "acme", "one", "two"],
    &["add", "-c", "acme", "lead", "-p", "soon"],
    &["add", "-c", "acme", "lead", "-p", ""],
    &["add", "-c", "acme", "lead", "--at", "someday"],
    &["add", "-c", "acme", "lead", "--at", ""],
    &["add", "-c", "acme", "lead", "--at", "2026-02-30"],
    &["add", "-c", "acme", "lead", "--at", "2026-03-08 02:30"],
    &["add", "-c", "acme", "lead", "--at", "2026-11-01 01:30"],
    &["add", "-c", "acme", "lead", "--at", "99999999-01-01"],
    &["add", "-c", "acme", "lead", "--expires", "25:00"],
    &["add", "-c", "acme", "lead", "--phone", "555 1234"],
    &["add", "-c", "acme", "lead", "--phone", "+1 ☎"],
    &["add", "-c", "acme", "lead", "--phone", ""],
    &["add", "-c", "acme", "lead", "--timezone", "Mars/Phobos"],
    &["add", "-c", "acme", "lead", "--timezone", ""],
    &["add", "-c", "acme", "lead", "--max-retries", "-1"],
    &["add", "-c", "acme", "lead", "--max-retries", "many"],
    &["add", "-c", "acme", "lead", "--max-retries", "99999999999"],
    &["add", "-c", "acme", "lead", "--meta", "novalue"],
    &["add", "-c", "acme", "lead", "--metadata", "{"],
    &["add", "-c", "acme", "lead", "--metadata", "[1]"],
    &["add", "-c", "acme", "lead", "--key", ""],
    &["add", "-c", "acme", "lead", "--if-exists", "shrug"],
    &["add", "-c", "acme", "lead", "--nonsense"],
    // schedule-batch
    &["schedule-batch", "lead"],
    &["schedule-batch", "-c", "acme", "a\tb"],
    &["schedule-batch", "-c", "acme", "lead", "-f", "leads.csv"],
    &["schedule-batch", "-c", "acme", "-f", "-", "--input", "xml"],
    &["schedule-batch", "-c", "acme", "lead", "--batch-size", "0"],
    &["schedule-batch", "-c", "acme", "lead", "--batch-interval", "soon"],
    &["schedule-batch", "-c", "acme", "lead", "--batch-interval", "5"],
    &["schedule-batch", "-c", "acme", "lead", "--at", "someday"],
    &["schedule-batch", "-c", "acme", "lead", "--invalid", "shrug"],
    // those that select
    &["list", "--status", "sleeping"],
    &["list", "--priority", "soon"],
    &["list", "--sort", "colour"],
    &["list", "--limit", "-1"],
    &["list", "--columns", "colour"],
    &["list", "--from", "someday"],
    &["list", "--after", "x"],
    &["list", "0"],
    &["show"],
    &["show", "lead:"],
    &["show", "0"],
    &["show", "5-3"],
    &["show", "1", "--all"],
    &["update"],
    &["update", "1"],
    &["update", "1", "-p", "soon"],
    &["update", "1", "--at", "someday"],
    &["update", "1", "--phone", "x"],
    &["update", "1", "--timezone", "Mars/Phobos"],
    &["update", "1", "--metadata", "nope"],
    &["cancel"],
    &["cancel", "0"],
    &["cancel", "--status", "sleeping"],
    &["cancel", "1", "--all"],
    &["retry"],
    &["retry", "9-1"],
    &["retry", "99999999999999999999"],
    // the rest
    &["process", "--limit", "few"],
    &["process", "--max-runtime", "long"],
    &["process", "--max-runtime", "-5m"],
    &["pause", "--until", "someday"],
    &["pause", "--until", "2020-01-01"],
    &["pause", "-c", ""],
    &["resume", "extra"],
    &["stats", "--by", "colour"],
    &["stats", "--since", "someday"],
    &["stats", "--since", "2999-01-01"],
    &["hours", "--timezone", ""],
    &["hours", "--days", "0"],
    &["why", "0"],
    &["config"],
    &["config", "nonsense"],
    &["config", "get"],
    &["config", "get", "colour"],
    &["config", "set", "timezone"],
    &["config", "set", "colour", "red"],
    &["config", "set", "-c", "acme", "database", "x.db"],
    &["config", "unset", "colour"],
    &["doctor", "extra"],
    &["prune"],
    &["prune", "--older-than", "long"],
    &["prune", "--older-than", "-5d"],
    &["prune", "--older-than", "5d", "--status", "gone"],
    &["prune", "--older-than", "5d", "--status", "failed,pending"],
    &["prune", "--older-than", "5d", "-c", ""],
    &["completions"],
    &["completions", "tcsh"],
];

/// A lead id of 257 bytes.
const LONG: &str = "lead-7890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890\
                    123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\
                    01234567890123456789012345678901234567890123456789012345678";

#[test]
fn a_misuse_is_one_error_for_people() {
    let sandbox = Sandbox::new();
    assert_eq!(LONG.len(), 257);
    let wrong: Vec<String> = MISUSES.iter().filter_map(|arguments| fault_for_people(&sandbox, arguments)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with the answer to a misuse.
fn fault_for_people(sandbox: &Sandbox, arguments: &[&str]) -> Option<String> {
    let run = sandbox.run(arguments);
    let errors = run.stderr.lines().filter(|line| line.starts_with("error: ")).count();
    // Help is shown where no command is named; else there is nothing but the error and its hint.
    let others = run.stderr.lines().filter(|line| !line.starts_with("error: ") && !line.starts_with("hint: ")).count();
    let is_help = run.stderr.contains("Usage: callq");
    let right = run.code == 2 && run.stdout.is_empty() && errors == 1 && (others == 0 || is_help);
    (!right || sandbox.database().exists()).then(|| format!("callq {}\n{run}", arguments.join(" ")))
}

#[test]
fn a_misuse_is_one_object_for_programs() {
    let sandbox = Sandbox::new();
    let wrong: Vec<String> = MISUSES.iter().filter_map(|arguments| fault_for_programs(&sandbox, arguments)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn fault_for_programs(sandbox: &Sandbox, arguments: &[&str]) -> Option<String> {
    // At the end `--format xml` would still be the format; a script puts it first.
    let run = sandbox.run(["--json"].iter().chain(arguments).collect::<Vec<_>>());
    let error: Value = serde_json::from_str(&run.stderr).unwrap_or_default();
    let has_message = error["error"]["message"].as_str().is_some_and(|message| !message.is_empty());
    let right = run.code == 2 && run.stdout.is_empty() && error["error"]["kind"] == "usage" && has_message;
    let one_line = run.stderr.lines().count() == 1;
    (!right || !one_line || sandbox.database().exists()).then(|| format!("callq --json {}\n{run}", arguments.join(" ")))
}

#[test]
fn an_error_names_the_value_and_the_way_out() {
    let sandbox = Sandbox::new();
    for (arguments, text) in [
        (
            &["add", "-c", "acme", "lead", "-p", "soon"][..],
            "error: invalid value 'soon' for '--priority <PRIORITY>': unknown priority `soon`: expected urgent, high, \
             normal or low\nhint: callq add --help\n",
        ),
        (&["lst"], "error: unrecognized subcommand 'lst'\nhint: a similar subcommand exists: 'list'\n"),
        (
            &["list", "--stat", "failed"],
            "error: unexpected argument '--stat' found\nhint: a similar argument exists: '--status'\n",
        ),
        (
            &["list", "--limit", "-1"],
            "error: invalid value '-1' for '--limit <N>': `-1` is not a whole number from 0 up\nhint: callq list --help\n",
        ),
        (&["add", "lead"], "error: no client is named\nhint: give -c NAME or set CALLQ_CLIENT\n"),
    ] {
        assert_eq!(sandbox.run(arguments).stderr, text);
    }
}

/// Every command that asks for the time or for a client.
const COMMANDS: &[&[&str]] = &[
    &["add", "lead"],
    &["schedule-batch", "lead"],
    &["list"],
    &["cancel", "--status", "failed"],
    &["retry", "--status", "failed"],
    &["process"],
    &["pause"],
    &["resume"],
    &["stats"],
    &["config", "list"],
    &["config", "get", "timezone"],
];

#[test]
fn a_broken_clock_or_client_of_the_environment_is_named() {
    for (variable, value, code) in
        [("CALLQ_NOW", "yesterday", 2), ("CALLQ_NOW", "2026-11-23 10:00", 2), ("CALLQ_CLIENT", "a\tb", 2)]
    {
        let mut sandbox = Sandbox::new();
        sandbox.set(variable, value);
        for arguments in COMMANDS {
            let run = sandbox.run(*arguments).expect_code(code);
            assert!(run.stderr.starts_with(&format!("error: {variable}: ")), "{arguments:?} {run}");
            assert_eq!((run.stdout.as_str(), run.stderr.contains('\t')), ("", false), "{arguments:?} {run}");
            assert!(!sandbox.database().exists(), "{arguments:?}");
        }
    }
}

#[test]
fn the_help_and_the_version_are_no_errors() {
    let sandbox = Sandbox::new();
    for arguments in [&["--help"][..], &["-h"], &["--version"], &["help", "add"], &["config", "set", "--help"]] {
        let run = sandbox.run(arguments).expect_code(0);
        assert!(run.stderr.is_empty() && !run.stdout.is_empty(), "{arguments:?} {run}");
    }
}

#[test]
fn verbose_names_the_files_that_are_used() {
    let mut sandbox = Sandbox::new();
    sandbox.run("add -c acme a").expect_code(0);
    let places = "clock: 2026-11-23T15:00:00.000Z, set by CALLQ_NOW\nconfiguration: [FOLDER]/config/config.toml\n\
                  database: [FOLDER]/queue.db\n";
    assert_eq!(sandbox.run("list -v --json").expect_code(0).stderr, places);
    sandbox.set("CALLQ_CONFIG", sandbox.path("none.toml"));
    sandbox.unset("CALLQ_NOW");
    let run = sandbox.run("-v list").expect_code(5);
    assert!(run.stderr.starts_with("configuration: [FOLDER]/none.toml (absent)\nerror: "), "{run}");
}

#[test]
fn a_slip_of_the_keys_is_understood() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[clients.globex]\n");
    sandbox.run("add -c acme a").expect_code(0);
    for (line, code, meant) in [
        ("lst", 2, "'list'"),
        ("shedule-batch", 2, "'schedule-batch'"),
        ("help lst", 2, "'list'"),
        ("config st timezone UTC", 2, "'set'"),
        ("list --reverze", 2, "'--reverse'"),
        ("--formt json list", 2, "'--format'"),
        ("list -json", 2, "'--json'"),
        ("-quiet list", 2, "'--quiet'"),
        ("list --format jsn", 2, "`json`"),
        ("list --sort schedule", 2, "`scheduled`"),
        ("list --status fialed", 2, "`failed`"),
        ("list --columns id,statsu", 2, "`status`"),
        ("add -c acme b -p urgant", 2, "`urgent`"),
        ("add -c acme b --if-exists skp", 2, "`skip`"),
        ("add -c acme b --timezone Europe/Berln", 2, "`Europe/Berlin`"),
        ("report 1 --outcome complete", 2, "`completed`"),
        ("prune --older-than 1d --status failled", 2, "`failed`"),
        ("stats --by weekdy", 2, "`weekday`"),
        ("completions bsh", 2, "`bash`"),
        ("list -c acm", 3, "`acme`"),
        ("process -c globx", 3, "`globex`"),
        ("pause -c Acme", 3, "`acme`"),
        ("config get max_concurent", 2, "`max_concurrent`"),
        ("config set dispatch.kind comand", 5, "`command`"),
        ("config list -c globes", 3, "`globex`"),
    ] {
        let run = sandbox.run(line).expect_code(code);
        let is_meant = run.stderr.contains(&format!("did you mean {meant}?"));
        let is_similar = run.stderr.contains("similar") && run.stderr.contains(&format!("exists: {meant}"));
        assert!(is_meant || is_similar, "callq {line}: {run}");
    }
    for line in ["xyzzy", "list --status asleep", "list -c initech", "config get colour"] {
        let run = sandbox.run(line);
        assert!(!run.stderr.contains("did you mean") && !run.stderr.contains("similar"), "callq {line}: {run}");
        assert!(run.stderr.contains("\nhint: ") || run.stderr.contains("expected "), "callq {line}: {run}");
    }
}

#[test]
fn each_long_help_ends_with_examples() {
    let sandbox = Sandbox::new();
    for (line, example) in [
        ("add --help", "callq add -c acme lead-17 --key order-4711 --json"),
        ("help add", "callq add -c acme lead-17 --key order-4711 --json"),
        ("config set --help", "callq config set -c acme business_hours.start 10:00"),
        ("--help", "callq why 1"),
    ] {
        let help = sandbox.run(line).expect_code(0).stdout;
        let examples = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("callq {line}: {help}")).1;
        assert!(examples.contains(&format!("\n      {example}\n")), "callq {line}: {help}");
    }
    let short = sandbox.run("-h").expect_code(0).stdout;
    for group in ["Leads:", "Calls:", "Answers:", "Upkeep:", "Options:"] {
        assert_eq!(short.lines().filter(|line| *line == group).count(), 1, "{short}");
    }
    assert!(!short.contains("Examples:") && !short.contains("Commands:"), "{short}");
}

#[test]
fn a_new_client_that_is_spelt_like_a_known_one_is_told_of_and_made() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[clients.globex]\n");
    for (line, told) in [
        ("add -c acme a", ""),
        ("add -c acme b", ""),
        ("add -c amce a", "amce is a new client; did you mean `acme`?\n"),
        ("add -c amce b", ""),
        ("add -c globex a", ""),
        ("schedule-batch -c glovex a", "glovex is a new client; did you mean `globex`?\n"),
        ("schedule-batch -c initech a", ""),
        ("-q schedule-batch -c initec a", ""),
    ] {
        assert_eq!(sandbox.run(line).expect_code(0).stderr, told, "callq {line}");
    }
}
