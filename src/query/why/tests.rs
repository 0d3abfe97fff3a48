//! `why` against a run: what it says of an item is what a run does to it at that moment, in random states of the queue.

mod case;

use std::collections::BTreeMap;
use std::sync::Arc;

use case::case;
use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::clock::ManualClock;
use crate::contract::Gate;
use crate::dispatch::{AlwaysOpen, Answer, Lease, LeaseFolder, Scripted};
use crate::engine::{Dispatchers, Engine, RunRequest};
use crate::gates::Consequence;
use crate::model::{
    Actor, AttemptId, CallReport, CallResult, ClientId, Environment, ItemId, Outcome, Priority, ReportTarget, RunId,
    Status,
};
use crate::query::{DryRun, NextCalls, StatisticsRequest, statistics};
use crate::random::{CountingRandom, Random};
use crate::scheduler::PolicyBook;
use crate::store::{
    Added, Edit, Finish, NewAttempt, NewItem, QueueReader, Reported, Resolution, ResultEffect, StoreError,
};

/// A queue on disk with the leases of its open calls.
struct Sandbox {
    folder: tempfile::TempDir,
    store: Store,
    random: CountingRandom,
    leases: LeaseFolder,
    /// The leases of calls that another run has in progress.
    held: Vec<Lease>,
}

impl Sandbox {
    fn new() -> Sandbox {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("queue.db");
        let store = Store::empty(folder.path());
        Sandbox { folder, store, random: CountingRandom::default(), leases: LeaseFolder::open(&path), held: Vec::new() }
    }

    fn add(&mut self, client: &str, new: &NewItem, now: DateTime<Utc>) -> ItemId {
        match self.store.add(&client.parse().unwrap(), new, &mut |_| Ok(None), &Actor::named("tester"), now).unwrap() {
            Added::New(id) => id,
            other => panic!("{other:?}"),
        }
    }

    /// Begins a call of an item, and ends it when there is a resolution.
    fn call(&mut self, item: ItemId, outcome: Option<(Outcome, Resolution)>, now: DateTime<Utc>) {
        self.call_and_keep(item, outcome, None, now);
    }

    /// The same; the number stays taken until an instant.
    fn call_and_keep(
        &mut self,
        item: ItemId,
        outcome: Option<(Outcome, Resolution)>,
        number_taken_until: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) {
        let by = Actor::named("tester");
        let id = AttemptId::new(now, self.random.uuid_bytes());
        let run = RunId::new(now, self.random.uuid_bytes());
        let lease = self.leases.take(id).unwrap();
        let (run_started_at, at) = (now, now);
        let attempt =
            NewAttempt { id, dispatcher: "scripted", run, run_started_at, boot: None, by: &by, at, asked: None };
        self.store.claim_item(item, &attempt).unwrap();
        let Some((outcome, resolution)) = outcome else { return self.held.push(lease) };
        self.store.finish(&Finish {
            attempt: id,
            item,
            result: CallResult::of(outcome),
            resolution,
            finished_at: now,
            duration_ms: Some(0),
            business_ms: 0,
            number_taken_until,
            so_far: None,
        });
        lease.remove().unwrap();
    }

    /// A turn of a run under the caps of `law` looks at this item, when its client and its window are open.
    fn look_at(&mut self, item: ItemId, policy: &Policy, law: i64, now: DateTime<Utc>) {
        let waiting = self.store.item(item).unwrap().unwrap();
        let mut pauses = self.store.pauses(now).unwrap();
        // It looks at no item of a client that is paused.
        pauses.retain(|pause| !pause.is_whole());
        let mut turn = self.store.begin_turn().unwrap();
        turn.release_returned(now).unwrap();
        let mut number = turn.reader().number_facts(&waiting, gates::look_back(policy, &waiting.place), now).unwrap();
        number.lists = turn.reader().list_facts(&waiting, &gates::list_questions(policy, &waiting, now)).unwrap();
        let verdicts = gates::of_selected(&waiting, &number, &pauses, policy, now);
        if let Some(closed) = gates::closed_gate(verdicts)
            && let Consequence::BlockUntil(until) = gates::consequence(&closed, now)
        {
            turn.hold_until(item, until, closed.gate, law).unwrap();
        }
        turn.commit().unwrap();
    }

