//! `why` against a run: what it says of an item is what a run does to it at that moment, in random states of the queue.

mod case;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use case::case;
use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::clock::ManualClock;
use crate::dispatch::{AlwaysOpen, Answer, Lease, LeaseFolder, Scripted};
use crate::engine::{Dispatchers, Engine, RunRequest};
use crate::model::{
    Actor, AttemptId, CallReport, CallResult, ClientId, Environment, ItemId, Outcome, Priority, ReportTarget, RunId,
    Status,
};
use crate::random::{CountingRandom, Random};
use crate::scheduler::PolicyBook;
use crate::store::{
    Access, Added, Candidate, ClaimRules, Claims, ClientState, Conclusion, Edit, Finish, Group, Meaning, NewAttempt,
    NewItem, Reported,
};

/// A queue on disk with the leases of its open calls.
struct Bench {
    folder: tempfile::TempDir,
    store: Store,
    random: CountingRandom,
    leases: LeaseFolder,
    /// The leases of calls that another run has in progress.
    held: Vec<Lease>,
}

/// A run that claims one item, whatever its gates say.
struct Claim<'a> {
    only: ItemId,
    bench: &'a LeaseFolder,
    random: &'a mut CountingRandom,
    now: DateTime<Utc>,
    lease: Option<Lease>,
}

impl ClaimRules for Claim<'_> {
    fn most_a_minute(&self, _: &ClientId) -> u32 {
        0
    }

    fn slots(&mut self, _: &ClientState) -> u32 {
        u32::MAX
    }

    fn is_open(&mut self, _: &Group) -> bool {
        true
    }

    fn order(&self, _: &ClientId, a: &Candidate, b: &Candidate) -> Ordering {
        a.id.cmp(&b.id)
    }

    fn passes_over(&self, item: ItemId) -> bool {
        item != self.only
    }

    fn begin(&mut self, _: &Item) -> StoreResult<NewAttempt> {
        let id = AttemptId::new(self.now, self.random.uuid_bytes());
        self.lease = Some(self.bench.take(id).unwrap());
        Ok(NewAttempt { id, dispatcher: "scripted" })
    }
}

impl Bench {
    fn new() -> Bench {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("queue.db");
        let store = Store::open(&path, Access::Create).unwrap();
        Bench { folder, store, random: CountingRandom::default(), leases: LeaseFolder::open(&path), held: Vec::new() }
    }

    fn add(&mut self, client: &str, new: &NewItem, now: DateTime<Utc>) -> ItemId {
        match self.store.add(&client.parse().unwrap(), new, &mut |_| Ok(None), &Actor::named("tester"), now).unwrap() {
            Added::New(id) => id,
            other => panic!("{other:?}"),
        }
    }

    /// Begins a call of an item, and ends it when there is a conclusion.
    fn call(&mut self, item: ItemId, outcome: Option<(Outcome, Conclusion)>, now: DateTime<Utc>) {
        self.call_and_keep(item, outcome, None, now);
    }

    /// The same; the number stays taken until an instant.
    fn call_and_keep(
        &mut self,
        item: ItemId,
        outcome: Option<(Outcome, Conclusion)>,
        number_taken_until: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) {
        let by = Actor::named("tester");
        let run = RunId::new(now, self.random.uuid_bytes());
        let claims =
            Claims { finished: &[], client: None, limit: 1, run, run_started_at: now, boot: None, by: &by, now };
        let mut rules = Claim { only: item, bench: &self.leases, random: &mut self.random, now, lease: None };
        let claimed = self.store.turn(&claims, &mut rules).unwrap().claimed;
        let lease = rules.lease.unwrap();
        let Some((outcome, conclusion)) = outcome else { return self.held.push(lease) };
        let finish = Finish {
            attempt: claimed[0].attempt,
            item,
            result: CallResult::of(outcome),
            conclusion,
            finished_at: now,
            duration_ms: Some(0),
            business_ms: 0,
            number_taken_until,
            so_far: None,
        };
        let mut rules = Claim { only: item, bench: &self.leases, random: &mut self.random, now, lease: None };
        self.store.turn(&Claims { finished: &[finish], limit: 0, ..claims }, &mut rules).unwrap();
        lease.remove().unwrap();
    }

