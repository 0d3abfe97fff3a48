//! What the tests of the program share: a bench to run it on, and a reader of its source.

mod bench;
mod dialler;
mod office;
mod provider;
mod run;
mod source;

pub(crate) use bench::Bench;
pub(crate) use office::Office;
pub(crate) use provider::{Fault, Provider};
pub(crate) use run::Run;
pub(crate) use source::{Source, rust_files};
