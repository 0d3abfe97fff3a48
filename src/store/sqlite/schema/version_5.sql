-- Events: what hooks and webhooks are told. A row is one event for one receiver, written with the change that it tells, and
-- deleted once it is delivered; nothing is written that no receiver of the configuration wants. `id` is the event's, the same
-- for all its receivers, and says the order. What the item and the attempt were at that moment stands in the row; the rest
-- is read from them when it is delivered.
CREATE TABLE event_receivers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failing_since INTEGER,
    rests_until INTEGER,
    CHECK ((failing_since IS NULL) = (failures = 0))
) STRICT;
CREATE TABLE next_event (id INTEGER NOT NULL) STRICT;
INSERT INTO next_event (id) VALUES (1);
CREATE TABLE outbox (
    receiver INTEGER NOT NULL REFERENCES event_receivers (id),
    dead INTEGER NOT NULL DEFAULT 0 CHECK (dead = 0 OR dead = 1),
    id INTEGER NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    by TEXT,
    client_id INTEGER,
    item_id INTEGER,
    lead_id TEXT,
    status TEXT,
    held INTEGER,
    priority INTEGER,
    scheduled_at INTEGER,
    expires_at INTEGER,
    phone TEXT,
    attempts INTEGER,
    tries INTEGER,
    max_retries INTEGER,
    last_reason TEXT,
    attempt BLOB,
    outcome TEXT,
    reason TEXT,
    changed TEXT,
    entry INTEGER,
    run_id BLOB,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    first_try_at INTEGER,
    next_try_at INTEGER,
    last_error TEXT,
    PRIMARY KEY (receiver, dead, id),
    CHECK ((item_id IS NULL) = (lead_id IS NULL)),
    CHECK ((first_try_at IS NULL) = (failures = 0))
) STRICT, WITHOUT ROWID;
-- Only events that were sent in vain are in it, so that writing one does not pay for it.
CREATE INDEX outbox_failing ON outbox (receiver, item_id) WHERE dead = 0 AND next_try_at IS NOT NULL;
-- Pauses of a part: the tests of metadata that its items pass, as a sorted JSON array of texts. Null pauses all items.
ALTER TABLE pauses ADD COLUMN meta TEXT;
DROP INDEX pauses_standing;
CREATE UNIQUE INDEX pauses_standing ON pauses (coalesce(client_id, 0), coalesce(meta, '')) WHERE lifted_at IS NULL;
-- Few entries are prefixes, and where none is, no candidate of a run seeks its own.
CREATE INDEX dnc_entries_prefixes ON dnc_entries (pattern) WHERE removed_at IS NULL AND pattern LIKE '%*';
-- The time that was asked for, where its slot is another one; of a retry its due time. Null for items of older versions.
ALTER TABLE items ADD COLUMN asked_at INTEGER;
-- Promised calls. `scheduled_at` is the promised instant, `callback_until` the end of its window; `callback_missed_at` is when
-- a run saw that the window had passed uncalled. Promised items leave the queue's index for one of their own.
ALTER TABLE items ADD COLUMN callback_until INTEGER
    CHECK (callback_until IS NULL OR (callback_until > scheduled_at AND status <> 'completed' AND status <> 'failed'
                                      AND status <> 'cancelled'));
ALTER TABLE items ADD COLUMN callback_missed_at INTEGER
    CHECK (callback_missed_at IS NULL OR callback_until IS NOT NULL);
DROP INDEX items_queue;
CREATE INDEX items_queue ON items (client_id, priority, zones, scheduled_at)
    WHERE (status = 'pending' OR status = 'scheduled' OR status = 'retry_scheduled') AND not_before IS NULL
        AND callback_until IS NULL;
CREATE INDEX items_promised ON items (client_id, zones, scheduled_at)
    WHERE (status = 'pending' OR status = 'scheduled' OR status = 'retry_scheduled') AND not_before IS NULL
        AND callback_until IS NOT NULL;
CREATE INDEX items_callback ON items (callback_until) WHERE callback_until IS NOT NULL;
-- Shares: where the last call of a client ended on the scale of calls, in 1/27,720ths. See src/scheduler/share.rs.
ALTER TABLE clients ADD COLUMN finish_tag INTEGER NOT NULL DEFAULT 0 CHECK (finish_tag >= 0);
