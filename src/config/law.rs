//! Reads the keys of `law`, and the rules of one's own of each section.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::{Document, Entries};
use super::error::{Location, Problem};
use super::layers::Layers;
use super::policy_builder::PolicyBuilder;
use super::read::{self, Fault};
use super::source_text;
use super::value::{Data, Value};
use crate::compliance::{Rule, RuleBook, RuleSetError};
use crate::model::{Purpose, ShippedRules, UnknownNumber, Voice};

/// The choices of a word, for [`read::word`].
macro_rules! words {
    ($choice:ty, $value:expr) => {{
        let words: Vec<(&'static str, $choice)> = <$choice>::ALL.iter().map(|word| (word.as_str(), *word)).collect();
        read::word($value, &words)
    }};
}

pub(super) fn purpose(value: &Value) -> Result<Option<Purpose>, Fault> {
    words!(Purpose, value).map(Some)
}

pub(super) fn voice(value: &Value) -> Result<Voice, Fault> {
    words!(Voice, value)
}

pub(super) fn rules(value: &Value) -> Result<ShippedRules, Fault> {
    words!(ShippedRules, value)
}

pub(super) fn unknown_number(value: &Value) -> Result<UnknownNumber, Fault> {
    words!(UnknownNumber, value)
}

pub(super) fn lifted_by(value: &Value) -> Result<Vec<crate::model::ConsentKind>, Fault> {
    read::list(value, "kinds of consent such as \"written\"", |value| words!(crate::model::ConsentKind, value))
}

pub(super) fn registries(value: &Value) -> Result<Vec<String>, Fault> {
    let allowed = "the name of a registry such as \"us-national\", of letters, digits, `-` and `_`";
    read::list(value, "names of registries such as \"us-national\"", |value| {
        let name = read::text(value, allowed)?;
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if is_name { Ok(name.to_owned()) } else { Err(Fault::expected(value, allowed)) }
    })
}

pub(super) fn rules_files(value: &Value) -> Result<Vec<(PathBuf, Range<usize>)>, Fault> {
    read::list(value, "paths of files with [[rules]]", |value| Ok((read::path(value)?, value.span.clone())))
}

/// `rules_off.us-mi = "counsel, 2026-11-20: needs malice"`.
pub(super) fn rule_off(policy_builder: &mut PolicyBuilder, id: &str, value: &Value) -> Result<(), Fault> {
    let reason = match &value.data {
        Data::Text(reason) if !reason.trim().is_empty() => reason.clone(),
        _ => return Err(Fault::expected(value, "who decided it, when and why: \"counsel, 2026-11-20: needs malice\"")),
    };
    policy_builder.law.rules_off.insert(id.to_owned(), reason);
    Ok(())
}

/// The rules of `[[rules]]` in the configuration, which hold for all clients.
pub(super) fn rules_of_all(layers: &Layers, problems: &mut Vec<Problem>) -> Vec<Arc<Rule>> {
    let file = layers.path.clone().unwrap_or_default();
    let mut rules = Vec::new();
    read_rows(&layers.document, &file, &mut rules, problems);
    rules
}

/// The rules of all clients with those of the files that `rules_files` of a policy names.
pub(super) fn with_files(
    layers: &Layers,
    rules_of_all: &[Arc<Rule>],
    policy_builder: &PolicyBuilder,
    problems: &mut Vec<Problem>,
) -> Vec<Arc<Rule>> {
    let mut rules = rules_of_all.to_vec();
    for (named, span) in &policy_builder.rules_files {
        let path = layers.beside_file(named);
        match source_text::read(&path) {
            Ok(Some(text)) => read_file(text, &path, &mut rules, problems),
            Ok(None) => {
                let message = format!("`law.rules_files`: {}: no such file; name one with [[rules]]", path.display());
                problems.push(layers.problem_at(span.start, message));
            }
            Err(error) => problems.push(layers.problem_at(span.start, format!("`law.rules_files`: {error}"))),
        }
    }
    rules
}

fn read_file(text: String, path: &Path, rules: &mut Vec<Arc<Rule>>, problems: &mut Vec<Problem>) {
    let (document, mistakes) = Document::parse(text);
    read_rows(&document, path, rules, problems);
    problems.extend(mistakes.into_iter().map(|(_, (span, message))| problem(&document, path, span.start, message)));
    let others =
        [&document.top, &document.defaults].into_iter().flatten().map(|(name, entry)| (name, &entry.value.span));
    let others: Vec<(String, usize)> = others
        .map(|(name, span)| (name.clone(), span.start))
        .chain(document.clients.iter().map(|(client, section)| (format!("clients.{client}"), section.span.start)))
        .collect();
    for (name, byte) in others {
        let message = format!("`{name}`: only [[rules]] stand in a file of rules; write it in the configuration");
        problems.push(problem(&document, path, byte, message));
    }
}

/// Adds the rules of a file to those that were read before it.
fn read_rows(document: &Document, path: &Path, rules: &mut Vec<Arc<Rule>>, problems: &mut Vec<Problem>) {
    for row in &document.rules {
        match row.read(path) {
            Ok(rule) if RuleBook::ships(rule.id()) || rules.iter().any(|other| other.id() == rule.id()) => {
                let message = RuleSetError::Twice(rule.id().to_owned()).to_string();
                problems.push(problem(document, path, row.span_of("id").start, message));
            }
            Ok(rule) => rules.push(rule),
            Err((span, message)) => problems.push(problem(document, path, span.start, message)),
        }
    }
}

/// Takes out of a policy the names in `rules_off` of a section that no rule has.
pub(super) fn check_off(layers: &Layers, entries: &Entries, builder: &mut PolicyBuilder, problems: &mut Vec<Problem>) {
    for (name, entry) in entries {
        let Some(id) = name.strip_prefix("law.rules_off.") else { continue };
        let is_known = RuleBook::ships(id) || builder.own_rules.iter().any(|rule| rule.id() == id);
        if !is_known && builder.law.rules_off.remove(id).is_some() {
            let message = RuleSetError::UnknownOff(id.to_owned()).to_string();
            problems.push(layers.problem_of(entry, entry.value.span.start, message));
        }
    }
}

fn problem(document: &Document, path: &Path, byte: usize, message: String) -> Problem {
    let (line, column) = document.line_and_column(byte);
    Problem { spot: Location::File { path: path.to_owned(), line, column }, message }
}

/// The calendars that the rows of the configuration and of files of rules name, and these files.
pub(super) fn files(layers: &Layers, named: &[PathBuf]) -> Vec<PathBuf> {
    let own = layers.path.clone().unwrap_or_default();
    let mut files: Vec<PathBuf> = layers.document.rules.iter().filter_map(|row| row.calendar(&own)).collect();
    for path in named.iter().map(|path| layers.beside_file(path)) {
        if let Ok(Some(text)) = source_text::read(&path) {
            let (document, _) = Document::parse(text);
            files.extend(document.rules.iter().filter_map(|row| row.calendar(&path)));
        }
        files.push(path);
    }
    files
}

#[cfg(test)]
mod tests;
