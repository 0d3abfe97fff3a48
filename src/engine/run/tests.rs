//! Tests of whole runs: a real database, a clock that stands still, outcomes by a script.

use std::collections::BTreeMap;

use chrono::Weekday;
use tempfile::TempDir;

use super::*;
use crate::clock::ManualClock;
use crate::dispatch::{Answer, Scripted, Stage};
use crate::model::{CallResult, DispatchSettings, IfExists, Item, Priority, Status};
use crate::random::CountingRandom;
use crate::scheduler::{Holidays, HoursPolicy, Limits, OrderPolicy, Policy, PrimeHours, RetryPolicy, WeeklyHours};
use crate::store::{Access, Added, Decision, Edit, NewItem, Targets};

/// Monday, 10:00 in New York.
const MONDAY: &str = "2026-11-23T15:00:00Z";

struct Bench {
    folder: TempDir,
    store: Store,
    clock: ManualClock,
    random: CountingRandom,
    policy: Policy,
    clients: BTreeMap<ClientId, Policy>,
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
        let clock = ManualClock::at(MONDAY.parse().unwrap());
        Bench { folder, store, clock, random: CountingRandom::default(), policy: policy(), clients: BTreeMap::new() }
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
        match self.store.add(&client.parse().unwrap(), new, IfExists::Error, &by, self.clock.now()).unwrap() {
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
        let mut stage = None;
        let dispatchers = Dispatchers::new(Vec::new(), 0).with_every_call(|sender| {
            let (scripted, scripted_stage) = Scripted::new(sender, script);
            stage = Some(scripted_stage);
            Box::new(scripted)
        });
        let policies = PolicyBook::new(self.policy.clone(), self.clients.clone());
        let leases = LeaseFolder::open(&self.folder.path().join("queue.db"));
        let by = Actor::named("tester");
        let mut engine = Engine {
            store: &mut self.store,
            policies: &policies,
            clock: &self.clock,
            random: &mut self.random,
            leases: &leases,
            dispatchers,
            by: &by,
            boot: None,
        };
        let report = engine.run(request).unwrap();
        (report, stage.unwrap())
    }

    fn run_all(&mut self, answer: impl Fn(&Call) -> Answer + Send + 'static) -> (RunReport, Stage) {
        self.run(&RunRequest::default(), answer)
    }

    fn item(&self, id: ItemId) -> Item {
        self.store.item(id).unwrap().unwrap()
    }

