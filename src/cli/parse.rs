//! Arguments to a command line, or to what must be said instead.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, FromArgMatches};

use super::Cli;
use super::client_first::behind_verb;
use super::help::with_full_help;
use super::left_out::{invalid_subcommand, other_flag, with_flag, with_verb};
use super::manual::manual_instead_of_help;
use super::other_words::command_for;
use crate::model::nearest;

/// What is said instead of doing something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EarlyExit {
    /// The help or the version, which was asked for.
    Answer(String),
    /// The help, since no command was given.
    NoCommand(String),
    /// What is wrong with the arguments, and the way out.
    Usage {
        /// What is wrong, in one line.
        message: String,
        /// A tip, or the command that shows the help.
        hint: String,
    },
}

/// Parses the arguments of the program, its name first.
///
/// # Errors
/// What to say instead.
pub fn parse(arguments: Vec<OsString>) -> Result<Cli, EarlyExit> {
    let arguments = manual_instead_of_help(&arguments).unwrap_or(arguments);
    let mut root = Cli::command();
    let moved = behind_verb(&root, &arguments).map_err(|verb| EarlyExit::Usage {
        message: format!("`callq {verb}` concerns no client, but -c names one"),
        hint: format!("leave out -c: callq {verb}"),
    })?;
    let arguments = moved.unwrap_or(arguments);
    let parsed = root.try_get_matches_from_mut(&arguments);
    let parsed = parsed.and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches));
    if let Err(error) = &parsed
        && let Some(status) = without_command(error, &arguments)
    {
        return Ok(status);
    }
    parsed.map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp => EarlyExit::Answer(help(root, &arguments, &error)),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => EarlyExit::NoCommand(help(root, &arguments, &error)),
        _ if !error.use_stderr() => EarlyExit::Answer(error.render().to_string()),
        _ => usage(&error, &arguments),
    })
}

/// The status, when the arguments name no command and nothing else is wrong with them.
fn without_command(error: &clap::Error, arguments: &[OsString]) -> Option<Cli> {
    let is_missing =
        matches!(error.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand);
    if !is_missing || !named_command(arguments, None).1.is_empty() {
        return None;
    }
    let words = arguments.iter().cloned().chain(["status".into()]).collect();
    let mut cli = parse(words).ok()?;
    if let super::Command::Status(status) = &mut cli.command {
        status.is_bare = true;
        return Some(cli);
    }
    None
}

/// The help that these arguments ask for, with examples; only now, since most command lines ask for none.
fn help(mut root: Command, arguments: &[OsString], plain: &clap::Error) -> String {
    // Clap has built the subcommand before `--help`, but it builds those behind `callq help` in a copy of its own.
    if arguments.iter().any(|word| word == "help") {
        root.build();
    }
    let answer = with_full_help(root).try_get_matches_from(arguments).err();
    answer.as_ref().unwrap_or(plain).render().to_string()
}

/// The most characters of a wrong value that a message repeats.
const MOST_SHOWN: usize = 100;

/// The text with a long value cut short and a value of many lines in one, so that the message stays one clear line.
fn with_short_value(error: &clap::Error, text: String) -> String {
    let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) else { return text };
    let is_long = value.chars().nth(MOST_SHOWN).is_some();
    if !is_long && !value.contains('\n') {
        return text;
    }
    let mut shown: String = value.chars().take(MOST_SHOWN).map(|sign| if sign == '\n' { ' ' } else { sign }).collect();
    if is_long {
        shown.push('…');
    }
    text.replace(value.as_str(), &shown)
}

/// The first paragraph of what clap says, in one line, and its tip.
fn usage(error: &clap::Error, arguments: &[OsString]) -> EarlyExit {
    let text = with_short_value(error, error.render().to_string());
    let first: Vec<&str> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    let message = first.join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
    let tip = text.lines().find_map(|line| line.trim().strip_prefix("tip: ")).map(str::to_owned);
    let (command, named) = named_command(arguments, invalid_subcommand(error));
    let similar = || similar_subcommand(error, &command).or_else(|| with_verb(error, &command, &named));
    // What clap takes for a value may be a flag, and a word of another program may be like one of ours by chance.
    let first = other_word(error, &named)
        .or_else(|| other_flag(error, &command))
        .or_else(|| flag_with_one_dash(error, &command, arguments))
        .or_else(|| with_flag(error, &command, &named, arguments));
    let hint = first.or(tip).or_else(similar);
    EarlyExit::Usage { message, hint: hint.unwrap_or_else(|| format!("callq {named}--help")) }
}

