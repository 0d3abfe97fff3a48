//! The manual, section 1: pages from the command line's own texts, and from the sections in `tests/fixtures/manual`. Those of
//! section 7 are written by hand: see `pages`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use callq::cli::{Cli, examples};
use clap::{Command, CommandFactory};

use crate::support::{Page, Sandbox, is_installed};

/// When the pages changed last in more than their wording.
const DATE: &str = "2026-11-29";

const FILES: &str = include_str!("../fixtures/manual/files.txt");
const ENVIRONMENT: &str = include_str!("../fixtures/manual/environment.txt");
/// The page of the program itself, which alone has what holds for every command.
const ROOT: &str = "callq";

/// What every other page says instead.
const SEE_ROOT: &str = "Global options, exit codes, the environment and files: see \\fBcallq\\fR(1).";

const GUARANTEE: &str =
    "What callq promises, and what a crash at each step leaves behind, stands in \\fBcallq\\-guarantees\\fR(7).";

/// Every page by its file name.
pub(crate) fn pages() -> BTreeMap<String, String> {
    let mut root = Cli::command().disable_help_subcommand(true).version(env!("CARGO_PKG_VERSION"));
    root.build();
    let exit_codes = root.get_after_long_help().unwrap().to_string();
    let mut pages = BTreeMap::new();
    write_pages(&root, &exit_codes, &mut pages);
    let names: Vec<String> = pages.keys().map(|file| file.trim_end_matches(".1").to_owned()).collect();
    let by_hand = Page::manual();
    let by_hand = by_hand.iter().map(|page| reference(page.name().trim_end_matches(".7"), 7));
    let by_hand: Vec<String> = by_hand.collect();
    for (file, page) in &mut pages {
        let name = file.trim_end_matches(".1");
        let is_root = name == ROOT;
        let others = names.iter().filter(|other| *other != name && (is_root || is_near(name, other)));
        let others = others.map(|other| reference(other, 1)).chain(by_hand.iter().filter(|_| is_root).cloned());
        write!(page, ".SH \"SEE ALSO\"\n{}\n", others.collect::<Vec<_>>().join(",\n")).unwrap();
    }
    pages
}

/// Whether a page of a command refers to another one: callq(1) has all, a family such as `dnc` and `dnc add` its own.
fn is_near(name: &str, other: &str) -> bool {
    let family = |name: &str| name.split('-').take(2).collect::<Vec<_>>().join("-");
    other == ROOT || family(name) == family(other)
}

/// A reference to another page.
fn reference(name: &str, section: u8) -> String {
    format!("\\fB{}\\fR({section})", escaped(name))
}

fn write_pages(command: &Command, exit_codes: &str, pages: &mut BTreeMap<String, String>) {
    for found in command.get_subcommands().filter(|found| !found.is_hide_set()) {
        write_pages(found, exit_codes, pages);
    }
    let name = command.get_display_name().unwrap_or(ROOT).to_owned();
    let text = page(command, &name, exit_codes);
    pages.insert(format!("{name}.1"), text);
}

fn page(command: &Command, name: &str, exit_codes: &str) -> String {
    let source = format!("callq {}", env!("CARGO_PKG_VERSION"));
    let is_root = name == ROOT;
    let hidden = |argument: clap::Arg| match argument.is_global_set() {
        true => argument.hide(!is_root),
        false => argument,
    };
    let man =
        clap_mangen::Man::new(command.clone().mut_args(hidden)).title(name.to_uppercase()).date(DATE).source(source);
    let man = man.manual("callq manual");
    let mut page = Vec::new();
    man.render_title(&mut page).unwrap();
    man.render_name_section(&mut page).unwrap();
    man.render_synopsis_section(&mut page).unwrap();
    man.render_description_section(&mut page).unwrap();
    if command.get_subcommands().any(|found| !found.is_hide_set()) {
        man.render_subcommands_section(&mut page).unwrap();
    }
    man.render_options_section(&mut page).unwrap();
    // Before a list of values the generator writes two line breaks around an empty line, which is one break already.
    let mut page = String::from_utf8(page).unwrap().replace(".br\n\n.br\n", "\n");
    if is_root {
        writeln!(page, ".SH GUARANTEE\n{GUARANTEE}").unwrap();
        write!(page, ".SH \"EXIT STATUS\"\n{}", entries(&codes(exit_codes))).unwrap();
        write!(page, ".SH FILES\n{}", entries(&definitions(FILES))).unwrap();
        write!(page, ".SH ENVIRONMENT\n{}", entries(&definitions(ENVIRONMENT))).unwrap();
    } else {
        writeln!(page, ".PP\n{SEE_ROOT}").unwrap();
    }
    let own = name.strip_prefix("callq-").unwrap_or(name);
    let examples = examples(own).unwrap_or_else(|| panic!("src/cli/examples.txt has no `# {own}`"));
    write!(page, ".SH EXAMPLES\n{}", shown_examples(examples)).unwrap();
    page
}

/// Text as roff reads it back: dashes that are typed, no request at the beginning of a line.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

fn entries(entries: &[(String, String)]) -> String {
    let shown = |(term, text): &(String, String)| format!(".TP\n\\fB{}\\fR\n{}\n", escaped(term), escaped(text));
    entries.iter().map(shown).collect()
}

