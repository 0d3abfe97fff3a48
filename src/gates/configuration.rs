//! The client's own section of the configuration, and its calendars, can be read. Else nobody knows its hours.

use crate::contract::{Evidence, Gate, Verdict};
use crate::scheduler::Policy;

pub(super) fn ask(policy: &Policy) -> Verdict {
    Verdict::of(Gate::Configuration, policy.fault.is_none(), Evidence::Configuration(policy.fault.clone()))
}
