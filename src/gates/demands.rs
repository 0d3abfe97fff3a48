//! What rules and configuration ask of a number beside hours and caps: registries and consents.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::compliance::{Requirement, RuleBook};
use crate::model::{ConsentKind, LeadPlace, ListQuestions};
use crate::scheduler::{Policy, Zone};

/// What a call to a number needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Demands {
    /// Registries, by name, each with the days that its copy may be old.
    pub registries: BTreeMap<String, u32>,
    /// Consents, each with the id of the rule that requires it.
    pub consents: Vec<(ConsentKind, String)>,
    /// A consent lifts the caps of a rule.
    pub lifts_caps: bool,
}

impl Demands {
    /// What a call to a place needs at `now`. Without a purpose neither consent nor registries are asked.
    pub(crate) fn of(policy: &Policy, place: &LeadPlace, now: DateTime<Utc>) -> Demands {
        let law = &policy.law;
        let mut demands = Demands::default();
        if law.purpose.is_none() {
            return demands;
        }
        let max_age_of_client = law.registry_max_age_days();
        for name in &law.registries {
            demands.registries.insert(name.clone(), max_age_of_client);
        }
        let Some(book) = RuleBook::of(policy) else { return demands };
        let rules = book.demanding_in(&place.regions);
        let zones = if rules.is_empty() { Vec::new() } else { dates_of(policy, place) };
        for rule in rules.iter().filter(|rule| rule.is_in_force_at(&zones, now)) {
            for requirement in &rule.requires {
                match requirement {
                    Requirement::Consent(kind) => demands.consents.push((*kind, rule.id().to_owned())),
                    Requirement::Registry { name, max_age } => {
                        let known = demands.registries.entry(name.clone().into_owned()).or_insert(max_age_of_client);
                        *known = (*known).min(*max_age);
                    }
                    Requirement::UnlessConsent(_) => demands.lifts_caps = true,
                    Requirement::InternalDnc | Requirement::Ring(_) => {}
                }
            }
        }
        demands
    }

    /// What the store is asked for them.
    pub(crate) fn questions(&self) -> ListQuestions {
        ListQuestions {
            registries: self.registries.keys().cloned().collect(),
            consents: !self.registries.is_empty() || !self.consents.is_empty() || self.lifts_caps,
        }
    }
}

/// The clocks by whose dates a rule is in force: those of the lead, else the client's.
fn dates_of(policy: &Policy, place: &LeadPlace) -> Vec<Zone> {
    let mut zones: Vec<Zone> = place.zones.iter().filter_map(|name| name.as_str().parse().ok()).collect();
    if zones.is_empty() {
        zones.push(policy.hours.zone.clone());
    }
    zones
}
