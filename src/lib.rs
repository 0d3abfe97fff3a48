//! callq decides who may be phoned next, when, and how often, and makes sure that nobody is phoned twice by mistake and
//! nobody is forgotten.
//!
//! The layers, from the edge inwards; imports point down only, and siblings do not know each other:
//!
//! ```text
//! main -> program --> commands -> engine -> store ----------> model
//!                       |   |        `----> dispatch -------> model
//!                       |   |        `----> scheduler ------> model
//!                       |   |--> output, intake ------------> model
//!                       `------> cli, config -> scheduler --> model
//!                                compliance --> scheduler --> model
//! ```
//!
//! `trusted_file`, whom callq trusts a file to, stands below `commands`, `config`, `store` and `dispatch`.

pub mod cli;
pub mod clock;
pub mod commands;
pub mod compliance;
pub mod config;
pub mod dispatch;
pub mod engine;
pub mod error;
pub mod intake;
pub mod interrupt;
pub mod model;
pub mod output;
pub mod program;
pub mod random;
pub mod scheduler;
pub mod store;
pub mod trusted_file;
