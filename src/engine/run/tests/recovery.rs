//! What a run settles that an earlier one left behind.

use super::super::claim::{ClaimRequest, KeptPolicies, claim};
use super::*;
use crate::dispatch::Adoption;
use crate::engine::provider::Capacities;
use crate::model::OnUnknown;
use crate::store::Finish;

/// An attempt whose run is gone, or goes on in another program.
struct Abandoned {
    attempt: AttemptId,
    lease: Lease,
}

impl Sandbox {
    /// Claims everything that is due as a run does, and stops there.
    fn claim(&mut self) -> Vec<Abandoned> {
        let now = self.clock.now();
        let policies = PolicyBook::new(self.policy.clone(), self.clients.clone());
        let (leases, by, polling) = (self.leases(), Actor::named("earlier"), Polling::of_nobody());
        let request = ClaimRequest {
            policies: &policies,
            client: None,
            limit: 100,
            breaker: &Breaker::default(),
            passed_over: &HashSet::new(),
            in_flight: &HashMap::new(),
            leases: &leases,
            waits: &HashMap::new(),
            provider: &**polling.provider(),
            capacities: &Capacities::default(),
            run: RunId::new(now, [7; 10]),
            run_started_at: now,
            boot: Some(BOOT),
            by: &by,
            law: 0,
            kept: &KeptPolicies::default(),
            now,
        };
        let mut transaction = self.store.begin_turn().unwrap();
        transaction.release_returned(now).unwrap();
        let batch = claim(&mut transaction, &request, &mut self.random).unwrap();
        transaction.commit().unwrap();
        let abandoned = |(claimed, lease): (Claimed, Lease)| Abandoned { attempt: claimed.attempt, lease };
        batch.claimed.into_iter().map(abandoned).collect()
    }

    /// One item whose call was begun by a run that is gone.
    fn interrupted(&mut self, lead: &str, started: bool) -> (ItemId, AttemptId) {
        let id = self.add_lead(lead);
        let Abandoned { attempt, lease } = self.claim().pop().unwrap();
        if started {
            lease.mark_started().unwrap();
        }
        drop(lease);
        self.wait_until_free(attempt);
        (id, attempt)
    }

    /// Another test of this process may start a program at this moment, which shares our files until it executes.
    fn wait_until_free(&self, attempt: AttemptId) {
        while matches!(self.leases().try_adopt(attempt).unwrap(), Adoption::Held) {
            std::thread::yield_now();
        }
    }

    fn leave_result(&self, attempt: AttemptId, json: &str) {
        std::fs::write(self.leases().result_file(attempt), json).unwrap();
    }

    fn last_outcome(&self, id: ItemId) -> (Option<Outcome>, Option<String>) {
        let attempt = self.store.history(id).unwrap().pop().unwrap();
        (attempt.outcome, attempt.reason)
    }
}

#[test]
fn a_call_that_was_never_started_is_returned_and_costs_nothing() {
    let mut sandbox = Sandbox::new();
    let (id, _) = sandbox.interrupted("a", false);
    let (report, stage) = sandbox.run_all(answered);
    assert_eq!((report.recovered, report.totals.processed, stage.started().len()), (1, 0, 0));
    let item = sandbox.item(id);
    assert_eq!((item.status, item.counted_attempts, item.attempts), (Status::Pending, 0, 1));
    assert_eq!(sandbox.last_outcome(id), (Some(Outcome::Returned), Some("never_started".into())));
    assert_eq!(sandbox.leases_left(), 0);
    sandbox.clock.advance(TimeDelta::minutes(5));
    assert_eq!(sandbox.run_all(answered).0.totals.successful, 1);
}

#[test]
fn after_a_reboot_the_missing_byte_proves_nothing() {
    let mut sandbox = Sandbox::new();
    let (id, _) = sandbox.interrupted("a", false);
    sandbox.boot = "the next boot";
    let (report, _) = sandbox.run_all(answered);
    assert_eq!((sandbox.item(id).status, sandbox.item(id).held), (Status::Failed, true));
    assert_eq!((report.recovered, report.held_items, report.problems.len()), (1, 1, 1));
    assert_eq!(sandbox.last_outcome(id), (Some(Outcome::Unknown), Some("interrupted".into())));
}

