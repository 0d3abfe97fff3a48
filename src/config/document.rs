//! The file as sections of known keys, each with its place. Anything else is a problem.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::SpannedFault;
use super::keys::{Key, KeyScope};
use super::names::{Named, find};
use super::own_rules::{RULES, RuleRow};
use super::receivers::{ReceiverKind, ReceiverRow};
use super::value::Value;
use crate::model::ClientId;

/// A key that a layer sets.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: &'static Key,
    pub(super) value: Value,
    /// The variable that sets it; `None` in the file.
    pub(super) variable: Option<&'static str>,
}

/// What a section sets, by dotted name.
pub(super) type Entries = BTreeMap<String, Entry>;

/// A fault, and the client in whose section it stands; none for one that concerns all clients.
pub(super) type Mistake = (Option<ClientId>, SpannedFault);

/// The sections of a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Document {
    pub(super) text: String,
    pub(super) top: Entries,
    pub(super) defaults: Entries,
    pub(super) clients: BTreeMap<ClientId, Section>,
    /// The rows of `[[rules]]`.
    pub(super) rules: Vec<RuleRow>,
    /// The rows of `[[hooks]]` and `[[webhooks]]`.
    pub(super) receivers: Vec<ReceiverRow>,
}

/// The section of a client.
#[derive(Debug, Clone)]
pub(super) struct Section {
    /// Where its name stands.
    pub(super) span: Range<usize>,
    pub(super) entries: Entries,
}

impl Document {
    /// Reads the text of a file. Mistakes do not stop it, but those of TOML itself do.
    pub(super) fn parse(text: String) -> (Document, Vec<Mistake>) {
        let (root, errors) = DeTable::parse_recoverable(&text);
        if !errors.is_empty() {
            let mistakes = errors.iter().map(|error| {
                let message = error.message().replace('\n', "; ");
                (None, (error.span().unwrap_or_default(), format!("not TOML: {message}")))
            });
            let mistakes = mistakes.collect();
            return (Document { text, ..Document::default() }, mistakes);
        }
        let mut document = Document::default();
        let mut mistakes = Vec::new();
        let (mut top, mut defaults) = (Reading::of(KeyScope::Top), Reading::of(KeyScope::Policy));
        for (name, value) in root.get_ref() {
            match (name.get_ref().as_ref(), value.get_ref()) {
                ("defaults", DeValue::Table(table)) => defaults.table("", table),
                ("clients", DeValue::Table(table)) => document.read_clients(table, &mut mistakes),
                (RULES, _) => {
                    let mut faults = Vec::new();
                    document.rules = RuleRow::rows(value, &mut faults);
                    mistakes.extend(faults.into_iter().map(|fault| (None, fault)));
                }
                ("hooks" | "webhooks", _) => {
                    let is_hook = name.get_ref() == "hooks";
                    let kind = if is_hook { ReceiverKind::Hook } else { ReceiverKind::Webhook };
                    let mut faults = Vec::new();
                    document.receivers.extend(ReceiverRow::rows(kind, value, &mut faults));
                    mistakes.extend(faults.into_iter().map(|fault| (None, fault)));
                }
                ("defaults" | "clients", _) => mistakes.push((None, wrong_type(name.get_ref(), value))),
                _ => top.one("", name, value),
            }
        }
        document.top = top.finish(None, &mut mistakes);
        document.defaults = defaults.finish(None, &mut mistakes);
        (Document { text, ..document }, mistakes)
    }

    fn read_clients(&mut self, clients: &DeTable<'_>, mistakes: &mut Vec<Mistake>) {
        for (name, value) in clients {
            let client = match name.get_ref().parse::<ClientId>() {
                Ok(client) => client,
                Err(error) => {
                    mistakes.push((None, (name.span(), error.to_string())));
                    continue;
                }
            };
            let mut reading = Reading::of(KeyScope::Policy);
            match value.get_ref() {
                DeValue::Table(table) => reading.table("", table),
                _ => reading.faults.push(wrong_type(&section_name(Some(&client)), value)),
            }
            let entries = reading.finish(Some(&client), mistakes);
            self.clients.insert(client, Section { span: name.span(), entries });
        }
    }

    /// The line and column at which a byte stands, both from 1, the column in characters.
    pub(super) fn line_and_column(&self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..byte).unwrap_or(&self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count();
        let column = before.rsplit('\n').next().map_or(0, |start| start.chars().count());
        (line + 1, column + 1)
    }
}

/// The name of a section as the file writes it, without brackets.
pub(super) fn section_name(client: Option<&ClientId>) -> String {
    match client {
        Some(client) => format!("clients.{}", toml_edit::Key::new(client.as_str())),
        None => "defaults".to_owned(),
    }
}

fn wrong_type(name: &str, value: &Spanned<DeValue<'_>>) -> SpannedFault {
    let found = Value::from_toml(value);
    (value.span(), format!("`{name}` is {found}: expected a table"))
}

/// One section while it is read.
struct Reading {
    place: KeyScope,
    entries: Entries,
    faults: Vec<SpannedFault>,
}

impl Reading {
    fn of(place: KeyScope) -> Reading {
        Reading { place, entries: Entries::new(), faults: Vec::new() }
    }

    fn table(&mut self, group: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            self.one(group, name, value);
        }
    }

    fn one(&mut self, group: &str, name: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>) {
        let full = if group.is_empty() { name.get_ref().to_string() } else { format!("{group}.{}", name.get_ref()) };
        match (find(self.place, &full), value.get_ref()) {
            // A quoted name with a dot in it is not a path.
            _ if name.get_ref().contains('.') => self.faults.push((name.span(), format!("unknown key `{full:?}`"))),
            (Ok(Named::Group), DeValue::Table(table)) => self.table(&full, table),
            (Ok(Named::Group), _) => self.faults.push(wrong_type(&full, value)),
            (Ok(Named::Key(key)), _) => {
                self.entries.insert(full, Entry { key, value: Value::from_toml(value), variable: None });
            }
            (Err(message), _) => self.faults.push((name.span(), message)),
        }
    }

    fn finish(self, client: Option<&ClientId>, mistakes: &mut Vec<Mistake>) -> Entries {
        mistakes.extend(self.faults.into_iter().map(|fault| (client.cloned(), fault)));
        self.entries
    }
}
