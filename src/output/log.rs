//! Calls and changes as rows.

use chrono::{DateTime, Datelike, Utc};

use super::detail::{changed_value, paint};
use super::rows::RowView;
use super::style::Color;
use super::table::{Heading, dash, or_dash};
use super::time::{RenderContext, span_of_millis};
use crate::contract::{CallView, ChangeView, LogView, instant_text};
use crate::model::{ClientId, Outcome};

impl RowView for CallView<'_> {
    fn headings(_: &RenderContext<'_>) -> Vec<Heading> {
        vec![
            Heading::new("started"),
            Heading::new("client").least(6).optional(4),
            Heading::new("lead").least(4),
            Heading::new("phone").optional(3),
            Heading::new("attempt").numbers().optional(5),
            Heading::new("outcome"),
            Heading::new("reason").least(8).optional(2),
            Heading::new("took").numbers().optional(1),
            Heading::new("call id").least(8).optional(7),
            Heading::new("by").least(6).optional(6),
        ]
    }

    fn cells(&self, look: &RenderContext<'_>) -> Vec<String> {
        vec![
            clock(look, self.client_id, self.attempt.started_at),
            self.client_id.to_string(),
            self.lead_id.to_owned(),
            or_dash(self.phone),
            self.attempt.number.to_string(),
            or_dash(self.attempt.outcome.map(Outcome::as_str)),
            or_dash(self.attempt.reason),
            self.attempt.duration_ms.map_or_else(dash, span_of_millis),
            or_dash(self.attempt.call_id),
            or_dash(self.by),
        ]
    }

    fn color(&self) -> Color {
        paint(self.attempt.outcome)
    }

    fn header() -> &'static [&'static str] {
        &[
            "started_at",
            "finished_at",
            "id",
            "client_id",
            "lead_id",
            "phone",
            "number",
            "outcome",
            "reason",
            "duration_ms",
            "call_id",
            "attempt_id",
            "run_id",
            "by",
            "detail",
            "metadata",
            "reached",
        ]
    }

    fn fields(&self) -> Vec<String> {
        vec![
            instant_text(self.attempt.started_at),
            self.attempt.finished_at.map(instant_text).unwrap_or_default(),
            self.id.to_string(),
            self.client_id.to_string(),
            self.lead_id.to_owned(),
            text(self.phone),
            self.attempt.number.to_string(),
            text(self.attempt.outcome.map(Outcome::as_str)),
            text(self.attempt.reason),
            self.attempt.duration_ms.map(|millis| millis.to_string()).unwrap_or_default(),
            text(self.attempt.call_id),
            self.attempt_id.clone(),
            self.attempt.run_id.clone(),
            text(self.by),
            text(self.attempt.detail),
            self.metadata.map(|metadata| metadata.as_str().to_owned()).unwrap_or_default(),
            text(self.attempt.reached),
        ]
    }
}

impl RowView for LogView<'_> {
    fn headings(_: &RenderContext<'_>) -> Vec<Heading> {
        vec![
            Heading::new("time"),
            Heading::new("client").least(6).optional(3),
            Heading::new("lead").least(6),
            Heading::new("item").numbers().optional(1),
            Heading::new("what").least(12),
            Heading::new("by").least(6).optional(2),
        ]
    }

    fn cells(&self, look: &RenderContext<'_>) -> Vec<String> {
        let row = |at, client: &ClientId, lead: &str, id: u64, what, by: Option<&str>| {
            vec![clock(look, client, at), client.to_string(), lead.to_owned(), id.to_string(), what, or_dash(by)]
        };
        match self {
            LogView::Call(call) => {
                row(call.attempt.started_at, call.client_id, call.lead_id, call.id, told(call), call.by)
            }
            LogView::Change(change) => row(
                change.change.at,
                change.client_id,
                change.lead_id,
                change.id,
                changed(look, change.client_id, &change.change),
                Some(change.change.by),
            ),
        }
    }

    fn color(&self) -> Color {
        match self {
            LogView::Call(call) => paint(call.attempt.outcome),
            LogView::Change(_) => Color::Plain,
        }
    }

    fn header() -> &'static [&'static str] {
        &[
            "at",
            "kind",
            "id",
            "client_id",
            "lead_id",
            "by",
            "phone",
            "number",
            "outcome",
            "reason",
            "duration_ms",
            "call_id",
            "attempt_id",
            "what",
            "from",
            "to",
        ]
    }

    fn fields(&self) -> Vec<String> {
        match self {
            LogView::Call(call) => vec![
                instant_text(call.attempt.started_at),
                "call".to_owned(),
                call.id.to_string(),
                call.client_id.to_string(),
                call.lead_id.to_owned(),
                text(call.by),
                text(call.phone),
                call.attempt.number.to_string(),
                text(call.attempt.outcome.map(Outcome::as_str)),
                text(call.attempt.reason),
                call.attempt.duration_ms.map(|millis| millis.to_string()).unwrap_or_default(),
                text(call.attempt.call_id),
                call.attempt_id.clone(),
                String::new(),
                String::new(),
                String::new(),
            ],
            LogView::Change(change) => vec![
                instant_text(change.change.at),
                "change".to_owned(),
                change.id.to_string(),
                change.client_id.to_string(),
                change.lead_id.to_owned(),
                change.change.by.to_owned(),
                String::new(),
                String::new(),
                String::new(),
                text(change.change.reason),
                String::new(),
                String::new(),
                String::new(),
                change.change.what.to_owned(),
                text(change.change.from),
                text(change.change.to),
            ],
        }
    }
}

/// `call 2 to +12125550117: retry, busy, 14 s`
fn told(call: &CallView<'_>) -> String {
    let phone = call.phone.map(|phone| format!(" to {phone}")).unwrap_or_default();
    let outcome = call.attempt.outcome.map_or("in progress", Outcome::as_str).to_owned();
    let parts = [Some(outcome), call.attempt.reason.map(str::to_owned), call.attempt.duration_ms.map(span_of_millis)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("call {}{phone}: {}", call.attempt.number, parts.join(", "))
}

/// `status: pending to cancelled (asked not to be called)`
fn changed(look: &RenderContext<'_>, client: &ClientId, change: &ChangeView<'_>) -> String {
    let reason = change.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    let shown = |value| changed_value(look, client, change.what, value).unwrap_or_else(|| "none".to_owned());
    let (from, to) = (shown(change.from), shown(change.to));
    format!("{}: {from} to {to}{reason}", change.what)
}

/// Date and time on the client's clock, to the second: so that calls of one minute differ.
fn clock(look: &RenderContext<'_>, client: &ClientId, at: DateTime<Utc>) -> String {
    let (time, now) = (look.local(Some(client), at), look.local(Some(client), look.now));
    // On a terminal the year of now goes without saying, as in `list`.
    let is_short = look.style.terminal && time.local.year() == now.local.year();
    let form = if is_short { "%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    format!("{} {}", time.local.format(form), time.abbreviation)
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}
