//! Numbers of the command line, and those on the lines of standard input.

use std::io::{self, BufRead};

use super::context::Context;
use crate::cli::Numbers;
use crate::compliance::number;
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, NumberPattern, PhoneNumber};

impl Context<'_> {
    /// The numbers and prefixes that a command line names; one without + is a national number of the client's country.
    ///
    /// # Errors
    /// A text that is none, with its line when it stands on standard input; no number at all.
    pub(super) fn patterns(
        &self,
        numbers: &Numbers,
        client: Option<&ClientId>,
    ) -> Result<Vec<NumberPattern>, CommandError> {
        let read = |text: &str| match NumberPattern::prefix(text) {
            Some(prefix) => prefix.map_err(|error| error.to_string()),
            None => self.number(text, client).map(NumberPattern::Number),
        };
        self.each_number(numbers, client, read)
    }

    /// The same without prefixes.
    pub(super) fn phone_numbers(
        &self,
        numbers: &Numbers,
        client: Option<&ClientId>,
    ) -> Result<Vec<PhoneNumber>, CommandError> {
        self.each_number(numbers, client, |text| self.number(text, client))
    }

    fn number(&self, text: &str, client: Option<&ClientId>) -> Result<PhoneNumber, String> {
        let policy = self.policy_or_defaults(client).map_err(|error| error.to_string())?;
        let country_code = policy.country_code.as_ref().and_then(|code| code.parse().ok());
        number::read(text, country_code).map_err(|error| error.to_string())
    }

    fn each_number<T: PartialEq>(
        &self,
        numbers: &Numbers,
        client: Option<&ClientId>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, CommandError> {
        // A configuration that is wrong is told as such.
        self.policy_or_defaults(client)?;
        let usage = |message: String| CommandError::message(ErrorKind::Usage, message);
        let mut found = Vec::new();
        for text in &numbers.numbers {
            if text != "-" {
                found.push(read(text).map_err(usage)?);
                continue;
            }
            for (index, line) in (self.stdin)().lines().enumerate() {
                let place = format!("standard input, line {}", index + 1);
                let line = line.map_err(|error| unreadable(&place, &error))?;
                let text = line.trim();
                if !text.is_empty() && !text.starts_with('#') {
                    found.push(read(text).map_err(|error| usage(format!("{place}: {error}")))?);
                }
            }
        }
        if found.is_empty() {
            return Err(CommandError::message(ErrorKind::NotFound, "standard input holds no number"));
        }
        Ok(found)
    }
}

fn unreadable(place: &str, error: &io::Error) -> CommandError {
    match error.kind() {
        io::ErrorKind::InvalidData => CommandError::message(ErrorKind::Usage, format!("{place}: it is no text")),
        _ => CommandError::message(ErrorKind::Failed, format!("cannot read standard input: {error}")),
    }
}
