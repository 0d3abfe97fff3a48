//! How a command line may go on: what stands before the cursor decides whether a command, a flag or a value is wanted.

use clap::{Arg, Command, CommandFactory};

use super::Cli;
use super::value_source::{Candidate, ValueSource, value_source};

/// What may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Where the words come from.
    pub source: ValueSource,
    /// What the word at the cursor holds already before the value: `--format=`, or `failed,`.
    pub prefix: String,
    pub named: Named,
}

/// What the same command line names before the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    pub config: Option<String>,
    pub db: Option<String>,
    pub client: Option<String>,
}

impl Named {
    fn note(&mut self, flag: &Arg, value: &str) {
        let kept = match flag.get_id().as_str() {
            "config" => &mut self.config,
            "db" => &mut self.db,
            "client" => &mut self.client,
            _ => return,
        };
        *kept = Some(value.to_owned());
    }
}

/// A flag whose value comes next, or nothing; and how many values without a flag came before.
#[derive(Default)]
struct Position<'a> {
    pending: Option<&'a Arg>,
    values: usize,
    only_values: bool,
}

/// Looks at the words before the cursor, without the program's name, and at the word there.
pub fn completion(before: &[String], current: &str) -> Completion {
    let mut root = Cli::command();
    root.build();
    let mut command = &root;
    let mut position = Position::default();
    let mut named = Named::default();
    for word in before {
        if let Some(flag) = position.pending.take() {
            named.note(flag, word);
        } else if position.only_values || !word.starts_with('-') || word == "-" {
            match command.find_subcommand(word).filter(|_| !position.only_values && position.values == 0) {
                Some(found) => command = found,
                None => position.values += 1,
            }
        } else if word == "--" {
            position.only_values = true;
        } else {
            position.pending = flag_that_waits(command, word);
            if let Some((flag, value)) = word.split_once('=')
                && let Some(flag) = long_flag(command, flag)
            {
                named.note(flag, value);
            }
        }
    }
    let (source, prefix) = at_cursor(command, &position, current);
    Completion { source, prefix, named }
}

fn at_cursor(command: &Command, position: &Position<'_>, current: &str) -> (ValueSource, String) {
    if let Some(flag) = position.pending {
        return value(flag, current, String::new());
    }
    if !position.only_values && current.starts_with('-') {
        return match current.split_once('=') {
            Some((name, text)) => match long_flag(command, name) {
                Some(flag) => value(flag, text, format!("{name}=")),
                None => (ValueSource::Nothing, String::new()),
            },
            None => (ValueSource::Words(flags(command)), String::new()),
        };
    }
    if command.has_subcommands() && position.values == 0 {
        return (ValueSource::Words(subcommands(command)), String::new());
    }
    let mut positionals = command.get_positionals();
    let last = command.get_positionals().last().filter(|argument| takes_many(argument));
    match positionals.nth(position.values).or(last) {
        Some(argument) => value(argument, current, String::new()),
        None => (ValueSource::Nothing, String::new()),
    }
}

/// The values of an argument; of a list, those behind its last comma.
fn value(argument: &Arg, current: &str, mut prefix: String) -> (ValueSource, String) {
    let source = value_source(argument);
    let is_list = argument.get_value_delimiter() == Some(',') || source == ValueSource::Columns;
    if let Some((done, _)) = current.rsplit_once(',').filter(|_| is_list) {
        prefix.push_str(done);
        prefix.push(',');
    }
    (source, prefix)
}

fn takes_many(argument: &Arg) -> bool {
    argument.get_num_args().is_some_and(|range| range.max_values() > 1)
        || matches!(argument.get_action(), clap::ArgAction::Append)
}

/// The flag that a word names, when its value has to follow.
fn flag_that_waits<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    if word.starts_with("--") {
        return long_flag(command, word).filter(|flag| flag.get_action().takes_values());
    }
    let mut letters = word.chars().skip(1);
    while let Some(letter) = letters.next() {
        let flag = command.get_arguments().find(|argument| argument.get_short() == Some(letter))?;
        if flag.get_action().takes_values() {
            return if letters.next().is_none() { Some(flag) } else { None };
        }
    }
    None
}

fn long_flag<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    let name = word.strip_prefix("--")?;
    command.get_arguments().find(|argument| argument.get_long() == Some(name))
}

fn flags(command: &Command) -> Vec<Candidate> {
    let mut found = Vec::new();
    for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
        let about = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let long = argument.get_long().map(|name| format!("--{name}"));
        let short = argument.get_short().map(|letter| format!("-{letter}"));
        found.extend(long.into_iter().chain(short).map(|word| Candidate { word, about: about.clone() }));
    }
    found
}

fn subcommands(command: &Command) -> Vec<Candidate> {
    let shown = command.get_subcommands().filter(|found| !found.is_hide_set());
    shown
        .map(|found| Candidate {
            word: found.get_name().to_owned(),
            about: found.get_about().map(ToString::to_string).unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
