//! Counters and metrics: kept by every change, read by statistics, compared by `doctor`.

pub(crate) mod due;
pub(crate) mod metrics;
pub(crate) mod pruned;
pub(crate) mod recount;
pub(crate) mod statistics;
pub(crate) mod status;
pub(crate) mod sums;
pub(crate) mod totals;
