//! What the configuration says of law: the purpose of the calls, and which rules, caps and registries hold.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{ConsentKind, Purpose, ShippedRules, UnknownNumber, Voice};

/// `law` of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LawPolicy {
    /// What the calls are for. Unset: hours and caps as for sales; consent and registries are not asked.
    pub purpose: Option<Purpose>,
    /// What speaks.
    pub voice: Voice,
    /// Whether the rules that come with the program hold.
    pub rules: ShippedRules,
    /// Rules that are taken out, each with the reason: the only way to widen.
    pub rules_off: BTreeMap<String, String>,
    /// What holds for a number that points nowhere, when no region is known.
    pub unknown_number: UnknownNumber,
    /// The registries whose copies must be fresh, cover the number and not list it.
    pub registries: Vec<String>,
    /// How old a copy may be.
    pub registry_max_age: TimeDelta,
    /// The consents that open a number that a registry lists.
    pub registry_lifted_by: Vec<ConsentKind>,
}
