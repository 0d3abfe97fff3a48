//! What people type first, by habit from other programs, and what it is called here.

/// A word that is no command, and the command that does it.
const OTHER_WORDS: [(&str, &str); 48] = [
    ("ls", "list"),
    ("queue", "list"),
    ("init", "config init"),
    ("rm", "cancel"),
    ("remove", "cancel"),
    ("delete", "cancel"),
    ("del", "cancel"),
    ("stop", "pause"),
    ("hold", "pause"),
    ("unpause", "resume"),
    ("continue", "resume"),
    ("release", "resume"),
    ("run", "process"),
    ("start", "process"),
    ("call", "process"),
    ("dial", "process"),
    ("daemon", "watch"),
    ("serve", "watch"),
    ("server", "watch"),
    ("load", "schedule-batch"),
    ("schedule", "add"),
    ("enqueue", "add"),
    ("new", "add"),
    ("edit", "update"),
    ("change", "update"),
    ("reset", "retry"),
    ("requeue", "retry"),
    ("info", "show"),
    ("view", "show"),
    ("get", "config get"),
    ("set", "config set"),
    ("settings", "config list"),
    ("explain", "why"),
    ("check", "doctor"),
    ("health", "doctor"),
    ("search", "list --search TEXT"),
    ("find", "list --search TEXT"),
    ("grep", "list --search TEXT"),
    ("due", "list --due"),
    ("count", "list --count"),
    ("export", "list --limit 0 --format csv"),
    ("logs", "log"),
    ("history", "log"),
    ("tail", "log -f"),
    ("top", "status --watch"),
    ("clients", "client list"),
    ("man", "help --man"),
    ("version", "--version"),
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
        for (word, line) in OTHER_WORDS {
            assert!(root.find_subcommand(word).is_none(), "{word}");
            let mut command = &root;
            for part in line.split(' ').filter(|part| *part != "TEXT" && !line.ends_with("-version")) {
                match part.strip_prefix('-').map(|flag| flag.trim_start_matches('-')) {
                    None if command.get_name() == "list" => {}
                    None => command = command.find_subcommand(part).unwrap_or_else(|| panic!("{word}: {line}")),
                    Some("man") => assert_eq!(command.get_name(), "help"),
                    Some(flag) => {
                        let names = |argument: &clap::Arg| {
                            argument.get_long() == Some(flag)
                                || argument.get_short().is_some_and(|s| flag == s.to_string())
                        };
                        assert!(command.get_arguments().any(names), "{word}: {line}");
                    }
                }
            }
        }
    }
}
