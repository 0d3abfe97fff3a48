//! Makes an answer of many runs.

use chrono::{DateTime, Utc};

use super::calendar::Calendar;
use super::read::ClientCase;
use super::tally::{CallTally, Tally};
use crate::contract::{DoneView, ForecastDay, ForecastHour, ForecastItems, LearnedView, NewLeadWait, Quantiles};
use crate::model::from_millis;

/// A quantile by nearest rank; `None` without values. Sorts the values.
pub(super) fn quantile<T: Copy + Ord>(values: &mut [T], part: f64) -> Option<T> {
    values.sort_unstable();
    let rank = (part * values.len() as f64).ceil() as usize;
    values.get(rank.max(1) - 1).copied()
}

pub(super) fn quantiles(values: impl Iterator<Item = u64>) -> Quantiles {
    let mut values: Vec<u64> = values.collect();
    let mut at = |part| quantile(&mut values, part).unwrap_or(0);
    Quantiles { p10: at(0.1), p50: at(0.5), p90: at(0.9) }
}

pub(super) fn done(tallies: &[Tally]) -> DoneView {
    let mut ends: Vec<i64> = tallies.iter().map(|tally| tally.done().unwrap_or(i64::MAX)).collect();
    let share = ends.iter().filter(|end| **end < i64::MAX).count() as f64 / ends.len().max(1) as f64;
    let mut at = |part| quantile(&mut ends, part).filter(|end| *end < i64::MAX).and_then(from_millis);
    DoneView { p10: at(0.1), p50: at(0.5), p90: at(0.9), share }
}

pub(super) fn items(tallies: &[Tally]) -> ForecastItems {
    let of = |count: fn(&Tally) -> u64| quantiles(tallies.iter().map(count));
    ForecastItems {
        completed: of(|tally| tally.completed),
        failed: of(|tally| tally.failed),
        expired: of(|tally| tally.expired),
        expired_uncalled: of(|tally| tally.expired_uncalled),
        left: of(|tally| tally.left),
    }
}

pub(super) fn waits(tallies: &[Tally]) -> NewLeadWait {
    let of = |rank: usize| {
        let mut waits: Vec<i64> = tallies.iter().map(|tally| tally.waits[rank].unwrap_or(i64::MAX)).collect();
        quantile(&mut waits, 0.5).filter(|wait| *wait < i64::MAX).map(|wait| wait as f64 / 1_000.0)
    };
    NewLeadWait { urgent: of(0), high: of(1), normal: of(2), low: of(3) }
}

/// Every day up to the last on which a run calls. `open` tells the business time of a span, and that time × the calls at
/// once, in milliseconds.
pub(super) fn days(
    tallies: &[Tally],
    calendar: &Calendar,
    now: DateTime<Utc>,
    open: &dyn Fn(i64, i64) -> (u64, f64),
) -> Vec<ForecastDay> {
    let count = tallies.iter().map(|tally| tally.days.len()).max().unwrap_or(0);
    let day = |index: usize| {
        let (day, from, until) = calendar.day(index)?;
        let (open, capacity) = open(from.max(now.timestamp_millis()), until);
        let of = |tally: &Tally| tally.days.get(index).copied().unwrap_or_default();
        let mut held: Vec<i64> = tallies.iter().map(|tally| of(tally).business).collect();
        let held = quantile(&mut held, 0.5).unwrap_or(0) as f64;
        Some(ForecastDay {
            day,
            open_seconds: open / 1_000,
            calls: quantiles(tallies.iter().map(|tally| of(tally).calls)),
            completed: quantiles(tallies.iter().map(|tally| of(tally).completed)),
            business_hours_utilization: (capacity > 0.0).then(|| held / capacity),
        })
    };
    (0..count).filter_map(day).collect()
}

/// The hours in which a run calls.
pub(super) fn hours(tallies: &[Tally], calendar: &Calendar) -> Vec<ForecastHour> {
    let count = tallies.iter().map(|tally| tally.hours.len()).max().unwrap_or(0);
    let hour = |index: usize| {
        let of = |tally: &Tally| tally.hours.get(index).copied().unwrap_or_default();
        let tallies: Vec<CallTally> = tallies.iter().map(of).collect();
        let has_calls = tallies.iter().any(|tally| tally.calls > 0);
        Some(ForecastHour {
            start: calendar.hour_start(index).filter(|_| has_calls)?,
            calls: quantiles(tallies.iter().map(|tally| tally.calls)),
            completed: quantiles(tallies.iter().map(|tally| tally.completed)),
        })
    };
    (0..count).filter_map(hour).collect()
}

/// What all clients learned, each by the calls that it looked at.
pub(super) fn learned(cases: &[ClientCase]) -> LearnedView {
    let weight = |case: &ClientCase| case.world.calls as f64 + 1.0;
    let all: f64 = cases.iter().map(weight).sum::<f64>().max(1.0);
    let mean =
        |of: fn((f64, f64)) -> f64| cases.iter().map(|case| of(case.world.means()) * weight(case) / all).sum::<f64>();
    LearnedView {
        attempts: cases.iter().map(|case| case.world.calls).sum(),
        days: cases.iter().map(|case| case.world.days).max().unwrap_or(0),
        assumed: cases.iter().all(|case| case.world.is_assumed()),
        answer_rate: mean(|(rate, _)| rate),
        line_seconds: mean(|(_, seconds)| seconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_go_by_nearest_rank() {
        assert_eq!(quantiles(1..=20), Quantiles { p10: 2, p50: 10, p90: 18 });
        assert_eq!(quantiles([7].into_iter()), Quantiles { p10: 7, p50: 7, p90: 7 });
        assert_eq!(quantiles(std::iter::empty()), Quantiles::default());
        assert_eq!(quantile::<i64>(&mut [], 0.5), None);
    }
}