#[test]
fn a_call_that_may_have_been_made_is_unknown_and_held() {
    let mut sandbox = Sandbox::new();
    let (id, _) = sandbox.interrupted("a", true);
    sandbox.run_all(answered);
    assert_eq!(
        (sandbox.item(id).status, sandbox.item(id).held, sandbox.item(id).counted_attempts),
        (Status::Failed, true, 1)
    );
    sandbox.clock.advance(TimeDelta::hours(2));
    assert_eq!(sandbox.run_all(answered).0.totals.processed, 0);
}

#[test]
fn whoever_accepts_a_second_call_gets_it_after_the_retry_delay() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.dispatch.on_unknown = OnUnknown::Retry;
    let (id, _) = sandbox.interrupted("a", true);
    sandbox.run_all(answered);
    assert_eq!(sandbox.item(id).status, Status::RetryScheduled);
    sandbox.clock.advance(TimeDelta::minutes(5));
    assert_eq!(sandbox.run_all(answered).0.totals.successful, 1);
}

#[test]
fn a_missing_lease_is_unknown() {
    let mut sandbox = Sandbox::new();
    let (id, attempt) = sandbox.interrupted("a", false);
    std::fs::remove_file(sandbox.leases().path().join(attempt.to_string())).unwrap();
    sandbox.run_all(answered);
    assert!(sandbox.item(id).held);
}

