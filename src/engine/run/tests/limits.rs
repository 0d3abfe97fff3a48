//! Who is called, in which order, and who is not.

use super::*;
use crate::contract::{DispatcherState, Evidence};

#[test]
fn urgent_comes_first_and_waiting_lifts_the_others() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.limits.max_concurrent = 1;
    let at = |hours: i64, priority, sandbox: &mut Sandbox| {
        let scheduled_at = sandbox.clock.now() - TimeDelta::hours(hours);
        let new = NewItem { priority, scheduled_at, ..sandbox.lead(&format!("{priority}-{hours}")) };
        sandbox.add("acme", &new)
    };
    let old_normal = at(3, Priority::Normal, &mut sandbox);
    let high = at(0, Priority::High, &mut sandbox);
    let ancient_normal = at(30, Priority::Normal, &mut sandbox);
    let urgent = at(0, Priority::Urgent, &mut sandbox);
    let new_normal = at(0, Priority::Normal, &mut sandbox);
    let (_, stage) = sandbox.run_all(answered);
    assert_eq!(started(&stage), [urgent, ancient_normal, old_normal, high, new_normal]);
}

#[test]
fn clients_take_turns_so_that_a_long_queue_blocks_no_other() {
    let mut sandbox = Sandbox::new();
    for n in 0..30 {
        let new = sandbox.lead(&format!("lead-{n}"));
        sandbox.add("large", &new);
    }
    let mut few = Vec::new();
    for n in 0..2 {
        let new = sandbox.lead(&format!("lead-{n}"));
        few.push(sandbox.add("small", &new));
    }
    let (_, stage) = sandbox.run(&RunRequest { limit: Some(4), ..RunRequest::default() }, answered);
    assert_eq!(started(&stage).iter().filter(|id| few.contains(id)).count(), 2);
}

#[test]
fn what_clients_share_is_divided_by_their_shares_over_many_runs() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.limits.max_concurrent = 10;
    let (large, small): (ClientId, ClientId) = ("large".parse().unwrap(), "small".parse().unwrap());
    let three = Policy { share: Share::new(3).unwrap(), ..sandbox.policy.clone() };
    sandbox.clients.insert(large.clone(), three);
    for n in 0..40 {
        let new = sandbox.lead(&format!("lead-{n}"));
        sandbox.add("large", &new);
        sandbox.add("small", &new);
    }
    let called = |sandbox: &mut Sandbox, client: Option<&ClientId>, limits: &[u64]| -> String {
        let mut called = String::new();
        for limit in limits {
            let request = RunRequest { limit: Some(*limit), client: client.cloned(), ..RunRequest::default() };
            let (_, stage) = sandbox.run(&request, answered);
            let first = |id: &ItemId| sandbox.item(*id).client.as_str()[..1].to_owned();
            called.extend(started(&stage).iter().map(first));
        }
        called
    };
    assert_eq!(called(&mut sandbox, None, &[1, 1, 2, 4, 5, 3]), "lsllslllslllslll");
    // Runs of its own put no client into debt, and another saves nothing up meanwhile.
    assert_eq!(called(&mut sandbox, Some(&large), &[5, 5]), "llllllllll");
    assert_eq!(called(&mut sandbox, None, &[1, 7]), "sllsllls");
    assert_eq!(called(&mut sandbox, Some(&small), &[5, 5]), "ssssssssss");
    assert_eq!(called(&mut sandbox, None, &[7, 1]), "lllsllls");
}

#[test]
fn one_number_has_one_open_call_also_across_clients() {
    let mut sandbox = Sandbox::new();
    let phone = Some("+12125550100".parse().unwrap());
    let new = NewItem { phone, ..sandbox.lead("a") };
    let (first, second) = (sandbox.add("acme", &new), sandbox.add("globex", &new));
    let store = Store::open(&sandbox.folder.path().join("queue.db"), Access::Read).unwrap();
    let (report, stage) = sandbox.run_all(move |call| {
        let other = if call.item.id == first { second } else { first };
        assert_ne!(store.item(other).unwrap().unwrap().status, Status::InProgress);
        end(Outcome::Completed, "answered")
    });
    assert_eq!((report.totals.successful, stage.started().len()), (2, 2));
}

#[test]
fn no_more_calls_than_allowed_are_open_at_once_or_start_in_a_minute() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.limits = Limits { max_concurrent: 3, max_per_minute: 7 };
    (0..20).for_each(|n| _ = sandbox.add_lead(&format!("lead-{n}")));
    let store = Store::open(&sandbox.folder.path().join("queue.db"), Access::Read).unwrap();
    let now = sandbox.clock.now();
    let (report, _) = sandbox.run_all(move |_| {
        let state = store.client_activity(&"acme".parse().unwrap(), 0, now).unwrap();
        assert!((1..=3).contains(&state.open_attempts), "{}", state.open_attempts);
        end(Outcome::Completed, "answered")
    });
    assert_eq!(report.totals.processed, 7);
    sandbox.clock.advance(TimeDelta::seconds(59));
    assert_eq!(sandbox.run_all(answered).0.totals.processed, 0);
    sandbox.clock.advance(TimeDelta::seconds(1));
    assert_eq!(sandbox.run_all(answered).0.totals.processed, 7);
}

