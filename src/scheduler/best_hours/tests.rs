//! Guesses against arithmetic and drawn truths, points, and the bound of the order.

use proptest::prelude::*;

use super::*;
use crate::model::{ItemId, LeadPlace};
use crate::scheduler::{OrderPolicy, Turn};

/// Tuesday 2026-11-24, midnight in New York.
fn tuesday() -> DateTime<Utc> {
    "2026-11-24T05:00:00Z".parse().unwrap()
}

fn new_york() -> Zone {
    "America/New_York".parse().unwrap()
}

/// Calls in the working hours of a week, each hour with the same number, answered at a rate of the hour of the week.
fn week(calls: u64, rate: impl Fn(usize) -> f64) -> HoursOfWeek<HourCalls> {
    let mut week = HoursOfWeek::all(HourCalls::default());
    for how in (0..5 * 24).filter(|how| (9..17).contains(&(how % 24))) {
        let answered = (calls as f64 * rate(how)).round() as u64;
        *week.get_mut(how).unwrap() = HourCalls { calls, answered };
    }
    week
}

#[test]
fn an_hour_of_the_week_is_read_on_the_clock() {
    let hour = TimeDelta::hours(1);
    assert_eq!(hour_of_week(&new_york(), tuesday()), 24);
    assert_eq!(hour_of_week(&new_york(), tuesday() - hour), 23);
    assert_eq!(hour_of_week(&"Asia/Kolkata".parse().unwrap(), tuesday()), 24 + 10);
    assert_eq!(hour_of_week(&"Pacific/Honolulu".parse().unwrap(), tuesday()), 19);
}

#[test]
fn without_calls_the_published_curve_holds() {
    let rates = hour_rates(&week(0, |_| 0.0), None);
    let at = |how: usize| rates.get(how).unwrap().mean;
    assert!((at(10) - 0.1553).abs() < 1e-9 && (at(5 * 24 + 10) - 0.1553).abs() < 1e-9);
    assert!((at(3) - at(6)).abs() < 1e-9 && (at(23) - at(21)).abs() < 1e-9, "the nearest hour that was published");
    assert!(rates.iter().all(|rate| rate.calls == 0 && rate.variance > 0.0));
}

/// Where the published curve holds at another level, the guesses keep its shape at any number of calls.
#[test]
fn the_curve_is_kept_at_the_level_of_the_calls() {
    for calls in [25, 400, 20_000] {
        let own = week(calls, |how| 2.0 * published(how));
        let rates = hour_rates(&own, Some(&own));
        for how in [9, 24 + 12, 4 * 24 + 16] {
            let mean = rates.get(how).unwrap().mean;
            assert!((mean / (2.0 * published(how)) - 1.0).abs() < 0.06, "{calls} {how}: {mean}");
        }
    }
}

/// A client whose answers double at 12:00 is believed with many calls, and not with few.
#[test]
fn the_own_curve_is_learned_with_the_calls() {
    let own = |how: usize| if how % 24 == 12 { 0.3 } else { 0.12 };
    let guess = |calls: u64| {
        let week = week(calls, own);
        let rates = hour_rates(&week, Some(&week));
        let at = |how: usize| rates.get(how).unwrap().mean;
        at(24 + 12) / at(24 + 10)
    };
    let (few, many) = (guess(5), guess(1_600));
    assert!(few < 1.0, "200 calls in a week say little: {few}");
    assert!(many > 2.2, "64,000 calls: {many}");
}

/// Each 90 % interval holds its true rate in at least 80 % of draws, over clients whose curves deviate.
#[test]
fn intervals_hold_the_truth() {
    use rand::{RngExt, SeedableRng};
    let mut random = rand_pcg::Pcg64::seed_from_u64(1);
    for (calls, deviates) in [(25_u64, 0.1), (100, 0.3), (400, 0.2)] {
        let (mut held, mut cells) = (0, 0);
        for _ in 0..60 {
            let truth: Vec<f64> = (0..24)
                .map(|hour| {
                    let normal: f64 = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
                    let odds = published(hour) / (1.0 - published(hour)) * f64::exp(deviates * normal);
                    odds / (1.0 + odds)
                })
                .collect();
            let mut own = HoursOfWeek::all(HourCalls::default());
            for how in (0..5 * 24).filter(|how| (9..17).contains(&(how % 24))) {
                (0..calls).for_each(|_| own.note(how, random.random::<f64>() < truth[how % 24]));
            }
            let rates = hour_rates(&own, Some(&own));
            for how in (0..5 * 24).filter(|how| (9..17).contains(&(how % 24))) {
                let rate = rates.get(how).unwrap();
                let half = NINETY_PERCENT * rate.variance.sqrt();
                cells += 1;
                held += u32::from((rate.mean - truth[how % 24]).abs() <= half);
            }
        }
        let part = f64::from(held) / f64::from(cells);
        assert!(part >= 0.8, "{calls} calls an hour, {deviates}: {part}");
    }
}

