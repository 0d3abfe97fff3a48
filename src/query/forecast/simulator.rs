//! One run of one client: calls are placed, one after the other, as the engine would place them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::backlog::{Backlog, Batch};
use super::calendar::Calendar;
use super::caps::{Past, free_from};
use super::openings::{Openings, Span};
use super::queue::{Expired, Pick, RunQueue};
use super::tally::Tally;
use super::world::{Draw, DrawnWorld, class_of};
use crate::model::{Outcome, Priority, from_millis, split_mix};
use crate::scheduler::{Limits, OrderPolicy, RetryPolicy, Turn, next_retry_at};

/// What all runs of a client share. The first rows of `openings` are those of the groups of the backlog.
pub(super) struct Setting<'s> {
    pub(super) backlog: &'s Backlog,
    pub(super) openings: &'s Openings<'s>,
    /// The rows of a lead that is added now in the client's own zone, by priority.
    pub(super) probes: [usize; 4],
    /// The row of the business hours.
    pub(super) business: usize,
    pub(super) order: &'s OrderPolicy,
    pub(super) retry: &'s RetryPolicy,
    pub(super) limits: Limits,
    pub(super) has_caps: bool,
    pub(super) calendar: &'s Calendar,
    /// The calls that go on: when each began.
    pub(super) open_calls: &'s [i64],
    /// When calls of the last minute began, the oldest first.
    pub(super) recent_starts: &'s [i64],
    /// No call begins before.
    pub(super) start: i64,
    pub(super) now: i64,
    /// No call begins at or after it.
    pub(super) end: i64,
}

/// A minute in milliseconds: the span of `max_per_minute`.
const MINUTE: i64 = 60_000;

/// A run places this number of calls one by one. Later ones come in blocks.
const CALLS_ONE_BY_ONE: u64 = 20_000;

/// A block takes a line for about a quarter of an hour, and at most this number of calls.
const BLOCK: f64 = 15.0 * 60_000.0;
const LARGEST_BLOCK: u32 = 64;

/// A lead that is added now: whom it would come behind, and when that was found out.
struct Probe {
    row: usize,
    turn: Turn,
    opening: Option<Span>,
    called_at: Option<i64>,
}

/// A call as it was placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PlacedCall {
    pub(super) group: usize,
    /// The id of the item, or of the first of those alike.
    pub(super) item: i64,
    /// The number of its ending.
    pub(super) ending: usize,
    pub(super) start: i64,
    pub(super) end: i64,
}

/// A run that goes on.
pub(super) struct Run<'r, S> {
    setting: &'r Setting<'r>,
    world: DrawnWorld<'r>,
    seed: u64,
    queue: RunQueue<'r>,
    /// When each line is free.
    lines: BinaryHeap<Reverse<i64>>,
    /// How far it has come; instants only grow.
    reached: i64,
    picked: Option<Pick>,
    starts: VecDeque<i64>,
    pasts: Vec<Past>,
    /// Of a block, how many calls ended in each way that is tried again, and the sum of their ends since its start.
    again: Vec<(u32, i64)>,
    times: Vec<i64>,
    probes: Vec<Probe>,
    day: usize,
    /// The business hours around the present instant.
    business: Option<Span>,
    expired: Expired,
    tally: Tally,
    /// The sum of the times of all calls, for the length of blocks.
    held: f64,
    see: S,
}

/// Plays one run, and hands every call to `see`. The same seed and setting give the same calls.
pub(super) fn play(setting: &Setting<'_>, world: DrawnWorld<'_>, seed: u64, see: impl FnMut(PlacedCall)) -> Tally {
    let mut run = Run::new(setting, world, seed, see);
    while run.next(i64::MIN).is_some() {
        run.place();
    }
    run.finish()
}

