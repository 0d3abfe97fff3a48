//! What may stand at the cursor, without a shell.

use super::*;

/// What is wanted behind these words; the last one is at the cursor.
fn at(line: &str) -> Completion {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let current = words.pop().unwrap();
    completion(&words, &current)
}

/// The words; never none.
fn words(line: &str) -> Vec<String> {
    let ValueSource::Words(words) = at(line).source else { panic!("{line}: {:?}", at(line)) };
    words.into_iter().map(|candidate| candidate.word).collect()
}

#[test]
fn a_command_comes_first_and_hidden_ones_are_not_told() {
    let commands = words("");
    assert!(commands.contains(&"schedule-batch".to_owned()) && commands.contains(&"help".to_owned()), "{commands:?}");
    assert!(!commands.contains(&"complete".to_owned()));
    assert_eq!(words("-q ad"), commands, "the caller goes by the letters");
    assert_eq!(words("config "), ["list", "get", "set", "unset", "edit", "path", "init", "explain", "check", "help"]);
    assert!(words("help ").contains(&"config".to_owned()));
}

#[test]
fn flags_are_those_of_the_command_and_of_all() {
    let flags = words("add --");
    for flag in ["--client", "-c", "--priority", "--db", "--json", "--help"] {
        assert!(flags.contains(&flag.to_owned()), "{flag}: {flags:?}");
    }
    assert!(!flags.contains(&"--older-than".to_owned()));
}

#[test]
fn values_follow_their_flag_in_each_way_of_writing() {
    for line in ["list --format ", "--format ", "list --format=", "list --db x --format ", "list -q --format "] {
        assert_eq!(words(line), ["table", "json", "jsonl", "csv", "openmetrics"], "{line}");
    }
    assert_eq!(at("list --format=js").prefix, "--format=");
    assert_eq!(words("add -c acme lead-1 -p "), ["urgent", "high", "normal", "low"]);
    assert_eq!(words("list -qp "), ["urgent", "high", "normal", "low"]);
    assert_eq!(words("completions "), ["bash", "elvish", "fish", "powershell", "zsh"]);
    assert_eq!(words("prune --status "), ["completed", "failed", "cancelled"]);
    assert!(words("add --timezone ").contains(&"America/New_York".to_owned()));
}

#[test]
fn a_list_goes_on_behind_its_comma() {
    let list = at("list --status failed,pen");
    assert_eq!((list.prefix.as_str(), words("list --status failed,").len()), ("failed,", 9));
    assert_eq!(at("list --status=failed,pen").prefix, "--status=failed,");
    assert_eq!(
        (at("list --columns id,").source, at("list --columns id,").prefix),
        (ValueSource::Columns, "id,".to_owned())
    );
}

#[test]
fn clients_keys_and_files_are_left_to_who_knows_them() {
    for line in ["add -c ", "add --client ", "--config other.toml list --client=", "config set -c "] {
        assert_eq!(at(line).source, ValueSource::Clients, "{line}");
    }
    for line in ["--config other.toml --db q.db list -c acme ", "--config=other.toml list --db=q.db --client=acme "] {
        let named = at(line).named;
        let named = [named.config, named.db, named.client].map(Option::unwrap);
        assert_eq!(named, ["other.toml", "q.db", "acme"], "{line}");
    }
    for line in ["show ", "why ", "retry 1 ", "report ", "callback ", "list "] {
        assert_eq!(at(line).source, ValueSource::Items, "{line}");
    }
    assert_eq!(at("list --lead ").source, ValueSource::Leads);
    assert_eq!(at("config get ").source, ValueSource::Keys);
    for line in ["--db ", "list --config ", "schedule-batch -f ", "schedule-batch --rejects=", "schedule-batch --file "]
    {
        assert_eq!(at(line).source, ValueSource::Files, "{line}");
    }
}

#[test]
fn what_only_the_user_knows_is_left_to_the_user() {
    for line in ["add ", "add --key ", "add --at=", "list --limit ", "add -- ", "config get timezone ", "nonsense x "] {
        assert_eq!(at(line).source, ValueSource::Nothing, "{line}");
    }
}

/// A flag with a new name has a list or a hint, or its values are named here as known to the user alone.
#[test]
fn every_value_has_its_kind() {
    let free = [
        "CC",
        "D",
        "DATE",
        "D|T",
        "FIELD=HEADER",
        "NAME",
        "NUMBER",
        "HEADER",
        "ID",
        "JSON",
        "K",
        "K=V",
        "KEY=VALUE",
        "L",
        "LEAD",
        "N",
        "P",
        "PREFIX,…",
        "R",
        "REGION",
        "S",
        "SIGN",
        "T",
        "TEXT",
        "WORD",
        "VALUE",
        "X",
    ];
    let mut command = Cli::command();
    command.build();
    let mut unknown = Vec::new();
    let mut left = vec![&command];
    while let Some(command) = left.pop() {
        left.extend(command.get_subcommands().filter(|found| found.get_name() != "help"));
        for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
            let names = argument.get_value_names().unwrap_or_default();
            if value_source(argument) == ValueSource::Nothing && !names.iter().any(|name| free.contains(&name.as_str()))
            {
                unknown.push(format!("{} {}: {names:?}", command.get_name(), argument.get_id()));
            }
        }
    }
    assert_eq!(unknown, [""; 0]);
}
