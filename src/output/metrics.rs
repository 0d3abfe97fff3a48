//! The figures of `stats` and `status` in the text format of Prometheus (0.0.4), which node_exporter's textfile collector reads.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::contract::{ClientStatusView, StatsView, StatusView};
use crate::model::Gate;

/// Metrics in the making.
#[derive(Default)]
struct Metrics(String);

/// The labels of a sample, and its value.
type Sample<'a> = (Vec<(&'a str, &'a str)>, f64);

impl Metrics {
    /// A metric with its samples; without one it is left out.
    fn add<'a>(&mut self, name: &str, kind: &str, help: &str, samples: impl IntoIterator<Item = Sample<'a>>) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        let Metrics(text) = self;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP callq_{name} {help}\n# TYPE callq_{name} {kind}");
        for (labels, value) in samples {
            let labels: Vec<String> =
                labels.into_iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(text, "callq_{name}{labels} {value}");
        }
    }

    fn gauge<'a>(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = Sample<'a>>) {
        self.add(name, "gauge", help, samples);
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
    let mut metrics = Metrics::default();
    let count = |count: u64| count as f64;
    let client = || stats.client_id.iter().map(|client| ("client", client.as_str()));
    let sample =
        |own: Option<(&'static str, &'static str)>, value: f64| (client().chain(own).collect::<Vec<_>>(), value);
    let one = |value: Option<f64>| value.map(|value| sample(None, value));
    let by_status = stats.by_status.iter().map(|(key, n)| sample(Some(("status", key.as_str())), count(*n)));
    metrics.gauge("items", "Items by status.", by_status);
    let by_priority = stats.by_priority.iter().map(|(key, n)| sample(Some(("priority", key.as_str())), count(*n)));
    metrics.gauge("priority_items", "Items of every status by priority.", by_priority);
    metrics.gauge("due_items", "Items that are due inside an open window.", one(Some(count(stats.due_now))));
    let waiting = Some(count(stats.waiting_for_hours));
    metrics.gauge("closed_items", "Items that are due while their window is closed.", one(waiting));
    metrics.gauge("oldest_due_seconds", "How long the oldest due item waits.", one(stats.oldest_due_seconds));
    metrics.gauge("held_items", "Failed items whose outcome is unknown.", one(Some(count(stats.held))));
    let told = stats.attempts.by_outcome();
    let others = stats.attempts.total.saturating_sub(told.iter().map(|(_, n)| n).sum());
    let by_outcome = told.iter().map(|(outcome, n)| (outcome.as_str(), *n)).chain([("other", others)]);
    let by_outcome = by_outcome.map(|(outcome, n)| sample(Some(("outcome", outcome)), count(n)));
    metrics.add("attempts_total", "counter", "Attempts by outcome, pruned ones too.", by_outcome);
    metrics.gauge("success_ratio", "Completed items among finished ones.", one(stats.success_rate));
    metrics.gauge("answer_ratio", "Completed attempts among finished ones.", one(stats.answer_rate));
    metrics.gauge("retry_success_ratio", "Completed items among retried ones.", one(stats.retry_success_rate));
    let used = stats.business_hours_utilization;
    metrics.gauge("business_hours_used_ratio", "Call time in the business hours by open time.", one(used));
    let (wait, call) = (&stats.wait_seconds, &stats.processing_seconds);
    for (name, help, value) in [
        ("wait_mean_seconds", "Mean wait for the first attempt.", wait.avg),
        ("wait_p50_seconds", "Median wait for the first attempt.", wait.p50),
        ("wait_p95_seconds", "95th percentile of the wait for the first attempt.", wait.p95),
        ("call_mean_seconds", "Mean length of a call.", call.avg),
        ("call_p50_seconds", "Median length of a call.", call.p50),
        ("call_p95_seconds", "95th percentile of the length of a call.", call.p95),
    ] {
        metrics.gauge(name, help, one(value));
    }
    out.write_all(metrics.0.as_bytes())
}

