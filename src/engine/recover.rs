//! Recovery: settles the attempts of which nobody is in charge any more. Any number of programs may do it at once. Of a
//! call that the provider may have placed it asks whether there is one, and never asks for one.

use std::collections::{HashMap, HashSet};
use std::io;

use chrono::{DateTime, Utc};

use super::conclude::conclude;
use super::error::EngineError;
use super::rooms::Account;
use crate::dispatch::{Adoption, Lease, LeaseFolder, LookUp, ResultFile, RetellClient, read_result_file};
use crate::model::{AttemptId, CallResult, DispatchKind, Outcome, ReportTarget, RetellSettings};
use crate::scheduler::PolicyBook;
use crate::store::{Finish, Store, StoreError, Unsettled};

/// What recovery works with.
pub(super) struct Recovery<'a> {
    /// The queue.
    pub(super) store: &'a mut Store,
    /// Every client's policy.
    pub(super) policies: &'a PolicyBook,
    /// The leases of the database.
    pub(super) leases: &'a LeaseFolder,
    /// The boot of the machine.
    pub(super) boot: Option<&'a str>,
    /// Now.
    pub(super) now: DateTime<Utc>,
    /// Asks the provider about calls that a run left behind.
    pub(super) client: &'a RetellClient,
    /// The accepted calls of which the provider has said how they stand.
    pub(super) answered: &'a HashSet<AttemptId>,
}

/// An attempt that recovery has settled.
#[derive(Debug, Clone)]
pub(super) struct Settled {
    /// The attempt and its item, as they were found.
    pub(super) found: Unsettled,
    /// How it ended.
    pub(super) result: CallResult,
}

/// What is known of an attempt that nobody is in charge of, and its lease, so that nobody else settles it meanwhile.
struct Verdict {
    found: Unsettled,
    result: CallResult,
    lease: Option<Lease>,
}

/// How many questions to each account had no answer.
type Unanswered = HashMap<Account, u32>;

