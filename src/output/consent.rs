//! Consents, for people and as CSV.

use std::io::{self, Write};

use super::escape::visible;
use super::number::with_commas;
use super::render::View;
use super::time::RenderContext;
use crate::contract::{ConsentCountView, ConsentView, instant_text};

impl View for ConsentView {
    /// One line, such as `+12125550117  client acme  written consent of 2026-11-23, form-7781`.
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let ConsentView { number, client_id, kind, .. } = self;
        let day = |instant| look.local(Some(client_id), instant).local.format("%Y-%m-%d").to_string();
        let proof = self.proof.as_ref().map(|proof| format!(", {proof}")).unwrap_or_default();
        let until = self.until.map(|until| format!("  until {}", day(until))).unwrap_or_default();
        let withdrawn = self.withdrawn_at.map(|at| format!("  withdrawn {}", day(at))).unwrap_or_default();
        let text = format!("{number}  client {client_id}  {kind} consent of {}{proof}{until}{withdrawn}", day(self.at));
        writeln!(out, "{}", visible(&text))
    }

    fn header() -> Vec<&'static str> {
        vec!["number", "client_id", "kind", "at", "until", "proof", "by", "withdrawn_at"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![vec![
            self.number.clone(),
            self.client_id.to_string(),
            self.kind.to_owned(),
            instant_text(self.at),
            self.until.map(instant_text).unwrap_or_default(),
            self.proof.clone().unwrap_or_default(),
            self.by.clone(),
            self.withdrawn_at.map(instant_text).unwrap_or_default(),
        ]]
    }

    /// A line follows the other.
    fn turn(&self, _is_first: bool, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.table(look, out)
    }
}

impl View for ConsentCountView {
    fn table(&self, _look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let counts = [("added", self.added), ("known before", self.existing), ("withdrawn", self.withdrawn)];
        let parts: Vec<String> = counts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("{} {what}", with_commas(*count)))
            .collect();
        let parts = if parts.is_empty() { "nothing was changed".to_owned() } else { parts.join(", ") };
        writeln!(out, "consents: {parts}")
    }

    fn header() -> Vec<&'static str> {
        vec!["added", "existing", "withdrawn"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![[self.added, self.existing, self.withdrawn].iter().map(u64::to_string).collect()]
    }
}
