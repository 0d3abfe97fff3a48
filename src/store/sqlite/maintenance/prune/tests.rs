//! What a step deletes, and what it leaves: changed items, runs that went on, all that is left when its time is over.

use std::cell::Cell;
use std::sync::{Arc, Mutex};

use rusqlite::trace::{TraceEvent, TraceEventCodes};

use super::*;
use crate::store::Access;

/// `count` completed items of 1970, each with an attempt of a run of its own.
fn history(count: i64) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("queue.db"), Access::Create).unwrap();
    let fill = format!(
        "INSERT INTO clients (id, name) VALUES (1, 'acme');
         WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {count})
         INSERT INTO items (client_id, lead_id, priority, status, zones, scheduled_at, first_slot_at, max_retries,
             attempts, tries, created_at, created_by, updated_at)
         SELECT 1, 'lead' || n, 2, 'completed', 0, 0, 0, 3, 1, 1, 0, 'ops', 0 FROM number;
         INSERT INTO runs (id, started_at, started_by, process_id) SELECT unhex(printf('%032x', id)), 0, 'ops', 1 FROM items;
         INSERT INTO attempts (id, item_id, client_id, number, run_id, dispatcher, status_before, started_at, finished_at,
             outcome)
         SELECT unhex(printf('%032x', id)), id, 1, 1, unhex(printf('%032x', id)), 'command', 'pending', 0, 1, 'completed'
             FROM items;
         INSERT INTO item_counts VALUES (1, 'completed', 2, 0, 0, {count});
         INSERT INTO attempt_counts SELECT c.n, f.n, f.k, {count} FROM (SELECT 0 AS n UNION SELECT 1) AS c,
             (SELECT 1 AS n, 'completed' AS k UNION SELECT 3, 0) AS f;"
    );
    store.connection.execute_batch(&fill).unwrap();
    (folder, store)
}

const ALL: Prune<'static> = Prune {
    client: None,
    statuses: &[],
    before: DateTime::UNIX_EPOCH,
    of_clients: &[],
    counted_since: DateTime::<Utc>::MAX_UTC,
};

fn all() -> Prune<'static> {
    Prune { before: DateTime::from_timestamp_millis(1_000).unwrap(), ..ALL }
}

const UNBOUNDED: StepClock<'static> = StepClock { elapsed: &|| Duration::ZERO, at_most: Duration::MAX };

fn utc_day(_: &ClientId, at: DateTime<Utc>) -> chrono::NaiveDate {
    at.date_naive()
}

