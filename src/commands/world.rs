//! What every command works with: settings, clock, database, streams.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{self, BufRead, Write};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::explain::explain;
use crate::cli::{Client, Global};
use crate::clock::Clock;
use crate::config::{ConfigError, Locations, Settings};
use crate::dispatch::RetellClient;
use crate::error::{CommandError, ErrorKind};
use crate::interrupt::Interrupt;
use crate::model::{Actor, ClientId, Environment, Format, did_you_mean};
use crate::output::view::{CheckRow, List};
use crate::output::{self, ColorSigns, ItemWriter, LocalTime, Look, Screen, Style, View, ViewWriter};
use crate::random::Random;
use crate::scheduler::{Policy, Zone};
use crate::store::{Access, Store, StoreError};

/// What the program finds around itself.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The paths and variables of the configuration.
    pub locations: Locations,
    /// Who runs the program.
    pub actor: Actor,
    /// `CALLQ_CLIENT`, unless empty.
    pub default_client: Option<String>,
    /// The signs by which standard output is colored.
    pub colors: ColorSigns,
    /// Whether standard input is a terminal.
    pub stdin_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// Asks the operating system what it calls this boot.
    pub boot: fn() -> Option<String>,
}

/// Everything that a command works with: `program` makes it of a process.
pub struct World<'a> {
    /// The flags of every command.
    pub global: Global,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The environment, which the programs of calls inherit.
    pub environment: Environment,
    /// Randomness.
    pub random: &'a mut dyn Random,
    /// Opens standard input.
    pub stdin: &'a dyn Fn() -> Box<dyn BufRead>,
    /// Takes the signals, for commands that run calls; all others are ended by a signal as usual.
    pub signals: &'a dyn Fn() -> io::Result<Box<dyn Interrupt>>,
    /// Asks the terminal of standard output for its size, which may change while a command goes on.
    pub screen: &'a dyn Fn() -> Option<Screen>,
    /// Results.
    pub out: &'a mut dyn Write,
    /// Talk.
    pub err: &'a mut dyn Write,
    /// What the program finds around itself.
    pub surroundings: Surroundings,
    /// The settings, once a command has asked for them.
    pub settings: OnceCell<Arc<Settings>>,
    /// The instant of the command, once it has asked for it.
    pub asked_at: OnceCell<DateTime<Utc>>,
}

