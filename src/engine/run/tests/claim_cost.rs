//! The cost of a turn in steps of SQLite's machine: it depends on the groups that are looked at, not on the items.

use std::collections::{BTreeSet, HashMap, HashSet};

use tempfile::TempDir;

use super::super::claim::{ClaimBatch, ClaimRequest, HELD_BACK_AT_ONCE, KeptPolicies, claim};
use super::*;
use crate::engine::breaker::Breaker;
use crate::engine::provider::Capacities;
use crate::scheduler::{HoursPolicy, WeeklyHours};
use crate::store::Resolution;

const NOW: &str = "2026-11-23T15:00:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

/// It is Monday, ten o'clock: every client but `closed` is open.
fn policies() -> PolicyBook {
    let policy = super::policy();
    let closed = HoursPolicy { business: WeeklyHours::closed(), ..policy.hours.clone() };
    let closed = Policy { hours: closed, ..policy.clone() };
    PolicyBook::new(policy, [("closed".parse().unwrap(), closed)].into())
}

/// A queue of `count` items of each client, made by `shape`, and its folder.
fn queue(count: usize, shape: impl Fn(usize, NewItem) -> NewItem, clients: &[&str]) -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let mut store = Store::open(&folder.path().join("queue.db"), Access::Create).unwrap();
    for client in clients {
        let client: ClientId = client.parse().unwrap();
        let by = Actor::named("tester");
        let import = Import { by: &by, now: now(), dry_run: false };
        let feed = |writer: &mut crate::store::ImportWriter<'_>| {
            for n in 0..count {
                let new = NewItem {
                    lead: format!("lead-{n}").parse().unwrap(),
                    key: None,
                    priority: Priority::Normal,
                    status: Status::Pending,
                    scheduled_at: now() - TimeDelta::hours(1),
                    asked_at: None,
                    expires_at: None,
                    max_retries: 3,
                    phone: Some(format!("+1212{:07}", 2_000_000 + n).parse().unwrap()),
                    region: None,
                    place: Default::default(),
                    metadata: None,
                    consent: None,
                    promised_until: None,
                };
                writer.put(&client, None, &shape(n, new), &mut |_| Ok(None))?;
            }
            Ok(Imported::Keep)
        };
        store.import::<StoreError>(import, feed).unwrap();
    }
    (folder, store)
}

/// What one turn of a run claims.
fn turn(store: &mut Store, random: &mut CountingRandom, finished: &[Finish], limit: usize) -> Vec<Claimed> {
    batch(store, random, finished, limit).claimed.into_iter().map(|(claimed, _)| claimed).collect()
}

/// One turn of a run, up to `limit` claims.
fn batch(store: &mut Store, random: &mut CountingRandom, finished: &[Finish], limit: usize) -> ClaimBatch {
    let (folder, polling) = (TempDir::new().unwrap(), Polling::of_nobody());
    let request = ClaimRequest {
        policies: &policies(),
        client: None,
        limit,
        breaker: &Breaker::default(),
        passed_over: &HashSet::new(),
        in_flight: &HashMap::new(),
        leases: &LeaseFolder::open(&folder.path().join("queue.db")),
        waits: &HashMap::new(),
        provider: &**polling.provider(),
        capacities: &Capacities::default(),
        run: RunId::new(now(), [0; 10]),
        run_started_at: now(),
        boot: None,
        by: &Actor::named("tester"),
        law: 0,
        kept: &KeptPolicies::default(),
        now: now(),
    };
    let mut transaction = store.begin_turn().unwrap();
    finished.iter().for_each(|finish| _ = transaction.record(finish).unwrap());
    transaction.fail_expired(request.by, now()).unwrap();
    transaction.release_returned(now()).unwrap();
    let batch = claim(&mut transaction, &request, random).unwrap();
    transaction.commit().unwrap();
    batch
}

/// The steps of one turn, and how many items it claimed.
fn steps_of_turn(store: &mut Store) -> (u64, usize) {
    let (steps, claimed) = store.count_steps(|store| turn(store, &mut CountingRandom::default(), &[], 10));
    (steps, claimed.len())
}

