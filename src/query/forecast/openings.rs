//! When calls may start, as spans of milliseconds: worked out once for all runs, a month at a time.

use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{LeadPlace, Priority, from_millis};
use crate::scheduler::{HORIZON, HoursPolicy, Layer, LegalPlace, Window, layer, windows};

/// A half-open span in milliseconds since 1970.
pub(super) type Span = (i64, i64);

/// How much is worked out at a time.
const CHUNK: TimeDelta = TimeDelta::days(28);

/// The spans of several groups of one client.
pub(super) struct Openings<'p> {
    hours: &'p HoursPolicy,
    start: i64,
    rows: Vec<Row>,
}

struct Row {
    /// None where nobody is called: a zone that the zone data does not know.
    place: Option<LegalPlace>,
    hours: Hours,
    chunks: Vec<OnceLock<Vec<Span>>>,
}

#[derive(Debug, Clone, Copy)]
enum Hours {
    Of(Priority),
    Business,
}

impl<'p> Openings<'p> {
    /// Knows nothing before `start`.
    pub(super) fn new(hours: &'p HoursPolicy, start: i64) -> Openings<'p> {
        Openings { hours, start, rows: Vec::new() }
    }

    /// Adds the windows of a priority at a place. Gives back the number of the row.
    pub(super) fn add(&mut self, place: &LeadPlace, priority: Priority) -> usize {
        let place = LegalPlace::of(self.hours, place).ok();
        self.push(place, Hours::Of(priority))
    }

    /// Adds the business hours, without those of the called person.
    pub(super) fn add_business(&mut self) -> usize {
        self.push(Some(LegalPlace::without_rules(Vec::new())), Hours::Business)
    }

    fn push(&mut self, place: Option<LegalPlace>, hours: Hours) -> usize {
        // A slot is looked for within the horizon of any instant that is less than a month ahead of it.
        let chunks = (HORIZON + CHUNK).num_milliseconds() / CHUNK.num_milliseconds() + 1;
        self.rows.push(Row { place, hours, chunks: (0..chunks).map(|_| OnceLock::new()).collect() });
        self.rows.len() - 1
    }

    /// The first span of a row that ends after `at`, cut to begin at `at`; none is never.
    pub(super) fn next(&self, row: usize, at: i64) -> Option<Span> {
        let row = self.rows.get(row)?;
        let first = (at - self.start).max(0) / CHUNK.num_milliseconds();
        for (index, chunk) in row.chunks.iter().enumerate().skip(usize::try_from(first).ok()?) {
            let spans = chunk.get_or_init(|| self.spans(row, index));
            let position = spans.partition_point(|(_, end)| *end <= at);
            if let Some((start, end)) = spans.get(position) {
                return Some(((*start).max(at), *end));
            }
        }
        None
    }

    fn spans(&self, row: &Row, chunk: usize) -> Vec<Span> {
        let from = self.start + CHUNK.num_milliseconds() * i64::try_from(chunk).unwrap_or(0);
        let span = |window: Window| (window.start.timestamp_millis(), window.end.timestamp_millis());
        let edges: Option<(DateTime<Utc>, DateTime<Utc>)> =
            from_millis(from).zip(from_millis(from + CHUNK.num_milliseconds()));
        match (&row.place, edges) {
            (Some(place), Some((from, to))) => match row.hours {
                Hours::Of(priority) => windows(self.hours, place, priority, from, to).map(span).collect(),
                Hours::Business => layer(self.hours, place, Layer::Business, from, to).map(span).collect(),
            },
            _ => Vec::new(),
        }
    }
}
