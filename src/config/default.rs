//! The policy of the built-in values, for tests: only `keys` says what they are.

use super::load::load;
use super::locations::Locations;
use crate::model::DispatchSettings;
use crate::scheduler::Policy;

impl Default for Policy {
    fn default() -> Policy {
        Policy::clone(load(&Locations::default()).unwrap().policies.defaults())
    }
}

impl Default for DispatchSettings {
    fn default() -> DispatchSettings {
        Policy::default().dispatch
    }
}
