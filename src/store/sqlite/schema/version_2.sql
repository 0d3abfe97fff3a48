-- The numbers of persons who asked not to be called again, and in which item's call they said so.
CREATE TABLE do_not_call (
    phone TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    item_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX items_held ON items (id) WHERE held = 1;