impl<'r, S: FnMut(PlacedCall)> Run<'r, S> {
    pub(super) fn new(setting: &'r Setting<'r>, world: DrawnWorld<'r>, seed: u64, see: S) -> Run<'r, S> {
        let Setting { backlog, openings, order, limits, now, start, .. } = *setting;
        let reference = setting.calendar.day(setting.calendar.len().saturating_sub(1)).map_or(now, |(.., end)| end);
        let queue = RunQueue::new(backlog, openings, order, (start, reference), seed);
        let probe = |priority: Priority| Probe {
            row: setting.probes[usize::from(priority.rank())],
            turn: queue.turn(priority, now, i64::MAX),
            opening: None,
            called_at: None,
        };
        let probes = Priority::ALL.map(probe).into();
        let again = vec![(0, 0); world.endings.len()];
        let mut run = Run {
            setting,
            world,
            seed,
            queue,
            lines: BinaryHeap::new(),
            reached: setting.start,
            picked: None,
            starts: setting.recent_starts.iter().copied().collect(),
            pasts: backlog.pasts.clone(),
            again,
            times: Vec::new(),
            probes,
            day: 0,
            business: None,
            expired: Expired::default(),
            tally: Tally::new(now),
            held: 0.0,
            see,
        };
        run.open_lines(limits.max_concurrent);
        run
    }

    /// The instants at which the lines are free that calls hold at the beginning.
    pub(super) fn busy_lines(&self) -> impl Iterator<Item = i64> {
        let start = self.setting.start;
        self.lines.iter().map(|Reverse(free)| *free).filter(move |free| *free > start)
    }

    /// Picks the next call that begins at `from` or later. Gives back when it begins; none when no further one does.
    pub(super) fn next(&mut self, from: i64) -> Option<i64> {
        let Reverse(free) = *self.lines.peek()?;
        let at = self.paced(from.max(free).max(self.reached));
        let (at, pick) = self.pick(at)?;
        self.reached = at;
        self.picked = Some(pick);
        Some(at)
    }

    /// Places the call that was picked. Gives back when its line is free.
    pub(super) fn place(&mut self) -> i64 {
        let at = self.reached;
        let Some(pick) = self.picked.take() else { return at };
        self.lines.pop();
        self.probe(at, |probe| probe < &pick.turn);
        let free = self.call(at, &pick);
        self.lines.push(Reverse(free));
        free
    }

    /// Leaves the call that was picked in the queue: another client is called first.
    pub(super) fn put_back(&mut self) {
        if let Some(pick) = self.picked.take() {
            self.queue.consider(pick.group, self.reached);
        }
    }

    /// Lines that calls hold by now are free when these end.
    fn open_lines(&mut self, most: u32) {
        let Setting { open_calls, now, start, .. } = *self.setting;
        let mut ends: Vec<i64> = Vec::with_capacity(open_calls.len());
        for (nth, began) in open_calls.iter().enumerate() {
            let draw = Draw::new(self.seed, split_mix(began.unsigned_abs() ^ nth as u64));
            ends.push(now + self.world.rest((now - began).max(0), draw));
        }
        ends.sort_unstable();
        let most = most as usize;
        // When more calls go on than may, the first ends free no line.
        let skipped = ends.len().saturating_sub(most);
        self.lines.extend(ends.into_iter().skip(skipped).map(|end| Reverse(end.max(start))));
        let free = most.saturating_sub(self.lines.len());
        self.lines.extend((0..free).map(|_| Reverse(start)));
    }

    /// The first instant from `at` on at which the rate limit allows a call.
    fn paced(&self, at: i64) -> i64 {
        let most = self.setting.limits.max_per_minute as usize;
        let deciding = (most > 0).then(|| self.starts.len().checked_sub(most)).flatten();
        deciding.and_then(|index| self.starts.get(index)).map_or(at, |oldest| at.max(oldest + MINUTE))
    }

    fn note_start(&mut self, at: i64) {
        let most = self.setting.limits.max_per_minute as usize;
        if most > 0 {
            while self.starts.len() >= most {
                self.starts.pop_front();
            }
            self.starts.push_back(at);
        }
    }

    /// The next call from an instant on; idle lines wait for the earliest due time or window.
    fn pick(&mut self, mut at: i64) -> Option<(i64, Pick)> {
        loop {
            if at >= self.setting.end {
                return None;
            }
            if let Some(pick) = self.queue.pick(at, &mut self.expired) {
                return Some((at, pick));
            }
            let next = self.queue.next_wake();
            self.probe_idle(at, next.unwrap_or(i64::MAX));
            at = next?.max(at);
        }
    }

    /// Notes which leads that are added now would be called at an instant.
    fn probe(&mut self, at: i64, is_before: impl Fn(&Turn) -> bool) {
        let openings = self.setting.openings;
        for probe in self.probes.iter_mut().filter(|probe| probe.called_at.is_none()) {
            if !is_before(&probe.turn) {
                continue;
            }
            if probe.opening.is_none_or(|(_, closes_at)| closes_at <= at) {
                probe.opening = openings.next(probe.row, at);
            }
            if probe.opening.is_some_and(|(opens_at, _)| opens_at <= at) {
                probe.called_at = Some(at);
            }
        }
    }

    /// A lead that is added now is called while a line is idle.
    fn probe_idle(&mut self, at: i64, until: i64) {
        let Setting { openings, end, .. } = *self.setting;
        for probe in self.probes.iter_mut().filter(|probe| probe.called_at.is_none()) {
            let opens_at = openings.next(probe.row, at).map(|(opens_at, _)| opens_at);
            probe.called_at = opens_at.filter(|opens_at| *opens_at < until.min(end));
        }
    }

    /// How many calls in a row one pick takes.
    fn block(&self, pick: &Pick, at: i64) -> u32 {
        let calls = self.tally.calls;
        if calls < CALLS_ONE_BY_ONE || self.setting.limits.max_per_minute > 0 {
            return 1;
        }
        let mean = (self.held / calls as f64).max(1.0);
        let most = ((BLOCK / mean) as u32).clamp(1, LARGEST_BLOCK).min(pick.batch.count);
        let lines = self.setting.limits.max_concurrent.max(1);
        let is_saturated = pick.batch.count / most >= lines || self.queue.is_saturated_beside(pick, at);
        if is_saturated { most } else { 1 }
    }

    /// Places calls of the picked batch on one line. Gives back when that is free again.
    fn call(&mut self, at: i64, pick: &Pick) -> i64 {
        let (batch, most) = (pick.batch, self.block(pick, at));
        let last = pick.closes_at.min(batch.expires).min(self.setting.end);
        self.again.fill((0, 0));
        let (mut taken, mut start) = (0, at);
        let first = Draw::new(self.seed, batch.key.wrapping_add(batch.count.into()));
        while taken < most && (taken == 0 || start < last) {
            let draw = Draw::new(self.seed, batch.key.wrapping_add((batch.count - taken).into()));
            start = self.one_call(pick.group, (start, at), &batch, draw);
            taken += 1;
        }
        self.queue.take_picked(pick, taken);
        for ending in 0..self.again.len() {
            let (count, ends) = self.again[ending];
            if count > 0 {
                let end = at + ends / i64::from(count);
                let key = split_mix(batch.key.wrapping_add(batch.count.into()).wrapping_add(ending as u64));
                let again = Batch { count, key, last_end: end, tries: batch.tries.saturating_add(1), ..batch };
                self.retry(pick.group, again, (at, end), ending, first.part(2));
            }
        }
        self.queue.consider(pick.group, at);
        start
    }

    fn one_call(&mut self, group: usize, (start, block_start): (i64, i64), batch: &Batch, draw: Draw) -> i64 {
        debug_assert!(start >= batch.due && start < batch.expires && start < self.setting.end);
        self.day = self.setting.calendar.index_from(self.day, start);
        let class = class_of(batch.tries.into(), batch.last_end, start);
        let (ending, took) = self.world.call(class, self.day, draw);
        let end = start + took;
        self.note_start(start);
        (self.see)(PlacedCall { group, item: batch.id, ending, start, end });
        self.held += took as f64;
        let outcome = self.world.endings.get(ending).map_or(Outcome::Failed, |ending| ending.outcome);
        let hour = self.setting.calendar.hour(start);
        let inside = self.business_time(start, end);
        self.tally.call((self.day, hour), end, outcome == Outcome::Completed, inside);
        match outcome {
            Outcome::Completed => {}
            Outcome::Failed => self.tally.failed += 1,
            _ if batch.tries >= batch.max_retries => self.tally.failed += 1,
            _ => {
                if let Some((count, ends)) = self.again.get_mut(ending) {
                    *count += 1;
                    *ends += end - block_start;
                }
            }
        }
        end
    }

    /// How much of a call lies inside the business hours.
    fn business_time(&mut self, start: i64, end: i64) -> i64 {
        if self.business.is_none_or(|(_, closes_at)| closes_at <= start) {
            self.business = self.setting.openings.next(self.setting.business, start);
        }
        self.business.map_or(0, |(opens_at, closes_at)| (end.min(closes_at) - start.max(opens_at)).max(0))
    }

    /// Queues the next call of items whose call ended, in a slot that the caps allow.
    fn retry(&mut self, group: usize, batch: Batch, (start, end): (i64, i64), ending: usize, jitter: f64) {
        let ended_at = from_millis(end).unwrap_or_default();
        let reason = self.world.endings.get(ending).and_then(|ending| ending.reason.as_deref());
        let due = next_retry_at(self.setting.retry, ended_at, batch.tries.into(), reason, jitter).timestamp_millis();
        let of_group = self.setting.backlog.groups.get(group);
        let (caps, group) = of_group.map_or((&[][..], group), |of_group| (&of_group.caps, of_group.retries_to));
        let (mut past, mut free) = (batch.past, due);
        if self.setting.has_caps && !caps.is_empty() {
            let reached = self.world.endings.get(ending).and_then(|ending| ending.reached);
            self.pasts.push(Past { at: start, reached, before: past });
            past = u32::try_from(self.pasts.len() - 1).unwrap_or(past);
            free = free_from(caps, &self.pasts, past, due, &mut self.times);
        }
        let slot = self.setting.openings.next(group, free).map_or(due, |(opens_at, _)| opens_at);
        let batch = Batch { due: slot, past, equals: 1, ..batch };
        if batch.expires <= slot && batch.expires < self.setting.end {
            self.expired.add(&batch);
        } else {
            self.queue.retry(group, batch);
            self.queue.consider(group, start);
        }
    }

    pub(super) fn finish(mut self) -> Tally {
        for batch in self.queue.waiting() {
            if batch.expires < self.setting.end {
                self.expired.add(&batch);
            } else {
                self.tally.left += u64::from(batch.count);
            }
        }
        self.tally.expired = self.expired.items;
        self.tally.expired_uncalled = self.expired.uncalled;
        for (probe, wait) in self.probes.iter().zip(&mut self.tally.waits) {
            *wait = probe.called_at.map(|at| at - self.setting.now);
        }
        self.tally
    }
}
