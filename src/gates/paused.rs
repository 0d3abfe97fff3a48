//! Neither everything nor the client is paused, nor a part that the item belongs to.

use chrono::{DateTime, Utc};

use crate::contract::{Evidence, Gate, Verdict};
use crate::model::{Item, Pause};

/// Until when an item leaves the queue that a pause of a part holds without an end: `callq resume` brings it back.
pub(crate) const UNTIL_RESUMED: DateTime<Utc> = match DateTime::from_timestamp(253_402_300_799, 0) {
    Some(end_of_9999) => end_of_9999,
    None => DateTime::<Utc>::MAX_UTC,
};

/// Asks of an item, or of all items of a client.
pub(super) fn ask(pauses: &[Pause], item: Option<&Item>) -> Verdict {
    let holds = |pause: &&Pause| item.map_or_else(|| pause.is_whole(), |item| pause.holds(item));
    let holding: Vec<Pause> = pauses.iter().filter(holds).cloned().collect();
    // The last one to end counts; one without an end has none.
    let ends: Option<Vec<DateTime<Utc>>> = holding.iter().map(|pause| pause.until).collect();
    let until = ends.and_then(|ends| ends.into_iter().max());
    Verdict { until, ..Verdict::of(Gate::Paused, holding.is_empty(), Evidence::Pauses(holding)) }
}
