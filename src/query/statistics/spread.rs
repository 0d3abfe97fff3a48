//! Mean, percentiles and maximum of many times.

use crate::contract::WaitSeconds;
use crate::model::Times;

/// How times are spread, in seconds; all none when there was no time.
///
/// The mean is exact. A percentile is found by nearest rank: of `n` times in order, the `p`-th is the one at place
/// `⌈p / 100 × n⌉`, counted from 1, so that the median of two is the lower one. It and the longest are known by their
/// [bucket](crate::model::TimeBucket): exact below 256 ms, else never too short and less than 0.8 % too long. Where only the
/// sum of some is known there is a mean alone.
pub(super) fn spread(times: &Times) -> WaitSeconds {
    let count = times.count();
    if count == 0 {
        return WaitSeconds::default();
    }
    let avg = Some(times.sum as f64 / count as f64 / 1_000.0);
    if !times.is_spread() {
        return WaitSeconds { avg, ..WaitSeconds::default() };
    }
    WaitSeconds {
        avg,
        p50: nearest_rank(times, count, 50),
        p95: nearest_rank(times, count, 95),
        max: nearest_rank(times, count, 100),
    }
}

/// A percentile of `count` times in seconds; `percent` from 1 to 100.
fn nearest_rank(times: &Times, count: u64, percent: u64) -> Option<f64> {
    let place = (u128::from(count) * u128::from(percent)).div_ceil(100);
    let mut passed = 0_u128;
    let (bucket, _) = times.buckets().find(|(_, in_bucket)| {
        passed += u128::from(*in_bucket);
        passed >= place
    })?;
    Some(bucket.longest() as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(millis: &[u64]) -> WaitSeconds {
        let mut times = Times::default();
        millis.iter().for_each(|millis| times.note(*millis));
        spread(&times)
    }

    #[test]
    fn a_percentile_is_the_value_at_the_nearest_rank() {
        let some = |avg: f64, p50: f64, p95: f64, max: f64| WaitSeconds {
            avg: Some(avg),
            p50: Some(p50),
            p95: Some(p95),
            max: Some(max),
        };
        assert_eq!(of(&[]), WaitSeconds::default());
        assert_eq!(of(&[7]), some(0.007, 0.007, 0.007, 0.007));
        assert_eq!(of(&[3, 1]), some(0.002, 0.001, 0.003, 0.003));
        assert_eq!(of(&[3, 1, 2]), some(0.002, 0.002, 0.003, 0.003));
        let hundred: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(of(&hundred), some(0.0505, 0.05, 0.095, 0.1));
        let twenty: Vec<u64> = (1..=20).collect();
        assert_eq!(of(&twenty), some(0.0105, 0.01, 0.019, 0.02));
        assert_eq!(of(&[u64::MAX, u64::MAX]).max, Some(u64::MAX as f64 / 1_000.0));
    }

    #[test]
    fn long_times_are_told_by_the_longest_of_their_bucket() {
        assert_eq!(of(&[100_000]), WaitSeconds { avg: Some(100.0), ..of(&[100_351]) });
        assert_eq!(of(&[100_000]).p50, Some(100.351), "of 99,840 to 100,351 ms");
        assert_ne!(of(&[100_352]).p50, Some(100.351));
    }

    proptest! {
        #[test]
        fn percentiles_are_those_of_a_sorted_list_within_one_percent(
            mut millis in proptest::collection::vec(0_u64..10_000_000, 1..200),
        ) {
            let spread = of(&millis);
            millis.sort_unstable();
            for (percent, told) in [(50, spread.p50), (95, spread.p95), (100, spread.max)] {
                let exact = millis[(millis.len() * percent).div_ceil(100) - 1] as f64 / 1_000.0;
                let told = told.unwrap();
                prop_assert!(told >= exact && told <= exact * (1.0 + 1.0 / 128.0), "{} for {}", told, exact);
            }
            prop_assert!(spread.avg <= spread.max);
        }
    }
}
