//! Which registries the calls of a queue ask, and how old a copy of each may be.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::gates::Demands;
use crate::model::{LeadPlace, RegistryCopy};
use crate::scheduler::PolicyBook;
use crate::store::{Store, StoreResult};

/// The days that the copy of each registry may be old, by the strictest client and rule that ask it.
pub(crate) struct RegistryAges {
    asked: BTreeMap<String, u32>,
    /// The days of a registry that nobody asks.
    usual: u32,
    today: NaiveDate,
}

impl RegistryAges {
    pub(crate) fn of(store: &Store, policies: &PolicyBook, now: DateTime<Utc>) -> StoreResult<RegistryAges> {
        let defaults = policies.defaults();
        Ok(RegistryAges {
            asked: asked(store, policies, now)?,
            usual: defaults.law.registry_max_age_days(),
            today: defaults.hours.zone.local(now).date(),
        })
    }

    /// The names of the registries that are asked.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &str> {
        self.asked.keys().map(String::as_str)
    }

    pub(crate) fn most_days(&self, name: &str) -> u32 {
        self.asked.get(name).copied().unwrap_or(self.usual)
    }

    /// The day on the clock of a client without a section.
    pub(crate) fn today(&self) -> NaiveDate {
        self.today
    }

    pub(crate) fn fresh_until(&self, copy: &RegistryCopy) -> NaiveDate {
        copy.fresh_until(self.most_days(&copy.name))
    }

    pub(crate) fn is_stale(&self, copy: &RegistryCopy) -> bool {
        self.today > self.fresh_until(copy)
    }
}

/// The registries that the configuration asks, or a rule of a place of some lead, each with the days that a copy may be old.
fn asked(store: &Store, policies: &PolicyBook, now: DateTime<Utc>) -> StoreResult<BTreeMap<String, u32>> {
    let mut asked: BTreeMap<String, u32> = BTreeMap::new();
    let mut asking = policies.all().filter(|policy| policy.law.purpose.is_some()).peekable();
    if asking.peek().is_none() {
        return Ok(asked);
    }
    let places = store.places()?;
    let nowhere = Arc::new(LeadPlace::default());
    for policy in asking {
        for place in places.values().chain([&nowhere]) {
            for (name, days) in Demands::of(policy, place, now).registries {
                let known = asked.entry(name).or_insert(days);
                *known = days.min(*known);
            }
        }
    }
    Ok(asked)
}
