//! What the newest calls of a client say about the next ones.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::world::{CLASSES, Ending, World, class_of};
use crate::model::{
    CALL_MIX, CallResult, ClientId, DispatchKind, INVALID_NUMBER, MixedEnding, NUMBERS_PER_INVALID, OnUnknown, Outcome,
    Reached, from_millis,
};
use crate::scheduler::Policy;
use crate::store::{EndedCallRow, Store, StoreResult};

/// A forecast looks at the calls of this number of days, and at this number of them.
const DAYS: i64 = 28;
pub(super) const MOST_CALLS: u32 = 20_000;

/// So many times keep the shape of those of one ending.
const MOST_TIMES: usize = 512;

/// With fewer times of an ending the assumed ones stand beside them.
const FEW_TIMES: usize = 8;

/// The most ways in which calls end. Further ones count as the last.
const MOST_ENDINGS: usize = 32;

/// Days differ by 5 % until they tell otherwise; that weighs as much as five days.
const DAY_SPREAD: f64 = 0.05;
const DAY_SPREAD_DAYS: f64 = 5.0;

/// One call as it counts.
struct Learned {
    ending: usize,
    class: usize,
    day: chrono::NaiveDate,
    took: f64,
}

/// Learns from at most `most` calls.
pub(super) fn learn(
    store: &Store,
    client: &ClientId,
    policy: &Policy,
    most: u32,
    now: DateTime<Utc>,
) -> StoreResult<World> {
    let mut rows: Vec<Call> = Vec::new();
    store.newest_calls(client, now - TimeDelta::days(DAYS), most, &mut |row| rows.push(Call::of(row)))?;
    let mut endings = assumed();
    let mut last_ends: HashMap<i64, i64> = HashMap::new();
    let mut learned = Vec::with_capacity(rows.len());
    let oldest = rows.last().map_or(now, |call| from_millis(call.started_at).unwrap_or(now));
    for call in rows.iter().rev().filter(|call| call.took_place(policy)) {
        let last_end = last_ends.insert(call.item, call.finished_at);
        let class = match (call.number, last_end) {
            (1, _) => 0,
            // Its last call is older than all that is looked at.
            (_, None) => CLASSES - 1,
            (_, Some(last)) => class_of(1, last, call.started_at),
        };
        let ending = ending_of(&mut endings, call);
        let day = policy.hours.zone.local(from_millis(call.started_at).unwrap_or(now)).date();
        learned.push(Learned { ending, class, day, took: call.took() });
    }
    for (index, ending) in endings.iter_mut().enumerate() {
        note(ending, learned.iter().filter(|call| call.ending == index));
    }
    let days = (now - oldest).num_seconds().max(0).unsigned_abs().div_ceil(86_400);
    Ok(World {
        endings,
        calls: learned.len() as u64,
        days: u32::try_from(days).unwrap_or(u32::MAX),
        day_spread: day_spread(&learned),
    })
}

/// A call that ended.
struct Call {
    item: i64,
    number: u32,
    started_at: i64,
    finished_at: i64,
    outcome: Outcome,
    reason: Option<String>,
    reached: Option<Reached>,
    duration: Option<i64>,
    is_simulated: bool,
}

impl Call {
    fn of(row: &EndedCallRow<'_>) -> Call {
        Call {
            item: row.item_row,
            number: row.number,
            started_at: row.started_at,
            finished_at: row.finished_at,
            outcome: row.outcome,
            reason: row.reason.map(str::to_owned),
            reached: row.reached,
            duration: row.duration_ms,
            is_simulated: row.dispatcher == DispatchKind::Simulate.as_str(),
        }
    }

    /// Whether it held a line and says something about the next ones: a held outcome waits for a person.
    fn took_place(&self, policy: &Policy) -> bool {
        match self.outcome {
            Outcome::Returned | Outcome::Unavailable | Outcome::Accepted => false,
            Outcome::Unknown => policy.dispatch.on_unknown == OnUnknown::Retry,
            Outcome::Completed | Outcome::Retry | Outcome::Failed => true,
        }
    }

    /// How long it held its line, in milliseconds: a simulated one takes its time without spending it.
    fn took(&self) -> f64 {
        let held = self.finished_at - self.started_at;
        let took = if self.is_simulated { self.duration.unwrap_or(held) } else { held };
        took.max(0) as f64
    }
}

/// The mix of the simulated dispatcher.
pub(super) fn assumed() -> Vec<Ending> {
    let existing = 1.0 - 1.0 / NUMBERS_PER_INVALID as f64;
    let of_mix = CALL_MIX.iter().map(|mix| (mix, existing * mix.share as f64 / 100.0));
    of_mix.chain([(&INVALID_NUMBER, 1.0 - existing)]).map(|(mix, share)| assumed_ending(mix, share)).collect()
}

