//! The files and standard input that commands read, and what is said of new leads.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::context::Context;
use crate::compliance::CallingCode;
use crate::error::{CommandError, ErrorKind};
use crate::intake::{InputEncoding, national_number, text_lines};
use crate::model::{ClientId, DispatchKind, LeadId};
use crate::scheduler::Policy;

/// The encoding that `--encoding` names.
pub(super) fn encoding(label: Option<&str>) -> Result<Option<InputEncoding>, CommandError> {
    let named = label.map(InputEncoding::named).transpose();
    named.map_err(|error| CommandError::message(ErrorKind::Usage, format!("--encoding: {error}")))
}

/// The first key that stands twice among those of a command line: which value counts would be a guess.
pub(super) fn named_twice<'a>(mut keys: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    keys.find(|key| !seen.insert(key.as_str())).map(String::as_str)
}

/// That an input cannot be read.
pub(super) fn unreadable_input(name: &str, error: &dyn std::fmt::Display) -> CommandError {
    CommandError::message(ErrorKind::Failed, format!("cannot read {name}: {error}"))
}

impl Context<'_> {
    /// Opens a file, or standard input for `-`; gives its name in messages along.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub(super) fn open_input(&self, path: &Path) -> Result<(Box<dyn BufRead>, String), CommandError> {
        if path.as_os_str() == "-" {
            return Ok(((self.stdin)(), "standard input".to_owned()));
        }
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => Ok((Box::new(BufReader::with_capacity(256 * 1024, file)), name)),
            Err(error) => Err(unreadable_input(&name, &error)),
        }
    }

    /// The lines of standard input, each with its place in messages: `standard input, line 3`.
    pub(super) fn stdin_lines(&self) -> impl Iterator<Item = Result<(String, String), CommandError>> {
        text_lines((self.stdin)()).map(|(number, line)| {
            let place = format!("standard input, line {number}");
            match line {
                Ok(line) => Ok((place, line)),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    Err(CommandError::message(ErrorKind::Usage, format!("{place}: {error}")))
                }
                Err(error) => Err(unreadable_input("standard input", &error)),
            }
        })
    }

    /// Warns of new items that a dispatcher which needs a number will not call.
    pub(super) fn warn_without_phone(&mut self, policy: &Policy, client: &ClientId, count: u64) {
        if count > 0 && policy.dispatch.kind == DispatchKind::Retell {
            let items = if count == 1 { "1 item has".to_owned() } else { format!("{count} items have") };
            self.say(format_args!(
                "warning: {items} no phone number, without which a call through `retell` is failed as no_phone: \
                 `callq update ID --phone` gives one to a lead of client {client}"
            ));
        }
    }

    /// Warns of a lead argument that may be a national number of the client: digits are never a phone.
    pub(super) fn warn_of_digits(&mut self, lead: &LeadId, policy: &Policy) {
        let code = CallingCode::of_client(policy);
        if let Some(number) = national_number(lead.as_str(), code) {
            self.say(format_args!(
                "warning: {lead} looks like a phone number, and is a lead id without one: write {number}, or give --phone"
            ));
        }
    }
}
