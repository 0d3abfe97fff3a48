//! Tests of whole runs: a real database, a clock that stands still, outcomes by a script.

mod caps;
mod claim_cost;
mod dry_run;
mod forecast;
mod forgotten;
mod limits;
mod outcomes;
mod promises;
mod recovery;
mod reports;
mod starts;
mod stops;
mod watch;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use tempfile::TempDir;

use super::*;
use crate::clock::ManualClock;
use crate::dispatch::{AlwaysOpen, Answer, Scripted, Stage};
use crate::interrupt::NoInterrupt;
use crate::model::{CallResult, Environment, Item, Outcome, Priority, Status};
use crate::random::CountingRandom;
use crate::scheduler::{Limits, Policy, Share};
use crate::store::{Access, Added, Decision, Edit, Filter, Import, Imported, NewItem, Targets};

/// Monday, 10:00 in New York.
const MONDAY: &str = "2026-11-23T15:00:00Z";

/// What the machine calls this boot.
const BOOT: &str = "this boot";

struct Sandbox {
    folder: TempDir,
    store: Store,
    clock: Arc<ManualClock>,
    random: CountingRandom,
    policy: Policy,
    clients: BTreeMap<ClientId, Policy>,
    boot: &'static str,
}

/// The built-in policy without chance, whose calls are played.
fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.retry.delays.truncate(3);
    policy.retry.jitter = 0.0;
    policy.dispatch.kind = DispatchKind::Simulate;
    policy
}

impl Sandbox {
    fn new() -> Sandbox {
        Sandbox::in_folder(TempDir::new().unwrap())
    }

    fn in_folder(folder: TempDir) -> Sandbox {
        let store = Store::empty(folder.path());
        let clock = Arc::new(ManualClock::at(MONDAY.parse().unwrap()));
        Sandbox {
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
            asked_at: None,
            expires_at: None,
            max_retries: self.policy.retry.max_retries,
            phone: None,
            region: None,
            place: Default::default(),
            metadata: None,
            consent: None,
            promised_until: None,
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
            observer: &crate::engine::Unobserved,
            random: &mut self.random,
            leases: &leases,
            dispatchers,
            polling: &mut Polling::of_nobody(),
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
        let withdraw = |item: &Item, _| Decision::<()>::Write(Box::new(Item { no_retry: true, ..item.clone() }));
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
    fn new(sandbox: &Sandbox, step: F) -> Pauses<F> {
        Pauses { clock: sandbox.clock.clone(), step: RefCell::new(step), signal: Cell::new(None) }
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
