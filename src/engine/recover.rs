//! Recovery: settles attempts whose run is gone. Any number of programs may do it at once. A call
//! that the provider may have placed stays open while that is looked up; recovery never asks for a call.

use std::collections::HashSet;
use std::io;

use chrono::{DateTime, TimeDelta, Utc};

use super::error::EngineError;
use super::leases::{LeaseFiles, clear_leases, lease_files};
use super::provider::{Doubt, Doubts};
use super::resolve::{EndedCall, number_taken_until, resolve};
use super::written_time::with_time;
use crate::dispatch::{
    Adoption, Lease, LeaseFolder, LookUp, Mark, Provider, ProviderAccount, ResultFile, read_result_file,
};
use crate::model::{Actor, AttemptId, CallResult, DispatchKind, ItemId, Outcome, ReportTarget};
use crate::scheduler::PolicyBook;
use crate::store::{Edit, FORGOTTEN, Finish, Resolution, Restoration, Restored, Store, StoreError, Unsettled};

/// What recovery works with.
pub(super) struct Recovery<'a> {
    pub(super) store: &'a mut Store,
    pub(super) policies: &'a PolicyBook,
    /// The leases of the database.
    pub(super) leases: &'a LeaseFolder,
    /// The boot of the machine.
    pub(super) boot: Option<&'a str>,
    pub(super) now: DateTime<Utc>,
    /// Asks the provider about the call of a report.
    pub(super) provider: &'a dyn Provider,
    /// The accepted calls about which the provider has answered.
    pub(super) answered: &'a HashSet<AttemptId>,
    /// Who puts forgotten calls on record.
    pub(super) by: &'a Actor,
}

/// An attempt that recovery has settled.
#[derive(Debug, Clone)]
pub(super) struct Settled {
    /// The attempt and its item, as they were found.
    pub(super) found: Unsettled,
    pub(super) result: CallResult,
}

/// What is known of an attempt whose run is gone, and its lease, so that nobody else settles it meanwhile.
struct RecoveredCall {
    found: Unsettled,
    result: CallResult,
    lease: Option<Lease>,
}

/// What a look at an attempt gave.
enum Judged {
    /// A run or a dispatcher still has it.
    Held,
    /// It has ended so.
    Ended(Box<RecoveredCall>),
    /// Only the provider can say whether there is a call.
    InDoubt(Box<Unsettled>, Option<Lease>, Doubt),
}

/// What recovery has found.
pub(super) struct Recovered {
    /// What it has settled.
    pub(super) settled: Vec<Settled>,
    /// What the provider has to be asked about; these attempts stay open.
    pub(super) doubts: Vec<Doubt>,
    /// The lease files that are left.
    pub(super) files: LeaseFiles,
}

/// A list of calls may lag: it has proved only after this time that there is no call.
const LISTED_WITHIN: TimeDelta = TimeDelta::minutes(2);

