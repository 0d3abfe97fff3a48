//! The one way into the queue: what a request becomes, what a waiting item becomes by a later request, and the groups of
//! a batch. Flags and records of files come here alike.

mod batch;
mod groups;
mod place_slots;
mod places;
mod plan;
mod planner;
mod promise;
mod refusal;
mod requested_call;
mod revise;
mod send_again;
#[cfg(test)]
mod tests;

pub(crate) use batch::{Batch, Pace};
pub(crate) use places::{are_places_current, derive_places};
pub(crate) use planner::{NONE, Planner, Planners};
pub(crate) use promise::{PromiseTerms, Promised};
pub(crate) use refusal::{FieldError, Refusal};
pub(crate) use requested_call::RequestedCall;
pub(crate) use revise::Revised;
