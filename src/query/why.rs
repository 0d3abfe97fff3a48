//! What `why` tells of an item: every gate's verdict, and the next instant at which all of them can be open.

use chrono::{DateTime, Utc};

use super::best_hours::BestHours;
use crate::contract::{BestHoursView, NextCall, Verdict};
use crate::gates::{self, ClientFacts, Facts};
use crate::model::Item;
use crate::scheduler::{GroupHours, Policy};
use crate::store::{Store, StoreResult};

/// The answer of [`why`].
#[derive(Debug, Clone)]
pub(crate) struct WhyAnswer {
    /// The gates, in the order in which a run asks.
    pub verdicts: Vec<Verdict>,
    /// When it can be called.
    pub next: NextCall,
    /// The first slot from now on by the hours alone, whatever the due time says.
    pub slot: Option<DateTime<Utc>>,
    /// What its hour adds to the order; none where no hours are learned, and for a promised call.
    pub hours: Option<GroupHours>,
}

impl WhyAnswer {
    /// Whether a run would call the item now.
    pub(crate) fn is_callable(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.open)
    }

    /// The next instant at which the item can be called.
    pub(crate) fn next_call_at(&self) -> Option<DateTime<Utc>> {
        match self.next {
            NextCall::At(instant) => Some(instant),
            NextCall::ExpiresBefore(_) | NextCall::Never => None,
        }
    }

    /// What the hour of `now` adds to the place of the item in the order.
    pub(crate) fn best_hours(&self, now: DateTime<Utc>) -> Option<BestHoursView> {
        let hours = self.hours.as_ref()?;
        Some(BestHoursView {
            hour: hours.zone().local(now).format("%a %H").to_string(),
            best_guess: hours.rate(now).map_or(hours.mean(), |rate| rate.mean),
            mean: hours.mean(),
            calls: hours.calls(),
            points: hours.points(now),
        })
    }
}

/// Asks all gates about an item at `now`.
pub(crate) fn why(store: &Store, policy: &Policy, item: &Item, now: DateTime<Utc>) -> StoreResult<WhyAnswer> {
    let activity = store.client_activity(&item.client, policy.limits.max_per_minute, now)?;
    let mut number = store.reader().number_facts(item, gates::look_back(policy, &item.place), now)?;
    number.lists = store.reader().list_facts(item, &gates::list_questions(policy, item, now))?;
    let client = ClientFacts { activity: &activity, run: None };
    let verdicts = gates::evaluate(&Facts { item, client, number: &number }, policy, now);
    let next = gates::next_call(policy, item, &verdicts, now);
    let hours = match item.status.is_waiting() && item.promise.is_none() {
        true => BestHours::new(now).of(store.reader(), policy, &item.client, &item.place, item.priority)?,
        false => None,
    };
    Ok(WhyAnswer { verdicts, next, slot: gates::slot_of(policy, item, now), hours })
}

#[cfg(test)]
mod tests;