impl World<'_> {
    /// The instant of the command: the same each time it is asked for.
    pub fn now(&self) -> DateTime<Utc> {
        *self.asked_at.get_or_init(|| self.clock.now())
    }

    /// The settings, loaded when they are asked for first.
    ///
    /// # Errors
    /// When the configuration is wrong.
    pub fn settings(&self) -> Result<Arc<Settings>, CommandError> {
        if let Some(settings) = self.settings.get() {
            return Ok(settings.clone());
        }
        let loaded = Arc::new(crate::config::load(&self.surroundings.locations)?);
        Ok(self.settings.get_or_init(|| loaded).clone())
    }

    /// Opens the database of this place.
    ///
    /// # Errors
    /// When the configuration is wrong or the database cannot be opened.
    pub fn store(&self, access: Access) -> Result<Store, CommandError> {
        let path = self.settings()?.database_path(&self.surroundings.locations)?;
        Ok(Store::open(&path, access)?)
    }

    /// Opens the database to add to it, unless there is none yet.
    ///
    /// # Errors
    /// When the configuration is wrong or the database cannot be opened.
    pub fn present_store(&self) -> Result<Option<Store>, CommandError> {
        let path = self.settings()?.database_path(&self.surroundings.locations)?;
        if path.exists() { Ok(Some(Store::open(&path, Access::Create)?)) } else { Ok(None) }
    }

    /// The client that `--client` or `CALLQ_CLIENT` names.
    ///
    /// # Errors
    /// When the variable holds no client name.
    pub fn client(&self, named: &Client) -> Result<Option<ClientId>, CommandError> {
        if let Some(client) = &named.client {
            return Ok(Some(client.clone()));
        }
        let parse = |name: &String| {
            name.parse().map_err(|error| CommandError::message(ErrorKind::Usage, format!("CALLQ_CLIENT: {error}")))
        };
        self.surroundings.default_client.as_ref().map(parse).transpose()
    }

    /// The client of a command that cannot do without.
    ///
    /// # Errors
    /// When none is named.
    pub fn required_client(&self, named: &Client) -> Result<ClientId, CommandError> {
        self.client(named)?.ok_or_else(|| {
            CommandError::message(ErrorKind::Usage, "no client is named").with_hint("give -c NAME or set CALLQ_CLIENT")
        })
    }

    /// The client of a command that means every client without one, if a section or the database knows it.
    ///
    /// # Errors
    /// When the client is unknown.
    pub fn known_client(&self, named: &Client, store: Option<&Store>) -> Result<Option<ClientId>, CommandError> {
        let Some(client) = self.client(named)? else { return Ok(None) };
        let Some(others) = self.others_than(&client, store)? else { return Ok(Some(client)) };
        let meant = did_you_mean(client.as_str(), others.iter().map(ClientId::as_str));
        Err(CommandError::message(ErrorKind::NotFound, format!("no client {client}{meant}"))
            .with_hint("a client exists when a section of the configuration or an item names it"))
    }

    /// Every client that a section or an item names, unless one of them names this client.
    ///
    /// # Errors
    /// When the configuration is wrong or the database cannot be read.
    pub fn others_than(&self, client: &ClientId, store: Option<&Store>) -> Result<Option<Vec<ClientId>>, CommandError> {
        let settings = self.settings()?;
        if settings.policies.names(client) || store.map(|store| store.names(client)).transpose()? == Some(true) {
            return Ok(None);
        }
        let queued = store.map(Store::clients).transpose()?.unwrap_or_default();
        Ok(Some(queued.into_iter().chain(settings.policies.clients().cloned()).collect()))
    }

    /// What asks the command to stop, from now on in place of the operating system's own way.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn interrupt(&self) -> Result<Box<dyn Interrupt>, CommandError> {
        let refused = |error| CommandError::message(ErrorKind::Failed, format!("signals cannot be handled: {error}"));
        (self.signals)().map_err(refused)
    }

    /// What asks the provider of calls.
    pub fn retell(&self) -> RetellClient {
        let environment = self.environment.clone();
        RetellClient::new(self.clock.clone(), Arc::new(move |name| environment.get(name).map(OsStr::to_owned)))
    }

    /// The policy of a client.
    ///
    /// # Errors
    /// When the configuration is wrong.
    pub fn policy(&self, client: &ClientId) -> Result<Arc<Policy>, CommandError> {
        Ok(self.settings()?.policies.of(client).clone())
    }

    /// The zone in which a command without an item reads and shows times.
    ///
    /// # Errors
    /// When the configuration is wrong.
    pub fn zone(&self, client: Option<&ClientId>) -> Result<Zone, CommandError> {
        let settings = self.settings()?;
        let policy = client.map_or_else(|| settings.policies.defaults(), |client| settings.policies.of(client));
        Ok(policy.hours.zone.clone())
    }

    /// The format that was asked for.
    pub fn format(&self) -> Format {
        self.global.format()
    }

    fn screen(&self) -> Screen {
        (self.screen)().unwrap_or(Screen::USUAL)
    }

    /// What standard output can show.
    pub fn style(&self) -> Style {
        Style {
            terminal: self.surroundings.colors.terminal,
            color: self.global.color.decide(self.surroundings.colors),
            width: self.screen().columns,
        }
    }

    /// Writes a result.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn show<V: View>(&mut self, view: &V) -> Result<(), CommandError> {
        let (format, settings, style, now) = (self.format(), self.settings()?, self.style(), self.now());
        with_look(&settings, style, now, |look| output::render(view, format, look, self.out)).map_err(output_failed)
    }

    /// Writes a result in which no instant stands, and which so needs no settings.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn show_timeless<V: View>(&mut self, view: &V) -> Result<(), CommandError> {
        let (format, style, now) = (self.format(), self.style(), self.now());
        let local = |_: Option<&ClientId>, instant: DateTime<Utc>| LocalTime {
            local: instant.naive_utc(),
            abbreviation: "UTC".to_owned(),
        };
        output::render(view, format, &Look { style, now, local: &local }, self.out).map_err(output_failed)
    }

    /// Writes checks. People who ask for quiet read only of what is not well.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn show_checks(&mut self, mut rows: Vec<CheckRow>) -> Result<(), CommandError> {
        if self.global.quiet && self.format() == Format::Table {
            rows.retain(|row| row.verdict != "ok");
        }
        self.show_timeless(&List { rows })
    }

    /// Writes results one by one, as `feed` hands them over.
    ///
    /// # Errors
    /// What `feed` reports, or when the output cannot be written.
    pub fn show_each<T>(
        &mut self,
        feed: impl FnOnce(&mut ViewWriter<'_>) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        let (format, settings, style, now) = (self.format(), self.settings()?, self.style(), self.now());
        with_look(&settings, style, now, |look| {
            let mut writer = ViewWriter::new(format, *look, self.out);
            let fed = feed(&mut writer)?;
            writer.finish().map_err(output_failed)?;
            Ok(fed)
        })
    }

    /// Writes items one by one, as `feed` hands them over.
    ///
    /// # Errors
    /// What `feed` reports, or when the output cannot be written.
    pub fn show_items<T>(
        &mut self,
        columns: Option<&[output::ItemColumn]>,
        feed: impl FnOnce(&mut ItemWriter<'_>) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        let (format, settings, style, now) = (self.format(), self.settings()?, self.style(), self.now());
        with_look(&settings, style, now, |look| {
            let mut writer = ItemWriter::new(format, columns, *look, self.out);
            let fed = feed(&mut writer)?;
            writer.finish().map_err(output_failed)?;
            Ok(fed)
        })
    }

    /// Whether runs are told of on standard output.
    pub fn shows_runs(&self) -> bool {
        !self.global.quiet || self.format() != Format::Table
    }

    /// Writes a result that comes again and again, behind the one before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn show_turn<V: View>(&mut self, turn: &V, is_first: bool) -> Result<(), CommandError> {
        let (format, settings, style, now) = (self.format(), self.settings()?, self.style(), self.now());
        with_look(&settings, style, now, |look| output::render_turn(turn, format, is_first, look, self.out))
            .and_then(|()| self.out.flush())
            .map_err(output_failed)
    }

    /// Whether results for people can be drawn one over the other.
    pub fn draws_over(&self) -> bool {
        let signs = self.surroundings.colors;
        self.format() == Format::Table && signs.terminal && !signs.dumb
    }

    /// Writes a result that comes again and again: over the one before where that can be drawn, else behind it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn show_over<V: View>(&mut self, view: &V, is_first: bool) -> Result<(), CommandError> {
        if !self.draws_over() {
            return self.show_turn(view, is_first);
        }
        let (settings, style, now, rows) = (self.settings()?, self.style(), self.now(), self.screen().rows);
        with_look(&settings, style, now, |look| view.table_over(rows, is_first, look, self.out))
            .and_then(|()| self.out.flush())
            .map_err(output_failed)
    }

    /// Tells of a failure after which the command goes on.
    pub fn complain(&mut self, error: &CommandError) {
        let style = Style { terminal: self.surroundings.stderr_is_terminal, ..Style::PLAIN };
        explain(error, self.format(), style, self.err);
    }

    /// Says something to the person at the prompt, unless told to be quiet.
    pub fn say(&mut self, text: std::fmt::Arguments<'_>) {
        if !self.global.quiet {
            // Talk that nobody can read is no failure.
            let _ = writeln!(self.err, "{}", output::visible(&text.to_string()));
        }
    }
}

