//! Changes one key of the file, or writes the sample: comments and order stay, and a wrong result is never written.

use std::path::Path;

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike};

use super::document::{Document, Entries, section_name};
use super::error::{ConfigError, Location, Problem};
use super::explain::{Row, get, key_named};
use super::keys::{Key, KeyScope};
use super::load::{Settings, resolve_text};
use super::locations::Locations;
use super::natural::{form_of, start_and_end};
use super::policy_builder::PolicyBuilder;
use super::replace::Exclusive;
use super::shown::{self, SAMPLE};
use super::value::Value;
use crate::model::{ClientId, Preset};

/// Writes the sample configuration to a new file (mode 0600, its folder 0700 when that is new too).
///
/// # Errors
/// When there is a file already, or it cannot be written.
pub fn init(path: &Path, preset: Option<Preset>) -> Result<(), ConfigError> {
    let file = Exclusive::lock(path)?;
    // A link to nowhere is in the way too.
    if path.symlink_metadata().is_ok() {
        return Err(ConfigError::Exists { path: path.to_owned() });
    }
    match preset {
        None => file.replace(SAMPLE),
        Some(preset) => file.replace(&with_preset(preset)),
    }
}

/// What a preset sets. The delays of `respectful` are those of calling systems that document theirs: a busy line is free
/// within minutes to an hour, other people are reached again after hours, not minutes, and six calls reach most who can be
/// reached. A day after a declined call is our judgement.
fn preset_values(preset: Preset) -> &'static [(&'static str, &'static str)] {
    match preset {
        Preset::Respectful => &[
            ("max_retries", "5"),
            ("retry_delays", "[120, 240, 1440]"),
            ("retry_ladder.busy", "[10, 30, 120, 1440]"),
            ("retry_ladder.voicemail", "[240, 1440]"),
            ("retry_ladder.declined", "[1440]"),
            ("retry_multiplier", "1.0"),
        ],
    }
}

/// The sample with the values of a preset. Each key that a preset sets has a line of its own there.
fn with_preset(preset: Preset) -> String {
    let value_of = |line: &str| {
        let (name, _) = line.trim_start_matches("# ").split_once(" = ")?;
        preset_values(preset).iter().find(|(set, _)| *set == name)
    };
    let line = |line| value_of(line).map_or_else(|| format!("{line}\n"), |(name, value)| format!("{name} = {value}\n"));
    SAMPLE.lines().map(line).collect()
}

/// A change of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// Whether the file was written; not when it said so already.
    pub changed: bool,
    /// What the file says now, the variables of the environment left aside.
    pub row: Row,
}

/// Sets a key in `[defaults]`, or in a client's section, which is made when it is missing.
///
/// The value is TOML, or a bare text, or a list without brackets and quotes: `Europe/Berlin`, `5,15`, or as people type it:
/// `Mon-Fri`, `9am`. A file that was not there is made.
///
/// # Errors
/// For an unknown key, a value that the key does not take, and a configuration that would be wrong as a whole, in
/// `[defaults]` or for any client, the variables of the environment left aside; and when the file cannot be written.
pub fn set(path: &Path, client: Option<&ClientId>, name: &str, value: &str) -> Result<Edited, ConfigError> {
    let edited = set_all(path, client, &[(name.to_owned(), value.to_owned())])?;
    let not_set = || ConfigError::io(path, "edit the configuration")(std::io::ErrorKind::InvalidData.into());
    edited.into_iter().next().ok_or_else(not_set)
}

/// Sets several keys in one step: all of them or none.
///
/// # Errors
/// As [`set`] for each of them.
pub fn set_all(
    path: &Path,
    client: Option<&ClientId>,
    values: &[(String, String)],
) -> Result<Vec<Edited>, ConfigError> {
    let read = read_values(client, values)?;
    let file = Exclusive::lock(path)?;
    let old = file.read()?.unwrap_or_default();
    let new = changed(&old, path, client, &read)?;
    let rows = |settings: &Settings| read.iter().map(|(_, name, _)| get(settings, name, client)).collect();
    let (changed, rows): (bool, Vec<Row>) = write(&file, path, &old, &new, rows)?;
    Ok(rows.into_iter().map(|row| Edited { changed, row }).collect())
}

