//! The statistics for people: figures, bars for the breakdowns, a heat map of the hours.

use std::io::{self, Write};

use super::chart::{Heat, HeatMap, NARROWEST, WEEKDAYS, bar, heat_map};
use super::escape::visible;
use super::metrics::write_metrics;
use super::render::View;
use super::style::Color;
use super::table::{Grid, Heading, dash};
use super::time::{RenderContext, span_of_seconds};
use crate::contract::{Breakdown, HourIntervals, StatsView};

/// The columns of the longest bar.
const BAR: usize = 24;

impl View for StatsView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let client = self.client_id.as_ref();
        let who = client.map_or("all clients".into(), |client| visible(client.as_str()));
        let since = look.when_or(client, self.since, "the beginning");
        let title = format!("{who}, from {since} to {}", look.local(client, self.until));
        writeln!(out, "{}", look.style.paint(Color::Bold, &title))?;
        for (name, value) in self.lines() {
            writeln!(out, "  {name:<22} {value}")?;
        }
        if !self.failure_reasons.is_empty() {
            let largest = self.failure_reasons.iter().map(|row| row.count).max().unwrap_or(0);
            let bars = Heading::new("").optional(1);
            let headings = vec![Heading::new("reason").least(10), Heading::new("count").numbers(), bars];
            let mut grid = Grid::new(headings, look.style);
            for row in &self.failure_reasons {
                let bar = if look.style.terminal { bar(row.count, largest, BAR) } else { String::new() };
                grid.row(Color::Plain, [row.reason.clone(), row.count.to_string(), bar]);
            }
            writeln!(out)?;
            grid.write(out)?;
        }
        if self.by.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        match heat(&self.by).filter(|_| look.style.terminal && look.style.width >= NARROWEST) {
            Some(map) => heat_map(&map, look.style, out)?,
            None => breakdown(&self.by, look, out)?,
        }
        match certain_hours(&self.by) {
            Some(line) => writeln!(out, "{line}"),
            None => Ok(()),
        }
    }

    fn metrics(&self, out: &mut dyn Write) -> io::Result<()> {
        write_metrics(self, out)
    }

    fn header() -> Vec<&'static str> {
        vec!["figure", "value"]
    }

    /// A row a figure, named by its path in the JSON; what is absent is empty.
    fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        // The view is its own list of figures, so that none is left out here.
        if let Ok(value) = serde_json::to_value(self) {
            flatten("", &value, &mut rows);
        }
        rows
    }
}

impl View for Breakdown {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        breakdown(std::slice::from_ref(self), look, out)
    }

    fn header() -> Vec<&'static str> {
        vec!["key", "weekday", "items", "attempts", "finished", "completed", "answer_rate"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![vec![
            self.key.clone(),
            self.weekday.unwrap_or_default().to_owned(),
            self.items.to_string(),
            self.attempts.to_string(),
            self.finished.to_string(),
            self.completed.to_string(),
            self.answer_rate.map(|rate| rate.to_string()).unwrap_or_default(),
        ]]
    }
}

impl StatsView {
    /// The figures that are one line each.
    fn lines(&self) -> Vec<(&'static str, String)> {
        let counts = |counts: Vec<(&'static str, u64)>| {
            let words: Vec<String> =
                counts.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{count} {name}")).collect();
            if words.is_empty() { "none".to_owned() } else { words.join(", ") }
        };
        let attempts = &self.attempts;
        let told = attempts.completed + attempts.retry + attempts.failed + attempts.unknown + attempts.accepted;
        let of_attempts = vec![
            ("completed", attempts.completed),
            ("retry", attempts.retry),
            ("failed", attempts.failed),
            ("unknown", attempts.unknown),
            ("accepted", attempts.accepted),
            ("returned or open", attempts.total.saturating_sub(told)),
        ];
        let (wait, took) = (&self.wait_seconds, &self.processing_seconds);
        let oldest = match self.oldest_due_seconds {
            Some(seconds) => format!("{}, the oldest for {}", self.due_now, span_of_seconds(seconds)),
            None => self.due_now.to_string(),
        };
        let mut lines = vec![
            ("items", self.total_items.to_string()),
            ("by status", counts(self.by_status.iter().map(|(status, count)| (status.as_str(), *count)).collect())),
            ("by priority", counts(self.by_priority.iter().map(|(name, count)| (name.as_str(), *count)).collect())),
            ("due now", oldest),
            ("waiting for hours", self.waiting_for_hours.to_string()),
            ("in progress", self.in_progress.to_string()),
            ("held", self.held.to_string()),
            ("success rate", percent(self.success_rate)),
            ("attempts", format!("{}: {}", attempts.total, counts(of_attempts))),
            ("answer rate", percent(self.answer_rate)),
            ("success after retry", percent(self.retry_success_rate)),
            ("wait", spans(&[("mean", wait.avg), ("p50", wait.p50), ("p95", wait.p95), ("max", wait.max)])),
            ("call time", spans(&[("mean", took.avg), ("p50", took.p50), ("p95", took.p95)])),
            ("attempts an hour", self.throughput_per_hour.map_or_else(dash, |rate| format!("{rate:.1}"))),
            ("use of business hours", percent(self.business_hours_utilization)),
        ];
        if self.pruned.attempts > 0 {
            lines.push(("attempts pruned", self.pruned.attempts.to_string()));
        }
        lines
    }
}

