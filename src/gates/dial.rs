//! What a call is asked under, for its receipt.

use chrono::{DateTime, Utc};

use super::cap::cap_tallies;
use super::demands::Demands;
use crate::compliance::{KeptPolicy, numbers_version};
use crate::model::{AskedRegistry, Consent, DialContext, DialRecord, Item, NumberFacts, RegistryFacts};
use crate::scheduler::{Policy, zone_data_version};

/// What is kept of a call that begins at `now`.
pub(crate) fn dial_record(
    item: &Item,
    number: &NumberFacts,
    policy: &Policy,
    kept: &KeptPolicy,
    now: DateTime<Utc>,
) -> DialRecord {
    let copies = number.lists.registries.iter().filter_map(|facts: &RegistryFacts| facts.copy.as_ref());
    let registries =
        copies.map(|copy| AskedRegistry { name: copy.name.clone(), as_of: copy.as_of, generation: copy.generation });
    let (_, cap_count) = cap_tallies(item, number, policy, now);
    let context = DialContext {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        zone_data: zone_data_version().to_owned(),
        numbers: numbers_version().to_owned(),
        rules_version: kept.rules_version.clone(),
        rules: kept.rules.hash.clone(),
        policy: kept.policy.hash.clone(),
        purpose: policy.law.purpose,
        voice: policy.law.voice,
        registries: registries.collect(),
    };
    let consent = opening_consent(item, number, policy, now).map(|consent| consent.id);
    DialRecord { context, texts: [kept.rules.clone(), kept.policy.clone()], consent, cap_count }
}

/// The consent that opened the call: the best one for what rules require, else one that lifts registries.
pub(crate) fn opening_consent<'n>(
    item: &Item,
    number: &'n NumberFacts,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Option<&'n Consent> {
    let demands = Demands::of(policy, &item.place, now);
    let mut holding = number.lists.consents.iter().filter(|consent| consent.holds_at(now));
    if !demands.consents.is_empty() {
        return holding.find(|consent| demands.consents.iter().any(|(wanted, _)| consent.new.kind.serves(*wanted)));
    }
    let lifts = |consent: &&Consent| policy.law.registry_lifted_by.iter().any(|kind| consent.new.kind.serves(*kind));
    if demands.registries.is_empty() { None } else { holding.find(lifts) }
}
