//! Calls that the database forgot: their leases name them, and they are on record again before anything is claimed.

use super::*;
use crate::dispatch::Adoption;
use crate::model::LeadPlace;
use crate::model::StartedCall;
use crate::store::FORGOTTEN;

impl Sandbox {
    /// A lease of a started call that the database does not know, which nobody holds any more.
    fn forgotten(&self, number: u8, item: i64, lead: &str) -> StartedCall {
        let call = StartedCall {
            attempt: AttemptId::new(self.clock.now(), [number; 10]),
            number: u32::from(number),
            item: ItemId::from_row(item).unwrap(),
            client: "acme".parse().unwrap(),
            lead: lead.parse().unwrap(),
            phone: Some("+12125550117".parse().unwrap()),
            region: None,
            place: LeadPlace::of_zones(vec!["America/Los_Angeles".parse().unwrap()]).into(),
            priority: Priority::High,
            dispatcher: "command".to_owned(),
            run: RunId::new(self.clock.now(), [number; 10]),
            started_at: self.clock.now() - TimeDelta::minutes(1),
        };
        let lease = self.leases().take(call.attempt).unwrap().naming(&call);
        lease.mark_started().unwrap();
        drop(lease);
        // Another test of this process may start a program at this moment, which shares our files until it executes.
        while matches!(self.leases().try_adopt(call.attempt).unwrap(), Adoption::Held) {
            std::thread::yield_now();
        }
        call
    }

    fn assert_held(&self, id: i64, attempts: u32) -> Item {
        let item = self.item(ItemId::from_row(id).unwrap());
        assert_eq!((item.status, item.held, item.attempts), (Status::Failed, true, attempts));
        let attempt = self.store.history(item.id).unwrap().pop().unwrap();
        assert_eq!((attempt.outcome, attempt.reason.as_deref()), (Some(Outcome::Unknown), Some(FORGOTTEN)));
        item
    }
}

#[test]
fn its_item_is_held_and_not_called_also_after_a_reboot() {
    for boot in [BOOT, "the next boot"] {
        let mut sandbox = Sandbox::new();
        let id = sandbox.add_lead("a");
        let call = sandbox.forgotten(1, 1, "a");
        sandbox.boot = boot;
        let (report, stage) = sandbox.run_all(answered);
        assert_eq!((report.forgotten_items.as_slice(), started(&stage).len()), ([id].as_slice(), 0));
        sandbox.assert_held(1, 1);
        assert_eq!(sandbox.store.history(id).unwrap()[0].id, call.attempt);
        let (report, stage) = sandbox.run_all(answered);
        assert_eq!((report.forgotten_items.as_slice(), started(&stage).len()), ([id].as_slice(), 0));
        assert_eq!((sandbox.item(id).attempts, sandbox.leases_left()), (1, 1), "once on record, and its lease stays");
    }
}

#[test]
fn an_item_that_is_gone_is_added_again_with_what_its_lease_says() {
    let mut sandbox = Sandbox::new();
    let call = sandbox.forgotten(3, 7, "a");
    sandbox.run_all(answered);
    let item = sandbox.assert_held(7, 1);
    assert_eq!((item.client, item.lead, item.phone), (call.client, call.lead, call.phone));
    assert_eq!((item.place, item.priority), (call.place, call.priority));
    assert_eq!(sandbox.add_lead("b").get(), 8, "no id is given twice");
}

#[test]
fn an_item_whose_id_is_another_leads_by_now_gets_a_new_one() {
    let mut sandbox = Sandbox::new();
    sandbox.add_lead("b");
    sandbox.forgotten(1, 1, "a");
    let (_, stage) = sandbox.run_all(answered);
    assert_eq!(started(&stage).len(), 1, "the other lead is called");
    let item = sandbox.assert_held(2, 1);
    let change = sandbox.store.changes(item.id).unwrap().pop().unwrap();
    assert!(change.reason.unwrap().ends_with("; it was item 1"));
}

#[test]
fn a_live_item_of_the_lead_is_held_in_its_place() {
    let mut sandbox = Sandbox::new();
    sandbox.add_lead("a");
    sandbox.forgotten(1, 9, "a");
    sandbox.forgotten(2, 9, "a");
    let (report, stage) = sandbox.run_all(answered);
    assert_eq!((report.forgotten_items.len(), started(&stage).len()), (1, 0));
    sandbox.assert_held(1, 2);
}

