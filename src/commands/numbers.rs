//! Numbers of the command line, and those on the lines of standard input.

use super::context::Context;
use crate::cli::Numbers;
use crate::compliance::{CallingCode, number};
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, NumberPattern, PhoneNumber, shortened};

impl Context<'_> {
    /// The numbers and prefixes that a command line names; one without + is a national number of the client's country.
    ///
    /// # Errors
    /// A text that is not a number, with its line when it comes on standard input; or no number at all.
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
        let country_code = CallingCode::of_client(&policy);
        number::read(text, country_code).map_err(|error| error.to_string())
    }

    fn each_number<T: PartialEq>(
        &self,
        numbers: &Numbers,
        client: Option<&ClientId>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, CommandError> {
        // A wrong configuration is an error of its own, not one of a number.
        self.policy_or_defaults(client)?;
        let usage = |message: String| CommandError::message(ErrorKind::Usage, shortened(&message));
        let mut found = Vec::new();
        for text in &numbers.numbers {
            if text != "-" {
                found.push(read(text).map_err(usage)?);
                continue;
            }
            for line in self.stdin_lines() {
                let (place, line) = line?;
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
