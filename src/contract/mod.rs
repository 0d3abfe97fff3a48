//! Every shape that enters or leaves as JSON, and what layers beside each other share of it.

mod gate;

pub use gate::{DispatcherState, Evidence, Gate, NextCall, ProviderState, Verdict};
