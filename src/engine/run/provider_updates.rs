//! What the provider says beside the placing of calls, while a run goes on.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::Run;
use super::ends::after;
use crate::dispatch::{AcceptedCall, PollRound, ProviderAccount, Settlement};
use crate::engine::error::EngineError;
use crate::engine::observer::ObservedCall;
use crate::engine::provider::ProviderUpdate;
use crate::engine::resolve::{EndedCall, number_taken_until, resolve};
use crate::engine::written_time::with_time;
use crate::model::{AttemptId, ClientId, DispatchKind, Outcome};
use crate::query::business_time;
use crate::store::{Finish, StoreResult, Unsettled};

impl Run<'_, '_> {
    /// Takes in what the provider has answered, and asks what is due to be asked.
    pub(super) fn exchange_updates(&mut self) {
        let now = self.engine.clock.now();
        for update in self.engine.polling.take_updates() {
            match update {
                ProviderUpdate::Capacity(account, free) => self.engine.polling.capacities.learn(account, free, now),
                ProviderUpdate::Round(round) => {
                    if let Err(error) = self.settle_round(round, now) {
                        self.engine.polling.note_not_recorded();
                        self.fail(error);
                    }
                }
                ProviderUpdate::LookedUp(answers, unanswered) => {
                    if let Err(error) = self.settle_looked_up(answers, unanswered, now) {
                        self.fail(error);
                    }
                }
            }
        }
        let is_due = self.engine.polling.next_look().is_some_and(|at| at <= now);
        // What really happened is not recorded at an instant that is only supposed.
        let may_ask = self.engine.clock.is_real() && self.report.failure.is_none();
        if may_ask && self.stop().is_none() {
            self.engine.polling.look_up(now);
        }
        if is_due && may_ask {
            match self.accepted_calls() {
                Ok(calls) => self.engine.polling.poll(calls, now),
                Err(error) => drop(self.fail(error)),
            }
        }
    }

    /// Whether an answer is to come that may bring something to do. Nobody waits for one after a signal, or when the run's
    /// time is over.
    pub(super) fn awaits_answers(&self) -> bool {
        self.engine.polling.are_under_way() && self.report.failure.is_none() && self.stop().is_none()
    }

    /// Every call that the provider has accepted and that has no result, of all clients that still use it.
    fn accepted_calls(&self) -> Result<Vec<AcceptedCall>, EngineError> {
        let mut accounts: HashMap<ClientId, Option<ProviderAccount>> = HashMap::new();
        let mut calls = Vec::new();
        for Unsettled { attempt, item, call_id, .. } in self.accepted()? {
            let policies = self.engine.policies;
            let account = accounts
                .entry(item.client)
                .or_insert_with_key(|client| ProviderAccount::of(&policies.of(client).dispatch));
            if let (Some(account), Some(call_id)) = (account, call_id) {
                calls.push(AcceptedCall { attempt, call_id, account: account.clone() });
            }
        }
        Ok(calls)
    }

    /// The attempts whose calls a provider has accepted and that have no result.
    fn accepted(&self) -> StoreResult<Vec<Unsettled>> {
        let mut accepted = Vec::new();
        for kind in DispatchKind::ALL.into_iter().filter(|kind| kind.places_through_provider()) {
            accepted.extend(self.engine.store.accepted_by(kind)?);
        }
        Ok(accepted)
    }

    /// Records how accepted calls have ended, unless somebody else was quicker, and settles those that are overdue.
    fn settle_round(&mut self, round: PollRound, now: DateTime<Utc>) -> Result<(), EngineError> {
        let accepted = self.accepted()?;
        let mut accepted: HashMap<AttemptId, Unsettled> =
            accepted.into_iter().map(|found| (found.attempt, found)).collect();
        for (attempt, reason) in round.problems {
            self.note_unanswered(accepted.get(&attempt), reason);
        }
        let ended: Vec<(Unsettled, Settlement)> = round
            .settled
            .into_iter()
            .filter_map(|(attempt, settlement)| Some((accepted.remove(&attempt)?, settlement)))
            .map(|(found, settlement)| {
                let policy = self.engine.policies.of(&found.item.client);
                let result = with_time(policy, &found.item, settlement.result, now);
                (found, Settlement { result, ..settlement })
            })
            .collect();
        let finishes: Vec<Finish> =
            ended.iter().map(|(found, settlement)| self.end_of(found, settlement, now)).collect();
        let written = if finishes.is_empty() { Ok(Vec::new()) } else { self.engine.store.settle(&finishes) };
        let written = written.inspect_err(|_| self.keep_outcomes(&finishes))?;
        for (((found, settlement), finish), written) in ended.iter().zip(&finishes).zip(written) {
            if written {
                self.note_settled(found, settlement);
                self.engine.observer.call_ended(&ObservedCall {
                    item: &found.item,
                    result: &settlement.result,
                    resolution: finish.resolution,
                    took_ms: settlement.duration_ms,
                    at: now,
                });
            }
        }
        self.engine.polling.note_answered(round.ask_again_at);
        self.recover(now)
    }

    /// What the provider's account of a call means.
    fn end_of(&self, found: &Unsettled, settlement: &Settlement, now: DateTime<Utc>) -> Finish {
        let policy = self.engine.policies.of(&found.item.client);
        let took = settlement.duration_ms.unwrap_or(0);
        let call = EndedCall { item: &found.item, started_at: found.started_at, result: &settlement.result };
        Finish {
            attempt: found.attempt,
            item: found.item.id,
            so_far: found.so_far,
            result: settlement.result.clone(),
            resolution: resolve(policy, call, self.engine.store.reader(), now),
            finished_at: now,
            duration_ms: settlement.duration_ms,
            business_ms: business_time(&policy.hours, found.started_at, after(found.started_at, took)),
            number_taken_until: number_taken_until(
                policy,
                &found.dispatcher,
                found.so_far,
                settlement.result.outcome,
                now,
            ),
        }
    }

    fn note_settled(&mut self, found: &Unsettled, settlement: &Settlement) {
        let (item, result) = (&found.item, &settlement.result);
        self.report.settled += 1;
        self.note_problem(item, result);
        let is_at_fault = result.outcome == Outcome::Unavailable;
        let limit = self.engine.policies.of(&item.client).dispatch.breaker;
        self.breaker.note(&item.client, is_at_fault, result.reason.as_deref(), false, limit);
        if is_at_fault {
            self.passed_over.insert(item.id);
        }
    }

    /// Names a call about which the provider said nothing: of many with the same reason, one.
    fn note_unanswered(&mut self, found: Option<&Unsettled>, reason: String) {
        let Some(Unsettled { item, .. }) = found else { return };
        let reason = format!("how its call ended cannot be asked: {reason}");
        if !self.report.names(None, &reason) {
            self.report.name_problem(item, reason);
        }
    }
}
