//! What the configuration says about the law of a client's calls.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{CapLimit, ConsentKind, Purpose, ShippedRules, UnknownNumber, Voice};

/// The keys of `[defaults.law]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LawPolicy {
    /// What the calls are for. Unset: hours and caps as for sales; consent and registries are not asked.
    pub purpose: Option<Purpose>,
    /// What speaks.
    pub voice: Voice,
    /// Whether the rules that come with the program hold.
    pub rules: ShippedRules,
    /// Rules that are taken out, each with the reason: the only way to widen.
    pub rules_off: BTreeMap<String, String>,
    /// Calls to one number, on top of what the rules say.
    pub caps: Vec<CapLimit>,
    /// After a call to a number, no call to it for another item of the client; zero is off.
    pub number_rest: TimeDelta,
    /// What holds for a number that points nowhere, when no region is known.
    pub unknown_number: UnknownNumber,
    /// The registries whose copies must be fresh, cover the number and not list it.
    pub registries: Vec<String>,
    /// How old a copy may be.
    pub registry_max_age: TimeDelta,
    /// The consents that open a number that a registry lists.
    pub registry_lifted_by: Vec<ConsentKind>,
}

/// Before any key is read; the built-in values stand in the table of keys.
impl Default for LawPolicy {
    fn default() -> LawPolicy {
        LawPolicy {
            purpose: None,
            voice: Voice::Ai,
            rules: ShippedRules::Builtin,
            rules_off: BTreeMap::new(),
            caps: Vec::new(),
            number_rest: TimeDelta::zero(),
            unknown_number: UnknownNumber::CallingHours,
            registries: Vec::new(),
            registry_max_age: TimeDelta::zero(),
            registry_lifted_by: Vec::new(),
        }
    }
}

impl LawPolicy {
    /// How many days old the copy of a registry may be.
    pub fn registry_max_age_days(&self) -> u32 {
        u32::try_from(self.registry_max_age.num_days()).unwrap_or(u32::MAX)
    }
}
