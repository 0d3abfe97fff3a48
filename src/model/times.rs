//! Many times, kept in buckets: how they are spread is known from a few hundred numbers, however many there were.

/// A bucket of times in milliseconds, known by its number.
///
/// Below 256 ms each time has a bucket of its own. Above, each doubling is cut into 128 buckets of the same width, so that
/// the longest time of a bucket is less than 0.8 % (1/128) longer than any other in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeBucket(u32);

/// How many bits of a time a bucket tells: the leading one, and 7 behind it.
const KEPT_BITS: u32 = 8;

/// The buckets of each doubling.
const PER_DOUBLING: u32 = 1 << (KEPT_BITS - 1);

impl TimeBucket {
    /// The number of the last bucket, that of the longest time.
    const LAST: u32 = (u64::BITS - KEPT_BITS) * PER_DOUBLING + (1 << KEPT_BITS) - 1;

    /// The bucket of a time.
    pub fn of(millis: u64) -> TimeBucket {
        let dropped = (u64::BITS - millis.leading_zeros()).saturating_sub(KEPT_BITS);
        // What is left has at most 8 bits.
        let kept = u32::try_from(millis >> dropped).unwrap_or(u32::MAX);
        TimeBucket(dropped * PER_DOUBLING + kept)
    }

    /// The bucket of a number; none when there is no such bucket.
    pub fn numbered(number: u32) -> Option<TimeBucket> {
        (number <= TimeBucket::LAST).then_some(TimeBucket(number))
    }

    /// Its number, from 0: longer times have higher ones.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The longest of its times.
    pub fn longest(self) -> u64 {
        let dropped = (self.0 / PER_DOUBLING).saturating_sub(1);
        let kept = u64::from(self.0 - dropped * PER_DOUBLING);
        kept << dropped | ((1 << dropped) - 1)
    }
}

/// Times by their buckets, and their exact sum.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times {
    /// How many there are in each bucket, by its number, up to the last one that has any.
    buckets: Vec<u64>,
    /// Further ones that only the sum holds.
    unspread: u64,
    /// The sum of all in milliseconds.
    pub sum: u64,
}

impl Times {
    /// Takes note of a time in milliseconds.
    pub fn note(&mut self, millis: u64) {
        self.add(TimeBucket::of(millis), 1);
        self.sum = self.sum.saturating_add(millis);
    }

    /// Takes note of `count` times of a bucket, but not of their sum.
    pub fn add(&mut self, bucket: TimeBucket, count: u64) {
        let index = bucket.0 as usize;
        if index >= self.buckets.len() && count > 0 {
            self.buckets.resize(index + 1, 0);
        }
        if let Some(known) = self.buckets.get_mut(index) {
            *known += count;
        }
    }

    /// Adds `count` times by their sum alone, in milliseconds.
    pub fn add_sum(&mut self, count: u64, sum: u64) {
        self.unspread += count;
        self.sum = self.sum.saturating_add(sum);
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum::<u64>() + self.unspread
    }

    /// Whether it is known how they are spread, and not only what they add up to.
    pub fn is_spread(&self) -> bool {
        self.unspread == 0
    }

    /// The buckets that have any time, those of short times first, and how many they have.
    pub fn buckets(&self) -> impl Iterator<Item = (TimeBucket, u64)> {
        (0..).map(TimeBucket).zip(self.buckets.iter().copied()).filter(|(_, count)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn buckets_follow_one_another_without_a_gap() {
        assert_eq!((0..1_000_000).map(TimeBucket::of).collect::<std::collections::BTreeSet<_>>().len(), 1_781);
        for number in 0..TimeBucket::LAST {
            let bucket = TimeBucket::numbered(number).unwrap();
            assert_eq!(TimeBucket::of(bucket.longest()), bucket);
            assert_eq!(TimeBucket::of(bucket.longest() + 1).number(), number + 1);
        }
        assert_eq!(TimeBucket::of(u64::MAX).number(), TimeBucket::LAST);
        assert_eq!(TimeBucket::of(u64::MAX).longest(), u64::MAX);
        assert_eq!(TimeBucket::numbered(TimeBucket::LAST + 1), None);
    }

    proptest! {
        #[test]
        fn a_bucket_tells_a_time_never_too_short_and_less_than_one_percent_too_long(millis: u64, shift in 0_u32..64) {
            let millis = millis >> shift;
            let told = TimeBucket::of(millis).longest();
            prop_assert!(told >= millis && told - millis <= millis / 128, "{} for {}", told, millis);
        }
    }

    #[test]
    fn times_are_counted_and_summed() {
        let mut times = Times::default();
        [3, 3, 1_000_000].into_iter().for_each(|millis| times.note(millis));
        assert_eq!((times.count(), times.sum), (3, 1_000_006));
        times.add(TimeBucket::of(7), 4);
        times.add(TimeBucket::of(u64::MAX), 0);
        let counts = times.buckets().map(|(bucket, count)| (bucket.longest(), count)).collect::<Vec<_>>();
        assert_eq!(counts, [(3, 2), (7, 4), (1_003_519, 1)]);
        assert_eq!((times.count(), times.sum), (7, 1_000_006));
    }
}
