//! What earlier runs left behind: settled at the beginning of a run, and looked up while it goes on.

use chrono::{DateTime, Utc};

use super::Run;
use crate::dispatch::LookUp;
use crate::engine::doubts::Unanswered;
use crate::engine::error::EngineError;
use crate::engine::recover::{Recovery, Settled};
use crate::model::{AttemptId, Outcome};
use crate::store::StoreResult;

impl Run<'_, '_> {
    /// Settles what earlier runs left behind, of every client, whatever this run is about.
    pub(super) fn recover(&mut self, now: DateTime<Utc>) -> Result<(), EngineError> {
        let recovered = self.recovery(now).all()?;
        self.engine.inquiries.doubts.set(recovered.doubts);
        self.note_recovered(recovered.settled, now);
        Ok(())
    }

    fn recovery(&mut self, now: DateTime<Utc>) -> Recovery<'_> {
        let engine = &mut *self.engine;
        Recovery {
            store: &mut *engine.store,
            policies: engine.policies,
            leases: engine.leases,
            boot: engine.boot,
            now,
            client: engine.inquiries.client(),
            answered: &engine.inquiries.answered,
        }
    }

    fn note_recovered(&mut self, settled: Vec<Settled>, now: DateTime<Utc>) {
        for Settled { found, result } in settled {
            self.report.recovered += 1;
            self.note_problem(&found.item, &result);
            let settings = &self.engine.policies.of(&found.item.client).dispatch.retell;
            if let Some(settings) = settings.as_ref().filter(|_| result.outcome == Outcome::Accepted) {
                self.engine.inquiries.note_accepted(found.attempt, settings.poll_interval, now);
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
        let mut doubts = std::mem::take(&mut self.engine.inquiries.doubts);
        doubts.note_asked(unanswered);
        let settled = self.recovery(now).settle_answers(answers, &mut doubts);
        self.engine.inquiries.doubts = doubts;
        self.note_recovered(settled?, now);
        Ok(())
    }

    /// Names the calls that stay in doubt: a later run asks again.
    pub(super) fn note_doubts(&mut self) -> StoreResult<()> {
        for (attempt, said) in self.engine.inquiries.doubts.said() {
            if let Some(found) = self.engine.store.unrecorded_attempt(attempt)? {
                let reason = format!("its call is being looked up: {said}");
                self.report.name_problem(&found.item, reason);
            }
        }
        Ok(())
    }
}
