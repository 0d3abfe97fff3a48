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
