//! The provider's account takes another call. Only a run asks the provider.

use super::{ClientFacts, verdict};
use crate::contract::{Evidence, Gate, ProviderState, Verdict};

pub(super) fn ask(client: &ClientFacts<'_>) -> Option<Verdict> {
    let state = client.run?.provider?;
    Some(verdict(Gate::ProviderCapacity, state == ProviderState::Available, Evidence::Provider(state)))
}
