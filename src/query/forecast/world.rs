//! What calls come to: what was learned of it, and what one run takes for true.

use rand::SeedableRng;
use rand_distr::{Distribution, Gamma, StandardNormal};
use rand_pcg::Pcg64Mcg;

use crate::model::{Outcome, Reached, split_mix};

/// Endings and times count apart for the first call of an item, for one within two hours of the last, and for a later one.
pub(super) const CLASSES: usize = 3;

/// A call within this time of the last one, in milliseconds, is again with the same person in the same place.
const SOON: i64 = 2 * 3_600_000;

/// How many calls the doubt about what was learned weighs.
const LEAN: f64 = 30.0;

/// One way in which a call ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ending {
    pub(super) outcome: Outcome,
    pub(super) reason: Option<String>,
    /// How far such a call comes, for caps.
    pub(super) reached: Option<Reached>,
    /// How often it was seen, by class.
    pub(super) seen: [f64; CLASSES],
    /// Its share among first calls before anything was learned.
    pub(super) assumed: f64,
    /// Times that lines were held, in milliseconds: their shape.
    pub(super) times: Vec<f64>,
    /// The mean of all times, in milliseconds, and the spread of their mean as a part of it.
    pub(super) mean: f64,
    pub(super) doubt: f64,
}

/// All that was learned of the calls of a client.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct World {
    pub(super) endings: Vec<Ending>,
    pub(super) calls: u64,
    /// The days back to the first call that was looked at.
    pub(super) days: u32,
    /// How much the mean time of a day differs from that of others, as the spread of its logarithm.
    pub(super) day_spread: f64,
}

/// With fewer calls the forecast is an assumption.
const FEW_CALLS: u64 = 50;

impl World {
    pub(super) fn is_assumed(&self) -> bool {
        self.calls < FEW_CALLS
    }

    /// The shares of the endings of first calls, in the mean.
    fn shares(&self, class: usize, lean: &[f64]) -> Vec<f64> {
        let all: f64 = self.endings.iter().map(|ending| ending.seen[class]).sum();
        let share = |(ending, lean): (&Ending, &f64)| (ending.seen[class] + LEAN * lean) / (all + LEAN);
        self.endings.iter().zip(lean).map(share).collect()
    }

    /// The share of calls that reach their lead, and the mean time of a call in seconds, as far as they are known.
    pub(super) fn means(&self) -> (f64, f64) {
        let assumed: Vec<f64> = self.endings.iter().map(|ending| ending.assumed).collect();
        let first = self.shares(0, &assumed);
        let soon = self.shares(1, &first);
        let later = self.shares(2, &soon);
        let seen = |class: usize| self.endings.iter().map(|ending| ending.seen[class]).sum::<f64>();
        let weights = [seen(0) + 1.0, seen(1), seen(2)];
        let all: f64 = weights.iter().sum();
        let share = |index: usize| {
            let parts = [&first, &soon, &later].into_iter().zip(weights);
            parts.map(|(shares, weight)| shares[index] * weight / all).sum::<f64>()
        };
        let answered = self.endings.iter().enumerate().filter(|(_, ending)| ending.outcome == Outcome::Completed);
        let millis: f64 = self.endings.iter().enumerate().map(|(index, ending)| ending.mean * share(index)).sum();
        (answered.map(|(index, _)| share(index)).sum(), millis / 1_000.0)
    }

