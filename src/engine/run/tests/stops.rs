//! What ends a run before there is nothing left to call, and what it waits for when asked to.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// A signal that comes when the test says so.
#[derive(Clone, Default)]
struct Told(Arc<AtomicBool>);

impl Interrupt for Told {
    fn signal(&self) -> Option<u8> {
        self.0.load(Ordering::SeqCst).then_some(15)
    }

    fn pause(&self, _at_most: Duration) {}
}

#[test]
fn after_a_signal_nothing_more_is_claimed_and_what_is_in_flight_is_recorded() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.limits.max_concurrent = 2;
    (0..6).for_each(|n| _ = sandbox.add_lead(&format!("lead-{n}")));
    let told = Told::default();
    let signal = told.clone();
    let (report, stage) = sandbox.run_until(&RunRequest::default(), &told, move |_| {
        signal.0.store(true, Ordering::SeqCst);
        end(Outcome::Completed, "answered")
    });
    assert_eq!((report.totals.successful, report.stopped_by), (2, StoppedBy::Signal(15)));
    assert_eq!((stage.started().len(), sandbox.leases_left()), (2, 0));
}

#[test]
fn the_most_time_stops_claims_and_the_wait_for_results() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.limits.max_concurrent = 1;
    (0..3).for_each(|n| _ = sandbox.add_lead(&format!("lead-{n}")));
    let clock = sandbox.clock.clone();
    let request = RunRequest { max_runtime: Some(TimeDelta::minutes(10)), ..RunRequest::default() };
    let (report, _) = sandbox.run(&request, move |_| {
        clock.advance(TimeDelta::minutes(6));
        end(Outcome::Completed, "answered")
    });
    assert_eq!((report.totals.successful, report.stopped_by), (2, StoppedBy::Runtime));
    let request = RunRequest { wait: true, ..request };
    let pauses = Pauses::new(&sandbox, |_| None);
    let (report, _) = sandbox.run_until(&request, &pauses, |_| end(Outcome::Accepted, "handed over"));
    assert_eq!((report.totals.accepted, report.stopped_by), (1, StoppedBy::Runtime));
    assert_eq!(report.duration, TimeDelta::minutes(10));
}

#[test]
fn a_run_that_waits_for_results_calls_meanwhile_what_comes_due_and_stops_at_a_signal() {
    let mut sandbox = Sandbox::new();
    sandbox.add_lead("accepted");
    let later = NewItem { scheduled_at: sandbox.clock.now() + TimeDelta::minutes(3), ..sandbox.lead("later") };
    let later = sandbox.add("acme", &later);
    let (request, began) = (RunRequest { wait: true, ..RunRequest::default() }, sandbox.clock.now());
    let pauses = Pauses::new(&sandbox, |clock| (clock.now() - began >= TimeDelta::minutes(5)).then_some(2));
    let (report, stage) = sandbox.run_until(&request, &pauses, move |call| {
        let outcome = if call.item.id == later { Outcome::Completed } else { Outcome::Accepted };
        end(outcome, "as told")
    });
    let starts: Vec<i64> = stage.started().iter().map(|call| (call.started_at - began).num_seconds()).collect();
    assert_eq!(starts, [0, 180]);
    assert_eq!((report.totals.accepted, report.totals.successful), (1, 1));
    assert_eq!(report.stopped_by, StoppedBy::Signal(2));
    let (report, _) = sandbox.run(&RunRequest::default(), answered);
    assert_eq!(report.stopped_by, StoppedBy::Drained, "without being asked to, it does not wait");
}

#[test]
fn a_run_that_waits_settles_a_call_whose_result_is_overdue_and_ends() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.dispatch.call_timeout = TimeDelta::minutes(2);
    let id = sandbox.add_lead("a");
    let request = RunRequest { wait: true, ..RunRequest::default() };
    let pauses = Pauses::new(&sandbox, |_| None);
    let (report, _) = sandbox.run_until(&request, &pauses, |_| end(Outcome::Accepted, "handed over"));
    assert_eq!((report.stopped_by, report.recovered), (StoppedBy::Drained, 1));
    assert_eq!(report.duration, TimeDelta::minutes(2));
    assert_eq!((sandbox.item(id).status, sandbox.item(id).held), (Status::Failed, true));
}