/// A rate in percent; a dash without a denominator.
fn percent(rate: Option<f64>) -> String {
    rate.map_or_else(dash, |rate| format!("{:.1} %", rate * 100.0))
}

fn spans(parts: &[(&str, Option<f64>)]) -> String {
    let words: Vec<String> = parts
        .iter()
        .filter_map(|(name, seconds)| seconds.map(|seconds| format!("{name} {}", span_of_seconds(seconds))))
        .collect();
    if words.is_empty() { dash() } else { words.join(", ") }
}

/// The guess with its 90 % interval.
fn best_guess(hour: &HourIntervals) -> String {
    let HourIntervals { best_guess, best_low, best_high, .. } = hour;
    format!("{} ({:.1} to {:.1})", percent(Some(*best_guess)), best_low * 100.0, best_high * 100.0)
}

fn breakdown(rows: &[Breakdown], look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut headings = vec![
        Heading::new("by").least(10),
        Heading::new("items").numbers().optional(1),
        Heading::new("attempts").numbers(),
        Heading::new("answered").numbers(),
        Heading::new("rate").numbers(),
    ];
    let are_hours = rows.iter().any(|row| row.hour.is_some());
    if are_hours {
        headings.push(Heading::new("best guess").optional(3));
    }
    headings.push(Heading::new("").optional(2));
    let largest = rows.iter().map(|row| row.attempts).max().unwrap_or(0);
    let mut grid = Grid::new(headings, look.style);
    for row in rows {
        let key = row.weekday.map_or_else(|| row.key.clone(), |weekday| format!("{weekday} {}", row.key));
        let mut cells = vec![
            key,
            row.items.to_string(),
            row.attempts.to_string(),
            row.completed.to_string(),
            percent(row.answer_rate),
        ];
        if are_hours {
            cells.push(row.hour.as_ref().map_or_else(dash, best_guess));
        }
        cells.push(if look.style.terminal { bar(row.attempts, largest, BAR) } else { String::new() });
        grid.row(Color::Plain, cells);
    }
    grid.write(out)
}

/// The rows as a map, when they are hours of weekdays.
fn heat(rows: &[Breakdown]) -> Option<HeatMap> {
    let mut map = HeatMap::default();
    for row in rows {
        let weekday = row.weekday?;
        let day = WEEKDAYS.iter().position(|name| *name == weekday)?;
        let cell = map.hours.get_mut(row.key.parse::<usize>().ok()?)?.get_mut(day)?;
        *cell = Heat { calls: row.finished, rate: row.answer_rate };
    }
    Some(map)
}

/// How many of the hours with calls surely differ from their mean; nothing when the rows are no hours.
fn certain_hours(rows: &[Breakdown]) -> Option<String> {
    let hours: Vec<_> = rows.iter().filter_map(|row| Some((row.finished, row.hour?))).collect();
    let finished: u64 = hours.iter().map(|(finished, _)| finished).sum();
    if finished == 0 {
        return None;
    }
    let guessed: f64 = hours.iter().map(|(finished, hour)| *finished as f64 * hour.best_guess).sum();
    let mean = guessed / finished as f64;
    let apart = hours.iter().filter(|(_, hour)| mean < hour.best_low || hour.best_high < mean).count();
    Some(match apart {
        0 => "no hour surely differs from the others yet".to_owned(),
        _ => format!("{apart} of {} hours differ from the mean with 90 % certainty", hours.len()),
    })
}

