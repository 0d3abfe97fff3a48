//! A real database in a folder of its own, with calls that start and end as a test says.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

use crate::contract::StatsView;
use crate::model::LeadPlace;
use crate::model::{Actor, AttemptId, BreakdownKey, CallResult, ItemId, Outcome, Priority, RunId, StatsBy, Status};
use crate::query::statistics::business_time;
use crate::query::{StatisticsRequest, statistics};
use crate::scheduler::{Policy, PolicyBook};
use crate::store::{Added, Finish, NewAttempt, NewItem, Resolution, Store};

/// An instant of RFC 3339.
pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Mondays to Fridays from 9 to 17, calling hours from 8 to 21.
pub(super) fn policy(zone: &str, max_concurrent: u32) -> Policy {
    let mut policy = Policy::default();
    policy.hours.zone = zone.parse().unwrap();
    policy.limits.max_concurrent = max_concurrent;
    policy
}

/// `acme` in New York may call twice at once, `zenith` in Berlin once.
pub(super) fn book() -> PolicyBook {
    let zenith = ("zenith".parse().unwrap(), policy("Europe/Berlin", 1));
    PolicyBook::new(policy("America/New_York", 2), BTreeMap::from([zenith]))
}

pub(super) struct Sandbox {
    pub(super) store: Store,
    policies: PolicyBook,
    calls: u64,
    folder: TempDir,
}

/// What [`Sandbox::add`] queues; the rest is as plain as can be.
pub(super) struct Lead {
    pub(super) client: &'static str,
    pub(super) name: String,
    pub(super) priority: Priority,
    pub(super) scheduled_at: DateTime<Utc>,
    pub(super) expires_at: Option<DateTime<Utc>>,
    pub(super) zones: Vec<&'static str>,
}

/// How [`Sandbox::call`] ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) outcome: Outcome,
    pub(super) reason: Option<&'static str>,
    pub(super) resolution: Resolution,
    pub(super) seconds: i64,
}

impl Sandbox {
    pub(super) fn new() -> Sandbox {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::empty(folder.path());
        Sandbox { store, policies: book(), calls: 0, folder }
    }

    pub(super) fn add(&mut self, lead: Lead) -> ItemId {
        let new = NewItem {
            lead: lead.name.parse().unwrap(),
            key: None,
            priority: lead.priority,
            status: Status::Scheduled,
            scheduled_at: lead.scheduled_at,
            asked_at: None,
            expires_at: lead.expires_at,
            max_retries: 3,
            phone: None,
            region: None,
            place: LeadPlace::of_zones(lead.zones.iter().map(|zone| zone.parse().unwrap()).collect()).into(),
            metadata: None,
            consent: None,
            promised_until: None,
        };
        let now = at("2026-11-23T00:00:00Z");
        let client = lead.client.parse().unwrap();
        match self.store.add(&client, &new, &mut |_| Ok(None), &Actor::named("ops"), now).unwrap() {
            Added::New(item) => item,
            other => panic!("{other:?}"),
        }
    }

    /// Calls an item at an instant, and ends the call; gives back whether the item could be claimed.
    pub(super) fn call(&mut self, item: ItemId, started_at: DateTime<Utc>, end: Option<End>) -> bool {
        self.calls += 1;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.calls.to_be_bytes());
        let attempt = AttemptId::new(started_at, random);
        let new = NewAttempt {
            id: attempt,
            dispatcher: "command",
            run: RunId::from_bytes([1; 16]),
            run_started_at: started_at,
            boot: None,
            by: &Actor::named("ops"),
            at: started_at,
            asked: None,
        };
        if self.store.claim_item(item, &new).is_none() {
            return false;
        }
        if let Some(end) = end {
            let finished_at = started_at + TimeDelta::seconds(end.seconds);
            let result = CallResult { reason: end.reason.map(str::to_owned), ..CallResult::of(end.outcome) };
            let duration_ms = end.seconds.unsigned_abs() * 1_000;
            let resolution = end.resolution;
            let client = self.store.item(item).unwrap().unwrap().client;
            let business_ms = business_time(&self.policies.of(&client).hours, started_at, finished_at);
            let duration_ms = Some(duration_ms);
            let finish = Finish {
                attempt,
                item,
                so_far: None,
                result,
                resolution,
                finished_at,
                duration_ms,
                business_ms,
                number_taken_until: None,
            };
            self.store.finish(&finish);
        }
        true
    }

    /// Runs statements of another program.
    pub(super) fn sabotage(&self, sql: &str) {
        rusqlite::Connection::open(self.folder.path().join("queue.db")).unwrap().execute_batch(sql).unwrap();
    }

    pub(super) fn statistics(&self, request: &StatisticsRequest, now: DateTime<Utc>) -> StatsView {
        statistics(&self.store, &self.policies, request, now).unwrap()
    }

    /// The rows of a breakdown of everything: key (with its weekday), items, attempts, completed.
    pub(super) fn rows(&self, by: BreakdownKey, now: DateTime<Utc>) -> Vec<(String, u64, u64, u64)> {
        let rows =
            self.statistics(&StatisticsRequest { by: Some(StatsBy::Key(by)), ..StatisticsRequest::default() }, now).by;
        rows.into_iter()
            .map(|row| {
                let key = row.weekday.map_or(row.key.clone(), |weekday| format!("{weekday} {}", row.key));
                (key, row.items, row.attempts, row.completed)
            })
            .collect()
    }
}