#[test]
fn a_spent_budget_does_not_keep_it_from_being_on_record() {
    let mut sandbox = Sandbox::new();
    let new = NewItem { max_retries: 0, ..sandbox.lead("a") };
    let id = sandbox.add("acme", &new);
    sandbox.run_all(no_answer);
    assert_eq!(sandbox.item(id).status, Status::Failed);
    sandbox.forgotten(2, 1, "a");
    sandbox.run_all(answered);
    assert_eq!(sandbox.assert_held(1, 2).max_retries, 1);
}

#[test]
fn a_call_that_goes_on_is_open_again_and_is_held_when_it_has_ended() {
    let mut sandbox = Sandbox::new();
    sandbox.add_lead("a");
    let call = sandbox.forgotten(1, 1, "a");
    let Adoption::Free { lease, .. } = sandbox.leases().try_adopt(call.attempt).unwrap() else { panic!("it is held") };
    let other = sandbox.add("globex", &NewItem { phone: call.phone.clone(), ..sandbox.lead("b") });
    let (report, stage) = sandbox.run_all(answered);
    assert_eq!((report.forgotten_items.len(), started(&stage).len()), (1, 0), "its number is taken");
    assert_eq!((sandbox.item(call.item).status, sandbox.item(other).status), (Status::InProgress, Status::Pending));
    std::fs::write(sandbox.leases().result_file(call.attempt), r#"{"outcome": "completed", "call_id": "c-1"}"#)
        .unwrap();
    drop(lease);
    while sandbox.item(call.item).status == Status::InProgress {
        sandbox.run_all(answered);
    }
    sandbox.assert_held(1, 1);
    let detail = sandbox.store.history(call.item).unwrap()[0].detail.clone().unwrap();
    assert_eq!(detail, "the database forgot this call; its dispatcher said: completed, c-1");
}

#[test]
fn a_call_that_is_forgotten_while_it_goes_on_is_on_record_when_it_ends() {
    let mut sandbox = Sandbox::new();
    let id = sandbox.add_lead("a");
    let path = sandbox.folder.path().join("queue.db");
    let (report, _) = sandbox.run_all(move |call| {
        call.lease.mark_started().unwrap();
        // As the copy of the moment before the claim has it.
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute_batch(
                "PRAGMA foreign_keys = OFF;
                 UPDATE items SET status = 'pending', open_attempt = NULL, attempts = 0, tries = 0;
                 DELETE FROM attempts;
                 UPDATE item_counts SET n = CASE status WHEN 'pending' THEN 1 ELSE 0 END;
                 DELETE FROM attempt_counts;",
            )
            .unwrap();
        end(Outcome::Completed, "answered")
    });
    assert_eq!(report.forgotten_items, [id]);
    sandbox.assert_held(1, 1);
    let detail = sandbox.store.history(id).unwrap()[0].detail.clone().unwrap();
    assert_eq!(detail, "the database forgot this call; its dispatcher said: completed, answered");
}

#[test]
fn it_waits_for_the_present_call_of_its_item_after_which_no_retry_follows() {
    let mut sandbox = Sandbox::new();
    let id = sandbox.add_lead("a");
    sandbox.run_all(|_| Answer::Now(CallResult::of(Outcome::Accepted)));
    sandbox.forgotten(2, 1, "a");
    let (report, _) = sandbox.run_all(answered);
    assert_eq!((report.forgotten_items.as_slice(), sandbox.item(id).no_retry), ([id].as_slice(), true));
    // Without a result it is unknown.
    sandbox.clock.advance(TimeDelta::hours(2));
    sandbox.policy.dispatch.on_unknown = crate::model::OnUnknown::Retry;
    let (report, stage) = sandbox.run_all(answered);
    assert_eq!((report.forgotten_items.as_slice(), started(&stage).len()), ([id].as_slice(), 0));
    sandbox.assert_held(1, 2);
}

#[test]
fn a_lease_that_names_nobody_is_reported_and_stays() {
    let mut sandbox = Sandbox::new();
    let attempt = AttemptId::new(sandbox.clock.now(), [1; 10]);
    let lease = sandbox.leases().take(attempt).unwrap();
    lease.mark_started().unwrap();
    drop(lease);
    for _ in 0..2 {
        let (report, _) = sandbox.run_all(answered);
        assert_eq!(report.nameless_leases, [sandbox.leases().lease_file(attempt)]);
    }
}
