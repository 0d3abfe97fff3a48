//! How the queue stands, for people: what needs a hand first, then a line a client; or the due items by gate.

use std::io::{self, Write};

use chrono::{DateTime, TimeDelta, Utc};

use super::escape::visible;
use super::metrics::write_status_metrics;
use super::number::{counted, with_commas};
use super::render::View;
use super::style::Color;
use super::table::{Grid, Heading};
use super::time::{RenderContext, relative, span};
use super::wrap::display_width;
use crate::contract::{ClientStatusView, GateCountView, LastRunView, StatusView, Unattended, WhyAllView};
use crate::model::Gate;

/// Spaces between two facts on one line.
const GAP: usize = 5;

impl View for StatusView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        write_above(self, look, out)?;
        if self.clients.is_empty() {
            return writeln!(out, "Nothing waits, and nothing was called today.");
        }
        let numbers = |title: &'static str| Heading::new(title).numbers();
        let headings = vec![
            Heading::new("client").least(6),
            Heading::new("state").least(23),
            numbers("due"),
            numbers("waiting").optional(2),
            numbers("in progress").optional(3),
            numbers("today: called").optional(4),
            numbers("reached").optional(5),
            Heading::new("next call").optional(1),
        ];
        let mut grid = Grid::new(headings, look.style);
        for client in &self.clients {
            let next = match client.next_call_at {
                None => "–".to_owned(),
                Some(at) if at <= look.now => "now".to_owned(),
                Some(at) => look.near(Some(&client.client_id), at),
            };
            let cells = [
                client.client_id.to_string(),
                state(client, look),
                with_commas(client.due),
                with_commas(client.waiting),
                format!("{}/{}", client.in_progress, client.max_concurrent),
                with_commas(client.called_today),
                with_commas(client.reached_today),
                next,
            ];
            grid.row(color(client), cells);
        }
        grid.write(out)?;
        let done = self.clients.iter().filter_map(|client| Some((client, client.done_at?)));
        let done: Vec<String> = done.map(|(client, at)| done_about(client, at, look)).collect();
        if done.is_empty() { Ok(()) } else { writeln!(out, "{}", visible(&format!("Done about: {}", done.join(", ")))) }
    }

    fn metrics(&self, out: &mut dyn Write) -> io::Result<()> {
        write_status_metrics(self, out)
    }

    fn header() -> Vec<&'static str> {
        vec![
            "client_id",
            "gate",
            "until",
            "detail",
            "due",
            "waiting",
            "in_progress",
            "max_concurrent",
            "called_today",
            "reached_today",
            "next_call_at",
            "done_at",
        ]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let instant = |at: Option<_>| at.map(crate::contract::instant_text).unwrap_or_default();
        let row = |client: &ClientStatusView| {
            vec![
                client.client_id.to_string(),
                client.state.gate.map(|gate| gate.to_string()).unwrap_or_default(),
                instant(client.state.until),
                client.state.detail.clone(),
                client.due.to_string(),
                client.waiting.to_string(),
                client.in_progress.to_string(),
                client.max_concurrent.to_string(),
                client.called_today.to_string(),
                client.reached_today.to_string(),
                instant(client.next_call_at),
                instant(client.done_at),
            ]
        };
        self.clients.iter().map(row).collect()
    }
}

impl View for WhyAllView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let WhyAllView(status) = self;
        write_above(status, look, out)?;
        if status.clients.is_empty() {
            return writeln!(out, "Nothing waits, and nothing was called today.");
        }
        for client in &status.clients {
            writeln!(out, "{}", visible(&format!("{}: {}", client.client_id, by_gate(client, look))))?;
        }
        Ok(())
    }

    fn header() -> Vec<&'static str> {
        StatusView::header()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        self.0.rows()
    }
}

/// `acme Tue 13:30 EST`, in whole five minutes: nobody knows it better.
fn done_about(client: &ClientStatusView, at: DateTime<Utc>, look: &RenderContext<'_>) -> String {
    const STEP: i64 = 5 * 60_000;
    let past = at.timestamp_millis().rem_euclid(STEP);
    let rounded = if past == 0 { at } else { at + TimeDelta::milliseconds(STEP - past) };
    format!("{} {}", client.client_id, look.near(Some(&client.client_id), rounded))
}

/// What stands above: the last run, and what needs a hand.
fn write_above(status: &StatusView, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut facts = vec![status.last_run.as_ref().map_or_else(|| "No run yet.".to_owned(), |run| last_run(run, look))];
    if status.held > 0 {
        facts.push(format!("{} held: callq list --held", with_commas(status.held)));
    }
    if status.callbacks_missed > 0 {
        facts.push(format!("{} missed: callq list --callbacks", counted(status.callbacks_missed, "promised call")));
    }
    let line = facts.join(&" ".repeat(GAP));
    let fits = !look.style.terminal || display_width(&line) <= look.style.width;
    let mut lines = if fits { vec![line] } else { facts };
    if let Some(unattended) = status.unattended {
        lines.push(unattended_line(&unattended));
    }
    for registry in status.registries.iter().filter(|registry| registry.stale) {
        let name = &registry.name;
        let copy = match registry.as_of {
            Some(as_of) => format!("The copy of {name} as of {as_of} is too old"),
            None => format!("{name} has no copy"),
        };
        lines.push(format!("{copy}: callq dnc import {name} -f FILE --as-of DATE"));
    }
    if status.events.dead > 0 {
        let dead = with_commas(status.events.dead);
        lines.push(format!("Events that were never delivered: {dead}: callq events list --state dead"));
    }
    if let Some(since) = status.events.waits_since(look.now) {
        let (waiting, since) = (with_commas(status.events.waiting), relative(since, look.now));
        lines.push(format!(
            "Events that wait for their receivers: {waiting}, the oldest from {since}: callq events list"
        ));
    }
    lines.iter().try_for_each(|line| writeln!(out, "{}", visible(line)))
}

