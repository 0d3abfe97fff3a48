//! One run: turns of record, claim and start, until nothing more is due and allowed.

mod claim;
mod ends;
mod left;
mod provider_updates;
mod turn;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use self::claim::KeptPolicies;
use super::best_hours::learn_hours;
use super::breaker::Breaker;
use super::dispatchers::Dispatchers;
use super::error::EngineError;
use super::observer::{RunObserver, RunProgress};
use super::provider::Polling;
use super::report::{RunReport, StoppedBy};
use super::unreal_clock::refuse_unreal_clock;
use crate::clock::Clock;
use crate::contract::Counts;
use crate::contract::Verdict;
use crate::dispatch::{AccountId, Call, Lease, LeaseFolder, write_result_file};
use crate::gates;
use crate::interrupt::Interrupt;
use crate::model::{Actor, AttemptId, ClientId, DispatchKind, Item, ItemId, RunId, StartedCall};
use crate::random::Random;
use crate::scheduler::{MOST_IN_FLIGHT, PolicyBook};
use crate::store::{Claimed, Finish, Store, StoreError};

/// What a run works with.
pub(crate) struct Engine<'a> {
    pub store: &'a mut Store,
    pub policies: &'a PolicyBook,
    pub clock: &'a dyn Clock,
    /// What asks it to stop: no claim is made any more, and what is in flight is finished.
    pub interrupt: &'a dyn Interrupt,
    /// What sees its calls.
    pub observer: &'a dyn RunObserver,
    pub random: &'a mut dyn Random,
    /// The leases of the database.
    pub leases: &'a LeaseFolder,
    pub dispatchers: Dispatchers,
    /// What the provider is asked beside that, from run to run.
    pub polling: &'a mut Polling,
    pub by: &'a Actor,
    /// The boot of the machine.
    pub boot: Option<&'a str>,
}

/// How far a run goes.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunRequest {
    /// Only items of this client.
    pub client: Option<ClientId>,
    /// The most attempts.
    pub limit: Option<u64>,
    /// No claim after so long; what is in flight is finished.
    pub max_runtime: Option<TimeDelta>,
    /// Go on until the calls that this run handed over are settled, and claim meanwhile what comes due.
    pub wait: bool,
}

/// No claim is made with less free space beside the database than this, in bytes.
pub(crate) const LEAST_FREE_SPACE: u64 = 16 * 1024 * 1024;

/// How long outcomes that cannot be written are tried again.
const WRITE_AGAIN_FOR: TimeDelta = TimeDelta::seconds(30);

/// A call that has been started and not recorded.
struct InFlight {
    item: Item,
}

/// A run that is going on.
struct Run<'e, 'a> {
    engine: &'e mut Engine<'a>,
    request: &'e RunRequest,
    report: RunReport,
    started_at: DateTime<Utc>,
    breaker: Breaker,
    in_flight: HashMap<AttemptId, InFlight>,
    /// Whose the calls are that have ended and are not on record.
    clients_of: HashMap<AttemptId, ClientId>,
    busy: HashMap<ClientId, u32>,
    passed_over: HashSet<ItemId>,
    blocked: BTreeMap<ClientId, Verdict>,
    any_other_outcome: bool,
    /// The clients whose dispatcher goes by a wrong clock, as the report says.
    wrong_clocks: HashSet<ClientId>,
    /// Stands for the caps in force.
    law: i64,
    kept: KeptPolicies,
}

