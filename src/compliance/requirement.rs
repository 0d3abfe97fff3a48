//! What a rule asks for beside hours and caps.

use std::borrow::Cow;
use std::fmt;

use crate::model::ConsentKind;

/// A thing that a rule requires.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// A consent of this kind, or a better one.
    Consent(ConsentKind),
    /// With a consent of this kind, or a better one, the caps of the row fall away.
    UnlessConsent(ConsentKind),
    /// A copy of a registry that does not list the number, at most this number of days old.
    Registry { name: Cow<'static, str>, max_age: u32 },
    /// The client's own do-not-call list.
    InternalDnc,
    /// The phone rings for at least this number of seconds.
    Ring(u32),
}

impl Requirement {
    /// Reads one word of a row.
    ///
    /// # Errors
    /// A sentence that names the word and the way out.
    pub(super) fn read(word: &str) -> Result<Requirement, String> {
        let kind = |kind: &str| kind.parse::<ConsentKind>().map_err(|error| error.to_string());
        if let Some(consent) = word.strip_prefix("consent:") {
            return Ok(Requirement::Consent(kind(consent)?));
        }
        if let Some(consent) = word.strip_prefix("unless:consent:") {
            return Ok(Requirement::UnlessConsent(kind(consent)?));
        }
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
        let registry = word.strip_prefix("registry:").and_then(|rest| rest.split_once("<="));
        if let Some((name, age)) = registry
            && let Some(max_age) = age.strip_suffix('d').and_then(digits)
            && !name.is_empty()
        {
            return Ok(Requirement::Registry { name: Cow::Owned(name.to_owned()), max_age });
        }
        if let Some(seconds) = word.strip_prefix("ring>=").and_then(|rest| rest.strip_suffix('s')).and_then(digits) {
            return Ok(Requirement::Ring(seconds));
        }
        match word {
            "dnc:internal" => Ok(Requirement::InternalDnc),
            _ => Err(format!(
                "`{}` is not a requirement: write such as consent:written, unless:consent:express, \
                 registry:us-national<=31d, dnc:internal or ring>=15s",
                word.escape_debug()
            )),
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Requirement::Consent(kind) => write!(f, "consent:{kind}"),
            Requirement::UnlessConsent(kind) => write!(f, "unless:consent:{kind}"),
            Requirement::Registry { name, max_age } => write!(f, "registry:{name}<={max_age}d"),
            Requirement::InternalDnc => write!(f, "dnc:internal"),
            Requirement::Ring(seconds) => write!(f, "ring>={seconds}s"),
        }
    }
}