/// Names every plain value under `path`.
fn flatten(path: &str, value: &serde_json::Value, rows: &mut Vec<Vec<String>>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        serde_json::Value::Object(fields) => fields.iter().for_each(|(name, value)| flatten(&below(name), value, rows)),
        serde_json::Value::Array(values) => {
            values.iter().enumerate().for_each(|(index, value)| flatten(&below(&index.to_string()), value, rows));
        }
        serde_json::Value::Null => rows.push(vec![path.to_owned(), String::new()]),
        serde_json::Value::String(text) => rows.push(vec![path.to_owned(), text.clone()]),
        other => rows.push(vec![path.to_owned(), other.to_string()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{AttemptCounts, ProcessingSeconds, PrunedCallsView, ReasonCount, WaitSeconds};
    use crate::model::Format;
    use crate::model::{Priority, Status};
    use crate::output::sample::{self, at};
    use crate::output::{render, wrapped};

    fn stats(by: Vec<Breakdown>) -> StatsView {
        StatsView {
            client_id: None,
            since: None,
            until: at("2026-11-22T12:00:00Z"),
            total_items: 5,
            by_status: Status::ALL.iter().zip([2, 0, 0, 1, 2, 0, 0]).map(|(status, count)| (*status, count)).collect(),
            by_priority: Priority::ALL.iter().map(|priority| (*priority, 1)).collect(),
            due_now: 2,
            waiting_for_hours: 1,
            oldest_due_seconds: Some(5_400.0),
            in_progress: 0,
            held: 0,
            wait_seconds: WaitSeconds { avg: Some(90.0), p50: Some(60.0), p95: Some(300.0), max: Some(400.0) },
            success_rate: Some(1.0),
            attempts: AttemptCounts { total: 4, completed: 2, retry: 1, ..AttemptCounts::default() },
            answer_rate: Some(2.0 / 3.0),
            retry_success_rate: None,
            throughput_per_hour: Some(12.34),
            processing_seconds: ProcessingSeconds::default(),
            business_hours_utilization: None,
            failure_reasons: vec![
                ReasonCount { reason: "no_answer".into(), count: 10 },
                ReasonCount { reason: "bu\u{7}sy".into(), count: 5 },
            ],
            by,
            pruned: PrunedCallsView::default(),
        }
    }

    fn written(view: &StatsView, format: Format, look: &RenderContext<'_>) -> String {
        let mut out = Vec::new();
        render(view, format, look, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn row(key: &str, weekday: Option<&'static str>, attempts: u64, completed: u64) -> Breakdown {
        let answer_rate = if attempts == 0 { None } else { Some(completed as f64 / attempts as f64) };
        let hour = None;
        let key = key.into();
        Breakdown { key, weekday, items: attempts, attempts, completed, answer_rate, finished: attempts, hour }
    }

    #[test]
    fn figures_stand_in_lines_and_a_rate_of_nothing_is_a_dash() {
        let expected = "\
all clients, from the beginning to 2026-11-22 07:00 EST
  items                  5
  by status              2 pending, 1 retry_scheduled, 2 completed
  by priority            1 urgent, 1 high, 1 normal, 1 low
  due now                2, the oldest for 1 h 30 min
  waiting for hours      1
  in progress            0
  held                   0
  success rate           100.0 %
  attempts               4: 2 completed, 1 retry, 1 returned or open
  answer rate            66.7 %
  success after retry    -
  wait                   mean 1 min 30 s, p50 1 min, p95 5 min, max 6 min 40 s
  call time              -
  attempts an hour       12.3
  use of business hours  -

reason     count
no_answer     10
bu\\u{7}sy      5
";
        let text = written(&stats(Vec::new()), Format::Table, &sample::look());
        assert_eq!(text, expected);
    }

    #[test]
    fn a_breakdown_has_bars_on_a_terminal() {
        let rows = vec![row("acme", None, 10, 5), row(&"long name ".repeat(9), None, 5, 0)];
        let text = written(&stats(rows), Format::Table, &sample::terminal(80));
        assert!(text.contains(&"█".repeat(24)) && text.contains("50.0 %"), "{text}");
        assert_eq!(text.lines().filter(|line| line.ends_with('█')).count(), 4, "two reasons, two rows: {text}");
        assert!(text.lines().all(|line| sample::width(line) <= 80), "{text}");
    }

    #[test]
    fn no_line_is_longer_than_a_narrow_terminal() {
        let rows = [vec![row("acme", None, 12_345_678, 5)], vec![row("09", Some("Mon"), 10, 5)]];
        for rows in rows {
            for width in [40, 60, 80] {
                let look = sample::terminal(width);
                let text = wrapped(&written(&stats(rows.clone()), Format::Table, &look), look.style).into_owned();
                let body = text.lines();
                assert!(body.clone().all(|line| line.chars().count() <= width), "{width}: {text}");
            }
        }
        let look = sample::terminal(40);
        let text = written(&stats(Vec::new()), Format::Table, &look);
        let text = wrapped(&text, look.style);
        assert!(text.contains("\n  wait\n    mean 1 min 30 s, p50 1 min,\n    p95 5 min, max 6 min 40 s\n"), "{text}");
    }

    #[test]
    fn hours_of_weekdays_make_a_map_on_a_terminal_and_rows_elsewhere() {
        let rows = vec![row("09", Some("Mon"), 40, 40), row("10", Some("Mon"), 40, 10), row("09", Some("Tue"), 1, 0)];
        let text = written(&stats(rows.clone()), Format::Table, &sample::terminal(80));
        assert!(text.contains("\n09 ██100%  40 ··       1\n10 ▒▒ 25%  40\n"), "{text}");
        for look in [sample::look(), sample::terminal(NARROWEST - 1)] {
            let text = written(&stats(rows.clone()), Format::Table, &look);
            assert!(text.contains("Mon 09"), "{text}");
        }
    }

    #[test]
    fn csv_names_every_figure_by_its_path() {
        let text = written(&stats(vec![row("acme", None, 2, 1)]), Format::Csv, &sample::look());
        assert!(text.starts_with("figure,value\r\nclient_id,\r\nsince,\r\nuntil,2026-11-22T12:00:00.000Z\r\n"));
        for line in ["by_status.pending,2", "attempts.total,4", "answer_rate,0.6666666666666666", "by.0.key,acme"] {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line}: {text}");
        }
    }
}