/// The text of a file with other values of some keys, and the names of these keys.
pub(super) fn text_with(
    old: &str,
    path: &Path,
    client: Option<&ClientId>,
    values: &[(String, String)],
) -> Result<(String, Vec<String>), ConfigError> {
    let read = read_values(client, values)?;
    let new = changed(old, path, client, &read)?;
    Ok((new, read.into_iter().map(|(_, name, _)| name).collect()))
}

/// A key by the name that was given, and the value that it takes.
type ReadValue = (&'static Key, String, Value);

fn read_values(client: Option<&ClientId>, values: &[(String, String)]) -> Result<Vec<ReadValue>, ConfigError> {
    let mut read = Vec::new();
    for (name, text) in values {
        match start_and_end(name, text) {
            Some(both) => both.iter().try_for_each(|(name, text)| read_value(client, name, text, &mut read))?,
            None => read_value(client, name, text, &mut read)?,
        }
    }
    Ok(read)
}

/// The old text with new values.
fn changed(old: &str, path: &Path, client: Option<&ClientId>, read: &[ReadValue]) -> Result<String, ConfigError> {
    let mut shown = old.to_owned();
    for (key, name, value) in read {
        shown = at_its_place(shown, path, &steps(key, client, name), value)?;
    }
    let old = &*shown;
    let mut document = parse(old, path)?;
    for (key, name, value) in read {
        let steps = steps(key, client, name);
        let (last, groups) = steps.split_last().unwrap_or((&"", &[]));
        let mut item = document.as_item_mut();
        for group in groups {
            item = step_into(item, group, !old.is_empty()).ok_or_else(|| why_wrong(old, path))?;
        }
        put(item, last, value.to_edit());
    }
    Ok(text_of(&document, old))
}

/// The text with a key set on the line that shows it, if it is not set and such a line is there.
fn at_its_place(text: String, path: &Path, steps: &[&str], value: &Value) -> Result<String, ConfigError> {
    let is_set = |document: &DocumentMut| {
        let value = steps.iter().try_fold(document.as_item(), |item, step| item.get(step));
        value.is_some()
    };
    if is_set(&parse(&text, path)?) {
        return Ok(text);
    }
    let placed = shown::with_key_set(&text, steps, &value.to_edit());
    // A line that only looks like one of the sample may stand in a text over several lines.
    Ok(placed.filter(|placed| placed.parse().is_ok_and(|document| is_set(&document))).unwrap_or(text))
}

/// Reads a value as its key takes it.
fn read_value(client: Option<&ClientId>, name: &str, text: &str, read: &mut Vec<ReadValue>) -> Result<(), ConfigError> {
    let (key, name) = key_in(client, name)?;
    let refused = |messages: Vec<String>| {
        let problem = |message| Problem { spot: Location::Argument, message };
        ConfigError::Invalid(messages.into_iter().map(problem).collect())
    };
    let natural = form_of(key, text).map_err(|fault| refused(vec![format!("`{name}`: {fault}")]))?;
    let value = Value::from_argument(key.form, natural.as_deref().unwrap_or(text));
    let last = name.rsplit('.').next().unwrap_or(name);
    if let Err(fault) = (key.read)(&mut PolicyBuilder::empty(), last, &value) {
        return Err(refused(fault.0.into_iter().map(|(_, message)| format!("`{name}`{message}")).collect()));
    }
    read.push((key, name.to_owned(), value));
    Ok(())
}

/// Removes a key from `[defaults]` or from a client's section; the section stays, and so do the comments above the key.
///
/// # Errors
/// For an unknown key and one that is not set there, and when the file would be wrong without it or cannot be written.
pub fn unset(path: &Path, client: Option<&ClientId>, name: &str) -> Result<Edited, ConfigError> {
    let (key, name) = key_in(client, name)?;
    let not_set = || {
        let section = match key.place {
            KeyScope::Top => "the part for all clients".to_owned(),
            KeyScope::Policy => format!("[{}]", section_name(client)),
        };
        ConfigError::NotSet { key: name.to_owned(), section, path: path.to_owned() }
    };
    // Where there is no file, nothing is left behind either.
    if !path.exists() {
        return Err(not_set());
    }
    let file = Exclusive::lock(path)?;
    let old = file.read()?.unwrap_or_default();
    let mut document = parse(&old, path)?;
    let (sections, _) = Document::parse(old.clone());
    let entry = entries(&sections, key, client).and_then(|entries| entries.get(name)).ok_or_else(not_set)?;
    let steps = steps(key, client, name);
    let new = match remove_inline(document.as_item_mut(), &steps) {
        true => text_of(&document, &old),
        // A pair outside of an inline table has its lines for itself.
        false => without_lines(&old, entry.value.span.start, entry.value.span.end, &steps),
    };
    let (changed, row) = write(&file, path, &old, &new, |settings| get(settings, name, client))?;
    Ok(Edited { changed, row })
}

/// The key of a name, refused for a client when it is one for all.
fn key_in<'a>(client: Option<&ClientId>, name: &'a str) -> Result<(&'static Key, &'a str), ConfigError> {
    let (key, name) = key_named(name)?;
    match client {
        Some(client) if key.place == KeyScope::Top => {
            Err(ConfigError::NotPerClient { key: name.to_owned(), client: client.clone() })
        }
        _ => Ok((key, name)),
    }
}

