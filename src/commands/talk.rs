//! What a command says to the person at the prompt, on standard error.

use super::context::Context;
use super::explain::explain;
use crate::error::CommandError;
use crate::model::Format;
use crate::output::{Style, visible, wrapped};

impl Context<'_> {
    /// What standard error can show.
    pub fn talk_style(&self) -> Style {
        Style { terminal: self.surroundings.stderr_is_terminal, color: false, width: self.screen().columns }
    }

    /// Whether a person reads the result as it comes.
    pub fn is_for_a_person(&self) -> bool {
        self.format() == Format::Table && self.surroundings.colors.terminal
    }

    /// Whether reports of runs go to standard output.
    pub fn shows_runs(&self) -> bool {
        !self.global.quiet || self.format() != Format::Table
    }

    /// Warns of a failure; the command goes on.
    pub fn warn_of(&mut self, error: &CommandError) {
        let style = self.talk_style();
        explain(error, self.format(), style, self.err);
    }

    /// Says to a person that a result has no rows.
    pub fn say_if_empty(&mut self, is_empty: bool, sentence: &str) {
        if is_empty && self.is_for_a_person() {
            self.say(format_args!("{sentence}"));
        }
    }

    /// Says something to the person at the prompt, unless --quiet is given.
    pub fn say(&mut self, text: std::fmt::Arguments<'_>) {
        if !self.global.quiet {
            // Talk that nobody can read does not fail the command.
            let text = text.to_string();
            let _ = writeln!(self.err, "{}", wrapped(&visible(&text), self.talk_style()));
        }
    }
}
