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

pub use batch::{Batch, Pace};
pub use places::{are_places_current, derive_places};
pub use planner::{NONE, Planner, Planners};
pub use promise::PromiseTerms;
pub use refusal::{FieldError, Refusal};
pub use requested_call::RequestedCall;
pub use revise::Revised;
