//! The run: claim, dispatch, record, and again until nothing is due.
//!
//! `run` is the loop with its claim, `watch` the loop around it, `conclude` what an outcome means
//! for an item, `breaker` what stops a client whose dispatcher is broken, `inquiries` what the provider is asked beside
//! placing calls, `doubts` the calls that are looked up, `rooms` how many more it takes, `start_gate` whether a claimed call
//! may still begin, `recover` the settling of what earlier runs left behind, `leases` the files of calls, `settle` results
//! from outside of a run, `order` the waiting items in the order of their calls, `why` every gate's verdict, `written_time`
//! the times that an answer names, `statistics` the figures of `stats`, `prune` the deletion of what is old.

mod breaker;
mod conclude;
mod dispatchers;
mod doubts;
mod dry_run;
mod error;
mod inquiries;
mod leases;
mod next_call;
mod order;
mod prune;
mod recover;
mod report;
mod rooms;
mod run;
mod settle;
mod start_gate;
mod statistics;
mod unreal_clock;
mod watch;
mod why;
mod written_time;

pub use conclude::wrong_clock;
pub use dispatchers::Dispatchers;
pub use dry_run::DryRun;
pub use error::EngineError;
pub use inquiries::Inquiries;
pub use leases::{LeaseFiles, clear_leases, lease_files};
pub use next_call::{NextCalls, due_now, item_next_call, next_call_at};
pub use order::CallOrder;
pub use prune::Pruning;
pub use report::{ClientReport, Counts, Problem, RunReport, StoppedBy};
pub use run::{Engine, RunRequest};
pub use settle::Reporting;
pub use start_gate::DatabaseGate;
pub use statistics::{AttemptTally, BreakdownRow, Spread, Statistics, StatisticsRequest, statistics};
pub use watch::{Rest, Turns, watch};
pub use why::{WhyAnswer, why};
pub use written_time::read_time;
