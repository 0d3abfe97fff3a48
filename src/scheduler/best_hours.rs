//! How often calls are answered by the hour of the week, and what the hour adds to the score of a group.
//!
//! An hour with few calls says little, so each guess leans on a more general one: a published curve at the level of these
//! calls, all clients by (working day or weekend, hour), the client likewise, the client by the hour of the week. Each step
//! is a beta-binomial model whose strength K comes from the data: hours that differ no more than chance explains lean hard.
//! The guess leaves the general one only for evidence; its variance allows for what might still be there.

use std::sync::Arc;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};

use super::{LegalPlace, Policy, Zone, windows};
use crate::model::{HourCalls, HourRate, HoursOfWeek, Priority};

/// Answered calls in percent by hour, 06:00 to 21:59 on the called person's clock: PhoneBurner, 11 million calls of four
/// years ("Sales Stats #2: Best time of day for sales calls").
const PUBLISHED: [f64; 16] =
    [2.31, 3.73, 11.84, 14.09, 15.53, 14.95, 13.53, 14.41, 15.01, 14.44, 14.07, 12.58, 12.39, 12.59, 11.81, 12.09];
const PUBLISHED_FROM: usize = 6;

/// The level of the published curve weighs as much as this number of answers.
const LEVEL_ANSWERS: f64 = 7.0;

/// The least and the most calls that the more general guess weighs as much as.
const LEAST_WEIGHT: f64 = 100.0;
const MOST_WEIGHT: f64 = 20_000.0;

/// Guesses stay this far from 0 and 1, where a rate has no spread.
const LEAST_RATE: f64 = 1e-6;

/// A guess: its mean and variance.
type Guess = (f64, f64);

/// The half-width of an interval that holds 90 % and 95 % of a normal distribution, in standard deviations.
pub const NINETY_PERCENT: f64 = 1.645;
const NINETY_FIVE_PERCENT: f64 = 1.96;

/// The hour of the week on a clock.
pub fn hour_of_week(zone: &Zone, instant: DateTime<Utc>) -> usize {
    let local = zone.local(instant);
    (local.weekday().num_days_from_monday() * 24 + local.hour()) as usize
}

/// The guesses for a client from its calls and those of all clients; without a client, for all of them.
pub fn hour_rates(all: &HoursOfWeek<HourCalls>, client: Option<&HoursOfWeek<HourCalls>>) -> HoursOfWeek<HourRate> {
    let (mut expected, mut answers) = (0.0, 0.0);
    for (how, cell) in all.iter().enumerate() {
        expected += cell.calls as f64 * published(how);
        answers += cell.answered as f64;
    }
    let level = (answers + LEVEL_ANSWERS) / (expected + LEVEL_ANSWERS);
    let curve: Vec<Guess> = (0..DAY_HOURS)
        .map(|day_hour| {
            let mean = (published(day_hour) * level).clamp(LEAST_RATE, 1.0 - LEAST_RATE);
            (mean, mean * mean / (answers + LEVEL_ANSWERS))
        })
        .collect();
    let mut general = refined(&by_day_hour(all), &curve);
    if let Some(client) = client {
        general = refined(&by_day_hour(client), &general);
    }
    let cells: Vec<HourCalls> = client.unwrap_or(all).iter().copied().collect();
    let priors: Vec<Guess> =
        (0..cells.len()).map(|how| general.get(day_hour(how)).copied().unwrap_or((0.0, 0.0))).collect();
    let rates = refined(&cells, &priors).into_iter().zip(&cells);
    let rates = rates.map(|((mean, variance), cell)| HourRate { mean, variance, calls: cell.calls }).collect();
    HoursOfWeek::of(rates).unwrap_or_else(|| HoursOfWeek::all(HourRate { mean: 0.0, variance: 0.0, calls: 0 }))
}

/// The published rate of an hour of the week; a night hour has that of the nearest hour that was published.
fn published(how: usize) -> f64 {
    let index = (how % 24).saturating_sub(PUBLISHED_FROM).min(PUBLISHED.len() - 1);
    PUBLISHED.get(index).copied().unwrap_or_default() / 100.0
}

/// The hours of a working day, then the hours of the weekend.
const DAY_HOURS: usize = 48;

fn day_hour(how: usize) -> usize {
    how % 24 + if how >= 5 * 24 { 24 } else { 0 }
}

fn by_day_hour(week: &HoursOfWeek<HourCalls>) -> Vec<HourCalls> {
    let mut cells = vec![HourCalls::default(); DAY_HOURS];
    for (how, cell) in week.iter().enumerate() {
        if let Some(sum) = cells.get_mut(day_hour(how)) {
            sum.calls += cell.calls;
            sum.answered += cell.answered;
        }
    }
    cells
}

