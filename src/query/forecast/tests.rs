//! Tests of single runs: arithmetic, the limits that no simulated call may pass, and what seeds promise.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::backlog::{Backlog, BacklogBuilder, Grain, WaitingItem};
use super::calendar::Calendar;
use super::learn::assumed;
use super::openings::Openings;
use super::read::ClientCase;
use super::simulator::{PlacedCall, Setting, play};
use super::tally::Tally;
use super::together::Sharer;
use super::world::{CLASSES, Ending, World};
use super::{ForecastRequest, answered};
use crate::compliance::{Cap, Dial, PastAttempt, Terms, check_caps};
use crate::model::{CapLimit, DispatchKind, LeadPlace, Outcome, Priority, Reached, Served, Voice, from_millis};
use crate::scheduler::{LegalPlace, Limits, Policy, PolicyBook, RetryPolicy, WeeklyHours, is_open};

mod together;

/// Monday, 10:00 in New York.
const MONDAY: &str = "2026-11-23T15:00:00Z";

fn at(text: &str) -> i64 {
    text.parse::<DateTime<Utc>>().unwrap().timestamp_millis()
}

fn text(at: i64) -> String {
    crate::model::to_text(from_millis(at).unwrap())
}

/// A queue and what its calls come to.
#[derive(Debug, Clone)]
struct Game {
    policy: Policy,
    items: Vec<(Priority, usize, WaitingItem)>,
    places: Vec<LeadPlace>,
    caps: Vec<CapLimit>,
    endings: Vec<Ending>,
    now: i64,
    end: i64,
}

fn ending(outcome: Outcome, reason: Option<&str>, assumed: f64, seconds: f64) -> Ending {
    Ending {
        outcome,
        reason: reason.map(str::to_owned),
        reached: Some(if outcome == Outcome::Completed { Reached::Person } else { Reached::Line }),
        seen: [0.0; CLASSES],
        assumed,
        times: vec![seconds * 1_000.0],
        mean: seconds * 1_000.0,
        doubt: 0.0,
    }
}

impl Game {
    /// Leads of normal priority that are due now; every call takes this number of seconds and reaches its lead.
    fn of(leads: usize, seconds: f64, now: &str) -> Game {
        let now = at(now);
        let item = |id: usize| WaitingItem { id: id as i64 + 1, due: now, ..WaitingItem::default() };
        let mut policy = Policy::default();
        policy.dispatch.kind = DispatchKind::Simulate;
        policy.retry.jitter = 0.0;
        Game {
            policy,
            items: (0..leads).map(|id| (Priority::Normal, 0, item(id))).collect(),
            places: vec![LeadPlace::default()],
            caps: Vec::new(),
            endings: vec![ending(Outcome::Completed, None, 1.0, seconds)],
            now,
            end: now + TimeDelta::days(366).num_milliseconds(),
        }
    }

    fn backlog(&self) -> Backlog {
        let mut builder = BacklogBuilder::new(Grain { is_exact: true, now: self.now, ids: (1, 1) });
        let mut groups: BTreeMap<(Priority, usize), u32> = BTreeMap::new();
        for (priority, place, item) in &self.items {
            let add = || builder.add_group(*priority, self.places[*place].clone(), self.caps.clone());
            let group = *groups.entry((*priority, *place)).or_insert_with(add);
            builder.add(group, item);
        }
        builder.finish()
    }

    fn world(&self) -> World {
        World { endings: self.endings.clone(), calls: 0, days: 0, day_spread: 0.0 }
    }

    /// One run without any doubt about the world, with its calls.
    fn play(&self, seed: u64) -> (Tally, Vec<PlacedCall>, Backlog) {
        let backlog = self.backlog();
        let mut openings = Openings::new(&self.policy.hours, self.now);
        for group in &backlog.groups {
            openings.add(&group.place, group.priority);
        }
        let probes = Priority::ALL.map(|priority| openings.add(&LeadPlace::default(), priority));
        let business = openings.add_business();
        let start = from_millis(self.now).unwrap();
        let calendar = Calendar::new(&self.policy.hours.zone, start, 370);
        let setting = Setting {
            backlog: &backlog,
            openings: &openings,
            probes,
            business,
            order: &self.policy.order,
            retry: &self.policy.retry,
            limits: self.policy.limits,
            has_caps: !self.caps.is_empty(),
            calendar: &calendar,
            open_calls: &[],
            recent_starts: &[],
            start: self.now,
            now: self.now,
            end: self.end,
        };
        let (world, mut calls) = (self.world(), Vec::new());
        let tally = play(&setting, world.without_doubt(), seed, |call| calls.push(call));
        (tally, calls, backlog)
    }

