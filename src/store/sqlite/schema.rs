//! The schema, version by version. Steps are only ever added.

/// Marks a file as a callq database: the letters `clq1`.
pub(crate) const APPLICATION_ID: i32 = 0x636c_7131;

/// The steps from an empty file to the present schema; `user_version` counts those that a file has.
pub(crate) const STEPS: [&str; 4] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4];

/// The schema version that this program writes.
pub(crate) const PRESENT_VERSION: usize = STEPS.len();

/// SQL that says that an item waits. Written the same everywhere, so that SQLite sees that a partial index serves.
pub(crate) const WAITING: &str = "(status = 'pending' OR status = 'scheduled' OR status = 'retry_scheduled')";

/// SQL that says that an item may be claimed as soon as it is due: it waits, and no returned attempt holds it back.
pub(crate) const QUEUED: &str =
    "(status = 'pending' OR status = 'scheduled' OR status = 'retry_scheduled') AND not_before IS NULL";

/// SQL that says that an item takes its lead's one place: it is live, or held.
pub(crate) const TAKES_LEAD: &str =
    "(status = 'pending' OR status = 'scheduled' OR status = 'in_progress' OR status = 'retry_scheduled' OR held = 1)";

/// SQL that says that nothing more happens to an item, unless a person asks for it, and that no person has to decide.
pub(crate) const SETTLED: &str = "status IN ('completed', 'failed', 'cancelled') AND held = 0";

/// SQL that says that an attempt is open: its call runs, or was handed over and has no result yet.
pub(crate) const OPEN: &str = "(outcome IS NULL OR outcome = 'accepted')";

/// Alternatives are spelled with OR: for `IN` with three values or more SQLite builds a table of its own in every
/// statement that inserts or updates a row (measured: an insert costs three times as much).
///
/// Instants are milliseconds since 1970, UTC. Priorities are 0 (urgent) to 3 (low).
const VERSION_1: &str = "
CREATE TABLE clients (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    last_turn INTEGER NOT NULL DEFAULT 0,
    first_attempt_at INTEGER
) STRICT;

-- The zones of a lead, sorted and joined by one space; row 0 stands for none (the client's own).
CREATE TABLE zone_sets (
    id INTEGER PRIMARY KEY,
    names TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO zone_sets (id, names) VALUES (0, '');

CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id INTEGER NOT NULL REFERENCES clients (id),
    lead_id TEXT NOT NULL CHECK (lead_id <> ''),
    key TEXT,
    priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 3),
    status TEXT NOT NULL CHECK (status = 'pending' OR status = 'scheduled' OR status = 'in_progress'
                                    OR status = 'retry_scheduled' OR status = 'completed' OR status = 'failed'
                                    OR status = 'cancelled'),
    held INTEGER NOT NULL DEFAULT 0 CHECK (held = 0 OR (held = 1 AND status = 'failed')),
    zones INTEGER NOT NULL REFERENCES zone_sets (id),
    scheduled_at INTEGER NOT NULL,
    not_before INTEGER CHECK (not_before IS NULL OR status = 'pending' OR status = 'scheduled'
                              OR status = 'retry_scheduled'),
    expires_at INTEGER,
    first_slot_at INTEGER NOT NULL,
    first_attempt_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    tries INTEGER NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND attempts),
    max_retries INTEGER NOT NULL CHECK (max_retries >= 0 AND tries <= max_retries + 1),
    open_attempt BLOB CHECK ((status = 'in_progress') = (open_attempt IS NOT NULL)),
    withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn = 0 OR (withdrawn = 1 AND status = 'in_progress')),
    phone TEXT,
    metadata TEXT,
    last_reason TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK (status <> 'retry_scheduled' OR attempts > 0)
) STRICT;

CREATE UNIQUE INDEX items_live_lead ON items (client_id, lead_id)
    WHERE (status = 'pending' OR status = 'scheduled' OR status = 'in_progress' OR status = 'retry_scheduled' OR held = 1);
CREATE INDEX items_queue ON items (client_id, priority, zones, scheduled_at)
    WHERE (status = 'pending' OR status = 'scheduled' OR status = 'retry_scheduled') AND not_before IS NULL;
CREATE INDEX items_waiting ON items (scheduled_at)
    WHERE (status = 'pending' OR status = 'scheduled' OR status = 'retry_scheduled');
