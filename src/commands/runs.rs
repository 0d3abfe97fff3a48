//! What `doctor` and `config check` say of runs: that none comes, and that a dispatcher could not be started.

use chrono::{DateTime, Utc};

use crate::output::{fault_words, unattended_line};
use crate::query::unattended;
use crate::scheduler::PolicyBook;
use crate::store::{Store, StoreResult};

/// What is wrong with the runs of a queue, in words.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn run_warnings(store: &Store, policies: &PolicyBook, now: DateTime<Utc>) -> StoreResult<Vec<String>> {
    let mut warnings = Vec::new();
    if let Some(unattended) = unattended(store, policies, now)? {
        warnings.push(unattended_line(&unattended));
    }
    for client in store.clients()? {
        let policy = policies.of(&client);
        if let Some(fault) = store.client_activity(&client, policy.limits.max_per_minute, now)?.last_fault {
            let said = fault_words(&fault, &|at| policy.hours.zone.format_local(at));
            let way_out = format!("mend it, then `callq process -c {client} --limit 1`");
            warnings.push(format!("the dispatcher of {client} {said}; {way_out}"));
        }
    }
    Ok(warnings)
}
