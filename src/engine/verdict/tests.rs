//! `why` against a run: what it says of an item is what a run does to it at that moment, in random states of the queue.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{TimeDelta, Weekday};
use proptest::prelude::*;

use super::*;
use crate::clock::ManualClock;
use crate::dispatch::{AlwaysOpen, Answer, Lease, LeaseFolder, Scripted};
use crate::engine::{Dispatchers, Engine, RunRequest};
use crate::model::{
    Actor, AttemptId, CallResult, ClientId, DispatchKind, DispatchSettings, ItemId, Outcome, Priority, RunId, Status,
};
use crate::random::{CountingRandom, Random};
use crate::scheduler::{Holidays, HoursPolicy, Limits, OrderPolicy, PolicyBook, PrimeHours, RetryPolicy, WeeklyHours};
use crate::store::{
    Access, Added, Candidate, ClaimRules, Claims, ClientState, Conclusion, Decision, Edit, Finish, Group, NewAttempt,
    NewItem, Targets,
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
            so_far: None,
        };
        let mut rules = Claim { only: item, bench: &self.leases, random: &mut self.random, now, lease: None };
        self.store.turn(&Claims { finished: &[finish], limit: 0, ..claims }, &mut rules).unwrap();
        lease.remove().unwrap();
    }

    /// Whether one run at `now` calls the item.
    fn run_calls(&mut self, policy: &Policy, item: ItemId, now: DateTime<Utc>) -> bool {
        let mut stage = None;
        let dispatchers = Dispatchers::new(Vec::new(), 0, Arc::new(AlwaysOpen)).with_every_call(|sender| {
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

/// When it is, and what the policy says about that.
#[derive(Debug, Clone)]
struct Hours {
    /// Minutes from the beginning of two weeks.
    now: i64,
    zone: &'static str,
    business: &'static str,
    calling: &'static str,
    prime: Vec<u8>,
    is_holiday: bool,
    lead_zones: Vec<&'static str>,
}

/// Everything that a case is made of; times in minutes from now.
#[derive(Debug, Clone)]
struct Case {
    hours: Hours,
    kind: DispatchKind,
    limits: Limits,
    priority: Priority,
    scheduled: i64,
    expires: Option<i64>,
    returned_until: Option<i64>,
    is_cancelled: bool,
    phone: Option<&'static str>,
    rival_phone: Option<&'static str>,
    open_calls: usize,
    ended_calls: Vec<i64>,
    pauses: Vec<(bool, Option<i64>)>,
}

prop_compose! {
    fn hours()(
        now in 0_i64..14 * 24 * 60,
        zone in prop::sample::select(vec!["America/New_York", "Europe/Berlin", "Asia/Kolkata"]),
        business in prop::sample::select(vec!["00:00-24:00", "00:00-24:00", "09:00-17:00", "20:00-04:00"]),
        calling in prop::sample::select(vec!["00:00-24:00", "08:00-21:00"]),
        prime in prop::sample::select(vec![vec![], vec![9, 10, 11, 14, 15, 16]]),
        is_holiday in prop::bool::weighted(0.1),
        lead_zones in prop::sample::select(vec![vec![], vec!["America/Los_Angeles"], vec!["UTC", "Asia/Tokyo"]]),
    ) -> Hours {
        Hours { now, zone, business, calling, prime, is_holiday, lead_zones }
    }
}

prop_compose! {
    fn case()(
        hours in hours(),
        kind in prop_oneof![4 => Just(DispatchKind::Simulate), 1 => Just(DispatchKind::None)],
        (max_concurrent, max_per_minute) in (1_u32..4, 0_u32..4),
        priority in prop::sample::select(Priority::ALL.to_vec()),
        scheduled in prop_oneof![4 => -300_i64..=0, 1 => 1_i64..300],
        expires in prop::option::weighted(0.3, prop_oneof![1 => -60_i64..=0, 3 => 1_i64..600]),
        returned_until in prop::option::weighted(0.3, -60_i64..60),
        is_cancelled in prop::bool::weighted(0.05),
        (phone, rival_phone) in (
            prop::option::of(prop::sample::select(vec!["+12125550101", "+12125550102"])),
            prop::option::of(Just("+12125550101")),
        ),
        open_calls in 0_usize..3,
        ended_calls in prop::collection::vec(prop_oneof![Just(-2_i64), Just(0)], 0..3),
        pauses in prop_oneof![
            3 => Just(Vec::new()),
            1 => prop::collection::vec((any::<bool>(), prop::option::of(1_i64..300)), 1..3),
        ],
    ) -> Case {
        Case {
            hours, kind, limits: Limits { max_concurrent, max_per_minute }, priority, scheduled, expires, returned_until, is_cancelled, phone, rival_phone, open_calls, ended_calls,
            pauses,
        }
    }
}

impl Case {
    /// Two weeks, with the night on which clocks change in New York.
    fn now(&self) -> DateTime<Utc> {
        at("2026-10-26T00:00:00Z") + TimeDelta::minutes(self.hours.now)
    }

    fn policy(&self) -> Policy {
        use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
        let hours = |days: &[Weekday], span: &str| {
            days.iter().fold(WeeklyHours::closed(), |hours, day| hours.with(*day, vec![span.parse().unwrap()]))
        };
        let zone: crate::scheduler::Zone = self.hours.zone.parse().unwrap();
        let mut holidays = Holidays::default();
        if self.hours.is_holiday {
            holidays.add_date(zone.local(self.now()).date());
        }
        Policy {
            hours: HoursPolicy {
                zone,
                business: hours(&[Mon, Tue, Wed, Thu, Fri, Sat], self.hours.business),
                prime: PrimeHours::new(self.hours.prime.iter().copied()).unwrap(),
                calling: hours(&[Mon, Tue, Wed, Thu, Fri, Sat, Sun], self.hours.calling),
                holidays,
            },
            retry: RetryPolicy {
                max_retries: 3,
                delays: vec![TimeDelta::minutes(5)],
                multiplier: 2.0,
                max_delay: TimeDelta::hours(24),
                jitter: 0.0,
            },
            order: OrderPolicy { weights: [100.0, 75.0, 50.0, 25.0], aging: 10.0 },
            limits: self.limits,
            country_code: None,
            dispatch: DispatchSettings { kind: self.kind, ..DispatchSettings::default() },
        }
    }

    /// Whether the item was claimed an hour and a half ago: nothing stood in the way then.
    fn was_called(&self) -> bool {
        let number_was_free = self.phone.is_none() || self.phone != self.rival_phone;
        number_was_free && self.scheduled <= -90 && self.expires.is_none_or(|expires| expires > -90)
    }

    /// Builds the state: the item in question is the only one of its client that waits.
    fn build(&self, bench: &mut Bench) -> ItemId {
        let (now, by) = (self.now(), Actor::named("tester"));
        let minutes = |minutes: i64| now + TimeDelta::minutes(minutes);
        for number in 0..self.open_calls {
            let open = bench.add("acme", &new_item(&format!("open-{number}"), minutes(-400)), minutes(-400));
            bench.call(open, None, minutes(-30));
        }
        for (number, started) in self.ended_calls.iter().enumerate() {
            let ended = bench.add("acme", &new_item(&format!("ended-{number}"), minutes(-400)), minutes(-400));
            bench.call(
                ended,
                Some((Outcome::Completed, Conclusion::Completed)),
                minutes(*started) - TimeDelta::seconds(5),
            );
        }
        if let Some(phone) = self.rival_phone {
            let rival = NewItem { phone: Some(phone.parse().unwrap()), ..new_item("rival", minutes(-400)) };
            let rival = bench.add("globex", &rival, minutes(-400));
            bench.call(rival, None, minutes(-30));
        }
        let new = NewItem {
            priority: self.priority,
            expires_at: self.expires.map(minutes),
            phone: self.phone.map(|phone| phone.parse().unwrap()),
            zones: self.hours.lead_zones.iter().map(|zone| zone.parse().unwrap()).collect(),
            ..new_item("target", minutes(self.scheduled))
        };
        let item = bench.add("acme", &new, minutes(-400));
        if let Some(until) = self.returned_until.filter(|_| self.was_called()) {
            let given_back = Conclusion::GivenBack { not_before: Some(minutes(until)) };
            bench.call(item, Some((Outcome::Returned, given_back)), minutes(-90));
        }
        for (is_everything, until) in &self.pauses {
            let client: ClientId = "acme".parse().unwrap();
            let whose = Some(&client).filter(|_| !is_everything);
            bench.store.pause(whose, until.map(minutes), None, &by, minutes(-10)).unwrap();
        }
        if self.is_cancelled {
            let cancel = |item: &Item, _| -> Decision<()> {
                Decision::Write(Box::new(Item { status: Status::Cancelled, not_before: None, ..item.clone() }))
            };
            let edit = Edit { by: &by, at: minutes(-5), reason: None };
            bench.store.edit(&Targets::Ids(vec![(item, item)]), &edit, cancel).unwrap();
        }
        item
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
            let endless = ["dispatcher", "capacity", "number_in_use"];
            let gates = gates(&bench.store, &policy, &item, at).unwrap();
            gates.iter().all(|gate| gate.open || endless.contains(&gate.gate))
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
