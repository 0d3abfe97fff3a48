//! A forecast for people: when it is done, what holds it back, and the days or hours until then.

use std::io::{self, Write};

use chrono::{DateTime, Utc};

use super::chart::bar;
use super::escape::visible;
use super::number::{counted, with_commas};
use super::render::View;
use super::style::Color;
use super::table::{Grid, Heading};
use super::time::{LocalTime, RenderContext, near, span_of_seconds};
use crate::contract::{ForecastView, HeldBackView, PlanView, Quantiles, instant_text};

/// The columns of the longest bar.
const BAR: usize = 30;

impl View for ForecastView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        for line in self.lines(look) {
            writeln!(out, "{}", visible(&line))?;
        }
        let mut grid = if self.by_hour { self.hour_grid(look) } else { self.day_grid(look) };
        if grid.waiting() > 0 {
            writeln!(out)?;
        }
        grid.write(out)
    }

    fn header() -> Vec<&'static str> {
        vec![
            "start",
            "open_seconds",
            "calls_p10",
            "calls_p50",
            "calls_p90",
            "completed_p10",
            "completed_p50",
            "completed_p90",
            "business_hours_utilization",
        ]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |start: String, open: String, calls: Quantiles, completed: Quantiles, used: String| {
            let of = |counts: Quantiles| [counts.p10, counts.p50, counts.p90].map(|count| count.to_string());
            let cells = [start, open].into_iter().chain(of(calls)).chain(of(completed)).chain([used]);
            cells.collect::<Vec<String>>()
        };
        if self.by_hour {
            let hours = self.hours.iter();
            return hours
                .map(|hour| row(instant_text(hour.start), String::new(), hour.calls, hour.completed, String::new()))
                .collect();
        }
        let used = |part: Option<f64>| part.map(|part| part.to_string()).unwrap_or_default();
        let days = self.days.iter();
        days.map(|day| {
            let (open, used) = (day.open_seconds.to_string(), used(day.business_hours_utilization));
            row(day.day.to_string(), open, day.calls, day.completed, used)
        })
        .collect()
    }
}

impl ForecastView {
    /// What stands above the days.
    fn lines(&self, look: &RenderContext<'_>) -> Vec<String> {
        let client = self.client_id.as_ref();
        let who = client.map_or("all clients", |client| client.as_str());
        let waiting = match self.waiting {
            0 => "nothing waits".to_owned(),
            1 => "1 lead waits".to_owned(),
            leads => format!("{} leads wait", with_commas(leads)),
        };
        let new = match self.new_leads {
            0 => "nobody new".to_owned(),
            leads => format!("{} new on every open day", with_commas(leads.into())),
        };
        let runs = counted(self.runs.into(), "run");
        let mut lines = vec![
            format!("{who}: {waiting}, {new}; {runs}, seed {}; 8 of 10 runs lie in (..)", self.seed),
            self.learned_line(),
            format!("{:<18}{}", "done", self.done_line(look)),
            format!("{:<18}{}", "calls", self.calls_line()),
        ];
        let waits = self.waits_line();
        lines.extend(waits.map(|waits| format!("{:<18}{waits}", "a new lead waits")));
        let held = self.held_line();
        lines.extend(held.map(|held| format!("{:<18}{held}", "held back by")));
        lines.extend(self.plan.as_ref().map(|plan| self.plan_line(plan, look)));
        lines.extend(self.notes.iter().map(|note| format!("note: {note}")));
        lines
    }

    fn learned_line(&self) -> String {
        let learned = &self.learned;
        let figures = format!(
            "{:.1} % completed, a call holds a line for {}",
            learned.answer_rate * 100.0,
            span_of_seconds(learned.line_seconds.round())
        );
        let calls = counted(learned.attempts, "call");
        if learned.assumed {
            let tell = if learned.attempts == 1 { "tells" } else { "tell" };
            return format!("assumed, since {calls} {tell} too little: {figures}");
        }
        format!("learned from {calls} of {}: {figures}", counted(learned.days.into(), "day"))
    }

    fn done_line(&self, look: &RenderContext<'_>) -> String {
        let local = |at: DateTime<Utc>| look.local(self.client_id.as_ref(), at);
        let done = &self.done;
        let Some(median) = done.p50 else {
            let left = with_commas(self.items.left.p50);
            let by = self.until.map(|until| format!(" by {}", full(&local(until)))).unwrap_or_default();
            let share =
                if done.share > 0.0 { format!("; {:.0} % of the runs end", done.share * 100.0) } else { String::new() };
            return format!("not{by}: {left} left{share}");
        };
        let median = local(median);
        let edge = |at: Option<DateTime<Utc>>| match at.map(local) {
            None => "never".to_owned(),
            Some(at) if at.local.date() == median.local.date() => at.local.format("%H:%M").to_string(),
            Some(at) => at.local.format("%a %m-%d %H:%M").to_string(),
        };
        let (low, high) = (edge(done.p10), edge(done.p90));
        let range = if low == high { String::new() } else { format!("  ({low} to {high})") };
        format!("{}{range}", full(&median))
    }

