//! Results that come from outside of a run.

use super::*;
use crate::engine::Reporting;
use crate::model::{CallReport, OnUnknown, ReportTarget};
use crate::store::Reported;

impl Sandbox {
    fn report_all(&mut self, reports: &[CallReport]) -> Vec<Reported> {
        let policies = PolicyBook::new(self.policy.clone(), self.clients.clone());
        let (leases, by) = (self.leases(), Actor::named("webhook"));
        let now = self.clock.now();
        let polling = Polling::of_nobody();
        let mut reporting = Reporting {
            store: &mut self.store,
            policies: &policies,
            leases: &leases,
            boot: Some(BOOT),
            provider: &**polling.provider(),
            by: &by,
            now,
        };
        reporting.take_in(reports).unwrap()
    }

    fn report(&mut self, id: ItemId, outcome: Outcome, reason: &str) -> Reported {
        self.report_all(&[of(id, outcome, reason)]).pop().unwrap()
    }

    fn accepted(&mut self, lead: &str) -> ItemId {
        let id = self.add_lead(lead);
        self.run_all(|call| {
            let call_id = Some(format!("call-{}", call.item.lead));
            Answer::Now(CallResult { call_id, ..CallResult::of(Outcome::Accepted) })
        });
        assert_eq!(self.item(id).status, Status::InProgress);
        id
    }

    fn held(&mut self, lead: &str) -> ItemId {
        let id = self.add_lead(lead);
        self.run_all(|_| end(Outcome::Unknown, "exit_1"));
        id
    }

    fn notes(&self, id: ItemId) -> Vec<String> {
        let changes = self.store.changes(id).unwrap().into_iter();
        changes.filter(|change| change.what == "refused_report").filter_map(|change| change.to).collect()
    }
}

fn of(id: ItemId, outcome: Outcome, reason: &str) -> CallReport {
    CallReport { target: ReportTarget::Item(id), result: CallResult::of(outcome).because(reason), duration_ms: None }
}

fn is_refused(reported: &Reported) -> bool {
    matches!(reported, Reported::Refused(..))
}

#[test]
fn an_accepted_call_ends_as_it_is_reported() {
    let cases = [
        (Outcome::Completed, Status::Completed),
        (Outcome::Retry, Status::RetryScheduled),
        (Outcome::Failed, Status::Failed),
    ];
    for (outcome, status) in cases {
        let mut sandbox = Sandbox::new();
        let id = sandbox.accepted("a");
        assert_eq!(sandbox.report(id, outcome, "said"), Reported::Settled(id));
        let item = sandbox.item(id);
        assert_eq!((item.status, item.held, item.last_reason.as_deref()), (status, false, Some("said")));
        assert_eq!(sandbox.report(id, outcome, "said"), Reported::Same(id), "it may be reported again");
        assert_eq!(sandbox.item(id), item);
    }
}

#[test]
fn attempts_are_named_by_item_attempt_or_call() {
    let mut sandbox = Sandbox::new();
    let id = sandbox.accepted("a");
    let attempt = sandbox.store.history(id).unwrap()[0].id;
    let result = CallResult::of(Outcome::Completed);
    let to = |target| CallReport { target, result: result.clone(), duration_ms: None };
    let by_call = to(ReportTarget::Call("call-a".into()));
    assert_eq!(sandbox.report_all(&[by_call]), [Reported::Settled(id)]);
    assert_eq!(sandbox.report_all(&[to(ReportTarget::Attempt(attempt))]), [Reported::Same(id)]);
    let nobody = to(ReportTarget::Call("call-b".into()));
    assert_eq!(sandbox.report_all(&[nobody]), [Reported::NoSuch]);
}

#[test]
fn a_second_different_result_changes_nothing_and_is_kept_as_a_note() {
    let mut sandbox = Sandbox::new();
    let id = sandbox.accepted("a");
    sandbox.report(id, Outcome::Completed, "answered");
    let before = (sandbox.item(id), sandbox.store.history(id).unwrap());
    for _ in 0..3 {
        assert!(is_refused(&sandbox.report(id, Outcome::Failed, "wrong number")));
    }
    assert_eq!((sandbox.item(id), sandbox.store.history(id).unwrap()), before);
    assert_eq!(sandbox.notes(id), ["failed, wrong number"]);
}

