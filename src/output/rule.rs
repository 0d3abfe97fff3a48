//! What the rules say, for people: windows, gates, settings, checks.

use std::io::{self, Write};

use chrono::{DateTime, Utc};

use super::escape::visible;
use super::holiday::holiday_line;
use super::render::View;
use super::style::Color;
use super::table::{Grid, Heading, or_dash};
use super::time::{RenderContext, relative, span};
use crate::contract::{CheckRow, ConfigRow, HoursView, PathView, WhyView, instant_text};
use crate::model::ClientId;

impl View for HoursView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let client = self.client_id.as_ref();
        let headings = vec![
            Heading::new("day"),
            Heading::new("from"),
            Heading::new("to"),
            Heading::new("length").numbers().optional(0),
        ];
        let mut grid = Grid::new(headings, look.style);
        for window in &self.windows {
            let start = look.local(client, window.start);
            let end = look.local(client, window.end);
            // An end on another day says which: Friday's shift may run on into Saturday.
            let form = match (end.local.date() - start.local.date()).num_days() {
                0 => "%H:%M",
                1..7 => "%a %H:%M",
                _ => "%a %Y-%m-%d %H:%M",
            };
            let cells = [
                start.local.format("%a %Y-%m-%d").to_string(),
                format!("{} {}", start.local.format("%H:%M"), start.abbreviation),
                format!("{} {}", end.local.format(form), end.abbreviation),
                span(window.end.signed_duration_since(window.start)),
            ];
            grid.row(Color::Plain, cells);
        }
        grid.write(out)?;
        self.holidays.iter().try_for_each(|holiday| writeln!(out, "{}", holiday_line(holiday)))?;
        match self.next_call_at {
            Some(slot) => writeln!(out, "next call: {} {}", weekday(client, slot, look), look.when(client, slot)),
            None => writeln!(out, "next call: never"),
        }
    }

    fn header() -> Vec<&'static str> {
        vec!["start", "end"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        self.windows.iter().map(|window| vec![instant_text(window.start), instant_text(window.end)]).collect()
    }
}

fn weekday(client: Option<&ClientId>, instant: DateTime<Utc>, look: &RenderContext<'_>) -> String {
    look.local(client, instant).local.format("%a").to_string()
}

impl View for WhyView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let paint = if self.callable { Color::Good } else { Color::Warning };
        writeln!(out, "{}", look.style.paint(paint, &visible(&self.sentence)))?;
        let headings = vec![
            Heading::new("gate"),
            Heading::new("verdict"),
            Heading::new("until").optional(1),
            Heading::new("detail").least(13),
        ];
        let mut grid = Grid::new(headings, look.style);
        for gate in &self.gates {
            let cells = [
                gate.gate.clone(),
                if gate.open { "open" } else { "CLOSED" }.to_owned(),
                until(gate.until, &self.client, look),
                or_dash(gate.detail.as_deref()),
            ];
            grid.row(if gate.open { Color::Plain } else { Color::Warning }, cells);
        }
        grid.write(out)
    }

    fn header() -> Vec<&'static str> {
        vec!["gate", "open", "detail", "until", "id"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        self.gates
            .iter()
            .map(|gate| {
                vec![
                    gate.gate.clone(),
                    gate.open.to_string(),
                    gate.detail.clone().unwrap_or_default(),
                    gate.until.map_or_else(String::new, instant_text),
                    self.id.to_string(),
                ]
            })
            .collect()
    }
}

/// Short on a terminal, so that the detail has room: the whole instant stands in the first line.
fn until(instant: Option<DateTime<Utc>>, client: &ClientId, look: &RenderContext<'_>) -> String {
    match instant {
        Some(instant) if look.style.terminal => relative(instant, look.now),
        Some(instant) => look.local(Some(client), instant).to_string(),
        None => "-".to_owned(),
    }
}

impl View for ConfigRow {
    /// One line, as the file would have it.
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let source = format!("# {}", visible(&self.source));
        let source = look.style.paint(Color::Dim, &source);
        match &self.text {
            Some(text) => writeln!(out, "{} = {}  {source}", visible(&self.key), visible(text)),
            None => writeln!(out, "{} is not set  {source}", visible(&self.key)),
        }
    }

    fn table_of(rows: &[Self], look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let headings = vec![
            Heading::new("key").least(16),
            Heading::new("value").least(12),
            Heading::new("source").least(12).optional(0),
        ];
        let mut grid = Grid::new(headings, look.style);
        for row in rows {
            grid.row(Color::Plain, [row.key.as_str(), row.text.as_deref().unwrap_or("-"), &row.source]);
        }
        grid.write(out)
    }

    fn header() -> Vec<&'static str> {
        vec!["key", "value", "source"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        // A cell needs no quotes of its own around a text.
        let text = self.value.as_str().or(self.text.as_deref()).unwrap_or_default();
        vec![vec![self.key.clone(), text.to_owned(), self.source.clone()]]
    }
}

impl View for PathView {
    fn table(&self, _look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", visible(&self.path))
    }

