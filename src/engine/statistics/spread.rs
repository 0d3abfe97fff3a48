//! Mean, percentiles and maximum of many times.

/// How times are spread, in seconds; all none when there was no time.
///
/// A percentile is found by nearest rank: of `n` times in order, the `p`-th is the one at place `⌈p / 100 × n⌉`, counted
/// from 1. So it is always a time that was measured, and the median of two is the lower one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spread {
    /// The mean.
    pub avg: Option<f64>,
    /// The median.
    pub p50: Option<f64>,
    /// The 95th percentile.
    pub p95: Option<f64>,
    /// The longest.
    pub max: Option<f64>,
}

impl Spread {
    /// The spread of times in milliseconds, whose order is lost.
    pub(super) fn of(millis: &mut [u64]) -> Spread {
        let Some(max) = millis.iter().copied().max() else { return Spread::default() };
        let sum: u128 = millis.iter().copied().map(u128::from).sum();
        let avg = sum as f64 / millis.len() as f64 / 1_000.0;
        Spread {
            avg: Some(avg),
            p50: nearest_rank(millis, 50),
            p95: nearest_rank(millis, 95),
            max: Some(max as f64 / 1_000.0),
        }
    }
}

/// A percentile in seconds; `percent` from 1 to 100.
fn nearest_rank(millis: &mut [u64], percent: usize) -> Option<f64> {
    let place = (millis.len() * percent).div_ceil(100);
    let index = place.checked_sub(1).filter(|index| *index < millis.len())?;
    let (_, value, _) = millis.select_nth_unstable(index);
    Some(*value as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_percentile_is_the_value_at_the_nearest_rank() {
        let spread = |millis: &[u64]| Spread::of(&mut millis.to_vec());
        let some = |avg: f64, p50: f64, p95: f64, max: f64| Spread {
            avg: Some(avg),
            p50: Some(p50),
            p95: Some(p95),
            max: Some(max),
        };
        assert_eq!(spread(&[]), Spread::default());
        assert_eq!(spread(&[7_000]), some(7.0, 7.0, 7.0, 7.0));
        assert_eq!(spread(&[3_000, 1_000]), some(2.0, 1.0, 3.0, 3.0));
        assert_eq!(spread(&[3_000, 1_000, 2_000]), some(2.0, 2.0, 3.0, 3.0));
        let hundred: Vec<u64> = (1..=100).rev().map(|second| second * 1_000).collect();
        assert_eq!(spread(&hundred), some(50.5, 50.0, 95.0, 100.0));
        let twenty: Vec<u64> = (1..=20).map(|second| second * 1_000).collect();
        assert_eq!(spread(&twenty), some(10.5, 10.0, 19.0, 20.0));
        assert_eq!(spread(&[u64::MAX, u64::MAX]).max, Some(u64::MAX as f64 / 1_000.0));
    }

    proptest! {
        #[test]
        fn at_least_its_share_of_the_times_is_not_longer(millis in proptest::collection::vec(0_u64..50, 1..200)) {
            let spread = Spread::of(&mut millis.clone());
            for (percent, value) in [(50, spread.p50), (95, spread.p95)] {
                let value = (value.unwrap() * 1_000.0).round() as u64;
                let not_longer = millis.iter().filter(|other| **other <= value).count();
                let shorter = millis.iter().filter(|other| **other < value).count();
                prop_assert!(not_longer * 100 >= percent * millis.len());
                prop_assert!(shorter * 100 < percent * millis.len());
            }
        }
    }
}