/// The path through the tables of the file.
fn steps<'a>(key: &Key, client: Option<&'a ClientId>, name: &'a str) -> Vec<&'a str> {
    let mut steps = match (key.place, client) {
        (KeyScope::Top, _) => Vec::new(),
        (KeyScope::Policy, None) => vec!["defaults"],
        (KeyScope::Policy, Some(client)) => vec!["clients", client.as_str()],
    };
    steps.extend(name.split('.'));
    steps
}

fn entries<'a>(sections: &'a Document, key: &Key, client: Option<&ClientId>) -> Option<&'a Entries> {
    match (key.place, client) {
        (KeyScope::Top, _) => Some(&sections.top),
        (KeyScope::Policy, None) => Some(&sections.defaults),
        (KeyScope::Policy, Some(client)) => sections.clients.get(client).map(|section| &section.entries),
    }
}

fn parse(text: &str, path: &Path) -> Result<DocumentMut, ConfigError> {
    text.parse::<DocumentMut>().map_err(|_| why_wrong(text, path))
}

/// The text of a changed document, with the line ends and the byte order mark that the old one had.
fn text_of(document: &DocumentMut, old: &str) -> String {
    let plain = |text: &str| text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let end = document.trailing().as_str().map(plain).unwrap_or_default();
    let text = below_the_end(plain(&document.to_string()), &plain(old), &end);
    let text = if old.contains("\r\n") { text.replace('\n', "\r\n") } else { text };
    let mark = if old.starts_with('\u{feff}') && !text.starts_with('\u{feff}') { "\u{feff}" } else { "" };
    format!("{mark}{text}")
}

/// Moves a section that was added before the last comments of a file below them: they belong to the section above.
fn below_the_end(new: String, old: &str, end: &str) -> String {
    let added = old.strip_suffix(end).and_then(|start| new.strip_prefix(start)?.strip_suffix(end));
    match added {
        Some(added) if !end.trim().is_empty() && added.trim_start().starts_with('[') => {
            let gap = if old.ends_with('\n') { "" } else { "\n" };
            format!("{old}{gap}{added}")
        }
        _ => new,
    }
}

/// The problems of a text that cannot be edited, as `load` tells them.
fn why_wrong(text: &str, path: &Path) -> ConfigError {
    match resolve_text(text.to_owned(), Some(path.to_owned()), &Locations::default()) {
        Err(error) => error,
        Ok(_) => ConfigError::io(path, "edit the configuration")(std::io::ErrorKind::InvalidData.into()),
    }
}

