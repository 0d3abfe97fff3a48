//! What people type first, by habit from other programs, and what it is called here.

/// A word that is no command, and the command that does it.
const OTHER_WORDS: [(&str, &str); 17] = [
    ("ls", "list"),
    ("init", "config init"),
    ("rm", "cancel"),
    ("remove", "cancel"),
    ("delete", "cancel"),
    ("stop", "pause"),
    ("unpause", "resume"),
    ("run", "process"),
    ("call", "process"),
    ("load", "schedule-batch"),
    ("edit", "update"),
    ("change", "update"),
    ("info", "show"),
    ("explain", "why"),
    ("set", "config set"),
    ("get", "config get"),
    ("check", "doctor"),
];

/// The command that another word means.
pub(super) fn command_for(word: &str) -> Option<&'static str> {
    OTHER_WORDS.iter().find(|(other, _)| word.eq_ignore_ascii_case(other)).map(|(_, command)| *command)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn each_word_names_a_command_and_is_none() {
        let mut root = Cli::command();
        root.build();
        for (word, command) in OTHER_WORDS {
            let found = command.split(' ').try_fold(&root, |found, name| found.find_subcommand(name));
            assert!(found.is_some() && root.find_subcommand(word).is_none(), "{word}: {command}");
        }
    }
}
