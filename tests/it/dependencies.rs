//! The packages of callq: under licences that it may use, from one registry, and each in one version. `.deny.toml` has the
//! lists, also for cargo-deny; this test asks cargo alone, without a network.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Every package of the lock file, those of other systems and of the tests too.
fn packages() -> Vec<Value> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--offline", "--locked", "--format-version", "1"]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn lists() -> toml::Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".deny.toml");
    fs::read_to_string(path).unwrap().parse().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A licence expression of SPDX, or one with the older `/` for `OR`, and what is allowed. `WITH` only adds permissions.
struct Expression<'e> {
    words: Vec<&'e str>,
    allowed: &'e dyn Fn(&str) -> bool,
}

impl Expression<'_> {
    fn is_allowed(text: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
        let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let mut expression = Expression { words: spaced.split_whitespace().rev().collect(), allowed };
        let is_allowed = expression.any();
        assert!(expression.words.is_empty(), "not a licence expression: {text}");
        is_allowed
    }

    fn any(&mut self) -> bool {
        let mut is_allowed = self.all();
        while self.words.pop_if(|word| *word == "OR").is_some() {
            is_allowed |= self.all();
        }
        is_allowed
    }

    fn all(&mut self) -> bool {
        let mut is_allowed = self.one();
        while self.words.pop_if(|word| *word == "AND").is_some() {
            is_allowed &= self.one();
        }
        is_allowed
    }

    fn one(&mut self) -> bool {
        let word = self.words.pop().unwrap_or_default();
        if word == "(" {
            let is_allowed = self.any();
            assert_eq!(self.words.pop(), Some(")"));
            return is_allowed;
        }
        if self.words.pop_if(|word| *word == "WITH").is_some() {
            self.words.pop();
        }
        (self.allowed)(word)
    }
}

#[test]
fn every_licence_is_allowed_and_every_allowed_one_is_needed() {
    let lists = lists();
    let allowed: BTreeSet<&str> =
        lists["licenses"]["allow"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let packages = packages();
    assert!(packages.len() > 100, "{}", packages.len());
    let refused = |allowed: &BTreeSet<&str>| -> Vec<String> {
        let is_allowed =
            |package: &&Value| Expression::is_allowed(text(&package["license"]), &|name| allowed.contains(name));
        let refused = packages.iter().filter(|package| !is_allowed(package));
        refused.map(|package| format!("{}: {}", text(&package["name"]), package["license"])).collect()
    };
    assert_eq!(refused(&allowed), [""; 0], "not allowed by .deny.toml");
    for name in &allowed {
        let others = allowed.iter().copied().filter(|other| other != name).collect();
        assert!(!refused(&others).is_empty(), "no package needs {name}: take it out of .deny.toml");
    }
}

#[test]
fn every_package_stands_once_but_for_those_with_a_reason() {
    let packages = packages();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in &packages {
        versions.entry(text(&package["name"])).or_default().insert(text(&package["version"]));
    }
    let lists = lists();
    let mut skipped = BTreeSet::new();
    for skip in lists["bans"]["skip"].as_array().unwrap() {
        let (name, version) = skip["crate"].as_str().unwrap().split_once('@').unwrap();
        assert!(!skip["reason"].as_str().unwrap().is_empty());
        let found = versions.get_mut(name).filter(|found| found.len() > 1);
        let found = found.unwrap_or_else(|| panic!("{name} stands once: take it out of .deny.toml"));
        let before = found.len();
        found.retain(|other| !other.starts_with(&format!("{version}.")));
        assert_eq!(found.len() + 1, before, "{name}@{version} is one version");
        skipped.insert(name);
    }
    let several: Vec<_> = versions.iter().filter(|(_, versions)| versions.len() > 1).collect();
    assert!(several.is_empty(), "{several:?}: take one version, or give a reason in .deny.toml");
    assert!(!skipped.is_empty());
}

#[test]
fn every_package_comes_from_the_registry() {
    let lists = lists();
    let allowed = lists["sources"]["allow-registry"][0].as_str().unwrap().to_owned();
    let packages = packages();
    let own = packages.iter().filter(|package| package["source"].is_null()).count();
    let source = |package: &&Value| package["source"] != format!("registry+{allowed}") && !package["source"].is_null();
    let strangers: Vec<&Value> = packages.iter().filter(source).map(|package| &package["name"]).collect();
    assert_eq!((own, strangers), (1, Vec::new()));
}

#[test]
fn an_expression_is_read_as_it_is_written() {
    let allowed = |name: &str| ["MIT", "ISC"].contains(&name);
    for (text, is_allowed) in [
        ("MIT", true),
        ("GPL-3.0-only OR MIT", true),
        ("Unlicense/MIT", true),
        ("MIT AND GPL-3.0-only", false),
        ("(GPL-3.0-only OR MIT) AND ISC", true),
        ("GPL-3.0-only OR MIT AND Zlib", false),
        ("MIT WITH LLVM-exception", true),
        ("", false),
    ] {
        assert_eq!(Expression::is_allowed(text, &allowed), is_allowed, "{text}");
    }
}
