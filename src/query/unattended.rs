//! Whether items may be called and nobody runs callq.

use chrono::{DateTime, TimeDelta, Utc};

use crate::contract::Unattended;
use crate::gates::{self, ClientFacts};
use crate::model::Status;
use crate::scheduler::PolicyBook;
use crate::store::{LastRun, Store, StoreResult};

/// When items may be called and no run came for three intervals of five minutes, the usual ones of cron, nobody runs callq.
const IDLE: TimeDelta = TimeDelta::minutes(15);

/// The items that may be called and wait for a run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ReadyItems {
    pub(super) items: u64,
    /// Since when the first of their clients' items is due.
    pub(super) oldest: Option<DateTime<Utc>>,
}

impl ReadyItems {
    /// Adds those of a client.
    pub(super) fn add(&mut self, items: u64, oldest: Option<DateTime<Utc>>) {
        if items > 0 {
            self.items += items;
            self.oldest = [self.oldest, oldest].into_iter().flatten().min();
        }
    }

    /// Whether they wait for long, and no run came.
    pub(super) fn unattended(self, last: Option<&LastRun>, is_calling: bool, now: DateTime<Utc>) -> Option<Unattended> {
        let is_running = is_calling && last.is_some_and(|run| run.finished_at.is_none());
        if is_running || self.oldest.is_none_or(|oldest| now - oldest < IDLE) {
            return None;
        }
        let idle = last.map(|run| now - run.finished_at.unwrap_or(run.started_at));
        idle.is_none_or(|idle| idle >= IDLE).then_some(Unattended { idle, due: self.items })
    }
}

/// The same of all clients, without the rest of `status`.
pub(crate) fn unattended(store: &Store, policies: &PolicyBook, now: DateTime<Utc>) -> StoreResult<Option<Unattended>> {
    store.at_one_instant(|store| {
        let queue = store.queue_facts(None)?;
        let due = store.due_by_client(None, &queue, now, &mut |client, place, priority| {
            gates::closed_window(policies.of(client), place, priority, now).is_none()
        })?;
        let mut ready = ReadyItems::default();
        for (client, due) in due {
            let policy = policies.of(&client);
            let activity = store.client_activity(&client, policy.limits.max_per_minute, now)?;
            let verdicts = gates::of_client(&ClientFacts { activity: &activity, run: None }, None, policy, now);
            if verdicts.iter().all(|verdict| verdict.open) {
                ready.add(due.counts.get(&true).copied().unwrap_or_default(), due.oldest);
            }
        }
        let is_calling = queue.counts.iter().any(|((_, status, _), items)| *status == Status::InProgress && *items > 0);
        Ok(ready.unattended(store.last_run()?.as_ref(), is_calling, now))
    })
}
