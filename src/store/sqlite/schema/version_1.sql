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
