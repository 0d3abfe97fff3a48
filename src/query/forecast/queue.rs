//! The waiting items of one run, group by group: which of them comes next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::backlog::{Backlog, Batch};
use super::openings::Openings;
use super::world::Draw;
use crate::model::{ItemId, Priority, from_millis};
use crate::scheduler::{OrderPolicy, Turn};

/// Where the next batch of a group stands.
#[derive(Debug, Clone, Copy)]
enum Source {
    Waiting(usize),
    Retried,
}

/// A batch of retries in the order of their due times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Retried(Batch);

impl Ord for Retried {
    fn cmp(&self, other: &Retried) -> std::cmp::Ordering {
        (self.0.place(), self.0.key).cmp(&(other.0.place(), other.0.key))
    }
}

impl PartialOrd for Retried {
    fn partial_cmp(&self, other: &Retried) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

struct GroupQueue {
    /// The first batch of the backlog that is not used up, and the end of the group's batches.
    cursor: usize,
    end: usize,
    retries: BinaryHeap<Reverse<Retried>>,
    /// When it is looked at next; `i64::MAX` when that is not planned.
    wakes_at: i64,
    is_ready: bool,
    /// When the present window closes.
    closes_at: i64,
}

/// A group that may call, by the place of its first item.
type Ready = Reverse<(Turn, usize)>;

pub(super) struct RunQueue<'r> {
    backlog: &'r Backlog,
    openings: &'r Openings<'r>,
    order: &'r OrderPolicy,
    /// All places in the order are those at this instant, which lies behind every due time: two waiting items never
    /// change places.
    reference: i64,
    /// How many are left of each batch of the backlog.
    left: Vec<u32>,
    groups: Vec<GroupQueue>,
    ready: BinaryHeap<Ready>,
    sleeping: BinaryHeap<Reverse<(i64, usize)>>,
    seed: u64,
    picks: u64,
}

/// The group whose turn it is, and its first item's place.
pub(super) struct Pick {
    pub(super) group: usize,
    pub(super) turn: Turn,
    pub(super) closes_at: i64,
    pub(super) batch: Batch,
    source: Source,
}

/// Items that expired, and those of them that were never called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Expired {
    pub(super) items: u64,
    pub(super) uncalled: u64,
}

impl Expired {
    pub(super) fn add(&mut self, batch: &Batch) {
        self.items += u64::from(batch.count);
        if batch.tries == 0 {
            self.uncalled += u64::from(batch.count);
        }
    }
}

