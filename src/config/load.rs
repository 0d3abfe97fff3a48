//! Loads the settings: the file, the variables and the built-in values, resolved for every client.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use super::document::{Document, Entries, Entry};
use super::error::{ConfigError, Location, Problem};
use super::keys::KEYS;
use super::layers::Layers;
use super::locations::Locations;
use super::read;
use super::receivers::receivers;
use super::resolve::{Calendars, ClientProblems, Resolved, resolve};
use super::source_text;
use super::value::Value;
use crate::model::{ClientId, EventReceivers};
use crate::scheduler::PolicyBook;

/// The configuration as every command uses it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The policies of all clients.
    pub policies: PolicyBook,
    /// How long `watch` sleeps at most between two turns.
    pub watch_interval: TimeDelta,
    pub receivers: EventReceivers,
    /// `database` of the file, relative to the file's folder made whole; [`Settings::database_path`] decides.
    pub(super) database: Option<PathBuf>,
    /// Where each value comes from.
    pub(super) layers: Layers,
    /// The calendars that could be read, and why others could not.
    pub(super) calendars: Calendars,
    /// What is wrong in the sections of single clients.
    client_problems: ClientProblems,
}

impl Settings {
    /// The file that was looked for, there or not; `None` without a home directory.
    pub fn path(&self) -> Option<&Path> {
        self.layers.path.as_deref()
    }

    /// What is wrong in the section of a client: nobody of it is called, and nothing is planned by its policy.
    pub fn problems_of(&self, client: &ClientId) -> Option<ConfigError> {
        self.client_problems.get(client).cloned().map(ConfigError::Invalid)
    }

    /// The settings, when no client has a problem.
    ///
    /// # Errors
    /// With every problem of the clients.
    pub fn whole(self) -> Result<Settings, ConfigError> {
        let problems = sorted(self.client_problems.values().flatten().cloned().collect());
        if problems.is_empty() { Ok(self) } else { Err(ConfigError::Invalid(problems)) }
    }

    /// The path of the database: `--db`, else `CALLQ_DB`, else `database` in the file, else the default place.
    ///
    /// # Errors
    /// When no path is given and the user has no home directory.
    pub fn database_path(&self, locations: &Locations) -> Result<PathBuf, ConfigError> {
        locations
            .named_database()
            .or_else(|| self.database.clone())
            .or_else(|| locations.usual_database())
            .ok_or(ConfigError::NoHome { what: "the database", flag: "--db PATH", variable: "CALLQ_DB" })
    }
}

/// Loads the settings of this place. The default file may be absent, a named one may not. What is wrong in the section
/// of one client stops that client only.
///
/// # Errors
/// With every problem of the file and the variables at once, when one of them concerns all clients.
pub fn load(locations: &Locations) -> Result<Settings, ConfigError> {
    let (text, path) = read_file(locations)?;
    resolve_clients(text, path, locations, &[])
}

/// Loads the settings of this place as far as they can be read, with every problem of the file and the variables.
///
/// # Errors
/// When there is no file to read.
pub fn load_with_problems(locations: &Locations) -> Result<(Option<Settings>, Vec<Problem>), ConfigError> {
    let (text, path) = read_file(locations)?;
    Ok(match read_settings(text, path, locations, &[]) {
        Ok((settings, mut problems)) => {
            problems.extend(settings.client_problems.values().flatten().cloned());
            (Some(settings), sorted(problems))
        }
        Err(problems) => (None, problems),
    })
}

/// The settings of a text that would stand at a path, if nothing at all is wrong with them.
pub(super) fn resolve_text(
    text: String,
    path: Option<PathBuf>,
    locations: &Locations,
) -> Result<Settings, ConfigError> {
    resolve_clients(text, path, locations, &[])?.whole()
}

/// The settings of a text whose values of these keys stand above the variables of the environment.
pub(super) fn resolve_clients(
    text: String,
    path: Option<PathBuf>,
    locations: &Locations,
    above_variables: &[String],
) -> Result<Settings, ConfigError> {
    match read_settings(text, path, locations, above_variables) {
        Ok((settings, problems)) if problems.is_empty() => Ok(settings),
        Ok((settings, mut problems)) => {
            problems.extend(settings.client_problems.into_values().flatten());
            Err(ConfigError::Invalid(sorted(problems)))
        }
        Err(problems) => Err(ConfigError::Invalid(problems)),
    }
}

/// The settings of a text as far as they can be read, with the problems that concern all clients; else every problem.
fn read_settings(
    text: String,
    path: Option<PathBuf>,
    locations: &Locations,
    above_variables: &[String],
) -> Result<(Settings, Vec<Problem>), Vec<Problem>> {
    let (mut problems, mut client_problems) = (Vec::new(), ClientProblems::new());
    let (document, mistakes) = if text.is_empty() { Default::default() } else { Document::parse(text) };
    let mut layers = Layers { path, document, variables: Entries::new() };
    layers.variables = read_variables(locations, &mut problems);
    layers.variables.retain(|name, _| !above_variables.contains(name));
    for (client, (span, message)) in mistakes {
        let problem = layers.problem_at(span.start, message);
        match client {
            Some(client) => client_problems.entry(client).or_default().push(problem),
            None => problems.push(problem),
        }
    }
    let mut faults = Vec::new();
    let receivers = receivers(&layers, &mut faults);
    problems.extend(faults.into_iter().map(|(span, message)| layers.problem_at(span.start, message)));
    match resolve(&layers, &mut problems, &mut client_problems) {
        Some(Resolved { policies, policy_builder, calendars }) => {
            let named = layers.document.top.get("database").and_then(|entry| read::path(&entry.value).ok());
            let database = named.map(|path| layers.beside_file(&path));
            let watch_interval = policy_builder.watch_interval;
            let settings =
                Settings { policies, watch_interval, receivers, database, layers, calendars, client_problems };
            Ok((settings, problems))
        }
        None => {
            problems.extend(client_problems.into_values().flatten());
            Err(sorted(problems))
        }
    }
}

fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort();
    problems.dedup();
    problems
}

pub(super) fn read_file(locations: &Locations) -> Result<(String, Option<PathBuf>), ConfigError> {
    let Some(config) = locations.config() else { return Ok((String::new(), None)) };
    match (source_text::read(&config.path)?, config.named_by) {
        (Some(text), _) => Ok((text, Some(config.path))),
        (None, None) => Ok((String::new(), Some(config.path))),
        (None, Some(named_by)) => Err(ConfigError::Missing { path: config.path, named_by }),
    }
}

fn read_variables(locations: &Locations, problems: &mut Vec<Problem>) -> Entries {
    let mut entries = BTreeMap::new();
    for key in &KEYS {
        let Some((name, value)) = key.variable.and_then(|name| Some((name, locations.variable(name)?))) else {
            continue;
        };
        // A path may be any bytes, and a path in a variable is not read from here: see `Settings::database_path`.
        let text = value.to_string_lossy();
        if value.to_str().is_none() && key.name != "database" {
            let spot = Location::Variable { name: name.to_owned(), value: text.into_owned() };
            problems.push(Problem { spot, message: format!("`{}` is not valid UTF-8", key.name) });
            continue;
        }
        let value = Value::from_argument(key.form, &text);
        entries.insert(key.name.to_owned(), Entry { key, value, variable: Some(name) });
    }
    entries
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
