-- Few entries are prefixes, and where none is, no candidate of a run seeks its own.
CREATE INDEX dnc_entries_prefixes ON dnc_entries (pattern) WHERE removed_at IS NULL AND pattern LIKE '%*';