    /// A person says how an unknown call of an item ended.
    fn settle(&mut self, item: ItemId, now: DateTime<Utc>) {
        let by = Actor::named("tester");
        let result = CallResult::of(Outcome::Completed);
        let report = CallReport { target: ReportTarget::Item(item), result, duration_ms: None };
        let mut meaning = |_: &Item, _: &CallResult, _, _: QueueReader<'_>| ResultEffect {
            resolution: Resolution::Completed,
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
            observer: &crate::engine::Unobserved,
            random: &mut self.random,
            leases: &LeaseFolder::open(&self.folder.path().join("queue.db")),
            dispatchers,
            polling: &mut crate::engine::Polling::of_nobody(),
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
        asked_at: None,
        expires_at: None,
        max_retries: 3,
        phone: None,
        region: None,
        place: Default::default(),
        metadata: None,
        consent: None,
        promised_until: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_item_is_callable_exactly_when_a_run_calls_it(case in case()) {
        let mut sandbox = Sandbox::new();
        let id = case.build(&mut sandbox);
        let (policy, now) = (case.policy(), case.now());
        let item = sandbox.store.item(id).unwrap().unwrap();
        let answer = why(&sandbox.store, &policy, &item, now).unwrap();
        let called = sandbox.run_calls(&policy, id, now);
        // After a failed start the run finds out by one call whether the dispatcher works again: here it does.
        let is_open = answer.verdicts.iter().all(|verdict| verdict.open || verdict.is_of_failed_dispatcher());
        prop_assert_eq!(is_open, called, "{:?}", answer);
    }

    #[test]
    fn the_dry_run_the_figures_and_the_listing_agree_with_the_gates(case in case()) {
        let mut sandbox = Sandbox::new();
        let id = case.build(&mut sandbox);
        let (policy, now) = (case.policy(), case.now());
        let item = sandbox.store.item(id).unwrap().unwrap();
        let answer = why(&sandbox.store, &policy, &item, now).unwrap();
        let is_open = |ignored: &[Gate]| {
            answer.verdicts.iter().all(|verdict| verdict.open || ignored.contains(&verdict.gate))
        };
        let policies = PolicyBook::new(policy.clone(), BTreeMap::new());
        let mut named = Vec::new();
        let look = DryRun::new(&sandbox.store, &policies, None, now);
        look.each(u64::MAX, |item| { named.push(item.id); Ok::<(), StoreError>(()) }).unwrap();
        let is_ignored = |verdict: &Verdict| {
            verdict.is_of_failed_dispatcher() || matches!(verdict.gate, Gate::Capacity | Gate::RateLimit)
        };
        let is_callable = answer.verdicts.iter().all(|verdict| verdict.open || is_ignored(verdict));
        prop_assert_eq!(named.contains(&id), is_callable, "{:?}", answer);
        // What waits for its number is out of the queue, for the figures and the listing too.
        let of_due = answer.verdicts.iter().find(|verdict| verdict.gate == Gate::Due);
        if item.not_before.is_some_and(|until| until > now) && of_due.is_some_and(|due| due.open) {
            return Ok(());
        }
        // The figures ask for the due time, the expiry and the windows.
        let of_clients = [
            Gate::Dispatcher, Gate::Paused, Gate::Capacity, Gate::RateLimit, Gate::DoNotCall, Gate::Registry,
            Gate::Consent, Gate::Cap, Gate::NumberRest, Gate::NumberInUse,
        ];
        let figures = statistics(&sandbox.store, &policies, &StatisticsRequest::default(), now).unwrap();
        let of_figures: Vec<Gate> = of_clients.into_iter().chain([Gate::Configuration]).collect();
        prop_assert_eq!(figures.due_now == 1, is_open(&of_figures), "{:?}", answer);
        // The listing asks for all that has an end which an item knows.
        let listed = NextCalls::new(&policies, now).of(&item);
        prop_assert_eq!(listed == Some(now), is_open(&of_clients), "{:?}", answer);
    }

    #[test]
    fn the_next_instant_is_the_first_at_which_all_that_has_a_known_end_is_open(case in case(), part in 0.0_f64..1.0) {
        let mut sandbox = Sandbox::new();
        let id = case.build(&mut sandbox);
        let (policy, now) = (case.policy(), case.now());
        let item = sandbox.store.item(id).unwrap().unwrap();
        let is_open = |at: DateTime<Utc>| {
            // An open call to the number has no known end, an unknown one has. Nobody knows when a copy is imported.
            let endless = [Gate::Dispatcher, Gate::Capacity, Gate::NumberInUse];
            let verdicts = why(&sandbox.store, &policy, &item, at).unwrap().verdicts;
            verdicts.iter().all(|verdict| {
                let is_endless = endless.contains(&verdict.gate) && verdict.until.is_none();
                verdict.open || is_endless || gates::waits_for_import(verdict)
            })
        };
        let next = why(&sandbox.store, &policy, &item, now).unwrap().next_call_at();
        if let Some(next) = next {
            prop_assert!(next >= now && is_open(next), "{next}");
        }
        // Before the next instant it is closed at any time; without one, for a week.
        let until = next.unwrap_or(now + TimeDelta::days(7));
        let before = now + TimeDelta::milliseconds(((until - now).num_milliseconds() as f64 * part) as i64);
        prop_assert!(before >= until || !is_open(before), "{before} of {next:?}");
    }
}
