//! What `doctor` and `config check` say of runs: that none comes, and that a dispatcher could not be started.

use chrono::{DateTime, Utc};

use crate::output::unattended_line;
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
    for failed in store.failed_starts()? {
        let at = policies.of(&failed.client).hours.zone.format_local(failed.at);
        let reason = failed.reason.as_deref().unwrap_or("it was unavailable");
        let way_out = format!("mend it, then `callq process -c {} --limit 1`", failed.client);
        warnings.push(format!("the dispatcher of {} placed no call at {at}: {reason}; {way_out}", failed.client));
    }
    Ok(warnings)
}
