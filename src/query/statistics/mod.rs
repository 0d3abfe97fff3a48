//! The figures of `stats`. Those of everything are kept with the items and attempts and only read; for a part, and for the
//! rows of a breakdown, the attempts are read, and add up to the same figures by the same rule
//! ([`AttemptTotals`](crate::store::AttemptTotals)).
//!
//! An attempt counts when it **started** in the range: from `since` on, or from the beginning. A call took place in an attempt that ended `completed`, `retry`, `failed` or `unknown`: these are the **finished**
//! ones. One that was `returned` or `unavailable` was no call; it counts in the total only. Counts of items, and what is
//! due, are always those of now.
//!
//! Of items that were pruned the attempts are known by sums ([`PrunedCalls`](crate::store::PrunedCalls)): they are in all
//! figures of attempts but the percentiles of a range, and in the rows of clients and days. A quarter of an hour counts
//! when it begins in the range.
//!
//! `request` is what is asked, `compute` puts the figures together, `attempts` has counts and reasons, `spread` has the
//! percentiles, `utilization` the use of the business hours, `breakdown` the rows of `--by`.

mod attempts;
mod breakdown;
mod compute;
mod request;
mod spread;
mod utilization;

#[cfg(test)]
mod tests;

pub(crate) use compute::statistics;
pub(crate) use request::StatisticsRequest;
pub(crate) use utilization::business_time;
