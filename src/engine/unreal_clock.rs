//! Real people are called by the machine's clock only.

use super::error::EngineError;
use crate::clock::Clock;
use crate::model::ClientId;
use crate::query::due_now;
use crate::scheduler::PolicyBook;
use crate::store::Store;

/// Refuses to place real calls under a clock that is not the machine's.
pub(super) fn refuse_unreal_clock(
    clock: &dyn Clock,
    store: &Store,
    policies: &PolicyBook,
    client: Option<&ClientId>,
) -> Result<(), EngineError> {
    if clock.is_real() {
        return Ok(());
    }
    let real = |client: &ClientId| policies.of(client).dispatch.kind.calls_people();
    match due_now(store, client, clock.now())?.into_iter().find(real) {
        Some(client) => Err(EngineError::UnrealClock(client.to_string())),
        None => Ok(()),
    }
}
