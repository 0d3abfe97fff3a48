//! Keeps the repository in order: which files stand at its top, and that every test file is part of the test binary.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::rust_files;

/// What a reader sees at the top of the repository, with `target` when it was built there.
const TOP_LEVEL: [&str; 13] = [
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "NOTICE",
    "README.md",
    "completions",
    "examples",
    "man",
    "sample-config.toml",
    "src",
    "target",
    "tests",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Files beside `main.rs` (or folders with a `mod.rs`) that it does not declare as modules.
fn unlisted(main: &str, files: &BTreeSet<String>) -> Vec<String> {
    let listed: BTreeSet<&str> = main.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    let names = files.iter().filter(|name| *name != "main.rs");
    names.filter(|name| !listed.contains(name.trim_end_matches(".rs"))).cloned().collect()
}

#[test]
fn every_test_file_is_listed() {
    let main = include_str!("main.rs");
    assert_eq!(unlisted(main, &names(&root().join("tests/it"))), [""; 0]);

    let files = ["main.rs", "add.rs", "list.rs", "support"].map(str::to_owned).into();
    assert_eq!(unlisted("mod add;\nmod support;\n// mod list;\n", &files), ["list.rs"]);
}

#[test]
fn the_top_of_the_repository_is_fixed() {
    let visible = names(root()).into_iter().filter(|name| !name.starts_with('.'));
    let strangers: Vec<String> = visible.filter(|name| !TOP_LEVEL.contains(&name.as_str())).collect();
    assert_eq!(strangers, [""; 0]);
}

#[test]
fn no_module_is_a_drawer() {
    let drawer = |path: &PathBuf| {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        ["helpers", "helper", "util", "utils", "common", "misc"].contains(&name)
    };
    let drawers: Vec<PathBuf> = rust_files(&root().join("src")).into_iter().filter(drawer).collect();
    assert!(drawers.is_empty(), "name what these hold: {drawers:?}");
}

/// Whether the script runs a command that the text shows in a console block.
fn runs_what_is_shown(script: &str, readme: &str, command: &str) -> bool {
    let shown = readme.lines().any(|line| line.trim_start_matches("$ ").trim() == command);
    shown && script.lines().any(|line| line.trim() == command)
}

#[test]
fn the_checks_run_the_test_command_of_the_manual() {
    let script = fs::read_to_string(root().join(".ci/run")).unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap_or_default();
    if !readme.is_empty() {
        assert!(runs_what_is_shown(&script, &readme, "cargo test"));
    }
    assert!(runs_what_is_shown("set -e\ncargo test\n", "```console\n$ cargo test\n```", "cargo test"));
    assert!(!runs_what_is_shown("cargo test --lib\n", "$ cargo test", "cargo test"));
    assert!(!runs_what_is_shown("cargo test\n", "Run `make test`.", "cargo test"));
}
