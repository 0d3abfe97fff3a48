//! Puts the figures together: the queue as it stands, then one pass over the attempts of each client.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::attempts::{AttemptNotes, is_finished_call};
use super::breakdown::Breakdown;
use super::figures::{Statistics, StatisticsRequest};
use super::rate::rate;
use super::spread::Spread;
use super::utilization::Utilization;
use crate::engine::lead_zones;
use crate::model::{ClientId, Outcome, Priority, Status};
use crate::scheduler::{Policy, PolicyBook, is_open};
use crate::store::{AttemptFacts, DueCounts, QueueFacts, Store, StoreResult};

/// The statistics of a client, or of all, at `now`.
///
/// # Errors
/// When the database cannot be read.
pub fn statistics(
    store: &Store,
    policies: &PolicyBook,
    request: &StatisticsRequest,
    now: DateTime<Utc>,
) -> StoreResult<Statistics> {
    store.at_one_instant(|store| {
        let queue = store.queue_facts(request.client.as_ref())?;
        let due = store.due_counts(request.client.as_ref(), now, &mut |client, zones, priority| {
            // A zone of newer zone data is unknown here: such items are never called.
            lead_zones(zones).is_ok_and(|zones| is_open(&policies.of(client).hours, &zones, priority, now))
        })?;
        let clients = match &request.client {
            Some(client) => vec![client.clone()],
            None => store.clients()?,
        };
        let mut pass = Pass::new(request, &queue, now);
        for client in clients {
            let policy = policies.of(&client);
            pass.add_client(client, policy);
        }
        pass.walk(store)?;
        Ok(pass.conclude(&queue, &due))
    })
}

/// The pass over the attempts.
struct Pass<'a> {
    request: &'a StatisticsRequest,
    now: DateTime<Utc>,
    notes: AttemptNotes,
    breakdown: Option<Breakdown>,
    first_start: Option<DateTime<Utc>>,
    clients: HashMap<ClientId, ClientPass<'a>>,
}

/// What is kept of each client.
struct ClientPass<'a> {
    policy: &'a Policy,
    /// Begins with `since`, or with the client's first attempt.
    utilization: Option<Utilization<'a>>,
}

impl<'a> Pass<'a> {
    fn new(request: &'a StatisticsRequest, queue: &QueueFacts, now: DateTime<Utc>) -> Pass<'a> {
        Pass {
            request,
            now,
            notes: AttemptNotes::default(),
            breakdown: request.by.map(|kind| Breakdown::new(kind, queue, request.since, now)),
            first_start: None,
            clients: HashMap::new(),
        }
    }

    /// Gets ready for the attempts of a client.
    fn add_client(&mut self, client: ClientId, policy: &'a Policy) {
        let utilization = self.request.since.map(|since| Utilization::new(&policy.hours, since, self.now));
        self.clients.insert(client, ClientPass { policy, utilization });
    }

    /// Takes note of every attempt.
    fn walk(&mut self, store: &Store) -> StoreResult<()> {
        let (client, since, now) = (self.request.client.as_ref(), self.request.since, self.now);
        store.visit_attempts(client, since, now, &mut |attempt| {
            let Some(client) = self.clients.get_mut(attempt.client) else { return Ok(()) };
            self.notes.note(&attempt);
            self.first_start = [self.first_start, Some(attempt.started_at)].into_iter().flatten().min();
            let hours = &client.policy.hours;
            let utilization =
                client.utilization.get_or_insert_with(|| Utilization::new(hours, attempt.started_at, now));
            if let Some(duration) = call_time(&attempt, now) {
                utilization.add(attempt.started_at, duration);
            }
            match &mut self.breakdown {
                Some(breakdown) => breakdown.note(store, &hours.zone, &attempt),
                None => Ok(()),
            }
        })
    }

    fn conclude(self, queue: &QueueFacts, due: &DueCounts) -> Statistics {
        let mut notes = self.notes;
        let business_hours_utilization = utilization(self.clients);
        let with_status = |wanted: Status| items(queue, |status, _| status == wanted);
        let (completed, failed) = match self.request.since {
            None => (with_status(Status::Completed), with_status(Status::Failed)),
            Some(_) => (notes.completed_items, notes.failed_items),
        };
        let hours = self
            .request
            .since
            .or(self.first_start)
            .map(|from| (self.now - from).num_milliseconds() as f64 / 3_600_000.0);
        Statistics {
            by_status: Status::ALL.map(|status| (status, with_status(status))).to_vec(),
            by_priority: Priority::ALL.map(|wanted| (wanted, items(queue, |_, priority| priority == wanted))).to_vec(),
            total_items: items(queue, |_, _| true),
            in_progress: with_status(Status::InProgress),
            held: queue.held.values().sum(),
            due_now: due.open,
            waiting_for_hours: due.closed,
            oldest_due_seconds: due.oldest.map(|oldest| (self.now - oldest).num_milliseconds() as f64 / 1_000.0),
            wait: Spread::of(&mut notes.waits_ms),
            success_rate: rate(completed, completed + failed),
            attempts: notes.tally,
            answer_rate: notes.tally.answer_rate(),
            retry_success_rate: rate(notes.completed_after_retry, notes.retried_items),
            throughput_per_hour: hours.filter(|hours| *hours > 0.0).map(|hours| notes.tally.finished() as f64 / hours),
            processing: Spread::of(&mut notes.durations_ms),
            business_hours_utilization,
            failure_reasons: notes.failure_reasons(),
            by: self.breakdown.map(Breakdown::finish).unwrap_or_default(),
        }
    }
}

/// Items of a kind.
fn items(queue: &QueueFacts, wanted: impl Fn(Status, Priority) -> bool) -> u64 {
    let counts = queue.counts.iter().filter(|((_, status, priority), _)| wanted(*status, *priority));
    counts.map(|(_, count)| count).sum()
}

/// Call time / (open time × `max_concurrent`), summed over the clients.
fn utilization(clients: HashMap<ClientId, ClientPass<'_>>) -> Option<f64> {
    let (mut called_ms, mut capacity_ms) = (0_i128, 0_i128);
    for client in clients.into_values() {
        if let Some(utilization) = client.utilization {
            let (called, open) = utilization.finish();
            called_ms += i128::from(called);
            capacity_ms += i128::from(open) * i128::from(client.policy.limits.max_concurrent);
        }
    }
    (capacity_ms > 0).then(|| called_ms as f64 / capacity_ms as f64)
}

/// How long the call of an attempt lasted, or has lasted by `now`, in milliseconds; none when there was no call.
fn call_time(attempt: &AttemptFacts<'_>, now: DateTime<Utc>) -> Option<u64> {
    match attempt.outcome {
        Some(outcome) if is_finished_call(outcome) => attempt.duration_ms,
        None | Some(Outcome::Accepted) => u64::try_from((now - attempt.started_at).num_milliseconds()).ok(),
        Some(_) => None,
    }
}