    fn calls_line(&self) -> String {
        let (calls, items) = (self.calls, &self.items);
        let range = range(calls).map(|range| format!("  {range}")).unwrap_or_default();
        let mut parts = vec![
            format!("{} completed", with_commas(items.completed.p50)),
            format!("{} failed", with_commas(items.failed.p50)),
        ];
        if items.expired.p90 > 0 {
            parts.push(format!("{} expired", with_commas(items.expired.p50)));
            parts.push(format!("{} of them never called", with_commas(items.expired_uncalled.p50)));
        }
        if items.left.p50 > 0 {
            parts.push(format!("{} left", with_commas(items.left.p50)));
        }
        format!("{}{range}: {}", with_commas(calls.p50), parts.join(", "))
    }

    fn waits_line(&self) -> Option<String> {
        let waits = &self.new_lead_wait_seconds;
        let all = [("urgent", waits.urgent), ("high", waits.high), ("normal", waits.normal), ("low", waits.low)];
        if all.iter().all(|(_, wait)| wait.is_none()) {
            return None;
        }
        let told = |wait: Option<f64>| match wait {
            None => "without end".to_owned(),
            Some(0.0) => "0 s".to_owned(),
            Some(seconds) => span_of_seconds(seconds),
        };
        Some(all.map(|(name, wait)| format!("{name} {}", told(wait))).join(", "))
    }

    fn held_line(&self) -> Option<String> {
        let gain = |gate: &HeldBackView| match gate.earlier_seconds {
            Some(seconds) => span_of_seconds(seconds),
            None => "ends only so".to_owned(),
        };
        let (first, others) = self.held_back_by.split_first()?;
        let earlier =
            if first.earlier_seconds.is_some() { format!("done {} earlier", gain(first)) } else { gain(first) };
        let mut parts = vec![format!("{}: with {} {earlier}", first.gate, first.change)];
        for gate in others {
            let change = match gate.change.parse::<u64>().is_ok() || gate.change == "off" {
                true => format!("{} {}", gate.gate, gate.change),
                false => gate.change.clone(),
            };
            parts.push(format!("{change}: {}", gain(gate)));
        }
        Some(parts.join("; "))
    }

    fn plan_line(&self, plan: &PlanView, look: &RenderContext<'_>) -> String {
        let local = |at| look.local(self.client_id.as_ref(), at);
        let by = near(&local(plan.by), &local(look.now)).unwrap_or_else(|| full(&local(plan.by)));
        let by = format!("by {by}");
        let tenths = plan.share * 10.0;
        let runs = match (tenths - tenths.round()).abs() < 1e-9 {
            true => format!("{tenths:.0} of 10 runs"),
            false => format!("{:.0} % of the runs", plan.share * 100.0),
        };
        match (plan.max_concurrent, plan.held_back_by) {
            (Some(lines), _) => format!("{by:<18}max_concurrent {lines} does it in {runs}"),
            (None, gate) => format!("{by:<18}no number of lines: {}", gate.unwrap_or("business_hours")),
        }
    }

    fn day_grid(&self, look: &RenderContext<'_>) -> Grid {
        let numbers = |title: &'static str| Heading::new(title).numbers();
        let headings = vec![
            Heading::new("day"),
            numbers("open"),
            numbers("calls"),
            Heading::new("").optional(2),
            numbers("completed"),
            numbers("hours used").optional(1),
        ];
        let mut grid = Grid::new(headings, look.style);
        for day in &self.days {
            let open = if day.open_seconds == 0 { "–".to_owned() } else { span_of_seconds(day.open_seconds as f64) };
            let used = day.business_hours_utilization;
            let cells = [
                day.day.format("%a %Y-%m-%d").to_string(),
                open,
                with_commas(day.calls.p50),
                range(day.calls).unwrap_or_default(),
                with_commas(day.completed.p50),
                used.map_or_else(|| "–".to_owned(), |part| format!("{:.0} %", part * 100.0)),
            ];
            grid.row(Color::Plain, cells);
        }
        grid
    }

    fn hour_grid(&self, look: &RenderContext<'_>) -> Grid {
        let numbers = |title: &'static str| Heading::new(title).numbers();
        let headings = vec![
            Heading::new("hour"),
            numbers("calls"),
            Heading::new("").optional(2),
            numbers("completed"),
            Heading::new("").optional(1),
        ];
        let mut grid = Grid::new(headings, look.style);
        let largest = self.hours.iter().map(|hour| hour.calls.p50).max().unwrap_or(0);
        for hour in &self.hours {
            let LocalTime { local, abbreviation } = look.local(self.client_id.as_ref(), hour.start);
            let cells = [
                format!("{} {abbreviation}", local.format("%a %Y-%m-%d %H:%M")),
                with_commas(hour.calls.p50),
                range(hour.calls).unwrap_or_default(),
                with_commas(hour.completed.p50),
                bar(hour.calls.p50, largest, BAR),
            ];
            grid.row(Color::Plain, cells);
        }
        grid
    }
}

/// `(2,627 to 2,764)`; none where all runs agree.
fn range(counts: Quantiles) -> Option<String> {
    let differ = counts.p10 != counts.p90;
    differ.then(|| format!("({} to {})", with_commas(counts.p10), with_commas(counts.p90)))
}

/// `Tue 2026-11-24 13:29 EST`.
fn full(at: &LocalTime) -> String {
    format!("{} {}", at.local.format("%a %Y-%m-%d %H:%M"), at.abbreviation)
}
