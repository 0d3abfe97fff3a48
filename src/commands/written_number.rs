//! Phone numbers as people write them, by the country codes of clients.

use std::collections::BTreeSet;

use super::context::Context;
use crate::compliance::{CallingCode, number};
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, PhoneNumber, shortened};

impl Context<'_> {
    /// The number that a flag or name writes.
    ///
    /// # Errors
    /// When it is certainly no number, or another one for other clients.
    pub(super) fn number_as_written(
        &self,
        flag: &str,
        text: &str,
        client: Option<&ClientId>,
    ) -> Result<PhoneNumber, CommandError> {
        let invalid = |fault| CommandError::message(ErrorKind::InvalidPhone, shortened(&format!("{flag}: {fault}")));
        self.reading(text, client)?.map_err(invalid)
    }

    /// Reads a number as its client would; without a client as each of them would, where they agree.
    pub(super) fn reading(
        &self,
        text: &str,
        client: Option<&ClientId>,
    ) -> Result<Result<PhoneNumber, String>, CommandError> {
        // As it is stored: also a number that its plan does not know, of an older version.
        if let Ok(phone) = text.parse() {
            return Ok(Ok(phone));
        }
        let settings = self.settings()?;
        let policies = &settings.policies;
        let clients: Vec<&ClientId> = match client {
            Some(client) => vec![client],
            None => policies.clients().collect(),
        };
        let of_clients = clients.into_iter().map(|client| policies.of(client));
        let of_defaults = client.is_none().then(|| policies.defaults());
        let codes: BTreeSet<Option<&str>> =
            of_clients.chain(of_defaults).map(|policy| policy.country_code.as_deref()).collect();
        let (mut readings, mut error) = (BTreeSet::new(), String::new());
        // A country code explains more than none: it comes last.
        for code in codes {
            let code: Option<CallingCode> = code.and_then(|code| code.parse().ok());
            match number::read(text, code) {
                Ok(phone) => drop(readings.insert(phone)),
                Err(fault) => error = fault.to_string(),
            }
        }
        let shown: Vec<&str> = readings.iter().map(PhoneNumber::as_str).collect();
        Ok(match &shown[..] {
            [] => Err(error),
            [_] => readings.pop_first().ok_or(error),
            several => Err(format!(
                "`{text}` is {} by the country codes of the clients: write one of them, or name the client with -c",
                several.join(" or ")
            )),
        })
    }
}
