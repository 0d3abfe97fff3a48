//! What is generated is what stands in the repository: `UPDATE_GENERATED=1 cargo test generated` writes it.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::manual;
use crate::support::{Page, Sandbox, is_installed};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The pages of the commands. Those of section 7 are written by hand.
fn commands(folder: &Path) -> BTreeSet<String> {
    files(folder).into_iter().filter(|file| !file.ends_with(".7")).collect()
}

#[test]
fn the_man_pages_are_those_of_the_command_line() {
    let (folder, pages) = (folder("man"), manual::pages());
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::create_dir_all(&folder).unwrap();
        for stale in commands(&folder).into_iter().filter(|file| !pages.contains_key(file)) {
            fs::remove_file(folder.join(stale)).unwrap();
        }
        for (file, text) in &pages {
            fs::write(folder.join(file), text).unwrap();
        }
    }
    let advice = "`UPDATE_GENERATED=1 cargo test generated` writes the man pages";
    assert_eq!(commands(&folder), pages.keys().cloned().collect(), "{advice}");
    for (file, text) in &pages {
        assert!(fs::read_to_string(folder.join(file)).unwrap() == *text, "man/{file} is not as generated: {advice}");
    }
}

/// The table by which the program carries every page: `callq help --man` shows them.
#[test]
fn the_program_carries_every_page() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands/manual_pages.rs");
    let mut text = "//! The pages of the manual, as a test writes them: see `tests/it/generated.rs`.\n\n".to_owned();
    let pages = files(&folder("man"));
    writeln!(text, "pub(super) const PAGES: [(&str, &str); {}] = [", pages.len()).unwrap();
    for page in pages {
        writeln!(text, "    (\"{page}\", include_str!(\"../../man/{page}\")),").unwrap();
    }
    text.push_str("];\n");
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(fs::read_to_string(path).unwrap() == text, "`UPDATE_GENERATED=1 cargo test generated` writes the table");
}

#[test]
fn the_help_is_as_wide_as_the_terminal_and_at_most_100_columns() {
    let help = |columns: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callq"));
        command.arg("--help").env_clear().envs(columns.map(|columns| ("COLUMNS", columns)));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let widest = help(None);
    for (columns, is_widest) in [("100", true), ("400", true), ("60", false)] {
        assert_eq!(help(Some(columns)) == widest, is_widest, "{columns}");
    }
    assert!(widest.lines().all(|line| line.chars().count() <= 100), "{widest}");
}

#[test]
fn every_page_has_its_sections_and_the_first_what_holds_for_all() {
    for (file, page) in manual::pages() {
        let is_root = file == "callq.1";
        let count = |section: &str| page.lines().filter(|line| *line == format!(".SH {section}")).count();
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "\"SEE ALSO\""] {
            assert_eq!(count(section), 1, "{file}: {section}");
        }
        for section in ["\"GLOBAL OPTIONS\"", "\"EXIT STATUS\"", "FILES", "ENVIRONMENT"] {
            assert_eq!(count(section), usize::from(is_root), "{file}: {section}");
        }
        let refers = page.contains("\nGlobal options, exit codes, the environment and files: see \\fBcallq\\fR(1).\n");
        assert_eq!((refers, page.contains("\\fB128+n\\fR\n")), (!is_root, is_root), "{file}");
    }
}

#[test]
fn every_example_is_a_command_line() {
    let commands = manual::example_commands();
    assert!(commands.len() > 20, "{commands:?}");
    for command in commands {
        // As a shell would split it; what follows a redirection is the shell's.
        let mut words = vec!["callq".into()];
        for (index, part) in command.split(" > ").next().unwrap().split('"').enumerate() {
            if index % 2 == 1 {
                words.push(part.into());
            } else {
                words.extend(part.split_whitespace().map(Into::into));
            }
        }
        if let Err(other) = callq::cli::parse(words) {
            panic!("{command}: {other:?}");
        }
    }
}

#[test]
fn mandoc_finds_nothing_to_say() {
    if !is_installed("mandoc") {
        return;
    }
    let sandbox = Sandbox::new();
    let by_hand = Page::manual().into_iter().map(|page| (page.name().to_owned(), page.text()));
    for (file, page) in manual::pages().into_iter().chain(by_hand) {
        let path = sandbox.write(&file, page);
        let lint = sandbox.run_program("mandoc", ["-Tlint", "-Wwarning", path.to_str().unwrap()], "");
        assert!(lint.code == 0 && lint.stdout.is_empty(), "{file}: {lint}");
    }
}

#[test]
fn a_script_for_each_shell_stands_in_completions_and_is_printed() {
    let scripts = [
        ("bash", "callq.bash"),
        ("elvish", "callq.elv"),
        ("fish", "callq.fish"),
        ("powershell", "_callq.ps1"),
        ("zsh", "_callq"),
    ];
    let sandbox = Sandbox::new();
    let folder = folder("completions");
    assert_eq!(files(&folder), scripts.iter().map(|(_, file)| (*file).to_owned()).collect());
    for (shell, file) in scripts {
        let printed = sandbox.run(["completions", shell]).expect_code(0).stdout;
        assert!(printed == fs::read_to_string(folder.join(file)).unwrap(), "{file} is not what is printed");
    }
    assert!(!sandbox.database().exists());
}