    /// What one run takes for true: each draws its own.
    pub(super) fn draw(&self, seed: u64) -> DrawnWorld<'_> {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut lean: Vec<f64> = self.endings.iter().map(|ending| ending.assumed).collect();
        let mut sums: [Vec<f64>; CLASSES] = Default::default();
        for (class, sums) in sums.iter_mut().enumerate() {
            let weights = self.endings.iter().zip(&lean).map(|(ending, lean)| ending.seen[class] + LEAN * lean);
            let drawn: Vec<f64> = weights.map(|weight| gamma(weight, &mut random)).collect();
            let all: f64 = drawn.iter().sum::<f64>().max(f64::MIN_POSITIVE);
            lean = drawn.iter().map(|share| share / all).collect();
            *sums = cumulative(&lean);
        }
        // A guess stays a guess, even after many runs.
        let calls = self.calls as f64;
        let common = (0.5 * LEAN / (LEAN + calls) * normal(&mut random)).exp();
        let scale = |ending: &Ending| common * (1.0 + ending.doubt * normal(&mut random)).max(0.05);
        let scales = self.endings.iter().map(scale).collect();
        DrawnWorld { endings: &self.endings, sums, scales, day_spread: self.day_spread, days: Vec::new(), random }
    }

    /// What is in the world as it is, without any doubt: each class has these shares.
    #[cfg(test)]
    pub(super) fn without_doubt(&self) -> DrawnWorld<'_> {
        let shares: Vec<f64> = self.endings.iter().map(|ending| ending.assumed).collect();
        let sums = [cumulative(&shares), cumulative(&shares), cumulative(&shares)];
        let (scales, random) = (vec![1.0; self.endings.len()], Pcg64Mcg::seed_from_u64(1));
        DrawnWorld { endings: &self.endings, sums, scales, day_spread: 0.0, days: Vec::new(), random }
    }
}

fn gamma(shape: f64, random: &mut Pcg64Mcg) -> f64 {
    if shape > 0.0 { Gamma::new(shape, 1.0).map_or(0.0, |gamma| gamma.sample(random)) } else { 0.0 }
}

fn normal(random: &mut Pcg64Mcg) -> f64 {
    StandardNormal.sample(random)
}

fn cumulative(shares: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    shares
        .iter()
        .map(|share| {
            sum += share;
            sum
        })
        .collect()
}

/// The truth of one run.
pub(super) struct DrawnWorld<'w> {
    pub(super) endings: &'w [Ending],
    /// The shares of the endings by class, each with those before it.
    sums: [Vec<f64>; CLASSES],
    scales: Vec<f64>,
    day_spread: f64,
    /// How much longer calls take on each day.
    days: Vec<f64>,
    random: Pcg64Mcg,
}

/// What one call draws: always the same for the same call of the same run, in whatever order calls are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn new(seed: u64, call: u64) -> Draw {
        Draw(split_mix(seed ^ call))
    }

    /// The `nth` number of the call, from 0 to 1.
    pub(super) fn part(self, nth: u64) -> f64 {
        (split_mix(self.0.wrapping_add(nth)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The class of a call that begins at `at`; `last` is the end of the item's last call.
pub(super) fn class_of(tries: u32, last: i64, at: i64) -> usize {
    match tries {
        0 => 0,
        _ if at - last < SOON => 1,
        _ => 2,
    }
}

impl DrawnWorld<'_> {
    /// How a call ends, and how long it holds its line in milliseconds.
    pub(super) fn call(&mut self, class: usize, day: usize, draw: Draw) -> (usize, i64) {
        let sums = &self.sums[class.min(CLASSES - 1)];
        let part = draw.part(0) * sums.last().copied().unwrap_or(0.0);
        let ending = sums.partition_point(|sum| *sum <= part).min(sums.len().saturating_sub(1));
        (ending, self.time(ending, day, draw))
    }

    fn time(&mut self, ending: usize, day: usize, draw: Draw) -> i64 {
        let factor = self.day_factor(day) * self.scales.get(ending).copied().unwrap_or(1.0);
        let times = self.endings.get(ending).map_or(&[][..], |ending| &ending.times);
        let index = (draw.part(1) * times.len() as f64) as usize;
        (times.get(index).copied().unwrap_or(0.0) * factor).round() as i64
    }

    /// How much longer a call holds its line that has held it for `age` milliseconds.
    pub(super) fn rest(&mut self, age: i64, draw: Draw) -> i64 {
        // Among many calls one that is older lasts longer: the first one that does is taken.
        let tries = (0..64).map(|nth| Draw::new(draw.0, nth));
        let lasting = tries.map(|draw| self.call(0, 0, draw).1).find(|time| *time > age);
        lasting.map_or(0, |time| time - age)
    }

    fn day_factor(&mut self, day: usize) -> f64 {
        while self.days.len() <= day {
            let factor = (self.day_spread * normal(&mut self.random)).exp();
            self.days.push(factor);
        }
        self.days.get(day).copied().unwrap_or(1.0)
    }
}