/// The command for a word that other programs use.
fn other_word(error: &clap::Error, named: &str) -> Option<String> {
    command_for(invalid_subcommand(error)?).filter(|_| named.is_empty()).map(|meant| format!("callq {meant}"))
}

/// The subcommand that was meant, where clap sees none: it asks for more likeness than a slip leaves in a short word.
fn similar_subcommand(error: &clap::Error, command: &Command) -> Option<String> {
    let word = invalid_subcommand(error)?;
    let shown = command.get_subcommands().filter(|found| !found.is_hide_set());
    nearest(word, shown.map(Command::get_name)).map(|near| format!("a similar subcommand exists: '{near}'"))
}

/// The flag that was written with one dash, as `-json`, which clap takes for letters.
fn flag_with_one_dash(error: &clap::Error, command: &Command, arguments: &[OsString]) -> Option<String> {
    let words = arguments.iter().skip(1).filter_map(|word| word.to_str()).take_while(|word| *word != "--");
    let mut names = words.filter_map(|word| word.strip_prefix('-')).filter(|name| !name.starts_with('-'));
    let is_long = |name: &&str| command.get_arguments().any(|argument| argument.get_long() == Some(name));
    let name = names.find(is_long).filter(|_| error.kind() == ErrorKind::UnknownArgument)?;
    Some(format!("a similar argument exists: '--{name}'"))
}

