//! The figures of `stats`, computed from the counts of items and one pass over the attempts.
//!
//! An attempt counts when it **started** in the range: from `since`, or from the beginning, up to and including now. A
//! call took place in an attempt that ended `completed`, `retry`, `failed` or `unknown`: these are the **finished**
//! ones. One that was `returned` or `unavailable` was no call; it counts in the total only. Counts of items, and what is
//! due, are always those of now.
//!
//! `figures` is what comes out, `compute` puts it together, `attempts` takes note of attempts, `spread` has the
//! percentiles, `rate` the quotients, `utilization` the use of the business hours, `breakdown` the rows of `--by`.

mod attempts;
mod breakdown;
mod compute;
mod figures;
mod rate;
mod spread;
mod utilization;

#[cfg(test)]
mod tests;

pub use attempts::AttemptTally;
pub use breakdown::BreakdownRow;
pub use compute::statistics;
pub use figures::{Statistics, StatisticsRequest};
pub use spread::Spread;
