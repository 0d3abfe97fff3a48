//! What earlier runs left behind: settled at the beginning of a run, and looked up while it goes on.

use chrono::{DateTime, Utc};

use super::{Run, leave_results};
use crate::dispatch::{Lease, LookUp, ProviderAccount};
use crate::engine::error::EngineError;
use crate::engine::provider::Unanswered;
use crate::engine::recover::{Recovery, Settled};
use crate::model::{AttemptId, Outcome};
use crate::store::{FORGOTTEN, Finish, StoreResult};

impl Run<'_, '_> {
    /// Settles what earlier runs left behind, of every client, whatever this run is about.
    pub(super) fn recover(&mut self, now: DateTime<Utc>) -> Result<(), EngineError> {
        let recovered = self.recovery(now).all()?;
        self.engine.polling.doubts.set(recovered.doubts);
        self.note_recovered(recovered.settled, now);
        self.report.forgotten_items = recovered.files.forgotten;
        self.report.nameless_leases = recovered.files.nameless;
        Ok(())
    }

    /// Keeps the leases of calls that ended and that the database does not know: an older copy of it was put back
    /// while they went on. They are put on record again at once. Gives back how many there are.
    pub(super) fn keep_lost(&mut self, lost: Vec<(Finish, Lease)>, now: DateTime<Utc>) -> usize {
        let count = lost.len();
        if count > 0 {
            leave_results(&lost);
            drop(lost);
            if let Err(error) = self.recover(now) {
                self.fail(error);
            }
        }
        count
    }

    fn recovery(&mut self, now: DateTime<Utc>) -> Recovery<'_> {
        let engine = &mut *self.engine;
        Recovery {
            store: &mut *engine.store,
            policies: engine.policies,
            leases: engine.leases,
            boot: engine.boot,
            now,
            provider: &**engine.polling.provider(),
            answered: &engine.polling.answered,
            by: engine.by,
        }
    }

    fn note_recovered(&mut self, settled: Vec<Settled>, now: DateTime<Utc>) {
        for Settled { found, result } in settled {
            self.report.recovered += 1;
            self.note_problem(&found.item, &result);
            // When it ended nobody knows, and what it asked for may be past by now.
            self.note_clock(&found.item, &result, found.started_at);
            if result.outcome == Outcome::Unavailable {
                self.passed_over.insert(found.item.id);
            }
            if result.outcome == Outcome::Accepted
                && let Some(account) = ProviderAccount::of(&self.engine.policies.of(&found.item.client).dispatch)
            {
                self.engine.polling.note_accepted(found.attempt, account.poll_interval(), now);
            }
        }
    }

    /// Takes in which calls of earlier runs the provider has.
    pub(super) fn settle_looked_up(
        &mut self,
        answers: Vec<(AttemptId, LookUp)>,
        unanswered: Option<Unanswered>,
        now: DateTime<Utc>,
    ) -> Result<(), EngineError> {
        let mut doubts = std::mem::take(&mut self.engine.polling.doubts);
        doubts.note_asked(unanswered);
        let settled = self.recovery(now).settle_answers(answers, &mut doubts);
        self.engine.polling.doubts = doubts;
        self.note_recovered(settled?, now);
        Ok(())
    }

    /// Names the calls that the database forgot, and those that stay in doubt: a later run asks again.
    pub(super) fn note_left(&mut self) -> StoreResult<()> {
        for id in self.report.forgotten_items.clone() {
            let is_named = self.report.names(Some(id), FORGOTTEN);
            if let Some(item) = self.engine.store.item(id)?.filter(|_| !is_named) {
                self.report.name_problem(&item, FORGOTTEN.to_owned());
            }
        }
        for (attempt, said) in self.engine.polling.doubts.said() {
            if let Some(found) = self.engine.store.unrecorded_attempt(attempt)? {
                let reason = format!("its call is being looked up: {said}");
                self.report.name_problem(&found.item, reason);
            }
        }
        Ok(())
    }
}