/// The table of a name in another one, which is made when it is missing; `None` where something else stands.
fn step_into<'a>(parent: &'a mut Item, name: &str, has_text_before: bool) -> Option<&'a mut Item> {
    let is_inline = parent.is_inline_table();
    let table = parent.as_table_like_mut()?;
    if !table.contains_key(name) {
        if is_inline {
            close_gap(table);
        }
        let group = new_group(name, is_inline, table.is_dotted(), has_text_before);
        table.insert(name, group);
    }
    table.get_mut(name).filter(|item| item.is_table_like())
}

/// An empty table in the style of its surroundings: inline in an inline table, `days.Sat = …` for the open keys, else
/// with a header of its own.
fn new_group(name: &str, in_inline: bool, in_dotted: bool, has_text_before: bool) -> Item {
    if in_inline {
        return Item::Value(InlineTable::new().into());
    }
    let mut table = Table::new();
    if in_dotted || matches!(name, "days" | "exit_status" | "dynamic_variables" | "rules_off" | "retry_ladder") {
        table.set_dotted(true);
    } else if name == "clients" {
        // `[clients.acme]` needs no `[clients]` above it.
        table.set_implicit(true);
    } else if has_text_before {
        table.decor_mut().set_prefix("\n");
    }
    Item::Table(table)
}

/// Puts a value where the old one was, with the space and the comment around it.
fn put(table: &mut Item, name: &str, mut value: toml_edit::Value) {
    let is_inline = table.is_inline_table();
    let Some(table) = table.as_table_like_mut() else { return };
    match table.get_mut(name).and_then(Item::as_value_mut) {
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => {
            if is_inline {
                close_gap(table);
            }
            table.insert(name, Item::Value(value));
        }
    }
}

/// Takes the space behind the last value of an inline table away, so that a comma can follow: `{ a = 1, b = 2 }`.
fn close_gap(table: &mut dyn TableLike) {
    let last = table.iter_mut().last().and_then(|(_, item)| item.as_value_mut().map(toml_edit::Value::decor_mut));
    if let Some(decor) = last
        && decor.suffix().and_then(toml_edit::RawString::as_str).is_some_and(|suffix| suffix.trim().is_empty())
    {
        decor.set_suffix("");
    }
}

/// Removes a key that stands in an inline table; `false` when it stands in none.
fn remove_inline(item: &mut Item, steps: &[&str]) -> bool {
    let Some((step, rest)) = steps.split_first() else { return false };
    let is_inline = item.is_inline_table();
    let Some(table) = item.as_table_like_mut() else { return false };
    if is_inline && rest.is_empty() {
        return table.remove(step).is_some();
    }
    table.get_mut(step).is_some_and(|item| remove_inline(item, rest))
}

/// The text without the lines in which these bytes stand; where the sample shows the key, its line comes back.
fn without_lines(text: &str, start: usize, end: usize, steps: &[&str]) -> String {
    let (before, _) = text.split_at_checked(start).unwrap_or((text, ""));
    let (_, after) = text.split_at_checked(end).unwrap_or((text, ""));
    let before = before.rfind('\n').map_or("", |at| before.get(..=at).unwrap_or_default());
    let after = after.split_once('\n').map_or("", |(_, after)| after);
    let shown = shown::line_below(before.lines().last().unwrap_or_default(), steps);
    let shown = shown.map(|line| format!("{line}{}", if text.contains("\r\n") { "\r\n" } else { "\n" }));
    format!("{before}{}{after}", shown.unwrap_or_default())
}

/// Writes the new text unless it is the old one or wrong. Gives back whether it was written, and what `rows` finds in it.
fn write<T>(
    file: &Exclusive,
    path: &Path,
    old: &str,
    new: &str,
    rows: impl FnOnce(&Settings) -> Result<T, ConfigError>,
) -> Result<(bool, T), ConfigError> {
    let settings = resolve_text(new.to_owned(), Some(path.to_owned()), &Locations::default());
    let settings = settings.map_err(|error| match error {
        ConfigError::Invalid(problems) => ConfigError::Rejected(problems),
        other => other,
    })?;
    let rows = rows(&settings)?;
    if new != old {
        file.replace(new)?;
    }
    Ok((new != old, rows))
}

#[cfg(test)]
mod tests;
