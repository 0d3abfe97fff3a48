//! Leads that are not there yet: some on every open day, evenly over its business hours.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::backlog::{Backlog, BacklogBuilder, BatchGroup, Grain, WaitingItem};
use super::read::ClientCase;
use crate::model::{LeadPlace, Priority, from_millis};
use crate::scheduler::{Layer, LegalPlace, layer};

/// The backlog of a client with that many new leads of normal priority on each open day, in the client's own zone.
pub(super) fn with_new_leads(
    case: &ClientCase,
    a_day: u32,
    now: DateTime<Utc>,
    end: DateTime<Utc>,
) -> Cow<'_, Backlog> {
    if a_day == 0 {
        return Cow::Borrowed(&case.backlog);
    }
    let hours = &case.policy.hours;
    let home = LegalPlace::without_rules(Vec::new());
    let next = case.backlog.batches.iter().map(|batch| batch.id + i64::from(batch.count)).max().unwrap_or(1);
    let grain = Grain { is_exact: true, now: now.timestamp_millis(), ids: (next, next) };
    let mut builder = BacklogBuilder::new(grain);
    let group = builder.add_group(Priority::Normal, LeadPlace::default(), Vec::new());
    let mut id = next;
    // A day has one span of business hours, or several: each has its part of the leads.
    let windows: Vec<(i64, i64)> = layer(hours, &home, Layer::Business, now, end)
        .map(|window| (window.start.timestamp_millis(), window.end.timestamp_millis()))
        .collect();
    let date = |at: i64| from_millis(at).map(|at| hours.zone.local(at).date());
    for (start, end) in &windows {
        let of_day = windows.iter().filter(|(other, _)| date(*other) == date(*start));
        let open: i64 = of_day.map(|(start, end)| end - start).sum();
        let leads = (f64::from(a_day) * (end - start) as f64 / open.max(1) as f64).round() as i64;
        for nth in 0..leads {
            let due = start + (end - start) * nth / leads;
            let max_retries = case.policy.retry.max_retries;
            builder.add(group, &WaitingItem { id, due, max_retries, ..WaitingItem::default() });
            id += 1;
        }
    }
    Cow::Owned(joined(case.backlog.clone(), builder.finish()))
}

fn joined(mut backlog: Backlog, new: Backlog) -> Backlog {
    let (first, groups) = (backlog.batches.len(), backlog.groups.len());
    backlog.batches.extend(new.batches);
    backlog.groups.extend(new.groups.into_iter().map(|group| BatchGroup {
        batches: group.batches.start + first..group.batches.end + first,
        retries_to: group.retries_to + groups,
        ..group
    }));
    backlog.items += new.items;
    backlog
}
