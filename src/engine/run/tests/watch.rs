//! `watch` on a clock that only moves when it rests, or when the test sets it.

use super::*;
use crate::engine::{Rest, Turns, watch};

/// Makes turns, and keeps when each began, in seconds since the first, and how many calls it made.
struct Watching {
    bench: Bench,
    script: fn(&Call) -> Answer,
    seen: i64,
    turns: Vec<(i64, u64)>,
    began: DateTime<Utc>,
}

impl Turns for Watching {
    type Error = EngineError;

    fn turn(&mut self) -> Result<Rest, EngineError> {
        let now = self.bench.clock.now();
        self.seen = self.bench.store.data_version()?;
        let (report, _) = self.bench.run(&RunRequest::default(), self.script);
        self.turns.push(((now - self.began).num_seconds(), report.totals.processed));
        Ok(Rest { interval: TimeDelta::minutes(5), until: report.wake_at })
    }

    fn has_news(&mut self) -> Result<bool, EngineError> {
        Ok(self.bench.store.data_version()? != self.seen)
    }
}

/// Watches until `step`, which is asked after each slice of rest, gives a signal.
fn watched(
    bench: Bench,
    script: fn(&Call) -> Answer,
    step: impl FnMut(&ManualClock) -> Option<u8>,
) -> (u8, Vec<(i64, u64)>) {
    let (pauses, clock) = (Pauses::new(&bench, step), bench.clock.clone());
    let began = clock.now();
    let mut watching = Watching { bench, script, seen: 0, turns: Vec::new(), began };
    let signal = watch(&*clock, &pauses, &mut watching).unwrap();
    (signal, watching.turns)
}

/// A step that gives a signal once the clock has passed a time after `MONDAY`.
fn until(minutes: i64) -> impl FnMut(&ManualClock) -> Option<u8> {
    let end = MONDAY.parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes);
    move |clock| (clock.now() >= end).then_some(15)
}

fn add_at(bench: &mut Bench, lead: &str, after: TimeDelta) {
    let new = NewItem { scheduled_at: bench.clock.now() + after, ..bench.lead(lead) };
    bench.add("acme", &new);
}

#[test]
fn turns_come_after_the_interval_and_at_the_next_slot_until_a_signal() {
    let mut bench = Bench::new();
    add_at(&mut bench, "now", TimeDelta::zero());
    add_at(&mut bench, "later", TimeDelta::seconds(400));
    assert_eq!(watched(bench, answered, until(12)), (15, vec![(0, 1), (300, 0), (400, 1), (700, 0)]));
}

#[test]
fn a_change_by_another_program_is_noticed_within_a_second() {
    let mut bench = Bench::new();
    add_at(&mut bench, "own", TimeDelta::zero());
    let mut other = Store::open(&bench.folder.path().join("queue.db"), Access::Change).unwrap();
    let new = bench.lead("other");
    let mut slices = 0;
    let (_, turns) = watched(bench, answered, |clock| {
        slices += 1;
        if slices == 20 {
            let by = Actor::named("other");
            other.add(&"acme".parse().unwrap(), &new, &mut |_| Ok(None), &by, clock.now()).unwrap();
        }
        (slices == 200).then_some(2)
    });
    assert_eq!(turns, [(0, 1), (10, 1)], "and what the watch itself writes does not wake it");
}

#[test]
fn a_clock_set_back_an_hour_makes_no_rest_longer_and_calls_nobody_twice() {
    let mut bench = Bench::new();
    add_at(&mut bench, "first", TimeDelta::zero());
    add_at(&mut bench, "second", TimeDelta::minutes(10));
    let mut slices = 0;
    let (_, turns) = watched(bench, answered, |clock| {
        slices += 1;
        if slices == 240 {
            clock.advance(TimeDelta::hours(-1));
        }
        (slices == 10_000).then_some(15)
    });
    // Two minutes were waited when the clock was set; the interval ended after five.
    assert_eq!(turns[..3], [(0, 1), (-3_300, 0), (-3_000, 0)]);
    assert!(turns.windows(2).all(|pair| pair[1].0 - pair[0].0 <= 300), "{turns:?}");
    let called: Vec<_> = turns.iter().filter(|(_, calls)| *calls > 0).collect();
    assert_eq!(called, [&(0, 1), &(600, 1)]);
}

#[test]
fn a_clock_set_forward_a_day_is_noticed_at_once_and_the_hours_hold() {
    let mut bench = Bench::new();
    add_at(&mut bench, "first", TimeDelta::zero());
    add_at(&mut bench, "tomorrow", TimeDelta::hours(20));
    let night = TimeDelta::hours(12);
    add_at(&mut bench, "night", night);
    let mut slices = 0;
    let (_, turns) = watched(bench, answered, |clock| {
        slices += 1;
        match slices {
            10 => clock.advance(night + TimeDelta::minutes(1)),
            20 => clock.advance(TimeDelta::hours(12)),
            _ => {}
        }
        (slices == 30).then_some(15)
    });
    let night = night.num_seconds() + 65;
    assert_eq!(turns, [(0, 1), (night, 0), (night + 12 * 3_600 + 5, 2)]);
}

#[test]
fn the_end_of_a_rate_limits_minute_and_of_a_returned_attempts_delay_wake_it() {
    let mut bench = Bench::new();
    bench.policy.limits.max_per_minute = 2;
    (0..5).for_each(|n| add_at(&mut bench, &format!("lead-{n}"), TimeDelta::zero()));
    assert_eq!(watched(bench, answered, until(4)).1, [(0, 2), (60, 2), (120, 1)]);

    let mut bench = Bench::new();
    bench.policy.retry.delays = vec![TimeDelta::seconds(90)];
    add_at(&mut bench, "returned", TimeDelta::zero());
    let (_, turns) = watched(bench, |_| end(Outcome::Returned, "try later"), until(4));
    assert_eq!(turns, [(0, 1), (90, 1), (180, 1)]);
}

#[test]
fn what_waits_for_a_free_slot_or_a_working_dispatcher_does_not_make_it_spin() {
    let mut bench = Bench::new();
    bench.policy.limits.max_concurrent = 1;
    (0..2).for_each(|n| add_at(&mut bench, &format!("lead-{n}"), TimeDelta::zero()));
    let (_, turns) = watched(bench, |_| end(Outcome::Accepted, "handed over"), until(6));
    assert_eq!(turns, [(0, 1), (300, 0)]);

    let mut bench = Bench::new();
    add_at(&mut bench, "lead", TimeDelta::zero());
    let (_, turns) = watched(bench, |_| Answer::CannotStart("no program".to_owned()), until(6));
    assert_eq!(turns, [(0, 1), (300, 1)]);
}
