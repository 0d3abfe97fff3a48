//! The calls in flight as `doctor` finds them: each has a living dispatcher, and each lease its call.

use std::collections::BTreeSet;
use std::path::Path;

use super::findings::Findings;
use crate::commands::open_call::{OpenCall, open_calls};
use crate::dispatch::{Adoption, LeaseFolder};
use crate::engine::lease_files;
use crate::model::{AttemptId, ItemId};
use crate::store::{Store, StoreError, StoreResult};

/// Attempts that are named one by one; more are counted.
const NAMED: usize = 10;

/// Compares the open attempts with the leases. Calls begin and end meanwhile, so that what looks wrong is looked at again.
pub(super) fn leases(path: &Path, store: &Store, findings: &mut Findings) -> StoreResult<()> {
    let folder = LeaseFolder::open(path);
    let failed = |source| StoreError::Io { action: "read the leases in", path: folder.path().to_owned(), source };
    let in_flight = store.unrecorded()?;
    let (mut gone, mut leaseless, mut in_doubt, mut orphaned) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (found, call) in in_flight.iter().zip(open_calls(&folder, &in_flight)?) {
        let id = (found.attempt, found.item.id);
        match call {
            OpenCall::Runs => {}
            OpenCall::Orphaned(told) => orphaned.push((id, told)),
            OpenCall::Gone => gone.push(id),
            OpenCall::Leaseless => leaseless.push(id),
            OpenCall::InDoubt => in_doubt.push(id),
        }
    }
    let files = lease_files(store, &folder)?;
    let mut strays = 0_u64;
    for attempt in files.done {
        // A lease is taken just before its attempt is on disk, and removed just after its outcome is.
        match folder.try_adopt(attempt).map_err(failed)? {
            Adoption::Held => {}
            Adoption::Free { .. } => strays += 1,
            Adoption::Missing => strays += u64::from(folder.result_file(attempt).exists()),
        }
    }
    let still: BTreeSet<AttemptId> = store.unrecorded()?.into_iter().map(|found| found.attempt).collect();
    for list in [&mut gone, &mut leaseless, &mut in_doubt] {
        list.retain(|(attempt, _)| still.contains(attempt));
    }
    orphaned.retain(|((attempt, _), _)| still.contains(attempt));
    let has_trouble = [&gone, &leaseless, &in_doubt].iter().any(|list| !list.is_empty());
    if !has_trouble && strays == 0 {
        findings.ok("calls", format!("{} in flight, each with a living dispatcher", in_flight.len()));
    }
    name(&gone, "its dispatcher is gone; the next run settles it", findings);
    name(&leaseless, "its lease file is missing; the next run settles it", findings);
    name(&in_doubt, "its run is gone; runs ask the provider whether it has the call", findings);
    for ((attempt, item), told) in orphaned.iter().take(NAMED) {
        findings.warning("calls", format!("attempt {attempt} of item {item}: {told}"));
    }
    if strays > 0 {
        let shown = folder.path().display();
        findings.warning("calls", format!("{shown} has files of {strays} settled attempts: the next run removes them"));
    }
    forgotten(&files.forgotten, findings);
    for attempt in files.unrestored.iter().take(NAMED) {
        let why = "an older copy of the database was put back; the next run holds its item";
        findings.error("calls", format!("attempt {attempt} was started, and is not on record: {why}"));
    }
    for lease in files.nameless.iter().take(NAMED) {
        let lease = lease.display();
        let why = "an older copy of the database was put back, and the lease does not say who was called";
        findings.error("calls", format!("{lease}: its call is not on record: {why}; find that out, then: rm {lease}"));
    }
    Ok(())
}

/// Calls that are on record again, and that a person has to settle.
fn forgotten(items: &[ItemId], findings: &mut Findings) {
    for item in items.iter().take(NAMED) {
        let way_out = "once it has ended, `callq report` or `callq retry` settles it";
        findings.error("calls", format!("the database forgot a call of item {item}: {way_out}"));
    }
    if let Some(more) = items.len().checked_sub(NAMED).filter(|more| *more > 0) {
        findings.error("calls", format!("it forgot calls of {more} more items: `callq list --held` shows them"));
    }
}

fn name(attempts: &[(AttemptId, ItemId)], what: &str, findings: &mut Findings) {
    for (attempt, item) in attempts.iter().take(NAMED) {
        findings.warning("calls", format!("attempt {attempt} of item {item}: {what}"));
    }
    if let Some(more) = attempts.len().checked_sub(NAMED).filter(|more| *more > 0) {
        findings.warning("calls", format!("{more} more attempts: {what}"));
    }
}
