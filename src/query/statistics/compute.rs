//! Puts the figures together: from what is kept of all attempts, or, for a range or a breakdown, from a pass over them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::attempts::{EndedItems, counts, failure_reasons};
use super::breakdown::Rows;
use super::request::StatisticsRequest;
use super::spread::spread;
use super::utilization::utilization;
use crate::contract::{Breakdown, PrunedCallsView, StatsView, rate};
use crate::gates::closed_window;
use crate::model::{BreakdownKey, ClientId, Priority, StatsBy, Status};
use crate::query::best_hours::calls_of_all_by_hour;
use crate::scheduler::PolicyBook;
use crate::store::{AttemptTotals, PRUNED_QUARTER, QueueFacts, Store, StoreResult};

/// The statistics of a client, or of all, at `now`.
pub(crate) fn statistics(
    store: &Store,
    policies: &PolicyBook,
    request: &StatisticsRequest,
    now: DateTime<Utc>,
) -> StoreResult<StatsView> {
    store.at_one_instant(|store| {
        let client = request.client.as_ref();
        let queue = store.queue_facts(client)?;
        let due = store.due_counts(client, &queue, now, &mut |client, place, priority| {
            closed_window(policies.of(client), place, priority, now).is_none()
        })?;
        let is_part = request.since.is_some() || request.until.is_some();
        let range = if is_part || request.by.is_some() {
            read_range(store, policies, request, &queue, now)?
        } else {
            Range::default()
        };
        let (totals, items) = match is_part {
            false => (store.attempt_totals(client)?, EndedItems::of(&queue, &store.pruned_items(client)?)),
            true => (range.totals, range.items),
        };
        let end = request.until.map_or(now, |until| until.min(now));
        let since = begins(store, request)?;
        let mut open_calls = store.open_calls(client)?;
        open_calls.retain(|(_, start)| *start < end);
        let hours = since.values().min().map(|from| (end - *from).num_milliseconds() as f64 / 3_600_000.0);
        let hours = hours.filter(|hours| *hours >= LEAST_HOURS);
        let used = hours.and_then(|_| utilization(policies, &since, totals.business_ms, &open_calls, end));
        let queued = |wanted: &dyn Fn(Status, Priority) -> bool| -> u64 {
            let counts = queue.counts.iter().filter(|((_, status, priority), _)| wanted(*status, *priority));
            counts.map(|(_, count)| count).sum()
        };
        let with_status = |wanted: Status| queued(&|status, _| status == wanted);
        let attempts = counts(&totals);
        Ok(StatsView {
            pruned: PrunedCallsView {
                attempts: totals.pruned,
                in_breakdown: request.by.as_ref().is_some_and(Rows::have_pruned),
                from: range.from,
                before: range.before,
            },
            client_id: request.client.clone(),
            since: request.since,
            until: end,
            total_items: queued(&|_, _| true),
            by_status: Status::ALL.map(|status| (status, with_status(status))).to_vec(),
            by_priority: Priority::ALL.map(|wanted| (wanted, queued(&|_, priority| priority == wanted))).to_vec(),
            due_now: due.open,
            waiting_for_hours: due.closed,
            oldest_due_seconds: due.oldest.map(|oldest| (now - oldest).num_milliseconds() as f64 / 1_000.0),
            in_progress: with_status(Status::InProgress),
            held: queue.held.values().sum(),
            wait_seconds: spread(&totals.waits),
            success_rate: rate(items.completed, items.completed + items.failed),
            attempts,
            answer_rate: attempts.answer_rate(),
            retry_success_rate: rate(items.completed_after_retry, items.retried),
            throughput_per_hour: hours.map(|hours| attempts.finished() as f64 / hours),
            processing_seconds: spread(&totals.durations).into(),
            business_hours_utilization: used,
            failure_reasons: failure_reasons(totals.reasons),
            by: range.rows,
        })
    })
}

/// Rates by time are shown from a minute on: three calls in a second are not ten thousand an hour, and
/// simulated calls of a minute each may all be over in that second.
const LEAST_HOURS: f64 = 1.0 / 60.0;

/// What a pass over the attempts of a range brought.
#[derive(Default)]
struct Range {
    totals: AttemptTotals,
    items: EndedItems,
    rows: Vec<Breakdown>,
    /// Where the range begins and ends for pruned attempts, when it cuts sums of theirs.
    from: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
}

fn read_range(
    store: &Store,
    policies: &PolicyBook,
    request: &StatisticsRequest,
    queue: &QueueFacts,
    now: DateTime<Utc>,
) -> StoreResult<Range> {
    let mut range = Range::default();
    let mut breakdown = request.by.as_ref().map(|by| Rows::new(by, queue, request.since));
    let detail = request.by.as_ref().map(Rows::detail).unwrap_or_default();
    store.visit_attempts(request.client.as_ref(), request.since, detail, &mut |attempt| {
        if request.until.is_some_and(|until| attempt.started_at >= until) {
            return Ok(());
        }
        range.totals.note(&attempt);
        range.items.note(&attempt);
        match &mut breakdown {
            Some(breakdown) => breakdown.note(store, &policies.of(attempt.client).hours.zone, &attempt),
            None => Ok(()),
        }
    })?;
    let is_part = request.since.is_some() || request.until.is_some();
    if is_part || request.by.as_ref().is_some_and(Rows::have_pruned) {
        store.visit_pruned(
            request.client.as_ref(),
            request.since,
            request.until,
            &mut |client, begins_at, calls| {
                let end = begins_at + PRUNED_QUARTER;
                if request.since.is_some_and(|since| begins_at < since) {
                    range.from = Some(end);
                    return;
                }
                if request.until.is_some_and(|until| until < end) {
                    range.before = Some(end);
                }
                range.totals.add_pruned(&calls);
                range.items.add_pruned(&calls);
                if let Some(breakdown) = &mut breakdown {
                    breakdown.note_pruned(client, &policies.of(client).hours.zone, begins_at, &calls);
                }
            },
        )?;
    }
    let all = match (&request.client, &request.by) {
        (Some(_), Some(StatsBy::Key(BreakdownKey::Hour))) => Some(calls_of_all_by_hour(store, policies, now)?),
        _ => None,
    };
    range.rows = breakdown.map(|rows| rows.finish(all.as_ref())).unwrap_or_default();
    Ok(range)
}

/// The instant from which each client is looked at: `since`, or its first attempt.
fn begins(store: &Store, request: &StatisticsRequest) -> StoreResult<HashMap<ClientId, DateTime<Utc>>> {
    let Some(since) = request.since else { return store.first_attempts(request.client.as_ref()) };
    let clients = match &request.client {
        Some(client) => vec![client.clone()],
        None => store.clients()?,
    };
    Ok(clients.into_iter().map(|client| (client, since)).collect())
}