fn left(store: &Store, table: &str) -> Vec<i64> {
    let mut ids = store.connection.prepare(&format!("SELECT {table} ORDER BY 1")).unwrap();
    ids.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_step_deletes_only_what_is_still_as_it_was_read() {
    let (_folder, mut store) = history(5);
    let read = store.prunable(&all(), None, 100).unwrap();
    assert_eq!(read.len(), 5);
    store
        .connection
        .execute_batch(
            "UPDATE items SET status = 'pending' WHERE id = 1;
             UPDATE items SET attempts = 2 WHERE id = 2;
             UPDATE items SET updated_at = 1000 WHERE id = 3;
             UPDATE items SET status = 'failed', held = 1 WHERE id = 4;",
        )
        .unwrap();
    let step = store.prune(&all(), &read, &utc_day, UNBOUNDED).unwrap();
    assert_eq!((step.done, step.pruned), (5, Pruned { items: 1, attempts: 1 }));
    assert_eq!(left(&store, "id FROM items"), [1, 2, 3, 4]);
    assert_eq!(left(&store, "item_id FROM attempts"), [1, 2, 3, 4]);
}

#[test]
fn a_step_whose_time_is_over_leaves_the_rest_and_its_counts() {
    let (_folder, mut store) = history(10);
    let read = store.prunable(&all(), None, 100).unwrap();
    let time = Cell::new(0);
    let elapsed = || {
        time.set(time.get() + 10);
        Duration::from_millis(time.get())
    };
    // It is asked once at the begin and once before each item but the first.
    let step = store
        .prune(&all(), &read, &utc_day, StepClock { elapsed: &elapsed, at_most: Duration::from_millis(40) })
        .unwrap();
    assert_eq!((step.done, step.pruned.items, step.took), (4, 4, Duration::from_millis(50)));
    assert_eq!(left(&store, "id FROM items"), [5, 6, 7, 8, 9, 10]);
    assert_eq!(store.miscounts().unwrap(), []);
    let late = StepClock { elapsed: &elapsed, at_most: Duration::ZERO };
    assert_eq!(store.prune(&all(), &read[4..], &utc_day, late).unwrap().done, 1, "one item is always looked at");
    assert_eq!(store.miscounts().unwrap(), []);
}

#[test]
fn a_page_begins_behind_the_last_one() {
    let (_folder, store) = history(5);
    let ids = |after: Option<u64>, most| {
        let after = after.map(|id| id.to_string().parse().unwrap());
        let page = store.prunable(&all(), after, most).unwrap();
        page.iter().map(|item| item.id.get()).collect::<Vec<_>>()
    };
    assert_eq!((ids(None, 2), ids(Some(2), 2), ids(Some(4), 2)), (vec![1, 2], vec![3, 4], vec![5]));
    assert_eq!(ids(Some(5), 2).len(), 0);
    assert_eq!(store.prunable(&ALL, None, 2).unwrap(), [], "nothing is that old");
}

#[test]
fn a_run_goes_without_an_attempt_unless_it_has_made_one_meanwhile() {
    let (_folder, mut store) = history(4);
    let read = store.prunable(&all(), None, 3).unwrap();
    store.prune(&all(), &read, &utc_day, UNBOUNDED).unwrap();
    let idle = store.idle_runs(all().before).unwrap();
    assert_eq!(idle.runs.len(), 3);
    let goes_on = "UPDATE items SET attempts = 2, tries = 2 WHERE id = 4;
         INSERT INTO attempts (id, item_id, client_id, number, run_id, dispatcher, status_before, started_at, finished_at,
             outcome)
         SELECT unhex(printf('%032x', 9)), 4, 1, 2, unhex(printf('%032x', 2)), 'command', 'pending', 0, 1, 'completed'";
    store.connection.execute_batch(goes_on).unwrap();
    assert_eq!(store.prune_runs(&idle, 0..1, UNBOUNDED).unwrap().done, 1);
    assert_eq!(left(&store, "process_id FROM runs").len(), 3);
    assert_eq!(store.prune_runs(&idle, 1..9, UNBOUNDED).unwrap().done, 2);
    assert_eq!(left(&store, "CAST(ltrim(hex(id), '0') AS INTEGER) FROM runs"), [2, 4]);
    assert_eq!(store.broken_references().unwrap(), 0);
}

#[test]
fn no_statement_of_a_step_scans_items_or_attempts() {
    let (_folder, mut store) = history(50);
    let idle = store.idle_runs(all().before).unwrap();
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let listener = heard.clone();
    let listen = move |event: TraceEvent<'_>| {
        if let TraceEvent::Stmt(statement, _) = event {
            listener.lock().unwrap().push(statement.sql().into_owned());
        }
    };
    store.connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(listen)).unwrap();
    let client = "acme".parse().unwrap();
    let prune = Prune { client: Some(&client), statuses: &[Status::Completed], ..all() };
    let read = store.prunable(&prune, None, 10).unwrap();
    assert_eq!(store.prune(&prune, &read, &utc_day, UNBOUNDED).unwrap().pruned.items, 10);
    store.prune_runs(&idle, 0..9, UNBOUNDED).unwrap();
    store.item_ids().unwrap();
    store.connection.trace_v2(TraceEventCodes::empty(), None::<fn(TraceEvent<'_>)>).unwrap();
    let statements = heard.lock().unwrap().clone();
    assert!(statements.iter().any(|sql| sql.starts_with("DELETE FROM items")), "{statements:?}");
    for sql in statements.iter().filter(|sql| ["SELECT", "DELETE"].iter().any(|word| sql.starts_with(word))) {
        let mut plan = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = plan.raw_query().mapped(|row| row.get(3)).collect::<Result<Vec<String>, _>>().unwrap();
        for step in steps.iter().filter(|step| step.contains("items") || step.contains("attempts")) {
            // The lowest and the highest id are the ends of the table.
            assert!(step.starts_with("SEARCH") || sql.contains("LIMIT 1"), "{step}: {sql}");
        }
    }
}