/// The subcommand that the arguments name before a stray word, and its words with a space behind each; the program itself
/// when they name none.
fn named_command(arguments: &[OsString], stray: Option<&str>) -> (Command, String) {
    let mut command = Cli::command();
    command.build();
    let mut named = String::new();
    let words = arguments.iter().skip(1).filter_map(|argument| argument.to_str());
    for word in words.take_while(|word| Some(*word) != stray) {
        if let Some(found) = command.find_subcommand(word).cloned() {
            named = format!("{named}{word} ");
            command = found;
        }
    }
    (command, named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instead(words: &[&str]) -> EarlyExit {
        parse(std::iter::once("callq").chain(words.iter().copied()).map(OsString::from).collect()).unwrap_err()
    }

    #[test]
    fn a_wrong_value_is_named_in_one_line_with_the_way_out() {
        let EarlyExit::Usage { message, hint } = instead(&["add", "-c", "acme", "x", "-p", "soon"]) else { panic!() };
        assert!(message.contains("`soon`") && message.contains("urgent, high, normal or low"), "{message}");
        assert_eq!(message.lines().count(), 1);
        assert_eq!(hint, "callq add --help");
    }

    #[test]
    fn a_long_value_or_one_of_many_lines_is_named_in_one_short_line() {
        let long = "x".repeat(100_000);
        for (value, start, end) in [
            (long.as_str(), "invalid value 'xxx", "metadata is 100000 bytes long: at most 65536 are allowed"),
            ("a\n\nb", "invalid value 'a  b' for '--metadata", "at line 1 column 1"),
        ] {
            let EarlyExit::Usage { message, .. } = instead(&["add", "-c", "acme", "lead", "--metadata", value]) else {
                panic!()
            };
            assert!(message.starts_with(start) && message.ends_with(end), "{message}");
            assert!(message.lines().count() == 1 && message.len() < 400, "{message}");
        }
    }

    #[test]
    fn a_value_may_be_the_name_of_a_subcommand() {
        for (line, parses) in [
            ("list", true),
            ("add -c acme add", true),
            ("--json cancel 3 --db list", true),
            ("-q stats -c list", true),
            ("list --status failed,cancelled --limit 0", true),
            ("--db list list", true),
            ("--db list show 3", true),
            ("--config=add --db add config get defaults.timezone", true),
            ("frobnicate list", false),
            ("add", false),
            ("list --frobnicate", false),
            ("help list", false),
            ("add --help", false),
        ] {
            let arguments = ["callq"].into_iter().chain(line.split(' ')).map(OsString::from).collect();
            assert_eq!(parse(arguments).is_ok(), parses, "{line}");
        }
    }

    #[test]
    fn a_client_may_stand_before_the_verb() {
        let parsed = |line: &str| {
            let arguments = ["callq"].into_iter().chain(line.split(' ')).map(OsString::from).collect();
            parse(arguments).map(|cli| format!("{:?}", cli.command))
        };
        for (first, behind) in [
            ("-c acme list --due", "list -c acme --due"),
            ("--json -cacme list", "list -c acme --json"),
            ("--client acme config list", "config list -c acme"),
            ("--client=acme --db list show 3", "show -c acme 3"),
            ("-c beta -c acme list", "list -c acme"),
        ] {
            assert_eq!(parsed(first), parsed(behind), "{first}");
        }
        for line in ["doctor", "completions bash", "config path"] {
            let Err(EarlyExit::Usage { message, hint }) = parsed(&format!("-c acme {line}")) else { panic!("{line}") };
            assert!(message.contains("concerns no client") && hint.starts_with("leave out -c"), "{message}");
        }
        assert_eq!(
            parsed("-c acme"),
            parsed("status -c acme").map(|status| status.replace("is_bare: false", "is_bare: true"))
        );
        assert!(parsed("-c").is_err() && parsed("-c acme list -c beta").is_err());
    }

    #[test]
    fn what_people_type_first_names_the_right_form() {
        for (line, expected) in [
            ("ls", "callq list"),
            ("init", "callq config init"),
            ("rm 5", "callq cancel"),
            ("delete", "callq cancel"),
            ("call lead", "callq process"),
            ("start", "callq process"),
            ("stop", "callq pause"),
            ("search X", "callq list --search TEXT"),
            ("find X", "callq list --search TEXT"),
            ("export", "callq list --limit 0 --format csv"),
            ("logs", "callq log"),
            ("version", "callq --version"),
            ("man list", "callq help --man"),
            ("clients", "callq client list"),
            ("pause acme", "name a client with -c: callq pause -c acme"),
            ("unpause acme", "callq resume"),
            ("status acme", "name a client with -c: callq status -c acme"),
            ("--json stats acme", "name a client with -c: callq stats -c acme"),
            ("add acme lead", "name a client with -c: callq add -c acme lead"),
            ("pause all", "leave out `all`: without -c, `callq pause` means all clients"),
            ("stats today", "callq stats --since today"),
            ("log yesterday", "callq log --since yesterday"),
            ("calls 7d", "callq calls --since 7d"),
            ("calls failed -c acme", "callq calls --outcome failed -c acme"),
            ("calls +12125550101", "callq calls --phone +12125550101"),
            ("pause -c acme 2h", "callq pause -c acme --until +2h"),
            ("pause -c acme 15:30", "callq pause -c acme --until 15:30"),
            ("pause -c acme --for 2h", "--until T"),
            ("list --campaign spring", "--meta campaign=NAME"),
            ("prune 30d", "callq prune --older-than 30d"),
            ("report 1 completed", "callq report 1 --outcome completed"),
            ("client acme", "callq client show acme"),
            ("config timezone", "callq config get timezone"),
            ("rules us-federal", "callq rules show us-federal"),
            ("rules +12125550101", "callq rules for +12125550101"),
            ("dnc +12125550101", "callq dnc check +12125550101, or callq dnc add +12125550101"),
            ("dnc list +12125550101", "callq dnc check +12125550101"),
            ("consent list +12125550101", "callq consent list --phone +12125550101"),
        ] {
            let words: Vec<&str> = line.split(' ').collect();
            let EarlyExit::Usage { hint, .. } = instead(&words) else { panic!("{line}") };
            assert_eq!(hint, expected, "{line}");
        }
    }

    #[test]
    fn a_misspelt_flag_gets_a_tip() {
        let EarlyExit::Usage { message, hint } = instead(&["list", "--formt", "json"]) else { panic!() };
        assert!(message.contains("--formt") && hint.contains("--format"), "{message} / {hint}");
    }

    #[test]
    fn help_and_version_are_answers() {
        let version = EarlyExit::Answer(Cli::command().render_version());
        for words in [&["--version"][..], &["-V"], &["--quiet", "--version"]] {
            assert_eq!(instead(words), version);
        }
        assert!(matches!(version, EarlyExit::Answer(text) if text.contains("zone data")));
        assert!(matches!(instead(&["--help"]), EarlyExit::Answer(_)));
        assert!(matches!(instead(&["config"]), EarlyExit::NoCommand(_)));
    }
}
