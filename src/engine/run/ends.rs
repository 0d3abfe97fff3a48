//! What the ends of calls, and of the run itself, mean: noted in the report, and written.

use chrono::{DateTime, TimeDelta, Utc};

use super::{InFlight, Run};
use crate::contract::{DispatcherState, Evidence, Gate, Verdict};
use crate::dispatch::{Ended, Lease, ProviderAccount};
use crate::engine::observer::ObservedCall;
use crate::engine::report::{RunReport, StoppedBy};
use crate::engine::resolve::{EndedCall, moved_promise, number_taken_until, resolve, wrong_clock};
use crate::engine::watch::wake_at;
use crate::engine::written_time::with_time;
use crate::model::{CallResult, Item, Outcome, to_text};
use crate::query::{business_time, next_call_at};
use crate::store::{Filter, Finish, Resolution, RunSummary, StoreResult};

impl Run<'_, '_> {
    /// Names an attempt that a person may want to look at.
    pub(super) fn note_problem(&mut self, item: &Item, result: &CallResult) {
        let noteworthy = matches!(result.outcome, Outcome::Unavailable | Outcome::Unknown);
        if noteworthy {
            let reason = result.reason.as_deref().unwrap_or(result.outcome.as_str());
            self.report.name_problem(item, reason.to_owned());
        }
    }

    /// Names the lead whose dispatcher goes by a wrong clock: of each client the first.
    pub(super) fn note_clock(&mut self, item: &Item, result: &CallResult, ended_at: DateTime<Utc>) {
        if let Some(said) = wrong_clock(result, ended_at)
            && self.wrong_clocks.insert(item.client.clone())
        {
            self.report.name_problem(item, said);
        }
    }

    /// What the end of a call means, noted in the report.
    pub(super) fn finish(&mut self, ended: Ended, now: DateTime<Utc>) -> Option<(Finish, Lease)> {
        let InFlight { item } = self.in_flight.remove(&ended.attempt)?;
        if let Some(busy) = self.busy.get_mut(&item.client) {
            *busy = busy.saturating_sub(1);
        }
        let policy = self.engine.policies.of(&item.client);
        let ended = Ended { result: with_time(policy, &item, ended.result, now), ..ended };
        let call = EndedCall { item: &item, started_at: item.updated_at, result: &ended.result };
        let resolution = resolve(policy, call, self.engine.store.reader(), now);
        let outcome = ended.result.outcome;
        let reason = ended.result.reason.as_deref();
        let is_at_fault = outcome == Outcome::Unavailable || ended.counts_for_breaker;
        if !ended.not_begun {
            self.breaker.note(&item.client, is_at_fault, reason, ended.could_not_start, policy.dispatch.breaker);
        }
        if outcome == Outcome::Unavailable {
            self.passed_over.insert(item.id);
        }
        // A lead that is given back is as it was, and one whose request stays in doubt shows no working dispatcher.
        let is_outage = is_at_fault && matches!(outcome, Outcome::Unavailable | Outcome::Returned | Outcome::Unknown);
        self.any_other_outcome |= !(is_outage || ended.not_begun);
        self.note_provider(&ended, &item, now);
        self.clients_of.insert(ended.attempt, item.client.clone());
        self.report.note(&item.client, resolution);
        self.note_problem(&item, &ended.result);
        let took = u64::try_from(ended.took.as_millis()).unwrap_or(u64::MAX);
        self.note_clock(&item, &ended.result, after(item.updated_at, took));
        if let Resolution::Promised { at, .. } = resolution
            && let Some(said) = moved_promise(policy, &ended.result, at)
        {
            self.report.name_problem(&item, said);
        }
        self.engine.observer.call_ended(&ObservedCall {
            item: &item,
            result: &ended.result,
            resolution,
            took_ms: Some(took),
            at: now,
        });
        let finish = Finish {
            attempt: ended.attempt,
            item: item.id,
            so_far: None,
            result: ended.result,
            resolution,
            finished_at: now,
            duration_ms: Some(took),
            business_ms: business_time(&policy.hours, item.updated_at, after(item.updated_at, took)),
            number_taken_until: number_taken_until(policy, policy.dispatch.kind.as_str(), None, outcome, now),
        };
        Some((finish, ended.lease))
    }

    /// Notes what the end of a call says of its provider.
    fn note_provider(&mut self, ended: &Ended, item: &Item, now: DateTime<Utc>) {
        let polling = &mut *self.engine.polling;
        if let Some(until) = ended.client_waits_until {
            polling.waits.insert(item.client.clone(), until);
        }
        if ended.result.outcome == Outcome::Accepted
            && let Some(account) = ProviderAccount::of(&self.engine.policies.of(&item.client).dispatch)
        {
            polling.note_accepted(ended.attempt, account.poll_interval(), now);
        }
    }

