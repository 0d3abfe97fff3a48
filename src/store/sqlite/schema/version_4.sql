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
