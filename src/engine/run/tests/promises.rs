//! Calls that were promised: when they are made, before whom, and when they are missed.

use super::*;
use crate::contract::Gate;
use crate::model::{LeadPlace, NewDoNotCallEntry, WrittenTime};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What a program answers: a call is promised for a time as it was said.
fn promised(text: &str, on_leads_clock: bool) -> Answer {
    let written_time = Some(Box::new(WrittenTime { text: text.to_owned(), on_leads_clock }));
    Answer::Now(CallResult { written_time, ..CallResult::of(Outcome::Retry).because("callback") })
}

#[test]
fn a_lead_that_says_half_past_three_is_called_then_by_its_own_clock_before_all_others() {
    let mut sandbox = Sandbox::new();
    // Noon in New York: low priority calls in the quiet hours, and never at half past four.
    sandbox.clock.sleep_until(at("2026-11-23T17:00:00Z"));
    let shy = NewItem {
        priority: Priority::Low,
        place: LeadPlace::of_zones(vec!["America/Chicago".parse().unwrap()]).into(),
        ..sandbox.lead("shy")
    };
    let shy = sandbox.add("acme", &shy);
    let (report, _) = sandbox.run_all(|_| promised("15:30", true));
    assert_eq!((report.totals.retried, report.problems.len()), (1, 0));
    let item = sandbox.item(shy);
    assert_eq!((item.status, item.scheduled_at), (Status::RetryScheduled, at("2026-11-23T21:30:00Z")));
    assert_eq!(item.promise.map(|promise| promise.until), Some(at("2026-11-23T22:00:00Z")));
    assert_eq!(report.next_call_at, Some(item.scheduled_at));

    sandbox.policy.limits.max_concurrent = 1;
    let urgent = |sandbox: &mut Sandbox, lead: &str| {
        let new = NewItem { priority: Priority::Urgent, ..sandbox.lead(lead) };
        sandbox.add("acme", &new)
    };
    sandbox.clock.sleep_until(at("2026-11-23T21:29:59Z"));
    let early = urgent(&mut sandbox, "early");
    assert_eq!(started(&sandbox.run_all(answered).1), [early], "never before its time");
    let late = urgent(&mut sandbox, "late");
    sandbox.clock.sleep_until(at("2026-11-23T21:30:00Z"));
    let (_, stage) = sandbox.run_all(answered);
    assert_eq!(started(&stage), [shy, late]);
    let item = sandbox.item(shy);
    assert_eq!((item.status, item.promise), (Status::Completed, None));
}

#[test]
fn a_spent_budget_grows_by_one_for_a_promise() {
    let mut sandbox = Sandbox::new();
    let new = NewItem { max_retries: 0, ..sandbox.lead("a") };
    let id = sandbox.add("acme", &new);
    sandbox.run_all(|_| promised("11:00", false));
    let item = sandbox.item(id);
    assert_eq!((item.status, item.max_retries, item.counted_attempts), (Status::RetryScheduled, 1, 1));
    sandbox.clock.sleep_until(at("2026-11-23T16:00:00Z"));
    sandbox.run_all(no_answer);
    assert_eq!(sandbox.item(id).status, Status::Failed);
}

#[test]
fn a_promise_outside_of_the_hours_is_moved_and_said_and_one_for_the_past_is_held() {
    let mut sandbox = Sandbox::new();
    let (late, past) = (sandbox.add_lead("late"), sandbox.add_lead("past"));
    let (report, _) =
        sandbox.run_all(move |call| promised(if call.item.id == late { "22:00" } else { "09:00" }, false));
    let item = sandbox.item(late);
    assert_eq!((item.scheduled_at, item.promise.is_some()), (at("2026-11-24T14:00:00Z"), true));
    let item = sandbox.item(past);
    assert_eq!((item.status, item.held, item.promise), (Status::Failed, true, None));
    let said: Vec<String> = report.problems.iter().filter_map(|problem| problem.reason.clone()).collect();
    let moved = "the call promised for Mon 2026-11-23 22:00 EST was moved to Tue 2026-11-24 09:00 EST: nobody may be called before";
    assert!(said.iter().any(|said| said == moved), "{said:?}");
    assert!(
        said.iter().any(|said| said.ends_with("promised a call for a time that has passed: Mon 2026-11-23 09:00 EST"))
    );
}

#[test]
fn what_was_no_call_keeps_its_promise() {
    let mut sandbox = Sandbox::new();
    let new = NewItem { promised_until: Some(sandbox.clock.now() + TimeDelta::minutes(30)), ..sandbox.lead("a") };
    let id = sandbox.add("acme", &new);
    sandbox.run_all(|_| end(Outcome::Returned, "no_free_line"));
    let item = sandbox.item(id);
    assert!(item.promise.is_some() && item.not_before.is_some(), "{item:?}");
    sandbox.clock.sleep_until(item.not_before.unwrap());
    let other = NewItem { priority: Priority::Urgent, ..sandbox.lead("urgent") };
    let other = sandbox.add("acme", &other);
    sandbox.policy.limits.max_concurrent = 1;
    assert_eq!(started(&sandbox.run_all(answered).1), [id, other]);
}

