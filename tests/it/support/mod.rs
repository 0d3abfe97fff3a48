//! What the tests of the program share: a bench to run it on, and a reader of its source.

mod bench;
mod dialler;
mod run;
mod skip;
mod source;

pub(crate) use bench::Bench;
pub(crate) use run::Run;
pub(crate) use skip::skipped;
pub(crate) use source::{Source, rust_files};
