//! The flag or the verb that a person left out: `callq pause acme`, `callq stats today`, `callq client acme`.

use std::ffi::OsString;

use chrono::{DateTime, Utc};
use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::model::{ClientId, OutcomeWord, parse_duration};
use crate::scheduler::parse_past_time;

/// Flags by habit from other programs: the name, and what it is called here.
const OTHER_FLAGS: [(&str, &str); 5] = [
    ("--for", "--until"),
    ("--campaign", "--meta"),
    ("--force", "--yes"),
    ("--number", "--phone"),
    ("--lines", "--last"),
];

/// The fewest digits of a word that may be a phone number.
const LIKE_A_PHONE: usize = 7;

/// The command line with the flag that a stray word needs, ready to copy.
pub(super) fn with_flag(error: &clap::Error, command: &Command, named: &str, words: &[OsString]) -> Option<String> {
    let stray = stray(error).filter(|word| error.kind() == ErrorKind::UnknownArgument && !word.starts_with('-'))?;
    let takes = |flag: &str| command.get_arguments().any(|argument| argument.get_long() == Some(flag));
    let verb = named.split(' ').next().unwrap_or_default();
    let with = |flag: &str| line(words, verb, stray, &[flag, stray]);
    if stray == "all" && takes("client") {
        return Some(format!("leave out `all`: without -c, `callq {}` means all clients", named.trim_end()));
    }
    let length = parse_duration(stray).is_ok();
    for flag in ["since", "older-than"].into_iter().filter(|flag| takes(flag)) {
        if length || (flag == "since" && is_time(stray)) {
            return Some(with(&format!("--{flag}")));
        }
    }
    if takes("until") && length {
        return Some(line(words, verb, stray, &["--until", &format!("+{stray}")]));
    }
    if takes("until") && is_time(stray) {
        return Some(with("--until"));
    }
    if takes("outcome") && OutcomeWord::read(stray).is_some() {
        return Some(with("--outcome"));
    }
    if is_like_a_phone(stray) {
        return match takes("phone") {
            true => Some(with("--phone")),
            false => named.strip_suffix("list ").map(|list| format!("callq {list}check {}", quoted(stray))),
        };
    }
    if !takes("client") || stray.parse::<ClientId>().is_err() {
        return None;
    }
    // The first of two names is the client.
    let first = words.iter().skip_while(|word| *word != command.get_name()).nth(1).and_then(|word| word.to_str());
    match first.filter(|first| command.get_name() == "add" && !first.starts_with('-') && *first != stray) {
        Some(first) => Some(format!("name a client with -c: {}", line(words, verb, first, &["-c", first]))),
        None => Some(format!("name a client with -c: {}", with("-c"))),
    }
}

/// The verb that a group of commands needs before a name.
pub(super) fn with_verb(error: &clap::Error, command: &Command, named: &str) -> Option<String> {
    let word = invalid_subcommand(error)?;
    let has = |verb: &&str| command.find_subcommand(verb).is_some();
    let verbs: &[&str] = match (named, is_like_a_phone(word)) {
        ("", _) => return None,
        (_, true) => &["for", "check"],
        (_, false) => &["get", "show"],
    };
    let verb = verbs.iter().copied().find(has)?;
    let adds = if verb == "check" { format!(", or callq {named}add {}", quoted(word)) } else { String::new() };
    Some(format!("callq {named}{verb} {}{adds}", quoted(word)))
}

/// What a flag of another program is called here.
pub(super) fn other_flag(error: &clap::Error, command: &Command) -> Option<String> {
    let stray = stray(error).filter(|_| error.kind() == ErrorKind::UnknownArgument)?;
    let (_, flag) = OTHER_FLAGS.iter().find(|(other, _)| *other == stray)?;
    let taken = command.get_arguments().find(|argument| argument.get_long() == flag.strip_prefix("--"))?;
    let value = taken.get_value_names().and_then(<[_]>::first).filter(|_| taken.get_action().takes_values());
    Some(match (*flag, value) {
        ("--meta", _) => "--meta campaign=NAME".to_owned(),
        (flag, Some(value)) => format!("{flag} {value}"),
        (flag, None) => flag.to_owned(),
    })
}

/// The word that is no subcommand, where that is the error.
pub(super) fn invalid_subcommand(error: &clap::Error) -> Option<&str> {
    match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) => Some(word),
        _ => None,
    }
}

fn stray(error: &clap::Error) -> Option<&str> {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) => Some(word.as_str()),
        _ => None,
    }
}

/// Whether a word reads as a time to look back to.
fn is_time(word: &str) -> bool {
    "UTC".parse().is_ok_and(|zone| parse_past_time(word, &zone, DateTime::<Utc>::UNIX_EPOCH).is_ok())
}

fn is_like_a_phone(word: &str) -> bool {
    word.bytes().filter(u8::is_ascii_digit).count() >= LIKE_A_PHONE && !word.contains(char::is_alphabetic)
}

/// The command line from its verb on, with other words in place of one.
fn line(words: &[OsString], verb: &str, replaced: &str, by: &[&str]) -> String {
    let mut line = "callq".to_owned();
    let mut is_replaced = false;
    for word in words.iter().skip_while(|word| *word != verb).map(|word| word.to_string_lossy()) {
        let put = if word == replaced && !is_replaced { by } else { &[word.as_ref()] };
        is_replaced |= word == replaced;
        put.iter().for_each(|word| line.push_str(&format!(" {}", quoted(word))));
    }
    line
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_+.,:=/@%".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
