//! `callq help --man`, as the hidden command that clap parses in its place: clap's own `help` takes no flag.

use std::ffi::OsString;

use clap::{Args, Command, CommandFactory};

use super::Cli;

/// Open a manual page
///
/// `callq help --man COMMAND` is the way to write it.
#[derive(Debug, Args)]
#[command(hide = true)]
pub struct Manual {
    /// The command, or `7` and the name of a page about a subject, such as `7 hours`
    #[arg(value_name = "WORD")]
    pub words: Vec<String>,
}

impl Manual {
    /// The file of the page among these: of the command, else of a subject of that name.
    pub fn page<'f>(&self, files: impl Iterator<Item = &'f str> + Clone) -> Option<&'f str> {
        let words: Vec<&str> = self.words.iter().map(|word| word.trim_start_matches("callq-")).collect();
        let subject = |name: &str| format!("callq-{name}.7");
        let names = match words[..] {
            ["7", name] => vec![subject(name)],
            [name] => vec![command_page(&words), Some(subject(name))].into_iter().flatten().collect(),
            _ => command_page(&words).into_iter().collect(),
        };
        names.iter().find_map(|name| files.clone().find(|file| file == name))
    }
}

/// The page of a command, which may be named by an alias.
fn command_page(words: &[&str]) -> Option<String> {
    let mut root = Cli::command();
    root.build();
    let (mut command, mut name): (&Command, _) = (&root, "callq".to_owned());
    for word in words {
        command = command.find_subcommand(word)?;
        name = format!("{name}-{}", command.get_name());
    }
    Some(format!("{name}.1"))
}

/// The arguments with `help … --man` as the command that opens a page; none when they do not ask for one.
pub(super) fn manual_instead_of_help(arguments: &[OsString]) -> Option<Vec<OsString>> {
    const TAKE_A_VALUE: [&str; 6] = ["--db", "--config", "--format", "--color", "--client", "-c"];
    let follows = |index: usize| TAKE_A_VALUE.iter().any(|flag| arguments[index - 1] == *flag);
    let is_word = |index: &usize| !follows(*index) && !arguments[*index].to_string_lossy().starts_with('-');
    let verb = (1..arguments.len()).find(is_word).filter(|index| arguments[*index] == "help")?;
    let flag = (verb..arguments.len()).find(|index| arguments[*index] == "--man")?;
    let mut words = arguments.to_vec();
    words[verb] = "manual".into();
    words.remove(flag);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_that_of_the_command_else_of_the_subject() {
        let files = ["callq.1", "callq-hours.1", "callq-config-set.1", "callq-schedule-batch.1", "callq-hours.7"];
        for (words, file) in [
            ("", Some("callq.1")),
            ("hours", Some("callq-hours.1")),
            ("callq-hours", Some("callq-hours.1")),
            ("7 hours", Some("callq-hours.7")),
            ("config set", Some("callq-config-set.1")),
            ("import", Some("callq-schedule-batch.1")),
            ("7 list", None),
            ("config nonsense", None),
            ("../hours", None),
        ] {
            let words = words.split_whitespace().map(str::to_owned).collect();
            assert_eq!(Manual { words }.page(files.iter().copied()), file);
        }
    }

    #[test]
    fn only_the_flag_of_help_asks_for_a_page() {
        let manual = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let words = manual_instead_of_help(&words)?;
            Some(words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" "))
        };
        for (line, expected) in [
            ("callq help --man list", Some("callq manual list")),
            ("callq --db x help list --man", Some("callq --db x manual list")),
            ("callq help --man", Some("callq manual")),
            ("callq help list", None),
            ("callq add help --man", None),
            ("callq --db help list --man", None),
        ] {
            assert_eq!(manual(line).as_deref(), expected, "{line}");
        }
    }
}
