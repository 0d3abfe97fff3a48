//! What each outcome leads to.

use super::*;
use crate::contract::{DispatcherState, Evidence, Gate};

#[test]
fn a_retry_is_called_again_when_due_and_ends_with_its_last_reason() {
    let mut sandbox = Sandbox::new();
    let id = sandbox.add_lead("a");
    let mut waits = Vec::new();
    for attempt in 1..=4_u32 {
        let (report, _) = sandbox.run_all(no_answer);
        assert_eq!(report.totals.processed, 1);
        let item = sandbox.item(id);
        assert_eq!((item.attempts, item.counted_attempts, item.retry_count()), (attempt, attempt, attempt - 1));
        if attempt < 4 {
            assert_eq!(item.status, Status::RetryScheduled);
            waits.push((item.scheduled_at - sandbox.clock.now()).num_minutes());
            let (idle, _) = sandbox.run_all(answered);
            assert_eq!(idle.totals.processed, 0, "it is not due yet");
            sandbox.clock.sleep_until(item.scheduled_at);
        }
    }
    assert_eq!(waits, [5, 15, 30]);
    let item = sandbox.item(id);
    assert_eq!((item.status, item.held, item.last_reason.as_deref()), (Status::Failed, false, Some("no_answer")));
    assert_eq!(sandbox.run_all(answered).0.totals.processed, 0, "it is not called a fifth time");
    assert_eq!(sandbox.leases_left(), 0);
}

#[test]
fn a_retry_that_falls_after_closing_waits_for_the_next_opening() {
    let mut sandbox = Sandbox::new();
    sandbox.clock.sleep_until("2026-11-23T21:58:00Z".parse().unwrap());
    let id = sandbox.add_lead("a");
    sandbox.run_all(no_answer);
    assert_eq!(sandbox.item(id).scheduled_at, "2026-11-24T14:00:00Z".parse::<DateTime<Utc>>().unwrap());
}

#[test]
fn a_due_item_waits_while_its_window_is_closed_and_nothing_is_written() {
    let mut sandbox = Sandbox::new();
    let id = sandbox.add_lead("a");
    sandbox.clock.sleep_until("2026-11-23T23:00:00Z".parse().unwrap());
    let before = sandbox.item(id);
    let (report, stage) = sandbox.run_all(answered);
    assert!(stage.started().is_empty());
    assert_eq!(sandbox.item(id), before);
    let acme = &report.clients[&"acme".parse().unwrap()];
    assert_eq!(acme.blocked_by.as_ref().map(|closed| closed.gate), Some(Gate::BusinessHours));
    assert_eq!(report.next_call_at, Some("2026-11-24T14:00:00Z".parse().unwrap()));
}

#[test]
fn an_unknown_outcome_holds_the_item_and_is_not_retried() {
    let mut sandbox = Sandbox::new();
    let id = sandbox.add_lead("a");
    let (report, _) = sandbox.run_all(|_| end(Outcome::Unknown, "signal_9"));
    let item = sandbox.item(id);
    assert_eq!((item.status, item.held, report.totals.held), (Status::Failed, true, 1));
    sandbox.clock.advance(TimeDelta::hours(3));
    assert_eq!(sandbox.run_all(answered).0.totals.processed, 0);
    sandbox.policy.dispatch.on_unknown = crate::model::OnUnknown::Retry;
    let id = sandbox.add_lead("b");
    sandbox.run_all(|_| end(Outcome::Unknown, "signal_9"));
    assert_eq!(sandbox.item(id).status, Status::RetryScheduled);
}

#[test]
fn a_dispatcher_that_cannot_be_started_burns_no_retry_and_stops_the_client_at_once() {
    let mut sandbox = Sandbox::new();
    let ids: Vec<ItemId> = (0..20).map(|n| sandbox.add_lead(&format!("lead-{n}"))).collect();
    let before: Vec<Item> = ids.iter().map(|id| sandbox.item(*id)).collect();
    let (report, stage) = sandbox.run_all(|_| Answer::CannotStart("cannot start /nowhere".to_owned()));
    assert!(report.only_unavailable);
    assert_eq!(report.stopped_by, StoppedBy::Breaker);
    assert!(stage.started().len() <= 5, "only what was in flight");
    for (id, before) in ids.iter().zip(before) {
        let now = sandbox.item(*id);
        assert_eq!(
            (now.status, now.counted_attempts, now.scheduled_at),
            (before.status, before.counted_attempts, before.scheduled_at)
        );
    }
}

