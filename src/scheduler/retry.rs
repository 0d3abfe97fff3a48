//! When a failed call is due again.

use chrono::{DateTime, TimeDelta, Utc};

use super::RetryPolicy;
use crate::model::{self, ItemId, split_mix, telephone_word};

/// When the attempt after the `failures`-th failed one that used the budget (1, 2, …) is due, before the search for a
/// slot. `reason` is why the last one failed.
///
/// The delay is the entry of the reason's list ([`RetryPolicy::delays_after`]); past its end, the last entry ×
/// multiplier^(`failures` − length), but not longer than `max_delay`. `jitter` (0 to 1, see [`stable_jitter`]) then adds
/// its part of the policy's share, also to a delay at the limit, so that what failed together does not come back
/// together. Delays are elapsed time, also across a clock change.
pub fn next_retry_at(
    policy: &RetryPolicy,
    now: DateTime<Utc>,
    failures: u32,
    reason: Option<&str>,
    jitter: f64,
) -> DateTime<Utc> {
    let delay = delay_millis(policy, failures, reason) * (1.0 + policy.jitter * jitter);
    // A float turns into the nearest whole number that fits, and a time beyond the calendar into its end.
    let due = now.checked_add_signed(TimeDelta::milliseconds(delay as i64)).unwrap_or(DateTime::<Utc>::MAX_UTC);
    model::truncate_to_millis(due)
}

impl RetryPolicy {
    /// The delays after a call that ended for a reason: the reason's own list, or that of the word of the telephone that
    /// a provider's word stands for, else the list for all reasons. Letters count in any case.
    pub fn delays_after(&self, reason: Option<&str>) -> &[TimeDelta] {
        let Some(reason) = reason.filter(|_| !self.ladders.is_empty()) else { return &self.delays };
        let list = |word: &str| self.ladders.get(&word.to_lowercase()).filter(|list| !list.is_empty());
        list(reason).or_else(|| list(telephone_word(reason)?)).unwrap_or(&self.delays)
    }
}

/// The delay before any jitter.
fn delay_millis(policy: &RetryPolicy, failures: u32, reason: Option<&str>) -> f64 {
    let millis = |delay: &TimeDelta| delay.num_milliseconds() as f64;
    ladder_delay(policy.delays_after(reason), millis, policy.multiplier, millis(&policy.max_delay), failures)
}

/// The delay after the `failures`-th failed attempt (1, 2, …), in the unit that `number` turns the listed delays into,
/// and in which `longest` is given: the list's entry as written; past its end, the last entry grown, but not longer than
/// `longest`. An empty list, which the configuration refuses while retries are on, waits the longest.
pub fn ladder_delay<T>(listed: &[T], number: impl Fn(&T) -> f64, multiplier: f64, longest: f64, failures: u32) -> f64 {
    let entry = usize::try_from(failures.saturating_sub(1)).ok().and_then(|index| listed.get(index));
    let delay = match (entry, listed.last()) {
        (Some(delay), _) => number(delay),
        // `min` passes over what is no number (0 × infinity).
        (None, Some(last)) => (number(last) * multiplier.powf(f64::from(failures) - listed.len() as f64)).min(longest),
        (None, None) => longest,
    };
    delay.max(0.0)
}

