//! Plays many runs of one client, several at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use chrono::{DateTime, Utc};

use super::backlog::Backlog;
use super::calendar::Calendar;
use super::openings::Openings;
use super::read::ClientCase;
use super::simulator::{PlacedCall, Run, Setting, play};
use super::tally::Tally;
use super::together::{Sharer, play_together};
use crate::model::{LeadPlace, Priority, split_mix};
use crate::scheduler::Policy;

/// The most runs at once: each keeps its own queue.
const MOST_AT_ONCE: usize = 4;

/// With fewer calls to place than this the threads would take longer than they save.
const WORTH_A_THREAD: u64 = 2_000;

/// What is played.
#[derive(Clone, Copy)]
pub(super) struct Plan<'p> {
    pub(super) case: &'p ClientCase,
    pub(super) backlog: &'p Backlog,
    pub(super) policy: &'p Policy,
    pub(super) has_caps: bool,
    pub(super) calendar: &'p Calendar,
    pub(super) now: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
    pub(super) seed: u64,
    /// Takes note of every run that has ended.
    pub(super) note: &'p (dyn Fn() + Sync),
}

impl<'p> Plan<'p> {
    /// The plan of a client as it is, with its backlog or a longer one.
    pub(super) fn new(
        case: &'p ClientCase,
        backlog: &'p Backlog,
        calendar: &'p Calendar,
        (now, end): (DateTime<Utc>, DateTime<Utc>),
        seed: u64,
        note: &'p (dyn Fn() + Sync),
    ) -> Plan<'p> {
        let has_caps = backlog.groups.iter().any(|group| !group.caps.is_empty());
        Plan { case, backlog, policy: &case.policy, has_caps, calendar, now, end, seed, note }
    }

    /// The first runs, in their order. The nth is always the same for the same seed.
    pub(super) fn runs(&self, count: u32) -> Vec<Tally> {
        let rows = Rows::of(self);
        let setting = self.setting(&rows);
        let run = |nth: usize| {
            let seed = self.seed_of(nth);
            let tally = play(&setting, self.case.world.draw(seed), seed, |_| ());
            (self.note)();
            tally
        };
        many(count as usize, self.backlog.items, run)
    }

    /// The seed of the nth run.
    fn seed_of(&self, nth: usize) -> u64 {
        let of_client = self.case.client.as_str().bytes();
        let of_client = of_client.fold(self.seed, |seed, byte| split_mix(seed ^ u64::from(byte)));
        split_mix(of_client.wrapping_add(nth as u64))
    }

    fn setting<'s>(&'s self, rows: &'s Rows<'s>) -> Setting<'s> {
        let Plan { case, backlog, policy, calendar, .. } = *self;
        let now = self.now.timestamp_millis();
        Setting {
            backlog,
            openings: &rows.openings,
            probes: rows.probes,
            business: rows.business,
            order: &policy.order,
            retry: &policy.retry,
            limits: policy.limits,
            has_caps: self.has_caps,
            calendar,
            open_calls: &case.open_calls,
            recent_starts: &case.recent_starts,
            start: case.starts_at.map_or(now, |at| at.timestamp_millis().max(now)),
            now,
            end: self.end.timestamp_millis(),
        }
    }
}

/// The first runs of clients that share `most` calls at once: of each run the tallies of all.
pub(super) fn runs_together(plans: &[Plan<'_>], count: u32, most: usize) -> Vec<Vec<Tally>> {
    let rows: Vec<Rows<'_>> = plans.iter().map(Rows::of).collect();
    let settings: Vec<Setting<'_>> = plans.iter().zip(&rows).map(|(plan, rows)| plan.setting(rows)).collect();
    let sharers: Vec<Sharer> = plans.iter().map(|plan| plan.case.sharer).collect();
    let run = |nth: usize| {
        let of_client = |(plan, setting)| {
            let (plan, setting): (&Plan<'_>, &Setting<'_>) = (plan, setting);
            let seed = plan.seed_of(nth);
            Run::new(setting, plan.case.world.draw(seed), seed, |_: PlacedCall| ())
        };
        let tallies = play_together(plans.iter().zip(&settings).map(of_client).collect(), &sharers, most);
        plans.iter().for_each(|plan| (plan.note)());
        tallies
    };
    many(count as usize, plans.iter().map(|plan| plan.backlog.items).sum(), run)
}

/// The windows of a plan, and the rows of what is asked beside its groups.
struct Rows<'p> {
    openings: Openings<'p>,
    probes: [usize; 4],
    business: usize,
}

impl<'p> Rows<'p> {
    fn of(plan: &Plan<'p>) -> Rows<'p> {
        let mut openings = Openings::new(&plan.policy.hours, plan.now.timestamp_millis());
        for group in &plan.backlog.groups {
            openings.add(&group.place, group.hours());
        }
        let home = LeadPlace::default();
        let probes = Priority::ALL.map(|priority| openings.add(&home, priority));
        let business = openings.add_business();
        Rows { openings, probes, business }
    }
}

/// Runs by number, in their order, several at once where their items are many.
fn many<T: Send>(count: usize, items: u64, run: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let work = items.saturating_mul(count as u64);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_AT_ONCE).min(count);
    if threads < 2 || work < WORTH_A_THREAD {
        return (0..count).map(run).collect();
    }
    // Two at once halve the time of a million leads.
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut played = Vec::new();
        loop {
            let nth = next.fetch_add(1, Ordering::Relaxed);
            if nth >= count {
                return played;
            }
            played.push((nth, run(nth)));
        }
    };
    let mut played: Vec<(usize, T)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    });
    played.sort_unstable_by_key(|(nth, _)| *nth);
    played.into_iter().map(|(_, tally)| tally).collect()
}
