//! The groups of a batch: how many leads start together, and when.

use chrono::{DateTime, TimeDelta, Utc};

use super::refusal::Refusal;
use crate::model::Priority;
use crate::scheduler::{LegalPlace, Policy, group_starts, why_never};

/// How a batch spreads over time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// The leads of a group.
    pub size: u64,
    /// From the start of one group to that of the next; 0 starts all at once.
    pub interval: TimeDelta,
}

/// The groups of a batch, one after the other: only the present one is kept.
pub(super) struct Groups<'a> {
    policy: &'a Policy,
    priority: Priority,
    pace: Pace,
    starts: Box<dyn Iterator<Item = DateTime<Utc>> + 'a>,
    /// From here on the slot of the present group was searched.
    after: DateTime<Utc>,
    /// The start of the present group, once there is one.
    start: Option<DateTime<Utc>>,
    /// So many leads have joined the present group.
    leads: u64,
    /// So many groups have leads.
    count: u64,
}

impl<'a> Groups<'a> {
    /// Group 0 starts at the slot of `at`, by the client's hours for the priority of the batch.
    pub(super) fn new(policy: &'a Policy, priority: Priority, at: DateTime<Utc>, pace: Pace) -> Groups<'a> {
        let starts =
            Box::new(group_starts(&policy.hours, LegalPlace::home(&policy.hours), priority, at, pace.interval));
        Groups { policy, priority, pace, starts, after: at, start: None, leads: 0, count: 0 }
    }

    /// The start of the group that the next lead belongs to.
    pub(super) fn start(&mut self) -> Result<DateTime<Utc>, Refusal> {
        if let Some(start) = self.start.filter(|_| self.leads < self.pace.size) {
            return Ok(start);
        }
        let Some(next) = self.starts.next() else { return Err(self.never()) };
        (self.start, self.leads) = (Some(next), 0);
        Ok(next)
    }

    /// Counts a lead that joins the present group.
    pub(super) fn join(&mut self) {
        // A group that no lead joins does not count.
        self.count += u64::from(self.leads == 0);
        self.leads += 1;
    }

    /// The groups that have leads.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    fn never(&self) -> Refusal {
        let hours = &self.policy.hours;
        let after = self.start.map_or(Some(self.after), |start| start.checked_add_signed(self.pace.interval));
        let never = after.and_then(|after| why_never(hours, &LegalPlace::home(hours), self.priority, after));
        Refusal::NoGroup(never.map(|never| never.to_string()).unwrap_or_default())
    }
}
