//! The figures of `stats` in the text format of Prometheus (0.0.4), which node_exporter's textfile collector reads.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::contract::StatsView;
use crate::model::{ClientId, Outcome};

/// Metrics in the making.
struct Metrics<'a> {
    client: Option<&'a ClientId>,
    text: String,
}

impl Metrics<'_> {
    /// A metric with its samples, each with the value of its own label, if it has one.
    fn add(&mut self, name: &str, kind: &str, help: &str, label: &str, samples: &[(&str, f64)]) {
        if samples.is_empty() {
            return;
        }
        let text = &mut self.text;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP callq_{name} {help}\n# TYPE callq_{name} {kind}");
        for (value, sample) in samples {
            let client = self.client.map(|client| ("client", client.as_str()));
            let own = (!label.is_empty()).then_some((label, *value));
            let labels: Vec<String> =
                client.into_iter().chain(own).map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(text, "callq_{name}{labels} {sample}");
        }
    }

    fn gauge(&mut self, name: &str, help: &str, value: Option<f64>) {
        let samples: Vec<(&str, f64)> = value.into_iter().map(|value| ("", value)).collect();
        self.add(name, "gauge", help, "", &samples);
    }
}

/// A label's value: a backslash, a quote and a line end are escaped.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Writes the figures as metrics.
///
/// # Errors
/// What the writer reports.
pub(super) fn write_metrics(stats: &StatsView, out: &mut dyn Write) -> io::Result<()> {
    let mut metrics = Metrics { client: stats.client_id.as_ref(), text: String::new() };
    let count = |count: u64| count as f64;
    let by_status: Vec<(&str, f64)> = stats.by_status.iter().map(|(key, n)| (key.as_str(), count(*n))).collect();
    metrics.add("items", "gauge", "Items by status.", "status", &by_status);
    let by_priority: Vec<(&str, f64)> = stats.by_priority.iter().map(|(key, n)| (key.as_str(), count(*n))).collect();
    metrics.add("priority_items", "gauge", "Items of every status by priority.", "priority", &by_priority);
    metrics.gauge("due_items", "Items that are due inside an open window.", Some(count(stats.due_now)));
    let waiting = Some(count(stats.waiting_for_hours));
    metrics.gauge("closed_items", "Items that are due while their window is closed.", waiting);
    metrics.gauge("oldest_due_seconds", "How long the oldest due item waits.", stats.oldest_due_seconds);
    metrics.gauge("held_items", "Failed items whose outcome is unknown.", Some(count(stats.held)));
    let attempts = &stats.attempts;
    let told = [
        (Outcome::Completed, attempts.completed),
        (Outcome::Retry, attempts.retry),
        (Outcome::Failed, attempts.failed),
        (Outcome::Unknown, attempts.unknown),
        (Outcome::Accepted, attempts.accepted),
    ];
    let mut by_outcome: Vec<(&str, f64)> = told.iter().map(|(outcome, n)| (outcome.as_str(), count(*n))).collect();
    let others = attempts.total.saturating_sub(told.iter().map(|(_, n)| n).sum());
    by_outcome.push(("other", count(others)));
    metrics.add("attempts_total", "counter", "Attempts by outcome, without pruned ones.", "outcome", &by_outcome);
    metrics.gauge("success_ratio", "Completed items among finished ones.", stats.success_rate);
    metrics.gauge("answer_ratio", "Completed attempts among finished ones.", stats.answer_rate);
    metrics.gauge("retry_success_ratio", "Completed items among retried ones.", stats.retry_success_rate);
    let used = stats.business_hours_utilization;
    metrics.gauge("business_hours_used_ratio", "Call time in the business hours by open time.", used);
    let (wait, call) = (&stats.wait_seconds, &stats.processing_seconds);
    for (name, help, value) in [
        ("wait_mean_seconds", "Mean wait for the first attempt.", wait.avg),
        ("wait_p50_seconds", "Median wait for the first attempt.", wait.p50),
        ("wait_p95_seconds", "95th percentile of the wait for the first attempt.", wait.p95),
        ("call_mean_seconds", "Mean length of a call.", call.avg),
        ("call_p50_seconds", "Median length of a call.", call.p50),
        ("call_p95_seconds", "95th percentile of the length of a call.", call.p95),
    ] {
        metrics.gauge(name, help, value);
    }
    out.write_all(metrics.text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_escaped_and_a_metric_without_a_sample_is_left_out() {
        let client: ClientId = r#"a"b\c"#.parse().unwrap();
        let mut metrics = Metrics { client: Some(&client), text: String::new() };
        metrics.gauge("absent_ratio", "No value.", None);
        metrics.add("items", "gauge", "Items by status.", "status", &[("pending", 3.0), ("failed", 0.5)]);
        let expected = "# HELP callq_items Items by status.\n# TYPE callq_items gauge\n\
                        callq_items{client=\"a\\\"b\\\\c\",status=\"pending\"} 3\n\
                        callq_items{client=\"a\\\"b\\\\c\",status=\"failed\"} 0.5\n";
        assert_eq!(metrics.text, expected);
    }
}
