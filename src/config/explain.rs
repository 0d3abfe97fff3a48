//! Says what each key's value is for a client, and which layer sets it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::document::{Entries, Entry, section_name};
use super::error::ConfigError;
use super::keys::{BuiltIn, KEYS, Key, KeyScope};
use super::load::Settings;
use super::locations::Locations;
use super::names::{Named, find};
use super::value::{Data, Value};
use crate::model::ClientId;

/// Which layer sets a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    BuiltIn,
    /// A line of the file.
    File {
        /// The file as it was named.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The section: `defaults` or `clients.NAME`; empty for the keys of all clients.
        section: String,
    },
    Variable(&'static str),
    /// A flag of the command line.
    Flag(&'static str),
}

/// Writes `built-in`, `/path:12 [defaults]`, or the name of the variable or the flag.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::BuiltIn => f.write_str("built-in"),
            Source::File { path, line, section } if section.is_empty() => write!(f, "{}:{line}", path.display()),
            Source::File { path, line, section } => write!(f, "{}:{line} [{section}]", path.display()),
            Source::Variable(name) | Source::Flag(name) => f.write_str(name),
        }
    }
}

/// A key with the value that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The name with dots, such as `business_hours.start`.
    pub key: String,
    /// The value as TOML; `None` when nothing sets it.
    pub value: Option<String>,
    /// The value without quotes, for scripts; a list stays TOML.
    pub bare: Option<String>,
    /// The value as JSON; `null` when nothing sets it.
    pub json: serde_json::Value,
    /// Which layer sets it.
    pub source: Source,
}

impl Row {
    fn new(name: &str, value: Option<&Value>, source: Source) -> Row {
        Row {
            key: name.to_owned(),
            value: value.map(Value::to_string),
            bare: value.map(Value::bare),
            json: value.map_or(serde_json::Value::Null, Value::to_json),
            source,
        }
    }

    /// The flag or variable that goes before this row's place in the file, for somebody who has just changed it there.
    pub fn overruled_by(&self, locations: &Locations) -> Option<&'static str> {
        let (key, _) = key_named(&self.key).ok()?;
        match &self.source {
            Source::File { section, .. } if section.starts_with("clients.") => None,
            _ if key.name == DATABASE && locations.db_flag.is_some() => Some("--db"),
            _ => key.variable.filter(|variable| locations.variable(variable).is_some()),
        }
    }
}

/// The one key that a flag can set for every command.
const DATABASE: &str = "database";

/// Every key in the order of the sample configuration, as it holds for a client, or for a client without a section.
///
/// Keys of all clients, such as `database`, are among them; of the tables with names of their own, such as
/// `business_hours.days` and `retry_ladder`, those that some layer sets.
pub fn list(settings: &Settings, client: Option<&ClientId>) -> Vec<Row> {
    let layers = settings.layers_for(client);
    let mut rows = Vec::new();
    for key in &KEYS {
        if key.is_open() {
            let mut names: Vec<&String> = layers
                .iter()
                .flat_map(|(_, entries)| entries.iter())
                .filter(|(_, entry)| std::ptr::eq(entry.key, key))
                .map(|(name, _)| name)
                .collect();
            names.sort_by_key(|name| rank(name));
            names.dedup();
            rows.extend(names.into_iter().map(|name| settings.row(name, key, &layers)));
        } else {
            rows.push(settings.row(key.name, key, &layers));
        }
    }
    rows.extend(receiver_rows(settings));
    rows
}

/// What the rows `[[hooks]]` and `[[webhooks]]` set, each row by its number from 1. Of an address the query, which may be a
/// token, is left out.
fn receiver_rows(settings: &Settings) -> Vec<Row> {
    let layers = &settings.layers;
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut rows = Vec::new();
    for receiver in &layers.document.receivers {
        let table = receiver.kind.table();
        let number = numbers.entry(table).and_modify(|number| *number += 1).or_insert(1);
        for (field, value) in receiver.values() {
            let source = Source::File {
                path: layers.path.clone().unwrap_or_default(),
                line: layers.document.line_and_column(value.span.start).0,
                section: table.to_owned(),
            };
            let value = match &value.data {
                Data::Text(url) if field == "url" => {
                    &Value::elsewhere(Data::Text(url.split('?').next().unwrap_or_default().to_owned()))
                }
                _ => value,
            };
            rows.push(Row::new(&format!("{table}.{number}.{field}"), Some(value), source));
        }
    }
    rows
}

