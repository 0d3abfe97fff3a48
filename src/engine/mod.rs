//! The run: claim, dispatch, record, and again until nothing is due.
//!
//! `run` is the loop with its claim, `watch` the loop around it, `conclude` what an outcome means
//! for an item, `breaker` what stops a client whose dispatcher is broken, `inquiries` what the provider is asked beside
//! placing calls, `rooms` how many more it takes, `recover` the settling of what earlier runs left behind, `settle` results
//! from outside of a run, `order` the waiting items in the order of their calls, `why` every gate's verdict,
//! `statistics` the figures of `stats`.

mod breaker;
mod conclude;
mod dispatchers;
mod dry_run;
mod error;
mod inquiries;
mod next_call;
mod order;
mod recover;
mod report;
mod rooms;
mod run;
mod settle;
mod statistics;
mod unreal_clock;
mod watch;
mod why;

pub use dispatchers::Dispatchers;
pub use dry_run::DryRun;
pub use error::EngineError;
pub use inquiries::Inquiries;
pub use next_call::{NextCalls, due_now, item_next_call, next_call_at};
pub use order::CallOrder;
pub use report::{ClientReport, Counts, Problem, RunReport, StoppedBy};
pub use run::{Engine, RunRequest};
pub use settle::Reporting;
pub use statistics::{AttemptTally, BreakdownRow, Spread, Statistics, StatisticsRequest, statistics};
pub use watch::{Rest, Turns, watch};
pub use why::{WhyAnswer, why};
