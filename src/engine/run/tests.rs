//! Tests of whole runs: a real database, a clock that stands still, outcomes by a script.

mod forgotten;
mod limits;
mod outcomes;
mod recovery;
mod reports;
mod starts;
mod stops;
mod watch;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use chrono::Weekday;
use tempfile::TempDir;

use super::*;
use crate::clock::ManualClock;
use crate::dispatch::{AlwaysOpen, Answer, Scripted, Stage};
use crate::interrupt::NoInterrupt;
use crate::model::{CallResult, DispatchSettings, Environment, Item, Outcome, Priority, Status};
use crate::random::CountingRandom;
use crate::scheduler::{Holidays, HoursPolicy, Limits, OrderPolicy, Policy, PrimeHours, RetryPolicy, WeeklyHours};
use crate::store::{Access, Added, Decision, Edit, Filter, Import, Imported, NewItem, Targets};

/// Monday, 10:00 in New York.
const MONDAY: &str = "2026-11-23T15:00:00Z";

/// What the machine calls this boot.
const BOOT: &str = "this boot";

struct Bench {
    folder: TempDir,
    store: Store,
    clock: Arc<ManualClock>,
    random: CountingRandom,
    policy: Policy,
    clients: BTreeMap<ClientId, Policy>,
    boot: &'static str,
}

fn policy() -> Policy {
    let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    let hours = |days: &[Weekday], span: &str| {
        days.iter().fold(WeeklyHours::closed(), |hours, day| hours.with(*day, vec![span.parse().unwrap()]))
    };
    Policy {
        hours: HoursPolicy {
            zone: "America/New_York".parse().unwrap(),
            business: hours(&week[..5], "09:00-17:00"),
            prime: PrimeHours::new([9, 10, 11, 14, 15, 16]).unwrap(),
            calling: hours(&week, "08:00-21:00"),
            holidays: Holidays::default(),
        },
        retry: RetryPolicy {
            max_retries: 3,
            delays: [5, 15, 30].map(TimeDelta::minutes).to_vec(),
            multiplier: 2.0,
            max_delay: TimeDelta::hours(24),
            jitter: 0.0,
        },
        order: OrderPolicy { weights: [100.0, 75.0, 50.0, 25.0], aging: 10.0 },
        limits: Limits { max_concurrent: 5, max_per_minute: 0 },
        country_code: None,
        dispatch: DispatchSettings { kind: DispatchKind::Simulate, ..DispatchSettings::default() },
    }
}

impl Bench {
    fn new() -> Bench {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("queue.db"), Access::Create).unwrap();
        let clock = Arc::new(ManualClock::at(MONDAY.parse().unwrap()));
        Bench {
            folder,
            store,
            clock,
            random: CountingRandom::default(),
            policy: policy(),
            clients: BTreeMap::new(),
            boot: BOOT,
        }
    }

    fn lead(&self, lead: &str) -> NewItem {
        NewItem {
            lead: lead.parse().unwrap(),
            key: None,
            priority: Priority::Normal,
            status: Status::Pending,
            scheduled_at: self.clock.now(),
            expires_at: None,
            max_retries: self.policy.retry.max_retries,
            phone: None,
            zones: Vec::new(),
            metadata: None,
        }
    }

    fn add(&mut self, client: &str, new: &NewItem) -> ItemId {
        let by = Actor::named("tester");
        match self.store.add(&client.parse().unwrap(), new, &mut |_| Ok(None), &by, self.clock.now()).unwrap() {
            Added::New(id) => id,
            other => panic!("{other:?}"),
        }
    }

    fn add_lead(&mut self, lead: &str) -> ItemId {
        let new = self.lead(lead);
        self.add("acme", &new)
    }

    /// One run in which each call is answered by `script`.
    fn run(
        &mut self,
        request: &RunRequest,
        script: impl FnMut(&Call) -> Answer + Send + 'static,
    ) -> (RunReport, Stage) {
        self.run_until(request, &NoInterrupt, script)
    }

    /// The same, ended by an interrupt.
    fn run_until(
        &mut self,
        request: &RunRequest,
        interrupt: &dyn Interrupt,
        script: impl FnMut(&Call) -> Answer + Send + 'static,
    ) -> (RunReport, Stage) {
        let mut stage = None;
        let dispatchers = Dispatchers::new(Environment::default(), 0, Arc::new(AlwaysOpen)).with_every_call(|sender| {
            let (scripted, scripted_stage) = Scripted::new(sender, script);
            stage = Some(scripted_stage);
            Box::new(scripted)
        });
        let policies = PolicyBook::new(self.policy.clone(), self.clients.clone());
        let leases = self.leases();
        let by = Actor::named("tester");
        let mut engine = Engine {
            store: &mut self.store,
            policies: &policies,
            clock: &*self.clock,
            interrupt,
            random: &mut self.random,
            leases: &leases,
            dispatchers,
            inquiries: &mut Inquiries::of_nobody(),
            by: &by,
            boot: Some(self.boot),
        };
        let report = engine.run(request).unwrap();
        assert_eq!(self.store.miscounts().unwrap(), [], "what is counted twice agrees after every run");
        (report, stage.unwrap())
    }

    fn run_all(&mut self, answer: impl Fn(&Call) -> Answer + Send + 'static) -> (RunReport, Stage) {
        self.run(&RunRequest::default(), answer)
    }

    fn item(&self, id: ItemId) -> Item {
        self.store.item(id).unwrap().unwrap()
    }

    /// Says that no retry may follow the call that is open.
    fn withdraw(&mut self, id: ItemId) {
        let by = Actor::named("tester");
        let edit = Edit { by: &by, at: self.clock.now(), reason: None };
        let withdraw = |item: &Item, _| Decision::<()>::Write(Box::new(Item { withdrawn: true, ..item.clone() }));
        self.store.edit(&Targets::Ids(vec![(id, id)]), &edit, withdraw).unwrap();
    }

    fn leases(&self) -> LeaseFolder {
        LeaseFolder::open(&self.folder.path().join("queue.db"))
    }

    fn leases_left(&self) -> usize {
        self.leases().attempts().unwrap().len()
    }
}

/// Moves the clock on whenever a run or a watch pauses, then does what the test says, which may be a signal.
struct Pauses<F> {
    clock: Arc<ManualClock>,
    step: RefCell<F>,
    signal: Cell<Option<u8>>,
}

impl<F: FnMut(&ManualClock) -> Option<u8>> Pauses<F> {
    fn new(bench: &Bench, step: F) -> Pauses<F> {
        Pauses { clock: bench.clock.clone(), step: RefCell::new(step), signal: Cell::new(None) }
    }
}

impl<F: FnMut(&ManualClock) -> Option<u8>> Interrupt for Pauses<F> {
    fn signal(&self) -> Option<u8> {
        self.signal.get()
    }

    fn pause(&self, at_most: Duration) {
        assert!(self.signal.get().is_none(), "it was told to stop");
        self.clock.advance(TimeDelta::from_std(at_most).unwrap());
        self.signal.set((self.step.borrow_mut())(&self.clock));
    }
}

fn end(outcome: Outcome, reason: &str) -> Answer {
    Answer::Now(CallResult::of(outcome).because(reason))
}

fn no_answer(_: &Call) -> Answer {
    end(Outcome::Retry, "no_answer")
}

fn answered(_: &Call) -> Answer {
    end(Outcome::Completed, "answered")
}

fn started(stage: &Stage) -> Vec<ItemId> {
    stage.started().iter().map(|call| call.item).collect()
}