#[test]
fn after_a_breaker_the_next_run_probes_with_one_call() {
    let mut sandbox = Sandbox::new();
    (0..20).for_each(|n| _ = sandbox.add_lead(&format!("lead-{n}")));
    sandbox.run_all(|_| Answer::CannotStart("no".to_owned()));
    sandbox.clock.advance(TimeDelta::minutes(1));
    let (_, stage) = sandbox.run_all(|_| Answer::CannotStart("no".to_owned()));
    assert_eq!(stage.started().len(), 1);
    sandbox.clock.advance(TimeDelta::minutes(1));
    let (report, _) = sandbox.run_all(answered);
    assert_eq!((report.totals.successful, report.stopped_by), (20, StoppedBy::Drained));
}

#[test]
fn unavailable_outcomes_in_a_row_open_the_breaker() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.limits.max_concurrent = 1;
    sandbox.policy.dispatch.breaker = 3;
    (0..10).for_each(|n| _ = sandbox.add_lead(&format!("lead-{n}")));
    let (report, stage) = sandbox.run_all(|_| end(Outcome::Unavailable, "exit_69"));
    assert_eq!(stage.started().len(), 3);
    assert_eq!(
        report.clients[&"acme".parse().unwrap()].blocked_by.as_ref().map(|closed| &closed.evidence),
        Some(&Evidence::Dispatcher(DispatcherState::AtFault("exit_69".to_owned())))
    );
}

#[test]
fn a_returned_attempt_uses_no_retry_and_is_not_called_before_the_first_delay() {
    let mut sandbox = Sandbox::new();
    let id = sandbox.add_lead("a");
    let before = sandbox.item(id);
    let (report, stage) = sandbox.run_all(|_| end(Outcome::Returned, "later"));
    assert_eq!((stage.started().len(), report.totals.returned), (1, 1));
    let item = sandbox.item(id);
    assert_eq!((item.status, item.scheduled_at, item.counted_attempts), (before.status, before.scheduled_at, 0));
    assert_eq!(item.not_before, Some(sandbox.clock.now() + TimeDelta::minutes(5)));
    assert_eq!(report.next_call_at, item.not_before);
    sandbox.clock.advance(TimeDelta::seconds(299));
    assert_eq!(sandbox.run_all(answered).0.totals.processed, 0);
    sandbox.clock.advance(TimeDelta::seconds(1));
    assert_eq!(sandbox.run_all(answered).0.totals.successful, 1);
}

#[test]
fn an_item_that_expires_while_it_waits_is_failed_and_not_called() {
    let mut sandbox = Sandbox::new();
    let expires_at = Some(sandbox.clock.now() + TimeDelta::minutes(10));
    let new = NewItem { expires_at, ..sandbox.lead("a") };
    let id = sandbox.add("acme", &new);
    sandbox.clock.advance(TimeDelta::minutes(10));
    let (report, _) = sandbox.run_all(answered);
    let item = sandbox.item(id);
    assert_eq!((report.totals.processed, item.status), (0, Status::Failed));
    assert_eq!(item.last_reason.as_deref(), Some("expired"));
}

#[test]
fn all_that_has_expired_is_given_up_in_one_run_however_much_it_is() {
    let mut sandbox = Sandbox::new();
    let expires_at = Some(sandbox.clock.now() + TimeDelta::minutes(10));
    let leads: Vec<NewItem> =
        (0..1_200).map(|n| NewItem { expires_at, ..sandbox.lead(&format!("lead-{n}")) }).collect();
    let (client, by): (ClientId, Actor) = ("acme".parse().unwrap(), Actor::named("tester"));
    let import = Import { by: &by, now: sandbox.clock.now(), dry_run: false };
    sandbox
        .store
        .import(import, |writer| {
            let mut put = |new| writer.put(&client, None, new, &mut |_| Ok(None)).map(drop);
            leads.iter().try_for_each(&mut put).map(|()| Imported::Keep)
        })
        .unwrap();
    sandbox.clock.advance(TimeDelta::hours(1));
    sandbox.run_all(answered);
    let failed = Filter { statuses: vec![Status::Failed], ..Filter::default() };
    assert_eq!(sandbox.store.count(&failed).unwrap(), 1_200);
}