fn assumed_ending(mix: &MixedEnding, assumed: f64) -> Ending {
    const TIMES: u32 = 64;
    let (least, most) = (mix.seconds.0 as f64, mix.seconds.1 as f64);
    let time = |nth: u32| {
        let part = (f64::from(nth) + 0.5) / f64::from(TIMES);
        // Of the shorter of two evenly spread parts, this share is less than 1 − √(1 − share).
        let part = if mix.mostly_short { 1.0 - (1.0 - part).sqrt() } else { part };
        (least + (most - least) * part) * 1_000.0
    };
    let times: Vec<f64> = (0..TIMES).map(time).collect();
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    let reason = mix.reason.map(str::to_owned);
    let reached = CallResult { reason: reason.clone(), ..CallResult::of(mix.outcome) }.level();
    Ending { outcome: mix.outcome, reason, reached, seen: [0.0; CLASSES], assumed, times, mean, doubt: 0.0 }
}

/// The number of the ending of a call: a new one for a reason that nobody gave before.
fn ending_of(endings: &mut Vec<Ending>, call: &Call) -> usize {
    let is_it = |ending: &Ending| {
        // A reached lead counts, with any reason.
        ending.outcome == call.outcome && (call.outcome == Outcome::Completed || ending.reason == call.reason)
    };
    let known = endings.iter().position(is_it).or_else(|| {
        let alike = endings.iter().rposition(|ending| ending.outcome == call.outcome);
        alike.filter(|_| endings.len() >= MOST_ENDINGS)
    });
    known.unwrap_or_else(|| {
        let (outcome, reason, reached) = (call.outcome, call.reason.clone(), call.reached);
        let (seen, times) = ([0.0; CLASSES], Vec::new());
        endings.push(Ending { outcome, reason, reached, seen, assumed: 0.0, times, mean: 0.0, doubt: 0.0 });
        endings.len() - 1
    })
}

/// Writes what was seen of an ending over what was assumed.
fn note<'l>(ending: &mut Ending, calls: impl Iterator<Item = &'l Learned> + Clone) {
    for call in calls.clone() {
        if let Some(seen) = ending.seen.get_mut(call.class) {
            *seen += 1.0;
        }
    }
    let count = calls.clone().count();
    if count == 0 {
        return;
    }
    let mean = calls.clone().map(|call| call.took).sum::<f64>() / count as f64;
    let variance = calls.clone().map(|call| (call.took - mean).powi(2)).sum::<f64>() / count as f64;
    let step = count.div_ceil(MOST_TIMES);
    let mut times: Vec<f64> = calls.step_by(step).map(|call| call.took).collect();
    let kept = times.iter().sum::<f64>() / times.len().max(1) as f64;
    if kept > 0.0 {
        // The shape is a sample, the mean is exact.
        times.iter_mut().for_each(|time| *time *= mean / kept);
    }
    ending.doubt = if mean > 0.0 { variance.sqrt() / mean / (count as f64).sqrt() } else { 0.0 };
    if count < FEW_TIMES && !ending.times.is_empty() {
        ending.times.extend(times);
        ending.mean = ending.times.iter().sum::<f64>() / ending.times.len() as f64;
    } else {
        (ending.times, ending.mean) = (times, mean);
    }
}

/// How much the mean times of days differ beyond chance (DerSimonian and Laird, 1986), as a part of the mean.
fn day_spread(calls: &[Learned]) -> f64 {
    let mut days: HashMap<chrono::NaiveDate, (f64, f64, f64)> = HashMap::new();
    for call in calls {
        let (count, sum, squares) = days.entry(call.day).or_default();
        *count += 1.0;
        *sum += call.took;
        *squares += call.took * call.took;
    }
    let mut days: Vec<_> = days.into_iter().filter(|(_, (count, ..))| *count >= 2.0).collect();
    days.sort_unstable_by_key(|(day, _)| *day);
    let (all, sum) = days.iter().fold((0.0, 0.0), |(all, sum), (_, (count, part, _))| (all + count, sum + part));
    let mean = sum / f64::max(all, 1.0);
    let lean = DAY_SPREAD * DAY_SPREAD * DAY_SPREAD_DAYS;
    if days.len() < 2 || mean <= 0.0 {
        return DAY_SPREAD;
    }
    let squares: f64 = days.iter().map(|(_, (_, _, squares))| squares).sum();
    let variance = (squares / all - mean * mean).max(0.0) / (mean * mean);
    let weigh = |count: f64| count / variance.max(1e-9);
    let weights: f64 = days.iter().map(|(_, (count, ..))| weigh(*count)).sum();
    let weights_squared: f64 = days.iter().map(|(_, (count, ..))| weigh(*count).powi(2)).sum();
    let differ = |(count, sum, _): &(f64, f64, f64)| weigh(*count) * (sum / count / mean - 1.0).powi(2);
    let differences: f64 = days.iter().map(|(_, day)| differ(day)).sum();
    let free = days.len() as f64 - 1.0;
    let between = ((differences - free) / (weights - weights_squared / weights).max(1e-9)).max(0.0);
    ((free * between + lean) / (free + DAY_SPREAD_DAYS)).sqrt()
}
