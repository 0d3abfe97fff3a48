-- Few entries are prefixes, and where none is, no candidate of a run seeks its own.
CREATE INDEX dnc_entries_prefixes ON dnc_entries (pattern) WHERE removed_at IS NULL AND pattern LIKE '%*';
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
