//! What places calls: programs, providers and simulations behind one trait.

mod call;
mod command;
mod lease;
mod scripted;
mod simulate;

pub use call::{Call, Dispatcher, Ended};
pub use command::{CommandDispatcher, ResultFile, read_result_file, write_result_file};
pub use lease::{Adoption, Lease, LeaseFolder};
pub use scripted::{Answer, Scripted, Stage, Started};
pub use simulate::Simulator;