    /// A turn of a run that would call nothing but this item.
    fn look_at(&mut self, item: ItemId, now: DateTime<Utc>) {
        let by = Actor::named("tester");
        let run = RunId::new(now, self.random.uuid_bytes());
        let claims =
            Claims { finished: &[], client: None, limit: 1, run, run_started_at: now, boot: None, by: &by, now };
        let mut rules = Claim { only: item, bench: &self.leases, random: &mut self.random, now, lease: None };
        assert_eq!(self.store.turn(&claims, &mut rules).unwrap().claimed, []);
    }

    /// A person says how an unknown call of an item ended.
    fn settle(&mut self, item: ItemId, now: DateTime<Utc>) {
        let by = Actor::named("tester");
        let result = CallResult::of(Outcome::Completed);
        let report = CallReport { target: ReportTarget::Item(item), result, duration_ms: None };
        let mut meaning = |_: &Item, _: &CallResult, _| Meaning {
            conclusion: Conclusion::Completed,
            business_ms: 0,
            number_taken_until: None,
        };
        let edit = Edit { by: &by, at: now, reason: None };
        assert_eq!(self.store.report(&[report], &edit, &mut meaning).unwrap(), [Reported::Settled(item)]);
    }

    /// Whether one run at `now` calls the item.
    fn run_calls(&mut self, policy: &Policy, item: ItemId, now: DateTime<Utc>) -> bool {
        let mut stage = None;
        let dispatchers = Dispatchers::new(Environment::default(), 0, Arc::new(AlwaysOpen)).with_every_call(|sender| {
            let (scripted, told) =
                Scripted::new(sender, |_| Answer::Now(CallResult::of(Outcome::Completed).because("answered")));
            stage = Some(told);
            Box::new(scripted)
        });
        let policies = PolicyBook::new(policy.clone(), BTreeMap::new());
        let mut engine = Engine {
            store: &mut self.store,
            policies: &policies,
            clock: &ManualClock::at(now),
            interrupt: &crate::interrupt::NoInterrupt,
            random: &mut self.random,
            leases: &LeaseFolder::open(&self.folder.path().join("queue.db")),
            dispatchers,
            inquiries: &mut crate::engine::Inquiries::of_nobody(),
            by: &Actor::named("tester"),
            boot: None,
        };
        engine.run(&RunRequest::default()).unwrap();
        stage.unwrap().started().iter().any(|call| call.item == item)
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn new_item(lead: &str, scheduled_at: DateTime<Utc>) -> NewItem {
    NewItem {
        lead: lead.parse().unwrap(),
        key: None,
        priority: Priority::Normal,
        status: Status::Pending,
        scheduled_at,
        expires_at: None,
        max_retries: 3,
        phone: None,
        zones: Vec::new(),
        metadata: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_item_is_callable_exactly_when_a_run_calls_it(case in case()) {
        let mut bench = Bench::new();
        let id = case.build(&mut bench);
        let (policy, now) = (case.policy(), case.now());
        let item = bench.store.item(id).unwrap().unwrap();
        let verdict = verdict(&bench.store, &policy, &item, now).unwrap();
        let called = bench.run_calls(&policy, id, now);
        prop_assert_eq!(verdict.is_callable(), called, "{:?}", verdict);
    }

    #[test]
    fn the_next_instant_is_the_first_at_which_all_that_has_a_known_end_is_open(case in case(), part in 0.0_f64..1.0) {
        let mut bench = Bench::new();
        let id = case.build(&mut bench);
        let (policy, now) = (case.policy(), case.now());
        let item = bench.store.item(id).unwrap().unwrap();
        let is_open = |at: DateTime<Utc>| {
            // An open call to the number has no known end, an unknown one has.
            let endless = ["dispatcher", "capacity", "number_in_use"];
            let gates = gates(&bench.store, &policy, &item, at).unwrap();
            gates.iter().all(|gate| gate.open || (endless.contains(&gate.gate) && gate.until.is_none()))
        };
        let next = verdict(&bench.store, &policy, &item, now).unwrap().next_call_at();
        if let Some(next) = next {
            prop_assert!(next >= now && is_open(next), "{next}");
        }
        // Before the next instant it is closed at any time; without one, for a week.
        let until = next.unwrap_or(now + TimeDelta::days(7));
        let before = now + TimeDelta::milliseconds(((until - now).num_milliseconds() as f64 * part) as i64);
        prop_assert!(before >= until || !is_open(before), "{before} of {next:?}");
    }
}