impl Recovery<'_> {
    /// Settles every attempt whose dispatcher is gone, and every accepted call whose result is overdue, of all clients;
    /// puts on record what the database forgot; removes the files that are done with. Nobody is asked about anything.
    pub(super) fn all(&mut self) -> Result<Recovered, EngineError> {
        let (mut recovered_calls, mut doubts) = (Vec::new(), Vec::new());
        for found in self.store.unrecorded()? {
            match self.judge(found)? {
                Judged::Held => {}
                Judged::Ended(verdict) => recovered_calls.push(*verdict),
                Judged::InDoubt(_, _, doubt) => doubts.push(doubt),
            }
        }
        for found in self.store.overdue(self.now)? {
            if self.can_be_asked(&found) && !self.answered.contains(&found.attempt) {
                continue;
            }
            let timeout = self.policies.of(&found.item.client).dispatch.call_timeout;
            let result = CallResult::of(Outcome::Unknown).because("no_result");
            let detail = format!("no result within {}", crate::model::format_duration(timeout));
            recovered_calls.push(RecoveredCall { found, result: result.with_detail(detail), lease: None });
        }
        let settled = self.settle(recovered_calls)?;
        let waiting = self.restore()?;
        let mut files = clear_leases(self.store, self.leases)?;
        files.forgotten.extend(waiting);
        Ok(Recovered { settled, doubts, files })
    }

    /// Settles the attempt that a report means, if its dispatcher is gone and its outcome is not on disk. The person who
    /// reports ends every doubt, so the provider is asked once.
    pub(super) fn one(&mut self, target: &ReportTarget) -> Result<(), EngineError> {
        let Some(attempt) = self.store.reported_attempt(target)? else { return Ok(()) };
        let Some(found) = self.store.unrecorded_attempt(attempt)? else { return Ok(()) };
        let verdict = match self.judge(found)? {
            Judged::Held => return Ok(()),
            Judged::Ended(verdict) => *verdict,
            Judged::InDoubt(found, lease, Doubt { detail, account, .. }) => {
                let answer = self.provider.look_up(attempt, &account);
                let result = self.meaning(&found, &detail, &answer);
                let result = result.unwrap_or_else(|| interrupted(&detail));
                RecoveredCall { found: *found, result, lease }
            }
        };
        self.settle(vec![verdict])?;
        Ok(())
    }

    /// Takes in what the provider says of calls in doubt. What it does not know for certain stays in doubt.
    pub(super) fn settle_answers(
        &mut self,
        answers: Vec<(AttemptId, LookUp)>,
        doubts: &mut Doubts,
    ) -> Result<Vec<Settled>, EngineError> {
        let (mut recovered_calls, mut missing) = (Vec::new(), Vec::new());
        for (attempt, answer) in answers {
            let found = self.store.unrecorded_attempt(attempt)?;
            let (Some(found), Some(detail)) = (found, doubts.detail(attempt)) else {
                doubts.end(attempt);
                continue;
            };
            let Some(result) = self.meaning(&found, detail, &answer) else {
                doubts.keep(attempt, &answer);
                let is_first = answer == LookUp::NotFound && found.first_asked_at.is_none();
                missing.extend(is_first.then_some(attempt));
                continue;
            };
            doubts.end(attempt);
            let adoption = self.leases.try_adopt(attempt).map_err(|error| self.lease_failed(error))?;
            let lease = if let Adoption::Free { lease, .. } = adoption { Some(lease) } else { None };
            recovered_calls.push(RecoveredCall { found, result, lease });
        }
        if !missing.is_empty() {
            self.store.note_first_asked(&missing, self.now)?;
        }
        self.settle(recovered_calls)
    }

    /// The account of a call that the provider places, unless its client uses another dispatcher by now.
    fn account(&self, found: &Unsettled) -> Option<ProviderAccount> {
        let is_placed_by_one = DispatchKind::word_places_through_provider(&found.dispatcher);
        ProviderAccount::of(&self.policies.of(&found.item.client).dispatch).filter(|_| is_placed_by_one)
    }

    /// Whether the provider is asked about an accepted call before it is given up.
    fn can_be_asked(&self, found: &Unsettled) -> bool {
        found.call_id.is_some() && self.account(found).is_some()
    }

    /// What the provider's answer means for a call in doubt; none while it stays in doubt.
    ///
    /// A list that does not hold the call may lag. Silence says nothing; it ends when the call would be overdue.
    fn meaning(&self, found: &Unsettled, detail: &str, answer: &LookUp) -> Option<CallResult> {
        // Either way of a wrong clock ends a doubt too soon, not never: then a person decides.
        let has_passed = |since: DateTime<Utc>, time: TimeDelta| (self.now - since).abs() >= time;
        match answer {
            LookUp::Found(call_id) => {
                let accepted = CallResult { call_id: Some(call_id.clone()), ..CallResult::of(Outcome::Accepted) };
                Some(accepted.with_detail(format!("{detail}; the provider has its call")))
            }
            LookUp::NotFound => {
                let is_late = found.first_asked_at.is_some_and(|first| has_passed(first, LISTED_WITHIN));
                is_late.then(|| interrupted(&format!("{detail}; the provider has no call of it")))
            }
            LookUp::NoAnswer(reason) => {
                let timeout = self.policies.of(&found.item.client).dispatch.call_timeout;
                let is_late = has_passed(found.started_at, timeout);
                is_late.then(|| interrupted(&format!("{detail}; the provider gives no answer: {reason}")))
            }
        }
    }

    /// What became of an attempt.
    fn judge(&self, found: Unsettled) -> Result<Judged, EngineError> {
        let adoption = self.leases.try_adopt(found.attempt).map_err(|error| self.lease_failed(error))?;
        if found.is_forgotten && !matches!(adoption, Adoption::Held) {
            // A person has to settle it, even if its end is known. Until then its lease stays.
            let result = CallResult::of(Outcome::Unknown).because(FORGOTTEN);
            let result = result.with_detail(self.forgotten_detail(found.attempt));
            return Ok(Judged::Ended(Box::new(RecoveredCall { found, result, lease: None })));
        }
        // The boot can only turn "never started" into "unknown": after a power loss the missing byte proves nothing.
        let same_boot = found.boot.is_some() && found.boot.as_deref() == self.boot;
        let policy = self.policies.of(&found.item.client);
        let (lease, result) = match adoption {
            Adoption::Held => return Ok(Judged::Held),
            Adoption::Missing => {
                (None, Err("its run is gone, and its lease too: nobody knows whether the call took place".to_owned()))
            }
            Adoption::Free { lease, started } => {
                let result = match read_result_file(&self.leases.result_file(found.attempt)) {
                    ResultFile::Valid(result) => Ok(with_time(policy, &found.item, result, self.now)),
                    ResultFile::Unclear(unclear) => Ok(unclear.result(&policy.dispatch)),
                    ResultFile::Malformed(fault) => Err(format!("its run is gone; result file: {fault}")),
                    ResultFile::Forged(fault) if !started && same_boot => Ok(CallResult::of(Outcome::Returned)
                        .because("never_started")
                        .with_detail(format!("its run was gone before the call was started; result file: {fault}"))),
                    ResultFile::Forged(fault) => {
                        Err(format!("its run is gone, and its dispatcher left no result; result file: {fault}"))
                    }
                    ResultFile::Missing if !started && same_boot => Ok(CallResult::of(Outcome::Returned)
                        .because("never_started")
                        .with_detail("its run was gone before the call was started")),
                    ResultFile::Missing => Err("its run is gone, and its dispatcher left no result".to_owned()),
                };
                (Some(lease), result)
            }
        };
        let result = match (result, self.account(&found)) {
            (Ok(result), _) => result,
            (Err(detail), Some(account)) => {
                let doubt = Doubt { attempt: found.attempt, detail, account };
                return Ok(Judged::InDoubt(Box::new(found), lease, doubt));
            }
            (Err(detail), None) => interrupted(&detail),
        };
        Ok(Judged::Ended(Box::new(RecoveredCall { found, result, lease })))
    }

    /// Writes what became of attempts, each unless another program was quicker, and removes their leases.
    fn settle(&mut self, recovered_calls: Vec<RecoveredCall>) -> Result<Vec<Settled>, EngineError> {
        if recovered_calls.is_empty() {
            return Ok(Vec::new());
        }
        let finish = |RecoveredCall { found, result, .. }: &RecoveredCall| {
            let (policy, now) = (self.policies.of(&found.item.client), self.now);
            Finish {
                attempt: found.attempt,
                item: found.item.id,
                so_far: found.so_far,
                result: result.clone(),
                resolution: match found.is_forgotten && result.outcome == Outcome::Unknown {
                    true => Resolution::GaveUp { held: true },
                    false => {
                        let ended = EndedCall { item: &found.item, started_at: found.started_at, result };
                        resolve(policy, ended, self.store.reader(), now)
                    }
                },
                finished_at: now,
                duration_ms: None,
                business_ms: 0,
                number_taken_until: number_taken_until(policy, &found.dispatcher, found.so_far, result.outcome, now),
            }
        };
        let finishes: Vec<Finish> = recovered_calls.iter().map(finish).collect();
        let written = self.store.settle(&finishes)?;
        let mut settled = Vec::new();
        for (RecoveredCall { found, result, lease }, written) in recovered_calls.into_iter().zip(written) {
            if let Some(lease) = lease {
                lease.discard();
            }
            if written {
                settled.push(Settled { found, result });
            }
        }
        Ok(settled)
    }

    /// Puts calls on record again that were started and that the database does not know. Gives back the items whose
    /// present call has to end first.
    fn restore(&mut self) -> Result<Vec<ItemId>, EngineError> {
        let mut waiting = Vec::new();
        for attempt in lease_files(self.store, self.leases)?.unrestored {
            let mark = self.leases.mark(attempt).map_err(|error| self.lease_failed(error))?;
            let Mark::Started(call) = mark else { continue };
            let adoption = self.leases.try_adopt(attempt).map_err(|error| self.lease_failed(error))?;
            if matches!(adoption, Adoption::Missing) {
                continue;
            }
            let policy = self.policies.of(&call.client);
            let why = "an older copy of the database was put back";
            let restored = self.store.restore(&Restoration {
                call: &call,
                goes_on: matches!(adoption, Adoption::Held),
                detail: &self.forgotten_detail(attempt),
                max_retries: policy.retry.max_retries,
                number_taken_for: policy.dispatch.call_timeout,
                edit: Edit { by: self.by, at: self.now, reason: Some(why) },
            })?;
            waiting.extend(if let Restored::Waits(item) = restored { Some(item) } else { None });
        }
        Ok(waiting)
    }

    /// What is known of a call that the database forgot, for the person who settles it.
    fn forgotten_detail(&self, attempt: AttemptId) -> String {
        let said = match read_result_file(&self.leases.result_file(attempt)) {
            ResultFile::Missing => String::new(),
            ResultFile::Malformed(fault) => format!("; result file: {fault}"),
            ResultFile::Forged(fault) => format!("; result file: {fault}"),
            ResultFile::Unclear(_) => "; its result file names no outcome".to_owned(),
            ResultFile::Valid(CallResult { outcome, reason, call_id, .. }) => {
                let more: String = [reason, call_id].into_iter().flatten().map(|word| format!(", {word}")).collect();
                format!("; its dispatcher said: {outcome}{more}")
            }
        };
        format!("the database forgot this call{said}")
    }

    fn lease_failed(&self, source: io::Error) -> EngineError {
        StoreError::Io { action: "recover the leases in", path: self.leases.path().to_owned(), source }.into()
    }
}

/// The result of a call whose end nobody knows.
fn interrupted(detail: &str) -> CallResult {
    CallResult::of(Outcome::Unknown).because("interrupted").with_detail(detail)
}