/// The lines `code  meaning` of the long help.
fn codes(help: &str) -> Vec<(String, String)> {
    let lines = help.lines().filter_map(|line| line.strip_prefix("  ")?.split_once("  "));
    lines.map(|(code, meaning)| (code.trim().to_owned(), meaning.trim().to_owned())).collect()
}

/// Blocks of a term and, indented, what it means.
fn definitions(text: &str) -> Vec<(String, String)> {
    let blocks = text.split("\n\n").filter_map(|block| block.trim().split_once('\n'));
    blocks.map(|(term, meaning)| (term.trim().to_owned(), meaning.trim().to_owned())).collect()
}

fn shown_examples(examples: &str) -> String {
    let mut text = String::new();
    let mut in_block = false;
    for line in examples.lines() {
        let command = line.strip_prefix("    ");
        if in_block != command.is_some() {
            text.push_str(if in_block { ".fi\n.RE\n" } else { ".RS\n.nf\n" });
            in_block = command.is_some();
        }
        match command {
            Some(command) => writeln!(text, "{}", escaped(command)).unwrap(),
            None => {
                let break_before = if text.is_empty() { "" } else { ".PP\n" };
                writeln!(text, "{break_before}{}", escaped(line)).unwrap();
            }
        }
    }
    if in_block {
        text.push_str(".fi\n.RE\n");
    }
    text
}

/// Every command of the examples that a page shows.
pub(crate) fn example_commands() -> Vec<String> {
    let pages = pages();
    let names = pages.keys().map(|file| file.trim_end_matches(".1").trim_start_matches("callq-"));
    let lines = names.filter_map(examples).flat_map(str::lines);
    lines.filter_map(|line| line.strip_prefix("    callq ")).map(str::to_owned).collect()
}

/// What `man` would be given, through one that prints the file.
#[test]
fn help_with_man_opens_the_page_that_the_program_carries() {
    let mut sandbox = Sandbox::new();
    sandbox.script("man", r#"[ "$1" = -l ] && exec cat "$2""#);
    sandbox.set("PATH", format!("{}:/usr/bin:/bin", sandbox.folder().display()));
    let folder = sandbox.folder().to_owned();
    sandbox.set("TMPDIR", &folder);
    for (words, file) in [
        ("help --man", "callq.1"),
        ("help --man list", "callq-list.1"),
        ("help config set --man", "callq-config-set.1"),
        ("help --man import", "callq-schedule-batch.1"),
        ("help --man hours", "callq-hours.1"),
        ("help --man 7 hours", "callq-hours.7"),
        ("-q help --man dispatchers", "callq-dispatchers.7"),
    ] {
        let shown = sandbox.run_built(words).expect_code(0);
        let page = fs::read_to_string(format!("{}/man/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(shown.stdout == page && shown.stderr.is_empty(), "{words}: {}", shown.stderr);
    }
    let left = fs::read_dir(sandbox.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().contains("scratch")), "nothing stays behind");
    let unknown = sandbox.run("help --man nonsense").expect_code(2);
    assert!(unknown.stderr.starts_with("error: no manual page `nonsense`\nhint: `callq help` lists the commands"));
    assert!(unknown.stderr.contains("compliance, dispatchers"), "{unknown}");
    sandbox.script("man", "exit 3");
    let failed = sandbox.run_built("help --man list").expect_code(1);
    assert_eq!(failed.stderr, "error: `man` could not show callq-list.1: exit status: 3\n");
}

#[test]
fn help_with_man_says_the_same_where_there_is_no_man() {
    let mut sandbox = Sandbox::new();
    let folder = sandbox.folder().to_owned();
    sandbox.set("PATH", &folder);
    let shown = sandbox.run_built("help --man config set").expect_code(0);
    assert_eq!(shown.stderr, "`man` is not installed; this is the help of the command\n");
    assert_eq!(shown.stdout, sandbox.run("help config set").expect_code(0).stdout);
    let shown = sandbox.run_built("help --man 7 hours").expect_code(0);
    assert_eq!(shown.stderr, "`man` is not installed; this is the source of the page\n");
    assert!(shown.stdout.contains("\n.Dt CALLQ-HOURS 7\n"), "{shown}");
}

/// The command that README.md shows.
#[test]
fn one_command_puts_the_pages_where_man_looks() {
    let readme = Page::open("README.md").text();
    let command = readme.split('`').find(|code| code.starts_with("for page in man/*")).unwrap();
    if !is_installed("man") {
        return;
    }
    let mut sandbox = Sandbox::new();
    let folder = sandbox.folder().to_owned();
    sandbox.set("HOME", &folder);
    fs::create_dir_all(sandbox.path(".cargo/bin")).unwrap();
    sandbox.set("PATH", format!("{}:/usr/bin:/bin", sandbox.path(".cargo/bin").display()));
    let script =
        format!("cd {:?} && {command} && man -w callq-list && man -w 7 callq-hours", env!("CARGO_MANIFEST_DIR"));
    let run = sandbox.run_program("sh", ["-c", &script], "").expect_code(0);
    let pages = ["man1/callq-list.1", "man7/callq-hours.7"].map(|page| format!("[FOLDER]/.cargo/share/man/{page}\n"));
    assert_eq!(run.stdout, pages.concat());
}
