//! The store in one SQLite file: the statements stand beside the intents that they carry out.

pub(crate) mod attempts;
pub(crate) mod cause;
pub(crate) mod change;
pub(crate) mod counters;
pub(crate) mod differences;
pub(crate) mod export;
pub(crate) mod file;
pub(crate) mod intern;
pub(crate) mod lists;
pub(crate) mod maintenance;
pub(crate) mod new_item;
pub(crate) mod open;
pub(crate) mod outbox;
#[cfg(test)]
mod probe;
pub(crate) mod queue;
pub(crate) mod read;
pub(crate) mod schema;