/// A number from 0 up to, not including, 1 that is always the same for an attempt of an item, so that a replay gives
/// the same time. SplitMix64 of the attempt's number, mixed with the item's and hashed again; the upper 53 bits of the
/// result as a fraction.
pub fn stable_jitter(item: ItemId, attempt: u32) -> f64 {
    let hash = split_mix(item.get() ^ split_mix(attempt.into()));
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policy() -> RetryPolicy {
        crate::scheduler::Policy::default().retry
    }

    fn minutes(policy: &RetryPolicy, failures: u32, jitter: f64) -> f64 {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        (next_retry_at(policy, now, failures, None, jitter) - now).num_milliseconds() as f64 / 60_000.0
    }

    #[test]
    fn delays_follow_the_list_and_then_grow_up_to_the_longest() {
        let policy = policy();
        let without_jitter: Vec<f64> = (1..=10).map(|failures| minutes(&policy, failures, 0.0)).collect();
        assert_eq!(without_jitter, [5.0, 15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1_440.0, 1_440.0]);
        assert_eq!(minutes(&policy, 0, 0.0), 5.0);
        assert_eq!(minutes(&policy, u32::MAX, 0.0), 1_440.0);
    }

    #[test]
    fn jitter_adds_its_part_of_the_delay_and_passes_the_longest() {
        assert_eq!(minutes(&policy(), 1, 0.5), 5.25);
        assert_eq!(minutes(&policy(), 9, 0.5), 1_512.0);
        assert_eq!(minutes(&RetryPolicy { jitter: 0.0, ..policy() }, 1, 0.5), 5.0);
    }

    #[test]
    fn a_listed_delay_is_kept_and_what_grows_past_the_list_is_cut() {
        let short = RetryPolicy { max_delay: TimeDelta::minutes(10), ..policy() };
        assert_eq!([3, 4, 5].map(|failures| minutes(&short, failures, 0.0)), [30.0, 60.0, 10.0]);
    }

    #[test]
    fn without_a_list_a_retry_waits_the_longest() {
        assert_eq!(minutes(&RetryPolicy { delays: Vec::new(), ..policy() }, 1, 0.0), 1_440.0);
    }

    #[test]
    fn a_reason_has_a_list_of_its_own() {
        let list = |minutes: &[i64]| minutes.iter().copied().map(TimeDelta::minutes).collect::<Vec<_>>();
        let ladders = [
            ("busy".to_owned(), list(&[10, 30])),
            ("voicemail".to_owned(), list(&[240, 1_440])),
            ("declined".to_owned(), list(&[])),
            ("ivr_reached".to_owned(), list(&[720])),
        ];
        let policy = RetryPolicy { ladders: ladders.into(), jitter: 0.0, ..policy() };
        for (reason, failures, expected) in [
            (None, 1, 5),
            (Some("no_answer"), 1, 5),
            (Some("busy"), 1, 10),
            (Some("busy"), 2, 30),
            // The list is indexed by all failures, whatever their reasons, and grows as the other does.
            (Some("busy"), 3, 60),
            (Some("Dial_BUSY"), 1, 10),
            (Some("voicemail_reached"), 2, 1_440),
            (Some("ivr_reached"), 1, 720),
            (Some("user_declined"), 1, 5),
            (Some("busy signal"), 1, 5),
        ] {
            let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
            let due = next_retry_at(&policy, now, failures, reason, 0.0);
            assert_eq!((due - now).num_minutes(), expected, "{reason:?} {failures}");
        }
    }

    #[test]
    fn delays_are_elapsed_time_across_a_clock_change() {
        let before_the_change: DateTime<Utc> = "2026-11-01T05:58:00Z".parse().unwrap();
        let due = next_retry_at(&policy(), before_the_change, 1, None, 0.0);
        assert_eq!(due, before_the_change + TimeDelta::seconds(300));
    }

    /// The hash is part of what a replay relies on: these numbers must never change.
    #[test]
    fn jitter_is_the_same_for_ever() {
        let jitter = |item: i64, attempt| stable_jitter(ItemId::from_row(item).unwrap(), attempt);
        for (item, attempt, expected) in JITTERS {
            assert_eq!(jitter(item, attempt), expected, "{item} {attempt}");
        }
        let mean = (1..=1_000).map(|item| jitter(item, 1)).sum::<f64>() / 1_000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
    }

    const JITTERS: [(i64, u32, f64); 4] = [
        (1, 1, 0.9140224628703029),
        (1, 2, 0.8766756214195504),
        (2, 1, 0.7376992526901169),
        (i64::MAX, u32::MAX, 0.5709715623434909),
    ];

    proptest! {
        #[test]
        fn no_policy_overflows_and_none_calls_before_now(
            delays in proptest::collection::vec(0..=i64::MAX / 1_000_000, 0..4),
            multiplier in prop_oneof![any::<f64>(), 1.0..4.0],
            max_delay in 0..=i64::MAX / 1_000_000,
            share in 0.0..=1.0,
            failures in prop_oneof![any::<u32>(), 0..20_u32],
            jitter in 0.0..1.0,
        ) {
            let policy = RetryPolicy {
                max_retries: 3,
                ladders: [("same".to_owned(), delays.iter().copied().map(TimeDelta::milliseconds).collect())].into(),
                delays: delays.into_iter().map(TimeDelta::milliseconds).collect(),
                multiplier,
                max_delay: TimeDelta::milliseconds(max_delay),
                jitter: share,
            };
            let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
            let due = next_retry_at(&policy, now, failures, None, jitter);
            let without = next_retry_at(&policy, now, failures, None, 0.0);
            // A reason without a list changes nothing, and one with the same list neither.
            prop_assert_eq!(due, next_retry_at(&policy, now, failures, Some("other"), jitter));
            prop_assert_eq!(due, next_retry_at(&policy, now, failures, Some("same"), jitter));
            prop_assert!(now <= without && without <= due);
            let longest = policy.delays.iter().max().map_or(max_delay, |delay| max_delay.max(delay.num_milliseconds()));
            prop_assert!((without - now).num_milliseconds() <= longest.saturating_add(longest / 1_000));
            for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
                prop_assert!(next_retry_at(&policy, now, failures, None, jitter) >= model::truncate_to_millis(now));
            }
        }
    }
}
