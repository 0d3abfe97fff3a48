//! Reads lists of leads: lines, CSV, JSONL and JSON, record by record, in flat memory.