    fn starts(&self) -> Vec<String> {
        self.play(1).1.iter().map(|call| text(call.start)).collect()
    }
}

#[test]
fn without_chance_a_line_is_plain_arithmetic_to_the_second() {
    let mut game = Game::of(10, 60.0, "2026-11-23T21:55:00Z");
    game.policy.limits.max_concurrent = 1;
    let (tally, calls, _) = game.play(1);
    // Five before 17:00, five from 09:00 on.
    let starts: Vec<i64> = calls.iter().map(|call| call.start).collect();
    let monday = (0..5).map(|nth| at("2026-11-23T21:55:00Z") + nth * 60_000);
    let tuesday = (0..5).map(|nth| at("2026-11-24T14:00:00Z") + nth * 60_000);
    assert_eq!(starts, monday.chain(tuesday).collect::<Vec<_>>());
    assert_eq!(tally.done().map(text).as_deref(), Some("2026-11-24T14:05:00.000Z"));
    assert_eq!((tally.calls, tally.completed, tally.left), (10, 10, 0));
    assert_eq!(calls.iter().map(|call| call.item).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    // A lead that is added now comes behind all of them; an urgent one has the line first.
    let minutes = |wait: Option<i64>| wait.map(|wait| wait / 60_000);
    assert_eq!(minutes(tally.waits[0]), Some(0));
    assert_eq!(minutes(tally.waits[2]), Some(16 * 60 + 10));
}

#[test]
fn a_rate_limit_and_retries_are_arithmetic_too() {
    let mut game = Game::of(5, 10.0, MONDAY);
    game.policy.limits = Limits { max_concurrent: 5, max_per_minute: 2 };
    let minute = |minute: i64| text(at(MONDAY) + minute * 60_000);
    assert_eq!(game.starts(), [minute(0), minute(0), minute(1), minute(1), minute(2)]);

    let mut game = Game::of(1, 60.0, MONDAY);
    game.endings = vec![ending(Outcome::Retry, Some("busy"), 1.0, 60.0)];
    game.items[0].2.max_retries = 3;
    // A minute each, and then 5, 15 and 30 minutes.
    assert_eq!(game.starts(), [minute(0), minute(6), minute(22), minute(53)]);
    let (tally, ..) = game.play(1);
    assert_eq!((tally.failed, tally.calls), (1, 4));

    game.caps = vec!["2/24h".parse().unwrap()];
    let day = 24 * 60;
    // The fourth is due half an hour after the third, when the cap of the second has opened.
    assert_eq!(game.starts(), [minute(0), minute(6), minute(day), minute(day + 31)]);
}

#[test]
fn order_is_that_of_the_claim() {
    let mut game = Game::of(4, 60.0, MONDAY);
    game.policy.limits.max_concurrent = 1;
    let hour = 3_600_000;
    for (index, (priority, waited)) in
        [(Priority::Normal, 0), (Priority::High, 0), (Priority::Normal, 3), (Priority::Urgent, 0)]
            .into_iter()
            .enumerate()
    {
        game.items[index].0 = priority;
        game.items[index].2.due -= waited * hour;
    }
    let order: Vec<i64> = game.play(1).1.iter().map(|call| call.item).collect();
    assert_eq!(order, [4, 3, 2, 1]);
}

fn every_day(span: &str) -> WeeklyHours {
    use chrono::Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    let days = [Mon, Tue, Wed, Thu, Fri, Sat, Sun].into_iter();
    days.fold(WeeklyHours::closed(), |hours, day| hours.with(day, vec![span.parse().unwrap()]))
}

fn a_game() -> impl Strategy<Value = Game> {
    let policy = (
        1..6_u32,
        prop_oneof![Just(0_u32), 1..6_u32],
        prop_oneof![Just(0.0), Just(10.0)],
        proptest::collection::vec(1..400_i64, 1..4),
        0.0..1.0,
        proptest::sample::select(vec!["09:00-17:00", "00:00-24:00", "22:00-06:00", "13:00-13:45"]),
    );
    let item = (0..4_usize, 0..3_usize, -600..2_000_i64, proptest::option::of(-60..3_000_i64), 0..2_u32, 0..4_u32);
    let caps = proptest::sample::subsequence(vec!["1/2h", "2/24h", "3/7d:line:client", "rest/3h:line:number"], 0..3);
    let world = (0.0..1.0, 0.0..1.0, 1.0..300.0, 0..48_i64);
    (policy, proptest::collection::vec(item, 0..40), caps, world).prop_map(|(policy, items, caps, world)| {
        let (answered, again, seconds, hour) = world;
        let mut game = Game::of(0, seconds, MONDAY);
        game.now += hour * 3_600_000;
        let (max_concurrent, max_per_minute, aging, delays, jitter, hours) = policy;
        game.policy.limits = Limits { max_concurrent, max_per_minute };
        game.policy.order.aging = aging;
        let delays = delays.into_iter().map(TimeDelta::minutes).collect();
        game.policy.retry = RetryPolicy { delays, jitter, ..game.policy.retry };
        game.policy.hours.business = every_day(hours);
        let zones = ["", "America/Los_Angeles", "Asia/Tokyo"];
        game.places =
            zones.map(|zone| LeadPlace { zones: zone.parse().into_iter().collect(), ..LeadPlace::default() }).into();
        let minute = |minutes: i64| game.now + minutes * 60_000;
        let items = items.into_iter().enumerate();
        game.items = items
            .map(|(index, (priority, place, due, expires, tries, more))| {
                let item = WaitingItem {
                    id: index as i64 + 1,
                    due: minute(due),
                    expires: expires.map(minute),
                    tries,
                    max_retries: tries + more,
                    changed_at: minute(-120),
                    calls: if tries > 0 { vec![(minute(-120), Some(Reached::Line))] } else { Vec::new() },
                };
                (Priority::ALL[priority], place, item)
            })
            .collect();
        game.caps = caps.into_iter().map(|cap| cap.parse().unwrap()).collect();
        game.endings = vec![
            ending(Outcome::Completed, None, answered, seconds),
            ending(Outcome::Retry, Some("busy"), again, seconds / 2.0),
            ending(Outcome::Failed, None, 0.1, 2.0),
        ];
        game
    })
}

/// Every call of a run keeps what the claim would keep.
fn assert_lawful(game: &Game, seed: u64) -> Result<(), TestCaseError> {
    let (tally, calls, backlog) = game.play(seed);
    let items = |id: i64| game.items.iter().find(|(.., item)| item.id == id).map(|(.., item)| item).unwrap();
    let mut ends: Vec<i64> = Vec::new();
    let mut of_item: BTreeMap<i64, Vec<(i64, Option<Reached>)>> = BTreeMap::new();
    for (nth, call) in calls.iter().enumerate() {
        let (group, item) = (&backlog.groups[call.group], items(call.item));
        let start = from_millis(call.start).unwrap();
        let place = LegalPlace::of(&game.policy.hours, &group.place).unwrap();
        prop_assert!(is_open(&game.policy.hours, &place, group.priority, start), "{:?} at {start}", call);
        prop_assert!(call.start >= item.due && item.expires.is_none_or(|expires| call.start < expires));
        prop_assert!(call.start < game.end);
        ends.retain(|end| *end > call.start);
        ends.push(call.end);
        prop_assert!(ends.len() <= game.policy.limits.max_concurrent as usize, "{} lines", ends.len());
        let most = game.policy.limits.max_per_minute as usize;
        if let Some(before) = nth.checked_sub(most).filter(|_| most > 0) {
            prop_assert!(call.start - calls[before].start >= 60_000, "{most} a minute");
        }
        let past = of_item.entry(call.item).or_insert_with(|| item.calls.clone());
        prop_assert!(past.len() <= item.max_retries as usize + item.calls.len());
        let attempt = |(at, reached): &(i64, Option<Reached>)| PastAttempt {
            at: from_millis(*at).unwrap(),
            number: "n",
            client: "acme",
            purpose: None,
            voice: None,
            reached: *reached,
        };
        let attempts: Vec<PastAttempt<'_>> = past.iter().map(attempt).collect();
        let cap = |limit: &CapLimit| Cap { id: "cap".into(), applies_to: Terms::default(), limit: *limit };
        let caps: Vec<Cap> = game.caps.iter().map(cap).collect();
        let dial = Dial { now: start, number: "n", client: "acme", purpose: None, voice: Voice::Ai };
        prop_assert!(check_caps(dial, &attempts, &caps).is_allowed(), "{:?} after {:?}", call, past);
        past.push((call.start, game.endings[call.ending].reached));
    }
    let all = tally.completed + tally.failed + tally.expired + tally.left;
    prop_assert_eq!(all, game.items.len() as u64, "{:?}", tally);
    prop_assert_eq!(tally.calls, calls.len() as u64);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_simulated_call_passes_a_limit_and_no_item_is_lost(game in a_game(), seed in any::<u64>()) {
        assert_lawful(&game, seed)?;
    }

    #[test]
    fn an_end_cuts_the_calls_and_keeps_the_items(game in a_game(), seed in any::<u64>(), hours in 0..30_i64) {
        let game = Game { end: game.now + hours * 3_600_000, ..game };
        assert_lawful(&game, seed)?;
    }

    #[test]
    fn the_same_seed_gives_the_same_calls(game in a_game(), seed in any::<u64>()) {
        let (tally, calls, _) = game.play(seed);
        let (again, calls_again, _) = game.play(seed);
        prop_assert_eq!((tally, calls), (again, calls_again));
    }
}

/// Some hundred leads with the assumed mix of calls.
fn mixed(leads: usize, lines: u32) -> Game {
    let mut game = Game::of(leads, 1.0, MONDAY);
    game.policy.limits.max_concurrent = lines;
    game.endings = assumed();
    game.items.iter_mut().for_each(|(.., item)| item.max_retries = 3);
    game
}

#[test]
fn more_lines_are_never_later() {
    let (mut later, mut pairs) = (0, 0);
    for seed in 0..100 {
        let done = [1, 2, 3, 5, 8].map(|lines| mixed(300, lines).play(seed).0.done().unwrap());
        later += done.windows(2).filter(|pair| pair[1] > pair[0]).count();
        pairs += done.len() - 1;
    }
    assert!(later * 100 <= pairs, "{later} of {pairs}");
}

#[test]
fn alike_items_taken_together_end_as_single_ones_do() {
    let single = mixed(3_000, 5);
    let mut builder = BacklogBuilder::new(Grain { is_exact: false, now: single.now, ids: (1, 3_000) });
    let group = builder.add_group(Priority::Normal, LeadPlace::default(), Vec::new());
    single.items.iter().for_each(|(.., item)| builder.add(group, item));
    let together = builder.finish();
    assert_eq!((together.batches.len(), together.items), (64, 3_000));
    let case = |backlog: Backlog| ClientCase {
        client: "acme".parse().unwrap(),
        policy: Arc::new(single.policy.clone()),
        backlog,
        world: single.world(),
        open_calls: Vec::new(),
        recent_starts: Vec::new(),
        starts_at: from_millis(single.now),
        sharer: Sharer { share: single.policy.share, served: Served::default(), known_since: 0 },
    };
    let cases = [case(single.backlog()), case(together)];
    let book = PolicyBook::new(single.policy.clone(), BTreeMap::new());
    let request = ForecastRequest {
        client: Some("acme".parse().unwrap()),
        until: None,
        runs: 20,
        seed: 1,
        new_leads: 0,
        finish_by: None,
        confidence: 0.9,
        by_hour: false,
    };
    let view = |case: &ClientCase| {
        answered(std::slice::from_ref(case), &book, &request, from_millis(single.now).unwrap(), &|| ())
    };
    let [one, other] = [view(&cases[0]), view(&cases[1])];
    let (few, many) = (one.calls.p50.min(other.calls.p50), one.calls.p50.max(other.calls.p50));
    assert!(many * 100 < few * 102, "{few} and {many} calls");
    // The same bytes for the same seed, whatever thread played which run.
    assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&view(&cases[0])).unwrap());
}
