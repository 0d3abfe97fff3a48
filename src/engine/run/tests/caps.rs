//! How often a number is called: caps, and the rest after a call.

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
        look.each(u64::MAX, |item| {
            named.push(item.id);
            Ok::<(), StoreError>(())
        })
        .unwrap();
        named
    }

    fn set_clock(&self, to: DateTime<Utc>) {
        self.clock.advance(to - self.clock.now());
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

/// The caps of every client.
fn with_caps(caps: &[&str]) -> Sandbox {
    let mut sandbox = Sandbox::always_open();
    sandbox.policy.law.caps = caps.iter().map(|cap| cap.parse().unwrap()).collect();
    sandbox.policy.law.number_rest = TimeDelta::zero();
    sandbox
}

#[test]
fn calls_of_two_clients_count_together_and_exactly_24_hours_later_the_next_is_allowed() {
    let mut sandbox = with_caps(&["3/24h"]);
    let clients = ["acme", "globex", "acme", "globex"];
    let ids = [0, 1, 2, 3].map(|n| sandbox.add_number(clients[n], &format!("lead-{n}"), NUMBER));
    let mut calls = Vec::new();
    for _ in 0..4 {
        calls.extend(started(&sandbox.run(&RunRequest { limit: Some(1), ..RunRequest::default() }, answered).1));
        sandbox.clock.advance(TimeDelta::minutes(10));
    }
    assert_eq!(calls.len(), 3, "{calls:?}");
    let left = ids.into_iter().find(|id| !calls.contains(id)).unwrap();
    let first: DateTime<Utc> = MONDAY.parse().unwrap();
    let until = first + TimeDelta::hours(24);
    let item = sandbox.item(left);
    assert_eq!((item.not_before, item.blocked_by), (Some(until), Some(Gate::Cap)));
    assert_eq!((sandbox.closed(left), sandbox.why(left).next), (vec![Gate::Cap], NextCall::At(until)));
    assert_eq!(sandbox.would_call(), []);
    sandbox.set_clock(until - TimeDelta::milliseconds(1));
    assert_eq!(sandbox.run_all(answered).0.totals.processed, 0);
    sandbox.set_clock(until);
    assert_eq!(sandbox.would_call(), [left]);
    assert_eq!(started(&sandbox.run_all(answered).1), [left]);
}

#[test]
fn a_level_counts_for_the_caps_up_to_it() {
    for (outcome, reason, network, line) in [
        (Outcome::Retry, "busy", true, false),
        (Outcome::Failed, "invalid_number", true, false),
        (Outcome::Retry, "no_answer", true, true),
        (Outcome::Completed, "answered", true, true),
        (Outcome::Returned, "no_line", false, false),
        (Outcome::Unavailable, "exit_69", false, false),
        (Outcome::Unknown, "signal", true, true),
    ] {
        for (cap, counts) in [("1/24h", network), ("1/24h:line", line)] {
            let mut sandbox = with_caps(&[cap]);
            sandbox.add_number("acme", "first", NUMBER);
            sandbox.run(&RunRequest::default(), move |_| end(outcome, reason));
            // The person of an unknown call may be on the line for a while.
            sandbox.clock.advance(TimeDelta::hours(3));
            let second = sandbox.add_number("globex", "second", NUMBER);
            let closed = if counts { vec![Gate::Cap] } else { vec![] };
            assert_eq!(sandbox.closed(second), closed, "{outcome} {reason} {cap}");
        }
    }
}

#[test]
fn what_the_dispatcher_says_of_the_level_goes_before_the_outcome() {
    let mut sandbox = with_caps(&["1/24h:line"]);
    sandbox.add_number("acme", "first", NUMBER);
    let reached = Some(crate::model::Reached::Network);
    sandbox.run_all(move |_| Answer::Now(CallResult { reached, ..CallResult::of(Outcome::Retry) }));
    let second = sandbox.add_number("globex", "second", NUMBER);
    assert_eq!(sandbox.closed(second), []);
}

#[test]
fn an_item_that_an_open_call_blocks_is_let_go_when_the_call_counts_less() {
    for (outcome, reason, is_called) in [(Outcome::Retry, "busy", true), (Outcome::Retry, "no_answer", false)] {
        let mut sandbox = with_caps(&["1/24h:line"]);
        let first = sandbox.add_number("acme", "first", NUMBER);
        let second = sandbox.add_number("globex", "second", NUMBER);
        let script =
            move |call: &Call| if call.item.id == first { end(outcome, reason) } else { end(Outcome::Completed, "y") };
        let (_, stage) = sandbox.run_all(script);
        assert_eq!(started(&stage).contains(&second), is_called, "{reason}");
    }
}

#[test]
fn a_retry_gets_its_slot_under_the_caps_with_its_own_attempt() {
    let mut sandbox = with_caps(&["2/24h"]);
    let id = sandbox.add_number("acme", "a", NUMBER);
    let first = sandbox.clock.now();
    sandbox.run_all(no_answer);
    assert_eq!(sandbox.item(id).scheduled_at, first + TimeDelta::minutes(5), "one of two");
    sandbox.clock.advance(TimeDelta::minutes(5));
    sandbox.run_all(no_answer);
    assert_eq!(sandbox.item(id).scheduled_at, first + TimeDelta::hours(24), "not in 15 minutes");
    assert_eq!(sandbox.closed(id), [Gate::Due, Gate::Cap]);
    sandbox.set_clock(first + TimeDelta::hours(24));
    assert_eq!(started(&sandbox.run_all(answered).1), [id]);
}

#[test]
fn a_clock_change_shifts_no_cap() {
    // The clocks of New York go back at 06:00 UTC.
    let mut sandbox = with_caps(&["1/24h"]);
    sandbox.set_clock("2026-11-01T01:00:00Z".parse().unwrap());
    sandbox.add_number("acme", "first", NUMBER);
    sandbox.run_all(answered);
    let second = sandbox.add_number("acme", "second", NUMBER);
    let until = sandbox.clock.now() + TimeDelta::hours(24);
    assert_eq!(sandbox.why(second).next, NextCall::At(until));
}

#[test]
fn an_attempt_of_a_clock_that_was_set_back_counts() {
    let mut sandbox = with_caps(&["1/24h"]);
    sandbox.add_number("acme", "first", NUMBER);
    sandbox.run_all(answered);
    let until = sandbox.clock.now() + TimeDelta::hours(24);
    sandbox.set_clock(sandbox.clock.now() - TimeDelta::hours(30));
    let second = sandbox.add_number("acme", "second", NUMBER);
    assert_eq!(sandbox.why(second).next, NextCall::At(until));
}

#[test]
fn ten_thousand_capped_leads_do_not_hold_up_a_free_one() {
    let mut sandbox = with_caps(&["1/24h"]);
    let first = sandbox.add_number("acme", "first", NUMBER);
    sandbox.run_all(answered);
    let leads: Vec<NewItem> = (0..10_001)
        .map(|n| {
            let phone = if n == 10_000 { "+13055550199" } else { NUMBER };
            NewItem { phone: Some(phone.parse().unwrap()), ..sandbox.lead(&format!("lead-{n}")) }
        })
        .collect();
    let (by, client) = (Actor::named("tester"), "acme".parse().unwrap());
    let import = Import { by: &by, now: sandbox.clock.now(), dry_run: false };
    let all = sandbox.store.import(import, |writer| {
        let mut put = |new| writer.put(&client, None, new, &mut |_| Ok(None)).map(drop);
        leads.iter().try_for_each(&mut put).map(|()| Imported::Keep)
    });
    assert!(all.is_ok());
    let (report, stage) = sandbox.run_all(answered);
    assert_eq!(report.totals.successful, 1);
    assert_ne!(started(&stage), [first]);
    let (report, _) = sandbox.run_all(answered);
    assert_eq!(report.totals.processed, 0, "each was touched once");
}