#[test]
fn the_result_that_an_orphan_left_is_adopted() {
    let cases = [
        (r#"{"outcome": "completed", "call_id": "c-1"}"#, Status::Completed, Outcome::Completed),
        (r#"{"outcome": "retry", "reason": "busy"}"#, Status::RetryScheduled, Outcome::Retry),
        (r#"{"outcome": "accepted"}"#, Status::InProgress, Outcome::Accepted),
        (r#"{"outcome": "returned"}"#, Status::Pending, Outcome::Returned),
        (r#"{"out"#, Status::Failed, Outcome::Unknown),
    ];
    for (json, status, outcome) in cases {
        let mut sandbox = Sandbox::new();
        let (id, attempt) = sandbox.interrupted("a", true);
        sandbox.leave_result(attempt, json);
        sandbox.run_all(answered);
        assert_eq!((sandbox.item(id).status, sandbox.last_outcome(id).0), (status, Some(outcome)), "{json}");
        assert_eq!(sandbox.leases_left(), 0, "{json}");
    }
}

#[test]
fn while_the_dispatcher_lives_neither_its_item_nor_its_number_is_called() {
    let mut sandbox = Sandbox::new();
    let phone = Some("+12125550117".parse().unwrap());
    let new = NewItem { phone, ..sandbox.lead("a") };
    let id = sandbox.add("acme", &new);
    let held = sandbox.claim();
    let same_number = sandbox.add("globex", &NewItem { lead: "b".parse().unwrap(), ..new });
    let (report, stage) = sandbox.run_all(answered);
    assert_eq!((report.recovered, stage.started().len()), (0, 0));
    assert_eq!(sandbox.item(id).status, Status::InProgress);
    let attempt = held[0].attempt;
    drop(held);
    sandbox.wait_until_free(attempt);
    let (report, stage) = sandbox.run_all(answered);
    assert_eq!((report.recovered, started(&stage)), (1, vec![same_number]));
}

#[test]
fn every_client_is_recovered_whatever_the_run_is_about_and_while_paused() {
    let mut sandbox = Sandbox::new();
    let (id, _) = sandbox.interrupted("a", true);
    let by = Actor::named("tester");
    sandbox.store.pause(None, None, None, &by, sandbox.clock.now()).unwrap();
    let request = RunRequest { client: Some("globex".parse().unwrap()), ..RunRequest::default() };
    assert_eq!(sandbox.run(&request, answered).0.recovered, 1);
    assert!(sandbox.item(id).held);
}

#[test]
fn a_withdrawn_item_is_not_called_again_after_recovery() {
    let mut sandbox = Sandbox::new();
    let (id, attempt) = sandbox.interrupted("a", true);
    sandbox.withdraw(id);
    sandbox.leave_result(attempt, r#"{"outcome": "retry", "reason": "busy"}"#);
    sandbox.run_all(answered);
    assert_eq!(sandbox.item(id).status, Status::Cancelled);
}

#[test]
fn files_of_no_open_attempt_are_removed() {
    let mut sandbox = Sandbox::new();
    let (now, leases) = (sandbox.clock.now(), sandbox.leases());
    let never_committed = AttemptId::new(now, [1; 10]);
    drop(leases.take(never_committed).unwrap());
    let in_the_making = AttemptId::new(now, [2; 10]);
    let held = leases.take(in_the_making).unwrap();
    let remains = AttemptId::new(now, [3; 10]);
    sandbox.leave_result(remains, "{}");
    sandbox.wait_until_free(never_committed);
    sandbox.run_all(answered);
    assert_eq!(leases.attempts().unwrap(), [in_the_making]);
    drop(held);
}

#[test]
fn an_accepted_call_without_a_result_is_unknown_after_its_time_out() {
    let mut sandbox = Sandbox::new();
    let id = sandbox.add_lead("a");
    let (report, _) = sandbox.run_all(|_| Answer::Now(CallResult::of(Outcome::Accepted)));
    assert_eq!((report.totals.accepted, sandbox.item(id).status), (1, Status::InProgress));
    sandbox.clock.advance(TimeDelta::minutes(119));
    assert_eq!(sandbox.run_all(answered).0.recovered, 0);
    sandbox.clock.advance(TimeDelta::minutes(1));
    assert_eq!(sandbox.run_all(answered).0.recovered, 1);
    assert!(sandbox.item(id).held);
    assert_eq!(sandbox.last_outcome(id), (Some(Outcome::Unknown), Some("no_result".into())));
}

#[test]
fn an_outcome_is_recorded_once() {
    let mut sandbox = Sandbox::new();
    let (id, attempt) = sandbox.interrupted("a", true);
    sandbox.run_all(answered);
    let late = Finish {
        attempt,
        item: id,
        so_far: None,
        result: CallResult::of(Outcome::Completed),
        resolution: crate::store::Resolution::Completed,
        finished_at: sandbox.clock.now(),
        duration_ms: None,
        business_ms: 0,
        number_taken_until: None,
    };
    assert_eq!(sandbox.store.settle(&[late]).unwrap(), [false]);
    assert!(sandbox.item(id).held);
}

/// One run that calls a lead and cannot record how the call ended.
fn unrecorded(sandbox: &mut Sandbox, script: impl Fn(&Call) -> Answer + Send + 'static) -> ItemId {
    let id = sandbox.add_lead("a");
    let database = rusqlite::Connection::open(sandbox.folder.path().join("queue.db")).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON attempts BEGIN SELECT RAISE(ABORT, 'refused'); END";
    database.execute_batch(refuse).unwrap();
    let (report, _) = sandbox.run_all(script);
    assert!(matches!(report.failure, Some(EngineError::Store(_))), "{:?}", report.failure);
    let part = report.clients[&"acme".parse().unwrap()].counts;
    assert_eq!((report.not_recorded, report.totals, part), (1, Counts::default(), Counts::default()));
    assert_eq!(sandbox.item(id).status, Status::InProgress);
    database.execute_batch("DROP TRIGGER refuse").unwrap();
    id
}

#[test]
fn an_outcome_that_cannot_be_written_is_left_for_a_later_run() {
    let mut sandbox = Sandbox::new();
    let id = unrecorded(&mut sandbox, answered);
    assert_eq!(sandbox.run_all(answered).0.recovered, 1);
    assert_eq!(sandbox.last_outcome(id), (Some(Outcome::Completed), Some("answered".into())));
    assert_eq!(sandbox.leases_left(), 0);
}

#[test]
fn what_a_program_said_before_its_time_out_does_not_count_later_either() {
    let mut sandbox = Sandbox::new();
    let id = unrecorded(&mut sandbox, |call| {
        std::fs::write(&call.result_file, r#"{"outcome": "retry", "reason": "busy"}"#).unwrap();
        end(Outcome::Unknown, "timeout")
    });
    assert_eq!(sandbox.run_all(answered).0.recovered, 1);
    assert_eq!(sandbox.last_outcome(id), (Some(Outcome::Unknown), Some("timeout".into())));
    assert!(sandbox.item(id).held);
}