/// The row of `database` as it holds in this place: with the flag, and with the default place where nothing names one.
pub fn database_in_use(settings: &Settings, locations: &Locations) -> Row {
    let path = settings.database_path(locations).ok();
    let value = path.map(|path| Value::elsewhere(Data::Text(path.display().to_string())));
    let source = match get(settings, DATABASE, None) {
        _ if locations.db_flag.is_some() => Source::Flag("--db"),
        Ok(row) => row.source,
        Err(_) => Source::BuiltIn,
    };
    Row::new(DATABASE, value.as_ref(), source)
}

/// One key as it holds for a client. The name may begin with `defaults.`.
///
/// # Errors
/// For a name that is no key, with what was probably meant.
pub fn get(settings: &Settings, name: &str, client: Option<&ClientId>) -> Result<Row, ConfigError> {
    let (key, name) = key_named(name)?;
    Ok(settings.row(name, key, &settings.layers_for(client)))
}

/// The key of a name as the command line gives it, and the name without `defaults.`.
pub(super) fn key_named(name: &str) -> Result<(&'static Key, &str), ConfigError> {
    let policy_name = name.strip_prefix("defaults.").unwrap_or(name);
    if policy_name == name
        && let Ok(Named::Key(key)) = find(KeyScope::Top, name)
    {
        return Ok((key, name));
    }
    match find(KeyScope::Policy, policy_name) {
        Ok(Named::Key(key)) => Ok((key, policy_name)),
        Ok(Named::Group) => {
            let prefix = format!("{policy_name}.");
            let members: Vec<&str> = KEYS.iter().map(|key| key.name).filter(|key| key.starts_with(&prefix)).collect();
            Err(ConfigError::UnknownKey(format!("`{name}` is a table: name one of {}", members.join(", "))))
        }
        Err(_) if name.starts_with("clients.") => {
            Err(ConfigError::UnknownKey(format!("unknown key `{name}`: name a client by `-c CLIENT` and leave it out")))
        }
        Err(message) if policy_name == name => Err(ConfigError::UnknownKey(either(name, message))),
        Err(message) => Err(ConfigError::UnknownKey(message)),
    }
}

/// The message of the place in which something near was found.
fn either(name: &str, of_policy: String) -> String {
    match find(KeyScope::Top, name) {
        Err(of_top)
            if !of_policy.contains('?') && of_top.contains("did you mean") && !of_top.contains("`defaults`") =>
        {
            of_top
        }
        _ => of_policy,
    }
}

/// Weekdays in their order, numbers by size.
fn rank(name: &str) -> (usize, String) {
    let last = name.rsplit('.').next().unwrap_or(name);
    let weekday = super::read::WEEKDAYS.iter().position(|weekday| *weekday == last);
    (weekday.or_else(|| last.parse().ok()).unwrap_or(usize::MAX), name.to_owned())
}

impl Settings {
    /// The layers over the built-in one, the uppermost first, each with the name of its section.
    fn layers_for(&self, client: Option<&ClientId>) -> Vec<(String, &Entries)> {
        let document = &self.layers.document;
        let section = client.and_then(|client| Some((client, document.clients.get(client)?)));
        let mut layers = Vec::new();
        layers.extend(section.map(|(client, section)| (section_name(Some(client)), &section.entries)));
        layers.push((String::new(), &self.layers.variables));
        layers.push((section_name(None), &document.defaults));
        layers.push((String::new(), &document.top));
        layers
    }

    fn row(&self, name: &str, key: &Key, layers: &[(String, &Entries)]) -> Row {
        let set = layers.iter().find_map(|(section, entries)| Some((section, entries.get(name)?)));
        let (value, source) = match set {
            Some((section, entry)) => (Some(entry.value.clone()), self.source(section, entry)),
            None => (BuiltIn::value(key.built_in), Source::BuiltIn),
        };
        Row::new(name, value.as_ref(), source)
    }