/// A figure of a client: the name of its metric, what it says, and where it stands.
type ClientFigure = (&'static str, &'static str, fn(&ClientStatusView) -> Option<f64>);

const CLIENT_FIGURES: [ClientFigure; 9] = [
    ("client_due_items", "Waiting items whose time has come.", |client| Some(client.due as f64)),
    ("client_waiting_items", "Waiting items.", |client| Some(client.waiting as f64)),
    ("client_in_progress_items", "Items whose call is in progress.", |client| Some(client.in_progress as f64)),
    ("client_concurrent_calls_limit", "The most calls in progress.", |client| Some(client.max_concurrent.into())),
    ("client_called_today", "Calls since midnight on the client's clock.", |client| Some(client.called_today as f64)),
    ("client_reached_today", "Calls since midnight that reached a person.", |client| Some(client.reached_today as f64)),
    ("client_paused", "Whether the client is paused.", |client| Some(is(client, Gate::Paused))),
    ("client_without_dispatcher", "Whether nothing places its calls, or placed none the last time.", |client| {
        Some(is(client, Gate::Dispatcher))
    }),
    ("client_next_call_timestamp_seconds", "When the next call can start.", |client| {
        client.next_call_at.map(|at| at.timestamp() as f64)
    }),
];

fn is(client: &ClientStatusView, gate: Gate) -> f64 {
    f64::from(client.state.gate == Some(gate))
}

/// Writes the state of the queue as metrics. Their names differ from those of [`write_metrics`]: both may lie in one folder.
///
/// # Errors
/// What the writer reports.
pub(super) fn write_status_metrics(status: &StatusView, out: &mut dyn Write) -> io::Result<()> {
    let mut metrics = Metrics::default();
    let last = status.last_run.as_ref().map(|run| (Vec::new(), run.started_at.timestamp() as f64));
    metrics.gauge("last_run_timestamp_seconds", "When the last run began that made an attempt.", last);
    metrics.gauge("unknown_outcome_items", "Held items.", [(Vec::new(), status.held as f64)]);
    metrics.gauge(
        "missed_callbacks",
        "Promised calls that were missed.",
        [(Vec::new(), status.callbacks_missed as f64)],
    );
    let stale = status.registries.iter().map(|copy| (vec![("registry", copy.name.as_str())], f64::from(copy.stale)));
    metrics.gauge("registry_stale", "Whether calls wait for a new copy of the registry.", stale);
    let clients = || status.clients.iter();
    for (name, help, value) in CLIENT_FIGURES {
        let samples =
            clients().filter_map(|client| Some((vec![("client", client.client_id.as_str())], value(client)?)));
        metrics.gauge(name, help, samples);
    }
    let blocked = clients().flat_map(|client| {
        let labels = |gate: Gate| vec![("client", client.client_id.as_str()), ("gate", gate.as_str())];
        client.gates.iter().map(move |count| (labels(count.gate), count.items as f64))
    });
    metrics.gauge("client_blocked_items", "Due items that a closed gate holds back.", blocked);
    out.write_all(metrics.0.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ClientId;

    #[test]
    fn a_label_is_escaped_and_a_metric_without_a_sample_is_left_out() {
        let client: ClientId = r#"a"b\c"#.parse().unwrap();
        let mut metrics = Metrics::default();
        metrics.gauge("absent_ratio", "No value.", None);
        let labels = |status| vec![("client", client.as_str()), ("status", status)];
        metrics.gauge("items", "Items by status.", [(labels("pending"), 3.0), (labels("failed"), 0.5)]);
        let expected = "# HELP callq_items Items by status.\n# TYPE callq_items gauge\n\
                        callq_items{client=\"a\\\"b\\\\c\",status=\"pending\"} 3\n\
                        callq_items{client=\"a\\\"b\\\\c\",status=\"failed\"} 0.5\n";
        assert_eq!(metrics.0, expected);
    }
}
