//! How a client's calls are placed: the settings that the configuration reads and the dispatchers obey.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::TimeDelta;

use super::{Outcome, PhoneNumber};

/// What places the calls of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DispatchKind {
    /// Nothing yet: the client is passed over.
    None,
    Command,
    /// Retell AI over HTTPS.
    Retell,
    /// A played mix of outcomes; no call is placed.
    Simulate,
}

impl DispatchKind {
    pub const ALL: [DispatchKind; 4] =
        [DispatchKind::None, DispatchKind::Command, DispatchKind::Retell, DispatchKind::Simulate];

    /// Whether a provider places the calls, and says later how they ended.
    pub fn places_through_provider(self) -> bool {
        matches!(self, DispatchKind::Retell)
    }

    /// Whether the same holds for the kind of this word of the configuration.
    pub fn word_places_through_provider(word: &str) -> bool {
        DispatchKind::ALL.into_iter().any(|kind| kind.as_str() == word && kind.places_through_provider())
    }

    /// Whether a lead without a phone number cannot be called.
    pub fn needs_number(self) -> bool {
        matches!(self, DispatchKind::Retell)
    }

    /// Whether real people are called.
    pub fn calls_people(self) -> bool {
        matches!(self, DispatchKind::Command | DispatchKind::Retell)
    }

    /// The word of the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            DispatchKind::None => "none",
            DispatchKind::Command => "command",
            DispatchKind::Retell => "retell",
            DispatchKind::Simulate => "simulate",
        }
    }
}

/// What happens to an item whose attempt ended unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnknown {
    /// It is failed and held until a person decides.
    Hold,
    /// It is called again after the retry delay; a second call is accepted.
    Retry,
}

/// What a `Retell` dispatcher needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetellSettings {
    /// Where the provider answers, without a slash at the end; `https`, or `http` on loopback.
    pub base_url: String,
    /// The number from which it calls.
    pub from_number: PhoneNumber,
    /// The environment variable that holds the key.
    pub api_key_env: String,
    /// A file that holds the key; when named, it is read instead of the variable.
    pub api_key_file: Option<PathBuf>,
    /// The agent to use instead of the number's own.
    pub agent_id: Option<String>,
    pub agent_version: Option<u32>,
    /// The agent's dynamic variables, each with the field of the item's metadata that is its value.
    pub dynamic_variables: BTreeMap<String, String>,
    /// How long one request may take, from looking up the host to the last byte of the answer.
    pub request_timeout: TimeDelta,
    /// How long to wait before the provider is asked again how the accepted calls have ended.
    pub poll_interval: TimeDelta,
}

/// The `dispatch` table of a client's policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchSettings {
    /// What places the calls.
    pub kind: DispatchKind,
    /// The program and its arguments, for `Command`. An argument may be a [`Placeholder`](super::Placeholder) as a whole.
    pub command: Vec<String>,
    /// How long a program may run.
    pub timeout: TimeDelta,
    /// How long an accepted call may stay without a result.
    pub call_timeout: TimeDelta,
    /// What an unknown outcome leads to.
    pub on_unknown: OnUnknown,
    /// Failures of the dispatcher in a row that stop the client for the run.
    pub breaker: u32,
    /// Changes to the table of exit statuses.
    pub exit_status: BTreeMap<u8, Outcome>,
    /// For `Retell`, and only then.
    pub retell: Option<RetellSettings>,
}

impl DispatchSettings {
    /// The name of the program, for people.
    pub fn program(&self) -> &str {
        let name = self.command.first().map_or("", |path| path.rsplit('/').next().unwrap_or(path));
        if name.is_empty() { "the dispatcher" } else { name }
    }
}
