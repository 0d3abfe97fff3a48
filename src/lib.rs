//! callq decides who may be phoned next, when, and how often, and makes sure that nobody is phoned twice by mistake and
//! nobody is forgotten.
//!
//! The layers, from the edge inwards. A layer imports what it reaches along the arrows, and nothing else: a test reads this
//! drawing.
//!
//! ```text
//! main -> program -> commands -> error, events, cli, intake, output
//! error -> engine, enqueue, config
//! engine -> query, dispatch, interrupt, random
//! events -> dispatch, store
//! query -> gates, store
//! gates -> compliance, contract
//! output -> contract
//! enqueue -> compliance, store
//! config -> compliance
//! cli, compliance -> scheduler
//! dispatch -> clock, contract
//! config, dispatch, store -> trusted_file
//! intake -> compliance
//! clock, contract, scheduler, store -> model
//! ```

pub mod cli;
pub mod clock;
pub mod commands;
pub mod compliance;
pub mod config;
mod contract;
pub mod dispatch;
mod engine;
mod enqueue;
mod error;
mod events;
mod gates;
pub mod intake;
pub mod interrupt;
pub mod model;
pub mod output;
pub mod program;
mod query;
pub mod random;
pub mod scheduler;
mod store;
mod trusted_file;
