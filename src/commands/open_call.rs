//! What `why` and `doctor` say of a call without an outcome: who holds its lease, and the way out.

use crate::dispatch::{Adoption, Holder, LeaseFolder};
use crate::model::{AttemptId, DispatchKind, ItemId};
use crate::store::{Store, StoreError, StoreResult, Unsettled};

/// How the call of an open attempt stands.
pub(super) enum OpenCall {
    /// Its run goes on, or nobody can see who holds its lease.
    Runs,
    /// Its run is gone, and these processes hold its lease.
    Orphaned(String),
    /// Nobody holds its lease.
    Gone,
    /// Nobody holds its lease, and only the provider can say whether there is a call.
    InDoubt,
    /// It has no lease file.
    Leaseless,
}

/// Looks at the leases of attempts without an outcome; gives back how the call of each stands.
pub(super) fn open_calls(leases: &LeaseFolder, attempts: &[Unsettled]) -> StoreResult<Vec<OpenCall>> {
    let failed = |source| StoreError::Io { action: "read the leases in", path: leases.path().to_owned(), source };
    let (mut calls, mut held) = (Vec::new(), Vec::new());
    for (index, found) in attempts.iter().enumerate() {
        let is_in_doubt = found.dispatcher == DispatchKind::Retell.as_str();
        calls.push(match leases.try_adopt(found.attempt).map_err(failed)? {
            Adoption::Missing if !is_in_doubt => OpenCall::Leaseless,
            Adoption::Free { started, .. } if !is_in_doubt || !started => OpenCall::Gone,
            Adoption::Missing | Adoption::Free { .. } => OpenCall::InDoubt,
            Adoption::Held => {
                held.push((index, found.attempt));
                OpenCall::Runs
            }
        });
    }
    let held_attempts: Vec<AttemptId> = held.iter().map(|(_, attempt)| *attempt).collect();
    for ((index, _), holders) in held.iter().zip(leases.holders(&held_attempts)) {
        if !holders.is_empty() && !holders.iter().any(|holder| holder.is_ours) {
            calls[*index] = OpenCall::Orphaned(orphaned(&holders));
        }
    }
    Ok(calls)
}

fn orphaned(holders: &[Holder]) -> String {
    let each = |holder: &Holder| format!("process {} ({})", holder.process, holder.name);
    let named: Vec<String> = holders.iter().map(each).collect();
    let ids: Vec<String> = holders.iter().map(|holder| holder.process.to_string()).collect();
    let verb = if holders.len() == 1 { "holds" } else { "hold" };
    let way_out = format!("where the call is over, end it: kill {}", ids.join(" "));
    format!("its run is gone, and {} still {verb} its lease, slot and number; {way_out}", named.join(", "))
}

/// What to say of the open call of an item; `None` while its run goes on.
pub(super) fn told_of(store: &Store, leases: &LeaseFolder, item: ItemId) -> StoreResult<Option<String>> {
    let open: Vec<Unsettled> = store.unrecorded()?.into_iter().filter(|found| found.item.id == item).collect();
    Ok(match open_calls(leases, &open)?.pop() {
        None | Some(OpenCall::Runs) => None,
        Some(OpenCall::Orphaned(told)) => Some(told),
        Some(OpenCall::Gone) => Some("its run is gone; the next run settles it".to_owned()),
        Some(OpenCall::Leaseless) => Some("its run is gone, and its lease too; the next run settles it".to_owned()),
        Some(OpenCall::InDoubt) => Some("its run is gone; callq asks the provider whether it has the call".to_owned()),
    })
}