/// `Last run 12:05 EST (2 min ago) by ann, 38 called.`
fn last_run(run: &LastRunView, look: &RenderContext<'_>) -> String {
    let (at, ago) = (look.near(None, run.started_at), relative(run.started_at, look.now));
    match run.processed {
        Some(calls) => format!("Last run {at} ({ago}) by {}, {} called.", run.by, with_commas(calls)),
        None => format!("Last run {at} ({ago}) by {}, not finished.", run.by),
    }
}

/// What a client does, in few words: what holds it for good stands in capitals.
fn state(client: &ClientStatusView, look: &RenderContext<'_>) -> String {
    let state = &client.state;
    let until = state.until.map(|until| look.near(Some(&client.client_id), until));
    let with_end =
        |words: &str| until.as_ref().map_or_else(|| words.to_owned(), |until| format!("{words} until {until}"));
    match state.gate {
        None => with_end("open"),
        Some(Gate::Configuration) => "WRONG CONFIGURATION".to_owned(),
        Some(Gate::Dispatcher) if state.dispatcher_failed => "DISPATCHER FAILED".to_owned(),
        Some(Gate::Dispatcher) => "NO DISPATCHER".to_owned(),
        Some(Gate::Paused) => {
            let by = state.paused_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            let until = state.until.map(|until| format!(" until {}", look.near_day(Some(&client.client_id), until)));
            format!("PAUSED{by}{}", until.unwrap_or_default())
        }
        Some(Gate::BusinessHours) => until.map_or_else(|| "closed".to_owned(), |until| format!("opens {until}")),
        Some(gate) => with_end(&format!("blocked: {}", gate_words(gate, client))),
    }
}

fn color(client: &ClientStatusView) -> Color {
    match client.state.gate {
        Some(Gate::Configuration | Gate::Dispatcher) => Color::Bad,
        Some(Gate::Paused) => Color::Warning,
        Some(Gate::BusinessHours) => Color::Dim,
        _ => Color::Plain,
    }
}

/// `5 in progress; 407 due: 380 wait for a line, 27 blocked: attempt cap (next 14:10 EST)`.
fn by_gate(client: &ClientStatusView, look: &RenderContext<'_>) -> String {
    let mut parts = Vec::new();
    match client.ready() {
        0 => {}
        ready => parts.push(format!("{} can be called now", with_commas(ready))),
    }
    parts.extend(client.gates.iter().map(|gate| gate_count(client, gate, look)));
    let due = with_commas(client.due);
    let due = if parts.is_empty() { format!("{due} due") } else { format!("{due} due: {}", parts.join(", ")) };
    let next = client.next_call_at.filter(|at| *at > look.now);
    let next = next.map(|at| format!("; next call {}", look.near(Some(&client.client_id), at))).unwrap_or_default();
    match client.in_progress {
        0 => format!("{due}{next}"),
        calls => format!("{} in progress; {due}{next}", with_commas(calls)),
    }
}

fn gate_count(client: &ClientStatusView, count: &GateCountView, look: &RenderContext<'_>) -> String {
    let items = with_commas(count.items);
    let next = count.until.map(|until| format!(" (next {})", look.near(Some(&client.client_id), until)));
    let next = next.unwrap_or_default();
    match count.gate {
        Gate::Capacity => format!("{items} wait for a line"),
        gate => format!("{items} blocked: {}{next}", gate_words(gate, client)),
    }
}

/// The gate in the words of an operator.
fn gate_words(gate: Gate, client: &ClientStatusView) -> String {
    match gate {
        Gate::Cap => "attempt cap".to_owned(),
        Gate::Configuration => "wrong configuration".to_owned(),
        Gate::Dispatcher if client.state.dispatcher_failed => "dispatcher failed".to_owned(),
        Gate::Dispatcher => "no dispatcher".to_owned(),
        Gate::DoNotCall => "do-not-call list".to_owned(),
        Gate::Law => "law of the lead's place".to_owned(),
        Gate::Place => "place not known".to_owned(),
        other => other.as_str().replace('_', " "),
    }
}
/// Says that nobody calls what may be called.
pub fn unattended_line(unattended: &Unattended) -> String {
    let idle = unattended.idle.map_or_else(|| "yet".to_owned(), |idle| format!("for {}", span(idle)));
    format!("No run {idle} with {} due: is cron or watch running?", with_commas(unattended.due))
}
