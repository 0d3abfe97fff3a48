//! The waiting items in the order in which they would be called.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::best_hours::BestHours;
use super::next_call::NextCalls;
use crate::gates::{earliest, slot_of};
use crate::model::{Item, ItemId, Priority, Status};
use crate::scheduler::{GroupHours, Policy, PolicyBook, SlotFinder, Turn};
use crate::store::{Filter, Group, GroupItems, ItemRow, LastRead, Page, Store, StoreResult};

/// A listing of waiting items, each with the next instant at which it can be called: by that instant, then by the order
/// of a run at that instant; items that can never be called come last. It reads a few items of each group ahead and so
/// keeps its memory, however many items wait.
pub(crate) struct CallOrder<'a> {
    items: GroupItems<'a>,
    store: &'a Store,
    policies: &'a PolicyBook,
    hours: BestHours,
    now: DateTime<Utc>,
    streams: Vec<Stream>,
    heads: BinaryHeap<Reverse<(CallPosition, usize)>>,
    after: Option<CallPosition>,
    before: Option<CallPosition>,
    /// So many items are wanted yet.
    wanted: usize,
}

/// Where an item stands in the listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct CallPosition {
    never: bool,
    at: Option<DateTime<Utc>>,
    turn: Turn,
}

/// A group and what finds the times of its calls: nothing when its items can never be called.
struct Source {
    group: Group,
    policy: Arc<Policy>,
    finder: Option<SlotFinder>,
    hours: Option<GroupHours>,
}

impl Source {
    /// When an item of the group that is due at an instant can be called; instants only grow from call to call.
    fn next_call(&mut self, due: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.finder.as_mut()?.next(due.max(now))
    }

    /// The position of an item of the group, by priority, due time, id and the instant of its next call.
    fn place(
        &self,
        (priority, due, id): (Priority, DateTime<Utc>, ItemId),
        at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> CallPosition {
        let then = at.unwrap_or(now);
        let turn = Turn::new(&self.policy.order, priority, due, id, then).promised(self.group.promised);
        let points = self.hours.as_ref().map_or(0.0, |hours| hours.points(then));
        CallPosition { never: at.is_none(), at, turn: turn.plus(points) }
    }
}

/// The waiting items of one group, or items that were read already.
struct Stream {
    source: Option<Source>,
    buffer: VecDeque<(CallPosition, ItemRow)>,
    last: Option<LastRead>,
    /// How many were read of it.
    read: usize,
    exhausted: bool,
}

/// Read-ahead per group: 3 rows, then half of what was read so far, up to 256.
const FIRST_READ_AHEAD: usize = 3;
const MOST_READ_AHEAD: usize = 256;

impl<'a> CallOrder<'a> {
    /// The waiting items of a selection.
    pub(crate) fn new(
        store: &'a Store,
        policies: &'a PolicyBook,
        filter: &Filter,
        now: DateTime<Utc>,
    ) -> StoreResult<CallOrder<'a>> {
        let waiting = filter.only(Status::is_waiting);
        let nothing = waiting.is_none();
        let filter = waiting.unwrap_or_default();
        let (items, streams, heads) = (GroupItems::new(store, &filter), Vec::new(), BinaryHeap::new());
        let (hours, wanted) = (BestHours::new(now), usize::MAX);
        let mut order =
            CallOrder { items, store, policies, hours, now, streams, heads, after: None, before: None, wanted };
        if nothing {
            return Ok(order);
        }
        if filter.names_few() {
            // An index finds them.
            let rows = store.page_rows(&filter, Page::WHOLE)?;
            order.add_rows(rows)?;
            return Ok(order);
        }
        order.add_rows(store.returned_rows(&filter, usize::MAX)?)?;
        let mut groups = store.groups(filter.client.as_ref(), &filter.priorities)?;
        // A group with no due item is left out, and so is one without a promised call.
        groups.retain(|group| filter.due_at.is_none_or(|at| group.head <= at) && (group.promised || !filter.promised));
        let mut shared = NextCalls::new(policies, now);
        for group in groups {
            let policy = policies.of(&group.client).clone();
            let finder = shared.finder(&group.client, group.priority, &group.place).map(|finder| {
                // Groups share the window of this moment.
                finder.next(now);
                finder.clone()
            });
            let hours = order.hours.of(store.reader(), &policy, &group.client, &group.place, group.priority)?;
            order.add_group(Source { group, policy, finder, hours });
        }
        Ok(order)
    }

