//! Results from outside of a run: what a person or a script says of a call.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::error::EngineError;
use super::leases::clear_leases;
use super::recover::Recovery;
use super::resolve::{EndedCall, number_taken_until, resolve};
use crate::dispatch::{LeaseFolder, Provider};
use crate::model::{Actor, CallReport, CallResult, Item, Outcome};
use crate::query::business_time;
use crate::scheduler::PolicyBook;
use crate::store::{Edit, QueueReader, Reported, ResultEffect, Store};

/// What results are taken in with.
pub(crate) struct Reporting<'a> {
    pub store: &'a mut Store,
    pub policies: &'a PolicyBook,
    /// The leases of the database.
    pub leases: &'a LeaseFolder,
    /// The boot of the machine.
    pub boot: Option<&'a str>,
    /// Asks the provider about a call that a run left behind.
    pub provider: &'a dyn Provider,
    pub by: &'a Actor,
    pub now: DateTime<Utc>,
}

impl Reporting<'_> {
    /// Records all results or no result. An attempt whose dispatcher is gone unnoticed is settled first, so that
    /// what it left itself counts.
    ///
    /// # Errors
    /// When the database or a lease cannot be read or written.
    pub(crate) fn take_in(&mut self, reports: &[CallReport]) -> Result<Vec<Reported>, EngineError> {
        let Reporting { policies, leases, boot, provider, now, by, .. } = *self;
        let answered = &HashSet::new();
        let mut recovery = Recovery { store: &mut *self.store, policies, leases, boot, now, provider, answered, by };
        for report in reports {
            recovery.one(&report.target)?;
        }
        let edit = Edit { by: self.by, at: now, reason: None };
        let mut meaning = |item: &Item, result: &CallResult, started_at, queue: QueueReader<'_>| {
            let policy = policies.of(&item.client);
            let business_ms = business_time(&policy.hours, started_at, now);
            // A call whose result comes from outside was accepted.
            let so_far = Some(Outcome::Accepted);
            let dispatcher = policy.dispatch.kind.as_str();
            ResultEffect {
                resolution: resolve(policy, EndedCall { item, started_at, result }, queue, now),
                business_ms,
                number_taken_until: number_taken_until(policy, dispatcher, so_far, result.outcome, now),
            }
        };
        let reported = self.store.report(reports, &edit, &mut meaning)?;
        // The lease of a call that the database forgot stays until a person has settled it. A later run clears it too.
        let _ = clear_leases(self.store, leases);
        Ok(reported)
    }
}
