//! Fixed looks for the tests of this layer.

use chrono::{DateTime, TimeDelta, Utc};

use super::style::Style;
use super::time::{LocalTime, RenderContext};
pub(super) use crate::contract::sample::{BARE_ITEM_JSON, ITEM_JSON, at, bare_item, item};
use crate::model::ClientId;

/// New York in winter.
pub(super) fn eastern(_: Option<&ClientId>, instant: DateTime<Utc>) -> LocalTime {
    LocalTime { local: instant.naive_utc() - TimeDelta::hours(5), abbreviation: "EST".into() }
}

/// A pipe, read on 2026-11-22 at 12:00 UTC.
pub(super) fn look() -> RenderContext<'static> {
    RenderContext { style: Style::PLAIN, now: at("2026-11-22T12:00:00Z"), local: &eastern }
}

/// A terminal without color of this width.
pub(super) fn terminal(width: usize) -> RenderContext<'static> {
    RenderContext { style: Style { terminal: true, color: false, width }, ..look() }
}

/// The columns that a line takes on a terminal: two for the wide letters that these tests use.
pub(super) fn width(line: &str) -> usize {
    line.chars().map(|letter| if ('\u{2e80}'..='\u{ffdc}').contains(&letter) { 2 } else { 1 }).sum()
}