#[test]
fn wilson_is_what_the_textbook_says() {
    let close = |(low, high): (f64, f64), expected: (f64, f64)| {
        assert!((low - expected.0).abs() < 5e-4 && (high - expected.1).abs() < 5e-4, "{low} {high}");
    };
    close(wilson(0, 10), (0.0, 0.2775));
    close(wilson(10, 10), (0.7225, 1.0));
    close(wilson(81, 263), (0.2553, 0.3662));
    assert_eq!(wilson(0, 0), (0.0, 1.0));
}

fn hours_of(rates: HoursOfWeek<HourRate>) -> GroupHours {
    let mut policy = Policy::default();
    policy.order.best_hours = Some(5.0);
    let place = LegalPlace::of(&policy.hours, &LeadPlace::default()).unwrap();
    GroupHours::new(&Arc::new(rates), &policy, &place, Priority::Normal, tuesday()).unwrap()
}

fn flat(mean: f64) -> HoursOfWeek<HourRate> {
    HoursOfWeek::all(HourRate { mean, variance: 0.0, calls: 1 })
}

#[test]
fn points_grow_with_the_rate_up_to_their_bound() {
    let mut rates = flat(0.2);
    // 40 open hours a week: one of them 0.2 + 0.04, one far above, one far below.
    for (hour, mean) in [(10, 0.24), (11, 0.9), (12, 0.0)] {
        rates.get_mut(24 + hour).unwrap().mean = mean;
    }
    let mean = (37.0 * 0.2 + 0.24 + 0.9) / 40.0;
    let hours = hours_of(rates);
    assert!((hours.mean() - mean).abs() < 1e-9, "{}", hours.mean());
    let points = |hour: i64| hours.points(tuesday() + TimeDelta::hours(hour));
    assert!((points(10) - 5.0 * (0.24 / mean - 1.0) / 0.25).abs() < 1e-9);
    assert_eq!((points(11), points(12)), (5.0, -5.0));
    assert_eq!(hours_of(flat(0.2)).points(tuesday()), 0.0);
}

#[test]
fn a_policy_that_learns_nothing_has_no_hours() {
    let policy = Policy::default();
    let place = LegalPlace::of(&policy.hours, &LeadPlace::default()).unwrap();
    assert!(GroupHours::new(&Arc::new(flat(0.2)), &policy, &place, Priority::Normal, tuesday()).is_none());
}

proptest! {
    /// The bound: nobody is overtaken by one that became due more than 2B/aging later than without the hours.
    #[test]
    fn nobody_waits_longer_than_twice_the_points_by_aging(
        points in 0.0..50.0_f64,
        aging in 0.5..100.0_f64,
        (first, second) in (-1.0..1.0_f64, -1.0..1.0_f64),
        waited in 0..20_000_i64,
        (rank, other) in (0..4_usize, 0..4_usize),
        more in 0..20_000_i64,
    ) {
        let order = OrderPolicy { weights: [100.0, 75.0, 50.0, 25.0], aging, best_hours: Some(points) };
        let now = tuesday();
        let (priority, of_other) = (Priority::ALL[rank], Priority::ALL[other]);
        let turn = |priority, due, id| Turn::new(&order, priority, due, ItemId::from_row(id).unwrap(), now);
        let due = now - TimeDelta::seconds(waited);
        let later = due + TimeDelta::seconds(more);
        prop_assume!(later <= now);
        let bound = TimeDelta::milliseconds((2.0 * points / aging * 3_600_000.0).ceil() as i64 + 1);
        // Without the hours the first would stand before the other even if that had become due earlier by the bound.
        if turn(priority, due, 1) < turn(of_other, later - bound, 2) {
            let (mine, others) = (turn(priority, due, 1).plus(points * first), turn(of_other, later, 2).plus(points * second));
            prop_assert!(mine < others, "{mine:?} {others:?}");
        }
    }
}
