//! The hand-written pages of the manual, man/*.7: what they show is what the program prints, the files that they show stand
//! in `examples`, their configurations and commands can be read, and what they name is there.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use snapbox::{IntoData, assert_data_eq};

use crate::support::{Page, Provider, Sandbox, is_installed, printed};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_console_block_is_what_the_program_prints() {
    if !["jq", "sqlite3"].into_iter().all(is_installed) {
        return;
    }
    let faults: Vec<String> = Page::manual().iter().flat_map(Page::faults).collect();
    let advice = "`UPDATE_GENERATED=1 cargo test pages` writes what is printed into man/*.7";
    assert!(faults.is_empty(), "{}\n{advice}", faults.join("\n\n"));
}

#[test]
fn every_other_block_is_part_of_an_example_a_configuration_or_a_command() {
    let mut sandbox = Sandbox::new();
    for page in Page::manual() {
        let name = page.name();
        for block in page.blocks() {
            let text = &block.text;
            match (block.kind.as_str(), block.kind.split_once(' ')) {
                // Tests of their own run these.
                ("run" | "console" | "console,provider", _) => {}
                (_, Some((_, file))) => {
                    let example = fs::read_to_string(root().join(file)).unwrap();
                    assert!(example.contains(text), "{name} shows {file} otherwise than it is:\n{text}");
                }
                ("toml", _) => {
                    sandbox.configure(text);
                    sandbox.run("config check").expect_code(0);
                }
                ("sh", _) => text.lines().for_each(can_be_read),
                (kind, _) => panic!("{name}: a block of the kind {kind}"),
            }
        }
    }
}

/// Whether callq knows the command of a line, which may stand behind `ssh HOST` and what that sets.
#[track_caller]
fn can_be_read(line: &str) {
    let command = line.split_once("callq ").filter(|_| !line.starts_with('#')).map(|(_, command)| command);
    let Some(command) = command else { return };
    // As a shell would split it; what follows a redirection is the shell's.
    let words = command.split(' ').take_while(|word| !["<", ">"].contains(word));
    let words = ["callq"].into_iter().chain(words.map(|word| word.trim_matches('"')));
    if let Err(error) = callq::cli::parse(words.map(OsString::from).collect()) {
        panic!("{line}: {error:?}");
    }
}

#[test]
fn every_file_and_page_that_they_name_is_there() {
    let missing = |page: Page| {
        let name = page.name().to_owned();
        let text = page.text();
        let files = text.lines().filter_map(|line| line.split_once(".Ql \"")?.1.split_once('"'));
        let files = files.map(|(named, _)| named.replace("\\-", "-"));
        let folders = ["examples/", "src/", "tests/"];
        let files = files.filter(move |file| folders.iter().any(|folder| file.starts_with(folder)));
        let pages = text.lines().filter_map(|line| line.strip_prefix(".Xr "));
        let pages = pages.map(|line| {
            let mut words = line.split(' ');
            format!("man/{}.{}", words.next().unwrap(), words.next().unwrap())
        });
        let missing = files.chain(pages).filter(|file| !root().join(file).exists());
        missing.map(|file| format!("{name} names {file}")).collect::<Vec<String>>()
    };
    let missing: Vec<String> = Page::manual().into_iter().flat_map(missing).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn each_page_says_its_own_name() {
    let pages = Page::manual();
    assert!(pages.len() >= 8, "{pages:?}");
    for page in pages {
        let name = page.name().trim_end_matches(".7").to_owned();
        for line in [format!(".Dt {} 7", name.to_uppercase()), format!(".Nm {name}")] {
            assert!(page.text().lines().any(|found| found == line), "{name}: {line}");
        }
    }
}

#[test]
fn a_lead_goes_through_the_provider_as_it_says() {
    let blocks = Page::open("man/callq-retell.7").blocks();
    let block = |wanted: &str| blocks.iter().find(|block| block.kind == wanted).unwrap();
    let provider = Provider::start();
    provider.end_calls(&json!({
        "call_status": "ended",
        "disconnection_reason": "agent_hangup",
        "call_analysis": {"call_successful": true},
    }));
    let mut sandbox = Sandbox::placing(&provider, 1);
    let open = Sandbox::always_open("");
    sandbox.configure(&format!("{open}{}\nbase_url = {:?}\n", block("toml").text, provider.base_url()));
    let callq = format!("callq() {{ {} --db {} \"$@\"; }}", env!("CARGO_BIN_EXE_callq"), sandbox.database().display());
    for (command, shown) in block("console,provider").commands() {
        let printed = printed(&sandbox, &format!("{callq}\n{command}"));
        assert_data_eq!(printed, shown.trim_end().into_data());
    }
    let asked: Value = serde_json::from_str(&provider.asked()[1].body).unwrap();
    let sent = ["from_number", "override_agent_id", "retell_llm_dynamic_variables"].map(|name| &asked[name]);
    assert_eq!(sent, [&json!("+12125554567"), &json!("agent_1"), &json!({"first_name": "Zoe"})]);
    assert_eq!(sandbox.status(1), "completed");
}
