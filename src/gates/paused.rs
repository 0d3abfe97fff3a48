//! Neither everything nor the client is paused.

use chrono::{DateTime, Utc};

use crate::contract::{Evidence, Gate, Verdict};
use crate::model::Pause;

pub(super) fn ask(pauses: &[Pause]) -> Verdict {
    // The last one to end counts; one without an end has none.
    let ends: Option<Vec<DateTime<Utc>>> = pauses.iter().map(|pause| pause.until).collect();
    let until = ends.and_then(|ends| ends.into_iter().max());
    Verdict { until, ..Verdict::of(Gate::Paused, pauses.is_empty(), Evidence::Pauses(pauses.to_vec())) }
}
