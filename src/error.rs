//! What a command reports when it fails: one message, what to do, and one table from kind to exit code.

use std::fmt;

use crate::config::ConfigError;
use crate::engine::EngineError;
use crate::enqueue::{FieldError, Refusal};
use crate::store::StoreError;

/// The kinds of failure. Each has a word for `--json` and an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The work failed: I/O, a corrupt, foreign or newer database.
    Failed,
    /// An unknown flag, or a value that does not parse.
    Usage,
    /// A text that is not certainly one phone number.
    InvalidPhone,
    /// The id, client or selection named nothing.
    NotFound,
    /// The item's state or a rule forbids it.
    Refused,
    /// The configuration is wrong.
    Config,
    /// Another program held the database longer than the timeout.
    Busy,
    /// The dispatcher is missing or unavailable; leads untouched.
    Dispatcher,
    /// Done, but the output could not be written.
    Output,
    /// The reader of the output went away: no failure at all.
    ClosedPipe,
    Internal,
    /// Ended by this signal, after a clean stop.
    Signal(u8),
}

impl ErrorKind {
    /// The exit code: the table of the manual.
    pub fn exit_code(self) -> u8 {
        match self {
            ErrorKind::Failed => 1,
            ErrorKind::Usage | ErrorKind::InvalidPhone => 2,
            ErrorKind::NotFound => 3,
            ErrorKind::Refused => 4,
            ErrorKind::Config => 5,
            ErrorKind::Busy => 6,
            ErrorKind::Dispatcher => 7,
            ErrorKind::Output => 8,
            ErrorKind::ClosedPipe => 0,
            ErrorKind::Internal => 70,
            ErrorKind::Signal(number) => 128_u8.saturating_add(number),
        }
    }

    /// The word that `--json` prints.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::Failed => "failed",
            ErrorKind::Usage => "usage",
            ErrorKind::InvalidPhone => "invalid_phone",
            ErrorKind::NotFound => "not_found",
            ErrorKind::Refused => "refused",
            ErrorKind::Config => "config",
            ErrorKind::Busy => "busy",
            ErrorKind::Dispatcher => "dispatcher",
            ErrorKind::Output => "output",
            ErrorKind::ClosedPipe => "closed_pipe",
            ErrorKind::Internal => "internal",
            ErrorKind::Signal(_) => "signal",
        }
    }
}

/// A failed command: its kind, what went wrong, and what to do about it.
#[derive(Debug)]
pub struct CommandError {
    /// Decides the exit code.
    pub kind: ErrorKind,
    /// What went wrong, in lower case, naming the value.
    pub source: anyhow::Error,
    /// What to do about it.
    pub hint: Option<String>,
}

impl CommandError {
    /// A failure of a kind, from a message or an error.
    pub fn new(kind: ErrorKind, source: impl Into<anyhow::Error>) -> CommandError {
        CommandError { kind, source: source.into(), hint: None }
    }

    /// A failure of a kind with a plain message.
    pub fn message(kind: ErrorKind, message: impl fmt::Display) -> CommandError {
        CommandError { kind, source: anyhow::Error::msg(message.to_string()), hint: None }
    }

    /// The same failure with a way out.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> CommandError {
        CommandError { hint: Some(hint.into()), ..self }
    }
}

impl From<FieldError> for CommandError {
    fn from(error: FieldError) -> Self {
        CommandError::message(ErrorKind::Usage, format!("--{}: {error}", error.field.replace('_', "-")))
    }
}

impl From<Refusal> for CommandError {
    fn from(error: Refusal) -> Self {
        let hint = matches!(error, Refusal::NotOpen { .. }).then_some("promise it for one of these times");
        CommandError { hint: hint.map(str::to_owned), ..CommandError::new(ErrorKind::Refused, error) }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the chain: each error's own text names its cause already.
        write!(f, "{}", self.source)
    }
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

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::UnrealClock(_) => CommandError::new(ErrorKind::Refused, error)
                .with_hint("unset CALLQ_NOW, or look with --dry-run, or use `dispatch.kind = \"simulate\"`"),
        }
    }
}
