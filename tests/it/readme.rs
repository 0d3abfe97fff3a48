//! README.md says what the program does: its console blocks are run, and the tests that it names exist.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Bench, KEY, Provider, rust_files};

#[test]
fn every_console_block_is_what_the_program_prints() {
    let mut bench = Bench::new();
    let configuration = bench.configure("");
    trycmd::TestCases::new()
        .register_bin("callq", Path::new(env!("CARGO_BIN_EXE_callq")))
        .env("CALLQ_DB", bench.database().to_str().unwrap())
        .env("CALLQ_CONFIG", configuration.to_str().unwrap())
        .env("CALLQ_NOW", "2026-11-22T23:00:00Z")
        .env("USER", "ann")
        .case(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"))
        .run();
}

#[test]
fn a_lead_goes_through_the_provider_as_it_says() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let section = readme.split_once("## Calls through Retell AI").unwrap().1;
    let block = |fence: &str| section.split_once(fence).unwrap().1.split_once("```").unwrap().0;
    let provider = Provider::start();
    provider.end_calls(&json!({
        "call_status": "ended",
        "disconnection_reason": "agent_hangup",
        "call_analysis": {"call_successful": true},
    }));
    let mut bench = Bench::placing(&provider, 1);
    let (open, settings) = (Bench::always_open(""), block("```toml\n"));
    let configuration = bench.configure(&format!("{open}{settings}base_url = {:?}\n", provider.base_url()));
    let commands = bench.write("block.md", format!("```console\n{}```\n", block("```console,ignore\n")));
    trycmd::TestCases::new()
        .register_bin("callq", Path::new(env!("CARGO_BIN_EXE_callq")))
        .env("CALLQ_DB", bench.database().to_str().unwrap())
        .env("CALLQ_CONFIG", configuration.to_str().unwrap())
        .env("RETELL_API_KEY", KEY)
        .case(commands)
        .run();
    let asked: Value = serde_json::from_str(&provider.asked()[1].body).unwrap();
    let sent = ["from_number", "override_agent_id", "retell_llm_dynamic_variables"].map(|name| &asked[name]);
    assert_eq!(sent, [&json!("+15551234567"), &json!("agent_1"), &json!({"first_name": "Zoe"})]);
    assert_eq!(bench.status(1), "completed");
}

#[test]
fn every_test_that_it_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let promised = readme.split("## What is promised").nth(1).unwrap().split("\n## ").next().unwrap();
    let names: Vec<&str> = promised.split('`').skip(1).step_by(2).filter(|name| name.contains('_')).collect();
    assert!(names.len() > 8, "{names:?}");
    let source: String = ["src", "tests"]
        .iter()
        .flat_map(|folder| rust_files(&root.join(folder)))
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    for name in names {
        let exists = source.contains(&format!("fn {name}()")) || source.contains(&format!("mod {name};"));
        let field = name.starts_with("max_");
        assert!(exists || field, "README.md names the test {name}, which does not exist");
    }
}