impl<'r> RunQueue<'r> {
    /// The queue at `now`. The row of a group in `openings` is its number.
    pub(super) fn new(
        backlog: &'r Backlog,
        openings: &'r Openings<'r>,
        order: &'r OrderPolicy,
        (now, reference): (i64, i64),
        seed: u64,
    ) -> RunQueue<'r> {
        let group = |batches: &std::ops::Range<usize>| GroupQueue {
            cursor: batches.start,
            end: batches.end,
            retries: BinaryHeap::new(),
            wakes_at: i64::MAX,
            is_ready: false,
            closes_at: i64::MIN,
        };
        let mut queue = RunQueue {
            backlog,
            openings,
            order,
            reference,
            left: backlog.batches.iter().map(|batch| batch.count).collect(),
            groups: backlog.groups.iter().map(|of| group(&of.batches)).collect(),
            ready: BinaryHeap::new(),
            sleeping: BinaryHeap::new(),
            seed,
            picks: 0,
        };
        (0..queue.groups.len()).for_each(|index| queue.consider(index, now));
        queue
    }

    /// The place of an item in the order of the claim.
    pub(super) fn turn(&self, priority: Priority, due: i64, id: i64) -> Turn {
        let at = |millis| from_millis(millis).unwrap_or_default();
        let id = ItemId::from_row(id).unwrap_or(ItemId::FIRST);
        Turn::new(self.order, priority, at(due), id, at(self.reference))
    }

    fn head(&self, group: &GroupQueue) -> Option<(Source, Batch)> {
        let waiting = (group.cursor < group.end).then(|| {
            let (batch, left) = (self.backlog.batches.get(group.cursor), self.left.get(group.cursor));
            batch.zip(left).map(|(batch, left)| (Source::Waiting(group.cursor), Batch { count: *left, ..*batch }))
        });
        let retried = group.retries.peek().map(|Reverse(Retried(batch))| (Source::Retried, *batch));
        match (waiting.flatten(), retried) {
            (Some(waiting), Some(retried)) if retried.1.place() < waiting.1.place() => Some(retried),
            (Some(waiting), _) => Some(waiting),
            (None, retried) => retried,
        }
    }

    /// Plans when a group that is not ready is looked at next: now, at its next slot, or never.
    pub(super) fn consider(&mut self, index: usize, at: i64) {
        let Some(group) = self.groups.get(index).filter(|group| !group.is_ready) else { return };
        let Some((_, batch)) = self.head(group) else { return };
        let opening = self.openings.next(index, batch.due.max(at));
        let Some((opens_at, closes_at)) = opening else { return };
        let of_group = self.backlog.groups.get(index).filter(|_| opens_at <= at);
        let turn = of_group.map(|of| self.turn(of.priority, batch.due, batch.id).promised(of.promised));
        let Some(group) = self.groups.get_mut(index) else { return };
        if let Some(turn) = turn {
            group.closes_at = closes_at;
            group.is_ready = true;
            self.ready.push(Reverse((turn, index)));
        } else if opens_at < group.wakes_at {
            group.wakes_at = opens_at;
            self.sleeping.push(Reverse((opens_at, index)));
        }
    }

    /// When a group is looked at next that is not ready.
    pub(super) fn next_wake(&self) -> Option<i64> {
        self.sleeping.peek().map(|Reverse((at, _))| *at)
    }

    /// The group whose turn it is at an instant; instants only grow. What expired before its turn is dropped.
    pub(super) fn pick(&mut self, at: i64, expired: &mut Expired) -> Option<Pick> {
        while let Some(Reverse((when, index))) = self.sleeping.peek().copied().filter(|Reverse((when, _))| *when <= at)
        {
            self.sleeping.pop();
            let Some(group) = self.groups.get_mut(index) else { continue };
            if group.wakes_at == when {
                group.wakes_at = i64::MAX;
                self.consider(index, at);
            }
        }
        while let Some(Reverse((turn, index))) = self.ready.pop() {
            let Some(group) = self.groups.get_mut(index) else { continue };
            group.is_ready = false;
            let closes_at = group.closes_at;
            if at < closes_at
                && let Some((source, batch)) = self.groups.get(index).and_then(|group| self.head(group))
            {
                if batch.expires > at {
                    let (source, batch) = self.among_equals(source, batch);
                    return Some(Pick { group: index, turn, closes_at, batch, source });
                }
                expired.add(&batch);
                self.take(index, source, batch.count);
            }
            self.consider(index, at);
        }
        None
    }

    /// Of batches that stand at the same place, one drawn in proportion to its size.
    fn among_equals(&mut self, source: Source, batch: Batch) -> (Source, Batch) {
        let Source::Waiting(first) = source else { return (source, batch) };
        let count = usize::from(batch.equals);
        if count < 2 {
            return (source, batch);
        }
        let range = first..first + count;
        let all: u64 = self.left.get(range.clone()).unwrap_or_default().iter().map(|left| u64::from(*left)).sum();
        self.picks += 1;
        let mut wanted = (Draw::new(self.seed, self.picks).part(7) * all as f64) as u64;
        for position in range {
            let left = self.left.get(position).copied().map_or(0, u64::from);
            if wanted < left
                && let Some(found) = self.backlog.batches.get(position)
            {
                return (Source::Waiting(position), Batch { count: u32::try_from(left).unwrap_or(u32::MAX), ..*found });
            }
            wanted = wanted.saturating_sub(left);
        }
        (source, batch)
    }

    /// Whether others wait for a line beside the picked batch.
    pub(super) fn is_saturated_beside(&self, pick: &Pick, at: i64) -> bool {
        if !self.ready.is_empty() {
            return true;
        }
        let Some(group) = self.groups.get(pick.group) else { return false };
        let next = match pick.source {
            Source::Waiting(index) => self.backlog.batches.get(index + 1).filter(|_| index + 1 < group.end),
            Source::Retried => self.backlog.batches.get(group.cursor).filter(|_| group.cursor < group.end),
        };
        next.is_some_and(|batch| batch.due <= at)
    }

    /// Takes items off the picked batch.
    pub(super) fn take_picked(&mut self, pick: &Pick, count: u32) {
        self.take(pick.group, pick.source, count);
    }

    fn take(&mut self, index: usize, source: Source, count: u32) {
        let Some(group) = self.groups.get_mut(index) else { return };
        match source {
            Source::Waiting(position) => {
                if let Some(left) = self.left.get_mut(position) {
                    *left = left.saturating_sub(count);
                }
                while group.cursor < group.end && self.left.get(group.cursor) == Some(&0) {
                    group.cursor += 1;
                }
            }
            Source::Retried => {
                if let Some(Reverse(Retried(mut batch))) = group.retries.pop()
                    && batch.count > count
                {
                    batch.count -= count;
                    group.retries.push(Reverse(Retried(batch)));
                }
            }
        }
    }

    /// Adds a batch that is to be called again.
    pub(super) fn retry(&mut self, index: usize, batch: Batch) {
        if let Some(group) = self.groups.get_mut(index) {
            group.retries.push(Reverse(Retried(batch)));
        }
    }

    /// All that still waits.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Batch> {
        let of_backlog = self.backlog.batches.iter().zip(&self.left);
        let of_backlog = of_backlog.map(|(batch, left)| Batch { count: *left, ..*batch });
        let retried = self.groups.iter().flat_map(|group| group.retries.iter().map(|Reverse(Retried(batch))| *batch));
        of_backlog.chain(retried).filter(|batch| batch.count > 0)
    }
}