    fn header() -> Vec<&'static str> {
        vec!["path", "exists"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![vec![self.path.clone(), self.exists.to_string()]]
    }
}

impl View for CheckRow {
    /// One line, never cut: it names the way out.
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let paint = match self.verdict {
            "ok" => Color::Good,
            "warning" => Color::Warning,
            _ => Color::Bad,
        };
        let verdict = format!("{:<7}", self.verdict);
        let (check, detail) = (visible(&self.check), visible(&self.detail));
        writeln!(out, "{} {check}: {detail}", look.style.paint(paint, &verdict))
    }

    fn header() -> Vec<&'static str> {
        vec!["check", "verdict", "detail"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![vec![self.check.clone(), self.verdict.to_owned(), self.detail.clone()]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{GateView, HolidayView, List, WindowView};
    use crate::model::Format;
    use crate::model::Priority;
    use crate::output::render;
    use crate::output::sample::{self, at};

    fn written(view: &impl View, format: Format, look: &RenderContext<'_>) -> String {
        let mut out = Vec::new();
        render(view, format, look, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn hours() -> HoursView {
        let window = |start, end| WindowView { start: at(start), end: at(end) };
        HoursView {
            client_id: Some("acme".parse().unwrap()),
            timezone: "America/New_York".into(),
            lead_timezones: Vec::new(),
            priority: Priority::Normal,
            from: at("2026-11-22T00:00:00Z"),
            to: at("2026-11-29T00:00:00Z"),
            windows: vec![
                window("2026-11-23T14:00:00Z", "2026-11-23T22:00:00Z"),
                window("2026-11-28T03:00:00Z", "2026-11-28T06:30:00Z"),
            ],
            holidays: Vec::new(),
            next_call_at: Some(at("2026-11-23T14:00:00Z")),
        }
    }

    #[test]
    fn windows_begin_with_the_weekday() {
        let expected = "\
day             from       to                 length
Mon 2026-11-23  09:00 EST  17:00 EST             8 h
Fri 2026-11-27  22:00 EST  Sat 01:30 EST  3 h 30 min
next call: Mon 2026-11-23 09:00 EST
";
        let text = written(&hours(), Format::Table, &sample::look());
        assert_eq!(text, expected);
        let csv = "start,end\r\n2026-11-23T14:00:00.000Z,2026-11-23T22:00:00.000Z\r\n\
                   2026-11-28T03:00:00.000Z,2026-11-28T06:30:00.000Z\r\n";
        assert_eq!(written(&hours(), Format::Csv, &sample::look()), csv);
        let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
        let holidays = [Some("Thanksgiving Day".to_owned()), None];
        let holidays = holidays.map(|name| HolidayView::new(date, name, None)).to_vec();
        let never = HoursView { windows: Vec::new(), holidays, next_call_at: None, ..hours() };
        let expected = "holiday: Thu 2026-11-26 Thanksgiving Day\nholiday: Thu 2026-11-26\nnext call: never\n";
        assert_eq!(written(&never, Format::Table, &sample::look()), expected);
    }

    #[test]
    fn a_closed_gate_is_seen_without_color() {
        let gate = |name: &str, open, until| GateView {
            gate: name.into(),
            open,
            detail: Some("business hours 09:00-17:00 Mon-Fri, calling hours 08:00-21:00 of the lead".into()),
            until,
            evidence: serde_json::json!({}),
        };
        let why = WhyView {
            id: 42,
            callable: false,
            next_call_at: Some(at("2026-11-23T14:00:00Z")),
            gates: vec![gate("paused", true, None), gate("window", false, Some(at("2026-11-23T14:00:00Z")))],
            sentence: "window closed: client acme opens Mon 09:00 EST".into(),
            client: "acme".parse().unwrap(),
        };
        let text = written(&why, Format::Table, &sample::terminal(80));
        assert!(text.starts_with("window closed: client acme opens Mon 09:00 EST\n"));
        assert!(text.contains("window  CLOSED   in 1 d 2 h  business hours"), "{text}");
        assert!(text.lines().all(|line| sample::width(line) <= 80), "{text}");
    }

    #[test]
    fn settings_and_checks_are_lists() {
        let row = |key: &str, value: &str, source: &str| ConfigRow {
            key: key.into(),
            value: serde_json::Value::Null,
            source: source.into(),
            text: Some(value.into()),
        };
        let list = List { rows: vec![row("aging", "10.0", "built-in"), row("timezone", "\"UTC\"", "[clients.a]")] };
        assert_eq!(
            written(&list, Format::Table, &sample::look()),
            "key       value  source\naging     10.0   built-in\ntimezone  \"UTC\"  [clients.a]\n"
        );
        let check = CheckRow { check: "clock".into(), verdict: "ok", detail: "set".into() };
        let list = List { rows: vec![check] };
        assert_eq!(written(&list, Format::Table, &sample::look()), "ok      clock: set\n");
        assert_eq!(
            written(&list, Format::Jsonl, &sample::look()),
            "{\"check\":\"clock\",\"verdict\":\"ok\",\"detail\":\"set\"}\n"
        );
    }
}