    fn leases_left(&self) -> usize {
        LeaseFolder::open(&self.folder.path().join("queue.db")).attempts().unwrap().len()
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

#[test]
fn a_retry_is_called_again_when_due_and_ends_with_its_last_reason() {
    let mut bench = Bench::new();
    let id = bench.add_lead("a");
    let mut waits = Vec::new();
    for attempt in 1..=4_u32 {
        let (report, _) = bench.run_all(no_answer);
        assert_eq!(report.totals.processed, 1);
        let item = bench.item(id);
        assert_eq!((item.attempts, item.tries, item.retry_count()), (attempt, attempt, attempt - 1));
        if attempt < 4 {
            assert_eq!(item.status, Status::RetryScheduled);
            waits.push((item.scheduled_at - bench.clock.now()).num_minutes());
            let (idle, _) = bench.run_all(answered);
            assert_eq!(idle.totals.processed, 0, "it is not due yet");
            bench.clock.sleep_until(item.scheduled_at);
        }
    }
    assert_eq!(waits, [5, 15, 30]);
    let item = bench.item(id);
    assert_eq!((item.status, item.held, item.last_reason.as_deref()), (Status::Failed, false, Some("no_answer")));
    assert_eq!(bench.run_all(answered).0.totals.processed, 0, "it is not called a fifth time");
    assert_eq!(bench.leases_left(), 0);
}

#[test]
fn a_retry_that_falls_after_closing_waits_for_the_next_opening() {
    let mut bench = Bench::new();
    bench.clock.sleep_until("2026-11-23T21:58:00Z".parse().unwrap());
    let id = bench.add_lead("a");
    bench.run_all(no_answer);
    assert_eq!(bench.item(id).scheduled_at, "2026-11-24T14:00:00Z".parse::<DateTime<Utc>>().unwrap());
}

#[test]
fn a_due_item_waits_while_its_window_is_closed_and_nothing_is_written() {
    let mut bench = Bench::new();
    let id = bench.add_lead("a");
    bench.clock.sleep_until("2026-11-23T23:00:00Z".parse().unwrap());
    let before = bench.item(id);
    let (report, stage) = bench.run_all(answered);
    assert!(stage.started().is_empty());
    assert_eq!(bench.item(id), before);
    let acme = &report.clients[&"acme".parse().unwrap()];
    assert_eq!(acme.blocked_by.as_deref(), Some("window closed"));
    assert_eq!(report.next_call_at, Some("2026-11-24T14:00:00Z".parse().unwrap()));
}

#[test]
fn an_unknown_outcome_holds_the_item_and_is_not_retried() {
    let mut bench = Bench::new();
    let id = bench.add_lead("a");
    let (report, _) = bench.run_all(|_| end(Outcome::Unknown, "signal_9"));
    let item = bench.item(id);
    assert_eq!((item.status, item.held, report.totals.held), (Status::Failed, true, 1));
    bench.clock.advance(TimeDelta::hours(3));
    assert_eq!(bench.run_all(answered).0.totals.processed, 0);
    bench.policy.dispatch.on_unknown = crate::model::OnUnknown::Retry;
    let id = bench.add_lead("b");
    bench.run_all(|_| end(Outcome::Unknown, "signal_9"));
    assert_eq!(bench.item(id).status, Status::RetryScheduled);
}

#[test]
fn a_dispatcher_that_cannot_be_started_burns_no_retry_and_stops_the_client_at_once() {
    let mut bench = Bench::new();
    let ids: Vec<ItemId> = (0..20).map(|n| bench.add_lead(&format!("lead-{n}"))).collect();
    let before: Vec<Item> = ids.iter().map(|id| bench.item(*id)).collect();
    let (report, stage) = bench.run_all(|_| Answer::CannotStart("cannot start /nowhere".to_owned()));
    assert!(report.only_unavailable);
    assert_eq!(report.stopped_by, StoppedBy::Breaker);
    assert!(stage.started().len() <= 5, "only what was in flight");
    for (id, before) in ids.iter().zip(before) {
        let now = bench.item(*id);
        assert_eq!((now.status, now.tries, now.scheduled_at), (before.status, before.tries, before.scheduled_at));
    }
}

#[test]
fn after_a_breaker_the_next_run_probes_with_one_call() {
    let mut bench = Bench::new();
    (0..20).for_each(|n| _ = bench.add_lead(&format!("lead-{n}")));
    bench.run_all(|_| Answer::CannotStart("no".to_owned()));
    bench.clock.advance(TimeDelta::minutes(1));
    let (_, stage) = bench.run_all(|_| Answer::CannotStart("no".to_owned()));
    assert_eq!(stage.started().len(), 1);
    bench.clock.advance(TimeDelta::minutes(1));
    let (report, _) = bench.run_all(answered);
    assert_eq!((report.totals.successful, report.stopped_by), (20, StoppedBy::Drained));
}

#[test]
fn unavailable_outcomes_in_a_row_open_the_breaker() {
    let mut bench = Bench::new();
    bench.policy.limits.max_concurrent = 1;
    bench.policy.dispatch.breaker = 3;
    (0..10).for_each(|n| _ = bench.add_lead(&format!("lead-{n}")));
    let (report, stage) = bench.run_all(|_| end(Outcome::Unavailable, "exit_69"));
    assert_eq!(stage.started().len(), 3);
    assert_eq!(
        report.clients[&"acme".parse().unwrap()].blocked_by.as_deref(),
        Some("the dispatcher is at fault: exit_69")
    );
}

#[test]
fn a_returned_attempt_uses_no_retry_and_is_not_called_before_the_first_delay() {
    let mut bench = Bench::new();
    let id = bench.add_lead("a");
    let before = bench.item(id);
    let (report, stage) = bench.run_all(|_| end(Outcome::Returned, "later"));
    assert_eq!((stage.started().len(), report.totals.returned), (1, 1));
    let item = bench.item(id);
    assert_eq!((item.status, item.scheduled_at, item.tries), (before.status, before.scheduled_at, 0));
    assert_eq!(item.not_before, Some(bench.clock.now() + TimeDelta::minutes(5)));
    bench.clock.advance(TimeDelta::seconds(299));
    assert_eq!(bench.run_all(answered).0.totals.processed, 0);
    bench.clock.advance(TimeDelta::seconds(1));
    assert_eq!(bench.run_all(answered).0.totals.successful, 1);
}

#[test]
fn an_item_that_expires_while_it_waits_is_failed_and_not_called() {
    let mut bench = Bench::new();
    let expires_at = Some(bench.clock.now() + TimeDelta::minutes(10));
    let new = NewItem { expires_at, ..bench.lead("a") };
    let id = bench.add("acme", &new);
    bench.clock.advance(TimeDelta::minutes(10));
    let (report, _) = bench.run_all(answered);
    let item = bench.item(id);
    assert_eq!((report.totals.processed, item.status), (0, Status::Failed));
    assert_eq!(item.last_reason.as_deref(), Some("expired"));
}

#[test]
fn urgent_comes_first_and_waiting_lifts_the_others() {
    let mut bench = Bench::new();
    bench.policy.limits.max_concurrent = 1;
    let at = |hours: i64, priority, bench: &mut Bench| {
        let scheduled_at = bench.clock.now() - TimeDelta::hours(hours);
        let new = NewItem { priority, scheduled_at, ..bench.lead(&format!("{priority}-{hours}")) };
        bench.add("acme", &new)
    };
    let old_normal = at(3, Priority::Normal, &mut bench);
    let high = at(0, Priority::High, &mut bench);
    let ancient_normal = at(30, Priority::Normal, &mut bench);
    let urgent = at(0, Priority::Urgent, &mut bench);
    let new_normal = at(0, Priority::Normal, &mut bench);
    let (_, stage) = bench.run_all(answered);
    assert_eq!(started(&stage), [urgent, ancient_normal, old_normal, high, new_normal]);
}

#[test]
fn clients_take_turns_so_that_a_long_queue_blocks_no_other() {
    let mut bench = Bench::new();
    for n in 0..30 {
        let new = bench.lead(&format!("lead-{n}"));
        bench.add("large", &new);
    }
    let mut few = Vec::new();
    for n in 0..2 {
        let new = bench.lead(&format!("lead-{n}"));
        few.push(bench.add("small", &new));
    }
    let (_, stage) = bench.run(&RunRequest { limit: Some(4), ..RunRequest::default() }, answered);
    assert_eq!(started(&stage).iter().filter(|id| few.contains(id)).count(), 2);
}

#[test]
fn one_number_has_one_open_call_also_across_clients() {
    let mut bench = Bench::new();
    let phone = Some("+15550100".parse().unwrap());
    let new = NewItem { phone, ..bench.lead("a") };
    let (first, second) = (bench.add("acme", &new), bench.add("globex", &new));
    let store = Store::open(&bench.folder.path().join("queue.db"), Access::Read).unwrap();
    let (report, stage) = bench.run_all(move |call| {
        let other = if call.item.id == first { second } else { first };
        assert_ne!(store.item(other).unwrap().unwrap().status, Status::InProgress);
        end(Outcome::Completed, "answered")
    });
    assert_eq!((report.totals.successful, stage.started().len()), (2, 2));
}

#[test]
fn no_more_calls_than_allowed_are_open_at_once_or_start_in_a_minute() {
    let mut bench = Bench::new();
    bench.policy.limits = Limits { max_concurrent: 3, max_per_minute: 7 };
    (0..20).for_each(|n| _ = bench.add_lead(&format!("lead-{n}")));
    let store = Store::open(&bench.folder.path().join("queue.db"), Access::Read).unwrap();
    let now = bench.clock.now();
    let (report, _) = bench.run_all(move |_| {
        let state = store.client_state(&"acme".parse().unwrap(), now).unwrap();
        assert!((1..=3).contains(&state.open_attempts), "{}", state.open_attempts);
        end(Outcome::Completed, "answered")
    });
    assert_eq!(report.totals.processed, 7);
    bench.clock.advance(TimeDelta::seconds(59));
    assert_eq!(bench.run_all(answered).0.totals.processed, 0);
    bench.clock.advance(TimeDelta::seconds(1));
    assert_eq!(bench.run_all(answered).0.totals.processed, 7);
}

#[test]
fn a_pause_holds_new_calls_and_ends_by_itself() {
    let mut bench = Bench::new();
    bench.add_lead("a");
    let (by, now) = (Actor::named("boss"), bench.clock.now());
    bench.store.pause(None, Some(now + TimeDelta::minutes(30)), Some("lunch"), &by, now).unwrap();
    bench.store.pause(Some(&"acme".parse().unwrap()), None, None, &by, now).unwrap();
    let (report, _) = bench.run_all(answered);
    assert_eq!((report.totals.processed, report.next_call_at), (0, None));
    bench.store.resume(Some(&"acme".parse().unwrap()), &by, now).unwrap();
    let (report, _) = bench.run_all(answered);
    assert_eq!((report.totals.processed, report.next_call_at), (0, Some(now + TimeDelta::minutes(30))));
    bench.clock.advance(TimeDelta::minutes(30));
    assert_eq!(bench.run_all(answered).0.totals.successful, 1);
}

#[test]
fn an_item_withdrawn_while_its_call_goes_on_is_not_retried() {
    let mut bench = Bench::new();
    let id = bench.add_lead("a");
    let mut other = Store::open(&bench.folder.path().join("queue.db"), Access::Change).unwrap();
    let now = bench.clock.now();
    bench.run(&RunRequest::default(), move |call| {
        let (by, targets) = (Actor::named("boss"), Targets::Ids(vec![(call.item.id, call.item.id)]));
        let edit = Edit { by: &by, at: now, reason: None };
        other
            .edit(&targets, &edit, |item, _| Decision::<()>::Write(Box::new(Item { withdrawn: true, ..item.clone() })))
            .unwrap();
        end(Outcome::Retry, "busy")
    });
    let item = bench.item(id);
    assert_eq!((item.status, item.withdrawn, item.last_reason.as_deref()), (Status::Cancelled, false, Some("busy")));
}

#[test]
fn a_dispatcher_that_names_its_time_is_obeyed_inside_the_windows() {
    let mut bench = Bench::new();
    let id = bench.add_lead("a");
    let at: DateTime<Utc> = "2026-11-24T03:00:00Z".parse().unwrap();
    bench.run_all(move |_| {
        let result = CallResult { retry_at: Some(at), ..CallResult::of(Outcome::Retry) };
        Answer::Now(result)
    });
    assert_eq!(bench.item(id).scheduled_at, "2026-11-24T14:00:00Z".parse::<DateTime<Utc>>().unwrap());
}

#[test]
fn a_client_without_a_dispatcher_is_passed_over_and_told_how_to_get_one() {
    let mut bench = Bench::new();
    bench.policy.dispatch.kind = DispatchKind::None;
    assert!(!bench.run_all(answered).0.nothing_configured, "nothing is due");
    let id = bench.add_lead("a");
    let before = bench.item(id);
    let (report, _) = bench.run_all(answered);
    assert!(report.nothing_configured);
    let blocked = report.clients[&"acme".parse().unwrap()].blocked_by.clone().unwrap();
    assert!(blocked.contains("callq config set -c acme dispatch.kind command"), "{blocked}");
    assert_eq!(bench.item(id), before);
}

#[test]
fn real_calls_are_refused_under_a_clock_that_is_not_the_machines() {
    let mut bench = Bench::new();
    bench.policy.dispatch.kind = DispatchKind::Command;
    bench.add_lead("a");
    let policies = PolicyBook::new(bench.policy.clone(), BTreeMap::new());
    let leases = LeaseFolder::open(&bench.folder.path().join("queue.db"));
    let by = Actor::named("tester");
    let mut engine = Engine {
        store: &mut bench.store,
        policies: &policies,
        clock: &bench.clock,
        random: &mut bench.random,
        leases: &leases,
        dispatchers: Dispatchers::new(Vec::new(), 0),
        by: &by,
        boot: None,
    };
    assert!(matches!(engine.run(&RunRequest::default()), Err(EngineError::UnrealClock(_))));
}