#[test]
fn a_pause_holds_new_calls_and_ends_by_itself() {
    let mut sandbox = Sandbox::new();
    sandbox.add_lead("a");
    let (by, now) = (Actor::named("boss"), sandbox.clock.now());
    sandbox.store.pause(None, Some(now + TimeDelta::minutes(30)), Some("lunch"), &by, now).unwrap();
    sandbox.store.pause(Some(&"acme".parse().unwrap()), None, None, &by, now).unwrap();
    let (report, _) = sandbox.run_all(answered);
    assert_eq!((report.totals.processed, report.next_call_at), (0, None));
    sandbox.store.resume(Some(&"acme".parse().unwrap()), &[], &by, now).unwrap();
    let (report, _) = sandbox.run_all(answered);
    assert_eq!((report.totals.processed, report.next_call_at), (0, Some(now + TimeDelta::minutes(30))));
    sandbox.clock.advance(TimeDelta::minutes(30));
    assert_eq!(sandbox.run_all(answered).0.totals.successful, 1);
}

#[test]
fn an_item_withdrawn_while_its_call_goes_on_is_not_retried() {
    let mut sandbox = Sandbox::new();
    let id = sandbox.add_lead("a");
    let mut other = Store::open(&sandbox.folder.path().join("queue.db"), Access::Change).unwrap();
    let now = sandbox.clock.now();
    sandbox.run(&RunRequest::default(), move |call| {
        let (by, targets) = (Actor::named("boss"), Targets::Ids(vec![(call.item.id, call.item.id)]));
        let edit = Edit { by: &by, at: now, reason: None };
        other
            .edit(&targets, &edit, |item, _| Decision::<()>::Write(Box::new(Item { no_retry: true, ..item.clone() })))
            .unwrap();
        end(Outcome::Retry, "busy")
    });
    let item = sandbox.item(id);
    assert_eq!((item.status, item.no_retry, item.last_reason.as_deref()), (Status::Cancelled, false, Some("busy")));
}

#[test]
fn a_dispatcher_that_names_its_time_is_obeyed_inside_the_windows() {
    let mut sandbox = Sandbox::new();
    let id = sandbox.add_lead("a");
    let at: DateTime<Utc> = "2026-11-24T03:00:00Z".parse().unwrap();
    sandbox.run_all(move |_| {
        let result = CallResult { retry_at: Some(at), ..CallResult::of(Outcome::Retry) };
        Answer::Now(result)
    });
    assert_eq!(sandbox.item(id).scheduled_at, "2026-11-24T14:00:00Z".parse::<DateTime<Utc>>().unwrap());
}

#[test]
fn a_client_without_a_dispatcher_is_passed_over_and_told_how_to_get_one() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.dispatch.kind = DispatchKind::None;
    assert!(!sandbox.run_all(answered).0.nothing_configured, "nothing is due");
    let id = sandbox.add_lead("a");
    let before = sandbox.item(id);
    let (report, _) = sandbox.run_all(answered);
    assert!(report.nothing_configured);
    let blocked = report.clients[&"acme".parse().unwrap()].blocked_by.clone().unwrap();
    assert_eq!(blocked.evidence, Evidence::Dispatcher(DispatcherState::Missing));
    assert_eq!(sandbox.item(id), before);
}

#[test]
fn real_calls_are_refused_under_a_clock_that_is_not_the_machines() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.dispatch.kind = DispatchKind::Command;
    sandbox.add_lead("a");
    let policies = PolicyBook::new(sandbox.policy.clone(), BTreeMap::new());
    let leases = LeaseFolder::open(&sandbox.folder.path().join("queue.db"));
    let by = Actor::named("tester");
    let mut engine = Engine {
        store: &mut sandbox.store,
        policies: &policies,
        clock: &*sandbox.clock,
        interrupt: &NoInterrupt,
        observer: &crate::engine::Unobserved,
        random: &mut sandbox.random,
        leases: &leases,
        dispatchers: Dispatchers::new(Environment::default(), 0, Arc::new(AlwaysOpen)),
        polling: &mut Polling::of_nobody(),
        by: &by,
        boot: None,
    };
    assert!(matches!(engine.run(&RunRequest::default()), Err(EngineError::UnrealClock(_))));
}

#[test]
fn the_next_call_is_the_first_that_any_item_can_have_however_many_are_held_back() {
    for (count, held_back) in [(3, 2), (60, 2), (60, 40)] {
        let mut sandbox = Sandbox::new();
        let (by, now) = (Actor::named("boss"), sandbox.clock.now());
        for n in 0..count {
            let client = if n < held_back { "globex" } else { "acme" };
            let due = now + TimeDelta::minutes(n + 1);
            let later = NewItem { scheduled_at: due, status: Status::Scheduled, ..sandbox.lead(&n.to_string()) };
            sandbox.add(client, &later);
        }
        sandbox.store.pause(Some(&"globex".parse().unwrap()), None, None, &by, now).unwrap();
        let expected = now + TimeDelta::minutes(held_back + 1);
        assert_eq!(sandbox.run_all(answered).0.next_call_at, Some(expected), "{held_back} of {count}");
        sandbox.store.pause(None, None, None, &by, now).unwrap();
        assert_eq!(sandbox.run_all(answered).0.next_call_at, None);
    }
}
