//! Hides SQL: one SQLite file, spoken to in intents.
