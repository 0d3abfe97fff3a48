//! README.md says what the program does: its console blocks are run, the files that it shows stand in `examples`, and its
//! exit codes are those of the help.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Page, Sandbox, is_installed};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> Page {
    Page::open("README.md")
}

#[test]
fn every_console_block_is_what_the_program_prints() {
    if !is_installed("jq") {
        return;
    }
    let faults = readme().faults();
    let advice = "`UPDATE_GENERATED=1 cargo test readme` writes what is printed into README.md";
    assert!(faults.is_empty(), "{}\n{advice}", faults.join("\n\n"));
}

#[test]
fn it_is_short() {
    let lines = readme().text().lines().count();
    assert!(lines <= 200, "README.md has {lines} lines; the manual pages have room");
}

#[test]
fn every_other_block_is_part_of_an_example_or_a_command_to_set_up() {
    let mut setting_up = Vec::new();
    for block in readme().blocks().into_iter().filter(|block| !["console", "run"].contains(&block.kind.as_str())) {
        match block.kind.split_once(' ') {
            Some((_, file)) => {
                let example = fs::read_to_string(root().join(file)).unwrap();
                assert!(example.contains(&block.text), "README.md shows {file} otherwise than it is:\n{}", block.text);
            }
            None => setting_up.push((block.kind, block.text)),
        }
    }
    let commands = ["examples/quickstart.sh", "cargo test"].map(|command| ("sh".to_owned(), command.to_owned()));
    assert_eq!(setting_up, commands);
}

#[test]
fn its_exit_codes_are_those_of_the_help() {
    let help = Sandbox::new().run("--help").expect_code(0).stdout;
    let codes = help.split_once("Exit codes:\n").unwrap().1.lines().take_while(|line| line.starts_with("  "));
    let row = |line: &str| {
        let (code, meaning) = line.trim().split_once(' ').unwrap();
        format!("| {code} | {} |", meaning.trim())
    };
    let rows: Vec<String> = codes.map(row).collect();
    assert!(
        rows.len() > 10 && readme().text().contains(&rows.join("\n")),
        "README.md should have\n{}",
        rows.join("\n")
    );
}

#[test]
fn every_file_that_it_names_is_there() {
    let page = readme().text();
    let named = page.split('`').filter(|word| {
        ["examples/", "src/", "tests/", "man/", "completions/", ".ci/"].iter().any(|folder| word.starts_with(folder))
    });
    let missing: Vec<PathBuf> = named.map(|file| root().join(file)).filter(|path| !path.exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