    /// Return at most `wanted` items, and read no more than these need.
    #[must_use]
    pub(crate) fn at_most(self, wanted: usize) -> CallOrder<'a> {
        CallOrder { wanted, ..self }
    }

    /// Only what comes after an item, which itself need not be part of the selection.
    pub(crate) fn after(self, item: &Item) -> StoreResult<CallOrder<'a>> {
        Ok(CallOrder { after: Some(self.place_of(item)?), ..self })
    }

    /// Only what comes before an item.
    pub(crate) fn before(self, item: &Item) -> StoreResult<CallOrder<'a>> {
        Ok(CallOrder { before: Some(self.place_of(item)?), ..self })
    }

    fn place_of(&self, item: &Item) -> StoreResult<CallPosition> {
        let policy = self.policies.of(&item.client);
        let at = slot_of(policy, item, earliest(item, self.now));
        let then = at.unwrap_or(self.now);
        let hours = self.hours.of(self.store.reader(), policy, &item.client, &item.place, item.hours_priority())?;
        let turn = Turn::of(&policy.order, item, then).plus(hours.map_or(0.0, |hours| hours.points(then)));
        Ok(CallPosition { never: at.is_none(), at, turn })
    }

    /// The next item, with the instant of its next call; none at the end.
    pub(crate) fn next_item(&mut self) -> StoreResult<Option<(ItemRow, Option<DateTime<Utc>>)>> {
        while self.wanted > 0
            && let Some(Reverse((place, index))) = self.heads.pop()
        {
            let Some((_, row)) = self.streams[index].buffer.pop_front() else {
                // A group whose turn it is, and that was not read yet, only takes its place.
                self.offer(index)?;
                continue;
            };
            if self.before.is_some_and(|before| place >= before) {
                return Ok(None);
            }
            let is_wanted = self.after.is_none_or(|after| place > after);
            self.wanted -= usize::from(is_wanted);
            self.offer(index)?;
            if is_wanted {
                return Ok(Some((row, place.at)));
            }
        }
        Ok(None)
    }

    /// Adds items that are all at hand, in whatever order.
    fn add_rows(&mut self, found: Vec<ItemRow>) -> StoreResult<()> {
        let mut rows = Vec::with_capacity(found.len());
        for row in found {
            rows.push((self.place_of(&row.item()?)?, row));
        }
        rows.sort_by_key(|(place, _)| *place);
        self.add(Stream { source: None, buffer: rows.into(), last: None, read: 0, exhausted: true })
    }

    fn add(&mut self, stream: Stream) -> StoreResult<()> {
        self.streams.push(stream);
        self.offer(self.streams.len() - 1)
    }

    /// Adds a group that is read when its turn comes: no item of it stands before the place that an item
    /// of its earliest due time and of the lowest number would have.
    fn add_group(&mut self, mut source: Source) {
        let (priority, head) = (source.group.priority, source.group.head);
        let at = source.next_call(head, self.now);
        let first = source.place((priority, head, ItemId::FIRST), at, self.now);
        self.heads.push(Reverse((first, self.streams.len())));
        self.streams.push(Stream {
            source: Some(source),
            buffer: VecDeque::new(),
            last: None,
            read: 0,
            exhausted: false,
        });
    }

    /// Puts the head of a stream up for the next place.
    fn offer(&mut self, index: usize) -> StoreResult<()> {
        let stream = &mut self.streams[index];
        if stream.buffer.is_empty() && !stream.exhausted && self.wanted > 0 {
            // What is passed over may be much more than what is wanted.
            let most = if self.after.is_some() { usize::MAX } else { self.wanted };
            stream.fill(&self.items, self.now, most)?;
        }
        if let Some((place, _)) = stream.buffer.front() {
            self.heads.push(Reverse((*place, index)));
        }
        Ok(())
    }
}

impl Stream {
    /// Reads up to `most` items ahead.
    fn fill(&mut self, items: &GroupItems<'_>, now: DateTime<Utc>, most: usize) -> StoreResult<()> {
        let Some(source) = &mut self.source else { return Ok(()) };
        let limit = (self.read / 2).clamp(FIRST_READ_AHEAD, MOST_READ_AHEAD).min(most);
        let rows = items.read(&source.group, self.last, limit)?;
        self.exhausted = rows.len() < limit;
        self.last = LastRead::of(&rows, self.last);
        self.read += rows.len();
        let placed = rows.into_iter().map(|row| {
            let at = source.next_call(row.scheduled_at, now);
            (source.place((row.priority, row.scheduled_at, row.id), at, now), row)
        });
        self.buffer.extend(placed);
        Ok(())
    }
}
