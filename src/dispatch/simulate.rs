//! A dispatcher that places no call and plays a mix of outcomes as a dialler sees them, for trying out a configuration.

use std::sync::mpsc::Sender;
use std::time::Duration;

use super::call::{Call, Dispatcher, Ended};
use crate::model::{CALL_MIX, CallResult, INVALID_NUMBER, NUMBERS_PER_INVALID, split_mix};

/// Plays the calls. What happens follows from the seed, the item and the attempt's number alone, so that the same queue
/// and seed give the same run again.
///
/// | of 100 attempts | outcome | takes |
/// |---|---|---|
/// | 3 (one number of 33, for good) | failed, `invalid_number` | 1–3 s |
/// | 44 | completed | 20–300 s, short calls more often |
/// | 29 | retry, `no_answer` | 20–40 s |
/// | 14 | retry, `voicemail` | 15–45 s |
/// | 10 | retry, `busy` | 2–6 s |
#[derive(Debug)]
pub struct Simulator {
    ended: Sender<Ended>,
    seed: u64,
}

impl Simulator {
    /// A simulator that tells on `ended` how its calls ended, at once; the time they took is a simulated one.
    pub fn new(ended: Sender<Ended>, seed: u64) -> Simulator {
        Simulator { ended, seed }
    }
}

impl Dispatcher for Simulator {
    fn start(&mut self, call: Call) {
        let (result, took) = play(self.seed, call.item.id.get(), call.number);
        let ended = Ended { took, ..Ended::of(call, result) };
        // Nobody listens any more when the run has been given up.
        drop(self.ended.send(ended));
    }
}

fn play(seed: u64, item: u64, number: u32) -> (CallResult, Duration) {
    let lead = split_mix(split_mix(seed) ^ item);
    let attempt = split_mix(lead ^ u64::from(number));
    let mut left = attempt % 100;
    let picked = CALL_MIX.iter().find(|ending| match left.checked_sub(ending.share) {
        None => true,
        Some(more) => {
            left = more;
            false
        }
    });
    let ending = picked.filter(|_| !lead.is_multiple_of(NUMBERS_PER_INVALID)).unwrap_or(&INVALID_NUMBER);
    // How long it takes is independent of what happens.
    let part = split_mix(attempt);
    let (least, most) = ending.seconds;
    let mut took = between(least, most, part);
    if ending.mostly_short {
        took = took.min(between(least, most, split_mix(part)));
    }
    let result = CallResult::of(ending.outcome);
    (ending.reason.map_or(result.clone(), |reason| result.because(reason)), took)
}

/// A duration of `least` to `most` seconds in whole milliseconds, evenly spread.
fn between(least: u64, most: u64, random: u64) -> Duration {
    let span = most.saturating_sub(least).saturating_mul(1_000).saturating_add(1);
    Duration::from_millis(least.saturating_mul(1_000).saturating_add(random % span))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::Outcome;

    fn word(result: &CallResult) -> String {
        result.reason.clone().unwrap_or_else(|| result.outcome.to_string())
    }

    #[test]
    fn the_mix_is_the_documented_one() {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for item in 1..=100_000 {
            *counts.entry(word(&play(7, item, 1).0)).or_default() += 1;
        }
        let documented = [
            ("completed", 44_000),
            ("no_answer", 29_000),
            ("voicemail", 14_000),
            ("busy", 10_000),
            ("invalid_number", 3_000),
        ];
        assert_eq!(counts.len(), documented.len());
        for (reason, expected) in documented {
            let seen = i64::from(counts[reason]);
            assert!((seen - expected).abs() < 1_000, "{reason}: {seen} of 100,000, documented {expected}");
        }
    }

    #[test]
    fn the_same_seed_plays_the_same_and_another_one_does_not() {
        let run = |seed| (1..1_000).map(|item| play(seed, item, 1)).collect::<Vec<_>>();
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        // The values themselves are part of the promise: a new release replays an old run.
        let (result, took) = play(42, 1, 1);
        assert_eq!((word(&result).as_str(), took.as_millis()), ("completed", 101_170));
    }

    #[test]
    fn a_number_that_does_not_exist_never_does() {
        let invalid = |item, number| play(3, item, number).0.outcome == Outcome::Failed;
        for item in 1..1_000 {
            assert!((2..5).all(|number| invalid(item, number) == invalid(item, 1)), "{item}");
        }
    }

    #[test]
    fn attempts_of_one_item_differ() {
        let outcomes: std::collections::BTreeSet<_> = (1..50).map(|number| word(&play(3, 5, number).0)).collect();
        assert!(outcomes.len() >= 3, "{outcomes:?}");
    }
}
