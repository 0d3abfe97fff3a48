//! What the provider is asked beside placing calls.
//!
//! `polling` asks, each question on a thread of its own; `capacity` keeps how many more calls each account takes; `doubts`
//! has the calls that are looked up.

mod capacity;
mod doubts;
mod polling;

pub(in crate::engine) use capacity::{Capacities, ProviderCapacity};
pub(in crate::engine) use doubts::{Doubt, Doubts, Unanswered};
pub(crate) use polling::Polling;
pub(in crate::engine) use polling::ProviderUpdate;