/// A turn over a queue of this shape takes `expected` items in nearly as many steps at 20 times the length.
fn costs_the_same(shape: impl Fn(usize, NewItem) -> NewItem + Copy, clients: &[&str], expected: usize) {
    let (_small_folder, mut small) = queue(200, shape, clients);
    let (_large_folder, mut large) = queue(4_000, shape, clients);
    let ((few, of_small), (many, of_large)) = (steps_of_turn(&mut small), steps_of_turn(&mut large));
    assert_eq!((of_small, of_large), (expected, expected));
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
fn a_turn_costs_the_same_however_many_calls_are_promised() {
    let promised = |n: usize, new: NewItem| {
        let later = if n.is_multiple_of(2) { TimeDelta::hours(2) } else { TimeDelta::zero() };
        let scheduled_at = new.scheduled_at + later;
        NewItem { scheduled_at, promised_until: Some(scheduled_at + TimeDelta::minutes(30)), ..new }
    };
    costs_the_same(promised, &["closed", "acme"], 5);
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
    let mut steps = Vec::new();
    for rounds in [2_u8, 20] {
        let (_folder, mut store) = queue(400, |_, new| new, &["acme"]);
        let mut random = CountingRandom::default();
        let mut finished = Vec::new();
        for _ in 0..rounds {
            let claimed = turn(&mut store, &mut random, &finished, 10);
            let finish = |claimed: &Claimed| Finish {
                attempt: claimed.attempt,
                item: claimed.item.id,
                so_far: None,
                result: CallResult::of(Outcome::Completed),
                resolution: Resolution::Completed,
                finished_at: now(),
                duration_ms: Some(1),
                business_ms: 1,
                number_taken_until: None,
            };
            finished = claimed.iter().map(finish).collect();
        }
        turn(&mut store, &mut random, &finished, 0);
        let (cost, claimed) = store.count_steps(|store| turn(store, &mut random, &[], 10));
        assert_eq!(claimed.len(), 5);
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
        store.execute(retried);
        let (cost, claimed) = steps_of_turn(&mut store);
        assert_eq!(claimed, 5);
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
            let phone = if n == count - 1 { "+12125550101" } else { "+12125550100" };
            NewItem { phone: Some(phone.parse().unwrap()), ..new }
        };
        let (_folder, mut store) = queue(count, one_number, &["acme"]);
        store.execute(lost);
        let (mut random, mut turns, mut claimed) = (CountingRandom::default(), 0, 0);
        loop {
            let batch = batch(&mut store, &mut random, &[], 10);
            claimed += batch.claimed.len();
            assert!(batch.held_back <= HELD_BACK_AT_ONCE);
            turns += 1;
            if batch.held_back == 0 {
                break;
            }
        }
        assert!(claimed == 1 && turns <= count / HELD_BACK_AT_ONCE + 2, "{claimed} claimed in {turns} turns");
        steps.push(steps_of_turn(&mut store).0);
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
        steps_of_turn(&mut store).0 / count as u64
    });
    assert!(many <= few + few / 10, "{many} steps for each of 500 clients, {few} for each of 50");
}

/// The statements of a run: its looks, its claims, and records of every kind.
fn statements_of_a_run() -> (TempDir, Store, BTreeSet<String>) {
    let (folder, mut store) = queue(50, |_, new| new, &["acme"]);
    let statements = store.statements_of(|store| {
        store.anything_due(now()).unwrap();
        let mut random = CountingRandom::default();
        let claimed = turn(store, &mut random, &[], 10);
        let ends = [
            (Outcome::Completed, Resolution::Completed),
            (Outcome::Retry, Resolution::RetryAt { at: now(), due: now() }),
            (Outcome::Returned, Resolution::Returned { not_before: Some(now()) }),
            (Outcome::Unknown, Resolution::GaveUp { held: true }),
            (Outcome::Accepted, Resolution::Accepted { result_due_at: now() }),
        ];
        let finish = |(claimed, (outcome, resolution)): (&Claimed, (Outcome, Resolution))| Finish {
            attempt: claimed.attempt,
            item: claimed.item.id,
            result: CallResult::of(outcome),
            resolution,
            finished_at: now(),
            duration_ms: Some(1),
            business_ms: 1,
            number_taken_until: None,
            so_far: None,
        };
        let finished: Vec<Finish> = claimed.iter().zip(ends).map(finish).collect();
        turn(store, &mut random, &finished, 10);
        store.next_due(now()).unwrap();
        store.pauses(now()).unwrap();
    });
    (folder, store, statements)
}

#[test]
fn no_statement_of_a_run_scans_items_or_attempts() {
    let (_folder, store, statements) = statements_of_a_run();
    let changes =
        statements.iter().filter(|sql| sql.starts_with("UPDATE items") || sql.starts_with("INSERT INTO attempts"));
    assert!(changes.count() >= 3, "{statements:?}");
    for sql in statements.iter().filter(|sql| !["BEGIN", "COMMIT", "PRAGMA"].iter().any(|word| sql.starts_with(word))) {
        for step in store.query_plan(sql) {
            assert!(!step.starts_with("SCAN items") && !step.starts_with("SCAN attempts"), "{step}: {sql}");
        }
    }
}
