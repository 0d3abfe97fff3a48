//! The schema, version by version. Steps are only ever added.

/// Marks a file as a callq database: the letters `clq1`.
pub(crate) const APPLICATION_ID: i32 = 0x636c_7131;

/// The steps from an empty file to the present schema; `user_version` counts those that a file has.
pub(crate) const STEPS: [&str; 6] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6];

/// The schema version that this program writes.
pub(crate) const PRESENT_VERSION: usize = STEPS.len();

/// SQL that says that an item waits. Written the same everywhere, so that SQLite sees that a partial index serves.
pub(crate) const WAITING: &str = "(status = 'pending' OR status = 'scheduled' OR status = 'retry_scheduled')";

/// SQL that says that an item may be claimed as soon as it is due: it waits, no returned attempt holds it back, and no call
/// of it is promised.
pub(crate) const QUEUED: &str = "(status = 'pending' OR status = 'scheduled' OR status = 'retry_scheduled') \
     AND not_before IS NULL AND callback_until IS NULL";

/// The same of an item whose next call is promised.
pub(crate) const PROMISED: &str = "(status = 'pending' OR status = 'scheduled' OR status = 'retry_scheduled') \
     AND not_before IS NULL AND callback_until IS NOT NULL";

/// SQL that says that an item takes its lead's one place: it is live, or held.
pub(crate) const TAKES_LEAD: &str =
    "(status = 'pending' OR status = 'scheduled' OR status = 'in_progress' OR status = 'retry_scheduled' OR held = 1)";

/// SQL that says that nothing more happens to an item, unless a person asks for it, and that no person has to decide.
pub(crate) const SETTLED: &str = "status IN ('completed', 'failed', 'cancelled') AND held = 0";

/// SQL that says that an attempt is open: its call runs, or was accepted and has no result yet.
pub(crate) const OPEN: &str = "(outcome IS NULL OR outcome = 'accepted')";

/// Alternatives are spelled with OR: for `IN` with three values or more SQLite builds a table of its own in every
/// statement that inserts or updates a row (measured: an insert costs three times as much).
///
/// Instants are milliseconds since 1970, UTC. Priorities are 0 (urgent) to 3 (low).
const VERSION_1: &str = include_str!("schema/version_1.sql");

/// No reference to the item: the number stays here when that is pruned.
const VERSION_2: &str = include_str!("schema/version_2.sql");

/// After an unknown outcome the person may still be on the line: nobody else calls the number before
/// `number_taken_until`. Unknown attempts of version 2 keep it for two hours, the default `call_timeout`.
/// `first_asked_at` is when recovery first asked the provider whether it has the call.
const VERSION_3: &str = include_str!("schema/version_3.sql");

/// What the rules of the law need.
const VERSION_4: &str = include_str!("schema/version_4.sql");

/// What promises, events and shares need.
const VERSION_5: &str = include_str!("schema/version_5.sql");

/// What is learned of hours, and what is left of pruned days.
const VERSION_6: &str = include_str!("schema/version_6.sql");

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn no_write_builds_a_table_of_its_own() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(VERSION_1).unwrap();
        for write in [
            "INSERT INTO items (client_id, lead_id, priority, status, zones, scheduled_at, first_slot_at, max_retries,
                 created_at, created_by, updated_at) VALUES (1, 'a', 2, 'pending', 0, 0, 0, 3, 0, 'x', 0)
             ON CONFLICT DO NOTHING",
            "UPDATE items SET status = 'in_progress', open_attempt = x'00', not_before = NULL WHERE id = 1",
            "INSERT INTO attempts (id, item_id, client_id, number, run_id, dispatcher, status_before, started_at)
             VALUES (?1, 1, 1, 1, ?1, 'command', 'pending', 0)",
            "UPDATE attempts SET outcome = 'completed', finished_at = 0 WHERE id = ?1",
        ] {
            let mut statement = connection.prepare(&format!("EXPLAIN {write}")).unwrap();
            let mut rows = statement.raw_query();
            let mut steps = 0;
            while let Some(row) = rows.next().unwrap() {
                let operation: String = row.get("opcode").unwrap();
                assert_ne!(operation, "OpenEphemeral", "{write}");
                steps += 1;
            }
            assert!(steps > 0);
        }
    }
}
