//! README.md says what the program does: its console blocks are run, the files that it shows stand in `examples`, its exit
//! codes are those of the help, and the tests that it names exist.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use snapbox::{IntoData, assert_data_eq};

use crate::support::{Provider, Sandbox, is_installed, rust_files};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The section whose calls go to a provider: its blocks are not run at the reader's home.
fn provider_section(page: &str) -> &str {
    let section = page.split_once("\n## Calls through Retell AI\n").unwrap().1;
    section.split("\n## ").next().unwrap()
}

/// The page without that section.
fn tutorial() -> String {
    readme().replace(provider_section(&readme()), "")
}

/// The fenced blocks of a page: what stands behind the fence, and the text.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let fenced = page.split("\n```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').unwrap_or((block, ""))).collect()
}

/// The commands of a console block, each with the output that is shown below it.
fn commands(block: &str) -> Vec<(&str, &str)> {
    let commands = block.split("\n$ ").map(|entry| entry.trim_start_matches("$ "));
    commands.map(|entry| entry.split_once('\n').unwrap_or((entry, ""))).collect()
}

/// The home of somebody who reads the page: callq on the path, the examples at hand, Monday at 10:00 in New York.
fn home() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_CONFIG");
    let folder = sandbox.folder().to_owned();
    sandbox.set("HOME", folder);
    sandbox.set("USER", "ann");
    fs::set_permissions(sandbox.folder(), fs::Permissions::from_mode(0o700)).unwrap();
    copy_examples(&sandbox);
    put_callq_on_the_path(&mut sandbox);
    sandbox
}

