//! The tests of the built program, in one binary: `layout` fails when a file beside this one is not listed here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic anywhere, not only in its own function")]

mod add;
mod add_again;
mod architecture;
mod batches;
mod bench;
mod cancel;
mod completions;
mod concurrency;
mod config;
mod config_edits;
mod config_faults;
mod doctor;
mod errors;
mod examples;
mod exit_codes;
mod generated;
mod hours;
mod json_contract;
mod layout;
mod list;
mod manual;
mod oracle;
mod pause;
mod pipes;
mod process;
mod prune;
mod readme;
mod retry;
mod schedule_batch;
mod schedule_batch_again;
mod show;
mod support;
mod update;
mod why;
mod wrong_database;
