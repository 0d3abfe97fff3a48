//! How results look: the JSON contract, tables, CSV, progress.
