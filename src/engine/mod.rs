//! The run: claim, dispatch, record, and again until nothing is due.
//!
//! `run` is the loop with its claim, `watch` the loop around it, `resolve` what an outcome means for an item, `breaker` what
//! stops a client whose dispatcher is broken, `provider` what the provider is asked beside placing calls, `start_gate`
//! whether a claimed call may still begin, `best_hours` what clients learn of hours, `recover` the settling of what earlier runs left behind, `leases` the files of
//! calls, `settle` results from outside of a run, `written_time` the times that an answer names, `observer` what others see
//! of a run, `prune` the deletion of what is old, `registry_import` the copies of registries, `pace` the pace of both,
//! `restore` the update of an older copy.

mod best_hours;
mod breaker;
mod dispatchers;
mod error;
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

pub use dispatchers::Dispatchers;
pub use error::EngineError;
pub use leases::{LeaseFiles, clear_leases, lease_files};
pub use observer::{ObservedCall, RunObserver, RunProgress, Unobserved};
pub use provider::Polling;
pub use prune::Pruning;
pub use registry_import::{ImportEnd, RegistryImport};
pub use report::{ClientReport, RunReport, StoppedBy};
pub use resolve::{moved_promise, wrong_clock};
pub use restore::{CopyUpdate, held_leases};
pub use run::{Engine, RunRequest};
pub use settle::Reporting;
pub use start_gate::DatabaseGate;
pub use watch::{Rest, Turns, watch};
pub use written_time::{read_time, with_time};
