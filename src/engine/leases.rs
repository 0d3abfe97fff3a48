//! The lease files beside a database: which of them are done with, and which prove that it forgot a call.

use std::io;
use std::path::PathBuf;

use crate::dispatch::{Adoption, LeaseFolder, Mark};
use crate::model::{AttemptId, ItemId};
use crate::store::{AttemptState, Store, StoreError, StoreResult};

/// The lease files that belong to no open call, by what the database knows of theirs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LeaseFiles {
    /// Attempts that are settled or were never claimed: their files can go.
    pub done: Vec<AttemptId>,
    /// Items whose calls the database forgot. A person has to settle them.
    pub forgotten: Vec<ItemId>,
    /// Calls that the database forgot, and that are not on record again.
    pub unrestored: Vec<AttemptId>,
    /// The same, where the file does not say whom they called.
    pub nameless: Vec<PathBuf>,
}

/// Looks at every lease file.
///
/// # Errors
/// When a file or the database cannot be read.
pub(crate) fn lease_files(store: &Store, leases: &LeaseFolder) -> StoreResult<LeaseFiles> {
    let mut files = LeaseFiles::default();
    for attempt in leases.attempts().map_err(|error| failed(leases, error))? {
        // Before its attempt is asked for: a call is claimed first and started then.
        let mark = leases.mark(attempt).map_err(|error| failed(leases, error))?;
        let state = store.attempt_state(attempt)?;
        // An item with a lease is never pruned: only while the file is still there does a missing row mean anything.
        if state == AttemptState::Missing && leases.mark(attempt).map_err(|error| failed(leases, error))? != mark {
            continue;
        }
        match (state, mark) {
            (AttemptState::Open, _) => {}
            (AttemptState::Forgotten(item), _) => files.forgotten.push(item),
            (AttemptState::Missing, Mark::Started(_)) => files.unrestored.push(attempt),
            (AttemptState::Missing, Mark::Nameless) => files.nameless.push(leases.lease_file(attempt)),
            (AttemptState::Settled, _) | (AttemptState::Missing, Mark::Unstarted | Mark::Missing) => {
                files.done.push(attempt);
            }
        }
    }
    files.forgotten.sort_unstable();
    files.forgotten.dedup();
    Ok(files)
}

/// Removes the lease files that are done with, and gives back what is left.
///
/// # Errors
/// When a file or the database cannot be read.
pub(crate) fn clear_leases(store: &Store, leases: &LeaseFolder) -> StoreResult<LeaseFiles> {
    let mut files = lease_files(store, leases)?;
    for attempt in std::mem::take(&mut files.done) {
        let adoption = leases.try_adopt(attempt).map_err(|error| failed(leases, error))?;
        // Asked after the lock was taken: a claim that holds it could be committed at any moment.
        match (adoption, store.attempt_state(attempt)?) {
            (Adoption::Held, _) | (_, AttemptState::Open | AttemptState::Forgotten(_)) => continue,
            (Adoption::Free { started: true, .. }, AttemptState::Missing) => continue,
            (Adoption::Free { lease, .. }, _) => lease.discard(),
            (Adoption::Missing, _) => {}
        }
        // What cannot be removed does no harm; the next recovery tries again.
        let _ = leases.remove_remains(attempt);
    }
    Ok(files)
}

fn failed(leases: &LeaseFolder, source: io::Error) -> StoreError {
    StoreError::Io { action: "recover the leases in", path: leases.path().to_owned(), source }
}
