//! The compiler that the locked packages need is the one that `rust-version` asks for.

use std::process::Command;

use serde_json::Value;

/// The output of a command of the toolchain.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// `1.89` as numbers; a version may leave out the last one.
fn numbers(version: &str) -> (u32, u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap());
    (parts.next().unwrap(), parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

#[test]
fn the_rust_version_is_the_highest_that_a_locked_package_needs() {
    let about = output("rustc", &["-vV"]);
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let arguments = ["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform", host];
    let metadata: Value = serde_json::from_str(&output(env!("CARGO"), &arguments)).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50, "{}", packages.len());
    let needed = |package: &Value| package["rust_version"].as_str().map(numbers);
    let (own, others): (Vec<_>, Vec<_>) = packages.iter().partition(|package| package["source"].is_null());
    let highest = others.iter().filter_map(|package| needed(package)).max();
    let [own] = own[..] else { panic!("one package of ours, not {}", own.len()) };
    assert_eq!(needed(own), highest, "`rust-version` in Cargo.toml");
}
