//! What the checks of `doctor` found, and how it is shown.

use crate::commands::context::Context;
use crate::contract::CheckRow;
use crate::error::{CommandError, ErrorKind};

/// What the checks found, in order.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<CheckRow>);

impl Findings {
    fn add(&mut self, check: &str, verdict: &'static str, detail: impl Into<String>) {
        self.0.push(CheckRow { check: check.to_owned(), verdict, detail: detail.into() });
    }

    pub(super) fn ok(&mut self, check: &str, detail: impl Into<String>) {
        self.add(check, "ok", detail);
    }

    pub(super) fn warning(&mut self, check: &str, detail: impl Into<String>) {
        self.add(check, "warning", detail);
    }

    pub(super) fn error(&mut self, check: &str, detail: impl Into<String>) {
        self.add(check, "error", detail);
    }

    /// How many there are so far.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Writes them; a configuration that is wrong must not keep them from being read.
    pub(super) fn tell(self, context: &mut Context<'_>) -> Result<(), CommandError> {
        let wrong = self.0.iter().filter(|row| row.verdict == "error").count();
        context.show_checks(self.0)?;
        match wrong {
            0 => Ok(()),
            1 => Err(CommandError::message(ErrorKind::Failed, "one check found something wrong")),
            _ => Err(CommandError::message(ErrorKind::Failed, format!("{wrong} checks found something wrong"))),
        }
    }
}
