//! When a failed call is due again.

use chrono::{DateTime, TimeDelta, Utc};

use super::RetryPolicy;
use crate::model::{self, ItemId};

/// When the attempt after the `failures`-th failed one that used the budget (1, 2, …) is due, before the search for a slot.
///
/// The delay is the list's entry; past its end, the last entry × multiplier^(`failures` − length). No delay is longer than
/// `max_delay`. `jitter` (0 to 1, see [`stable_jitter`]) then adds its part of the policy's share, also to a delay at the
/// limit, so that what failed together does not come back together. Delays are elapsed time, also across a clock change.
pub fn next_retry_at(policy: &RetryPolicy, now: DateTime<Utc>, failures: u32, jitter: f64) -> DateTime<Utc> {
    let delay = delay_millis(policy, failures) * (1.0 + policy.jitter * jitter);
    // A float turns into the nearest whole number that fits, and a time beyond the calendar into its end.
    let due = now.checked_add_signed(TimeDelta::milliseconds(delay as i64)).unwrap_or(DateTime::<Utc>::MAX_UTC);
    model::truncate_to_millis(due)
}

/// The delay before any jitter. An empty list, which the configuration refuses while retries are on, waits the longest.
fn delay_millis(policy: &RetryPolicy, failures: u32) -> f64 {
    let longest = policy.max_delay.num_milliseconds() as f64;
    let listed = usize::try_from(failures.saturating_sub(1)).ok().and_then(|index| policy.delays.get(index));
    let delay = match (listed, policy.delays.last()) {
        (Some(delay), _) => delay.num_milliseconds() as f64,
        (None, Some(last)) => {
            let beyond = f64::from(failures) - policy.delays.len() as f64;
            last.num_milliseconds() as f64 * policy.multiplier.powf(beyond)
        }
        (None, None) => longest,
    };
    // `min` passes over what is no number (0 × infinity).
    delay.min(longest).max(0.0)
}

/// A number from 0 up to, not including, 1 that is always the same for an attempt of an item, so that a replay gives the
/// same time. SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014) of the attempt's
/// number, mixed with the item's and hashed again; the upper 53 bits of the result as a fraction.
pub fn stable_jitter(item: ItemId, attempt: u32) -> f64 {
    let hash = split_mix(item.get() ^ split_mix(attempt.into()));
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

fn split_mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
