//! What holds the queue back, found out by relaxing one gate after the other; and how many lines a date needs.

use chrono::{DateTime, TimeDelta, Utc};

use super::answer::quantile;
use super::play::Plan;
use super::tally::Tally;
use crate::contract::{HeldBackView, PlanView};
use crate::model::from_millis;
use crate::scheduler::{HoursPolicy, Limits, Policy};

/// Smaller gains are not shown.
const LEAST_GAIN: TimeDelta = TimeDelta::minutes(5);

/// With more waiting items fewer runs of each experiment are enough: the runs differ less.
const MANY_ITEMS: u64 = 50_000;
const RUNS_OF_MANY: u32 = 3;

/// The most lines that a plan tries.
const MOST_LINES: u32 = 512;

/// One gate relaxed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relaxed {
    Lines,
    Rate,
    Hours,
    Caps,
    FirstDelay,
}

impl Relaxed {
    const ALL: [Relaxed; 5] = [Relaxed::Lines, Relaxed::Rate, Relaxed::Hours, Relaxed::Caps, Relaxed::FirstDelay];

    fn gate(self) -> &'static str {
        match self {
            Relaxed::Lines => "max_concurrent",
            Relaxed::Rate => "max_per_minute",
            Relaxed::Hours => "business_hours",
            Relaxed::Caps => "cap",
            Relaxed::FirstDelay => "retry_delays",
        }
    }

    /// The policy with the gate relaxed, and what was changed; none where there is nothing to relax.
    fn apply(self, policy: &Policy, has_caps: bool) -> Option<(Policy, String)> {
        let mut policy = policy.clone();
        let Limits { max_concurrent, max_per_minute } = &mut policy.limits;
        let change = match self {
            Relaxed::Lines => {
                *max_concurrent = max_concurrent.saturating_mul(2);
                max_concurrent.to_string()
            }
            Relaxed::Rate if *max_per_minute > 0 => {
                *max_per_minute = 0;
                "0".to_owned()
            }
            Relaxed::Hours => {
                policy.hours = HoursPolicy { business: policy.hours.business.an_hour_longer(), ..policy.hours };
                "an hour more each day".to_owned()
            }
            Relaxed::Caps if has_caps => "off".to_owned(),
            Relaxed::FirstDelay => {
                let first = policy.retry.delays.first().filter(|delay| !delay.is_zero()).map(|delay| *delay / 2)?;
                let ladders = policy.retry.ladders.values_mut().chain([&mut policy.retry.delays]);
                ladders.filter_map(|delays| delays.first_mut()).for_each(|delay| *delay = *delay / 2);
                let minutes = first.num_seconds() as f64 / 60.0;
                format!("first delay {minutes} min")
            }
            Relaxed::Rate | Relaxed::Caps => return None,
        };
        Some((policy, change))
    }
}

/// How many runs an experiment takes of those that there are.
pub(super) fn experiment_runs(plan: &Plan<'_>, runs: u32) -> u32 {
    if plan.backlog.items > MANY_ITEMS { runs.min(RUNS_OF_MANY) } else { runs }
}

/// The gates that hold the queue back, the one with the largest gain first.
pub(super) fn held_back_by(plan: &Plan<'_>, tallies: &[Tally]) -> Vec<HeldBackView> {
    let runs = experiment_runs(plan, u32::try_from(tallies.len()).unwrap_or(u32::MAX));
    let before = median(tallies.get(..runs as usize).unwrap_or(tallies));
    let mut found = Vec::new();
    for relaxed in Relaxed::ALL {
        let Some((policy, change)) = relaxed.apply(plan.policy, plan.has_caps) else { continue };
        let has_caps = plan.has_caps && relaxed != Relaxed::Caps;
        let done = median(&Plan { policy: &policy, has_caps, ..*plan }.runs(runs));
        let earlier = match (before, done) {
            (Some(before), Some(done)) => Some(before - done).filter(|earlier| *earlier >= LEAST_GAIN),
            _ => None,
        };
        let ends_only_so = before.is_none() && done.is_some();
        if earlier.is_some() || ends_only_so {
            let earlier_seconds = earlier.map(|earlier| earlier.num_milliseconds() as f64 / 1_000.0);
            found.push(HeldBackView { gate: relaxed.gate(), change, done_p50: done, earlier_seconds });
        }
    }
    found.sort_by_key(|gate| gate.done_p50);
    found
}

fn median(tallies: &[Tally]) -> Option<DateTime<Utc>> {
    let mut done: Vec<i64> = tallies.iter().map(|tally| tally.done().unwrap_or(i64::MAX)).collect();
    quantile(&mut done, 0.5).filter(|done| *done < i64::MAX).and_then(from_millis)
}

/// The fewest lines with which everything is done by an instant in enough of the runs.
pub(super) fn plan_lines(plan: &Plan<'_>, runs: u32, by: DateTime<Utc>, confidence: f64) -> PlanView {
    // No call after that matters.
    let plan = Plan { end: plan.end.min(by), ..*plan };
    let share = |lines: u32| {
        let limits = Limits { max_concurrent: lines, ..plan.policy.limits };
        let policy = Policy { limits, ..plan.policy.clone() };
        let tallies = Plan { policy: &policy, ..plan }.runs(runs);
        let is_done = |tally: &&Tally| tally.done().is_some_and(|done| done <= by.timestamp_millis());
        tallies.iter().filter(is_done).count() as f64 / f64::from(runs.max(1))
    };
    let is_enough = |share: f64| share + 1e-9 >= confidence;
    let at_most = share(MOST_LINES);
    if !is_enough(at_most) {
        let held_back_by = Some(held_at_most(&plan, by));
        return PlanView { by, confidence, max_concurrent: None, share: at_most, held_back_by };
    }
    let (mut low, mut high, mut reached) = (1, MOST_LINES, at_most);
    while low < high {
        let middle = low.midpoint(high);
        match share(middle) {
            share if is_enough(share) => (high, reached) = (middle, share),
            _ => low = middle + 1,
        }
    }
    PlanView { by, confidence, max_concurrent: Some(high), share: reached, held_back_by: None }
}

/// The gate whose relaxing leaves least to call by then, with the most lines.
fn held_at_most(plan: &Plan<'_>, by: DateTime<Utc>) -> &'static str {
    let limits = Limits { max_concurrent: MOST_LINES, ..plan.policy.limits };
    let most = Policy { limits, ..plan.policy.clone() };
    let left = |policy: &Policy, has_caps: bool| {
        let tallies = Plan { policy, has_caps, ..*plan }.runs(RUNS_OF_MANY);
        let late = tallies.iter().filter(|tally| tally.last_end > by.timestamp_millis()).count() as u64;
        tallies.iter().map(|tally| tally.left).sum::<u64>() + late
    };
    let as_it_is = left(&most, plan.has_caps);
    let others = Relaxed::ALL.into_iter().filter(|relaxed| *relaxed != Relaxed::Lines);
    let relaxed = others.filter_map(|relaxed| {
        let (policy, _) = relaxed.apply(&most, plan.has_caps)?;
        Some((left(&policy, plan.has_caps && relaxed != Relaxed::Caps), relaxed.gate()))
    });
    // Nothing helps: what is left may not be called before then.
    let best = relaxed.filter(|(left, _)| *left < as_it_is).min_by_key(|(left, _)| *left);
    best.map_or("business_hours", |(_, gate)| gate)
}