CREATE INDEX items_returned ON items (not_before) WHERE not_before IS NOT NULL;
CREATE INDEX items_expiring ON items (expires_at)
    WHERE (status = 'pending' OR status = 'scheduled' OR status = 'retry_scheduled') AND expires_at IS NOT NULL;
CREATE INDEX items_lead ON items (lead_id);

-- Keys outlive their items, so that a repeated request is known for ever.
CREATE TABLE item_keys (
    client_id INTEGER NOT NULL REFERENCES clients (id),
    key TEXT NOT NULL,
    item_id INTEGER NOT NULL,
    lead_id TEXT NOT NULL,
    PRIMARY KEY (client_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    started_by TEXT NOT NULL,
    process_id INTEGER NOT NULL,
    processed INTEGER,
    stopped_by TEXT
) STRICT, WITHOUT ROWID;

-- `boot_id` can only turn 'never started' into 'unknown'; process ids and times are for people. `run_id` is no reference:
-- pruning a run would read every attempt to check it, and an index for that makes each claim 6 % slower. `doctor` checks.
CREATE TABLE attempts (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    client_id INTEGER NOT NULL REFERENCES clients (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    run_id BLOB NOT NULL CHECK (length(run_id) = 16),
    boot_id TEXT,
    dispatcher TEXT NOT NULL,
    phone TEXT,
    status_before TEXT NOT NULL CHECK (status_before = 'pending' OR status_before = 'scheduled' OR status_before = 'retry_scheduled'),
    started_at INTEGER NOT NULL,
    result_due_at INTEGER,
    finished_at INTEGER,
    outcome TEXT CHECK (outcome = 'completed' OR outcome = 'retry' OR outcome = 'failed' OR outcome = 'unknown'
                        OR outcome = 'returned' OR outcome = 'unavailable' OR outcome = 'accepted'),
    reason TEXT,
    call_id TEXT,
    duration_ms INTEGER CHECK (duration_ms >= 0),
    business_ms INTEGER CHECK (business_ms BETWEEN 0 AND duration_ms),
    detail TEXT,
    metadata TEXT,
    UNIQUE (item_id, number),
    CHECK ((finished_at IS NULL) = (outcome IS NULL OR outcome = 'accepted'))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX attempts_open_item ON attempts (item_id) WHERE (outcome IS NULL OR outcome = 'accepted');
CREATE UNIQUE INDEX attempts_open_phone ON attempts (phone)
    WHERE (outcome IS NULL OR outcome = 'accepted') AND phone IS NOT NULL;
CREATE INDEX attempts_open_client ON attempts (client_id, outcome, result_due_at)
    WHERE (outcome IS NULL OR outcome = 'accepted');
CREATE INDEX attempts_started ON attempts (client_id, started_at);
CREATE INDEX attempts_call ON attempts (call_id) WHERE call_id IS NOT NULL;

CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    what TEXT NOT NULL,
    old_value TEXT,
    new_value TEXT,
    reason TEXT
) STRICT;
CREATE INDEX changes_item ON changes (item_id);

-- A pause without a client holds everything.
CREATE TABLE pauses (
    id INTEGER PRIMARY KEY,
    client_id INTEGER REFERENCES clients (id),
    paused_at INTEGER NOT NULL,
    until INTEGER,
    by TEXT NOT NULL,
    reason TEXT,
    lifted_at INTEGER,
    lifted_by TEXT
) STRICT;
CREATE UNIQUE INDEX pauses_standing ON pauses (ifnull(client_id, 0)) WHERE lifted_at IS NULL;

-- How many items a client has of each kind: kept in the transaction that changes them. Retried ones had at least two
-- attempts that used their budget.
CREATE TABLE item_counts (
    client_id INTEGER NOT NULL REFERENCES clients (id),
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    held INTEGER NOT NULL,
    retried INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (client_id, status, priority, held, retried)
) STRICT, WITHOUT ROWID;

-- The figures of the attempts of a client, and as client 0 of all: kept in the transaction that changes them. A figure is
-- 1: attempts with the outcome that is the key ('' while open); 2: that failed for the reason that is the key; 3: waits for
-- the first attempt in the bucket of times that is the key; 4: their sum in milliseconds; 5 and 6: the same of calls; 7: the
-- part of that sum inside business hours.
CREATE TABLE attempt_counts (
    client_id INTEGER NOT NULL,
    figure INTEGER NOT NULL,
    key ANY NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (client_id, figure, key)
) STRICT, WITHOUT ROWID;
";

/// No reference to the item: the number stays here when that is pruned.
const VERSION_2: &str = "
-- The numbers of persons who asked not to be called again, and in which item's call they said so.
CREATE TABLE do_not_call (
    phone TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    item_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX items_held ON items (id) WHERE held = 1;
";

/// After an unknown outcome the person may still be on the line: nobody else calls the number before
/// `number_taken_until`. Unknown attempts of version 2 keep it for two hours, the default `call_timeout`.
/// `first_asked_at` is when recovery first asked the provider whether it has the call.
const VERSION_3: &str = "
ALTER TABLE attempts ADD COLUMN number_taken_until INTEGER;
ALTER TABLE attempts ADD COLUMN first_asked_at INTEGER;
UPDATE attempts SET number_taken_until = finished_at + 7200000 WHERE outcome = 'unknown' AND phone IS NOT NULL;
CREATE INDEX attempts_taken_phone ON attempts (phone) WHERE number_taken_until IS NOT NULL;
";

/// What the rules of the law need.
const VERSION_4: &str = "
-- Who was called before, by number. Only ended items are in it, so that an import does not pay for it.
CREATE INDEX items_called_phone ON items (phone, updated_at)
    WHERE phone IS NOT NULL AND (status = 'completed' OR status = 'failed');
-- Numbers and prefixes that are not to be called. Rows are only added; an entry ends by its `until` or its `removed_at`.
-- `item_id` is the item in whose call a person asked for it. No reference: that item may be pruned.
CREATE TABLE dnc_entries (
    id INTEGER PRIMARY KEY,
    pattern TEXT NOT NULL,
    client_id INTEGER REFERENCES clients (id),
    source TEXT NOT NULL,
    reason TEXT,
    since INTEGER NOT NULL,
    until INTEGER,
    by TEXT NOT NULL,
    item_id INTEGER,
    removed_at INTEGER,
    removed_by TEXT,
    removed_reason TEXT,
    CHECK ((removed_at IS NULL) = (removed_by IS NULL))
) STRICT;
CREATE INDEX dnc_entries_standing ON dnc_entries (pattern) WHERE removed_at IS NULL;
INSERT INTO dnc_entries (pattern, source, since, by, item_id)
    SELECT phone, 'caller', since, 'callq', item_id FROM do_not_call ORDER BY since, phone;
DROP TABLE do_not_call;
CREATE INDEX items_phone ON items (phone) WHERE phone IS NOT NULL;

-- The copies of registries, one row a copy. Only the numbers of the current one count; those of others are deleted.
-- `as_of` is a day, counted from 1970-01-01. `covers` has the digits of prefixes, separated by blanks, or `all`.
CREATE TABLE registries (
    generation INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'loading' OR state = 'current' OR state = 'old' OR state = 'deleted'),
    as_of INTEGER NOT NULL,
    covers TEXT NOT NULL,
    max_age_days INTEGER,
    numbers INTEGER NOT NULL DEFAULT 0,
    imported_at INTEGER NOT NULL,
    by TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX registries_current ON registries (name) WHERE state = 'current';
CREATE TABLE registry_numbers (
    generation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (generation, number)
) STRICT, WITHOUT ROWID;

-- What a person allowed a client. Rows are only added; a consent ends by its `until` or its `withdrawn_at`.
CREATE TABLE consents (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    client_id INTEGER NOT NULL REFERENCES clients (id),
    kind TEXT NOT NULL CHECK (kind = 'written' OR kind = 'express' OR kind = 'invited' OR kind = 'relationship'),
    given_at INTEGER NOT NULL,
    until INTEGER,
    proof TEXT,
    added_at INTEGER NOT NULL,
    by TEXT NOT NULL,
    withdrawn_at INTEGER,
    withdrawn_by TEXT,
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
) STRICT;
CREATE INDEX consents_standing ON consents (number, client_id) WHERE withdrawn_at IS NULL;

-- Caps. `blocked_by` is the gate that took an item out of the queue until `not_before`, and `blocked_law` a number that
-- stands for the caps in force then: when others are in force, the item is judged anew.
CREATE INDEX attempts_phone ON attempts (phone, started_at) WHERE phone IS NOT NULL;
ALTER TABLE items ADD COLUMN blocked_by TEXT CHECK (blocked_by IS NULL OR not_before IS NOT NULL);
ALTER TABLE items ADD COLUMN blocked_law INTEGER CHECK ((blocked_law IS NULL) = (blocked_by IS NULL));
UPDATE items SET blocked_by = 'number_in_use', blocked_law = 0 WHERE not_before IS NOT NULL AND EXISTS
    (SELECT 1 FROM attempts WHERE attempts.phone = items.phone AND number_taken_until = not_before
        AND item_id <> items.id);
-- How far an attempt came, by which caps count; unknown while it is open, and when nobody told.
ALTER TABLE attempts ADD COLUMN reached TEXT
    CHECK (reached = 'none' OR reached = 'network' OR reached = 'line' OR reached = 'person');
UPDATE attempts SET reached = CASE
    WHEN outcome = 'returned' OR outcome = 'unavailable' THEN 'none'
    WHEN lower(reason) IN ('do_not_call', 'user_requested_dnc', 'callback') OR outcome = 'completed' THEN 'person'
    WHEN outcome = 'failed' OR outcome = 'retry' AND lower(reason) IN ('busy', 'dial_busy') THEN 'network'
    WHEN outcome = 'retry' THEN 'line' END
WHERE outcome IS NOT NULL AND outcome <> 'accepted';
-- The id of the next new item, above every one that was ever given.
CREATE TABLE next_item (id INTEGER NOT NULL CHECK (id >= 1)) STRICT;
INSERT INTO next_item (id) SELECT 1 + coalesce(max(given.id), 0) FROM
    (SELECT max(id) AS id FROM items UNION ALL SELECT seq FROM sqlite_sequence WHERE name = 'items') AS given;
CREATE INDEX items_blocked ON items (phone) WHERE blocked_by IS NOT NULL;
CREATE INDEX items_blocked_law ON items (blocked_law) WHERE blocked_by IS NOT NULL;
-- Places of leads: zones and regions, each sorted and joined by one space, and where the zones come from. Items refer to
-- them by `zones`; row 0 stands for nothing known (the client's zone). It takes the name of the old table first, so that
-- the reference follows the second renaming.
CREATE TABLE new_places (
    id INTEGER PRIMARY KEY,
    zones TEXT NOT NULL,
    regions TEXT NOT NULL,
    evidence TEXT NOT NULL CHECK (evidence = 'given' OR evidence = 'number' OR evidence = 'number+region'
                                  OR evidence = 'region' OR evidence = 'none'),
    UNIQUE (zones, regions, evidence)
) STRICT;
INSERT INTO new_places (id, zones, regions, evidence)
    SELECT id, names, '', CASE WHEN names = '' THEN 'none' ELSE 'given' END FROM zone_sets;
DROP TABLE zone_sets;
ALTER TABLE new_places RENAME TO zone_sets;
ALTER TABLE zone_sets RENAME TO places;
ALTER TABLE items ADD COLUMN region TEXT;
-- The versions of the tables that came with the program and from which something stored was derived.
CREATE TABLE data_versions (
    name TEXT PRIMARY KEY,
    version TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Receipts: what a call was asked under. Rules and policies by SHA-256, each once.
CREATE TABLE texts (
    hash TEXT PRIMARY KEY,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Few rows: what many calls were asked under. `purpose` is empty when it was unset; `registries` has the name, the day and
-- the generation of each copy that was asked, joined by colons and blanks.
CREATE TABLE contexts (
    id INTEGER PRIMARY KEY,
    program TEXT NOT NULL,
    zone_data TEXT NOT NULL,
    numbers TEXT NOT NULL,
    rules_version TEXT NOT NULL,
    rules TEXT NOT NULL,
    policy TEXT NOT NULL,
    place INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    voice TEXT NOT NULL,
    registries TEXT NOT NULL,
    UNIQUE (policy, place, rules, registries, purpose, voice, numbers, zone_data, program, rules_version)
) STRICT;
ALTER TABLE attempts ADD COLUMN purpose TEXT;
ALTER TABLE attempts ADD COLUMN voice TEXT;
-- No references: a row that is added to the other table would make SQLite look through all attempts.
ALTER TABLE attempts ADD COLUMN context INTEGER;
-- The consent that opened it.
ALTER TABLE attempts ADD COLUMN consent INTEGER;
-- How many calls to its number counted for a cap when it began.
ALTER TABLE attempts ADD COLUMN cap_count INTEGER CHECK (cap_count >= 0);
";

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
