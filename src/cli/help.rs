//! Help that teaches: the subcommands in groups, and examples at the end of each long help.

use std::collections::BTreeMap;

use clap::Command;

/// The examples of every command, for the help and the man pages: `# NAME`, then lines, commands indented.
const EXAMPLES: &str = include_str!("examples.txt");

/// The subcommands by what one wants of them.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Leads", &["add", "schedule-batch", "list", "show", "update", "cancel", "retry", "callback", "reschedule"]),
    ("Calls", &["process", "watch", "report", "pause", "resume"]),
    ("Answers", &["status", "why", "hours", "holidays", "number", "calls", "receipt", "log", "stats", "forecast"]),
    ("Law", &["rules", "dnc", "consent"]),
    ("Upkeep", &["client", "config", "doctor", "events", "prune", "backup", "restore", "completions", "help"]),
];

/// The examples of a command, named as its man page is without `callq-`: `add`, `config-set`; `callq` for the program.
pub fn examples(name: &str) -> Option<&'static str> {
    let blocks = EXAMPLES.split("\n# ").map(|block| block.trim_start_matches("# "));
    let found = blocks.filter_map(|block| block.split_once('\n')).find(|(title, _)| *title == name);
    found.map(|(_, lines)| lines.trim_end())
}

/// The command line with grouped subcommands, and with examples for each that is built. It parses as before.
pub(super) fn with_full_help(root: Command) -> Command {
    let groups = groups(&root);
    let exit_codes = root.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let root = with_examples(root, "");
    let examples = root.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    root.after_long_help(format!("{examples}\n\n{exit_codes}")).help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}Options:\n{{options}}{{after-help}}"
    ))
}

/// Puts examples under the help of a command and of its subcommands.
fn with_examples(command: Command, before: &str) -> Command {
    let name = format!("{before}{}", command.get_name());
    let inside = if name == "callq" { String::new() } else { format!("{name}-") };
    let command = command.mut_subcommands(|found| with_examples(found, &inside));
    match examples(&name) {
        Some(examples) => {
            let indented: Vec<String> = examples.lines().map(|line| format!("  {line}")).collect();
            command.after_long_help(format!("Examples:\n{}", indented.join("\n")))
        }
        None => command,
    }
}

/// The subcommands in their groups, as wide as the terminal: clap's own list, taken apart.
fn groups(root: &Command) -> String {
    let list = root.clone().help_template("{subcommands}").render_help().to_string();
    let entries = entries(&list);
    let of_group = |names: &[&str]| names.iter().filter_map(|name| entries.get(name).copied()).collect::<String>();
    GROUPS.iter().map(|(title, names)| format!("{title}:\n{}\n", of_group(names))).collect()
}

/// The entries of a list of subcommands by their names; the lines of an entry after its first are indented further.
fn entries(list: &str) -> BTreeMap<&str, &str> {
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    for line in list.split_inclusive('\n') {
        if line.starts_with("  ") && !line.starts_with("   ") {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([list.len()]);
    let texts = starts.iter().zip(ends).map(|(start, end)| &list[*start..end]);
    texts.map(|text| (text.split_whitespace().next().unwrap_or_default(), text)).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_subcommand_stands_in_one_group() {
        let mut root = Cli::command();
        root.build();
        let mut shown: Vec<&str> =
            root.get_subcommands().filter(|found| !found.is_hide_set()).map(Command::get_name).collect();
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        shown.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(grouped, shown);
    }

    /// Clap takes the line from the table before a subcommand is built, and from the subcommand's own file afterwards.
    #[test]
    fn the_table_of_subcommands_says_what_each_says_of_itself() {
        let table = Cli::command();
        let mut built = table.clone();
        built.build();
        for listed in table.get_subcommands() {
            let own = built.find_subcommand(listed.get_name()).and_then(Command::get_about);
            assert_eq!(listed.get_about(), own, "{}", listed.get_name());
        }
    }

    #[test]
    fn the_groups_hold_every_line_of_the_list_at_any_width() {
        for width in [40, 80, 100] {
            let root = Cli::command().term_width(width);
            let list = root.clone().help_template("{subcommands}").render_help().to_string();
            let groups = groups(&root);
            let mut grouped: Vec<&str> = groups.lines().filter(|line| line.starts_with("  ")).collect();
            let mut listed: Vec<&str> = list.lines().filter(|line| !line.trim().is_empty()).collect();
            grouped.sort_unstable();
            listed.sort_unstable();
            assert_eq!(grouped, listed, "{width}");
            assert!(groups.lines().all(|line| line.chars().count() <= width), "{groups}");
        }
    }

    #[test]
    fn the_examples_of_each_command_are_found() {
        assert!(examples("callq").is_some_and(|text| text.contains("\n    callq process")));
        assert!(examples("config-set").is_some_and(|text| !text.contains('#')));
        assert_eq!(examples("colour"), None);
        let titles = EXAMPLES.lines().filter_map(|line| line.strip_prefix("# "));
        assert!(titles.clone().count() > 20);
        titles.for_each(|title| assert!(examples(title).is_some(), "{title}"));
    }
}
