//! What every command works with: settings, clock, database, streams. `clients` says which client is meant, `present` shows
//! results.

use std::cell::{Cell, OnceCell};
use std::ffi::OsStr;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::cli::Global;
use crate::clock::Clock;
use crate::config::{Locations, Settings};
use crate::dispatch::RetellClient;
use crate::enqueue::{are_places_current, derive_places};
use crate::error::{CommandError, ErrorKind};
use crate::interrupt::Interrupt;
use crate::model::{Actor, Environment};
use crate::output::{ColorSigns, Screen};
use crate::random::Random;
use crate::store::{Access, Store};

/// What the program finds around itself.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The paths and variables of the configuration.
    pub locations: Locations,
    /// The number of the user.
    pub user: u32,
    /// Reads the operating system's list of users, in the form of `/etc/passwd`.
    pub passwd: fn() -> String,
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
pub struct Context<'a> {
    /// The flags of every command.
    pub global: Global,
    pub clock: Arc<dyn Clock>,
    /// The environment, which the programs of calls inherit.
    pub environment: Environment,
    pub random: &'a mut dyn Random,
    pub stdin: &'a dyn Fn() -> Box<dyn BufRead>,
    /// Takes the signals, for commands that run calls; all others are ended by a signal as usual.
    pub signals: &'a dyn Fn() -> io::Result<Box<dyn Interrupt>>,
    /// Asks the terminal of standard output for its size, which may change while a command goes on.
    pub screen: &'a dyn Fn() -> Option<Screen>,
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
    /// What the program finds around itself.
    pub surroundings: Surroundings,
    /// Who runs the program, once a command has asked for it: the list of users is read only then.
    pub actor: OnceCell<Actor>,
    /// The settings, once a command has asked for them.
    pub settings: OnceCell<Arc<Settings>>,
    /// The versions of the schema before and after, once opening the database brought it up to date.
    pub upgraded: Cell<Option<(usize, usize)>>,
    /// The instant of the command, once it has asked for it.
    pub asked_at: OnceCell<DateTime<Utc>>,
}

impl Context<'_> {
    /// The instant of the command: the same each time it is asked for.
    pub fn now(&self) -> DateTime<Utc> {
        *self.asked_at.get_or_init(|| self.clock.now())
    }

    /// The settings, loaded when they are asked for first.
    pub fn settings(&self) -> Result<Arc<Settings>, CommandError> {
        if let Some(settings) = self.settings.get() {
            return Ok(settings.clone());
        }
        let loaded = Arc::new(crate::config::load(&self.surroundings.locations)?);
        Ok(self.settings.get_or_init(|| loaded).clone())
    }

    /// Where the database is or would be.
    pub(super) fn database_path(&self) -> Result<PathBuf, CommandError> {
        Ok(self.settings()?.database_path(&self.surroundings.locations)?)
    }

    /// Opens the database of this place.
    ///
    /// # Errors
    /// When the configuration is wrong or the database cannot be opened.
    pub fn store(&self, access: Access) -> Result<Store, CommandError> {
        let settings = self.settings()?;
        let path = self.database_path()?;
        let store = Store::open(&path, access)?;
        self.upgraded.set(store.upgraded().or(self.upgraded.get()));
        let mut store = opened(store, &path, access)?;
        store.tell(settings.receivers.clone());
        Ok(store)
    }

    /// Opens the database to add to it, unless there is none yet.
    ///
    /// # Errors
    /// When the configuration is wrong or the database cannot be opened.
    pub fn present_store(&self) -> Result<Option<Store>, CommandError> {
        let path = self.database_path()?;
        if path.exists() { self.store(Access::Create).map(Some) } else { Ok(None) }
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
}

/// A store whose live items have the places that the tables of this program tell.
fn opened(mut store: Store, path: &Path, access: Access) -> Result<Store, CommandError> {
    if !are_places_current(&store)? {
        match access {
            Access::Look | Access::Read => derive_places(&mut Store::open(path, Access::Change)?)?,
            Access::Change | Access::Create => derive_places(&mut store)?,
        }
    }
    Ok(store)
}

/// An output that could not be written; a closed pipe ends the program quietly.
pub(crate) fn output_failed(error: io::Error) -> CommandError {
    let kind = if error.kind() == io::ErrorKind::BrokenPipe { ErrorKind::ClosedPipe } else { ErrorKind::Output };
    CommandError::message(kind, format!("the output could not be written: {error}"))
}