impl Engine<'_> {
    /// Calls everything that is due and allowed, until nothing more is.
    ///
    /// # Errors
    /// When nothing could be begun: the database cannot be read, or real calls would be placed under a clock that is not the
    /// machine's. What fails later stands in the report.
    pub(crate) fn run(&mut self, request: &RunRequest) -> Result<RunReport, EngineError> {
        let started_at = self.clock.now();
        let run = RunId::new(started_at, self.random.uuid_bytes());
        let law = gates::law_in_force(self.policies);
        let report = RunReport {
            run,
            totals: Counts::default(),
            recovered: 0,
            settled: 0,
            not_recorded: 0,
            failed_uncalled: BTreeMap::new(),
            held_items: 0,
            forgotten_items: Vec::new(),
            nameless_leases: Vec::new(),
            clients: BTreeMap::new(),
            problems: Vec::new(),
            stopped_by: StoppedBy::Drained,
            duration: TimeDelta::zero(),
            next_call_at: None,
            wake_at: None,
            simulated: false,
            only_unavailable: false,
            any_unavailable: false,
            nothing_configured: false,
            failure: None,
        };
        Run {
            engine: self,
            request,
            report,
            started_at,
            breaker: Breaker::default(),
            in_flight: HashMap::new(),
            clients_of: HashMap::new(),
            busy: HashMap::new(),
            passed_over: HashSet::new(),
            blocked: BTreeMap::new(),
            any_other_outcome: false,
            wrong_clocks: HashSet::new(),
            law,
            kept: KeptPolicies::default(),
        }
        .go()
    }
}

impl Run<'_, '_> {
    fn go(mut self) -> Result<RunReport, EngineError> {
        let Engine { clock, store, policies, .. } = &*self.engine;
        refuse_unreal_clock(*clock, store, policies, self.request.client.as_ref())?;
        store.check_file()?;
        self.engine.polling.begin_run(self.started_at);
        self.recover(self.started_at)?;
        self.engine.store.judge_anew(self.law)?;
        self.engine.store.note_missed_callbacks(self.started_at)?;
        if self.engine.store.anything_due(self.started_at)? {
            let Engine { store, policies, .. } = &mut *self.engine;
            learn_hours(store, policies, self.request.client.as_ref(), self.started_at)?;
        }
        let mut finished: Vec<(Finish, Lease)> = Vec::new();
        loop {
            self.exchange_updates();
            let gave_up = match self.has_work(&finished) {
                Ok(true) => {
                    let room = self.room_for_claims();
                    self.turn(std::mem::take(&mut finished), room)
                }
                Ok(false) => 0,
                Err(error) if self.report.totals.processed + self.report.not_recorded == 0 => return Err(error),
                Err(error) => self.fail(error),
            };
            self.engine.observer.progress(&RunProgress {
                at: self.engine.clock.now(),
                clients: &self.report.clients,
                in_flight: &self.busy,
            });
            if self.in_flight.is_empty() {
                if gave_up > 0 && self.report.failure.is_none() {
                    continue;
                }
                if !self.awaits_answers() && !self.awaits_results() {
                    break;
                }
            }
            finished = self.await_ends();
        }
        Ok(self.finish_run())
    }

    /// Whether a turn can achieve anything. An idle run finds out by reading only.
    fn has_work(&self, finished: &[(Finish, Lease)]) -> Result<bool, EngineError> {
        if !finished.is_empty() || !self.in_flight.is_empty() {
            return Ok(true);
        }
        Ok(self.engine.store.anything_due(self.engine.clock.now())?)
    }

    /// How many more items may be claimed in this turn; notes why when none. After a failure none are: what is in flight
    /// is finished.
    fn room_for_claims(&mut self) -> usize {
        if self.report.failure.is_some() {
            return 0;
        }
        if self.must_stop() {
            return 0;
        }
        let started = self.report.totals.processed + self.in_flight.len() as u64;
        let left = self.request.limit.map_or(u64::MAX, |limit| limit.saturating_sub(started));
        if left == 0 {
            self.report.stopped_by = StoppedBy::Limit;
            return 0;
        }
        match self.engine.store.free_space() {
            Ok(LEAST_FREE_SPACE..) => {}
            Ok(_) => return self.fail(StoreError::NoSpace),
            Err(error) => return self.fail(error),
        }
        let free = MOST_IN_FLIGHT.saturating_sub(self.in_flight.len());
        free.min(usize::try_from(left).unwrap_or(usize::MAX))
    }

