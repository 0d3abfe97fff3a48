//! The times of arguments: only with a zone do they say an instant.

use chrono::{DateTime, Utc};

use super::context::Context;
use crate::error::{CommandError, ErrorKind};
use crate::model::ClientId;
use crate::scheduler::{Zone, parse_past_time, parse_time};

/// A time argument in a client's zone.
pub(super) fn time(flag: &str, text: &str, zone: &Zone, now: DateTime<Utc>) -> Result<DateTime<Utc>, CommandError> {
    parse_time(text, zone, now).map_err(|error| CommandError::message(ErrorKind::Usage, format!("{flag}: {error}")))
}

impl Context<'_> {
    /// A time argument that looks back, in the zone of a client or of the defaults: `7d` is seven days ago.
    pub(super) fn past_time(
        &self,
        flag: &str,
        text: Option<&str>,
        client: Option<&ClientId>,
    ) -> Result<Option<DateTime<Utc>>, CommandError> {
        let Some(text) = text else { return Ok(None) };
        let parsed = parse_past_time(text, &self.zone(client)?, self.now());
        parsed.map(Some).map_err(|error| CommandError::message(ErrorKind::Usage, format!("{flag}: {error}")))
    }

    /// A time argument, in the zone of a client or of the defaults.
    pub(super) fn time(
        &self,
        flag: &str,
        text: &str,
        client: Option<&ClientId>,
    ) -> Result<DateTime<Utc>, CommandError> {
        time(flag, text, &self.zone(client)?, self.now())
    }

    /// The time at which something ends by itself.
    pub(super) fn until(
        &self,
        text: Option<&String>,
        client: Option<&ClientId>,
    ) -> Result<Option<DateTime<Utc>>, CommandError> {
        let until = text.map(|text| self.time("--until", text, client)).transpose()?;
        match until.filter(|until| *until <= self.now()) {
            Some(past) => {
                let at = self.zone(client)?.format_local(past);
                Err(CommandError::message(ErrorKind::Usage, format!("--until: that time has passed: {at}")))
            }
            None => Ok(until),
        }
    }

    /// Refuses a text that no client could read as a time. Whether a clock change skips or repeats it, only the zone of an
    /// item tells.
    pub(super) fn check_time(&self, place: &str, text: &str) -> Result<(), CommandError> {
        match parse_time(text, &self.zone(None)?, self.now()) {
            Err(error) if !error.is_of_its_zone() => {
                Err(CommandError::message(ErrorKind::Usage, format!("{place}{error}")))
            }
            _ => Ok(()),
        }
    }
}
