//! The cost of a turn in steps of SQLite's machine: it depends on the groups that are looked at, not on the items.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering as Atomic};
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use tempfile::TempDir;

use super::*;
use crate::model::{CallResult, Outcome, Status};
use crate::store::{Access, Conclusion, Import, Imported, NewItem};

const NOW: &str = "2026-11-23T15:00:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

/// Five slots for every client but `closed`, whose windows are shut; ids count up.
#[derive(Default)]
struct Simple {
    attempts: u8,
}

impl ClaimRules for Simple {
    fn most_a_minute(&self, _: &ClientId) -> u32 {
        0
    }

    fn slots(&mut self, state: &ClientState) -> u32 {
        5_u32.saturating_sub(state.open_attempts)
    }

    fn is_open(&mut self, group: &Group) -> bool {
        group.client.as_str() != "closed"
    }

    fn order(&self, _: &ClientId, a: &Candidate, b: &Candidate) -> Ordering {
        (a.priority, a.scheduled_at, a.id).cmp(&(b.priority, b.scheduled_at, b.id))
    }

    fn passes_over(&self, _: ItemId) -> bool {
        false
    }

    fn begin(&mut self, _: &Item) -> StoreResult<NewAttempt> {
        self.attempts += 1;
        Ok(NewAttempt { id: AttemptId::new(now(), [self.attempts; 10]), dispatcher: "simulate" })
    }
}

/// A queue of `count` items of each client, made by `shape`, and its folder.
fn queue(count: usize, shape: impl Fn(usize, NewItem) -> NewItem, clients: &[&str]) -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let mut store = Store::open(&folder.path().join("queue.db"), Access::Create).unwrap();
    for client in clients {
        let client: ClientId = client.parse().unwrap();
        let by = Actor::named("tester");
        let import = Import { client: &client, by: &by, now: now(), dry_run: false };
        let feed = |put: crate::store::Put<'_>| {
            for n in 0..count {
                let new = NewItem {
                    lead: format!("lead-{n}").parse().unwrap(),
                    key: None,
                    priority: Priority::Normal,
                    status: Status::Pending,
                    scheduled_at: now() - TimeDelta::hours(1),
                    expires_at: None,
                    max_retries: 3,
                    phone: Some(format!("+1555{n:07}").parse().unwrap()),
                    zones: Vec::new(),
                    metadata: None,
                };
                put(&shape(n, new), &mut |_| Ok(None))?;
            }
            Ok(Imported::Keep)
        };
        store.import::<StoreError>(import, feed).unwrap();
    }
    (folder, store)
}