/// The guesses after the calls of each cell.
fn refined(cells: &[HourCalls], priors: &[Guess]) -> Vec<Guess> {
    let (cautious, open) = (prior_weight(cells, priors, -1.0), prior_weight(cells, priors, 2.0));
    let guess = |(cell, (p, v)): (&HourCalls, &Guess)| {
        let (n, k) = (cell.calls as f64, cell.answered as f64);
        let mean = ((cautious * p + k) / (cautious + n)).clamp(LEAST_RATE, 1.0 - LEAST_RATE);
        let of_prior = open / (open + n);
        (mean, mean * (1.0 - mean) / (open + n + 1.0) + of_prior * of_prior * v)
    };
    cells.iter().zip(priors).map(guess).collect()
}

/// How many calls the more general guess weighs as much as: 1/ρ − 1, where ρ is the part of the spread between cells that
/// chance does not explain, moved by `z` standard deviations of chance.
fn prior_weight(cells: &[HourCalls], priors: &[Guess], z: f64) -> f64 {
    let (mut spread, mut degrees, mut calls) = (0.0, 0.0, 0.0);
    for (cell, (p, v)) in cells.iter().zip(priors).filter(|(cell, _)| cell.calls > 0) {
        let (n, k) = (cell.calls as f64, cell.answered as f64);
        let apart = k - n * p;
        spread += apart * apart / (n * p * (1.0 - p) + n * n * v);
        degrees += 1.0;
        calls += n - 1.0;
    }
    let excess = spread - degrees + z * f64::sqrt(2.0 * degrees);
    if excess <= 0.0 || calls <= 0.0 {
        return MOST_WEIGHT;
    }
    (calls / excess - 1.0).clamp(LEAST_WEIGHT, MOST_WEIGHT)
}

/// Wilson's 95 % interval of a rate: the rates under which `k` of `n` is no surprise. All rates without a call.
pub fn wilson(k: u64, n: u64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let (k, n, z) = (k as f64, n as f64, NINETY_FIVE_PERCENT);
    let middle = (k + z * z / 2.0) / (n + z * z);
    let half = z / (n + z * z) * (k * (n - k) / n + z * z / 4.0).max(0.0).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// What the hour adds to the score of the items of a group.
#[derive(Debug, Clone)]
pub struct GroupHours {
    rates: Arc<HoursOfWeek<HourRate>>,
    zone: Zone,
    /// The mean guess over the hours in which the group may be called.
    mean: f64,
    /// The points at most.
    most: f64,
}

impl GroupHours {
    /// The group of a place and a priority, by its windows of the week after `now`; none when the policy learns no hours or
    /// the group is never open.
    pub fn new(
        rates: &Arc<HoursOfWeek<HourRate>>,
        policy: &Policy,
        place: &LegalPlace,
        priority: Priority,
        now: DateTime<Utc>,
    ) -> Option<GroupHours> {
        let most = policy.order.best_hours?;
        let zone = place.zones().first().unwrap_or(&policy.hours.zone).clone();
        let (mut sum, mut millis) = (0.0, 0.0);
        for window in windows(&policy.hours, place, priority, now, now + TimeDelta::weeks(1)) {
            let mut at = window.start;
            while at < window.end {
                let local = zone.local(at);
                let left = 3_600_000 - (i64::from(local.minute() * 60 + local.second()) * 1_000);
                let next = window.end.min(at + TimeDelta::milliseconds(left));
                let took = (next - at).num_milliseconds().max(1) as f64;
                sum += rates.get(hour_of_week(&zone, at)).map_or(0.0, |rate| rate.mean) * took;
                millis += took;
                at = next.max(at + TimeDelta::milliseconds(1));
            }
        }
        (sum > 0.0).then(|| GroupHours { rates: rates.clone(), zone, mean: sum / millis, most })
    }

    /// The points at an instant: at most those of the policy, and at least as many below zero. A quarter above the mean has
    /// them all.
    pub fn points(&self, at: DateTime<Utc>) -> f64 {
        const ALL_FROM: f64 = 0.25;
        let rate = self.rate(at).map_or(self.mean, |rate| rate.mean);
        self.most * ((rate / self.mean - 1.0) / ALL_FROM).clamp(-1.0, 1.0)
    }

    /// What is known of the hour of an instant.
    pub fn rate(&self, at: DateTime<Utc>) -> Option<&HourRate> {
        self.rates.get(hour_of_week(&self.zone, at))
    }

    pub fn mean(&self) -> f64 {
        self.mean
    }

    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// All calls of the client from which the guesses come.
    pub fn calls(&self) -> u64 {
        self.rates.iter().map(|rate| rate.calls).sum()
    }
}

#[cfg(test)]
mod tests;
