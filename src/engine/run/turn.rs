//! One turn: what finished is recorded, what is free is claimed in the same transaction, and then it starts.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::claim::{ClaimBatch, ClaimRequest, claim};
use super::{Engine, Run, WRITE_AGAIN_FOR, leave_results};
use crate::contract::{Gate, Verdict};
use crate::dispatch::Lease;
use crate::model::{AttemptId, ClientId};
use crate::store::{Finish, StoreError, StoreResult};

/// What a turn wrote.
struct Written {
    batch: ClaimBatch,
    /// How many items left the queue uncalled: when any, there may be more.
    uncalled: usize,
    /// The attempts that ended and were not written: another program was quicker, or the database forgot them.
    unknown: Vec<AttemptId>,
}

impl Run<'_, '_> {
    /// Records what finished, claims what is free in the same transaction, and starts it. Gives back how many items left
    /// the queue uncalled, and how many ends were not written: when any, there may be more to do.
    pub(super) fn turn(&mut self, finished: Vec<(Finish, Lease)>, room: usize) -> usize {
        let now = self.engine.clock.now();
        let finishes: Vec<Finish> = finished.iter().map(|(finish, _)| finish.clone()).collect();
        let give_up_at = now + WRITE_AGAIN_FOR;
        let mut are_left = false;
        loop {
            match self.write_turn(&finishes, room, now) {
                Ok(Written { batch, uncalled, unknown }) => {
                    self.note_blocked(batch.blocked);
                    self.report.note_uncalled(&batch.failed);
                    self.clients_of.clear();
                    batch.claimed.into_iter().for_each(|(claimed, lease)| self.start(claimed, lease));
                    // While the new calls begin.
                    let (lost, written): (Vec<_>, Vec<_>) =
                        finished.into_iter().partition(|(finish, _)| unknown.contains(&finish.attempt));
                    written.into_iter().for_each(|(_, lease)| lease.discard());
                    let are_lost = self.keep_lost(lost, now);
                    for account in batch.wanted.into_values() {
                        self.engine.polling.ask_capacity(account);
                    }
                    return uncalled + are_lost;
                }
                Err(error) => {
                    if finishes.is_empty() {
                        return self.fail(error);
                    }
                    // Their leases are closed but stay: whatever happens to this run, a later one adopts what is left.
                    are_left = are_left || leave_results(&finished);
                    if self.engine.clock.now() >= give_up_at || matches!(error, StoreError::Gone(_)) {
                        self.keep_outcomes(&finishes);
                        return self.fail(error);
                    }
                    self.engine.clock.sleep_until(self.engine.clock.now() + TimeDelta::milliseconds(500));
                }
            }
        }
    }

    /// Keeps what blocks clients by now. What waits for a copy of a registry left the queue in an earlier turn.
    fn note_blocked(&mut self, blocked: BTreeMap<ClientId, Verdict>) {
        let before = std::mem::replace(&mut self.blocked, blocked);
        for (client, closed) in before.into_iter().filter(|(_, closed)| closed.gate == Gate::Registry) {
            self.blocked.entry(client).or_insert(closed);
        }
    }

    /// One transaction: the ends of calls, expired items, and up to `room` claims. Nothing of it happened on an error.
    fn write_turn(&mut self, finishes: &[Finish], room: usize, now: DateTime<Utc>) -> StoreResult<Written> {
        let Engine { store, policies, random, leases, polling, by, boot, .. } = &mut *self.engine;
        let mut transaction = store.begin_turn()?;
        let mut unknown = Vec::new();
        for finish in finishes {
            if !transaction.record(finish)? {
                unknown.push(finish.attempt);
            }
        }
        for (client, reason) in self.breaker.untold() {
            transaction.tell_failing(&client, self.report.run, &reason, by, now)?;
        }
        let expired = transaction.fail_expired(by, now)?;
        transaction.release_returned(now)?;
        // What the database forgot is put on record first: else it would be called again here.
        if room == 0 || !unknown.is_empty() {
            transaction.commit()?;
            self.breaker.note_told();
            return Ok(Written { batch: ClaimBatch::default(), uncalled: expired, unknown });
        }
        let request = ClaimRequest {
            policies,
            client: self.request.client.as_ref(),
            limit: room,
            breaker: &self.breaker,
            passed_over: &self.passed_over,
            in_flight: &self.busy,
            leases,
            waits: &polling.waits,
            provider: &**polling.provider(),
            capacities: &polling.capacities,
            run: self.report.run,
            run_started_at: self.started_at,
            boot: *boot,
            by,
            law: self.law,
            kept: &self.kept,
            now,
        };
        let batch = claim(&mut transaction, &request, &mut **random)?;
        match transaction.commit() {
            Ok(()) => {
                self.breaker.note_told();
                Ok(Written { uncalled: expired + batch.held_back, batch, unknown })
            }
            Err(error) => {
                batch.discard();
                Err(error)
            }
        }
    }
}