/// Whoever owns the repository, and whatever the umask of its clone: callq starts no program that others may write.
fn copy_examples(sandbox: &Sandbox) {
    fs::create_dir(sandbox.path("examples")).unwrap();
    for example in fs::read_dir(root().join("examples")).unwrap().map(Result::unwrap) {
        let mode = example.metadata().unwrap().permissions().mode() & !0o022;
        let copy = sandbox.path("examples").join(example.file_name());
        fs::copy(example.path(), &copy).unwrap();
        fs::set_permissions(copy, fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn put_callq_on_the_path(sandbox: &mut Sandbox) {
    fs::create_dir(sandbox.path("bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_callq"), sandbox.path("bin/callq")).unwrap();
    sandbox.set("PATH", format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap()));
}

/// What a command of the page prints, on both streams.
fn printed(sandbox: &Sandbox, command: &str) -> String {
    let home = sandbox.folder().to_str().unwrap();
    let command = command.replace("/home/ann", home);
    let run = sandbox.run_program("sh", ["-c", &format!("exec 2>&1\n{command}")], "");
    run.stdout.replace("[FOLDER]", "/home/ann").trim_end().to_owned()
}

/// Whether a command printed what is shown, where `[..]` stands for anything on its line.
fn agrees(shown: &str, printed: &str) -> bool {
    let line_agrees = |(shown, printed): (&str, &str)| {
        let Some((before, after)) = shown.split_once("[..]") else { return shown == printed };
        printed.len() >= before.len() + after.len() && printed.starts_with(before) && printed.ends_with(after)
    };
    let (shown, printed) = (shown.trim_end(), printed.trim_end());
    shown.lines().count() == printed.lines().count() && shown.lines().zip(printed.lines()).all(line_agrees)
}

#[test]
fn every_console_block_is_what_the_program_prints() {
    let mut page = readme();
    if !["jq", "sqlite3"].into_iter().all(is_installed) {
        return;
    }
    let sandbox = home();
    let mut faults = Vec::new();
    for (_, block) in blocks(&tutorial()).into_iter().filter(|(info, _)| *info == "console") {
        let mut real = Vec::new();
        for (command, shown) in commands(block) {
            let printed = printed(&sandbox, command);
            let is_right = agrees(shown, &printed);
            if !is_right {
                faults.push(format!("$ {command}\n--- README.md\n{}\n--- really\n{printed}", shown.trim_end()));
            }
            real.push(format!("$ {command}\n{}", if is_right { shown } else { &printed }).trim_end().to_owned());
        }
        page = page.replace(block, &real.join("\n\n"));
    }
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(root().join("README.md"), page).unwrap();
        return;
    }
    let advice = "`UPDATE_GENERATED=1 cargo test readme` writes what is printed into README.md";
    assert!(faults.is_empty(), "{}\n{advice}", faults.join("\n\n"));
}

#[test]
fn blocks_and_commands_are_found() {
    let page = "text\n```console\n$ callq list\na\n\nb\n\n$ callq why 1\n```\n\n```sh examples/x\n$ no\n```\n";
    let blocks = blocks(page);
    assert_eq!(blocks, [("console", "$ callq list\na\n\nb\n\n$ callq why 1"), ("sh examples/x", "$ no")]);
    assert_eq!(commands(blocks[0].1), [("callq list", "a\n\nb\n"), ("callq why 1", "")]);
    assert_eq!(printed(&home(), "callq config path; nonsense 2> /dev/null || echo $?"), format!("{}\n127", PATH));
}

#[test]
fn what_is_shown_agrees_or_does_not() {
    assert!(agrees("a\nb [..] c\n", "a\nb 12 ms c"));
    for printed in ["a", "a\nb 1 d", "a\nb 1 c\nd", "b\nb 1 c"] {
        assert!(!agrees("a\nb [..] c", printed), "{printed}");
    }
}

const PATH: &str = "/home/ann/.config/callq/config.toml";

#[test]
fn every_other_block_is_part_of_an_example_a_configuration_or_a_command_to_set_up() {
    let mut sandbox = Sandbox::new();
    let page = tutorial();
    let mut setting_up = Vec::new();
    for (info, text) in blocks(&page).into_iter().filter(|(info, _)| *info != "console") {
        match info.split_once(' ') {
            Some((_, file)) => {
                let example = fs::read_to_string(root().join(file)).unwrap();
                assert!(example.contains(text), "README.md shows {file} otherwise than it is:\n{text}");
            }
            None if info == "toml" => {
                sandbox.configure(text);
                sandbox.run("config check").expect_code(0);
            }
            // A test of its own runs it.
            None if info == "console,ignore" => {}
            None => setting_up.push((info, text)),
        }
    }
    assert_eq!(setting_up, [("sh", "examples/quickstart.sh"), ("sh", "cargo test")]);
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
    assert!(rows.len() > 10 && readme().contains(&rows.join("\n")), "README.md should have\n{}", rows.join("\n"));
}

#[test]
fn every_file_that_it_names_is_there() {
    let page = readme();
    let named = page.split('`').filter(|word| {
        ["examples/", "src/", "tests/", "man/", "completions/"].iter().any(|folder| word.starts_with(folder))
    });
    let missing: Vec<PathBuf> = named.map(|file| root().join(file)).filter(|path| !path.exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_lead_goes_through_the_provider_as_it_says() {
    let readme = readme();
    let blocks = blocks(provider_section(&readme));
    let block = |wanted: &str| blocks.iter().find(|(info, _)| *info == wanted).unwrap().1;
    let provider = Provider::start();
    provider.end_calls(&json!({
        "call_status": "ended",
        "disconnection_reason": "agent_hangup",
        "call_analysis": {"call_successful": true},
    }));
    let mut sandbox = Sandbox::placing(&provider, 1);
    let open = Sandbox::always_open("");
    sandbox.configure(&format!("{open}{}\nbase_url = {:?}\n", block("toml"), provider.base_url()));
    let callq = format!("callq() {{ {} --db {} \"$@\"; }}", env!("CARGO_BIN_EXE_callq"), sandbox.database().display());
    for (command, shown) in commands(block("console")) {
        let printed = printed(&sandbox, &format!("{callq}\n{command}"));
        assert_data_eq!(printed, shown.trim_end().into_data());
    }
    let asked: Value = serde_json::from_str(&provider.asked()[1].body).unwrap();
    let sent = ["from_number", "override_agent_id", "retell_llm_dynamic_variables"].map(|name| &asked[name]);
    assert_eq!(sent, [&json!("+12125554567"), &json!("agent_1"), &json!({"first_name": "Zoe"})]);
    assert_eq!(sandbox.status(1), "completed");
}

#[test]
fn every_test_that_it_names_exists() {
    let readme = readme();
    let promised = readme.split("## What is promised").nth(1).unwrap().split("\n## ").next().unwrap();
    let lists: Vec<&str> = promised.split("Tests:").skip(1).map(|rest| rest.split(".\n").next().unwrap()).collect();
    assert_eq!(lists.len(), 7, "each promise has its tests");
    let names = lists.iter().flat_map(|list| list.split('`').skip(1).step_by(2));
    let source: String = ["src", "tests"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    for name in names {
        let exists =
            source.contains(&format!("#[test]\nfn {name}()")) || source.contains(&format!("#[test]\n    fn {name}()"));
        assert!(exists, "README.md names the test {name}, which does not exist");
    }
}
