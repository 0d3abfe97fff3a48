-- Pauses of a part: the tests of metadata that its items pass, as a sorted JSON array of texts. Null pauses all items.
ALTER TABLE pauses ADD COLUMN meta TEXT;
DROP INDEX pauses_standing;
CREATE UNIQUE INDEX pauses_standing ON pauses (coalesce(client_id, 0), coalesce(meta, '')) WHERE lifted_at IS NULL;
-- Few entries are prefixes, and where none is, no candidate of a run seeks its own.
CREATE INDEX dnc_entries_prefixes ON dnc_entries (pattern) WHERE removed_at IS NULL AND pattern LIKE '%*';
-- The time that was asked for, where its slot is another one; of a retry its due time. Null for items of older versions.
ALTER TABLE items ADD COLUMN asked_at INTEGER;