#[test]
fn a_promise_is_missed_once_and_stays_first_in_line() {
    let mut sandbox = Sandbox::new();
    let now = sandbox.clock.now();
    let new = NewItem { promised_until: Some(now + TimeDelta::minutes(30)), ..sandbox.lead("a") };
    let id = sandbox.add("acme", &new);
    let by = Actor::named("tester");
    sandbox.store.pause(None, None, None, &by, now).unwrap();
    let (report, _) = sandbox.run_all(answered);
    assert_eq!(
        report.clients[&"acme".parse().unwrap()].blocked_by.as_ref().map(|closed| closed.gate),
        Some(Gate::Paused)
    );
    assert!(!sandbox.item(id).has_missed_promise(sandbox.clock.now()));
    sandbox.clock.advance(TimeDelta::minutes(30));
    let missed = sandbox.clock.now();
    assert!(sandbox.item(id).has_missed_promise(missed));
    assert_eq!(sandbox.store.missed_callbacks(None, missed).unwrap(), 1);
    sandbox.run_all(answered);
    assert_eq!(sandbox.item(id).promise.unwrap().missed_at, Some(missed));
    sandbox.clock.advance(TimeDelta::minutes(1));
    assert_eq!(sandbox.store.note_missed_callbacks(sandbox.clock.now()).unwrap(), [], "each is noted once");
    sandbox.store.resume(None, &[], &by, sandbox.clock.now()).unwrap();
    let urgent = NewItem { priority: Priority::Urgent, ..sandbox.lead("urgent") };
    let urgent = sandbox.add("acme", &urgent);
    sandbox.policy.limits.max_concurrent = 1;
    assert_eq!(started(&sandbox.run_all(answered).1), [id, urgent]);
    assert_eq!(sandbox.store.missed_callbacks(None, sandbox.clock.now()).unwrap(), 0);
}

#[test]
fn promises_are_kept_in_their_order_whatever_place_and_priority() {
    let mut sandbox = Sandbox::new();
    let now = sandbox.clock.now();
    let promise = |sandbox: &mut Sandbox, lead: &str, minutes: i64, priority, zones: &[&str]| {
        let scheduled_at = now + TimeDelta::minutes(minutes);
        let new = NewItem {
            priority,
            scheduled_at,
            promised_until: Some(scheduled_at + TimeDelta::minutes(30)),
            place: LeadPlace::of_zones(zones.iter().map(|zone| zone.parse().unwrap()).collect()).into(),
            ..sandbox.lead(lead)
        };
        sandbox.add("acme", &new)
    };
    let third = promise(&mut sandbox, "third", 9, Priority::Urgent, &[]);
    let first = promise(&mut sandbox, "first", 1, Priority::Low, &["America/Chicago"]);
    let second = promise(&mut sandbox, "second", 5, Priority::Normal, &[]);
    let plain = sandbox.add_lead("plain");
    sandbox.policy.limits.max_concurrent = 1;
    sandbox.clock.advance(TimeDelta::minutes(10));
    assert_eq!(started(&sandbox.run_all(answered).1), [first, second, third, plain]);
}

#[test]
fn a_promise_passes_no_gate_of_the_law() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.law.caps = vec!["1/24h".parse().unwrap()];
    let promised = |sandbox: &mut Sandbox, lead: &str, phone: &str, zone: &str| {
        let new = NewItem {
            phone: Some(phone.parse().unwrap()),
            promised_until: Some(sandbox.clock.now() + TimeDelta::minutes(30)),
            place: LeadPlace::of_zones(vec![zone.parse().unwrap()]).into(),
            ..sandbox.lead(lead)
        };
        sandbox.add("acme", &new)
    };
    let capped = promised(&mut sandbox, "capped", "+12125550117", "America/New_York");
    sandbox.run_all(|_| promised_again());
    assert_eq!(sandbox.item(capped).scheduled_at, at("2026-11-24T15:00:00Z"), "the cap moves what is promised again");
    // Seven in the morning in Los Angeles.
    let asleep = promised(&mut sandbox, "asleep", "+12125550118", "America/Los_Angeles");
    let blocked = promised(&mut sandbox, "blocked", "+12125550119", "America/New_York");
    let entry = NewDoNotCallEntry {
        pattern: "+12125550119".parse().unwrap(),
        client: None,
        source: "test".to_owned(),
        reason: None,
        until: None,
        said_in: None,
    };
    sandbox.store.block_numbers(&[entry], &Actor::named("tester"), sandbox.clock.now()).unwrap();
    assert_eq!(started(&sandbox.run_all(answered).1), []);
    assert_eq!((sandbox.item(asleep).attempts, sandbox.item(blocked).status), (0, Status::Failed));
}

/// A call is promised for five minutes from now.
fn promised_again() -> Answer {
    promised("+5m", false)
}