    /// What stops the run by now: a signal, or that its time is over.
    fn stop(&self) -> Option<StoppedBy> {
        let took = self.engine.clock.now() - self.started_at;
        let is_over = self.request.max_runtime.is_some_and(|most| took >= most);
        let signal = self.engine.interrupt.signal().map(StoppedBy::Signal);
        signal.or_else(|| is_over.then_some(StoppedBy::Runtime))
    }

    /// Whether the run stops by now; noted in the report.
    fn must_stop(&mut self) -> bool {
        let Some(stop) = self.stop() else { return false };
        if let StoppedBy::Signal(_) = stop {
            self.engine.interrupt.on_draining(self.in_flight.len());
        }
        self.report.stopped_by = stop;
        true
    }

    /// Whether the run waits for the results of calls that it handed over.
    fn awaits_results(&mut self) -> bool {
        let may_wait = self.request.wait && self.report.totals.accepted > 0 && self.report.failure.is_none();
        if !may_wait || self.must_stop() {
            return false;
        }
        // Nobody else may be there to settle a call whose result is overdue.
        let recovered = self.recover(self.engine.clock.now());
        let open = recovered.and_then(|()| Ok(self.engine.store.handed_over(self.report.run)?));
        match open {
            Ok(open) => open > 0,
            Err(error) => self.fail(error) > 0,
        }
    }

    /// Notes what ends the run once the calls in flight have ended.
    fn fail(&mut self, error: impl Into<EngineError>) -> usize {
        self.report.failure.get_or_insert(error.into());
        0
    }

    fn start(&mut self, claimed: Claimed, lease: Lease) {
        let Claimed { item, attempt, number } = claimed;
        let settings = &self.engine.policies.of(&item.client).dispatch;
        let named = StartedCall::of(attempt, number, &item, settings.kind.as_str(), self.report.run);
        self.report.simulated |= settings.kind == DispatchKind::Simulate;
        if let Some(account) = AccountId::of(settings) {
            self.engine.polling.capacities.begin(&account);
        }
        *self.busy.entry(item.client.clone()).or_default() += 1;
        let call = Call {
            attempt,
            number,
            item: item.clone(),
            started_at: item.updated_at,
            settings: Arc::new(settings.clone()),
            lease: lease.naming(&named),
            result_file: self.engine.leases.result_file(attempt),
        };
        self.in_flight.insert(attempt, InFlight { item });
        self.engine.dispatchers.start(call, &**self.engine.polling.provider());
    }

    /// Waits until a call ends, or something else may be called.
    fn await_ends(&mut self) -> Vec<(Finish, Lease)> {
        /// Other programs' changes, pauses among them, are noticed at least so often.
        const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(1);
        let now = self.engine.clock.now();
        let due = self.engine.store.next_due(now).unwrap_or_default();
        let wait = due.map_or(LONGEST_WAIT, |due| (due - now).min(LONGEST_WAIT));
        let wait = wait.to_std().unwrap_or(Duration::ZERO);
        if self.in_flight.is_empty() {
            if self.awaits_answers() {
                self.engine.polling.wait(wait);
            } else {
                self.engine.interrupt.pause(wait);
            }
            return Vec::new();
        }
        let ended = self.engine.dispatchers.wait(wait);
        let now = self.engine.clock.now();
        ended.into_iter().filter_map(|ended| self.finish(ended, now)).collect()
    }
}

/// Leaves outcomes that cannot be recorded now beside their leases, in the place of what the programs said: that may not
/// count, as after a time-out. Where it cannot be done, a later run judges by what the program left. Gives back whether
/// all are there.
fn leave_results(finished: &[(Finish, Lease)]) -> bool {
    let mut all = true;
    for (finish, lease) in finished {
        all &= write_result_file(lease.result_file(), &finish.result).is_ok();
    }
    all
}

#[cfg(test)]
mod tests;
