//! Arguments to a command line, or to what must be said instead.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

use super::{Cli, version_text};

/// What is said instead of doing something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instead {
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
pub fn parse(arguments: Vec<OsString>) -> Result<Cli, Instead> {
    if let [_, only] = &arguments[..]
        && (only == "--version" || only == "-V")
    {
        // Without the table of all commands and flags, which takes longer than all the rest.
        return Err(Instead::Answer(format!("callq {}\n", version_text())));
    }
    Cli::try_parse_from(&arguments).map_err(|error| {
        let text = error.render().to_string();
        if !error.use_stderr() {
            Instead::Answer(text)
        } else if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            Instead::NoCommand(text)
        } else {
            usage(&with_short_value(&error, text), &arguments)
        }
    })
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
fn usage(text: &str, arguments: &[OsString]) -> Instead {
    let first: Vec<&str> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    let message = first.join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
    let tip = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    let hint = tip.map_or_else(|| format!("callq {}--help", subcommand(arguments)), str::to_owned);
    Instead::Usage { message, hint }
}

/// The subcommand that the arguments name, with a space behind each word; empty when they name none.
fn subcommand(arguments: &[OsString]) -> String {
    let mut command = Cli::command();
    let mut named = String::new();
    for word in arguments.iter().skip(1).filter_map(|argument| argument.to_str()) {
        if let Some(found) = command.find_subcommand(word).cloned() {
            named = format!("{named}{word} ");
            command = found;
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instead(words: &[&str]) -> Instead {
        parse(std::iter::once("callq").chain(words.iter().copied()).map(OsString::from).collect()).unwrap_err()
    }

    #[test]
    fn a_wrong_value_is_named_in_one_line_with_the_way_out() {
        let Instead::Usage { message, hint } = instead(&["add", "-c", "acme", "x", "-p", "soon"]) else { panic!() };
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
            let Instead::Usage { message, .. } = instead(&["add", "-c", "acme", "lead", "--metadata", value]) else {
                panic!()
            };
            assert!(message.starts_with(start) && message.ends_with(end), "{message}");
            assert!(message.lines().count() == 1 && message.len() < 400, "{message}");
        }
    }

    #[test]
    fn the_version_is_what_clap_says_that_it_is() {
        for flag in ["--version", "-V"] {
            let full = instead(&["--quiet", flag]);
            assert_eq!(instead(&[flag]), full);
            assert_eq!(full, Instead::Answer(Cli::command().render_version()));
        }
    }

    #[test]
    fn a_misspelt_flag_gets_a_tip() {
        let Instead::Usage { message, hint } = instead(&["list", "--formt", "json"]) else { panic!() };
        assert!(message.contains("--formt") && hint.contains("--format"), "{message} / {hint}");
    }

    #[test]
    fn help_and_version_are_answers() {
        assert!(matches!(instead(&["--version"]), Instead::Answer(text) if text.contains("zone data")));
        assert!(matches!(instead(&["--help"]), Instead::Answer(_)));
        assert!(matches!(instead(&[]), Instead::NoCommand(_)));
    }
}
