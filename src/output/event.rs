//! Events that wait for their receivers, and what became of them.

use std::io::{self, Write};

use super::number::{counted, with_commas};
use super::render::View;
use super::rows::RowView;
use super::style::Color;
use super::table::{Heading, or_dash};
use super::time::RenderContext;
use crate::contract::{DeliveryView, EventCountView, EventView, instant_text};
use crate::model::EventState;

impl RowView for EventView {
    fn headings(_: &RenderContext<'_>) -> Vec<Heading> {
        vec![
            Heading::new("id").numbers(),
            Heading::new("time"),
            Heading::new("type").least(8),
            Heading::new("client").least(6).optional(2),
            Heading::new("lead").least(8).optional(3),
            Heading::new("receiver").least(12).optional(0),
            Heading::new("state").least(7),
            Heading::new("next try").optional(4),
            Heading::new("last error").least(12).optional(1),
        ]
    }

    fn cells(&self, look: &RenderContext<'_>) -> Vec<String> {
        let client = self.client_id.as_ref();
        let state = match (self.configured, self.failures) {
            (false, _) => format!("{}, not configured", self.state),
            (true, 0) => self.state.to_owned(),
            (true, failures) => format!("{} ({failures})", self.state),
        };
        vec![
            self.id.to_string(),
            look.short(client, self.at),
            self.kind.to_owned(),
            or_dash(client.map(|client| client.as_str())),
            or_dash(self.lead_id.as_deref()),
            self.receiver.clone(),
            state,
            look.when_or(client, self.next_try_at, "-"),
            or_dash(self.last_error.as_deref()),
        ]
    }

    fn color(&self) -> Color {
        match self.state {
            state if state == EventState::Dead.as_str() => Color::Bad,
            state if state == EventState::Failing.as_str() => Color::Warning,
            _ => Color::Plain,
        }
    }

    fn header() -> &'static [&'static str] {
        &[
            "id",
            "type",
            "at",
            "client_id",
            "item_id",
            "lead_id",
            "receiver",
            "state",
            "failures",
            "next_try_at",
            "last_error",
            "configured",
        ]
    }

    fn fields(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.kind.to_owned(),
            instant_text(self.at),
            self.client_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            self.item_id.map(|id| id.to_string()).unwrap_or_default(),
            self.lead_id.clone().unwrap_or_default(),
            self.receiver.clone(),
            self.state.to_owned(),
            self.failures.to_string(),
            self.next_try_at.map(instant_text).unwrap_or_default(),
            self.last_error.clone().unwrap_or_default(),
            self.configured.to_string(),
        ]
    }
}

impl View for EventCountView {
    fn table(&self, _look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", counted(self.events, "event"))
    }

    fn header() -> Vec<&'static str> {
        vec!["events"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![vec![self.events.to_string()]]
    }
}

impl View for DeliveryView {
    fn table(&self, _look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let DeliveryView { delivered, failed, waiting, dead } = *self;
        let noun = if failed == 1 { "delivery" } else { "deliveries" };
        let failures = if failed == 0 { String::new() } else { format!(", {} {noun} failed", with_commas(failed)) };
        let dead = if dead == 0 { String::new() } else { format!(", {} dead", with_commas(dead)) };
        writeln!(out, "{} delivered{failures}; {} waiting{dead}", counted(delivered, "event"), with_commas(waiting))
    }

    fn header() -> Vec<&'static str> {
        vec!["delivered", "failed", "waiting", "dead"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![[self.delivered, self.failed, self.waiting, self.dead].iter().map(u64::to_string).collect()]
    }
}
