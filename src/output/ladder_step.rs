//! Retry ladders for people and as CSV.

use std::io::{self, Write};

use chrono::TimeDelta;

use super::escape::visible;
use super::render::View;
use super::style::Color;
use super::table::{Grid, Heading};
use super::time::{RenderContext, span};
use crate::contract::{LadderStepView, instant_text};

impl View for LadderStepView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        Self::table_of(std::slice::from_ref(self), look, out)
    }

    fn table_of(rows: &[Self], look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let headings = vec![
            Heading::new("reason").least(8),
            Heading::new("call").numbers().optional(0),
            Heading::new("delay").numbers(),
            Heading::new("next call"),
        ];
        let mut grid = Grid::new(headings, look.style);
        let mut above: Option<&Option<String>> = None;
        for row in rows {
            // A reason is named once, beside its first retry.
            let reason = match above.replace(&row.reason) {
                Some(above) if *above == row.reason => "",
                _ => row.reason.as_deref().unwrap_or("(others)"),
            };
            // At most a year: exact as a whole number of milliseconds.
            let delay = span(TimeDelta::milliseconds((row.delay_minutes * 60_000.0) as i64));
            let call_at = row.call_at.map_or_else(
                || "never".to_owned(),
                |at| {
                    let client = row.client_id.as_ref();
                    format!("{} {}", look.local(client, at).local.format("%a"), look.short(client, at))
                },
            );
            grid.row(Color::Plain, [&*visible(reason), &row.call.to_string(), &delay, &call_at]);
        }
        grid.write(out)
    }

    fn header() -> Vec<&'static str> {
        vec!["client_id", "reason", "call", "delay_minutes", "due_at", "call_at"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![vec![
            self.client_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            self.reason.clone().unwrap_or_default(),
            self.call.to_string(),
            self.delay_minutes.to_string(),
            instant_text(self.due_at),
            self.call_at.map(instant_text).unwrap_or_default(),
        ]]
    }
}
