//! The manual, section 1: pages from the command line's own texts, and from the sections in `tests/fixtures/manual`. Those of
//! section 7 are written by hand: see `pages`.

use std::collections::BTreeMap;
use std::fmt::Write;

use callq::cli::{Cli, examples};
use clap::{Command, CommandFactory};

use crate::support::Page;

/// When the pages changed last in more than their wording.
const DATE: &str = "2026-11-24";

const FILES: &str = include_str!("../fixtures/manual/files.txt");
const ENVIRONMENT: &str = include_str!("../fixtures/manual/environment.txt");
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
        let others = names.iter().filter(|name| file.trim_end_matches(".1") != *name);
        let others: Vec<String> = others.map(|name| reference(name, 1)).chain(by_hand.iter().cloned()).collect();
        write!(page, ".SH \"SEE ALSO\"\n{}\n", others.join(",\n")).unwrap();
    }
    pages
}

/// A reference to another page.
fn reference(name: &str, section: u8) -> String {
    format!("\\fB{}\\fR({section})", escaped(name))
}

fn write_pages(command: &Command, exit_codes: &str, pages: &mut BTreeMap<String, String>) {
    for found in command.get_subcommands().filter(|found| !found.is_hide_set()) {
        write_pages(found, exit_codes, pages);
    }
    let name = command.get_display_name().unwrap_or("callq").to_owned();
    let text = page(command, &name, exit_codes);
    pages.insert(format!("{name}.1"), text);
}

fn page(command: &Command, name: &str, exit_codes: &str) -> String {
    let source = format!("callq {}", env!("CARGO_PKG_VERSION"));
    let man = clap_mangen::Man::new(command.clone()).title(name.to_uppercase()).date(DATE).source(source);
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
    if name == "callq" {
        writeln!(page, ".SH GUARANTEE\n{GUARANTEE}").unwrap();
    }
    write!(page, ".SH \"EXIT STATUS\"\n{}", entries(&codes(exit_codes))).unwrap();
    write!(page, ".SH FILES\n{}", entries(&definitions(FILES))).unwrap();
    write!(page, ".SH ENVIRONMENT\n{}", entries(&definitions(ENVIRONMENT))).unwrap();
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