    /// Says, for a person to keep, how attempts ended that cannot be recorded, and counts them as nothing else.
    pub(super) fn keep_outcomes(&mut self, finishes: &[Finish]) {
        for finish in finishes {
            self.engine.interrupt.keep_outcome(&outcome_of(finish));
            self.report.not_recorded += 1;
            // A result of the provider was not counted yet.
            if finish.so_far.is_none() {
                let client = self.clients_of.remove(&finish.attempt);
                self.report.forget(client.as_ref(), finish.resolution);
            }
        }
    }

    /// Writes the end of the run and completes the report.
    pub(super) fn finish_run(mut self) -> RunReport {
        let now = self.engine.clock.now();
        if let Some(number) = self.engine.interrupt.signal() {
            self.report.stopped_by = StoppedBy::Signal(number);
        }
        let drained = self.report.stopped_by == StoppedBy::Drained;
        if drained && self.breaker.any_open() {
            self.report.stopped_by = StoppedBy::Breaker;
        }
        let unconfigured = |closed: &Verdict| closed.evidence == Evidence::Dispatcher(DispatcherState::Missing);
        self.report.nothing_configured =
            self.report.totals.processed == 0 && !self.blocked.is_empty() && self.blocked.values().all(unconfigured);
        for (client, closed) in &self.blocked {
            self.report.clients.entry(client.clone()).or_default().blocked_by = Some(closed.clone());
        }
        // Named in every run, whether items of theirs are due or not.
        let asked = self.request.client.as_ref();
        for (client, fault) in
            self.engine.policies.faults().filter(|(client, _)| asked.is_none_or(|asked| asked == *client))
        {
            let closed = Verdict::of(Gate::Configuration, false, Evidence::Configuration(Some(fault.to_owned())));
            self.report.clients.entry(client.clone()).or_default().blocked_by = Some(closed);
        }
        self.report.only_unavailable = self.breaker.any_open() && !self.any_other_outcome;
        self.report.any_unavailable = !self.passed_over.is_empty();
        self.report.duration = now - self.started_at;
        if let Err(error) = self.look_around(now) {
            self.fail(error);
        }
        if self.report.totals.processed + self.report.not_recorded > 0 {
            let summary = RunSummary {
                processed: self.report.totals.processed,
                stopped_by: self.report.stopped_by.as_str(),
                finished_at: now,
                drained: self.report.stopped_by == StoppedBy::Drained,
                client: self.request.client.clone(),
            };
            if let Err(error) = self.engine.store.end_run(self.report.run, &summary) {
                self.fail(error);
            }
            self.engine.store.checkpoint();
        }
        self.report
    }

    /// Notes what waits: for a person, and for its time.
    fn look_around(&mut self, now: DateTime<Utc>) -> StoreResult<()> {
        self.note_left()?;
        let (store, policies, client) = (&*self.engine.store, self.engine.policies, self.request.client.as_ref());
        self.report.held_items = store.count(&Filter { client: client.cloned(), held: true, ..Filter::default() })?;
        let next = next_call_at(store, policies, client, now)?;
        self.report.next_call_at = next;
        let wake_at = wake_at(store, policies, &self.blocked, client, next, now)?;
        let next_look = self.engine.polling.next_look().filter(|at| *at > now);
        let next_question = self.engine.polling.doubts.next().map(|at| at.max(now));
        self.report.wake_at = [wake_at, next_look, next_question].into_iter().flatten().min();
        Ok(())
    }
}

/// How an attempt ended, as JSON in one line.
fn outcome_of(finish: &Finish) -> String {
    serde_json::json!({
        "attempt_id": finish.attempt.to_string(),
        "id": finish.item.get(),
        "outcome": finish.result.outcome.as_str(),
        "reason": finish.result.reason,
        "call_id": finish.result.call_id,
        "finished_at": to_text(finish.finished_at),
        "accepted": matches!(finish.resolution, Resolution::Accepted { .. }),
    })
    .to_string()
}

/// The end of a call by its start and its length in milliseconds.
pub(super) fn after(start: DateTime<Utc>, took: u64) -> DateTime<Utc> {
    let took = i64::try_from(took).ok().and_then(TimeDelta::try_milliseconds);
    took.and_then(|took| start.checked_add_signed(took)).unwrap_or(start)
}