    fn source(&self, section: &str, entry: &Entry) -> Source {
        match entry.variable {
            Some(variable) => Source::Variable(variable),
            None => Source::File {
                path: self.layers.path.clone().unwrap_or_default(),
                line: self.layers.document.line_and_column(entry.value.span.start).0,
                section: section.to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Locations;
    use crate::config::load::resolve_text;

    fn settings() -> Settings {
        let text = include_str!("../../tests/fixtures/config/valid/two-clients.toml").to_owned();
        let variables = [("QUEUE_MAX_CONCURRENT".to_owned(), "9".into())].into();
        let locations = Locations { variables, ..Locations::default() };
        resolve_text(text, Some("/etc/callq.toml".into()), &locations).unwrap()
    }

    fn shown(row: &Row) -> String {
        format!("{} = {} # {}", row.key, row.value.as_deref().unwrap_or("unset"), row.source)
    }

    #[test]
    fn a_list_tells_each_key_its_value_and_where_it_comes_from() {
        let settings = settings();
        let acme = list(&settings, Some(&"acme".parse().unwrap()));
        let rows: Vec<String> = acme.iter().map(shown).collect();
        for expected in [
            "database = \"queue.db\" # /etc/callq.toml:1",
            "watch.interval = \"1m\" # /etc/callq.toml:4",
            "timezone = \"America/Los_Angeles\" # /etc/callq.toml:19 [clients.acme]",
            "max_concurrent = 9 # QUEUE_MAX_CONCURRENT",
            "retry_multiplier = 2.0 # built-in",
            "country_code = unset # built-in",
            "business_hours.days.Sat = [] # /etc/callq.toml:26 [clients.acme]",
            "dispatch.command = [\"/usr/local/bin/place-call\", \"{phone}\"] # /etc/callq.toml:15 [defaults]",
        ] {
            assert!(rows.iter().any(|row| row == expected), "{expected}\nis not in\n{}", rows.join("\n"));
        }
        let open: Vec<&str> = acme.iter().map(|row| row.key.as_str()).filter(|key| key.contains("days.")).collect();
        assert_eq!(open, ["business_hours.days.Sat", "business_hours.days.Sun"]);
        assert_eq!(acme.len(), KEYS.iter().filter(|key| !key.is_open()).count() + 4);
        let quoted = list(&settings, Some(&"Globex Corp.".parse().unwrap()));
        assert!(quoted.iter().any(|row| row.source.to_string().ends_with(" [clients.\"Globex Corp.\"]")));
    }

    #[test]
    fn get_gives_the_bare_value() {
        let settings = settings();
        let acme = "acme".parse().unwrap();
        for (name, client, bare) in [
            ("timezone", None, Some("Europe/Berlin")),
            ("timezone", Some(&acme), Some("America/Los_Angeles")),
            ("defaults.max_concurrent", None, Some("9")),
            ("retry_delays", None, Some("[5, 15, 30, 60]")),
            ("business_hours.days.Sat", None, Some("[\"10:00-14:00\"]")),
            ("business_hours.days.Mon", None, None),
            ("country_code", None, None),
            ("watch.interval", Some(&acme), Some("1m")),
        ] {
            assert_eq!(get(&settings, name, client).unwrap().bare.as_deref(), bare, "{name}");
        }
    }

    #[test]
    fn a_name_that_is_no_key_says_what_was_meant() {
        let settings = settings();
        for (name, message) in [
            ("time_zone", "unknown key `time_zone`; did you mean `timezone`?"),
            ("databse", "unknown key `databse`; did you mean `database`?"),
            ("start", "unknown key `start`; did you mean `business_hours.start`?"),
            ("priority_hours", "unknown key `priority_hours`; did you mean `business_hours.priority_hours`?"),
            ("watch.intervall", "unknown key `watch.intervall`; did you mean `watch.interval`?"),
            ("defaults.database", "unknown key `database` here; it belongs at the top of the file, for all clients"),
            (
                "priority_weights",
                "`priority_weights` is a table: name one of priority_weights.urgent, \
                 priority_weights.high, priority_weights.normal, priority_weights.low",
            ),
            (
                "clients.acme.timezone",
                "unknown key `clients.acme.timezone`: name a client by `-c CLIENT` and leave it out",
            ),
            ("quux", "unknown key `quux`"),
            ("", "unknown key ``"),
        ] {
            assert_eq!(get(&settings, name, None).unwrap_err().to_string(), message);
        }
    }
}
