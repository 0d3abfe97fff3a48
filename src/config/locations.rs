//! Where the configuration and the database are: flags, variables, and the folders of the user.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::error::ConfigError;
use crate::model::Environment;

/// Everything outside of the file that decides about the configuration. Tests build one by hand.
#[derive(Debug, Clone, Default)]
pub struct Locations {
    pub config_flag: Option<PathBuf>,
    pub db_flag: Option<PathBuf>,
    /// The environment's variables of callq; an empty value counts as unset.
    pub variables: BTreeMap<String, OsString>,
    /// `PATH`: the folders of programs.
    pub path: Option<OsString>,
    pub folders: UserFolders,
}

/// The folders of the user, without `callq`.
#[derive(Debug, Clone, Default)]
pub struct UserFolders {
    pub config: Option<PathBuf>,
    pub data: Option<PathBuf>,
}

impl UserFolders {
    /// The folders of this process's user. `dirs` reads them from the process itself, so only `main` asks for them.
    pub fn of_process(environment: &Environment) -> UserFolders {
        // Without HOME `dirs` searches the password file, which takes its time, and what it finds is not wanted: a service
        // would work on a queue in a folder that nobody named.
        let has_place = |name: &str| environment.non_empty("HOME").or_else(|| environment.non_empty(name)).is_some();
        UserFolders {
            config: has_place("XDG_CONFIG_HOME").then(dirs::config_dir).flatten(),
            data: has_place("XDG_DATA_HOME").then(dirs::data_dir).flatten(),
        }
    }
}

/// The file to read, and who names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConfigPath {
    pub(super) path: PathBuf,
    /// The flag or variable; `None` for the default place, where the file may be absent.
    pub(super) named_by: Option<&'static str>,
}

impl Locations {
    /// The locations that the environment names, without any flag.
    pub fn new(environment: &Environment, folders: UserFolders) -> Locations {
        let named = environment.iter().filter_map(|(name, value)| Some((name.to_str()?, value)));
        let ours = named.filter(|(name, _)| name.starts_with("CALLQ_") || name.starts_with("QUEUE_"));
        Locations {
            config_flag: None,
            db_flag: None,
            variables: ours.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            path: environment.get("PATH").map(ToOwned::to_owned),
            folders,
        }
    }

    /// The value of a variable, unless it is empty.
    pub(super) fn variable(&self, name: &str) -> Option<&OsString> {
        self.variables.get(name).filter(|value| !value.is_empty())
    }

    /// The file that is read: `--config`, else `CALLQ_CONFIG`, else the default place.
    pub(super) fn config(&self) -> Option<ConfigPath> {
        if let Some(path) = &self.config_flag {
            return Some(ConfigPath { path: path.clone(), named_by: Some("--config") });
        }
        if let Some(path) = self.variable("CALLQ_CONFIG") {
            return Some(ConfigPath { path: PathBuf::from(path), named_by: Some("CALLQ_CONFIG") });
        }
        let folder = self.folders.config.as_ref()?;
        Some(ConfigPath { path: folder.join("callq").join("config.toml"), named_by: None })
    }

    /// The path of the configuration file, whether it is there or not: for `config path`, `init` and edits.
    ///
    /// # Errors
    /// When no path is given and the user has no home directory.
    pub fn config_path(&self) -> Result<PathBuf, ConfigError> {
        let no_home =
            || ConfigError::NoHome { what: "the configuration", flag: "--config PATH", variable: "CALLQ_CONFIG" };
        self.config().map(|config| config.path).ok_or_else(no_home)
    }

    /// The database that a flag or a variable names.
    pub fn named_database(&self) -> Option<PathBuf> {
        self.db_flag.clone().or_else(|| self.variable("CALLQ_DB").map(PathBuf::from))
    }

    /// The database where the configuration names none: that of a flag or a variable, else the default place.
    pub fn usual_database(&self) -> Option<PathBuf> {
        let usual = || Some(self.folders.data.as_ref()?.join("callq").join("queue.db"));
        self.named_database().or_else(usual)
    }
}
