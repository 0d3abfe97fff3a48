//! One thin file for each verb.

pub mod stats;
