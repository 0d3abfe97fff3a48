//! `-c` before the verb: it is put behind the verb that takes it.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

use super::Cli;

/// The arguments with a client that stands before the verb behind it; none when no client stands there.
///
/// # Errors
/// The verb, when it concerns no client.
pub(super) fn behind_verb(root: &Command, arguments: &[OsString]) -> Result<Option<Vec<OsString>>, String> {
    let Some((mut verb, client)) = before_verb(root, arguments) else { return Ok(None) };
    let mut all = <Cli as clap::CommandFactory>::command();
    all.build();
    let (mut command, mut named) = (&all, String::new());
    // A verb such as `config` has verbs of its own.
    while let Some(found) = arguments.get(verb).and_then(|word| command.find_subcommand(word)) {
        named = format!("{named} {}", found.get_name());
        command = found;
        verb += 1;
    }
    let takes_client = |argument: &Arg| argument.get_id() == "client";
    if named.is_empty() || command.get_name() == "help" {
        return Ok(None);
    }
    if !command.get_arguments().any(takes_client) {
        return Err(named.trim_start().to_owned());
    }
    let value = OsString::from_iter([OsStr::new("--client="), &client.value]);
    let is_moved = |index: &usize| client.words.contains(index);
    let words = arguments.iter().enumerate().filter(|(index, _)| !is_moved(index));
    let (before, behind): (Vec<_>, Vec<_>) = words.partition(|(index, _)| *index < verb);
    let word = |(_, word): (usize, &OsString)| word.clone();
    Ok(Some(before.into_iter().map(word).chain([value]).chain(behind.into_iter().map(word)).collect()))
}

/// A client on the command line.
struct Given {
    value: OsString,
    /// The places of its words.
    words: Vec<usize>,
}

/// The place of the verb, and the client before it. The last of several clients holds.
fn before_verb(root: &Command, arguments: &[OsString]) -> Option<(usize, Given)> {
    let takes_value = |word: &str| {
        root.get_arguments().filter(|argument| argument.get_action().takes_values()).any(|argument| {
            let long = argument.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long));
            let short = argument.get_short().is_some_and(|short| word.strip_prefix('-') == Some(&short.to_string()));
            long || short
        })
    };
    let (mut given, mut index): (Option<Given>, usize) = (None, 1);
    let mut words = Vec::new();
    while let Some(argument) = arguments.get(index) {
        let word = argument.to_string_lossy();
        if !word.starts_with('-') || word == "--" {
            return given.map(|given| (index, given));
        }
        let attached =
            word.strip_prefix("--client=").or_else(|| word.strip_prefix("-c").filter(|rest| !rest.is_empty()));
        if let Some(value) = attached {
            words.push(index);
            given = Some(Given { value: value.trim_start_matches('=').into(), words: words.clone() });
        } else if word == "-c" || word == "--client" {
            words.extend([index, index + 1]);
            given = Some(Given { value: arguments.get(index + 1)?.clone(), words: words.clone() });
            index += 1;
        } else if takes_value(&word) {
            index += 1;
        }
        index += 1;
    }
    None
}
