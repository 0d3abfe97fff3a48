//! Calls that the database forgot: their leases name them, and they are on record again before anything is claimed.

use super::*;
use crate::dispatch::Adoption;
use crate::model::LeadPlace;
use crate::model::StartedCall;
use crate::store::FORGOTTEN;

impl Bench {
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
        let mut bench = Bench::new();
        let id = bench.add_lead("a");
        let call = bench.forgotten(1, 1, "a");
        bench.boot = boot;
        let (report, stage) = bench.run_all(answered);
        assert_eq!((report.forgotten_items.as_slice(), started(&stage).len()), ([id].as_slice(), 0));
        bench.assert_held(1, 1);
        assert_eq!(bench.store.history(id).unwrap()[0].id, call.attempt);
        let (report, stage) = bench.run_all(answered);
        assert_eq!((report.forgotten_items.as_slice(), started(&stage).len()), ([id].as_slice(), 0));
        assert_eq!((bench.item(id).attempts, bench.leases_left()), (1, 1), "once on record, and its lease stays");
    }
}

#[test]
fn an_item_that_is_gone_is_added_again_with_what_its_lease_says() {
    let mut bench = Bench::new();
    let call = bench.forgotten(3, 7, "a");
    bench.run_all(answered);
    let item = bench.assert_held(7, 1);
    assert_eq!((item.client, item.lead, item.phone), (call.client, call.lead, call.phone));
    assert_eq!((item.place, item.priority), (call.place, call.priority));
    assert_eq!(bench.add_lead("b").get(), 8, "no id is given twice");
}

#[test]
fn an_item_whose_id_is_another_leads_by_now_gets_a_new_one() {
    let mut bench = Bench::new();
    bench.add_lead("b");
    bench.forgotten(1, 1, "a");
    let (_, stage) = bench.run_all(answered);
    assert_eq!(started(&stage).len(), 1, "the other lead is called");
    let item = bench.assert_held(2, 1);
    let change = bench.store.changes(item.id).unwrap().pop().unwrap();
    assert!(change.reason.unwrap().ends_with("; it was item 1"));
}

#[test]
fn a_live_item_of_the_lead_is_held_in_its_place() {
    let mut bench = Bench::new();
    bench.add_lead("a");
    bench.forgotten(1, 9, "a");
    bench.forgotten(2, 9, "a");
    let (report, stage) = bench.run_all(answered);
    assert_eq!((report.forgotten_items.len(), started(&stage).len()), (1, 0));
    bench.assert_held(1, 2);
}

#[test]
fn a_spent_budget_does_not_keep_it_from_being_on_record() {
    let mut bench = Bench::new();
    let new = NewItem { max_retries: 0, ..bench.lead("a") };
    let id = bench.add("acme", &new);
    bench.run_all(no_answer);
    assert_eq!(bench.item(id).status, Status::Failed);
    bench.forgotten(2, 1, "a");
    bench.run_all(answered);
    assert_eq!(bench.assert_held(1, 2).max_retries, 1);
}

#[test]
fn a_call_that_goes_on_is_open_again_and_is_held_when_it_has_ended() {
    let mut bench = Bench::new();
    bench.add_lead("a");
    let call = bench.forgotten(1, 1, "a");
    let Adoption::Free { lease, .. } = bench.leases().try_adopt(call.attempt).unwrap() else { panic!("it is held") };
    let other = bench.add("globex", &NewItem { phone: call.phone.clone(), ..bench.lead("b") });
    let (report, stage) = bench.run_all(answered);
    assert_eq!((report.forgotten_items.len(), started(&stage).len()), (1, 0), "its number is taken");
    assert_eq!((bench.item(call.item).status, bench.item(other).status), (Status::InProgress, Status::Pending));
    std::fs::write(bench.leases().result_file(call.attempt), r#"{"outcome": "completed", "call_id": "c-1"}"#).unwrap();
    drop(lease);
    while bench.item(call.item).status == Status::InProgress {
        bench.run_all(answered);
    }
    bench.assert_held(1, 1);
    let detail = bench.store.history(call.item).unwrap()[0].detail.clone().unwrap();
    assert_eq!(detail, "the database forgot this call; its dispatcher said: completed, c-1");
}

#[test]
fn a_call_that_is_forgotten_while_it_goes_on_is_on_record_when_it_ends() {
    let mut bench = Bench::new();
    let id = bench.add_lead("a");
    let path = bench.folder.path().join("queue.db");
    let (report, _) = bench.run_all(move |call| {
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
    bench.assert_held(1, 1);
    let detail = bench.store.history(id).unwrap()[0].detail.clone().unwrap();
    assert_eq!(detail, "the database forgot this call; its dispatcher said: completed, answered");
}

#[test]
fn it_waits_for_the_present_call_of_its_item_after_which_no_retry_follows() {
    let mut bench = Bench::new();
    let id = bench.add_lead("a");
    bench.run_all(|_| Answer::Now(CallResult::of(Outcome::Accepted)));
    bench.forgotten(2, 1, "a");
    let (report, _) = bench.run_all(answered);
    assert_eq!((report.forgotten_items.as_slice(), bench.item(id).withdrawn), ([id].as_slice(), true));
    // Without a result it is unknown.
    bench.clock.advance(TimeDelta::hours(2));
    bench.policy.dispatch.on_unknown = crate::model::OnUnknown::Retry;
    let (report, stage) = bench.run_all(answered);
    assert_eq!((report.forgotten_items.as_slice(), started(&stage).len()), ([id].as_slice(), 0));
    bench.assert_held(1, 2);
}

#[test]
fn a_lease_that_names_nobody_is_reported_and_stays() {
    let mut bench = Bench::new();
    let attempt = AttemptId::new(bench.clock.now(), [1; 10]);
    let lease = bench.leases().take(attempt).unwrap();
    lease.mark_started().unwrap();
    drop(lease);
    for _ in 0..2 {
        let (report, _) = bench.run_all(answered);
        assert_eq!(report.nameless_leases, [bench.leases().lease_file(attempt)]);
    }
}
