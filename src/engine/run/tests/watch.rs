//! `watch` on a clock that only moves when it rests, or when the test sets it.

use super::*;
use crate::engine::{Rest, Turns, watch};

/// Makes turns, and keeps when each began, in seconds since the first, and how many calls it made.
struct Watching {
    sandbox: Sandbox,
    script: fn(&Call) -> Answer,
    seen: i64,
    turns: Vec<(i64, u64)>,
    began: DateTime<Utc>,
}

impl Turns for Watching {
    type Error = EngineError;

    fn turn(&mut self) -> Result<Rest, EngineError> {
        let now = self.sandbox.clock.now();
        self.seen = self.sandbox.store.data_version()?;
        let (report, _) = self.sandbox.run(&RunRequest::default(), self.script);
        self.turns.push(((now - self.began).num_seconds(), report.totals.processed));
        Ok(Rest { interval: TimeDelta::minutes(5), until: report.wake_at })
    }

    fn has_news(&mut self) -> Result<bool, EngineError> {
        Ok(self.sandbox.store.data_version()? != self.seen)
    }
}

/// Watches until `step`, which is asked after each slice of rest, gives a signal.
fn watched(
    sandbox: Sandbox,
    script: fn(&Call) -> Answer,
    step: impl FnMut(&ManualClock) -> Option<u8>,
) -> (u8, Vec<(i64, u64)>) {
    let (pauses, clock) = (Pauses::new(&sandbox, step), sandbox.clock.clone());
    let began = clock.now();
    let mut watching = Watching { sandbox, script, seen: 0, turns: Vec::new(), began };
    let signal = watch(&*clock, &pauses, &mut watching).unwrap();
    (signal, watching.turns)
}

/// A step that gives a signal once the clock has passed a time after `MONDAY`.
fn until(minutes: i64) -> impl FnMut(&ManualClock) -> Option<u8> {
    let end = MONDAY.parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes);
    move |clock| (clock.now() >= end).then_some(15)
}

fn add_at(sandbox: &mut Sandbox, lead: &str, after: TimeDelta) {
    let new = NewItem { scheduled_at: sandbox.clock.now() + after, ..sandbox.lead(lead) };
    sandbox.add("acme", &new);
}

#[test]
fn turns_come_after_the_interval_and_at_the_next_slot_until_a_signal() {
    let mut sandbox = Sandbox::new();
    add_at(&mut sandbox, "now", TimeDelta::zero());
    add_at(&mut sandbox, "later", TimeDelta::seconds(400));
    assert_eq!(watched(sandbox, answered, until(12)), (15, vec![(0, 1), (300, 0), (400, 1), (700, 0)]));
}

#[test]
fn a_change_by_another_program_is_noticed_within_a_second() {
    let mut sandbox = Sandbox::new();
    add_at(&mut sandbox, "own", TimeDelta::zero());
    let mut other = Store::open(&sandbox.folder.path().join("queue.db"), Access::Change).unwrap();
    let new = sandbox.lead("other");
    let mut slices = 0;
    let (_, turns) = watched(sandbox, answered, |clock| {
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
    let mut sandbox = Sandbox::new();
    add_at(&mut sandbox, "first", TimeDelta::zero());
    add_at(&mut sandbox, "second", TimeDelta::minutes(10));
    let mut slices = 0;
    let (_, turns) = watched(sandbox, answered, |clock| {
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
    let mut sandbox = Sandbox::new();
    add_at(&mut sandbox, "first", TimeDelta::zero());
    add_at(&mut sandbox, "tomorrow", TimeDelta::hours(20));
    let night = TimeDelta::hours(12);
    add_at(&mut sandbox, "night", night);
    let mut slices = 0;
    let (_, turns) = watched(sandbox, answered, |clock| {
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
    let mut sandbox = Sandbox::new();
    sandbox.policy.limits.max_per_minute = 2;
    (0..5).for_each(|n| add_at(&mut sandbox, &format!("lead-{n}"), TimeDelta::zero()));
    assert_eq!(watched(sandbox, answered, until(4)).1, [(0, 2), (60, 2), (120, 1)]);

    let mut sandbox = Sandbox::new();
    sandbox.policy.retry.delays = vec![TimeDelta::seconds(90)];
    add_at(&mut sandbox, "returned", TimeDelta::zero());
    let (_, turns) = watched(sandbox, |_| end(Outcome::Returned, "try later"), until(4));
    assert_eq!(turns, [(0, 1), (90, 1), (180, 1)]);
}

#[test]
fn what_waits_for_a_free_slot_or_a_working_dispatcher_does_not_make_it_spin() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.limits.max_concurrent = 1;
    (0..2).for_each(|n| add_at(&mut sandbox, &format!("lead-{n}"), TimeDelta::zero()));
    let (_, turns) = watched(sandbox, |_| end(Outcome::Accepted, "handed over"), until(6));
    assert_eq!(turns, [(0, 1), (300, 0)]);

    let mut sandbox = Sandbox::new();
    add_at(&mut sandbox, "lead", TimeDelta::zero());
    let (_, turns) = watched(sandbox, |_| Answer::CannotStart("no program".to_owned()), until(6));
    assert_eq!(turns, [(0, 1), (300, 1)]);
}

#[test]
fn a_client_at_its_limit_does_not_hide_the_next_slot_of_another() {
    let mut sandbox = Sandbox::new();
    sandbox.policy.limits.max_concurrent = 1;
    (0..2).for_each(|n| add_at(&mut sandbox, &format!("lead-{n}"), TimeDelta::zero()));
    let new = NewItem { scheduled_at: sandbox.clock.now() + TimeDelta::seconds(100), ..sandbox.lead("later") };
    sandbox.add("globex", &new);
    let (_, turns) = watched(sandbox, |_| end(Outcome::Accepted, "handed over"), until(6));
    assert_eq!(turns, [(0, 1), (100, 1)]);
}
