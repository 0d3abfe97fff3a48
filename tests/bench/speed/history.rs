//! A database with much history: items of every status, each with its attempts.

use std::path::Path;

use callq::model::Times;
use rusqlite::{Connection, params};

/// Fills an empty database of callq with `count` items of ten clients: of each ten items seven are completed, one has
/// failed, one is cancelled and one waits. Every second finished item has one attempt, the others have two.
pub(crate) fn fill(database: &Path, count: usize) -> rusqlite::Result<()> {
    let connection = Connection::open(database)?;
    connection.execute_batch(&format!(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY;
         BEGIN IMMEDIATE;
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10)
         INSERT INTO clients (name) SELECT 'client-' || n FROM n;
         INSERT INTO runs (id, started_at, started_by, process_id) VALUES (zeroblob(16), 0, 'bench', 1);
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})
         INSERT INTO items (client_id, lead_id, priority, status, zones, scheduled_at, first_slot_at, first_attempt_at,
             attempts, tries, max_retries, phone, last_reason, created_at, created_by, updated_at)
         SELECT 1 + n % 10, 'lead-' || n, n / 10 % 4,
             CASE WHEN n / 100 % 10 < 7 THEN 'completed' WHEN n / 100 % 10 = 7 THEN 'failed'
                  WHEN n / 100 % 10 = 8 THEN 'cancelled' ELSE 'pending' END,
             0, 1795446000000 + n, 1795446000000 + n, 1795446000000 + n + n % 3600000,
             CASE WHEN n / 100 % 10 < 8 THEN 1 + n % 2 ELSE 0 END,
             CASE WHEN n / 100 % 10 < 8 THEN 1 + n % 2 ELSE 0 END,
             3, printf('+1212%07d', 2000000 + n), CASE WHEN n / 100 % 10 < 8 THEN 'reason-' || n % 7 END,
             1795446000000 + n, 'bench', 1795446000000 + n
         FROM n;
         WITH RECURSIVE number (number) AS (SELECT 1 UNION ALL SELECT 2)
         INSERT INTO attempts (id, item_id, client_id, number, run_id, dispatcher, status_before, started_at,
             finished_at, outcome, reason, duration_ms)
         SELECT unhex(printf('%012x%020x', first_attempt_at, items.id * 2 + number)), items.id, client_id, number,
             zeroblob(16), 'bench', 'pending', first_attempt_at, first_attempt_at + 1,
             CASE WHEN number < attempts THEN 'retry' ELSE status END, last_reason, items.id * 7919 % 300000
         FROM items, number WHERE number <= attempts;
         UPDATE clients SET first_attempt_at = 1795446000000;
         DELETE FROM item_counts;
         INSERT INTO item_counts
             SELECT client_id, status, priority, held, tries > 1, count(*) FROM items GROUP BY 1, 2, 3, 4, 5;
         INSERT INTO attempt_counts SELECT 0, 1, outcome, count(*) FROM attempts GROUP BY outcome;
         INSERT INTO attempt_counts SELECT 0, 2, reason, count(*) FROM attempts
             WHERE outcome <> 'completed' GROUP BY reason;
         INSERT INTO attempt_counts SELECT 0, 6, 0, sum(duration_ms) FROM attempts;
         INSERT INTO attempt_counts SELECT 0, 4, 0, sum(first_attempt_at - first_slot_at) FROM items
             WHERE attempts > 0;"
    ))?;
    let times = |figure: i64, sql: &str| -> rusqlite::Result<()> {
        let mut spread = Times::default();
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            spread.note(row.get::<_, i64>(0)?.unsigned_abs());
        }
        let mut insert = connection.prepare("INSERT INTO attempt_counts VALUES (0, ?1, ?2, ?3)")?;
        for (bucket, count) in spread.buckets() {
            insert.execute(params![figure, bucket.number(), i64::try_from(count).unwrap_or(i64::MAX)])?;
        }
        Ok(())
    };
    times(5, "SELECT duration_ms FROM attempts")?;
    times(3, "SELECT first_attempt_at - first_slot_at FROM items WHERE attempts > 0")?;
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);")
}

/// Fills an empty database of callq with `count` items of ten clients, each called twice and over. The counts of attempts
/// are larger than they are: enough to delete them all.
pub(crate) fn fill_called_twice(database: &Path, count: usize) -> rusqlite::Result<()> {
    let connection = Connection::open(database)?;
    connection.execute_batch(&format!(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY;
         BEGIN IMMEDIATE;
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10)
         INSERT INTO clients (name) SELECT 'client-' || n FROM n;
         INSERT INTO runs (id, started_at, started_by, process_id) VALUES (zeroblob(16), 0, 'bench', 1);
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})
         INSERT INTO items (client_id, lead_id, priority, status, zones, scheduled_at, first_slot_at, first_attempt_at,
             attempts, tries, max_retries, phone, last_reason, created_at, created_by, updated_at)
         SELECT 2 + n % 10, 'lead-' || n, n / 10 % 4, CASE WHEN n % 3 THEN 'completed' ELSE 'failed' END, 0,
             1795446000000 + n, 1795446000000 + n, 1795446000000 + n + n % 3600000, 2, 2, 3, printf('+1212%07d', 2000000 + n),
             'reason', 1795446000000 + n, 'bench', 1795446000000 + n
         FROM n;
         WITH RECURSIVE number (number) AS (SELECT 1 UNION ALL SELECT 2)
         INSERT INTO attempts (id, item_id, client_id, number, run_id, dispatcher, status_before, started_at,
             finished_at, outcome, reason, call_id, duration_ms)
         SELECT unhex(printf('%012x%020x', first_attempt_at, items.id * 2 + number)), items.id, client_id, number,
             zeroblob(16), 'bench', 'pending', first_attempt_at, first_attempt_at + 1,
             CASE WHEN number < attempts THEN 'retry' ELSE status END, last_reason, hex(randomblob(12)),
             items.id * 7919 % 300000
         FROM items, number WHERE number <= attempts;
         DELETE FROM item_counts;
         INSERT INTO item_counts
             SELECT client_id, status, priority, held, tries > 1, count(*) FROM items GROUP BY 1, 2, 3, 4, 5;
         CREATE TEMP TABLE everybody AS SELECT 0 AS id UNION ALL SELECT id FROM clients;
         WITH RECURSIVE bucket (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM bucket WHERE n < 4000)
         INSERT INTO attempt_counts SELECT id, figure.column1, n, {count} FROM everybody, (VALUES (3), (5)) AS figure, bucket;
         INSERT INTO attempt_counts SELECT id, 1, word.column1, {count} * 2
             FROM everybody, (VALUES ('completed'), ('failed'), ('retry')) AS word;
         INSERT INTO attempt_counts SELECT id, 2, 'reason', {count} * 2 FROM everybody;
         INSERT INTO attempt_counts SELECT id, figure.column1, 0, {count} * 8000000
             FROM everybody, (VALUES (4), (6)) AS figure;
         COMMIT;
         PRAGMA wal_checkpoint(TRUNCATE);"
    ))
}
