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
//! events -> contract, dispatch, store
//! query -> gates, store
//! gates -> compliance, contract
//! output -> contract
//! enqueue -> compliance, store
//! config -> compliance
//! cli, compliance -> scheduler
//! dispatch -> clock
//! config, dispatch, store -> trusted_file
//! intake -> compliance
//! clock, contract, scheduler, store -> model
//! ```

pub mod cli;
pub mod clock;
pub mod commands;
pub mod compliance;
pub mod config;
pub mod contract;
pub mod dispatch;
pub mod engine;
pub mod enqueue;
pub mod error;
pub mod events;
pub mod gates;
pub mod intake;
pub mod interrupt;
pub mod model;
pub mod output;
pub mod program;
pub mod query;
pub mod random;
pub mod scheduler;
pub mod store;
pub mod trusted_file;