#[test]
fn a_provider_that_knows_better_settles_what_is_held_and_one_that_does_not_changes_nothing() {
    for outcome in [Outcome::Returned, Outcome::Unavailable] {
        let mut sandbox = Sandbox::new();
        let id = sandbox.held("a");
        assert_eq!(sandbox.report(id, Outcome::Unknown, "of_next_year"), Reported::Same(id));
        assert!(sandbox.item(id).held);
        assert_eq!(sandbox.report(id, outcome, "no_concurrency"), Reported::Settled(id));
        let item = sandbox.item(id);
        assert_eq!((item.status, item.held, item.counted_attempts), (Status::RetryScheduled, false, 0), "{outcome}");
        sandbox.clock.advance(TimeDelta::minutes(5));
        assert_eq!(sandbox.run_all(answered).0.totals.successful, 1);
        assert_eq!(sandbox.item(id).retry_count(), 0, "what was no call uses no retry");
    }
}

#[test]
fn results_are_taken_in_together_or_not_at_all() {
    let mut sandbox = Sandbox::new();
    let (a, b) = (sandbox.accepted("a"), sandbox.accepted("b"));
    sandbox.report(b, Outcome::Completed, "answered");
    let both = [of(a, Outcome::Completed, "answered"), of(b, Outcome::Failed, "no")];
    let answers = sandbox.report_all(&both);
    assert_eq!((&answers[0], is_refused(&answers[1])), (&Reported::Settled(a), true));
    assert_eq!(sandbox.item(a).status, Status::InProgress);
}

#[test]
fn a_held_item_is_settled_by_what_really_happened() {
    let cases = [
        (Outcome::Completed, Status::Completed),
        (Outcome::Retry, Status::RetryScheduled),
        (Outcome::Failed, Status::Failed),
    ];
    for (outcome, status) in cases {
        let mut sandbox = Sandbox::new();
        let id = sandbox.held("a");
        assert_eq!(sandbox.report(id, outcome, "heard"), Reported::Settled(id));
        assert_eq!((sandbox.item(id).status, sandbox.item(id).held), (status, false));
        assert_eq!(sandbox.store.history(id).unwrap()[0].outcome, Some(outcome));
        assert_eq!(sandbox.store.miscounts().unwrap(), []);
    }
}

#[test]
fn an_unknown_call_is_settled_while_the_next_one_has_not_begun() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.dispatch.on_unknown = OnUnknown::Retry;
    let id = sandbox.held("a");
    assert_eq!(sandbox.item(id).status, Status::RetryScheduled);
    assert_eq!(sandbox.report(id, Outcome::Completed, "heard"), Reported::Settled(id));
    assert_eq!(sandbox.item(id).status, Status::Completed);
    let id = sandbox.held("b");
    let attempt = sandbox.store.history(id).unwrap()[0].id;
    let due = sandbox.item(id).scheduled_at;
    sandbox.clock.sleep_until(due);
    sandbox.run_all(|_| Answer::Now(CallResult::of(Outcome::Accepted)));
    let late = CallReport {
        target: ReportTarget::Attempt(attempt),
        result: CallResult::of(Outcome::Completed),
        duration_ms: None,
    };
    assert!(is_refused(&sandbox.report_all(&[late]).pop().unwrap()));
    assert_eq!(sandbox.item(id).status, Status::InProgress);
}

#[test]
fn a_spent_budget_ends_the_item_whatever_is_reported() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.retry.max_retries = 0;
    let id = sandbox.held("a");
    sandbox.report(id, Outcome::Retry, "busy");
    assert_eq!((sandbox.item(id).status, sandbox.item(id).held), (Status::Failed, false));
}

#[test]
fn a_withdrawn_item_is_cancelled_when_its_call_would_be_repeated() {
    let mut sandbox = Sandbox::new();
    let id = sandbox.accepted("a");
    sandbox.withdraw(id);
    sandbox.report(id, Outcome::Retry, "busy");
    assert_eq!(sandbox.item(id).status, Status::Cancelled);
}

#[test]
fn another_name_of_the_call_is_refused() {
    let mut sandbox = Sandbox::new();
    let id = sandbox.accepted("a");
    let result = CallResult { call_id: Some("call-z".into()), ..CallResult::of(Outcome::Completed) };
    let report = CallReport { target: ReportTarget::Item(id), result, duration_ms: None };
    assert!(is_refused(&sandbox.report_all(&[report]).pop().unwrap()));
}
