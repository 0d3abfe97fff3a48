//! The run: claim, dispatch, record, and again until nothing is due.
//!
//! `run` is the loop with its claim, `watch` the loop around it, `resolve` what an outcome means for an item, `breaker` what
//! stops a client whose dispatcher is broken, `provider` what the provider is asked beside placing calls, `start_gate`
//! whether a claimed call may still begin, `best_hours` what clients learn of hours, `recover` the settling of what earlier
//! runs left behind, `leases` the files of calls, `settle` results from outside of a run, `written_time` the times that an
//! answer names, `observer` what others see of a run, `prune` the deletion of what is old, `kept_records` what it keeps,
//! `registry_import` the copies of registries, `pace` the pace of both, `restore` the update of an older copy.

mod best_hours;
mod breaker;
mod dispatchers;
mod error;
mod kept_records;
mod leases;
mod observer;
mod pace;
mod provider;
mod prune;
mod recover;
mod registry_import;
mod report;
mod resolve;
mod restore;
mod run;
mod settle;
mod start_gate;
mod unreal_clock;
mod watch;
mod written_time;

pub(crate) use dispatchers::Dispatchers;
pub(crate) use error::EngineError;
pub(crate) use kept_records::{YEARS_KEPT, counted_since, recalled, young_records};
pub(crate) use leases::{clear_leases, lease_files};
#[cfg(test)]
pub(crate) use observer::Unobserved;
pub(crate) use observer::{ObservedCall, RunObserver, RunProgress};
pub(crate) use provider::Polling;
pub(crate) use prune::{Cutoffs, Pruning};
pub(crate) use registry_import::{ImportEnd, RegistryImport};
#[cfg(test)]
pub(crate) use report::ClientReport;
pub(crate) use report::{RunReport, StoppedBy};
pub(crate) use resolve::{moved_promise, wrong_clock};
pub(crate) use restore::{CopyUpdate, held_leases};
pub(crate) use run::{Engine, LEAST_FREE_SPACE, RunRequest};
pub(crate) use settle::Reporting;
pub(crate) use start_gate::DatabaseGate;
pub(crate) use watch::{Rest, Turns, watch};
pub(crate) use written_time::{read_time, with_time};
