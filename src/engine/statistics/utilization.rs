//! How much of the business hours was spent calling: calls and windows walked side by side, each once.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use crate::scheduler::{HoursPolicy, Layer, Window, Windows, layer};

/// Call time and open time of one client from an instant until now. Calls come in the order of their starts.
pub(super) struct Utilization<'a> {
    windows: Windows<'a>,
    until: DateTime<Utc>,
    /// Windows that a later call may still touch.
    near: VecDeque<Window>,
    /// Up to where windows were taken.
    seen: DateTime<Utc>,
    open_ms: i64,
    calls_ms: i64,
}

impl<'a> Utilization<'a> {
    /// Counts from `from` to `until`, in the business hours of `hours` without its holidays.
    pub(super) fn new(hours: &'a HoursPolicy, from: DateTime<Utc>, until: DateTime<Utc>) -> Utilization<'a> {
        let windows = layer(hours, &[], Layer::Business, from, until);
        Utilization { windows, until, near: VecDeque::new(), seen: from, open_ms: 0, calls_ms: 0 }
    }

    /// Adds a call; what lies outside of the business hours or after now does not count.
    pub(super) fn add(&mut self, start: DateTime<Utc>, duration_ms: u64) {
        let duration = i64::try_from(duration_ms).ok().and_then(TimeDelta::try_milliseconds);
        let end = duration
            .and_then(|duration| start.checked_add_signed(duration))
            .map_or(self.until, |end| end.min(self.until));
        while self.near.front().is_some_and(|window| window.end <= start) {
            self.near.pop_front();
        }
        while self.seen < end {
            let Some(window) = self.take_window() else { break };
            if window.end > start {
                self.near.push_back(window);
            }
        }
        let inside = self.near.iter().map(|window| millis(window.start.max(start), window.end.min(end)));
        self.calls_ms += inside.sum::<i64>();
    }

    /// Call time and open time, in milliseconds.
    pub(super) fn finish(mut self) -> (i64, i64) {
        while self.take_window().is_some() {}
        (self.calls_ms, self.open_ms)
    }

    fn take_window(&mut self) -> Option<Window> {
        match self.windows.next() {
            Some(window) => {
                self.open_ms += millis(window.start, window.end);
                self.seen = window.end;
                Some(window)
            }
            None => {
                self.seen = self.until;
                None
            }
        }
    }
}

/// The length of a span; an empty or backward one is 0.
fn millis(start: DateTime<Utc>, end: DateTime<Utc>) -> i64 {
    (end - start).num_milliseconds().max(0)
}