/// Calls `with` with the look of results: local times by each client's zone.
fn with_look<T>(settings: &Settings, style: Style, now: DateTime<Utc>, with: impl FnOnce(&Look<'_>) -> T) -> T {
    let zones: HashMap<&ClientId, &Zone> =
        settings.policies.clients().map(|client| (client, &settings.policies.of(client).hours.zone)).collect();
    let default_zone = &settings.policies.defaults().hours.zone;
    let local = |client: Option<&ClientId>, instant: DateTime<Utc>| {
        let zone = client.and_then(|client| zones.get(client).copied()).unwrap_or(default_zone);
        LocalTime { local: zone.local(instant), abbreviation: zone.abbreviation_at(instant) }
    };
    with(&Look { style, now, local: &local })
}

/// An output that could not be written; a closed pipe ends the program quietly.
pub(crate) fn output_failed(error: io::Error) -> CommandError {
    let kind = if error.kind() == io::ErrorKind::BrokenPipe { ErrorKind::ClosedPipe } else { ErrorKind::Output };
    CommandError::message(kind, format!("the output could not be written: {error}"))
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        let kind = match &error {
            ConfigError::Invalid(_)
            | ConfigError::Rejected(_)
            | ConfigError::Missing { .. }
            | ConfigError::NoHome { .. }
            | ConfigError::NotAConfiguration { .. }
            | ConfigError::Untrusted(_) => ErrorKind::Config,
            ConfigError::Io { .. } => ErrorKind::Failed,
            ConfigError::Exists { .. } => ErrorKind::Refused,
            ConfigError::NotSet { .. } => ErrorKind::NotFound,
            ConfigError::UnknownKey(_) | ConfigError::NotPerClient { .. } => ErrorKind::Usage,
        };
        match &error {
            // Each place begins a line of its own.
            ConfigError::Invalid(problems) if problems.len() > 1 => {
                let message = format!("the configuration is wrong in {} places:\n{error}", problems.len());
                CommandError::message(kind, message)
            }
            ConfigError::UnknownKey(_) => {
                CommandError::new(kind, error).with_hint("`callq config list` shows every key")
            }
            _ => CommandError::new(kind, error),
        }
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Missing(_) => CommandError::new(ErrorKind::Failed, error)
                .with_hint("`callq add` makes it; --db, CALLQ_DB or `database` in the configuration name another"),
            StoreError::Planted { remedy, .. } => {
                let hint = format!("find out who made it, then remove it: {remedy}");
                CommandError::new(ErrorKind::Failed, error).with_hint(hint)
            }
            StoreError::Busy(_) => CommandError::new(ErrorKind::Busy, error).with_hint("try again"),
            _ => CommandError::new(ErrorKind::Failed, error),
        }
    }
}
