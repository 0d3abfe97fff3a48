//! What is wrong with the configuration: every problem with its place, or why a file cannot be read or written.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::model::ClientId;
use crate::trusted_file::Untrusted;

/// Where a problem stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// In the file: line and column count from 1, columns in characters.
    File {
        /// The file as it was named.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
    },
    /// In an environment variable.
    Variable { name: String, value: String },
    /// In a value given to `config set`, or in what the message names itself.
    Argument,
    /// In the program itself.
    BuiltIn,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::File { path, line, column } => write!(f, "{}:{line}:{column}: ", path.display()),
            Location::Variable { name, value } => write!(f, "{name}={value:?}: "),
            Location::Argument => Ok(()),
            Location::BuiltIn => f.write_str("built-in configuration: "),
        }
    }
}

/// A fault of a text: the bytes at which it stands, and what is wrong.
pub(super) type SpannedFault = (Range<usize>, String);

/// One error or warning of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub spot: Location,
    /// The key, its value and what is allowed.
    pub message: String,
}

/// Writes `path:line:column: message`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.spot, self.message)
    }
}

/// Why there is no configuration, or why it was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Everything that is wrong in the file and in the variables, in the order in which it stands there.
    #[error("{}", lines(.0))]
    Invalid(Vec<Problem>),
    /// A change after which the configuration would be wrong. The places are those of the changed text.
    #[error("nothing was written, since the configuration would be wrong:\n{}", lines(.0))]
    Rejected(Vec<Problem>),
    /// A named file that is not there.
    #[error("{}: no such configuration file (named by {named_by}); `callq config init` writes one", path.display())]
    Missing {
        path: PathBuf,
        /// The flag or variable that names it.
        named_by: &'static str,
    },
    /// Neither a home directory nor a path.
    #[error("no home directory, so no place for {what}: set {flag} or {variable}")]
    NoHome {
        /// `the configuration` or `the database`.
        what: &'static str,
        /// The flag that names the path.
        flag: &'static str,
        /// The variable that names the path.
        variable: &'static str,
    },
    /// Others could write the file, and so name a program that callq would run.
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
    /// Something from which no configuration can be read.
    #[error("{}: {reason}", path.display())]
    NotAConfiguration {
        /// The path as it was named.
        path: PathBuf,
        /// What it is instead, and what to do.
        reason: &'static str,
    },
    /// An operation on a file failed.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        action: &'static str,
        source: io::Error,
    },
    /// `config init` where a file is already.
    #[error("{}: exists already and is left as it is", path.display())]
    Exists { path: PathBuf },
    /// A key that no table knows.
    #[error("{0}")]
    UnknownKey(String),
    /// `config unset` of a key that the section does not set.
    #[error("`{key}` is not set in {section} of {}", path.display())]
    NotSet {
        key: String,
        /// The section that was looked at.
        section: String,
        path: PathBuf,
    },
    /// A key for all clients with `-c`.
    #[error("`{key}` is one value for all clients: leave out `-c {client}`")]
    NotPerClient {
        key: String,
        /// The client that was named.
        client: ClientId,
    },
}

impl ConfigError {
    pub(super) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> ConfigError {
        let path = path.to_owned();
        move |source| ConfigError::Io { path, action, source }
    }

    /// The problems one by one; none when the configuration could not be read at all.
    pub fn problems(&self) -> &[Problem] {
        match self {
            ConfigError::Invalid(problems) | ConfigError::Rejected(problems) => problems,
            _ => &[],
        }
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}
