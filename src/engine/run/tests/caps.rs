//! How often a number is called: the rest after a call.

use super::*;
use crate::contract::{Gate, NextCall};
use crate::query::{DryRun, WhyAnswer, why};
use crate::store::StoreError;

const NUMBER: &str = "+13055550100";

impl Sandbox {
    fn add_number(&mut self, client: &str, lead: &str, phone: &str) -> ItemId {
        let new = NewItem { phone: Some(phone.parse().unwrap()), ..self.lead(lead) };
        self.add(client, &new)
    }

    fn why(&self, id: ItemId) -> WhyAnswer {
        why(&self.store, &self.policy, &self.item(id), self.clock.now()).unwrap()
    }

    /// The gates that are closed for an item.
    fn closed(&self, id: ItemId) -> Vec<Gate> {
        let verdicts = self.why(id).verdicts.into_iter();
        verdicts.filter(|verdict| !verdict.open).map(|verdict| verdict.gate).collect()
    }

    fn would_call(&self) -> Vec<ItemId> {
        let policies = PolicyBook::new(self.policy.clone(), self.clients.clone());
        let mut named = Vec::new();
        let look = DryRun::new(&self.store, &policies, None, self.clock.now());
        look.each(u64::MAX, |item| Ok::<(), StoreError>(named.push(item.id))).unwrap();
        named
    }

    /// A sandbox of a client that is open around the clock.
    fn always_open() -> Sandbox {
        let mut sandbox = Sandbox::new();
        let all_day = || {
            use chrono::Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
            [Mon, Tue, Wed, Thu, Fri, Sat, Sun]
                .into_iter()
                .fold(crate::scheduler::WeeklyHours::closed(), |hours, day| {
                    hours.with(day, vec!["00:00-24:00".parse().unwrap()])
                })
        };
        (sandbox.policy.hours.business, sandbox.policy.hours.calling) = (all_day(), all_day());
        sandbox
    }
}

#[test]
fn after_a_call_no_other_item_of_the_client_calls_the_number_for_its_rest() {
    let mut sandbox = Sandbox::always_open();
    let (first, second) = (sandbox.add_number("acme", "first", NUMBER), sandbox.add_number("acme", "second", NUMBER));
    let (other, free) =
        (sandbox.add_number("globex", "other", NUMBER), sandbox.add_number("acme", "free", "+13055550101"));
    assert_eq!(sandbox.would_call(), [first, free, other], "the number of `second` rests by then");
    let (_, stage) = sandbox.run_all(answered);
    let mut called = started(&stage);
    called.sort();
    assert_eq!(called, [first, other, free]);
    let until = sandbox.clock.now() + TimeDelta::hours(24);
    let item = sandbox.item(second);
    assert_eq!((item.not_before, item.blocked_by), (Some(until), Some(Gate::NumberRest)));
    assert_eq!(sandbox.closed(second), [Gate::NumberRest], "it is due all the same");
    assert_eq!(sandbox.why(second).next, NextCall::At(until));
    sandbox.clock.advance(TimeDelta::hours(24) - TimeDelta::milliseconds(1));
    assert_eq!(sandbox.run_all(answered).0.totals.processed, 0);
    sandbox.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(sandbox.would_call(), [second]);
    assert_eq!(started(&sandbox.run_all(answered).1), [second]);
    assert_eq!(sandbox.item(second).blocked_by, None);
}

#[test]
fn the_items_own_retry_is_not_held_by_the_rest() {
    let mut sandbox = Sandbox::always_open();
    let id = sandbox.add_number("acme", "a", NUMBER);
    for calls in 1..=4 {
        assert_eq!(sandbox.run_all(no_answer).0.totals.processed, 1, "{calls}");
        sandbox.clock.advance(TimeDelta::minutes(30));
    }
    assert_eq!(sandbox.item(id).status, Status::Failed);
}

#[test]
fn a_call_that_did_not_take_place_lets_the_number_go() {
    for (outcome, rests) in [(Outcome::Returned, false), (Outcome::Unavailable, false), (Outcome::Failed, true)] {
        let mut sandbox = Sandbox::always_open();
        let first = sandbox.add_number("acme", "first", NUMBER);
        let second = sandbox.add_number("acme", "second", NUMBER);
        let script =
            move |call: &Call| if call.item.id == first { end(outcome, "x") } else { end(Outcome::Completed, "y") };
        let (_, stage) = sandbox.run_all(script);
        assert_eq!(started(&stage).contains(&second), !rests, "{outcome}");
    }
}

#[test]
fn another_rest_judges_the_items_anew_at_the_next_run() {
    let mut sandbox = Sandbox::always_open();
    sandbox.add_number("acme", "first", NUMBER);
    let second = sandbox.add_number("acme", "second", NUMBER);
    sandbox.run_all(answered);
    assert_eq!(sandbox.closed(second), [Gate::NumberRest]);
    sandbox.policy.law.number_rest = TimeDelta::zero();
    assert_eq!(sandbox.closed(second), []);
    assert_eq!(sandbox.would_call(), [second]);
    assert_eq!(started(&sandbox.run_all(answered).1), [second]);
}

#[test]
fn another_number_of_the_item_is_judged_anew() {
    let mut sandbox = Sandbox::always_open();
    sandbox.add_number("acme", "first", NUMBER);
    let second = sandbox.add_number("acme", "second", NUMBER);
    sandbox.run_all(answered);
    let by = Actor::named("tester");
    let edit = Edit { by: &by, at: sandbox.clock.now(), reason: None };
    let phone: crate::model::PhoneNumber = "+13055550199".parse().unwrap();
    let change = |item: &Item, _| Decision::<()>::Write(Box::new(Item { phone: Some(phone.clone()), ..item.clone() }));
    sandbox.store.edit(&Targets::Ids(vec![(second, second)]), &edit, change).unwrap();
    let item = sandbox.item(second);
    assert_eq!((item.not_before, item.blocked_by), (None, None));
    assert_eq!(started(&sandbox.run_all(answered).1), [second]);
}
