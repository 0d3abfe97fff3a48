//! The calls in flight as `doctor` finds them: each has a living dispatcher, and each lease its call.

use std::collections::BTreeSet;
use std::path::Path;

use super::findings::Findings;
use crate::dispatch::{Adoption, LeaseFolder};
use crate::model::{AttemptId, ItemId};
use crate::store::{Store, StoreError, StoreResult};

/// Attempts that are named one by one; of more, only the number is told.
const NAMED: usize = 10;

/// Compares the open attempts with the leases. Calls begin and end meanwhile, so that what looks wrong is looked at again.
pub(super) fn leases(path: &Path, store: &Store, findings: &mut Findings) -> StoreResult<()> {
    let folder = LeaseFolder::open(path);
    let failed = |source| StoreError::Io { action: "read the leases in", path: folder.path().to_owned(), source };
    let files = folder.attempts().map_err(failed)?;
    let in_flight = running(store)?;
    let known: BTreeSet<AttemptId> = in_flight.iter().map(|(attempt, _)| *attempt).collect();
    let (mut gone, mut leaseless, mut strays) = (Vec::new(), Vec::new(), 0_u64);
    for (attempt, item) in &in_flight {
        match folder.try_adopt(*attempt).map_err(failed)? {
            Adoption::Held => {}
            Adoption::Free { .. } => gone.push((*attempt, *item)),
            Adoption::Missing => leaseless.push((*attempt, *item)),
        }
    }
    for attempt in files.into_iter().filter(|attempt| !known.contains(attempt)) {
        // A lease is taken just before its attempt is on disk, and removed just after its outcome is.
        match folder.try_adopt(attempt).map_err(failed)? {
            Adoption::Held => {}
            Adoption::Free { .. } => strays += 1,
            Adoption::Missing => strays += u64::from(folder.result_file(attempt).exists()),
        }
    }
    let still: BTreeSet<AttemptId> = running(store)?.into_iter().map(|(attempt, _)| attempt).collect();
    for list in [&mut gone, &mut leaseless] {
        list.retain(|(attempt, _)| still.contains(attempt));
    }
    if gone.is_empty() && leaseless.is_empty() && strays == 0 {
        findings.ok("calls", format!("{} in flight, each with a living dispatcher", in_flight.len()));
    }
    name(&gone, "its dispatcher is gone", findings);
    name(&leaseless, "its lease file is missing", findings);
    if strays > 0 {
        let shown = folder.path().display();
        findings.warning("calls", format!("{shown} has files of {strays} settled attempts: the next run removes them"));
    }
    Ok(())
}

/// The attempts whose call runs, as far as the database knows, with their items.
fn running(store: &Store) -> StoreResult<Vec<(AttemptId, ItemId)>> {
    Ok(store.unrecorded()?.into_iter().map(|found| (found.attempt, found.item.id)).collect())
}

fn name(attempts: &[(AttemptId, ItemId)], what: &str, findings: &mut Findings) {
    for (attempt, item) in attempts.iter().take(NAMED) {
        findings.warning("calls", format!("attempt {attempt} of item {item}: {what}; the next run settles it"));
    }
    if let Some(more) = attempts.len().checked_sub(NAMED).filter(|more| *more > 0) {
        findings.warning("calls", format!("{more} more attempts like that; the next run settles them"));
    }
}