impl Recovery<'_> {
    /// Settles every attempt whose dispatcher is gone, and every handed over call whose result is overdue, of all
    /// clients; removes the files that belong to no open attempt.
    pub(super) fn all(&mut self) -> Result<Vec<Settled>, EngineError> {
        let unrecorded = self.store.unrecorded()?;
        let (mut verdicts, mut unanswered) = (Vec::new(), HashMap::new());
        for found in unrecorded {
            verdicts.extend(self.judge(found, &mut unanswered)?);
        }
        for found in self.store.overdue(self.now)? {
            if self.can_be_asked(&found) && !self.answered.contains(&found.attempt) {
                continue;
            }
            let timeout = self.policies.of(&found.item.client).dispatch.call_timeout;
            let result = CallResult::of(Outcome::Unknown).because("no_result");
            let detail = format!("no result within {}", crate::model::format_duration(timeout));
            verdicts.push(Verdict { found, result: result.with_detail(detail), lease: None });
        }
        let settled = self.settle(verdicts)?;
        self.remove_orphans()?;
        Ok(settled)
    }

    /// Settles the attempt that a report means, if its dispatcher is gone and its outcome is not on disk.
    pub(super) fn one(&mut self, target: &ReportTarget) -> Result<(), EngineError> {
        let Some(attempt) = self.store.reported_attempt(target)? else { return Ok(()) };
        let Some(found) = self.store.unrecorded_attempt(attempt)? else { return Ok(()) };
        let verdict = self.judge(found, &mut HashMap::new())?;
        self.settle(verdict.into_iter().collect())?;
        Ok(())
    }

    /// The account of a call that the provider places, unless its client uses another dispatcher by now.
    fn account(&self, found: &Unsettled) -> Option<&RetellSettings> {
        let is_placed_by_it = found.dispatcher == DispatchKind::Retell.as_str();
        self.policies.of(&found.item.client).dispatch.retell.as_ref().filter(|_| is_placed_by_it)
    }

    /// Whether the provider is asked about an accepted call before it is given up.
    fn can_be_asked(&self, found: &Unsettled) -> bool {
        found.call_id.is_some() && self.account(found).is_some()
    }

    /// What the provider knows of a call that may have been placed. It is only asked: recovery places no call.
    fn look_up(&self, found: &Unsettled, detail: &str, unanswered: &mut Unanswered) -> CallResult {
        /// So many questions to one account without an answer, and no more are asked: each may take its whole time.
        const MOST_UNANSWERED: u32 = 3;
        let unknown = |detail: String| CallResult::of(Outcome::Unknown).because("interrupted").with_detail(detail);
        let Some(settings) = self.account(found) else { return unknown(detail.to_owned()) };
        let unanswered = unanswered.entry(Account::of(settings)).or_default();
        if *unanswered >= MOST_UNANSWERED {
            return unknown(format!("{detail}; the provider does not answer"));
        }
        match self.client.look_up(found.attempt, settings) {
            LookUp::Found(call_id) => {
                let accepted = CallResult { call_id: Some(call_id), ..CallResult::of(Outcome::Accepted) };
                accepted.with_detail(format!("{detail}; the provider has its call"))
            }
            LookUp::NotFound => unknown(format!("{detail}; the provider has no call of it")),
            LookUp::NoAnswer(reason) => {
                *unanswered += 1;
                unknown(format!("{detail}; the provider gives no answer: {reason}"))
            }
        }
    }

    /// What became of an attempt; none while somebody is in charge of it.
    fn judge(&self, found: Unsettled, unanswered: &mut Unanswered) -> Result<Option<Verdict>, EngineError> {
        let mut unknown = |detail: &str| self.look_up(&found, detail, unanswered);
        let (lease, started) = match self.leases.try_adopt(found.attempt).map_err(|error| self.lease_failed(error))? {
            Adoption::Held => return Ok(None),
            Adoption::Missing => {
                let result = unknown("its run is gone, and its lease too: nobody knows whether the call took place");
                return Ok(Some(Verdict { found, result, lease: None }));
            }
            Adoption::Free { lease, started } => (lease, started),
        };
        // The boot can only turn "never started" into "unknown": after a power loss the missing byte proves nothing.
        let same_boot = found.boot.is_some() && found.boot.as_deref() == self.boot;
        let result = match read_result_file(&self.leases.result_file(found.attempt)) {
            ResultFile::Valid(result) => result,
            ResultFile::Malformed(fault) => unknown(&format!("its run is gone; result file: {fault}")),
            ResultFile::Forged(fault) if !started && same_boot => CallResult::of(Outcome::Returned)
                .because("never_started")
                .with_detail(format!("its run was gone before the call was started; result file: {fault}")),
            ResultFile::Forged(fault) => {
                unknown(&format!("its run is gone, and its dispatcher left no result; result file: {fault}"))
            }
            ResultFile::Missing if !started && same_boot => CallResult::of(Outcome::Returned)
                .because("never_started")
                .with_detail("its run was gone before the call was started"),
            ResultFile::Missing => unknown("its run is gone, and its dispatcher left no result"),
        };
        Ok(Some(Verdict { found, result, lease: Some(lease) }))
    }

    /// Writes what became of attempts, each unless another program was quicker, and removes their leases.
    fn settle(&mut self, verdicts: Vec<Verdict>) -> Result<Vec<Settled>, EngineError> {
        if verdicts.is_empty() {
            return Ok(Vec::new());
        }
        let finish = |Verdict { found, result, .. }: &Verdict| Finish {
            attempt: found.attempt,
            item: found.item.id,
            so_far: found.so_far,
            result: result.clone(),
            conclusion: conclude(self.policies.of(&found.item.client), &found.item, result, self.now),
            finished_at: self.now,
            duration_ms: None,
            business_ms: 0,
        };
        let finishes: Vec<Finish> = verdicts.iter().map(finish).collect();
        let written = self.store.settle(&finishes)?;
        let mut settled = Vec::new();
        for (Verdict { found, result, lease }, written) in verdicts.into_iter().zip(written) {
            if let Some(lease) = lease {
                lease.discard();
            }
            if written {
                settled.push(Settled { found, result });
            }
        }
        Ok(settled)
    }

    /// Removes what belongs to no open attempt: leases whose claim was never committed, or whose outcome is on record.
    fn remove_orphans(&self) -> Result<(), EngineError> {
        for attempt in self.leases.attempts().map_err(|error| self.lease_failed(error))? {
            let adoption = self.leases.try_adopt(attempt).map_err(|error| self.lease_failed(error))?;
            // Asked after the lock was taken: a claim that holds it could be committed at any moment.
            if matches!(adoption, Adoption::Held) || self.store.unrecorded_attempt(attempt)?.is_some() {
                continue;
            }
            if let Adoption::Free { lease, .. } = adoption {
                lease.discard();
            }
            // What cannot be removed does no harm; the next recovery tries again.
            let _ = self.leases.remove_remains(attempt);
        }
        Ok(())
    }

    fn lease_failed(&self, source: io::Error) -> EngineError {
        StoreError::Io { action: "recover the leases in", path: self.leases.path().to_owned(), source }.into()
    }
}
