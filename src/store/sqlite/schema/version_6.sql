-- Best hours: how often calls of a client are answered, by the hour of the week on the lead's clock (0 is Monday 00:00).
-- `learned_at` is the same in all rows of a client; see src/scheduler/best_hours.rs.
CREATE TABLE hour_rates (
    client_id INTEGER NOT NULL REFERENCES clients (id),
    how INTEGER NOT NULL CHECK (how >= 0 AND how < 168),
    mean REAL NOT NULL CHECK (mean >= 0 AND mean <= 1),
    variance REAL NOT NULL CHECK (variance >= 0),
    calls INTEGER NOT NULL CHECK (calls >= 0),
    learned_at INTEGER NOT NULL,
    PRIMARY KEY (client_id, how)
) STRICT, WITHOUT ROWID;

-- The sums of what `prune` deleted, written in the transaction that deletes it; see src/store/sqlite/counters/pruned.rs.
-- Items of all time by kind, as `item_counts` has those that are there.
CREATE TABLE pruned_items (
    client_id INTEGER NOT NULL REFERENCES clients (id),
    status TEXT NOT NULL,
    retried INTEGER NOT NULL CHECK (retried = 0 OR retried = 1),
    n INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (client_id, status, retried)
) STRICT, WITHOUT ROWID;
-- The figures of attempts of all time, of a client and as client 0 of all, as in `attempt_counts`; its key is the word of
-- figures 1 and 2, else the number.
CREATE TABLE pruned_counts (
    client_id INTEGER NOT NULL,
    figure INTEGER NOT NULL,
    word TEXT NOT NULL,
    number INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (client_id, figure, word, number)
) STRICT, WITHOUT ROWID;
-- The attempts that began in a quarter of an hour, by outcome, and their times. `items` had their first attempt of a day on
-- their client's calendar in it, the `items_…` their last of all.
CREATE TABLE pruned_quarters (
    client_id INTEGER NOT NULL REFERENCES clients (id),
    begins_at INTEGER NOT NULL,
    items INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    retry INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    returned INTEGER NOT NULL,
    unavailable INTEGER NOT NULL,
    waits INTEGER NOT NULL,
    wait_ms INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    call_ms INTEGER NOT NULL,
    business_ms INTEGER NOT NULL,
    items_completed INTEGER NOT NULL,
    items_failed INTEGER NOT NULL,
    items_retried INTEGER NOT NULL,
    items_completed_after_retry INTEGER NOT NULL,
    PRIMARY KEY (client_id, begins_at)
) STRICT, WITHOUT ROWID;
CREATE TABLE pruned_reasons (
    client_id INTEGER NOT NULL REFERENCES clients (id),
    begins_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (client_id, begins_at, reason)
) STRICT, WITHOUT ROWID;