fn claims(finished: &[Finish], by: &Actor, take: impl FnOnce(&Claims<'_>) -> Taken) -> Taken {
    let run = RunId::new(now(), [0; 10]);
    take(&Claims { finished, client: None, limit: 10, run, run_started_at: now(), boot: None, by, now: now() })
}

/// The steps of one turn, and what it took.
fn steps_of_turn(store: &mut Store, rules: &mut Simple) -> (u64, Taken) {
    let steps = Arc::new(AtomicU64::new(0));
    let counter = steps.clone();
    let count = move || {
        counter.fetch_add(1, Atomic::Relaxed);
        false
    };
    store.connection.progress_handler(1, Some(count)).unwrap();
    let by = Actor::named("tester");
    let taken = claims(&[], &by, |claims| store.turn(claims, rules).unwrap());
    store.connection.progress_handler(0, None::<fn() -> bool>).unwrap();
    (steps.load(Atomic::Relaxed), taken)
}

/// A turn over a queue of this shape takes `expected` items in nearly as many steps at 20 times the length.
fn costs_the_same(shape: impl Fn(usize, NewItem) -> NewItem + Copy, clients: &[&str], expected: usize) {
    let (_small_folder, mut small) = queue(200, shape, clients);
    let (_large_folder, mut large) = queue(4_000, shape, clients);
    let of = |store| steps_of_turn(store, &mut Simple::default());
    let ((few, small_taken), (many, large_taken)) = (of(&mut small), of(&mut large));
    assert_eq!((small_taken.claimed.len(), large_taken.claimed.len()), (expected, expected));
    assert!(many <= few + few / 10, "{many} steps for 4,000 items, {few} for 200");
}

#[test]
fn a_turn_costs_the_same_however_many_items_are_due() {
    costs_the_same(|_, new| new, &["acme"], 5);
}

#[test]
fn a_turn_costs_the_same_however_many_items_are_still_to_come() {
    let later = |_, new: NewItem| NewItem { scheduled_at: now() + TimeDelta::hours(1), ..new };
    costs_the_same(later, &["acme"], 0);
}

#[test]
fn a_turn_costs_the_same_however_many_urgent_leads_of_closed_clients_stand_in_front() {
    let urgent = |n: usize, new: NewItem| {
        let priority = if n.is_multiple_of(2) { Priority::Urgent } else { Priority::Low };
        NewItem { priority, ..new }
    };
    costs_the_same(urgent, &["closed", "acme"], 5);
}

#[test]
fn a_turn_costs_the_same_however_much_history_there_is() {
    let by = Actor::named("tester");
    let mut steps = Vec::new();
    for rounds in [2_u8, 20] {
        let (_folder, mut store) = queue(400, |_, new| new, &["acme"]);
        let mut rules = Simple::default();
        let mut finished = Vec::new();
        for _ in 0..rounds {
            let taken = claims(&finished, &by, |claims| store.turn(claims, &mut rules).unwrap());
            let finish = |claimed: &Claimed| Finish {
                attempt: claimed.attempt,
                item: claimed.item.id,
                so_far: None,
                result: CallResult::of(Outcome::Completed),
                conclusion: Conclusion::Completed,
                finished_at: now(),
                duration_ms: Some(1),
                business_ms: 1,
                number_taken_until: None,
            };
            finished = taken.claimed.iter().map(finish).collect();
        }
        claims(&finished, &by, |claims| store.turn(&Claims { limit: 0, ..*claims }, &mut rules).unwrap());
        let (cost, taken) = steps_of_turn(&mut store, &mut rules);
        assert_eq!(taken.claimed.len(), 5);
        steps.push(cost);
    }
    assert!(steps[1] <= steps[0] + steps[0] / 10, "{steps:?}");
}

#[test]
fn a_turn_costs_the_same_however_many_items_wait_for_a_retry() {
    // Half of them are due.
    let waiting = |n: usize, new: NewItem| {
        let hours = if n.is_multiple_of(2) { -1 } else { 1 };
        NewItem { scheduled_at: now() + TimeDelta::hours(hours), ..new }
    };
    let mut steps = Vec::new();
    for count in [200, 4_000] {
        let (_folder, mut store) = queue(count, waiting, &["acme"]);
        let retried = "UPDATE items SET status = 'retry_scheduled', attempts = 1, tries = 1";
        store.connection.execute_batch(retried).unwrap();
        let (cost, taken) = steps_of_turn(&mut store, &mut Simple::default());
        assert_eq!(taken.claimed.len(), 5);
        steps.push(cost);
    }
    assert!(steps[1] <= steps[0] + steps[0] / 10, "{steps:?}");
}

#[test]
fn a_turn_costs_the_same_however_many_items_wait_for_one_number() {
    let lost = "UPDATE items SET status = 'failed', held = 1, attempts = 1, tries = 1 WHERE id = 1;
         INSERT INTO attempts (id, item_id, client_id, number, run_id, dispatcher, phone, status_before, started_at,
             finished_at, outcome, number_taken_until)
         SELECT randomblob(16), id, client_id, 1, randomblob(16), 'command', phone, 'pending', 0, 0, 'unknown',
             9000000000000 FROM items WHERE id = 1";
    let mut steps = Vec::new();
    for count in [200, 4_000] {
        let one_number = |n: usize, new: NewItem| {
            let phone = if n == count - 1 { "+15551" } else { "+15550" };
            NewItem { phone: Some(format!("{phone}000000").parse().unwrap()), ..new }
        };
        let (_folder, mut store) = queue(count, one_number, &["acme"]);
        store.connection.execute_batch(lost).unwrap();
        let (mut rules, mut turns, mut claimed) = (Simple::default(), 0, 0);
        loop {
            let taken = steps_of_turn(&mut store, &mut rules).1;
            claimed += taken.claimed.len();
            assert!(taken.uncalled <= HELD_BACK_AT_ONCE);
            turns += 1;
            if taken.uncalled == 0 {
                break;
            }
        }
        assert!(claimed == 1 && turns <= count / HELD_BACK_AT_ONCE + 2, "{claimed} claimed in {turns} turns");
        steps.push(steps_of_turn(&mut store, &mut rules).0);
    }
    assert!(steps[1] <= steps[0] + steps[0] / 10, "{steps:?}");
}

#[test]
fn a_turn_over_many_clients_costs_the_same_for_each() {
    let names: Vec<String> = (0..500).map(|n| format!("client-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let later = |_, new: NewItem| NewItem { scheduled_at: now() + TimeDelta::hours(1), ..new };
    let [few, many] = [50, 500].map(|count| {
        let (_folder, mut store) = queue(2, later, &names[..count]);
        steps_of_turn(&mut store, &mut Simple::default()).0 / count as u64
    });
    assert!(many <= few + few / 10, "{many} steps for each of 500 clients, {few} for each of 50");
}

/// The statements of a run: its looks, its claims, and records of every kind.
fn statements_of_a_run() -> (TempDir, Store, BTreeSet<String>) {
    let (folder, mut store) = queue(50, |_, new| new, &["acme"]);
    let heard = Arc::new(Mutex::new(BTreeSet::new()));
    let listener = heard.clone();
    let listen = move |event: TraceEvent<'_>| {
        if let TraceEvent::Stmt(statement, _) = event {
            listener.lock().unwrap().insert(statement.sql().into_owned());
        }
    };
    store.connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(listen)).unwrap();
    let (by, mut rules) = (Actor::named("tester"), Simple::default());
    store.anything_due(now()).unwrap();
    let taken = claims(&[], &by, |claims| store.turn(claims, &mut rules).unwrap()).claimed;
    let ends = [
        (Outcome::Completed, Conclusion::Completed),
        (Outcome::Retry, Conclusion::RetryAt(now())),
        (Outcome::Returned, Conclusion::GivenBack { not_before: Some(now()) }),
        (Outcome::Unknown, Conclusion::GaveUp { held: true }),
        (Outcome::Accepted, Conclusion::Accepted { result_due_at: now() }),
    ];
    let finish = |(claimed, (outcome, conclusion)): (&Claimed, (Outcome, Conclusion))| Finish {
        attempt: claimed.attempt,
        item: claimed.item.id,
        result: CallResult::of(outcome),
        conclusion,
        finished_at: now(),
        duration_ms: Some(1),
        business_ms: 1,
        number_taken_until: None,
        so_far: None,
    };
    let finished: Vec<Finish> = taken.iter().zip(ends).map(finish).collect();
    claims(&finished, &by, |claims| store.turn(claims, &mut rules).unwrap());
    store.next_due(now()).unwrap();
    store.pauses(now()).unwrap();
    store.connection.trace_v2(TraceEventCodes::empty(), None::<fn(TraceEvent<'_>)>).unwrap();
    let statements = heard.lock().unwrap().clone();
    (folder, store, statements)
}

#[test]
fn no_statement_of_a_run_scans_items_or_attempts() {
    let (_folder, store, statements) = statements_of_a_run();
    let changes =
        statements.iter().filter(|sql| sql.starts_with("UPDATE items") || sql.starts_with("INSERT INTO attempts"));
    assert!(changes.count() >= 4, "{statements:?}");
    for sql in statements.iter().filter(|sql| !["BEGIN", "COMMIT", "PRAGMA"].iter().any(|word| sql.starts_with(word))) {
        let mut plan = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = plan.raw_query().mapped(|row| row.get(3)).collect::<Result<Vec<String>, _>>().unwrap();
        for step in steps {
            assert!(!step.starts_with("SCAN items") && !step.starts_with("SCAN attempts"), "{step}: {sql}");
        }
    }
}
